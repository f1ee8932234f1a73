"""What pytest leaves out of the doctests where an optional package is missing."""

from importlib.util import find_spec

# tests/nets skips visibly there, and fails where CI has to have it.
collect_ignore_glob = [] if find_spec("torch") else ["src/chaffinch/nets/*"]

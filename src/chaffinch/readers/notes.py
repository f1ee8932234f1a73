"""The notes a reader takes on what it could not read."""

from __future__ import annotations

_MOST = 20


class Notes:
    """Notes in the order they were taken, each once, and few however hostile the item.

    Examples
    --------
    >>> notes = Notes()
    >>> notes.add("cut")
    >>> notes.add("cut")
    >>> notes.taken()
    ('cut',)
    """

    def __init__(self) -> None:
        self._taken: dict[str, None] = {}

    def add(self, note: str) -> None:
        """Take a note, unless it was taken before or there are enough."""
        if len(self._taken) < _MOST:
            self._taken[note] = None

    def taken(self) -> tuple[str, ...]:
        """Return the notes taken so far."""
        return tuple(self._taken)

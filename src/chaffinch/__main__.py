"""The entry point of the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    # Answered before anything is imported, so that it costs nothing.
    if sys.argv[1:] == ["--version"]:
        from chaffinch import __version__

        print(f"chaffinch {__version__}")
        return
    if sys.argv[1:2] == ["serve"] and sys.platform != "win32":
        import signal

        # To be told to reload must not end what is only about to start: it is looked at later.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        from chaffinch.cli import run
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(run())


if __name__ == "__main__":
    main()

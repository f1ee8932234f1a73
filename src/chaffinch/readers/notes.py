"""The notes a reader takes on what it could not read."""

from __future__ import annotations

from collections.abc import Callable

_MOST = 20


class Notes:
    """Notes in the order they were taken, each once, and few however hostile the item.

    Some are doubts: what they tell of may change what the item says.

    Parameters
    ----------
    tell : callable, optional
        Is told each note as it is taken.

    Examples
    --------
    >>> notes = Notes()
    >>> notes.add("cut")
    >>> notes.add("cut")
    >>> notes.taken()
    ('cut',)
    >>> notes.add("cut short", doubt=True)
    >>> notes.taken(), notes.doubts()
    (('cut', 'cut short'), ('cut short',))
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self._taken: dict[str, bool] = {}
        self._tell = tell

    def add(self, note: str, *, doubt: bool = False) -> None:
        """Take a note, unless it was taken before or there are enough."""
        if note in self._taken or len(self._taken) >= _MOST:
            return
        self._taken[note] = doubt
        if self._tell is not None:
            self._tell(note)

    def taken(self) -> tuple[str, ...]:
        """Return the notes taken so far."""
        return tuple(self._taken)

    def doubts(self) -> tuple[str, ...]:
        """Return those taken so far that are doubts."""
        return tuple(note for note, doubt in self._taken.items() if doubt)

"""A mail that comes in by the milter protocol, part by part."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

# Headers of ours that a mail may have brought, and bytes of their names: they are remembered.
_MOST_FORGED, _FORGED_BYTES = 1000, 1 << 16
# A header that others write, too.
_SHARED = b"authentication-results"


@dataclass(slots=True)
class Mail:
    """A mail that a server hands over.

    Parameters
    ----------
    data : bytearray
        The mail as it came, or none of it where there is a reason not to hold it.
    queue : str
        Its id at the server; empty where it told none.
    authenticated : bool
        Whether its sender has logged in: it is mail from here.
    recipient : str
        For whom it is, in lower case; empty where it is for several, or that was not asked.
    forged : list of (bytes, int)
        The headers of ours that came with it: each name, and which of this name it is, from 1.
    why_not : str
        Why it is not held.
    may_wait : bool
        Whether another time it might be held.
    """

    data: bytearray = field(default_factory=bytearray)
    queue: str = ""
    authenticated: bool = False
    recipient: str = ""
    forged: list[tuple[bytes, int]] = field(default_factory=list)
    why_not: str = ""
    may_wait: bool = False
    _several: bool = False
    _seen: Counter[bytes] = field(default_factory=Counter)
    _forged_bytes: int = 0

    @property
    def is_forged_beyond_measure(self) -> bool:
        """Whether more headers of ours came with it than are remembered."""
        return len(self.forged) >= _MOST_FORGED or self._forged_bytes >= _FORGED_BYTES

    def drop(self, why: str, *, may_wait: bool = False) -> None:
        """Hold none of it, for a reason."""
        self.data = bytearray()
        self.why_not, self.may_wait = why, may_wait

    def address(self, recipient: str) -> None:
        """Take it that it is for somebody, too."""
        self._several = self._several or self.recipient not in ("", recipient)
        self.recipient = "" if self._several else recipient

    def hold(self, data: bytes, largest: int) -> None:
        """Hold more of it, where all of it is to be held and no larger than it may be."""
        if self.why_not or self.authenticated:
            return
        if len(self.data) + len(data) > largest:
            self.drop(f"it is larger than {largest} bytes")
        else:
            self.data += data

    def note(self, name: bytes, *, ours: bool) -> None:
        """Remember a header of it, where only Chaffinch may write it.

        Parameters
        ----------
        name : bytes
            Its name.
        ours : bool
            Whether it is such a header.
        """
        if self.is_forged_beyond_measure or not (ours or name.lower() == _SHARED):
            return
        self._seen[name.lower()] += 1
        if ours:
            self._forged_bytes += len(name)
            self.forged.append((name, self._seen[name.lower()]))

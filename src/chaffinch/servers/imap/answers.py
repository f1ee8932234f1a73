"""What a server answers, as far as it makes sense."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from chaffinch.experience.mailbox import Folder, Sighting
from chaffinch.servers.guard.keys import answered_by, key_of, message_of

#: The highest number that a mail may have.
HIGHEST = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is asked of a mail before it is read: how it is known, its size, and what it answers."""

    sighting: Sighting
    size: int
    answers: list[str]


def with_numbers(folder: Folder, told: dict[Any, Any], count: bytes) -> Folder:
    """Return a folder with the numbers that a server told; ValueError if these are none."""
    validity, following = told[b"UIDVALIDITY"], told[b"UIDNEXT"]
    messages, modseq = told[count], told.get(b"HIGHESTMODSEQ", 0)
    if isinstance(modseq, (list, tuple)):
        (modseq,) = modseq
    for number, most in ((validity, HIGHEST), (following, HIGHEST + 1), (messages, HIGHEST)):
        if not isinstance(number, int) or not 0 <= number <= most:
            raise ValueError("no number of a folder")
    modseq = modseq if isinstance(modseq, int) and 0 <= modseq < 1 << 63 else 0
    return replace(
        folder, uidvalidity=validity, uidnext=following, messages=messages, modseq=modseq
    )


def glimpse_of(uid: int, told: dict[Any, Any]) -> Glimpse | None:
    """Return what a server told of a mail; None where it told nothing."""
    size, fields = told.get(b"RFC822.SIZE"), of_name(told, b"BODY[HEADER.FIELDS")
    if not isinstance(size, int) or not isinstance(fields, bytes):
        return None
    when = told.get(b"INTERNALDATE")
    flags = {one.lower() for one in told.get(b"FLAGS", ()) if isinstance(one, bytes)}
    sighting = Sighting(
        uid,
        key_of(fields, size, when.timestamp() if when is not None else None),
        message_of(fields),
        rb"\deleted" in flags,
        rb"\answered" in flags,
    )
    return Glimpse(sighting, size, answered_by(fields))


def of_name(told: dict[Any, Any], name: bytes) -> Any:
    """Return what was told under a name, or None."""
    # A part of it is told under its name and where it begins.
    return next((value for key, value in told.items() if key.startswith(name)), None)


def all_of(uids: Iterable[int]) -> str:
    """Return the range that holds some numbers, as a search wants it."""
    uids = sorted(uids)
    return f"{uids[0]}:{uids[-1]}"

"""The one form in which every set of mails and messages is kept: JSON lines, in judged order.

Sets that join mailboxes of different years have no order of arrival of their own. Theirs is made
once and for all: sorted by id, then shuffled with a fixed seed, so that every run and every program
judges the same stream.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections import Counter
from typing import TYPE_CHECKING

from chaffinch.errors import SourceError
from chaffinch.experience.importers.files import lines, shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chaffinch.datasets.catalogue import DataSet

Message = dict[str, str]  # label, and raw (bytes held as Latin-1) or text; id, source if known

_SEED = 42
_FIELDS = ("id", "label", "source", "raw", "text")


def judged_order(messages: Iterable[Message]) -> list[Message]:
    """Return messages in the order in which they are judged.

    Parameters
    ----------
    messages : iterable of Message
        In any order if all have an id, else in the order of their source.

    Returns
    -------
    list of Message

    Examples
    --------
    >>> one, two = {"id": "1", "label": "ham"}, {"id": "2", "label": "spam"}
    >>> judged_order([one, two]) == judged_order([two, one])
    True
    """
    ordered = list(messages)
    if all("id" in message for message in ordered):
        ordered.sort(key=lambda message: message["id"])
    random.Random(_SEED).shuffle(ordered)  # noqa: S311 - an order, not a secret
    return ordered


def without_separator(raw: str) -> str:
    r"""Return a mail without the line that separates it from others in an mbox.

    Parameters
    ----------
    raw : str
        The mail, its bytes held as Latin-1.

    Returns
    -------
    str

    Examples
    --------
    >>> without_separator("From ada Thu Aug 22 12:36:23 2024\nSubject: tea\n")
    'Subject: tea\n'
    """
    return raw.partition("\n")[2] if raw.startswith("From ") else raw


def without_mark(text: str, mark: str) -> str:
    """Return a text without what the makers of its data set wrote into it.

    Parameters
    ----------
    text : str
        The text.
    mark : str
        A regular expression of that; an empty one matches nothing.

    Returns
    -------
    str

    Examples
    --------
    >>> without_mark("Meet NAME1 at four", "NAME[0-9] ?")
    'Meet at four'
    """
    return re.sub(mark, "", text) if mark else text


def digest(messages: Iterable[Message]) -> str:
    """Return a digest of messages that have ids, whatever their order.

    Parameters
    ----------
    messages : iterable of Message
        Messages with an id.

    Returns
    -------
    str
        SHA-256, in hexadecimal, of a line for each in the order of ids: id, label, and SHA-256 of
        its bytes, parted by spaces.
    """
    whole = hashlib.sha256()
    for message in sorted(messages, key=lambda message: message["id"]):
        data = hashlib.sha256(message["raw"].encode("latin-1")).hexdigest()
        whole.update(f"{message['id']} {message['label']} {data}\n".encode())
    return whole.hexdigest()


def check(dataset: DataSet, messages: list[Message]) -> None:
    """Compare messages with what the catalogue says of their data set.

    Parameters
    ----------
    dataset : DataSet
        The data set.
    messages : list of Message
        What was read.

    Raises
    ------
    SourceError
        If labels or digest are others, or there is no message.
    """
    found = Counter(message["label"] for message in messages)
    expected = dict(dataset.labels)
    if not found or (expected and found != expected):
        told = [f"{number} {shown(label)[:20]}" for label, number in found.most_common(4)]
        meant = [f"{number} {label}" for label, number in expected.items()]
        raise SourceError(
            f"holds {', '.join(told) or 'no message'}, not {', '.join(meant) or 'what it should'}"
        )
    if dataset.digest and digest(messages) != dataset.digest:
        raise SourceError("its messages are others than the digest says")


def write(path: Path, messages: Iterable[Message]) -> None:
    """Write messages as gzip JSON lines, the same bytes each time.

    Parameters
    ----------
    path : Path
        The file.
    messages : iterable of Message
        In judged order.
    """
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        for message in messages:
            packed.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")


def read(path: Path) -> list[Message]:
    """Read messages from JSON lines.

    Parameters
    ----------
    path : Path
        The file, plain or gzip.

    Returns
    -------
    list of Message
        In the order of the file, mails without mbox separators.

    Raises
    ------
    SourceError
        If a line is no message.
    InputError
        If the file cannot be read.
    """
    return [_parse(line, f"{shown(path)}:{number}") for number, line in lines(path)]


def _parse(line: bytes | None, name: str) -> Message:
    try:
        fields = json.loads(line or b"")
        message = {field: fields[field] for field in _FIELDS if field in fields}
        if "raw" in message:
            message["raw"] = without_separator(message["raw"])
            message["raw"].encode("latin-1")
        good = "label" in message and ("raw" in message or "text" in message)
        if not good or not all(isinstance(value, str) for value in message.values()):
            raise ValueError("a field is missing or no text")
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(f"{name} is no message of JSON: fetch the file again") from error
    return message

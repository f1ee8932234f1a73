"""Records written as named fields: what a line of JSON and a row of CSV have in common."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from chaffinch.experience.importers.records import Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What the field of an item's bytes or text is called, in the order in which they are looked for.
PAYLOADS = ("raw", "text", "message", "body", "content", "comment")
_LABELS = ("label", "category", "class")


def from_fields(fields: Mapping[str, object], name: str) -> Record | Skipped:
    """Make a record of named fields.

    Parameters
    ----------
    fields : mapping of str to object
        ``raw``: bytes held as Latin-1 text, or else ``text`` (``message``, ``body``, ``content``,
        ``comment``), to be encoded as UTF-8; and, each optional, ``label`` (``category``,
        ``class``), ``received`` (seconds since 1970-01-01 UTC), ``owner`` and ``source``.
    name : str
        The record's name.

    Returns
    -------
    Record or Skipped

    Examples
    --------
    >>> from_fields({"label": "ham", "text": "Tea?"}, "sms.jsonl:1")
    Record(data=b'Tea?', label='ham', name='sms.jsonl:1', received=None, owner='', source='')
    >>> from_fields({"label": "ham"}, "sms.jsonl:2").reason
    "has neither 'raw' nor 'text'"
    """
    try:
        owner, source = (_optional(fields, field) for field in ("owner", "source"))
        return Record(_data(fields), _label(fields), name, _received(fields), owner, source)
    except ValueError as error:
        return Skipped(name, str(error))


def _data(fields: Mapping[str, object]) -> bytes:
    named = [field for field in PAYLOADS if fields.get(field) is not None]
    # An empty field may stand beside one that is not.
    for field in [field for field in named if fields[field] != ""] or named:
        value = fields[field]
        encoding = "latin-1" if field == "raw" else "utf-8"
        if not isinstance(value, str):
            raise ValueError(f"its {field!r} is no text")
        try:
            return value.encode(encoding)
        except UnicodeEncodeError as error:
            code = ord(value[error.start])
            bound = "U+00FF, the last byte" if field == "raw" else "what UTF-8 can hold"
            raise ValueError(f"its {field!r} holds U+{code:04X}, beyond {bound}") from error
    raise ValueError("has neither 'raw' nor 'text'")


def _label(fields: Mapping[str, object]) -> str | None:
    named = (field for field in _LABELS if fields.get(field) not in (None, ""))
    field = next(named, None)
    return None if field is None else _text(fields, field)


def _optional(fields: Mapping[str, object], field: str) -> str:
    return "" if fields.get(field) in (None, "") else _text(fields, field)


def _text(fields: Mapping[str, object], field: str) -> str:
    text = fields[field]
    # A lone surrogate is a str that nothing can print or store.
    if not isinstance(text, str) or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError(f"its {field!r} is no text")
    return text


def _received(fields: Mapping[str, object]) -> float | None:
    value = fields.get("received")
    if value is None or value == "":
        return None
    seconds = math.nan
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            seconds = float(value)
    if not math.isfinite(seconds):
        raise ValueError("its 'received' is no number of seconds")
    return seconds

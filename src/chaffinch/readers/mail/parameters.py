"""Structured header values with parameters: Content-Type and its kin (RFC 2045, RFC 2231)."""

from __future__ import annotations

import re
from binascii import unhexlify
from collections.abc import Mapping
from functools import lru_cache

from chaffinch.readers.charset import decode
from chaffinch.readers.mail.words import decode_value
from chaffinch.readers.notes import Notes

# A quoted value without its closing quote reaches to the end, so that every start finds an end.
_PARAMETER = re.compile(
    r';\s*+([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]++|\\.?+)*)"?|([^;]*+))', re.DOTALL
)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_SECTION = re.compile(r"(.+?)(?:\*(\d{1,4}))?(\*?)", re.DOTALL)
# Short values are remembered, but for those with something to decode, of which notes may be taken.
_MOST_REMEMBERED, _LONGEST_REMEMBERED = 512, 120
_NOT_REMEMBERED = re.compile(r"[*\\]|=\?|[^\0-\x7f]")
_PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")


def parse_parameters(value: str, notes: Notes) -> tuple[str, Mapping[str, str]]:
    r"""Split a structured value into its first word and its parameters.

    Parameters
    ----------
    value : str
        The value with each byte as the character of its number (Latin-1).
    notes : Notes
        Told of an unknown charset.

    Returns
    -------
    (str, mapping of str to str)
        The first word, lower case, and the parameters' decoded values by lower-case name. Of
        parameters of one name the first holds.

    Examples
    --------
    >>> parse_parameters('attachment; filename*0*=utf-8\'\'caf%C3; filename*1*=%A9', Notes())
    ('attachment', {'filename': 'café'})
    """
    if len(value) <= _LONGEST_REMEMBERED and not _NOT_REMEMBERED.search(value):
        return _parse_simple(value)
    return _parse(value, notes)


@lru_cache(_MOST_REMEMBERED)
def _parse_simple(value: str) -> tuple[str, Mapping[str, str]]:
    """Parse a value in which there is nothing to decode, and so nothing to note."""
    return _parse(value, Notes())


def _parse(value: str, notes: Notes) -> tuple[str, Mapping[str, str]]:
    first, semicolon, _ = value.partition(";")
    first = first.split("(", 1)[0].strip().lower()
    if not semicolon:
        return first, {}
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, quoted, token in _PARAMETER.findall(value):
        text = _QUOTED_PAIR.sub(r"\1", quoted) if "\\" in quoted else quoted or token.strip()
        if "*" in name and (match := _SECTION.fullmatch(name.lower())):
            known = sections.setdefault(match[1], {})
            known.setdefault(int(match[2] or 0), (text, bool(match[3])))
        else:
            plain.setdefault(name.lower(), decode_value(text, notes))
    # RFC 2231 sends the old form along for old programs; its own form says more.
    extended = {name: _join(known, notes) for name, known in sections.items()}
    return first, plain | extended


def _join(sections: dict[int, tuple[str, bool]], notes: Notes) -> str:
    """Join the sections of one parameter; only the first can name the charset."""
    charset = ""
    data = b""
    for number in sorted(sections):
        text, encoded = sections[number]
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += _unquote(text) if encoded else text.encode("latin-1")
    return decode(data, charset, notes)


def _unquote(text: str) -> bytes:
    return _PERCENT.sub(lambda code: unhexlify(code[1]), text.encode("latin-1"))

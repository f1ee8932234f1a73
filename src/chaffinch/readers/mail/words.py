"""Header values with other charsets in them: encoded words (RFC 2047), and plain 8-bit bytes."""

from __future__ import annotations

import binascii
import re

from chaffinch.readers.charset import decode
from chaffinch.readers.mail.transfer import decode_base64
from chaffinch.readers.notes import Notes

# A question mark inside a word is an error that real mail makes ("=?us-ascii?Q?Why??="); how many
# are forgiven is bounded, so that no start of a word is searched far for its end.
_WORD = re.compile(r"=\?([^?\s*]++)(?:\*[^?\s]*+)?\?([bBqQ])\?([^?]*+(?:\?(?!=)[^?]*+){0,8})\?=")
_BREAKS = re.compile(r"[\r\n]+")


def decode_value(value: str, notes: Notes) -> str:
    r"""Return a header value as people read it.

    Parameters
    ----------
    value : str
        The value with each byte as the character of its number (Latin-1).
    notes : Notes
        Told of an unknown charset.

    Returns
    -------
    str
        The value decoded. Encoded words that only white space parts are joined, their bytes too,
        as a character may be split between two words; what is malformed stays as it is.

    Examples
    --------
    >>> decode_value("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?= au lait", Notes())
    'café au lait'
    """
    if "=?" not in value:
        return _decode_bytes(value, notes)
    out: list[str] = []
    charset, held = "", b""
    end = 0
    for word in _WORD.finditer(value):
        gap = value[end : word.start()]
        if not end or not (gap == "" or gap.isspace()):
            out += (decode(held, charset, notes), _decode_bytes(gap, notes))
            held = b""
        elif word[1].lower() != charset:
            out.append(decode(held, charset, notes))
            held = b""
        charset = word[1].lower()
        held += _decode_word(word[2], word[3])
        end = word.end()
    out += (decode(held, charset, notes), _decode_bytes(value[end:], notes))
    text = "".join(out)
    # A word may spell a line break; a header's value is one line.
    return _BREAKS.sub(" ", text) if "\n" in text or "\r" in text else text


def _decode_bytes(text: str, notes: Notes) -> str:
    return text if text.isascii() else decode(text.encode("latin-1"), "", notes)


def _decode_word(encoding: str, text: str) -> bytes:
    data = text.encode("latin-1")
    if encoding in "bB":
        return decode_base64(data)
    return binascii.a2b_qp(data, header=True)

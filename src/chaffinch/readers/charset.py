"""From bytes to text, whatever charset its sender claims, forgets or makes up."""

from __future__ import annotations

import re
from encodings.aliases import aliases

from chaffinch.readers.notes import Notes

# Codecs that turn bytes into text, in time linear in their number. Python knows others, such as
# idna, punycode, unicode_escape or zlib, that no item has any business with.
_TEXT_CODECS = frozenset(
    "big5 big5hkscs cp037 cp437 cp500 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 "
    "cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp874 cp932 cp949 cp950 cp1006 cp1026 cp1125 cp1140 "
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 euc_jis_2004 euc_jisx0213 "
    "euc_jp euc_kr gb18030 gb2312 gbk hp_roman8 hz iso2022_jp iso2022_jp_1 iso2022_jp_2 "
    "iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr iso8859_2 iso8859_3 iso8859_4 "
    "iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_9 iso8859_10 iso8859_11 iso8859_13 iso8859_14 "
    "iso8859_15 iso8859_16 johab koi8_r koi8_t koi8_u kz1048 latin_1 mac_cyrillic mac_greek "
    "mac_iceland mac_latin2 mac_roman mac_turkish ptcp154 shift_jis shift_jis_2004 shift_jisx0213 "
    "tis_620 utf_7 utf_8 utf_8_sig utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le".split()
)

# Read as the larger charset that mail programs and browsers take for it (WHATWG Encoding).
_READ_AS = {
    "latin_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
}

_CODECS = {codec: _READ_AS.get(codec, codec) for codec in _TEXT_CODECS} | {
    alias: _READ_AS.get(codec, codec) for alias, codec in aliases.items() if codec in _TEXT_CODECS
}
# Names that say nothing about the bytes above 127: what those are has to be guessed.
_SILENT = frozenset(("", "ascii", "us_ascii", "unknown_8bit", "8bit", "default", "x_user_defined"))
# Names of charsets whose ASCII bytes are ASCII, as most mails write them.
_PLAIN_NAMES = "us-ascii utf-8 iso-8859-1 iso-8859-2 iso-8859-15 windows-1251 windows-1252"
_PLAIN = frozenset(("", *_PLAIN_NAMES.split(), *_PLAIN_NAMES.upper().split()))
_NOT_IN_NAMES = re.compile("[^a-z0-9]+")
_MOST_OF_A_NAME = 60


def decode(data: bytes, charset: str, notes: Notes) -> str:
    r"""Return the text that bytes of a declared charset stand for, without NULs.

    Parameters
    ----------
    data : bytes
        The bytes.
    charset : str
        The declared charset; empty where none is. With none, with ASCII and with an unknown one,
        the bytes are read as UTF-8 where they are UTF-8, else as windows-1252.
    notes : Notes
        Told of an unknown charset, and of bytes that are not of theirs.

    Returns
    -------
    str
        The text, free of NULs and of lone surrogates; unreadable bytes become U+FFFD.

    Examples
    --------
    >>> decode(b"caf\xe9", "iso-8859-1", Notes()), decode(b"caf\xc3\xa9", "", Notes())
    ('café', 'café')
    """
    if charset in _PLAIN and data.isascii():
        text = data.decode("ascii")
    else:
        text = _decode_any(data, charset, notes)
    return text.replace("\0", "") if "\0" in text else text


def _decode_any(data: bytes, charset: str, notes: Notes) -> str:
    name = _NOT_IN_NAMES.sub("_", charset[:_MOST_OF_A_NAME].lower()).strip("_")
    codec = _CODECS.get(name) or _CODECS.get(name.removeprefix("x_"))
    if codec is None:
        text, codec = _guess(data)
        if name not in _SILENT:
            shown = charset[:_MOST_OF_A_NAME].encode("ascii", "replace").decode()
            notes.add(f"unknown charset {shown!r} read as {codec}")
        return text
    try:
        text = data.decode(codec)
    except UnicodeError:
        notes.add(f"some bytes are not {charset[:_MOST_OF_A_NAME].lower()}")
        text = data.decode(codec, "replace")
    # UTF-7 alone can spell half of a surrogate pair, which no later step could encode again.
    return text.encode("utf-8", "replace").decode() if codec == "utf_7" else text


def _guess(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        # A text may have been cut in the middle of its last character.
        cut = error.start >= len(data) - 3 and error.reason == "unexpected end of data"
        if cut and not data[: error.start].isascii():
            return data.decode("utf-8", "replace"), "utf-8"
        return data.decode("cp1252", "replace"), "windows-1252"

"""Header blocks: where they end, and the fields in them (RFC 5322, and what real mail makes of it).

A block is a run of fields, folded or not, and of mbox "From " lines. It ends at an empty line, or
before the first line that is neither; what does not begin like a block is body from its first byte.

Lines end in LF, or in CR LF. Servers and mail programs take a CR by itself for a character of its
line, and so do we, or a mail could have headers that they see and we do not. Only where a mail has
no LF at all do its lines end in CR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chaffinch.compiled import or_compiled
from chaffinch.readers.mail.content import MailLimits
from chaffinch.readers.mail.words import decode_value
from chaffinch.readers.notes import Notes

#: A header: its name and its value, each byte as the character of its number (Latin-1).
Field = tuple[str, str]

# Control characters and a colon do not stand in names, spaces may stand behind; a NUL is no
# character but a blemish that some programs drop.
_NAME = rb"[\0!-9;-~]{1,1000}+[ \t]{0,1000}+:"
_LINE_END = rb"(?:\r\n?+|\n)"
_REST = rb"[^\r\n]*+(?:" + _LINE_END + rb"[ \t][^\r\n]*+)*(?:" + _LINE_END + rb"|\Z)"

_LF_REST = rb"[^\n]*+(?:\n[ \t][^\n]*+)*(?:\n|\Z)"
_FROM = rb"(?!" + _NAME + rb")>?From "

#: One field with its continuation lines, in bytes with any line endings.
FIELD = re.compile(_NAME + _REST)
_FIELDS = re.compile(rb"(?:" + _NAME + rb"|" + _FROM + rb")" + _REST)
_LF_FIELDS = re.compile(rb"(?:" + _NAME + rb"|" + _FROM + rb")" + _LF_REST)
# Empty lines, as which CR LF counts, too; or whatever a line is, with those that go on with it.
_LINES = re.compile(rb"(\r++)|[^\r]" + _REST)
_LF_LINES = re.compile(rb"((?:\r?\n)++)|[^\n]" + _LF_REST)
#: What those see as a field who take a CR by itself for the end of a line.
BEHIND_CR = re.compile(rb"(?<=\r)[^\r\n:]++:[^\r\n]*+(?:" + _LINE_END + rb"[ \t][^\r\n]*+)*")
#: What a header block begins with.
STARTS = re.compile(rb">?From |" + _NAME)

_CR_LF = re.compile(rb"\r+\n")
# One search for where the block ends is four times as fast as matching field after field.
_ENDS = re.compile(rb"\n(?![ \t]|>?From |" + _NAME + rb")")


def to_lf(data: bytes) -> bytes:
    r"""Return a mail or a part with LF behind each line.

    A CR within a line of the header block becomes a space; in the body it parts lines, as it does
    for whoever reads them.

    Examples
    --------
    >>> to_lf(b"A: 1\r\r2\r\nB: 3\r\n\r\nHi\rthere\r\n"), to_lf(b"A: 1\r\rHi\r")
    (b'A: 1  2\nB: 3\n\nHi\nthere\n', b'A: 1\n\nHi\n')
    """
    if b"\r" not in data:
        return data
    data = data.replace(b"\r\n", b"\n")
    if b"\r" not in data or b"\n" not in data:
        return data.replace(b"\r", b"\n")
    data = _CR_LF.sub(b"\n", data)
    # Whatever ends a block in the place of a CR: a space would go on with the line before.
    end = len(split_block(data.replace(b"\r", b"\1"))[0])
    return data[:end].replace(b"\r", b" ") + data[end:].replace(b"\r", b"\n")


def as_they_stand(data: bytes) -> Iterator[bytes]:
    r"""Return the fields and the "From " lines of a mail's header block with all of their bytes.

    Parameters
    ----------
    data : bytes
        The mail, with any line endings.

    Examples
    --------
    >>> list(as_they_stand(b"From x\nA: 1\r\n 2\r\nB: 3\r4\n\nC: 5\n"))
    [b'From x\n', b'A: 1\r\n 2\r\n', b'B: 3\r4\n']
    """
    return _in_turn(_LF_FIELDS if b"\n" in data else _FIELDS, data)


def whole_lines(data: bytes) -> Iterator[re.Match[bytes]]:
    r"""Return all lines, each with those that go on with it; runs of empty ones are a group.

    To Dovecot and procmail all up to the first empty one is the header block, whatever stands
    between the fields.

    Parameters
    ----------
    data : bytes
        The mail, with any line endings.

    Examples
    --------
    >>> [(found[0], found[1]) for found in whole_lines(b"A: 1\n 2\n\n\nB\n")]
    [(b'A: 1\n 2\n', None), (b'\n\n', b'\n\n'), (b'B\n', None)]
    """
    return (_LF_LINES if b"\n" in data else _LINES).finditer(data)


def _in_turn(pattern: re.Pattern[bytes], data: bytes) -> Iterator[bytes]:
    """Yield what a pattern matches at the beginning, what it matches behind that, and so on."""
    at = 0
    while found := pattern.match(data, at):
        yield found[0]
        at = found.end()


def split_block(data: bytes) -> tuple[bytes, bytes]:
    r"""Split a mail or a part, its lines ending in LF, into header block and body.

    Examples
    --------
    >>> split_block(b"A: 1\nB: 2\n\nHello\n")
    (b'A: 1\nB: 2', b'Hello\n')
    >>> split_block(b"Hello\nA: 1\n")
    (b'', b'Hello\nA: 1\n')
    """
    if not STARTS.match(data):
        return b"", data[1:] if data.startswith(b"\n") else data
    last = block_end(data)
    if last < 0:
        return data, b""
    end = last + 1
    return data[:last], data[end + 1 if data.startswith(b"\n", end) else end :]


@or_compiled("chaffinch.readers._kernel")
def block_end(data: bytes) -> int:
    """Return where the last line of a header block ends, or -1 where all of it is one."""
    found = _ENDS.search(data)
    return found.start() if found else -1


def parse_fields(block: bytes, limits: MailLimits, notes: Notes) -> list[Field]:
    r"""Return the fields of a header block in order, unfolded.

    Parameters
    ----------
    block : bytes
        The block, its lines ending in LF.
    limits : MailLimits
        Of which ``block``, ``headers`` and ``value`` hold here.
    notes : Notes
        Told of what was cut.

    Examples
    --------
    >>> parse_fields(b"From x\nSubject: a\n b\nTo: c", MailLimits(), Notes())
    [('Subject', 'a b'), ('To', 'c')]
    """
    if not block:
        return []
    if len(block) > limits.block:
        notes.add(f"header block cut at {limits.block} of {len(block)} bytes")
        block = block[: limits.block]
    fields, more = cut_fields(block, limits.headers)
    if more:
        notes.add(f"only the first {limits.headers} headers were read")
    if len(block) > limits.value and any(len(value) > limits.value for _, value in fields):
        notes.add(f"header values cut at {limits.value} characters")
        fields = [(name, value[: limits.value]) for name, value in fields]
    return fields


@or_compiled("chaffinch.readers._kernel")
def cut_fields(block: bytes, most: int) -> tuple[list[Field], bool]:
    """Return up to `most` lines' fields, and whether there are more lines."""
    text = block.decode("latin-1")
    if "\0" in text:
        text = text.replace("\0", "")
    lines = text.replace("\n ", " ").replace("\n\t", "\t").split("\n", most)
    more = len(lines) > most
    if more:
        lines.pop()
    parted = [line.partition(":") for line in lines]
    if " :" in text or "\t:" in text:
        parted = [(name.rstrip(" \t"), colon, value) for name, colon, value in parted if colon]
    # The names of fields hold no spaces, but "From " lines do.
    return [(name, value.strip()) for name, _, value in parted if " " not in name], more


def decode_fields(fields: list[Field], block: bytes, notes: Notes) -> tuple[Field, ...]:
    """Return the fields of a block with their values as people read them."""
    # A search for one character is far faster than one for two.
    if block.isascii() and (b"?" not in block or b"=?" not in block):
        return tuple(fields)
    return tuple([(name, decode_value(value, notes)) for name, value in fields])

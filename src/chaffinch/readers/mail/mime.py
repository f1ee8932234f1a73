"""The parts of a mail, one after another (RFC 2046)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chaffinch.readers.mail.content import MailLimits
from chaffinch.readers.mail.headers import Field, parse_fields, split_block, to_lf
from chaffinch.readers.mail.parameters import parse_parameters
from chaffinch.readers.mail.transfer import decode_transfer
from chaffinch.readers.notes import Notes

_TYPE = re.compile(r"[!-.0-~]{1,80}/[!-.0-~]{1,80}")
_MAIL = frozenset(("message/rfc822", "message/global", "message/news"))
_DESCRIBING = frozenset(("content-type", "content-transfer-encoding", "content-disposition"))
_LENGTHS = frozenset(map(len, _DESCRIBING))


@dataclass(slots=True)
class Part:
    """A part that holds no other parts, or is read as if it did not.

    Parameters
    ----------
    type : str
        Its content type, lower case.
    charset : str
        Its declared charset, as written; empty where none is.
    encoding : str
        Its transfer encoding, lower case.
    attached : bool
        Whether it says of itself that it is an attachment.
    name : str
        Its file name, decoded.
    body : bytes
        Its bytes, encoded, lines ending in LF.
    boundary : str
        What parts its own parts, where it is a multipart.
    """

    type: str
    charset: str = ""
    encoding: str = ""
    attached: bool = False
    name: str = ""
    body: bytes = b""
    boundary: str = ""


def walk(
    fields: list[Field], body: bytes, limits: MailLimits, notes: Notes, structure: list[str]
) -> Iterator[Part]:
    """Yield the parts of a mail that are read or listed, depth first.

    A mail inside the mail is walked into; it is yielded too where it is marked as an attachment.
    A multipart whose boundary never occurs, or that stands too deep, is yielded as plain text.

    Parameters
    ----------
    fields : list of Field
        The mail's headers.
    body : bytes
        The mail's body, lines ending in LF.
    limits : MailLimits
        Of which ``depth`` and ``parts`` hold here.
    notes : Notes
        Told of what was cut.
    structure : list of str
        Given the content type of each part met.
    """
    part, depth = _describe(fields, body, "text/plain", notes), 0
    waiting: list[tuple[bytes, int, str]] = []
    while True:
        structure.append(part.type)
        inner = _inside(part, depth, limits, notes)
        if inner is None or (part.attached and part.type in _MAIL):
            yield part
        if inner:
            room = limits.parts - len(structure) - len(waiting)
            if len(inner) > room:
                notes.add(f"only the first {limits.parts} parts were read")
            default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
            waiting += [(data, depth + 1, default) for data in reversed(inner[:room])]
        if not waiting:
            return
        data, depth, default = waiting.pop()
        block, body = split_block(data)
        part = _describe(parse_fields(block, limits, notes), body, default, notes)


def _describe(fields: list[Field], body: bytes, default: str, notes: Notes) -> Part:
    # Of headers of one name the first holds. The length tells most others apart at little cost.
    named = [(name.lower(), value) for name, value in reversed(fields) if len(name) in _LENGTHS]
    said = {name: value for name, value in named if name in _DESCRIBING}
    if not said:
        return Part(default, body=body)
    kind, parameters = parse_parameters(said.get("content-type", ""), notes)
    if not _TYPE.fullmatch(kind):
        kind = "text/plain" if kind else default
    part = Part(kind, parameters.get("charset", ""), body=body)
    part.name = parameters.get("name", "").strip()
    part.boundary = parameters.get("boundary", "").rstrip()
    if "content-transfer-encoding" in said:
        words = said["content-transfer-encoding"].lower().split(None, 1)
        part.encoding = words[0].rstrip(";") if words else ""
    if "content-disposition" in said:
        disposition, parameters = parse_parameters(said["content-disposition"], notes)
        part.attached = disposition == "attachment"
        part.name = parameters.get("filename", "").strip() or part.name
    return part


def _inside(part: Part, depth: int, limits: MailLimits, notes: Notes) -> list[bytes] | None:
    """Return the raw parts inside a part, or None where there are none to be found."""
    multipart = part.type.startswith("multipart/")
    if not multipart and part.type not in _MAIL:
        return None
    if depth >= limits.depth:
        notes.add(f"parts nested more than {limits.depth} deep read as text")
        return None
    if not multipart:
        return [to_lf(decode_transfer(part.body, part.encoding))]
    # The boundary comes decoded; where it is not ASCII, its bytes were most likely UTF-8.
    found = _split_parts(part.body, part.boundary.encode(), limits.parts)
    if found is None:
        notes.add("multipart without its boundary read as text")
    return found


def _split_parts(body: bytes, boundary: bytes, most: int) -> list[bytes] | None:
    """Return up to `most` + 1 parts between boundary lines, or None where no such line occurs."""
    if not boundary:
        return None
    mark = b"\n--" + boundary
    body = b"\n" + body
    parts: list[bytes] = []
    start = -1
    at = body.find(mark)
    while at >= 0 and len(parts) <= most:
        end = body.find(b"\n", at + len(mark))
        if end < 0:
            end = len(body)
        rest = body[at + len(mark) : end].strip(b" \t")
        if rest in (b"", b"--"):
            if start >= 0:
                parts.append(body[start:at])
            if rest:
                return parts or None
            start = end + 1
        at = body.find(mark, end)
    if start < 0:
        return None
    parts.append(body[start:])
    return parts

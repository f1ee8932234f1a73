"""What mail servers found out about a sender: Authentication-Results headers (RFC 8601).

Anybody can write such a header. These are believed:

- those under a name that the installation calls its own,
- above the first Received header of a host that it does not: what lies below came from outside
  (RFC 8601, sections 1.6 and 4.1),
- of each method those of the topmost header that has any, as each server writes above what came in.

Between our own topmost Received header and the sender's first header there is no mark that a sender
could not write, too. So whoever verifies has to take out what comes in under its own name, as
section 5 of the RFC demands; OpenDKIM and Rspamd do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from chaffinch.readers.mail.content import Result
from chaffinch.readers.mail.headers import Field
from chaffinch.readers.notes import Notes

_HEADER, _TRACE = "authentication-results", "received"
#: The methods that are told of, and of which property each names the domain that it speaks of.
METHODS = {
    "spf": ("smtp.mailfrom", "smtp.helo"),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
}
#: What they may find (RFC 8601, section 2.7).
RESULTS = frozenset("pass fail softfail neutral none policy temperror permerror".split())
# Characters of a header, its sections, and all results that are looked at.
_LONGEST, _MOST_SECTIONS, _MOST_RESULTS = 8_000, 50, 12

_DOMAIN = re.compile(r"(?=.{1,253}\Z)\w[\w-]{0,62}(?:\.[\w-]{1,63}){0,15}")
_BY = re.compile(r"(?:^|[ \t])by[ \t]+([\w.-]{1,253})", re.IGNORECASE)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_PLAIN = re.compile(r'[^"()\\;]++')
_COMMENT = re.compile(r"[^()\\]++")
# What a quoted string may hold without being taken for more than one word.
_STRUCTURE = re.compile(r"[\s;=()\"\\/]")
_BEGINS = re.compile(r"\s*+([!-.0-:<-~]{1,253})(?:\s++\d{1,9})?\s*+")
_METHOD = re.compile(r"\s*+([\w-]{1,30})(?:\s*+/\s*+\d{1,9})?\s*+=\s*+([\w-]{1,30})(?=\s|\Z)")
_PROPERTY = re.compile(r"\s++([\w.-]{1,60})\s*+=\s*+([^\s]{0,1000})(?=\s|\Z)")
_BLANK = re.compile(r"\s*+")


def believed(
    fields: list[Field], hosts: Mapping[str, Collection[str]], notes: Notes
) -> tuple[list[Field], tuple[Result, ...]]:
    """Part the results that are believed from the other headers of a mail.

    Parameters
    ----------
    fields : list of Field
        The mail's headers, topmost first.
    hosts : mapping of str to collection of str
        Our own names, lower case, and of which methods results are believed under each. A Received
        header is ours where it says to be written by one of them, by a host below one of them, or
        by localhost.
    notes : Notes
        Told of results that came in under our name.

    Returns
    -------
    list of Field
        The headers without those under our names, believed or not.
    tuple of Result
        What is believed, at most 12.

    Examples
    --------
    >>> ours = ("Authentication-Results", "mx.example.org; dkim=pass header.d=example.net")
    >>> came = ("Received", "from a.example by b.example with SMTP; Thu, 1 Jan 1970 00:00:00 +0000")
    >>> forged = ("Authentication-Results", "mx.example.org; spf=pass smtp.mailfrom=bank.example")
    >>> notes = Notes()
    >>> believed([ours, came, forged], {"mx.example.org": METHODS}, notes)[1]
    (Result(method='dkim', found='pass', domain='example.net'),)
    >>> notes.taken()
    ('authentication results under our name that came from outside were left out',)
    """
    kept: list[Field] = []
    results: dict[str, list[Result]] = {}
    inside = True
    for field in fields:
        name = field[0].lower()
        if name == _TRACE:
            inside = inside and _is_ours(field[1], hosts)
        elif name == _HEADER:
            host, found = parse_results(field[1])
            if host in hosts:
                if inside:
                    _take(results, [one for one in found if one.method in hosts[host]])
                else:
                    notes.add(
                        "authentication results under our name that came from outside were left out"
                    )
                continue
        kept.append(field)
    flat = [result for several in results.values() for result in several]
    return kept, tuple(flat[:_MOST_RESULTS])


def _take(results: dict[str, list[Result]], found: list[Result]) -> None:
    """Add what a header says of methods that no header above it spoke of."""
    new: dict[str, list[Result]] = {}
    for result in found:
        if result.method not in results and result not in new.setdefault(result.method, []):
            new[result.method].append(result)
    results |= new


def _is_ours(trace: str, hosts: Collection[str]) -> bool:
    by = _BY.search(trace[:_LONGEST])
    host = by[1].lower().rstrip(".") if by else ""
    return host == "localhost" or any(host == one or host.endswith(f".{one}") for one in hosts)


def parse_results(value: str) -> tuple[str, list[Result]]:
    """Return whose results a header tells, and those of SPF, DKIM and DMARC.

    Parameters
    ----------
    value : str
        The header's value, unfolded.

    Returns
    -------
    str
        The name that it is written under (authserv-id), lower case; empty where it is malformed:
        what has a quote or a comment without an end says nothing at all.
    list of Result
        In order. A section that is malformed, or says what no RFC knows, is left out.

    Examples
    --------
    >>> parse_results('mx.example.org 1; dmarc=fail (p=none; a) header.from="bank.example"')
    ('mx.example.org', [Result(method='dmarc', found='fail', domain='bank.example')])
    >>> parse_results("mx.example.org; none")
    ('mx.example.org', [])
    """
    if len(value) > _LONGEST:
        return "", []
    sections = _sections(value)
    begins = _BEGINS.fullmatch(sections[0]) if sections else None
    if begins is None:
        return "", []
    told = [_result(section) for section in sections[1:_MOST_SECTIONS]]
    return begins[1].lower(), [result for result in told if result is not None]


def _sections(value: str) -> list[str]:
    """Return what stands between semicolons, comments as spaces, quoted strings as one word each.

    Nothing is returned where a comment or a quoted string has no end.
    """
    sections = [""]
    pieces: list[str] = []
    at = depth = 0
    while at < len(value):
        if depth:
            # Comments nest, and hold pairs of a backslash and any character.
            if plain := _COMMENT.match(value, at):
                at = plain.end()
                continue
            depth += {"(": 1, ")": -1}.get(value[at], 0)
            at += 2 if value[at] == "\\" else 1
            continue
        if plain := _PLAIN.match(value, at):
            pieces.append(plain[0])
            at = plain.end()
        elif quoted := _QUOTED.match(value, at):
            pieces.append(_STRUCTURE.sub("_", quoted[1]) or "_")
            at = quoted.end()
        elif value[at] == "(":
            pieces.append(" ")
            depth, at = 1, at + 1
        elif value[at] == ";":
            sections[-1] = "".join(pieces)
            sections.append("")
            pieces.clear()
            at += 1
        else:
            return []
    sections[-1] = "".join(pieces)
    return [] if depth else sections


def _result(section: str) -> Result | None:
    begins = _METHOD.match(section)
    if begins is None or begins[1].lower() not in METHODS or begins[2].lower() not in RESULTS:
        return None
    said: dict[str, str] = {}
    at = begins.end()
    while one := _PROPERTY.match(section, at):
        said.setdefault(one[1].lower(), one[2])
        at = one.end()
    if not _BLANK.fullmatch(section, at):
        return None
    method = begins[1].lower()
    named = [said[name] for name in METHODS[method] if name in said]
    return Result(method, begins[2].lower(), _domain(named[0]) if named else "")


def _domain(text: str) -> str:
    """Return the domain of an address, or of itself; empty where it is none."""
    domain = text.rpartition("@")[2].strip("<>").rstrip(".").lower()
    return domain if _DOMAIN.fullmatch(domain) else ""

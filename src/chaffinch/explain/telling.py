"""What is rising, told: in sentences for people, in JSON for programs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from chaffinch.explain.findings import Finding, Spelling
from chaffinch.explain.readable import printable
from chaffinch.explain.rising import Rising, Window
from chaffinch.explain.table import Entry

# Of a term, a name or a title.
_LONGEST = 60
# Where a term stands, where that is worth telling and no word of its own tells it.
_WHERE = {
    "body": "",
    "text": "",
    "subject": " in the subject",
    "from": " in the sender",
    "hidden": " in hidden text",
}


def sentences(rising: Rising) -> Iterator[tuple[Finding, str]]:
    r"""Yield each finding with the sentence that tells it, in the order of the findings.

    A sentence is one line, whatever the items hold: what is not printable in it is a ``·``.

    Parameters
    ----------
    rising : Rising
        What `chaffinch.explain.rising.rising` or `chaffinch.explain.newest.newest` returned.

    Examples
    --------
    >>> from chaffinch.explain.table import TermTable
    >>> from chaffinch.explain.rising import rising
    >>> from chaffinch.task import get_task
    >>> from chaffinch.types import Example, Item
    >>> texts = ["4u: pills"] * 40 + ["pills, for u"] * 20
    >>> table = TermTable.of(get_task("message"), [
    ...     Example(Item(text.encode(), "message"), "spam") for text in texts])
    >>> for _, sentence in sentences(rising(table, Window(last=20))):
    ...     print(sentence)
    'for u' rose from 0 of 40 to 20 of 20 spam in the latest 20 items, with 'no numbers'; its spelling '4u' fell from 100% to 0
    '4u' fell from 40 of 40 to 0 of 20 spam in the latest 20 items, with 'longest number has one digit'; its spelling 'for u' rose from 0 to 100%
    """  # noqa: E501
    for finding in rising.findings:
        yield finding, sentence(finding, rising.window)


def sentence(finding: Finding, window: Window) -> str:
    """Return the sentence that tells a finding of a window."""
    (before, within), (earlier, recent) = finding.counts, finding.sizes
    said = (
        f"{_named(finding.part, finding.text)} {'rose' if finding.rose else 'fell'} "
        f"from {before:,} of {earlier:,} to {within:,} of {recent:,} {finding.label} "
        f"{_when(window)}"
    )
    others = ", ".join(_quoted(term.text) for term in finding.others[:3])
    if others:
        said += f", with {others}"
    spelled = _spellings(finding)
    return f"{said}; {spelled}" if spelled else said


def to_json(rising: Rising) -> dict[str, Any]:
    """Return what is rising as JSON has it, each finding with its sentence."""
    window = rising.window
    return {
        "window": {"last": window.last, "since": window.since},
        "sizes": {label: list(sizes) for label, sizes in rising.sizes.items()},
        "tested": dict(rising.tested),
        "findings": [
            {
                "sentence": said,
                "label": finding.label,
                "change": "rose" if finding.rose else "fell",
                "part": finding.part,
                "text": finding.text,
                "counts": list(finding.counts),
                "sizes": list(finding.sizes),
                "p": finding.p,
                "q": finding.q,
                "log_odds": finding.log_odds,
                "log_odds_interval": [finding.low, finding.high],
                "spellings": [
                    {"text": one.text, "counts": list(one.counts), "change": one.change}
                    for one in finding.spellings
                ],
                "others": [{"part": term.part, "text": term.text} for term in finding.others],
                "terms": len(finding.terms),
                "first": _entry(finding.first),
                "items": [_entry(entry) for entry in finding.items],
            }
            for finding, said in sentences(rising)
        ],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    received = None if np.isnan(entry.received) else entry.received
    return {"id": entry.id, "name": entry.name, "title": entry.title, "received": received}


def _named(part: str, text: str) -> str:
    quoted = _quoted(text)
    return f"{quoted}{_WHERE[part]}" if part in _WHERE else f"{part} {quoted}"


def _quoted(text: str) -> str:
    plain = printable(text[: _LONGEST + 1])
    return f"'{plain[: _LONGEST - 1]}…'" if len(plain) > _LONGEST else f"'{plain}'"


def _when(window: Window) -> str:
    if window.since is None:
        return f"in the latest {window.last:,} items"
    try:
        return f"since {time.strftime('%a %d %b %Y', time.gmtime(window.since))}"
    except (OverflowError, ValueError, OSError):
        return f"since {window.since:.0f}"


def _spellings(finding: Finding) -> str:
    """Return what its other spellings did, those that changed, else how else it is spelled."""
    others = [one for one in finding.spellings if one.text != finding.text]
    changed = [_change(one, finding) for one in others if one.change][:3]
    if changed:
        return "its " + ", its ".join(changed)
    also = ", ".join(_quoted(one.text) for one in others[:3])
    return f"also spelled {also}" if also else ""


def _change(one: Spelling, finding: Finding) -> str:
    before, within = (
        _share(count, size) for count, size in zip(one.counts, finding.sizes, strict=True)
    )
    return f"spelling {_quoted(one.text)} {one.change} from {before} to {within}"


def _share(count: int, size: int) -> str:
    percent = 100 * count / size
    return "0" if not count else f"{percent:.0f}%" if percent >= 10 else f"{percent:.1f}%"

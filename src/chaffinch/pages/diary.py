"""A diary as a page of HTML."""

from __future__ import annotations

from collections.abc import Iterable

from chaffinch.explain.diary.entries import Diary, Evidence, Line, Quote
from chaffinch.explain.diary.intro import intro
from chaffinch.pages.page import (
    Markup,
    bullets,
    code,
    heading,
    link,
    page,
    paragraph,
    strong,
    together,
)


def diary_page(diary: Diary) -> Markup:
    """Return a diary as a page: each line links its evidence, which stands at the end.

    Examples
    --------
    >>> markup = diary_page(Diary("mail", "2026-11-01", "2026-11-25", "day", (), ()))
    >>> "Nothing has happened yet" in markup
    True
    """
    blocks = [paragraph(one) for one in intro(diary)]
    for entry in diary.entries:
        blocks += [heading(entry.title), bullets(_line(line) for line in entry.lines)]
    if diary.evidence:
        blocks.append(heading("Evidence"))
        blocks += [_evidence(one) for one in diary.evidence]
    return page(
        f"Diary of {diary.task}",
        *blocks,
        lead=f"{diary.since} to {diary.until}: what was flagged, judged, learned and launched.",
    )


def _line(line: Line) -> Markup:
    links = [piece for key in line.evidence for piece in (" ", link(key))]
    first, *rest = line.parts
    head = [strong(first)] if line.worst else _parts([first])
    return together(*head, *_parts(rest), *links)


def _parts(parts: Iterable[str]) -> Iterable[str]:
    return (code(part) if isinstance(part, Quote) else part for part in parts)


def _evidence(one: Evidence) -> Markup:
    said = paragraph(*_parts(one.parts), ". ", code(one.command) if one.command else "", soft=True)
    return together(heading(one.key, level=4), said)

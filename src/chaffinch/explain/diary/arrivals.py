"""The lines of a diary about what came in: what was not met before, and what rose."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from chaffinch.experience.history import History, Periods
from chaffinch.explain.diary.begun import begun
from chaffinch.explain.diary.entries import Line, Quote
from chaffinch.explain.diary.evidence import Evidences
from chaffinch.explain.diary.lines import Told
from chaffinch.explain.findings import Finding
from chaffinch.explain.rising import Window, rising
from chaffinch.explain.table import TermTable
from chaffinch.task import Task
from chaffinch.types import Example

# Newest items that are read, a millisecond or two each; campaigns and risen patterns told of a
# period; newest periods whose patterns are told, half a second each; other terms of a pattern.
_ITEMS = 5_000
_CAMPAIGNS, _PATTERNS = 2, 2
_PERIODS = 7
_TERMS = 2


def arrival_lines(
    task: Task,
    history: History,
    periods: Periods,
    evidence: Evidences,
    progress: Callable[[int, int], None],
) -> Told:
    """Yield what changed in what came in: campaigns that began, and patterns that rose."""
    seen = history.seen(periods.until, _ITEMS)
    if not seen or seen[-1].first < periods.since:
        return
    met: list[Any] = []

    def examples() -> Iterator[Example]:
        for row, example in history.examples(seen):
            met.append(row)
            progress(len(met), len(seen))
            yield example

    table = TermTable.of(task, examples())
    numbers = [periods.number(item.first) for item in met]
    if len(seen) == _ITEMS:
        # What came before the oldest of them is not known, so nothing of its period is new.
        oldest = periods.number(seen[0].first)
        numbers = [-1 if number <= oldest else number for number in numbers]
    told: set[int] = set()
    for number, (count, largest) in begun(table, numbers, most=_CAMPAIGNS).items():
        told |= {int(table.group[one.first]) for one in largest}
        for one in largest:
            key = evidence.item(met[one.first].owner, met[one.first].item)
            parts = [f"New: {one.size:,} near-copies, {one.label}: ", _title(evidence, key)]
            for place, term in enumerate(one.terms):
                parts += [", " if place else "; with ", Quote(term.text)]
            yield number, Line((*parts, "."), (key,))
        if count > len(largest):
            yield number, Line((f"New: {count - len(largest):,} more groups of near-copies.",))
    for number in sorted({number for number in numbers if number >= 0})[-_PERIODS:]:
        for found in _risen(table, numbers, number, told):
            yield number, _risen_line(found, met, evidence)


def _risen(table: TermTable, numbers: list[int], number: int, told: set[int]) -> Iterator[Finding]:
    """Yield what rose in a period against all before it, but for the campaigns that are told."""
    first, end = bisect_left(numbers, number), bisect_right(numbers, number)
    rows = {entry.id: row for row, entry in enumerate(table.entries)}
    risen = (
        found
        for found in rising(table.until(end), Window(last=end - first)).findings
        if found.rose and told.isdisjoint(table.group[[rows[one.id] for one in found.items]])
    )
    yield from islice(risen, _PATTERNS)


def _title(evidence: Evidences, key: str) -> Quote:
    return evidence.title(key) or Quote(key)


def _risen_line(found: Finding, met: list[Any], evidence: Evidences) -> Line:
    owner = next(row.owner for row in met if row.item == found.items[0].id)
    key = evidence.item(owner, found.items[0].id)
    (before, within), (earlier, recent) = found.counts, found.sizes
    parts = [f"Risen in {found.label}: ", Quote(found.text)]
    for term in found.others[:_TERMS]:
        parts += [", ", Quote(term.text)]
    for one in found.spellings[:_TERMS]:
        if one.change and one.text != found.text:
            parts += ["; its spelling ", Quote(one.text), f" {one.change}"]
    said = f": {within:,} of {recent:,}, before {before:,} of {earlier:,}, as in "
    return Line((*parts, said, _title(evidence, key), "."), (key,))

"""The lines of a diary about what came in: what was not met before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chaffinch.experience.history import History, Periods
from chaffinch.explain.diary.begun import begun
from chaffinch.explain.diary.entries import Line, Quote
from chaffinch.explain.diary.evidence import Evidences
from chaffinch.explain.diary.lines import Told
from chaffinch.explain.table import TermTable
from chaffinch.task import Task
from chaffinch.types import Example

# Newest items that are read, a millisecond or two each; campaigns told of a period.
_ITEMS = 5_000
_CAMPAIGNS = 2


def arrival_lines(
    task: Task,
    history: History,
    periods: Periods,
    evidence: Evidences,
    progress: Callable[[int, int], None],
) -> Told:
    """Yield what changed in what came in: campaigns that began."""
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
    for number, (count, largest) in begun(table, numbers, most=_CAMPAIGNS).items():
        for one in largest:
            key = evidence.item(met[one.first].owner, met[one.first].item)
            parts = [f"New: {one.size:,} near-copies, {one.label}: ", evidence.title(key)]
            for place, term in enumerate(one.terms):
                parts += [", " if place else "; with ", Quote(term.text)]
            yield number, Line((*parts, "."), (key,))
        if count > len(largest):
            yield number, Line((f"New: {count - len(largest):,} more groups of near-copies.",))

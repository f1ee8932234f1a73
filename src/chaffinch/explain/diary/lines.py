"""The lines of a diary: what is told of each period, in the order in which it is told."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from chaffinch.experience.history import History, Periods
from chaffinch.experience.light import BULK_DOOR
from chaffinch.explain.diary.entries import Line, Quote
from chaffinch.explain.diary.evidence import Evidences
from chaffinch.explain.readable import counted, labelled, listed, quoted_label
from chaffinch.task import Task

Told = Iterator[tuple[int, Line]]

#: Items, and people or models, that a line names.
NAMED, PEOPLE = 3, 3
# Launches told of a period.
_LAUNCHES = 4
_ACTIONS = {
    "deliver": "delivered",
    "accept": "accepted",
    "unsure": "left unsure",
    "junk": "put into junk",
    "would-accept": "would have been accepted (log only)",
    "would-unsure": "would have been left unsure (log only)",
    "would-junk": "would have been put into junk (log only)",
}


def flag_lines(task: Task, history: History, periods: Periods, evidence: Evidences) -> Told:
    """Yield what was said of items: in bulk, one by one, otherwise than before, and taken back."""
    corrected = by_period(history.corrections(periods, NAMED))
    for number, rows in by_period(history.flags(periods)).items():
        # Who says the same again, after a roll back, has changed nothing.
        changed = [row for row in rows if row.before not in (None, row.label)]
        given = [row for row in rows if row.label and row not in changed]
        for head, chosen in (
            ("Learned in bulk", [row for row in given if row.bulk]),
            ("Flagged", [row for row in given if not row.bulk]),
        ):
            if chosen:
                labels = Counter[str]()
                for row in chosen:
                    labels[row.label] += row.flags
                known = sorted(labels, key=lambda one: (one not in task.labels, one))
                said = listed(labelled(labels[one], one) for one in known)
                parts = (f"{head}: {said}", *_people(chosen), ".")
                key = evidence.flags(min(r.first for r in chosen), max(r.last for r in chosen))
                yield number, Line(parts, (key,))
        for head, taken in (("Changed", False), ("Taken back", True)):
            chosen = [row for row in changed if (row.label is None) == taken]
            if chosen:
                named = [row for row in corrected[number] if (row.label is None) == taken]
                # To take back is what one person does to another's word.
                people = _people(chosen) if taken else ()
                yield number, _corrected(head, chosen, named, evidence, people)


def _people(rows: list[Any]) -> Iterator[str]:
    """Yield by whom, and through which door, in parts."""
    counts = Counter[tuple[str, str]]()
    for row in rows:
        counts[row.by, row.door] += row.flags
    ranked = counts.most_common()
    for place, ((by, door), count) in enumerate(ranked[:PEOPLE]):
        yield ", " if place else ", by "
        yield Quote(by) if by else "somebody"
        if door != BULK_DOOR:
            yield " through "
            yield Quote(door)
        if len(ranked) > 1:
            yield f" ({count:,})"
    if len(ranked) > PEOPLE:
        yield f" and {len(ranked) - PEOPLE:,} others"


def _corrected(
    head: str, rows: list[Any], named: list[Any], evidence: Evidences, people: Iterable[str]
) -> Line:
    counts = Counter[tuple[str, str | None]]()
    for row in rows:
        counts[row.before, row.label] += row.flags
    said = listed(
        labelled(count, before) + (f" to {quoted_label(after)}" if after else "")
        for (before, after), count in counts.most_common()
    )
    return naming((f"{head}: {said}", *people), named, counts.total(), evidence)


def naming(
    head: tuple[str, ...],
    rows: list[Any],
    total: int,
    evidence: Evidences,
    *,
    worst: bool = False,
) -> Line:
    """Return a line that names the items of some rows, out of so many.

    What has no words is named by its evidence alone.
    """
    keys = [evidence.item(row.owner, row.item) for row in rows]
    parts = list(head)
    titles = [title for key in keys if (title := evidence.title(key)) is not None]
    for place, title in enumerate(titles):
        parts += [", " if place else ": ", title]
    if titles and total > len(keys):
        parts.append(f" and {total - len(keys):,} more")
    # Its evidence follows: some of them.
    end = ", such as:" if keys and not titles and total > len(keys) else "."
    return Line((*parts, end), tuple(keys), worst)


def verdict_lines(history: History, periods: Periods, evidence: Evidences) -> Told:
    """Yield how much was judged, and what was done with it."""
    for number, rows in by_period(history.verdicts(periods)).items():
        actions, models = Counter[str](), Counter[str]()
        for row in rows:
            actions[row.action] += row.verdicts
            models[row.model] += row.verdicts
        said = ", ".join(
            f"{actions[action]:,} {words}" for action, words in _ACTIONS.items() if actions[action]
        )
        names = [model for model, _ in models.most_common(PEOPLE)]
        several = f", by {len(models)} models" if len(models) > 1 else ""
        parts = (f"Judged: {actions.total():,}{several}: {said}.",)
        yield number, Line(parts, tuple(evidence.model(name) for name in names))


def by_period(rows: Iterable[Any]) -> dict[int, list[Any]]:
    """Return rows by the number of their period."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.period].append(row)
    return found


def model_lines(task: Task, history: History, periods: Periods, evidence: Evidences) -> Told:
    """Yield what was launched and what was refused, and why."""
    titles = {rung.name: rung.title for rung in task.rungs}
    launched = by_period(history.launches(periods, _LAUNCHES))
    refused = by_period(history.refusals(periods))
    for number in sorted({*launched, *refused}):
        for row in launched[number]:
            parts = (f"{_launched(row, titles)}.{_measured(task, row)}",)
            yield number, Line(parts, (evidence.launch(row),))
        changes = [row for row in launched[number] if not row.same]
        if changes and changes[0].alike > len(changes):
            yield number, Line((f"And {changes[0].alike - len(changes):,} launches more.",))
        if refused[number]:
            said = "; ".join(_refused(row) for row in refused[number])
            keys = tuple(evidence.refusal(row) for row in refused[number])
            yield number, Line((f"Not launched: {said}.",), keys)


def _launched(row: Any, titles: dict[str, str]) -> str:
    title = titles.get(row.rung, row.rung)
    trained = f"trained from {counted(row.examples, 'flag')}"
    reason: str = row.reason
    why = reason.partition(": ")[2] or reason
    if row.rollback:
        return f"Rolled back to {title}, {trained}{_from(row, titles)}"
    if row.same:
        times = f" {row.alike:,} times, the last time" if row.alike > 1 else ""
        return f"Kept live: {title}{times} {trained}: {why}"
    before = f" in place of {titles.get(row.before, row.before)}" if row.before else ""
    return f"Launched: {title}{before}, {trained}: {why}"


def _from(row: Any, titles: dict[str, str]) -> str:
    return f", from {titles.get(row.before, row.before)}" if row.before else ""


def _measured(task: Task, row: Any) -> str:
    report = json.loads(row.report)
    said = []
    for name, words, factor in (
        ("accuracy", "accuracy", 100),
        ("ham_lost_percent", f"{task.labels[0]} judged {task.labels[-1]}", 1),
        ("spam_missed_percent", f"{task.labels[-1]} missed", 1),
        ("unsure_percent", "unsure", 1),
        ("accepted_error_percent", "wrong of accepted", 1),
    ):
        value, interval = report.get(name), report.get(f"{name}_interval")
        if value is not None and interval and None not in interval:
            low, high = interval
            said.append(f"{words} {factor * value:.1f}% [{factor * low:.1f}–{factor * high:.1f}]")
    if not said or row.rollback:
        return ""
    return f" P on {report['n']:,}, each judged before it was learned: {', '.join(said)}."


def _refused(row: Any) -> str:
    return f"{row.reason} ({row.alike:,} times)" if row.alike > 1 else f"{row.reason}"

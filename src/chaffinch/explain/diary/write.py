"""Write a diary: the periods there are, and what is told of each."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from typing import Any

from chaffinch.experience.history import History, Periods
from chaffinch.explain.diary.arrivals import arrival_lines
from chaffinch.explain.diary.entries import Diary, Entry, Line, day
from chaffinch.explain.diary.evidence import Evidences
from chaffinch.explain.diary.lines import (
    Told,
    flag_lines,
    model_lines,
    verdict_lines,
)
from chaffinch.explain.diary.outcomes import outcome_lines
from chaffinch.scheme import Binary
from chaffinch.task import Task

_DAY = 86400.0
_WEEK = 7 * _DAY
# Monday, 1970-01-05.
_MONDAY = 4 * _DAY
# Days that have an entry each; more are told by weeks. Entries of a diary, lines of an entry.
_MOST_DAYS = 31
_MOST_ENTRIES = 60
_MOST_LINES = 15


def write(
    task: Task,
    history: History,
    *,
    since: float | None = None,
    until: float | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Diary:
    """Return the diary of a task, by days, or by weeks where it covers more than 31 days.

    An entry says what was known by the end of its day or week, but that flags that were taken back
    since do not count against a verdict. However much happened, a diary has no more than 60
    entries of 15 lines, and reads no more than 5,000 items.

    Parameters
    ----------
    task : Task
        The task.
    history : History
        What happened.
    since, until : float, optional
        The first and the last day to speak of, as a time within each in seconds since 1970-01-01
        UTC; by default the last 31 days to today.
    progress : callable
        Is told how many items have been read, and how many there are to read.
    """
    last = day_start(time.time() if until is None else until)
    span = history.span()
    first = last - (_MOST_DAYS - 1) * _DAY if since is None else day_start(since)
    periods, left_out = _periods(first, last, span)
    evidence = Evidences(task, history)
    told: dict[int, list[Line]] = defaultdict(list)
    for number, line in chain(
        flag_lines(task, history, periods, evidence),
        verdict_lines(history, periods, evidence),
        outcome_lines(task, history, periods, evidence),
        model_lines(task, history, periods, evidence),
        _of_two(task, arrival_lines, history, periods, evidence, progress),
    ):
        told[number].append(line)
    entries = tuple(_entry(periods, number, told[number]) for number in sorted(told, reverse=True))
    keys = (key for entry in entries for line in entry.lines for key in line.evidence)
    return Diary(
        task.name,
        day(first),
        day(last),
        "day" if periods.step == _DAY else "week",
        entries,
        evidence.of(keys),
        left_out,
        day(span[1]) if span else "",
    )


def _of_two(task: Task, lines: Callable[..., Told], *given: Any) -> Told:
    """Return lines that set one of two labels against the other; none where there are more."""
    return lines(task, *given) if isinstance(task.scheme, Binary) else iter(())


def day_start(when: float) -> float:
    """Return when the day of a time begins, UTC."""
    return when // _DAY * _DAY


def _periods(first: float, last: float, span: tuple[float, float] | None) -> tuple[Periods, int]:
    """Return the periods to tell of, and how many older ones are left out."""
    # Years in which nothing happened need no weeks.
    begin, end = (
        (max(first, day_start(span[0])), min(last, day_start(span[1]))) if span else (first, last)
    )
    end += _DAY
    if end - begin <= _MOST_DAYS * _DAY:
        return Periods(begin, end, _DAY), 0
    begin = (begin - _MONDAY) // _WEEK * _WEEK + _MONDAY
    weeks = int(-(-(end - begin) // _WEEK))
    left_out = max(0, weeks - _MOST_ENTRIES)
    return Periods(begin + left_out * _WEEK, end, _WEEK), left_out


def _entry(periods: Periods, number: int, lines: list[Line]) -> Entry:
    start = periods.start(number)
    title = time.strftime("%A, %Y-%m-%d", time.gmtime(start))
    if periods.step > _DAY:
        title = f"{day(start)} to {day(min(start + _WEEK, periods.until) - _DAY)}"
    if len(lines) > _MOST_LINES:
        more = Line((f"And {len(lines) - _MOST_LINES + 1} more.",))
        lines = [*lines[: _MOST_LINES - 1], more]
    return Entry(title, day(start), tuple(lines))

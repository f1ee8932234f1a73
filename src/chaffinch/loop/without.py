"""Without: what the flags of some people are worth, to the flags of all others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from heapq import merge
from operator import attrgetter

import numpy as np

from chaffinch.errors import InputError
from chaffinch.experience.store import Experience
from chaffinch.loop.evaluate import report
from chaffinch.performance.answers import mean_interval
from chaffinch.performance.compare import paired_difference
from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import (
    Metric,
    ham_lost_percent,
    one_minus_roca_percent,
    spam_missed_percent,
)
from chaffinch.performance.progressive import Run, progressive
from chaffinch.task import Rung, Task
from chaffinch.types import Example, Interval, Report

_METRICS: dict[str, Metric] = {
    "ham_lost_percent": ham_lost_percent,
    "spam_missed_percent": spam_missed_percent,
    "one_minus_roca_percent": one_minus_roca_percent,
}


@dataclass(frozen=True, slots=True)
class Without:
    """Performance P on the flags of others, with and without those of some people.

    Parameters
    ----------
    flags : int
        How many flags those people have given, held ones included.
    learned, left_out : Report
        P where their flags were learned, and where they were not.
    differences : dict of str to Interval
        By measure, in percent: how much higher it is where they were learned, on the same items.
    """

    flags: int
    learned: Report
    left_out: Report
    differences: dict[str, Interval]


def without(
    task: Task, experience: Experience, names: Collection[str], rung: Rung, *, starter: bool = True
) -> Iterator[Without | None]:
    """Go over the experience twice at once: learn the flags of some people, and leave them out.

    Only what others flagged is judged, each item before it is learned: the flags of those people
    are learned, if at all, where they stand in the log. Those that are held count as if they stood.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Whose flags; nothing is stored.
    names : collection of str
        The flaggers to leave out.
    rung : Rung
        What judges and learns.
    starter : bool
        Whether to begin from the rung's starter model, where it has one.

    Yields
    ------
    Without or None
        None after each flag, and in the end what was measured.

    Raises
    ------
    InputError
        If nobody else has flagged anything.
    """
    review = experience.review
    standing, waiting = review.standing(task.name), review.held(task.name)
    theirs = {flag.seq for flag in (*standing, *waiting) if flag.by in names}
    if all(flag.seq in theirs for flag in standing):
        raise InputError(
            f"nobody but {' and '.join(names)} has flagged any {task.name}: there is nothing to "
            "judge without their flags"
        )
    ids = experience.log.item_ids(task.name)
    begun = [rung.begin(ids)[0] if starter else rung.start() for _ in range(2)]
    with_, less = Run(rung, begun[0]), Run(rung, begun[1])
    held = (flag for flag in waiting if flag.seq in theirs)
    late = (
        Example(experience.items.get(flag.item, owner=flag.owner), flag.label, seq=flag.seq)
        for flag in held
    )
    for example in merge(experience.examples(task.name), late, key=attrgetter("seq")):
        if example.seq in theirs:
            row = rung.features.row(task.reader(example.item.data), example.item.owner)
            with_.learn(row, task.target(example.label))
        else:
            for _ in progressive(task, [with_, less], [example]):
                pass
        yield None
    differences = _differences(task, with_, less)
    yield Without(len(theirs), _report(task, with_), _report(task, less), differences)


def _report(task: Task, run: Run) -> Report:
    return report(
        task,
        run.rung.name,
        run.truth,
        run.scores,
        run.guesses,
        cpu_seconds=run.cpu_seconds,
        protocol="immediate",
        data="experience",
    )


def _differences(task: Task, with_: Run, less: Run) -> dict[str, Interval]:
    first, second = (
        task.scheme.judged(run.truth, run.scores, run.guesses) for run in (with_, less)
    )
    if isinstance(first, Judgements) and isinstance(second, Judgements):
        return {name: paired_difference(first, second, one) for name, one in _METRICS.items()}
    more = np.asarray(first.wrong, float) - np.asarray(second.wrong, float)
    return {"error_percent": mean_interval(100.0 * more)}

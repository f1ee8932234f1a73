"""Ladder: what each rung makes of the same items, and what it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chaffinch.errors import InputError
from chaffinch.explain.readable import counted
from chaffinch.features.rows import Features, Pretrained, Row
from chaffinch.loop.evaluate import report
from chaffinch.loop.trial import Trial, climbed, deeper
from chaffinch.models.base import Learner, sigmoid
from chaffinch.performance.compare import difference_of
from chaffinch.performance.progressive import Run, progressive
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.performance.record import Record
from chaffinch.task import Rung, Task
from chaffinch.types import Example, Report

# By what share of the items a rung that is good enough may err more often than the best.
_NO_FURTHER = 0.05


@dataclass(frozen=True, slots=True)
class Step:
    """A rung that has learned some items and judged others.

    Parameters
    ----------
    rung : Rung
        Which.
    report : Report
        Performance P on the items judged.
    learned : int
        How many items it has learned, beside those that what it begins from has.
    wall_seconds, cpu_seconds : float
        What learning took, once the items were read and had their features.
    megabytes : float
        The size of what it judges by.
    record : Record
        What it said of each item judged.
    """

    rung: Rung
    report: Report
    learned: int
    wall_seconds: float
    cpu_seconds: float
    megabytes: float
    record: Record

    @property
    def milliseconds(self) -> float:
        """Processor time to read and judge an item."""
        return 1000.0 * self.report.cpu_seconds / self.report.n

    def as_json(self) -> dict[str, object]:
        """Return it JSON-ready, without its report."""
        return {
            "rung": self.rung.name,
            "title": self.rung.title,
            "worth": self.rung.worth,
            "learned": self.learned,
            "fit_wall_seconds": round(self.wall_seconds, 2),
            "fit_cpu_seconds": round(self.cpu_seconds, 2),
            "megabytes": round(self.megabytes, 3),
            "milliseconds": round(self.milliseconds, 3),
        }


def halves(
    task: Task, examples: Sequence[Example], data: str = ""
) -> tuple[Sequence[Example], Sequence[Example]]:
    """Return the earlier half of some items, and the later.

    Raises
    ------
    InputError
        If the later half has a label that the earlier lacks, or there is but one.
    """
    half = len(examples) // 2
    earlier, later = examples[:half], examples[half:]
    known = {example.label for example in earlier}
    new = sorted({example.label for example in later} - known)
    if new or len(known) < 2:
        lacks = f"no '{new[0]}'" if new else "fewer than two labels"
        raise InputError(
            f"the earlier half of {data or 'the items'} has {lacks}: to compare the rungs of "
            f"{task.name} takes items of all labels in either half, in order of arrival"
        )
    return earlier, later


def ladder(
    task: Task,
    learned: Sequence[Example],
    judged: Sequence[Example],
    *,
    data: str = "",
    rungs: Sequence[str] = (),
    progress: Callable[[], None] = lambda: None,
) -> Iterator[Step]:
    """Let each rung learn the same items and judge the same others; yield what came of it.

    What a rung begins from may have learned some of the items: it is not taught these again. Where
    it has learned those to be judged the rung is left out, for its verdicts would prove nothing.

    Parameters
    ----------
    task : Task
        The task.
    learned : sequence of Example
        What is learned, in order of arrival.
    judged : sequence of Example
        What is judged.
    data : str
        What to call them.
    rungs : sequence of str
        The names of the rungs; by default the ladder's.
    progress : callable
        Told of each item that was judged.
    """
    items = [example.item for example in judged]
    kept: dict[Features, _Rows] = {}
    for rung in [task.rung(name) for name in rungs] or task.ladder:
        if rung.knows(items):
            continue
        if rung.features not in kept:
            # Those of one rung at a time: what came of 60,000 pictures fills memory.
            kept = {rung.features: _rows(task, rung, learned)}
        yield _step(task, rung, kept[rung.features], judged, data, progress)


def good_enough(task: Task, steps: Sequence[Step]) -> str:
    """Return which rung is good enough by these items, what deeper ones buy, or why none is.

    It is the simplest that no deeper one beats beyond doubt at the task's costs, as the ladder
    would launch it, of those that the items show to be any good: what they would have had accepted
    is right as often as the costs demand, and they err in at most 5% more of the items than the
    rung that errs least, both with 95% confidence.

    Parameters
    ----------
    task : Task
        Whose costs count.
    steps : sequence of Step
        Rungs that judged the same items, simplest first; one at least.
    """
    best, trials = climbed(task, steps, since=-1)
    top = min(steps, key=lambda step: step.report.errors)
    may_be_wrong = sigmoid(-task.policy.junk)
    chosen = best
    while chosen < len(steps) and (
        _further(steps[chosen], top) > _NO_FURTHER
        or _accepted_wrong(task, steps[chosen]) > may_be_wrong
    ):
        chosen += 1
    if chosen == len(steps):
        return (
            f"By these {counted(top.report.n, 'item')} none can be called good enough: to show "
            f"that at most {may_be_wrong:.0%} is wrong of what a rung would accept, and that it "
            f"errs at most {_NO_FURTHER:.0%} more often than the best, takes more of them. "
            f"{top.rung.title[0].upper()}{top.rung.title[1:]} errs least, in "
            f"{top.report.errors:,}"
        )
    said = [steps[chosen].rung.title]
    if chosen > best:
        said.append(f"{steps[best].rung.title} may do far worse, as far as so few items tell")
    elif best:
        said = [f"{said[0]}, which {max(trials[best], key=_least_gain)}"]
    said.append(deeper(steps, chosen, trials))
    return f"Good enough by these items: {'; '.join(filter(None, said))}"


def _further(step: Step, top: Step) -> float:
    """Return in what share of the items a rung may err beyond the one that errs least."""
    if step is top:
        return 0.0
    ours, theirs = step.record.wrong, top.record.wrong
    worse, better = (
        clopper_pearson(int(only.sum()), ours.size) for only in (ours & ~theirs, theirs & ~ours)
    )
    return difference_of(worse, better).high


def _accepted_wrong(task: Task, step: Step) -> float:
    """Return what share may be wrong of the labels that a rung would have had accepted."""
    policy = step.record.calibrated(task)
    accepted = policy.slope * step.record.score + policy.offset >= policy.junk
    wrong = step.record.wrong[accepted]
    return clopper_pearson(int(wrong.sum()), wrong.size).high if wrong.size else 1.0


def _least_gain(trial: Trial) -> float:
    return -trial.gain.value if trial.gain else 0.0


class _Rows(NamedTuple):
    """Items as a learner sees them."""

    rows: list[Row]
    targets: list[bool | str]


def _rows(task: Task, rung: Rung, learned: Sequence[Example]) -> _Rows:
    fresh = [example for example in learned if not rung.has_seen(example.item)]
    return _Rows(
        [rung.features.row(task.reader(one.item.data), one.item.owner) for one in fresh],
        [task.target(one.label) for one in fresh],
    )


def _step(
    task: Task,
    rung: Rung,
    known: _Rows,
    judged: Sequence[Example],
    data: str,
    progress: Callable[[], None],
) -> Step:
    learner, _ = rung.begin()
    wall, cpu = time.monotonic(), time.process_time()
    if learner.tunes and known.rows:
        learner.tune(known.rows, known.targets)
    elif learner.fits and known.rows:
        learner.fit(known.rows, known.targets)
    elif learner.learns:
        for row, target in zip(known.rows, known.targets, strict=True):
            learner.learn(row, target)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    run = Run(rung, learner)
    for _ in progressive(task, [run], judged, delay=None):
        progress()
    about = report(
        task,
        rung.name,
        run.truth,
        run.scores,
        run.guesses,
        cpu_seconds=run.cpu_seconds,
        protocol="batch",
        data=data,
    )
    # All are judged after everything was learned: later ones are worth no more than earlier ones.
    places = list(range(len(run.truth)))
    unknown = [float("nan")] * len(places)
    record = Record.empty().followed_by(places, run.truth, run.scores, unknown, run.guesses)
    return Step(rung, about, len(known.rows), wall, cpu, _megabytes(rung, learner), record)


def _megabytes(rung: Rung, learner: Learner) -> float:
    """Return the size of what judges: its tensors, and the file of a net that makes its rows."""
    tensors = sum(learner.tensors[name].nbytes for name in learner.tensors_to_judge)
    is_net = isinstance(rung.features, Pretrained)
    net = rung.starter.stat().st_size if rung.starter and is_net else 0
    return (tensors + net) / 1e6

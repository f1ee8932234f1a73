"""Compare: rules as written, rules with fitted weights and what learned, on the same items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from chaffinch.datasets.campaign import STEPS, Campaign
from chaffinch.errors import InputError
from chaffinch.features.rules import RuleFeatures
from chaffinch.loop.evaluate import report
from chaffinch.models.base import Learner
from chaffinch.models.weighted import WeightedLearner
from chaffinch.performance.progressive import Run, progressive
from chaffinch.rules.fit import fit
from chaffinch.rules.hits import Watched
from chaffinch.task import Task
from chaffinch.types import Example, Report

#: Flags that are given of each step of a campaign.
FLAGS = 3
_CAMPAIGNS = 4
_ITEMS = 20
# Their seeds: no others are used where settings are chosen.
_FIRST_SEED = 1000
_WRITTEN = "rules as written"
_FITTED = "rules, weights fitted"


@dataclass(frozen=True, slots=True)
class Caught:
    """How much of one step of a campaign was judged the positive label.

    Parameters
    ----------
    step : str
        What the spammer writes by now.
    at_once : float
        Share caught before any flag of this step, in [0, 1].
    flagged : float
        Share caught of the others when three were flagged.
    """

    step: str
    at_once: float
    flagged: float


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to sort, and what it is worth.

    Parameters
    ----------
    name : str
        What it is.
    rules : int
        How many rules people wrote for it.
    weights : int
        How many weights it has learned that say something.
    report : Report
        Performance P on the later half of the items, after the earlier half was learned.
    campaign : tuple of Caught
        What became of a campaign that was rewritten step by step.
    """

    name: str
    rules: int
    weights: int
    report: Report
    campaign: tuple[Caught, ...]


def compare(
    task: Task,
    examples: Sequence[Example],
    *,
    data: str = "",
    judged: Callable[[], None] = lambda: None,
) -> list[Arm]:
    """Return what each way to sort makes of the same items.

    All learn the earlier half, or have their weights fitted to it, and judge the later half, of
    which they learn nothing. Then come four campaigns of spam (`chaffinch.datasets.campaign`),
    each rewritten in five steps: of every step 20 items are judged, three are flagged, and the
    others are judged again.

    Parameters
    ----------
    task : Task
        The task.
    examples : sequence of Example
        In order of arrival.
    data : str
        What to call them.
    judged : callable
        Told of each item that was read.

    Raises
    ------
    InputError
        If the earlier half lacks a label.
    """
    half = len(examples) // 2
    earlier, later = examples[:half], examples[half:]
    for label in task.labels:
        if not any(example.label == label for example in earlier):
            raise InputError(
                f"the earlier half of {data or 'the items'} has no {label}: to compare takes items "
                "of both labels, in order of arrival"
            )
    arms = _arms(task, earlier, judged)
    for _ in progressive(task, list(arms.values()), later, delay=None):
        judged()
    return [
        Arm(
            name,
            run.rung.features.n_features if isinstance(run.rung.features, RuleFeatures) else 0,
            0 if name == _WRITTEN else _weights(run),
            report(
                task,
                name,
                run.truth,
                run.scores,
                run.guesses,
                cpu_seconds=run.cpu_seconds,
                protocol="batch",
                data=data,
            ),
            _after_a_change(task, run),
        )
        for name, run in arms.items()
    ]


def _arms(task: Task, earlier: Sequence[Example], judged: Callable[[], None]) -> dict[str, Run]:
    """Return each way to sort, with what it has learned of the earlier half."""
    rules = next(rung for rung in task.ladder if isinstance(rung.features, RuleFeatures))
    watched = Watched(task, earlier)
    for _ in watched:
        judged()
    fitted = fit(watched.hits())
    learning = [rung for rung in task.ladder if rung.learner.learns]
    ids = [example.item.id for example in earlier]
    arms = {
        _WRITTEN: Run(rules, rules.start()),
        _FITTED: Run(
            rules, WeightedLearner.given(fitted.weights.tolist(), intercept=fitted.intercept)
        ),
    } | {rung.title: Run(rung, rung.begin(ids)[0]) for rung in learning}
    runs = [arms[rung.title] for rung in learning]
    for _ in progressive(task, runs, earlier):
        judged()
    for run in runs:
        run.forget_record()
    return arms


def _weights(run: Run) -> int:
    weights = run.learner.weights_of(np.arange(run.rung.features.n_features))
    # Most hashed features were never met, and weigh what nothing weighs.
    unmet = np.median(weights) if run.learner.learns else 0.0
    return int(np.count_nonzero(weights != unmet))


def _after_a_change(task: Task, run: Run) -> tuple[Caught, ...]:
    """Return what becomes of campaigns as they are rewritten, of which a few items are flagged."""
    shares = np.zeros((len(STEPS), 2))
    for seed in range(_FIRST_SEED, _FIRST_SEED + _CAMPAIGNS):
        campaign = Campaign(seed)
        # A copy: one campaign is not to teach about the next.
        learner = _copy(run.learner)
        for step in range(len(STEPS)):
            items = [campaign.item(task.name, step, number) for number in range(_ITEMS)]
            rows = [run.rung.features.row(task.reader(item.data)) for item in items]
            shares[step, 0] += np.mean([learner.score(row) > 0 for row in rows])
            for row in rows[:FLAGS]:
                learner.learn(row, True)
            shares[step, 1] += np.mean([learner.score(row) > 0 for row in rows[FLAGS:]])
    shares /= _CAMPAIGNS
    return tuple(
        Caught(step, float(at_once), float(flagged))
        for step, (at_once, flagged) in zip(STEPS, shares, strict=True)
    )


def _copy(learner: Learner) -> Learner:
    tensors = {name: tensor.copy() for name, tensor in learner.tensors.items()}
    return type(learner)(learner.params, tensors)

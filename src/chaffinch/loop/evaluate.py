"""Evaluate: performance P on examples that were not learned yet when they were judged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from chaffinch.errors import InputError, UsageError, did_you_mean
from chaffinch.performance.answers import Answers, extra_of
from chaffinch.performance.calibration import calibrate, calibration_curve
from chaffinch.performance.judged import Judgements
from chaffinch.performance.progressive import Run, progressive
from chaffinch.performance.report import build_report
from chaffinch.task import Task
from chaffinch.types import Example, Policy, Report

Protocol = Literal["immediate", "delayed", "batch", "frozen"]
# Fewer items than this calibrate nothing.
_FEWEST_CALIBRATED = 50
PROTOCOLS: tuple[str, ...] = get_args(Protocol)


def evaluate(
    task: Task,
    run: Run,
    examples: Iterable[Example],
    *,
    protocol: str = "immediate",
    delay: int = 100,
    train: Iterable[Example] | None = None,
    data: str = "",
    model: str = "",
    judged: Callable[[Example], None] = lambda _: None,
) -> Report:
    """Judge a stream of examples under a protocol and report performance P of a run.

    Parameters
    ----------
    task : Task
        The task.
    run : Run
        The rung to evaluate, with the model it begins with.
    examples : iterable of Example
        In order of arrival.
    protocol : {"immediate", "delayed", "batch", "frozen"}
        When a label is learned: as soon as its example was judged; when ``delay`` later ones were;
        before anything is judged, from ``train`` or else the first half; never.
    delay : int
        For ``"delayed"``.
    train : iterable of Example, optional
        Learned before anything is judged, under any protocol but ``"frozen"``.
    data, model : str
        What to call the stream and a stored model in reports.
    judged : callable
        Told of each example that was judged, as soon as it was.

    Returns
    -------
    Report

    Raises
    ------
    UsageError
        If there is no such protocol.
    InputError
        If nothing is left to judge.
    """
    if protocol not in PROTOCOLS:
        raise UsageError(
            f"'{protocol}' is no protocol{did_you_mean(protocol, list(PROTOCOLS))}: "
            f"use one of {', '.join(PROTOCOLS)}"
        )
    if protocol == "batch" and train is None:
        everything = list(examples)
        half = len(everything) // 2
        train, examples = everything[:half], everything[half:]
    for _ in progressive(task, [run], train or ()):
        pass
    run.settle()
    run.forget_record()
    waits = {"immediate": 0, "delayed": delay}.get(protocol)
    digest = hashlib.sha256()
    for example in progressive(task, [run], examples, delay=waits):
        digest.update(f"{example.item.id} {example.label}\n".encode())
        judged(example)
    if not run.truth:
        raise InputError(f"{data or 'the stream'} leaves nothing to judge: give more examples")
    return report(
        task,
        run.rung.name,
        run.truth,
        run.scores,
        run.guesses,
        policy=run.policy if protocol == "frozen" else None,
        cpu_seconds=run.cpu_seconds,
        protocol=protocol,
        data=data,
        data_hash=digest.hexdigest(),
        model=model,
    )


def report(
    task: Task,
    rung: str,
    truth: ArrayLike,
    scores: ArrayLike,
    guesses: ArrayLike | None = None,
    *,
    policy: Policy | None = None,
    cpu_seconds: float,
    protocol: str,
    data: str,
    data_hash: str = "",
    model: str = "",
) -> Report:
    """Return performance P of some verdicts on examples whose truth is known.

    Parameters
    ----------
    task : Task
        Whose labels and costs count.
    rung : str
        What judged.
    truth : array_like of bool or str, shape (n,)
        Whether each true label was the positive one; of many labels the true label.
    scores : array_like of float, shape (n,)
        Log-odds of the positive label, above 0 the verdict; of many labels of the one given.
    guesses : array_like of str, shape (n,), optional
        Of many labels the one given.
    policy : Policy, optional
        From where labels are accepted, of many; the scores are calibrated by it already. By
        default what these verdicts call for.
    cpu_seconds, protocol, data, data_hash, model
        As in `chaffinch.types.Report`.
    """
    as_said = None if policy is None else replace(policy, slope=1.0, offset=0.0)
    judged = task.scheme.judged(truth, scores, guesses, as_said)
    return build_report(
        judged.wrong,
        task.scheme.measure(judged),
        task=task.name,
        model=model,
        rung=rung,
        protocol=protocol,
        data=data,
        data_hash=data_hash,
        cpu_seconds=cpu_seconds,
        extra=_calibration(judged),
    )


def _calibration(judged: Judgements | Answers) -> dict[str, object]:
    """Return what was said beside what was, on the later half, calibrated on the earlier one."""
    half = len(judged) // 2
    if isinstance(judged, Judgements):
        told, extra = judged.truth, {}
    else:
        told, extra = ~judged.wrong, extra_of(judged)
    if half < _FEWEST_CALIBRATED:
        return extra
    line = calibrate(told[:half], judged.score[:half])
    curve = calibration_curve(told[half:], line.slope * judged.score[half:] + line.offset)
    return extra | {"calibration": [asdict(one) for one in curve]}


def baseline(
    task: Task, truth: ArrayLike, *, protocol: str = "immediate", data: str = "experience"
) -> Report:
    """Return performance P of calling everything by one label: the negative, or the most common."""
    label = task.scheme.most_common(truth)
    size, score = np.size(truth), -1.0
    return report(
        task,
        f"always {label}",
        truth,
        np.full(size, score),
        np.full(size, label),
        # Who always says the same is never unsure of it.
        policy=replace(task.policy, junk=score),
        cpu_seconds=0.0,
        protocol=protocol,
        data=data,
    )

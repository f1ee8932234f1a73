"""Evaluate: performance P on examples that were not learned yet when they were judged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from chaffinch.errors import InputError, UsageError, did_you_mean
from chaffinch.performance.calibration import calibrate, calibration_curve
from chaffinch.performance.judged import Judgements
from chaffinch.performance.measure import measure
from chaffinch.performance.progressive import Run, progressive
from chaffinch.performance.report import build_report
from chaffinch.task import Task
from chaffinch.types import Example, Report

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
    *,
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
    truth : array_like of bool, shape (n,)
        Whether each true label was the positive one.
    scores : array_like of float, shape (n,)
        Log-odds of the positive label; above 0 the verdict is the positive label.
    cpu_seconds, protocol, data, data_hash, model
        As in `chaffinch.types.Report`.
    """
    score = np.asarray(scores, np.float64)
    judged = Judgements(truth, score, score > 0)
    measured = measure(
        judged,
        cost_ham_lost=task.cost_false_positive,
        cost_spam_missed=task.cost_false_negative,
    )
    return build_report(
        judged.wrong,
        measured,
        task=task.name,
        model=model,
        rung=rung,
        protocol=protocol,
        data=data,
        data_hash=data_hash,
        cpu_seconds=cpu_seconds,
        extra=_calibration(judged),
    )


def _calibration(judged: Judgements) -> dict[str, object]:
    """Return what was said beside what was, on the later half, calibrated on the earlier one."""
    half = len(judged) // 2
    line = calibrate(judged.truth[:half], judged.score[:half])
    curve = calibration_curve(judged.truth[half:], line.slope * judged.score[half:] + line.offset)
    return {"calibration": [asdict(one) for one in curve]} if half >= _FEWEST_CALIBRATED else {}


def all_negative(
    task: Task, truth: ArrayLike, *, protocol: str = "immediate", data: str = "experience"
) -> Report:
    """Return performance P of calling everything the negative label."""
    return report(
        task,
        f"all {task.negative}",
        truth,
        np.full(np.size(truth), -1.0),
        cpu_seconds=0.0,
        protocol=protocol,
        data=data,
    )

"""Answers among many labels: the arrays that every measure starts from, and the measures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.performance.bootstrap import SEED, percentile_interval
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.types import Interval

if TYPE_CHECKING:
    from chaffinch.performance.judged import BoolArray, FloatArray

# Resamples of a bootstrap over items.
_RESAMPLES = 1_000
# The share of the items, the surest, on which errors are counted as well.
_COVERAGE = 0.99
# Pairs that are mistaken for each other in a report.
_PAIRS = 10
# The shares, the surest items each, on which a report counts errors: close where few are left.
_SHARES = np.array([*np.arange(0.1, 0.9, 0.1), *np.arange(0.9, 0.99, 0.01)])
_SHARES = np.append(_SHARES, [0.99, 0.995, 0.998, 0.999, 1.0])
_BINS = np.array([0.0, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 1.0])


@dataclass(frozen=True, eq=False)
class Answers:
    """Truth, answer and score of the items judged, in judged order.

    Parameters
    ----------
    truth, guess : ndarray of str, shape (n,)
        True labels, and the labels given.
    score : ndarray of float64, shape (n,)
        Log-odds of the label given.
    accepted : ndarray of bool, shape (n,)
        Whether the policy accepts the label, or is unsure.

    Examples
    --------
    >>> answers = Answers(
    ...     np.array(["7", "1"]), np.array(["7", "7"]), np.array([4.0, 1.0]), np.array([1, 0], bool)
    ... )
    >>> answers.wrong.tolist()
    [False, True]
    """

    truth: NDArray[np.str_]
    guess: NDArray[np.str_]
    score: FloatArray
    accepted: BoolArray

    def __post_init__(self) -> None:
        lengths = {self.truth.size, self.guess.size, self.score.size, self.accepted.size}
        if len(lengths) > 1:
            raise ValueError(f"truth, guess, score and accepted differ in length: {lengths}")
        if np.isnan(self.score).any():
            raise ValueError("a score is NaN: a verdict's score must be a number")

    def __len__(self) -> int:
        return self.truth.size

    @property
    def wrong(self) -> BoolArray:
        """Whether each label given differs from the truth, accepted or not."""
        return np.asarray(self.truth != self.guess)

    def costs(self, *, cost_error: float, cost_unsure: float) -> FloatArray:
        """Return what each answer costs at the policy."""
        return np.where(self.accepted, cost_error * self.wrong, cost_unsure)


def measure_answers(
    answers: Answers, *, cost_error: float, cost_unsure: float
) -> dict[str, Interval]:
    """Return every measure of docs/performance.md for a task of many labels, by name.

    Parameters
    ----------
    answers : Answers
        What was judged.
    cost_error, cost_unsure : float
        What a wrong answer costs that is accepted, and what it costs to give none.

    Examples
    --------
    >>> answers = Answers(
    ...     np.array(["1", "2"]), np.array(["1", "1"]), np.array([3.0, 1.0]), np.array([1, 0], bool)
    ... )
    >>> measured = measure_answers(answers, cost_error=1.0, cost_unsure=0.1)
    >>> measured["error_percent"].value, measured["cost_per_1000"].value
    (50.0, 50.0)
    """
    wrong = answers.wrong
    n, errors, accepted = wrong.size, int(wrong.sum()), int(answers.accepted.sum())
    sure = surest(answers, _COVERAGE)
    return {
        "accuracy": clopper_pearson(n - errors, n),
        "error_percent": _percent(errors, n),
        "unsure_percent": _percent(n - accepted, n),
        "accepted_error_percent": _percent(int(wrong[answers.accepted].sum()), accepted),
        "error_percent_at_coverage_99": _percent(int(wrong[sure].sum()), sure.size),
        "cost_per_1000": mean_interval(
            1000 * answers.costs(cost_error=cost_error, cost_unsure=cost_unsure)
        ),
        "calibration_error_percent": calibration_error(answers),
    }


def surest(answers: Answers, share: float) -> NDArray[np.int64]:
    """Return the places of this share of the items, those with the highest scores."""
    order = np.argsort(-answers.score, kind="stable")
    return order[: int(np.floor(share * order.size + 1e-9))]


def mean_interval(values: FloatArray) -> Interval:
    """Return the mean of some values with its 95% interval, by resampling items."""
    if not values.size:
        return Interval(float("nan"), float("nan"), float("nan"))
    return percentile_interval(float(values.mean()), resampled_means(values))


def resampled_means(values: FloatArray) -> FloatArray:
    """Return the means of bootstrap resamples of some values, shape (1000,).

    Of few distinct values, as costs are, only how often each is drawn matters.
    """
    random = np.random.default_rng(SEED)
    distinct, counts = np.unique(values, return_counts=True)
    draws = random.multinomial(values.size, counts / values.size, size=_RESAMPLES)
    return np.asarray(draws @ distinct / values.size)


def calibration_error(answers: Answers) -> Interval:
    """Return the mean distance, in percent, of what was said from what was right, over bins.

    Expected calibration error: M. P. Naeini et al., "Obtaining well calibrated probabilities using
    Bayesian binning", AAAI 2015; bins are narrow near 1, where answers lie.
    """
    if not len(answers):
        return Interval(float("nan"), float("nan"), float("nan"))
    said = np.exp(-np.logaddexp(0.0, -answers.score))
    place = np.clip(np.searchsorted(_BINS, said, side="right") - 1, 0, _BINS.size - 2)
    gaps = np.bincount(place, said - ~answers.wrong, minlength=_BINS.size - 1)
    value = 100 * float(np.abs(gaps).sum()) / len(answers)
    random = np.random.default_rng(SEED)
    draws = []
    for _ in range(200):
        rows = random.integers(0, len(answers), len(answers))
        gaps = np.bincount(place[rows], (said - ~answers.wrong)[rows], minlength=_BINS.size - 1)
        draws.append(100 * float(np.abs(gaps).sum()) / len(answers))
    return percentile_interval(value, np.array(draws))


def extra_of(answers: Answers) -> dict[str, object]:
    """Return what a report says beside its measures, JSON-ready.

    Returns
    -------
    dict
        ``labels``: items and errors of each label. ``confused``: the pairs (true label, label
        given) most often mistaken, with how often. ``coverage``: as `coverage` returns it.
    """
    wrong = answers.wrong
    names, place = np.unique(answers.truth, return_inverse=True)
    items, errors = np.bincount(place), np.bincount(place, wrong)
    pairs, counts = np.unique(
        np.stack((answers.truth[wrong], answers.guess[wrong])), axis=1, return_counts=True
    )
    first = np.argsort(-counts, kind="stable")[:_PAIRS]
    return {
        "labels": {
            str(name): {"items": int(n), "errors": int(bad)}
            for name, n, bad in zip(names, items, errors, strict=True)
        },
        "confused": [[str(pairs[0, one]), str(pairs[1, one]), int(counts[one])] for one in first],
        "coverage": coverage(answers),
    }


def coverage(answers: Answers) -> list[dict[str, object]]:
    """Return how many errors remain where only the surest items are answered.

    R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective classification", JMLR 11,
    2010: the risk–coverage curve.

    Returns
    -------
    list of dict
        From few items to all: ``answered_percent``, ``answered`` (items), ``errors`` among them,
        and ``error_percent`` with its 95% interval, as `chaffinch.types.Interval` has it.

    Examples
    --------
    >>> said = Answers(
    ...     np.array(["1", "2"]), np.array(["1", "1"]), np.array([3.0, 1.0]), np.array([1, 0], bool)
    ... )
    >>> [(one["answered"], one["errors"]) for one in coverage(said)]
    [(1, 0), (2, 1)]
    """
    so_far = np.cumsum(answers.wrong[np.argsort(-answers.score, kind="stable")])
    n = so_far.size
    ends = np.unique(np.floor(_SHARES * n + 1e-9).astype(np.int64))
    points: list[dict[str, object]] = []
    for end in ends[ends > 0].tolist():
        errors = int(so_far[end - 1])
        points.append(
            {
                "answered_percent": 100 * end / n,
                "answered": end,
                "errors": errors,
                "error_percent": asdict(_percent(errors, end)),
            }
        )
    return points


def _percent(part: int, whole: int) -> Interval:
    share: Any = clopper_pearson(part, whole)
    return Interval(100 * share.value, 100 * share.low, 100 * share.high)

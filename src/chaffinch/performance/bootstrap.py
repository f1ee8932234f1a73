"""Intervals by resampling: what a measure would have been, had other such items come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chaffinch.performance.metrics import Metric, Sample, value
from chaffinch.types import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaffinch.performance.judged import FloatArray, Judgements

REPLICATES = 1000
SEED = 20051115
# Replicates are drawn a few at a time, so that 100,000 items take no more memory than 1,000.
COUNTS_AT_ONCE = 2_000_000


def samples(
    positives: int,
    negatives: int,
    *,
    replicates: int = REPLICATES,
    seed: int = SEED,
    counts_at_once: int = COUNTS_AT_ONCE,
) -> Iterator[Sample]:
    """Draw items with replacement, each class by itself so that its size stays as it is.

    Parameters
    ----------
    positives, negatives : int
        How many items of each class there are.
    replicates : int
        How many times to draw.
    seed : int
        Equal seeds draw equal items.
    counts_at_once : int
        Upper bound of the numbers in one sample; what is drawn does not depend on it.

    Yields
    ------
    Sample
        Some of the replicates; together, all of them.
    """
    of_positives, of_negatives = np.random.default_rng(seed).spawn(2)
    step = max(1, counts_at_once // max(1, positives + negatives))
    for start in range(0, replicates, step):
        rows = min(step, replicates - start)
        yield Sample(_draw(of_positives, rows, positives), _draw(of_negatives, rows, negatives))


def _draw(random: np.random.Generator, rows: int, size: int) -> FloatArray:
    if size == 0:
        return np.zeros((rows, 0))
    drawn = random.integers(size, size=(rows, size))
    drawn += np.arange(rows)[:, np.newaxis] * size
    counts = np.bincount(drawn.ravel(), minlength=rows * size)
    return counts.reshape(rows, size).astype(np.float64)


def bootstrap(judged: Judgements, metrics: Mapping[str, Metric]) -> dict[str, Interval]:
    """Return each metric with its 95% percentile interval.

    Parameters
    ----------
    judged : Judgements
        What was judged.
    metrics : mapping of str to Metric
        What to measure, by name.

    Returns
    -------
    dict of str to Interval
        By the same names; NaN where a metric is undefined.

    References
    ----------
    B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    sizes = judged.positives.score.size, judged.negatives.score.size
    rows = [[metric(judged, sample) for metric in metrics.values()] for sample in samples(*sizes)]
    columns = (np.concatenate(column) for column in zip(*rows, strict=True))
    return {
        name: percentile_interval(value(metric, judged), column)
        for (name, metric), column in zip(metrics.items(), columns, strict=True)
    }


def percentile_interval(middle: float, draws: FloatArray) -> Interval:
    """Return a value with the middle 95% of what was drawn, stretched to hold the value itself."""
    if np.isnan(middle):
        return Interval(middle, middle, middle)
    low, high = np.quantile(draws, (0.025, 0.975))
    return Interval(middle, min(float(low), middle), max(float(high), middle))

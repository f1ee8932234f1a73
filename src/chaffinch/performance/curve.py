"""The learning curve: P against E, over orders of magnitude of experience."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chaffinch.performance.proportions import clopper_pearson
from chaffinch.types import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaffinch.performance.judged import BoolArray


FIRST_WINDOW = 10


def learning_curve(wrong: BoolArray, *, points: int = 12) -> tuple[tuple[int, float], ...]:
    """Return the error rate in windows that grow with experience.

    The first window holds ten items, for fewer would be wrong by 0% or 100%; each window after it
    ends a fixed ratio later than the one before, twice as late at least: so each holds as many
    items as all before it together, and chance moves it the less.

    Parameters
    ----------
    wrong : ndarray of bool, shape (n,)
        Whether each verdict was wrong, in judged order.
    points : int
        At most how many windows; at least 1.

    Returns
    -------
    tuple of (int, float)
        Items judged up to the window's end, and errors within the window in percent. The windows
        neither overlap nor leave out an item; there are none where there are no items.

    Examples
    --------
    >>> learning_curve(np.array([True, False] * 10 + [False] * 20), points=3)
    ((10, 50.0), (20, 50.0), (40, 0.0))
    """
    if wrong.size == 0:
        return ()
    first = min(FIRST_WINDOW, wrong.size)
    points = min(points, 1 + int(np.log2(wrong.size / first)))
    steps = np.linspace(1, 0, points)[::-1]  # ends in 1, even where there is one point only
    ends = np.unique(np.rint(first * (wrong.size / first) ** steps).astype(np.intp))
    starts = np.concatenate(([0], ends[:-1]))
    errors = np.add.reduceat(wrong.astype(np.int64), starts)
    percent = 100 * errors / (ends - starts)
    return tuple(zip(ends.tolist(), percent.tolist(), strict=True))


def windows(curve: Sequence[tuple[int, float]]) -> list[tuple[int, int, Interval]]:
    """Return what lies behind the points of a learning curve.

    Parameters
    ----------
    curve : sequence of (int, float)
        As `learning_curve` returns it.

    Returns
    -------
    list of (int, int, Interval)
        Of each window its end, how many items it holds, and its errors in percent with their 95%
        interval (Clopper and Pearson).

    Examples
    --------
    >>> [(end, size, str(errors)) for end, size, errors in windows(((10, 50.0), (20, 0.0)))]
    [(10, 10, '50 [18.7–81.3]'), (20, 10, '0 [0–30.8]')]
    """
    found, begun = [], 0
    for end, percent in curve:
        size = end - begun
        share = clopper_pearson(round(percent * size / 100), size)
        errors = Interval(*(100 * one for one in (share.value, share.low, share.high)))
        found.append((end, size, errors))
        begun = end
    return found

"""The learning curve: P against E, over orders of magnitude of experience."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from chaffinch.performance.judged import BoolArray


FIRST_WINDOW = 10


def learning_curve(wrong: BoolArray, *, points: int = 12) -> tuple[tuple[int, float], ...]:
    """Return the error rate in windows that grow with experience.

    The first window holds ten items, for fewer would be wrong by 0% or 100%; each window after it
    ends a fixed ratio later than the one before, so the last holds a good part of all items.

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
    steps = np.linspace(1, 0, points)[::-1]  # ends in 1, even where there is one point only
    ends = np.unique(np.rint(first * (wrong.size / first) ** steps).astype(np.intp))
    starts = np.concatenate(([0], ends[:-1]))
    errors = np.add.reduceat(wrong.astype(np.int64), starts)
    percent = 100 * errors / (ends - starts)
    return tuple(zip(ends.tolist(), percent.tolist(), strict=True))

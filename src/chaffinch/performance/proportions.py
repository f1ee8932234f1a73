"""Intervals of error rates that stay honest where no error at all was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chaffinch.types import Interval

if TYPE_CHECKING:
    from chaffinch.performance.judged import FloatArray


def clopper_pearson(count: int, total: int) -> Interval:
    """Return the share `count` / `total` with its exact 95% interval.

    Parameters
    ----------
    count : int
        How many of the items have the property, from 0 to `total`.
    total : int
        How many items there are.

    Returns
    -------
    Interval
        Fractions; all NaN where there are no items.

    References
    ----------
    C. Clopper and E. Pearson, "The use of confidence or fiducial limits illustrated in the case of
    the binomial", Biometrika 26, 1934.

    Examples
    --------
    >>> interval = clopper_pearson(0, 100)
    >>> interval.value, interval.low, round(interval.high, 4)
    (0.0, 0.0, 0.0362)
    """
    if total == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    from scipy.special import betaincinv

    low = betaincinv(count, total - count + 1, 0.025) if count else 0.0
    high = betaincinv(count + 1, total - count, 0.975) if count < total else 1.0
    return Interval(count / total, float(low), float(high))


def jeffreys_draws(
    random: np.random.Generator, count: int, total: int, size: int = 10_000
) -> FloatArray:
    """Draw error rates that could have led to `count` errors among `total` items.

    The rates follow Jeffreys' posterior, Beta(k + ½, n - k + ½), whose mean (k + ½) / (n + 1) is
    the smoothing of the TREC Spam Track. Resampling a class without errors gives no error ever;
    these draws do.

    Parameters
    ----------
    random : numpy.random.Generator
        Where chance comes from.
    count : int
        How many errors were made.
    total : int
        Among how many items.
    size : int
        How many rates to draw.

    Returns
    -------
    ndarray of float64, shape (size,)
        Fractions, above 0 and below 1.

    References
    ----------
    L. Brown, T. Cai and A. DasGupta, "Interval estimation for a binomial proportion", Statistical
    Science 16, 2001, section 4.1.
    """
    draws = random.beta(count + 0.5, total - count + 0.5, size)
    # Beta draws can round to 0 and 1, whose log-odds are infinite.
    return np.clip(draws, 1e-12, 1 - 1e-12)

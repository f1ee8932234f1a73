"""How far to believe a flag that contradicts a verdict: less, the more of them prove wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# A verdict is sure from this probability on. On mail and SMS whose flags are true fewer than 1% of
# the sure verdicts are contradicted; of 5% of wrong flags nearly all contradict one.
_SURE = 0.9
_MEMORY = 1000.0  # sure verdicts of a label, after which one counts for 1/e of the newest
_FEWEST = 2.0  # contradictions of either label, before which they may be chance
_NEGLIGIBLE = 0.02  # share of contradictions up to which every flag is believed
_PRIOR = 50.0  # sure verdicts that nobody contradicted, as if they had come first
_MOST = 0.2  # share of contradictions: with more of them it is the verdicts that are doubtful
_LEAST = 0.3  # of belief, so that what is said again and again is learned in the end


def blank_tally() -> NDArray[np.float64]:
    """Return the tally of nothing: sure verdicts of either label, and those contradicted."""
    return np.zeros((2, 2), np.float64)


def note(tally: NDArray[np.float64], lacking: float, positive: bool) -> None:
    """Count a flag, in place, where the verdict it met was sure.

    Parameters
    ----------
    tally : ndarray of float64, shape (2, 2)
        Of the negative and of the positive label: how many sure verdicts, and how many of them were
        contradicted; older ones count less.
    lacking : float
        What the verdict lacked to the probability of the flag's label, signed or not.
    positive : bool
        Whether the flag says the positive label.

    Examples
    --------
    >>> tally = blank_tally()
    >>> note(tally, 0.05, positive=True)
    >>> note(tally, 0.5, positive=True)
    >>> note(tally, 0.95, positive=True)
    >>> tally.tolist()
    [[1.0, 1.0], [1.0, 0.0]]
    """
    contradicted = abs(lacking) > _SURE
    if contradicted or abs(lacking) < 1.0 - _SURE:
        verdict = tally[int(positive ^ contradicted)]
        verdict *= 1.0 - 1.0 / _MEMORY
        verdict += (1.0, float(contradicted))


def share_wrong(tally: NDArray[np.float64]) -> float:
    """Return the share of flags that seem wrong at random; 0 where it is negligible.

    Flags that are wrong at random contradict verdicts of both labels. What is new, as a campaign or
    another taste, contradicts those of one: so the label counts of which fewer are contradicted.

    Examples
    --------
    >>> share_wrong(np.array([[450.0, 30.0], [250.0, 15.0]]))
    0.05
    >>> share_wrong(np.array([[450.0, 30.0], [250.0, 0.0]]))
    0.0
    """
    if tally[:, 1].min() < _FEWEST:
        return 0.0
    share = float((tally[:, 1] / (tally[:, 0] + _PRIOR)).min())
    return min(share, _MOST) if share > _NEGLIGIBLE else 0.0


def belief(tally: NDArray[np.float64], lacking: float, doubt: float) -> float:
    """Return how likely a flag is right, by how likely its label was and how many are wrong.

    With a ``doubt`` of 1 it is Bayes' rule, as in the forward correction of Patrini et al. ("Making
    deep neural networks robust to label noise", CVPR 2017).

    Parameters
    ----------
    tally : ndarray of float64, shape (2, 2)
        As `note` keeps it.
    lacking : float
        What the verdict lacked to the probability of the flag's label, signed or not.
    doubt : float
        The odds that a flag is wrong are multiplied by this.

    Examples
    --------
    >>> tally = np.array([[450.0, 30.0], [250.0, 15.0]])
    >>> [round(belief(tally, lacking, doubt=1.0), 3) for lacking in (0.01, 0.5, 0.99, 1.0)]
    [0.999, 0.95, 0.3, 0.3]
    >>> belief(blank_tally(), 1.0, doubt=1.0)
    1.0
    """
    wrong = share_wrong(tally)
    if not wrong or not doubt:
        return 1.0
    likely = 1.0 - abs(lacking)
    odds = doubt * wrong / (1.0 - wrong)
    return max(_LEAST, likely / (likely + odds * (1.0 - likely)))

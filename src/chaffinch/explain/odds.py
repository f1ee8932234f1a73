"""How sure a model is of some labels of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chaffinch.features.dense import DenseFeatures
    from chaffinch.task import Judge


def odds(
    judge: Judge, features: DenseFeatures, values: NDArray[np.float32], labels: Sequence[str]
) -> NDArray[np.float64]:
    """Return the calibrated log-odds of each of some labels against all others.

    Parameters
    ----------
    judge : Judge
        What judged.
    features : DenseFeatures
        Of its rung.
    values : ndarray of float32, shape (n_features,)
        What is judged.
    labels : sequence of str
        The labels.

    Returns
    -------
    ndarray of float64, shape (labels,)
    """
    scores = judge.learner.scores(features.dense(values))
    found = []
    for place in map(judge.learner.labels.index, labels):
        rest = np.logaddexp.reduce(np.delete(scores, place))
        found.append(judge.policy.calibrated(float(scores[place] - rest)))
    return np.array(found)

"""How sure a model is of one label of many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chaffinch.features.dense import DenseFeatures
    from chaffinch.task import Judge


def odds(judge: Judge, features: DenseFeatures, values: NDArray[np.float32], label: str) -> float:
    """Return the calibrated log-odds of a label against all others.

    Parameters
    ----------
    judge : Judge
        What judged.
    features : DenseFeatures
        Of its rung.
    values : ndarray of float32, shape (n_features,)
        What is judged.
    label : str
        The label.
    """
    scores = judge.learner.scores(features.dense(values))
    place = judge.learner.labels.index(label)
    rest = np.logaddexp.reduce(np.delete(scores, place))
    return judge.policy.calibrated(float(scores[place] - rest))

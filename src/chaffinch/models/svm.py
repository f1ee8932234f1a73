"""A support vector machine on principal components."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.fitted import FittedLearner
from chaffinch.models.multiclass import softmax

# Chosen on the last 10,000 training images of MNIST: there the kernel's width comes to 0.03.
_COMPONENTS, _C, _NARROW = 50, 10.0, 1.6
# At most so many examples, of which a fifth is judged, tell how much a margin says.
_TRIED = 10_000
_STEEPNESS = np.geomspace(0.25, 16.0, 25)


class SVMLearner(FittedLearner):
    """Support vector machines with a kernel of radial functions, one for each two labels.

    C. Cortes and V. Vapnik, 1995; on principal components, which keep the strokes and lose the
    noise. Probabilities come from the margins: a label is as probable as the product of its odds
    against each other, and how steep these are in the margin is measured on examples that were set
    aside (after J. Platt, 1999).
    """

    fitted_tensors: ClassVar[tuple[str, ...]] = (
        *("mean", "components", "support", "weights", "gamma"),
        *("intercepts", "starts", "known", "steepness"),
    )

    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the components, and of each support vector what it says of its label's rivals."""
        del labels
        tensors = _machine(X, codes)
        return {**tensors, "steepness": np.array([_steepness(X[-_TRIED:], codes[-_TRIED:])])}

    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return what the margins make probable."""
        logs = _log_odds(_margins(self.tensors, values), float(self.tensors["steepness"][0]))
        shares = np.zeros(labels)
        shares[self.tensors["known"]] = softmax(logs)
        return shares


def _machine(X: NDArray[np.float32], codes: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    from sklearn.decomposition import PCA
    from sklearn.svm import SVC

    pca = PCA(min(_COMPONENTS, *X.shape), svd_solver="full").fit(X)
    # By how far examples lie apart, whatever they are; rounded, as a few more change nothing.
    gamma = float(f"{_NARROW / max(float(X.var(axis=0).sum()), 1e-6):.1g}")
    machine = SVC(C=_C, gamma=gamma, cache_size=500).fit(pca.transform(X), codes)
    support, count = machine.support_vectors_, len(machine.classes_)
    intercepts = np.zeros((count, count))
    intercepts[np.triu_indices(count, 1)] = machine.intercept_
    # Of two labels scikit-learn turns the sign round.
    sign = -1.0 if count == 2 else 1.0
    half = 0.5 * (support * support).sum(axis=1, keepdims=True)
    tensors = {
        "mean": pca.mean_,
        "components": pca.components_.T,
        # The last column makes a product with a row half the square of the distance, but for what
        # is the same in all.
        "support": np.hstack((support, -half)),
        "weights": sign * machine.dual_coef_,
        "intercepts": sign * (intercepts - intercepts.T),
        "gamma": np.array([gamma]),
    }
    return {name: np.ascontiguousarray(one, np.float32) for name, one in tensors.items()} | {
        "starts": np.cumsum([0, *machine.n_support_[:-1]]).astype(np.int64),
        "known": machine.classes_.astype(np.uint16),
    }


def _margins(tensors: dict[str, NDArray[Any]], values: NDArray[Any]) -> NDArray[np.float64]:
    """Return by how much each label is ahead of each other, shape (known, known)."""
    row = (values.astype(np.float32) - tensors["mean"]) @ tensors["components"]
    row = np.append(row, np.float32(1.0))
    same = 0.5 * (row[:-1] @ row[:-1])
    support, weights, starts = tensors["support"], tensors["weights"], tensors["starts"].tolist()
    narrow = 2.0 * float(tensors["gamma"][0])
    # Of each label's vectors, what they say against each rival: shape (rivals, known). All labels'
    # at once would be so large a product that threads share it, and wait for each other.
    said = np.empty((len(weights), len(starts)))
    for column, (start, end) in enumerate(pairwise([*starts, len(support)])):
        near = np.exp(narrow * (support[start:end] @ row - same))
        said[:, column] = weights[:, start:end] @ near
    count = said.shape[1]
    above = np.triu_indices(count, 1)
    ahead = np.zeros((count, count))
    ahead[above] = (said[above[1] - 1, above[0]] + said[above]) + tensors["intercepts"][above]
    return ahead - ahead.T


def _log_odds(margins: NDArray[np.float64], steepness: float) -> NDArray[np.float64]:
    """Return the logarithm of each label's odds against all others, multiplied."""
    logs: NDArray[np.float64] = -np.logaddexp(0.0, -steepness * margins).sum(axis=-1)
    return logs


def _steepness(X: NDArray[np.float32], codes: NDArray[np.int64]) -> float:
    """Return the steepness that makes labels set aside most probable; 1 where there are none."""
    learned = len(X) - len(X) // 5
    known = np.unique(codes[:learned])
    asked = learned + np.flatnonzero(np.isin(codes[learned:], known))
    if len(known) < 2 or not asked.size:
        return 1.0
    machine = _machine(X[:learned], codes[:learned])
    margins = np.array([_margins(machine, X[place]) for place in asked])
    true = np.searchsorted(known, codes[asked])

    def loss(steepness: float) -> float:
        logs = _log_odds(margins, steepness)
        logs -= np.logaddexp.reduce(logs, axis=1, keepdims=True)
        right = logs[np.arange(true.size), true].sum()
        # Platt's targets: of so few that are all right, the next may still be wrong.
        wrong = (logs.sum() - right) / (len(known) - 1)
        return -float(right * (true.size + 1) + wrong) / (true.size + 2)

    return float(min(_STEEPNESS, key=loss))

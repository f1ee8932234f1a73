"""Forests of decision trees that vote."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.fitted import FittedLearner
from chaffinch.models.trees import TREES, leaves, levels, planted, tree

_TREES = 200


class ForestLearner(FittedLearner):
    """A random forest (L. Breiman, 2001).

    Each tree grows, until all examples in a leaf are of one label, on a sample of the examples,
    and asks at each node the best question of a few features drawn anew. Each has one vote.
    """

    fitted_tensors: ClassVar[tuple[str, ...]] = TREES

    def estimator(self) -> Any:
        """Return what is fitted: a forest of scikit-learn."""
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(_TREES, random_state=0)

    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the trees, with the label of each leaf where other nodes have their feature."""
        del labels
        forest = self.estimator().fit(levels(X).astype(np.float32), codes)
        known = forest.classes_
        grown = []
        for fitted in (one.tree_ for one in forest.estimators_):
            leaf = fitted.children_left < 0
            label = known[fitted.value[:, 0].argmax(axis=1)]
            feature = np.where(leaf, label, fitted.feature)
            grown.append(tree(feature, fitted.threshold, fitted.children_right, leaf))
        return planted(grown)

    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return each label's share of the votes."""
        votes = self.tensors["feature"][leaves(self.tensors, values)]
        shares: NDArray[np.float64] = np.bincount(votes, minlength=labels) / votes.size
        return shares


class ExtraTreesLearner(ForestLearner):
    """Extremely randomised trees (P. Geurts, D. Ernst and L. Wehenkel, 2006).

    As a random forest, but each tree grows on all examples, and thresholds are drawn.
    """

    def estimator(self) -> Any:
        """Return what is fitted: a forest of scikit-learn."""
        from sklearn.ensemble import ExtraTreesClassifier

        return ExtraTreesClassifier(_TREES, random_state=0)

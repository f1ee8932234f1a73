"""Boosted trees: each corrects what those before it got wrong."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.fitted import FittedLearner
from chaffinch.models.multiclass import softmax
from chaffinch.models.trees import TREES, leaves, levels, planted, tree

# Chosen on the last 10,000 training images of MNIST, as the least work that comes near the best.
_RATE, _LEAVES, _LEAST, _BINS, _COLUMNS = 0.2, 15, 20, 16, 300
# Draws leaves to 0: without it a leaf of examples that are nearly certain answers a single contrary
# one with thousands of log-odds.
_SHRINKAGE = 1.0
# The more examples, the more rounds are worth their time: so many, one for each so many examples
# more, and so many at most.
_ROUNDS, _EXAMPLES_A_ROUND, _MOST_ROUNDS = 30, 200, 200


class BoostingLearner(FittedLearner):
    """Gradient boosting of trees on histograms (J. Friedman, 2001; G. Ke and others, 2017).

    In each round one small tree a label is fitted to what is left of its error, and adds to the
    label's log-odds.
    """

    fitted_tensors: ClassVar[tuple[str, ...]] = (*TREES, "value", "column", "base")

    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the trees, what each leaf adds, the label of each tree, and where all begin."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        seen = levels(X)
        # Most edges of a picture are never inked.
        shown = np.sort(np.argsort(-seen.var(axis=0), kind="stable")[:_COLUMNS])
        fitted = HistGradientBoostingClassifier(
            max_iter=min(_MOST_ROUNDS, _ROUNDS + len(X) // _EXAMPLES_A_ROUND),
            learning_rate=_RATE,
            max_leaf_nodes=_LEAVES,
            min_samples_leaf=min(_LEAST, max(1, len(X) // 20)),
            max_bins=_BINS,
            l2_regularization=_SHRINKAGE,
            early_stopping=False,
            random_state=0,
        ).fit(seen[:, shown], codes)
        # scikit-learn has no public way to its trees; a test holds this to `predict_proba`.
        rounds = fitted._predictors  # noqa: SLF001
        # Of two labels there is one tree a round, for the second.
        column = fitted.classes_ if len(fitted.classes_) > 2 else fitted.classes_[1:]
        base = np.full(labels, -np.inf, np.float32)
        base[fitted.classes_] = 0.0
        base[column] = np.ravel(fitted._baseline_prediction)  # noqa: SLF001
        nodes = [_depth_first(one.nodes) for together in rounds for one in together]
        return {
            **planted([tree(shown[one[0]], *one[1:4]) for one in nodes]),
            "value": np.concatenate([one[4] for one in nodes]).astype(np.float32),
            "column": np.tile(column, len(rounds)).astype(np.uint16),
            "base": base,
        }

    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return the softmax of what the trees add up to."""
        added = self.tensors["value"][leaves(self.tensors, values)]
        sums = np.bincount(self.tensors["column"], added, minlength=labels)
        base = np.full(labels, -np.inf)
        base[: self.tensors["base"].size] = self.tensors["base"]
        return softmax(sums + base)


def _depth_first(nodes: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Return feature, threshold, right child, whether a leaf, and value: left children next."""
    order: list[int] = []
    waiting = [0]
    left, right, leaf = (nodes[name].tolist() for name in ("left", "right", "is_leaf"))
    while waiting:
        place = waiting.pop()
        order.append(place)
        if not leaf[place]:
            waiting += (right[place], left[place])
    at = np.empty(len(order), np.int64)
    at[order] = np.arange(len(order))
    nodes = nodes[order]
    return (
        nodes["feature_idx"],
        nodes["num_threshold"],
        at[nodes["right"].astype(np.int64)],
        nodes["is_leaf"].astype(np.bool_),
        nodes["value"],
    )

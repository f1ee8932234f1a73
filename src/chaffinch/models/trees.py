"""Many decision trees in flat arrays, all descended at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: The tensors that hold trees: where each begins, then what stands at each node.
TREES = ("roots", "feature", "threshold", "jump")


def levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return features from 0 to 1 in 256 steps: with so few, a threshold takes a byte.

    Examples
    --------
    >>> levels(np.array([0.0, 0.5, 1.0, 1.3])).tolist()
    [0, 128, 255, 255]
    """
    steps: NDArray[np.uint8] = np.rint(255.0 * np.clip(values, 0.0, 1.0)).astype(np.uint8)
    return steps


def tree(
    feature: NDArray[Any], threshold: NDArray[Any], right: NDArray[Any], leaf: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """Return one tree as it is laid out.

    Of each node the left child comes next, so that only the jump to the right one is stored. A leaf
    jumps by nothing, whatever it is asked.

    Parameters
    ----------
    feature : ndarray of int, shape (nodes,)
        What is asked at each node; a leaf may say anything here.
    threshold : ndarray of float, shape (nodes,)
        Up to this level a row goes left.
    right : ndarray of int, shape (nodes,)
        The right child.
    leaf : ndarray of bool, shape (nodes,)
        Which nodes are leaves.
    """
    return {
        "feature": feature.astype(np.uint16),
        "threshold": np.where(leaf, 0, np.floor(threshold) + 1).astype(np.uint8),
        "jump": np.where(leaf, 0, right - np.arange(leaf.size)).astype(np.uint32),
    }


def planted(trees: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Return the tensors of trees, one after the other."""
    sizes = [one["feature"].size for one in trees]
    tensors = {name: np.concatenate([one[name] for one in trees]) for name in TREES[1:]}
    if tensors["jump"].max() <= np.iinfo(np.uint16).max:
        tensors["jump"] = tensors["jump"].astype(np.uint16)
    return {"roots": np.cumsum([0, *sizes[:-1]]).astype(np.int64), **tensors}


def leaves(tensors: Mapping[str, NDArray[Any]], values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the leaf that a row comes to in each tree.

    Examples
    --------
    >>> nodes = np.arange(3)
    >>> stump = tree(nodes * 0, nodes + 99.0, np.array([2, 0, 0]), nodes > 0)
    >>> [leaves(planted([stump]), np.array([ink])).tolist() for ink in (0.1, 0.9)]
    [[1], [2]]
    """
    asked = levels(values)
    feature, threshold, jump = (tensors[name] for name in TREES[1:])
    node = tensors["roots"].copy()
    while True:
        # A leaf's feature may be no column: what it is asked makes no difference.
        right = asked.take(feature[node], mode="clip") >= threshold[node]
        step = np.where(right, jump[node], 1)
        if not step.any():
            return node
        node += step

"""Starter models: what was learned elsewhere, small enough to ship, to begin from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.base import Learner
from chaffinch.models.files import ModelCard, read_model, save_model

# How much of the weights learned elsewhere a beginner takes over, none of the step sizes and none
# of the counts: then one's own flags overrule them as fast as if they were new. Chosen on shuffles
# 1 and 2 of the SpamAssassin corpus, begun from Enron and SMS, and of Enron, begun from the
# SpamAssassin corpus: all of the weights helps the one most and harms the other.
_SHARE = 0.5
# What was learned elsewhere is to outlast the first flags, which would give their label to all that
# looks like mail: so a beginner takes back what is common to all items, as if this share of them
# had each feature of the first. Chosen on parts of shuffle 1 of the SpamAssassin corpus, begun from
# Enron and SMS, and of Enron, begun from the SpamAssassin corpus, among 0.1 to 0.25.
_COMMON = 0.25
# Weights kept, the greatest: fewer lose accuracy, more make the package large. 5 bytes each.
_KEPT = 500_000
_LEVELS = 127
#: A beginner is no beginner on what its starter has seen: this share of items at most.
MOST_KNOWN = 0.01


@dataclass(frozen=True, eq=False)
class Starter:
    """The greatest weights of a model, and which items it has seen.

    Parameters
    ----------
    card : ModelCard
        What it is called, and for which features.
    slots : ndarray of int64, shape (k,)
        Columns of the weights, ascending.
    weights : ndarray of float32, shape (k,)
        Their weights, in steps of the greatest one's 127th part.
    known : ndarray of uint32, shape (m,)
        The first 32 bits of the ids of the items it has seen, ascending.
    """

    card: ModelCard
    slots: NDArray[np.int64]
    weights: NDArray[np.float32]
    known: NDArray[np.uint32]

    def teach(self, learner: Learner) -> None:
        """Give a learner that has learned nothing half of these weights, and have it keep them."""
        learner.tensors["weights"][self.slots] = np.float32(_SHARE) * self.weights
        if "common" in learner.params:
            learner.params["common"] = _COMMON

    def knows(self, ids: Iterable[str]) -> bool:
        """Return whether it has seen more of these items than chance would have it.

        Parameters
        ----------
        ids : iterable of str
            Ids of items.
        """
        wanted = np.array([int(id_[:8], 16) for id_ in ids], np.uint32)
        return bool(np.isin(wanted, self.known).sum() > MOST_KNOWN * wanted.size)


def save_starter(
    path: Path, id_: str, task: str, rung: str, features: str, learner: Learner, seen: Iterable[str]
) -> None:
    """Write the starter that a model makes.

    Parameters
    ----------
    path : Path
        Where to.
    id_, task, rung : str
        What it is.
    features : str
        The signature of its features.
    learner : Learner
        The model; it needs a tensor ``weights`` of one dimension.
    seen : iterable of str
        The ids of the items that it has learned.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    weights = learner.tensors["weights"]
    size = np.abs(weights)
    count = min(_KEPT, int(np.count_nonzero(size)))
    slots = np.sort(np.argpartition(size, size.size - count)[size.size - count :])
    scale = np.float32(size.max(initial=0.0) / _LEVELS)
    known = np.unique(np.array([int(one[:8], 16) for one in seen], np.uint32))
    card = ModelCard(id_, task, rung, features, 0, known.size, {})
    save_model(
        path,
        card,
        {
            "slots": slots.astype(np.uint32),
            "levels": np.round(weights[slots] / max(scale, np.float32(1e-30))).astype(np.int8),
            "scale": np.array([scale], np.float32),
            "known": known,
        },
    )


@lru_cache(4)
def load_starter(path: Path) -> Starter:
    """Read a starter.

    Raises
    ------
    ModelError
        If its file is missing or damaged.
    """
    card, tensors = read_model(path)
    weights: NDArray[Any] = tensors["levels"].astype(np.float32) * tensors["scale"]
    return Starter(card, tensors["slots"].astype(np.int64), weights, tensors["known"])

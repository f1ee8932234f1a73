"""The flagged pictures that are most like one, as the live model sees likeness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.models.fitted import FittedLearner

if TYPE_CHECKING:
    from chaffinch.predictor import Predictor
    from chaffinch.types import Item

# The newest flags that are looked at.
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Near:
    """A flagged item that is like another.

    Parameters
    ----------
    item : Item
        The item.
    label : str
        Its true label as flagged.
    likeness : float
        The cosine of what the two are remembered by.
    """

    item: Item
    label: str
    likeness: float


def nearest(predictor: Predictor, item: Item, *, most: int = 3) -> list[Near]:
    """Return the flagged items most like one, the most alike first.

    Of the newest 1,000 flags; itself is left out, and there are none where nothing was flagged.

    Parameters
    ----------
    predictor : Predictor
        The live model, with its experience.
    item : Item
        The item.
    most : int
        How many to return at most.
    """
    examples = [one for one in predictor.flagged(_MOST) if one.item.id != item.id]
    if not examples:
        return []
    own = _key(predictor, item)
    keys = np.array([_key(predictor, one.item) for one in examples])
    lengths = np.linalg.norm(keys, axis=1) * np.linalg.norm(own)
    likeness = keys @ own / np.maximum(lengths, 1e-12)
    order = np.argsort(-likeness, kind="stable")[:most]
    return [
        Near(examples[one].item, examples[one].label, float(likeness[one]))
        for one in order.tolist()
    ]


def _key(predictor: Predictor, item: Item) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = predictor.rung.features.row(predictor.task.reader(item.data), item.owner).values
    learner = predictor.learner
    return learner.key(values) if isinstance(learner, FittedLearner) else values

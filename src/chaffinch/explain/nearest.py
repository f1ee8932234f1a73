"""The flagged images or recordings that are most like one, as the live model sees likeness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.dense import DenseFeatures
from chaffinch.features.spoken import SpokenFeatures
from chaffinch.models.fitted import FittedLearner

if TYPE_CHECKING:
    from chaffinch.predictor import Predictor
    from chaffinch.types import Example, Item

#: The newest flags that are looked at.
MOST = 1_000


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


class Neighbours:
    """Flagged items, to find those among them that are most like others.

    What is compared is what a model remembers items by; where it remembers nothing, such as rules,
    or the bare samples of a sound, it is how items look.

    Parameters
    ----------
    predictor : Predictor
        The live model.
    examples : iterable of Example
        The flagged items, 1,000 at most.
    """

    def __init__(self, predictor: Predictor, examples: Iterable[Example]) -> None:
        self._predictor = predictor
        self._examples = list(examples)[-MOST:]
        self._keys = np.array([self._key(one.item) for one in self._examples])

    def of(self, item: Item, *, most: int = 3) -> list[Near]:
        """Return the flagged items most like one, the most alike first; itself is left out.

        Parameters
        ----------
        item : Item
            The item.
        most : int
            How many to return at most.
        """
        others = [place for place, one in enumerate(self._examples) if one.item.id != item.id]
        if not others:
            return []
        own, keys = self._key(item), self._keys[others]
        lengths = np.linalg.norm(keys, axis=1) * np.linalg.norm(own)
        likeness = keys @ own / np.maximum(lengths, 1e-12)
        order = np.argsort(-likeness, kind="stable")[:most].tolist()
        found = [(self._examples[others[one]], float(likeness[one])) for one in order]
        return [Near(one.item, one.label, alike) for one, alike in found]

    def _key(self, item: Item) -> NDArray[np.float64]:
        task, learner = self._predictor.task, self._predictor.learner
        features: object = self._predictor.rung.features
        content = task.reader(item.data)
        if not isinstance(features, DenseFeatures) or isinstance(features, SpokenFeatures):
            return task.portrait.of(content).ravel().astype(np.float64)
        values = self._predictor.rung.features.row(content, item.owner).values
        return learner.key(values) if isinstance(learner, FittedLearner) else values

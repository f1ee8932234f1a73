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
from chaffinch.models.head import HeadLearner
from chaffinch.models.memory import CODES, KEYS, unit

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
    by : str
        Who flagged it.
    likeness : float
        How alike the two are: 1 the same, 0 as unlike as two of different labels usually are, or
        more so.
    """

    item: Item
    label: str
    by: str
    likeness: float


class Neighbours:
    """Flagged items, to find those among them that are most like others.

    What is compared, by the cosine, is what a model remembers items by; where it remembers nothing,
    such as rules, or the bare samples of a sound, it is how items look. A net's cosine of two words
    that have nothing in common may well be 0.7; so how alike two are is told on a scale that begins
    at the median of items of different labels: of what the net was trained on, or else of those
    flagged.

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
        self._keys = unit(np.array([self._key(one.item) for one in self._examples]))
        self._unlike: float | None = None

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
        cosine = self._keys[others] @ unit(self._key(item))
        order = np.argsort(-cosine, kind="stable")[:most].tolist()
        found = [(self._examples[others[one]], self._likeness(float(cosine[one]))) for one in order]
        return [Near(one.item, one.label, one.by, alike) for one, alike in found]

    def _likeness(self, cosine: float) -> float:
        if self._unlike is None:
            self._unlike = self._usually_unlike()
        # Of empty items, or of two that are the same to the last bit, it may be off by rounding.
        return min(1.0, max(0.0, (cosine - self._unlike) / max(1.0 - self._unlike, 1e-9)))

    def _usually_unlike(self) -> float:
        """Return the median cosine of two items of different labels; 0 where there are none."""
        learner = self._predictor.learner
        keys, labels = self._keys, np.array([one.label for one in self._examples])
        if isinstance(learner, HeadLearner) and len(learner.anchored[CODES]):
            keys, labels = learner.anchored[KEYS], learner.anchored[CODES]
        apart = (keys @ keys.T)[labels[:, np.newaxis] != labels]
        return max(0.0, float(np.median(apart))) if apart.size else 0.0

    def _key(self, item: Item) -> NDArray[np.float64]:
        task, learner = self._predictor.task, self._predictor.learner
        features: object = self._predictor.rung.features
        content = task.reader(item.data)
        if not isinstance(features, DenseFeatures) or isinstance(features, SpokenFeatures):
            return task.portrait.of(content).ravel().astype(np.float64)
        values = self._predictor.rung.features.row(content, item.owner).values
        return learner.key(values) if isinstance(learner, FittedLearner) else values

"""Weights that somebody gave to rules, each for one of many labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.rows import Features, Row
from chaffinch.features.rules import RuleFeatures
from chaffinch.models.multiclass import LABELS, MulticlassLearner, labels_tensor


class WrittenLearner(MulticlassLearner):
    """Rules that each add a given weight to the score of one label; no experience changes them.

    As `chaffinch.models.weighted.WeightedLearner` for two labels.

    Examples
    --------
    >>> learner = WrittenLearner.given(("0", "8"), ["8", "0"], [3.0, 2.0])
    >>> learner.best(Row(np.array([0, 1]), np.ones(2)))
    ('8', 1.0, '0')
    """

    learns: ClassVar[bool] = False
    tensors_to_judge: ClassVar[tuple[str, ...]] = (LABELS, "weights", "codes")

    @classmethod
    def start(cls, features: Features) -> Self:
        """Return the model with the weights that stand in the rules' file."""
        if not isinstance(features, RuleFeatures):
            raise TypeError(f"given weights come with rules, not with {features!r}")
        rules = features.rules.rules
        labels, weights = [rule.label for rule in rules], [rule.weight for rule in rules]
        return cls.given(features.labels, labels, weights)

    @classmethod
    def blank(cls, n_features: int, labels: tuple[str, ...]) -> Self:
        """Return the model by which nothing says anything."""
        return cls.given(labels, [labels[0]] * n_features, [0.0] * n_features)

    @classmethod
    def given(cls, labels: Sequence[str], speaks: Sequence[str], weights: Sequence[float]) -> Self:
        """Return the model with these weights.

        Parameters
        ----------
        labels : sequence of str
            All labels.
        speaks : sequence of str, length n_features
            The label that each feature speaks for.
        weights : sequence of float, length n_features
            What it adds to the score of that label.
        """
        places = {label: place for place, label in enumerate(labels)}
        return cls(
            {},
            {
                LABELS: labels_tensor(labels),
                "weights": np.array(weights, np.float64),
                "codes": np.array([places[label] for label in speaks], np.int64),
            },
        )

    def scores(self, row: Row) -> NDArray[np.float64]:
        """Return the summed weights of each label, its log-probability up to a constant."""
        added = self.tensors["weights"][row.slots] * row.values
        codes = self.tensors["codes"][row.slots]
        return np.bincount(codes, added, minlength=len(self.labels)).astype(np.float64)

    def never_says(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return which of these labels no rule speaks for.

        Examples
        --------
        >>> WrittenLearner.given(("0", "8"), ["8"], [3.0]).never_says(["0", "8"])
        ('0',)
        """
        names = self.labels
        said = {names[code] for code in self.tensors["codes"][self.tensors["weights"] > 0]}
        return tuple(label for label in labels if label not in said)

    def learn(self, row: Row, label: str) -> None:
        """Learn nothing: people change these weights, in the rules' file."""

    def added(self, label: str) -> None:
        """Nothing: no rule speaks for a new label."""

    def fade(self) -> None:
        """Forget nothing: nothing was learned."""

    def novelty(self, row: Row) -> float:  # noqa: ARG002
        """Return 0: a rule is never new."""
        return 0.0

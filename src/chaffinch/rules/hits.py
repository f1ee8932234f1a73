"""Which rules fit which items: what every account of a set of rules is counted on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.rules import RuleFeatures
from chaffinch.rules.rule import RuleSet
from chaffinch.task import Task
from chaffinch.types import Example

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


def rule_features(task: Task) -> RuleFeatures:
    """Return the features of a task's rung of rules.

    Raises
    ------
    TypeError
        If the task's ladder has no such rung.
    """
    for rung in task.ladder:
        if isinstance(rung.features, RuleFeatures):
            return rung.features
    raise TypeError(f"the task {task.name} has no rules")


class Hits:
    """The rules in force, and the items that each fits.

    Parameters
    ----------
    rules : RuleSet
        The rules.
    matrix : ndarray of bool, shape (n, k)
        Whether each of n items fits each of k rules.
    truth : ndarray of bool, shape (n,)
        Whether each true label is the positive one.
    """

    def __init__(self, rules: RuleSet, matrix: BoolArray, truth: BoolArray) -> None:
        self.rules = rules
        self.matrix = matrix
        self.truth = truth

    @classmethod
    def of(cls, task: Task, examples: Iterable[Example], rules: RuleSet | None = None) -> Hits:
        """Return which examples fit which rules, by default those in force."""
        watched = Watched(task, examples, rules)
        for _ in watched:
            pass
        return watched.hits()

    def __len__(self) -> int:
        return int(self.truth.size)

    @property
    def weights(self) -> FloatArray:
        """The rules' weights, shape (k,)."""
        return np.array([rule.weight for rule in self.rules.rules], np.float64)

    @property
    def weights_by_hand(self) -> FloatArray:
        """The weights that people gave the rules, shape (k,), whatever was fitted."""
        return np.array([rule.by_hand for rule in self.rules.rules], np.float64)

    def scores(
        self, weights: FloatArray | None = None, intercept: float | None = None
    ) -> FloatArray:
        """Return the log-odds of each item, shape (n,), by default with the rules' own weights."""
        weights = self.weights if weights is None else weights
        base = self.rules.intercept if intercept is None else intercept
        scores: FloatArray = base + self.matrix @ weights
        return scores

    def part(self, rows: slice) -> Hits:
        """Return the same of some items only."""
        return Hits(self.rules, self.matrix[rows], self.truth[rows])


class Watched:
    """Passes examples on, and notes which rules fit each."""

    def __init__(
        self, task: Task, examples: Iterable[Example], rules: RuleSet | None = None
    ) -> None:
        self._task = task
        self._examples = examples
        self._features = rule_features(task)
        if rules is not None:
            self._features = RuleFeatures.given(rules, self._features)
        self._rows: list[BoolArray] = []
        self._truth: list[bool] = []

    def __iter__(self) -> Iterator[Example]:
        for example in self._examples:
            row = np.zeros(self._features.n_features, np.bool_)
            row[self._features.row(self._task.reader(example.item.data)).slots] = True
            self._rows.append(row)
            self._truth.append(self._task.is_positive(example.label))
            yield example

    def hits(self) -> Hits:
        """Return what was noted so far."""
        matrix = np.array(self._rows, np.bool_).reshape(len(self._rows), self._features.n_features)
        return Hits(self._features.rules, matrix, np.array(self._truth, np.bool_))

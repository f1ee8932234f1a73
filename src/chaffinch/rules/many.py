"""What rules for many labels do on items whose labels are known: accounts, mistakes, weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.rules import RuleFeatures
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.rules.fit import PENALTY, Fitted
from chaffinch.rules.hits import BoolArray, FloatArray, rule_features
from chaffinch.rules.rule import Rule, RuleSet
from chaffinch.task import Task
from chaffinch.types import Example, Interval

# From which share of a label's items a rule is one of those that usually find it.
_USUAL = 0.5


@dataclass(frozen=True, eq=False)
class LabelHits:
    """The rules in force, and the items that each fits.

    Parameters
    ----------
    rules : RuleSet
        The rules.
    labels : tuple of str
        The labels that they speak for.
    matrix : ndarray of bool, shape (n, k)
        Whether each of n items fits each of k rules.
    truth : ndarray of str, shape (n,)
        The true labels.
    ids : tuple of str, length n
        The items' ids.
    """

    rules: RuleSet
    labels: tuple[str, ...]
    matrix: BoolArray
    truth: NDArray[np.str_]
    ids: tuple[str, ...]

    @classmethod
    def of(cls, task: Task, examples: Iterable[Example]) -> LabelHits:
        """Return which examples fit which rules."""
        features: RuleFeatures = rule_features(task)
        slots, truth, ids = [], [], []
        for example in examples:
            slots.append(features.row(task.reader(example.item.data)).slots)
            truth.append(example.label)
            ids.append(example.item.id)
        matrix = np.zeros((len(slots), features.n_features), np.bool_)
        for row, fit in zip(matrix, slots, strict=True):
            row[fit] = True
        return cls(features.rules, features.labels, matrix, np.array(truth, np.str_), tuple(ids))

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, rows: slice) -> LabelHits:
        """Return the same of some items only."""
        return LabelHits(
            self.rules, self.labels, self.matrix[rows], self.truth[rows], self.ids[rows]
        )

    @property
    def speaks(self) -> NDArray[np.float64]:
        """Whether each rule speaks for each label, shape (k, labels)."""
        spoken = [
            [float(rule.label == label) for label in self.labels] for rule in self.rules.rules
        ]
        return np.array(spoken).reshape(-1, len(self.labels))

    @property
    def weights(self) -> FloatArray:
        """The rules' weights, shape (k,)."""
        return np.array([rule.weight for rule in self.rules.rules], np.float64)

    @property
    def weights_by_hand(self) -> FloatArray:
        """The weights that people gave the rules, shape (k,), whatever was fitted."""
        return np.array([rule.by_hand for rule in self.rules.rules], np.float64)

    def scores(self, weights: FloatArray | None = None) -> FloatArray:
        """Return the score of each label, shape (n, labels), by default with the own weights."""
        weights = self.weights if weights is None else weights
        scores: FloatArray = self.matrix @ (weights[:, np.newaxis] * self.speaks)
        return scores

    def said(self, weights: FloatArray | None = None) -> tuple[NDArray[np.str_], FloatArray]:
        """Return the label given to each item, and its log-odds against all others."""
        scores = self.scores(weights)
        best = scores.argmax(axis=1)
        rows = np.arange(len(self))
        top = scores[rows, best]
        scores[rows, best] = -np.inf
        return np.array(self.labels)[best], top - np.logaddexp.reduce(scores, axis=1)


@dataclass(frozen=True, slots=True)
class LabelAccount:
    """What one rule does on some items.

    Parameters
    ----------
    rule : Rule
        The rule.
    hits : tuple of int
        How many items it fits: of its label, of all others.
    shares : tuple of Interval
        The same as shares of all items of its label and of all others, with 95% intervals.
    errors_without : int
        How many more items would be judged wrongly without it.
    """

    rule: Rule
    hits: tuple[int, int]
    shares: tuple[Interval, Interval]
    errors_without: int


def label_accounts(hits: LabelHits) -> list[LabelAccount]:
    """Return an account of each rule, in the order of the set."""
    scores, names = hits.scores(), np.array(hits.labels)
    errors = int((names[scores.argmax(axis=1)] != hits.truth).sum())
    found = []
    for column, rule in enumerate(hits.rules.rules):
        fits, own = hits.matrix[:, column], hits.truth == rule.label
        scores[fits, hits.labels.index(rule.label)] -= rule.weight
        without = int((names[scores.argmax(axis=1)] != hits.truth).sum())
        scores[fits, hits.labels.index(rule.label)] += rule.weight
        counts = int((fits & own).sum()), int((fits & ~own).sum())
        sizes = int(own.sum()), int((~own).sum())
        shares = clopper_pearson(counts[0], sizes[0]), clopper_pearson(counts[1], sizes[1])
        found.append(LabelAccount(rule, counts, shares, without - errors))
    return found


@dataclass(frozen=True, slots=True)
class Confusion:
    """Items of one label that were taken for another.

    Parameters
    ----------
    truth, said : str
        The true label, and the one given.
    of : int
        How many items there are of the true label.
    ids : tuple of str
        The items.
    blamed : tuple of (Rule, int)
        Rules that spoke for the label given, and on how many of these items.
    silent : tuple of (Rule, int)
        Rules that usually find the true label, and on how many of these items they did not.
    """

    truth: str
    said: str
    of: int
    ids: tuple[str, ...]
    blamed: tuple[tuple[Rule, int], ...]
    silent: tuple[tuple[Rule, int], ...]


def confusions(hits: LabelHits, *, most: int = 8) -> list[Confusion]:
    """Return the pairs of labels that are taken for each other, the most frequent first.

    Parameters
    ----------
    hits : LabelHits
        Which rules fit which items.
    most : int
        How many pairs at most.
    """
    said, _ = hits.said()
    wrong = np.flatnonzero(said != hits.truth)
    pairs = Counter(zip(hits.truth[wrong].tolist(), said[wrong].tolist(), strict=True))
    found = []
    for (truth, given), _ in pairs.most_common(most):
        own = hits.truth == truth
        mixed = own & (said == given)
        fits = hits.matrix[mixed].sum(axis=0)
        usual = hits.matrix[own].mean(axis=0)
        blamed, silent = [], []
        for rule, count, share in zip(hits.rules.rules, fits.tolist(), usual, strict=True):
            if rule.label == given and rule.weight > 0 and count:
                blamed.append((rule, count))
            if rule.label == truth and rule.weight > 0 and share >= _USUAL:
                silent.append((rule, int(mixed.sum()) - count))
        found.append(
            Confusion(
                truth,
                given,
                int(own.sum()),
                tuple(hits.ids[row] for row in np.flatnonzero(mixed)),
                tuple(sorted(blamed, key=lambda pair: -pair[1])),
                tuple(sorted(silent, key=lambda pair: -pair[1])),
            )
        )
    return found


def fit_labels(hits: LabelHits) -> Fitted:
    """Return the weights under which the true labels of the items are likeliest.

    Multinomial logistic regression in which each rule has one weight, for its own label, with a
    quadratic penalty; a rule keeps the side that a person gave it, as in `chaffinch.rules.fit.fit`.

    Parameters
    ----------
    hits : LabelHits
        Items, and the rules that fit each.
    """
    from scipy.optimize import minimize

    columns = hits.matrix.astype(np.float64)
    wanted = (hits.truth[:, np.newaxis] == np.array(hits.labels)).astype(np.float64)
    speaks = hits.speaks

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        scores = columns @ (weights[:, np.newaxis] * speaks)
        log_probability = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        slope = ((columns.T @ (np.exp(log_probability) - wanted)) * speaks).sum(axis=1)
        value = -float((wanted * log_probability).sum()) + 0.5 * PENALTY * float(weights @ weights)
        return value, slope + PENALTY * weights

    by_hand = hits.weights_by_hand
    bounds = [(0.0, None) if one >= 0 else (None, 0.0) for one in by_hand]
    found = minimize(loss, by_hand, jac=True, method="L-BFGS-B", bounds=bounds)
    return Fitted(0.0, found.x)


def check_labels(task: Task, hits: LabelHits, what: str) -> None:
    """Refuse items that are all of one label or of one without rules, and a set without rules.

    Raises
    ------
    InputError
        If it is so; the message says what to do.
    """
    from chaffinch.errors import InputError

    if not hits.rules.rules:
        raise InputError(
            f"no rule of {task.name} is in force: write some, or take `replace = true` and what is "
            "disabled out of your file"
        )
    if len(np.unique(hits.truth)) < 2:
        raise InputError(
            f"{what} holds items of fewer than two labels: give some of others, or flag some"
        )

"""Few, short rules that catch much and would catch little else, even if one condition failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaffinch.explain.table import BoolArray

# Chosen on shuffles 1, 2 and 3 of the SpamAssassin corpus, mined on the first half and measured on
# the second: what an item caught must be worth.
_NEAR = 2.0  # a negative item that lacks one condition
_HIT = 10.0  # one that lacks none
_CONDITION = 1.0  # a condition to be read
_LEAST = 8  # items that a rule catches beyond those before it
_GAIN = 2.0  # what a further condition must bring
_SEEDS = 24
_MOST_NEGATED = 2


class Literal(NamedTuple):
    """A condition by its column, or the absence of it."""

    column: int
    negated: bool


def mine(
    positive: BoolArray,
    negative: BoolArray,
    *,
    may_lack: Sequence[bool],
    most: int = 10,
    conditions: int = 4,
) -> list[tuple[Literal, ...]]:
    """Return rules, each the best beside those before it: greedy set cover.

    A rule is grown from one condition, adding or dropping what gains most. It is worth the positive
    items that no earlier one catches, less a price for each negative item that it catches, and for
    each that lacks one condition alone: the rule with the margin is preferred, for a search through
    thousands of rules finds many that miss every negative item by luck.

    Parameters
    ----------
    positive, negative : ndarray of bool, shape (p, m) and (n, m)
        Which of m conditions hold of the items of each label; of near-copies one.
    may_lack : sequence of bool, length m
        Which conditions may be asked for in their absence.
    most : int
        How many rules to return at most.
    conditions : int
        How many conditions a rule may have.

    Examples
    --------
    >>> spam = np.repeat([[True, True], [True, False]], [50, 9], axis=0)
    >>> ham = np.repeat([[False, False]], 99, axis=0)
    >>> mine(spam, ham, may_lack=[False, False])
    [(Literal(column=0, negated=False), Literal(column=1, negated=False))]
    """
    search = _Search(positive, negative, may_lack, conditions)
    rules: list[tuple[Literal, ...]] = []
    while len(rules) < most:
        rule = search.best()
        if rule is None:
            break
        rules.append(rule)
        search.caught(rule)
    return rules


_Rule = tuple[Literal, ...]
_Floats = NDArray[np.float32]


class _Search:
    def __init__(
        self, positive: BoolArray, negative: BoolArray, may_lack: Sequence[bool], most: int
    ) -> None:
        self._positive = positive.astype(np.float32)
        self._negative = negative.astype(np.float32)
        self._may_lack = np.array(may_lack, np.bool_)
        self._most = most
        self._left = np.ones(len(positive), np.float32)

    def best(self) -> _Rule | None:
        """Return the rule that is worth most now; None where none is worth its price."""
        gains = self._left @ self._positive
        wrong = self._negative.sum(0) * len(self._positive) / max(1, len(self._negative))
        promise = gains * (1 + np.log2((gains + 1e-3) / (gains + wrong + 1)))
        promise[gains < _LEAST] = -np.inf
        best: tuple[float, _Rule | None] = (0.0, None)
        for column in np.argsort(-promise, kind="stable")[:_SEEDS]:
            if np.isfinite(promise[column]):
                found = self._climb((Literal(int(column), negated=False),))
                best = max(best, found, key=lambda pair: pair[0])
        return best[1]

    def caught(self, rule: _Rule) -> None:
        """Take what a rule catches as caught."""
        self._left = self._left * (_lacking(self._positive, rule) > 0)

    def _climb(self, rule: _Rule) -> tuple[float, _Rule]:
        worth = self._worth(rule)
        while True:
            options = [
                self._added(rule),
                *(self._dropped(rule, place) for place in range(len(rule))),
            ]
            better, option = max(options, key=lambda pair: pair[0])
            if better < worth + _GAIN:
                return worth, tuple(sorted(rule))
            worth, rule = better, option

    def _worth(self, rule: _Rule) -> float:
        lacking = _lacking(self._negative, rule)
        gain = float(self._left[_lacking(self._positive, rule) == 0].sum())
        if gain < _LEAST:
            return -np.inf
        near, hit = np.count_nonzero(lacking == 1), np.count_nonzero(lacking == 0)
        return gain - _NEAR * near - _HIT * hit - _CONDITION * len(rule)

    def _dropped(self, rule: _Rule, place: int) -> tuple[float, _Rule]:
        shorter = rule[:place] + rule[place + 1 :]
        return (self._worth(shorter) if shorter else -np.inf), shorter

    def _added(self, rule: _Rule) -> tuple[float, _Rule]:
        """Return the best rule of one condition more, and its worth."""
        best: tuple[float, _Rule] = (-np.inf, rule)
        if len(rule) == self._most:
            return best
        lacking = _lacking(self._negative, rule)
        hit = (lacking == 0).astype(np.float32)
        near = (lacking == 1).astype(np.float32)
        gain = self._left * (_lacking(self._positive, rule) == 0)
        having = [rows @ self._negative for rows in (hit, near)]
        caught = gain @ self._positive
        used = [literal.column for literal in rule]
        for negated in (False, True):
            if negated and sum(literal.negated for literal in rule) == _MOST_NEGATED:
                continue
            gains = gain.sum() - caught if negated else caught
            hits, nears = (
                rows.sum() - counted if negated else counted
                for rows, counted in zip((hit, near), having, strict=True)
            )
            worth = gains - _NEAR * (hit.sum() - hits + nears) - _HIT * hits
            worth = worth - _CONDITION * (len(rule) + 1)
            worth[gains < _LEAST] = -np.inf
            worth[used] = -np.inf
            if negated:
                worth[~self._may_lack] = -np.inf
            column = int(np.argmax(worth))
            if worth[column] > best[0]:
                best = float(worth[column]), (*rule, Literal(column, negated))
        return best


def _lacking(items: _Floats, rule: _Rule) -> NDArray[np.int64]:
    """Return how many of a rule's conditions each item lacks, shape (n,)."""
    lacking = np.zeros(len(items), np.int64)
    for column, negated in rule:
        lacking += (items[:, column] > 0) == negated
    return lacking

"""Test: what each rule catches, what it costs, and what the set would be without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chaffinch.performance.proportions import clopper_pearson
from chaffinch.rules.hits import Hits
from chaffinch.rules.rule import Rule
from chaffinch.types import Interval


@dataclass(frozen=True, slots=True)
class Account:
    """What one rule does on some items.

    Parameters
    ----------
    rule : Rule
        The rule.
    hits : tuple of int
        How many items it fits: of the negative label, of the positive.
    shares : tuple of Interval
        The same as shares of all items of the label, in [0, 1], with their 95% intervals.
    alike : str
        The rule that shares most of this one's hits on the label that it speaks for; empty where
        none shares any.
    shared : float
        Which share of them, in [0, 1].
    missed_without : int
        How many more positive items the set would miss without this rule.
    lost_without : int
        How many more negative items it would take for positive; mostly below nought.
    """

    rule: Rule
    hits: tuple[int, int]
    shares: tuple[Interval, Interval]
    alike: str
    shared: float
    missed_without: int
    lost_without: int


def accounts(hits: Hits) -> list[Account]:
    """Return an account of each rule, in the order of the set.

    An item is taken for positive where its score is above nought.

    Parameters
    ----------
    hits : Hits
        Which rules fit which items.
    """
    matrix, truth = hits.matrix, hits.truth
    sizes = (int((~truth).sum()), int(truth.sum()))
    counts = (matrix[~truth].sum(axis=0), matrix[truth].sum(axis=0))
    together = {
        label: (rows := matrix[truth == label].astype(np.int32)).T @ rows for label in (False, True)
    }
    scores = hits.scores()
    predicted = scores > 0
    found = []
    for column, rule in enumerate(hits.rules.rules):
        without = scores - rule.weight * matrix[:, column] > 0
        shared = together[rule.weight > 0][column].copy()
        own = shared[column]
        shared[column] = 0
        most = int(shared.argmax()) if own and shared.any() else -1
        both = (int(counts[0][column]), int(counts[1][column]))
        found.append(
            Account(
                rule,
                both,
                (clopper_pearson(both[0], sizes[0]), clopper_pearson(both[1], sizes[1])),
                hits.rules.rules[most].name if most >= 0 else "",
                float(shared[most] / own) if most >= 0 else 0.0,
                int((predicted & ~without & truth).sum() - (~predicted & without & truth).sum()),
                int((without & ~predicted & ~truth).sum() - (~without & predicted & ~truth).sum()),
            )
        )
    return found

"""A committee of online classifiers, one for each view of an item, in one vector of weights."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.compiled import or_compiled
from chaffinch.features.rows import ACCOUNTS, Features, Row
from chaffinch.models.base import BinaryLearner, share_without, sigmoid, weighted_sum
from chaffinch.models.doubt import belief, blank_tally, note

_MOST_COUNTED = 65_535
# So many items are guessed to have come before the first, for what share of items has a feature.
_GUESSED = 2.0


class CommitteeLearner(BinaryLearner):
    """The mean log-odds of one online classifier for each view of an item.

    Each member is logistic regression with AdaGrad step sizes (Duchi, Hazan and Singer, "Adaptive
    subgradient methods for online learning and stochastic optimization", JMLR 12, 2011), and with
    every step each weight also moves by what its naive Bayes log-odds rise: ``log((k + 1 + α)/(k +
    α))`` for the k items of this label that had the feature before. The counts teach much from the
    first few items, the gradient corrects them later (Ng and Jordan, "On discriminative vs.
    generative classifiers", NIPS 2001, tell why). Members learn by themselves, so that each makes
    its own mistakes, and only from items that they are not sure of already (thick-threshold
    training, as in Siefkes et al., "Combining Winnow and orthogonal sparse bigrams", PKDD 2004).

    Scores begin timid and grow with what was learned of the rarer label, m items: they are
    multiplied by ``(m + 1) / (m + 1 + patience)``.

    Much of an item is in most items: who wrote to whom, by which server, how one greets. A step
    moves these features, too, and so the score of everything, and the fewer flags there are of
    either label the less can tell that they mean nothing. So the intercept takes a step back, as if
    rows were centred: by what the step moves in an item of which each feature is as likely as in
    the items so far, times the square of ``patience / (m + 1 + patience)``. Before the first item
    each feature is guessed to be in a share ``common`` of them.

    Where flags contradict sure verdicts of both labels so often that some must be wrong, a flag's
    step is as long as it is likely to be right: `chaffinch.models.doubt`. Those of owners are
    believed, for a taste may contradict everybody's.

    Where a row's last view is its owner's own taste, the other views are everybody's. The own view
    learns what the whole committee got wrong, as personal weights do in Weinberger et al. ("Feature
    hashing for large scale multitask learning", ICML 2009), so that it can outvote the others. What
    the flags of one owner move in everybody's views is bounded: the lengths (Euclidean) of all
    steps of an account add up to no more than ``allowance``, of one flag to no more than
    ``at_once``, and when the allowance is spent its flags teach those views nothing. A view's
    values have length 1 at most and a score is a mean over views, so no verdict on anybody else's
    item moves by more log-odds than that, but for grams of two owners that hash into one slot, and
    for the timidity that all scores lose.

    Parameters
    ----------
    params : mapping of str to float
        As `blank` takes them.
    tensors : mapping of str to ndarray
        ``weights`` and ``squares``, float32 of shape (n_features,); ``counts``, uint16 of shape
        (n_features, 2): items of the negative and of the positive label that had the feature;
        ``seen``, float64 of shape (2,): items of either label; ``intercept`` and
        ``intercept_squares``, float32 of shape (1,); ``spent``, float64 of shape (65536,): what
        each account of owners has moved; ``tally``, float64 of shape (2, 2): sure verdicts, and
        those contradicted.

    Examples
    --------
    >>> learner = CommitteeLearner.blank(4)
    >>> row = Row(np.array([2]), np.array([1.0]))
    >>> learner.learn(row, positive=True)
    >>> learner.score(row) > 0
    True
    """

    tensors_to_judge: ClassVar[tuple[str, ...]] = ("weights", "intercept", "seen")

    @classmethod
    def start(cls, features: Features) -> Self:
        """Return a blank learner on these features."""
        return cls.blank(features.n_features)

    @classmethod
    def blank(
        cls,
        n_features: int,
        *,
        rate: float = 0.5,
        epsilon: float = 1e-3,
        lean: float = 0.3,
        alpha: float = 0.2,
        damping: float = 10.0,
        margin: float = 0.001,
        patience: float = 4.0,
        allowance: float = 5.0,
        at_once: float = 1.0,
        doubt: float = 4.0,
        common: float = 0.0,
    ) -> Self:
        """Return a learner that has learned nothing.

        Parameters
        ----------
        n_features : int
            Columns; the state takes 12 bytes for each.
        rate : float
            Step size of the gradient.
        epsilon : float
            Added to the root of a weight's summed squared gradients: bounds its first step.
        lean : float
            How much of naive Bayes' log-odds a weight takes over.
        alpha : float
            Added to every count.
        damping : float
            So many items of the rarer label halve what naive Bayes is worth before them.
        margin : float
            Members whose probability errs by less learn nothing of the item.
        patience : float
            So many items of the rarer label halve the score before them.
        allowance : float
            Log-odds that the flags of one owner may move in other owners' verdicts.
        at_once : float
            Log-odds that one of them may.
        doubt : float
            By how much the odds that a flag is wrong are multiplied; with 0 all are believed.
        common : float
            Share of the items that is guessed to have a feature of the first; with 0 the intercept
            takes no step back.
        """
        return cls(
            {
                "rate": rate,
                "epsilon": epsilon,
                "lean": lean,
                "alpha": alpha,
                "damping": damping,
                "margin": margin,
                "patience": patience,
                "allowance": allowance,
                "at_once": at_once,
                "doubt": doubt,
                "common": common,
            },
            {
                "weights": np.zeros(n_features, np.float32),
                "squares": np.zeros(n_features, np.float32),
                "counts": np.zeros((n_features, 2), np.uint16),
                "seen": np.zeros(2, np.float64),
                "intercept": np.zeros(1, np.float32),
                "intercept_squares": np.zeros(1, np.float32),
                "spent": np.zeros(ACCOUNTS, np.float64),
                "tally": blank_tally(),
            },
        )

    @property
    def _trust(self) -> float:
        seen = self._rarer + 1.0
        return seen / (seen + self.params["patience"])

    @property
    def _rarer(self) -> float:
        """How many items of the rarer label were learned."""
        seen = self.tensors["seen"]
        return min(float(seen[0]), float(seen[1]))

    @property
    def intercept(self) -> float:
        """The log-odds of an item without features."""
        return self._trust * float(self.tensors["intercept"][0])

    def weights_of(self, slots: NDArray[np.int64]) -> NDArray[Any]:
        """Return the weights, multiplied as scores are."""
        return self.tensors["weights"][slots] * np.float64(self._trust)

    def score(self, row: Row) -> float:
        """Return the log-odds of the positive label, unclamped; changes nothing."""
        total = weighted_sum(self.tensors["weights"], row.slots, row.values)
        return self._trust * (float(self.tensors["intercept"][0]) + total)

    def fade(self) -> None:
        """Halve the summed squared gradients and all counts: they count from less again."""
        self.tensors["squares"] *= np.float32(0.5)
        self.tensors["tally"] *= 0.5
        self.tensors["intercept_squares"] *= np.float32(0.5)
        # A feature that was met stays met.
        counts = self.tensors["counts"]
        counts -= counts >> 1

    def novelty(self, row: Row) -> float:
        """Return the share of a row that no member has taken a step on."""
        return share_without(self.tensors["squares"][row.slots], row.values)

    def learn(self, row: Row, positive: bool) -> None:
        """Let each member that is not sure of this row take one step."""
        tensors = self.tensors
        rarer = self._rarer
        lean = self.params["lean"] * rarer / (rarer + self.params["damping"])
        timidity = (1.0 - self._trust) ** 2
        lacking = self._lacking(row.slots, row.values, positive)
        views = list(_views(row))
        if row.owner < 0:
            note(tensors["tally"], lacking, positive)
            share = belief(tensors["tally"], lacking, self.params["doubt"])
            steps = [self._teach(row, view, positive, lean, share=share) for view in views]
            if any(step.error for step in steps):
                self._move_intercept(sum(step.error for step in steps) / len(views), share)
                back = timidity * sum(step.common for step in steps) / len(views)
                tensors["intercept"] -= np.float32(back)
        else:
            own = views.pop()
            left = self.params["allowance"] - float(tensors["spent"][row.owner])
            # A file of an earlier version bounds only all of them.
            left = min(left, self.params.get("at_once", left))
            if left > 0.0:
                shared = np.unique(row.slots[: own[0]])
                before = tensors["weights"][shared]
                steps = [self._teach(row, view, positive, lean) for view in views]
                back = timidity * sum(step.common for step in steps) / max(1, len(row.ends))
                self._spend(row.owner, shared, before, back, left)
            # The owner's view says what everybody's leave unsaid: it must be able to outvote them.
            self._teach(row, own, positive, lean, lacking)
        tensors["seen"][int(positive)] += 1.0

    def _lacking(
        self, slots: NDArray[np.int64], values: NDArray[np.float64], positive: bool
    ) -> float:
        """Return what is lacking to the probability of the true label, of some weights' sum."""
        total = weighted_sum(self.tensors["weights"], slots, values)
        return positive - sigmoid(float(self.tensors["intercept"][0]) + total)

    def _teach(
        self,
        row: Row,
        view: tuple[int, int],
        positive: bool,
        lean: float,
        error: float | None = None,
        share: float = 1.0,
    ) -> _Step:
        """Let one member take a share of the step after an error, by default its own."""
        start, end = view
        slots, values = row.slots[start:end], max(1, len(row.ends)) * row.values[start:end]
        if error is None:
            error = self._lacking(slots, values, positive)
        # AdaGrad makes the first steps of a weight as long after small errors as after great ones:
        # so it is not enough to make the error smaller.
        error *= share
        if abs(error) < self.params["margin"]:
            return _Step(0.0, 0.0)
        common = self.params.get("common", 0.0)  # a file of an earlier version has none
        moved = take_step(
            self.tensors,
            slots,
            values,
            error,
            positive,
            share * self.params["rate"],
            self.params["epsilon"],
            share * lean,
            _odds(self.params["alpha"]),
            _GUESSED * common,
            _GUESSED + float(self.tensors["seen"].sum()),
        )
        return _Step(error, moved if common else 0.0)

    def _spend(
        self,
        owner: int,
        shared: NDArray[np.int64],
        before: NDArray[np.float32],
        back: float,
        left: float,
    ) -> None:
        """Take the step back, and shorten the whole step to what the owner may still move."""
        weights, spent = self.tensors["weights"], self.tensors["spent"]
        step = weights[shared].astype(np.float64) - before
        length = float(np.linalg.norm(step)) + abs(back)
        if length < left:
            spent[owner] += length
        else:
            weights[shared] = before + left / length * step
            back *= left / length
            # All of it where it is the last, without a rest that rounding leaves.
            spent[owner] = min(self.params["allowance"], float(spent[owner]) + left)
        self.tensors["intercept"] -= np.float32(back)

    def _move_intercept(self, error: float, share: float) -> None:
        squares = self.tensors["intercept_squares"]
        squares += np.float32(error * error)
        pace = share * self.params["rate"] / (self.params["epsilon"] + float(squares[0]) ** 0.5)
        self.tensors["intercept"] += np.float32(pace * error)


class _Step(NamedTuple):
    """What a member learned of a row.

    Attributes
    ----------
    error : float
        What was lacking; 0 where it took no step.
    common : float
        How far the step moves the member's score of an item like all items so far.
    """

    error: float
    common: float


def _views(row: Row) -> Iterator[tuple[int, int]]:
    start = 0
    for end in row.ends or (row.slots.size,):
        yield start, end
        start = end


@cache
def _odds(alpha: float) -> NDArray[np.float32]:
    """Return by how much the log-odds of a feature rise with its next item, by items before."""
    before = np.arange(_MOST_COUNTED + 1) + alpha
    return np.log((before + 1.0) / before).astype(np.float32)


@or_compiled("chaffinch.models._kernel")
def take_step(
    tensors: dict[str, NDArray[Any]],
    slots: NDArray[np.int64],
    values: NDArray[np.float64],
    error: float,
    positive: bool,
    rate: float,
    epsilon: float,
    lean: float,
    odds: NDArray[np.float32],
    guessed: float,
    items: float,
) -> float:
    """Move the weights of one view after an error, in place.

    Parameters
    ----------
    tensors : dict of str to ndarray
        Of the learner.
    slots : ndarray of int64, shape (k,)
        The view's columns, each once.
    values : ndarray of float64, shape (k,)
        Their values.
    error : float
        What is lacking to the probability of the true label, signed as the positive label's.
    positive : bool
        Whether the true label is the positive one.
    rate, epsilon, lean : float
        As in `CommitteeLearner.blank`.
    odds : ndarray of float32, shape (65536,)
        What one more item adds to a feature's naive Bayes log-odds, by the items before it.
    guessed : float
        Items that are guessed to have had each feature, beside those counted.
    items : float
        Items so far, those that are guessed among them.

    Returns
    -------
    float
        How far the score moves of an item that has each feature with the chance that an item so
        far had it.
    """
    weights, squares, counts = tensors["weights"], tensors["squares"], tensors["counts"]
    gradient = (error * values).astype(np.float32)
    total = squares[slots] + gradient * gradient
    squares[slots] = total
    label = int(positive)
    chance = np.minimum(1.0, (counts[slots].sum(axis=1, dtype=np.float64) + guessed) / items)
    seen = counts[slots, label]
    counts[slots, label] = np.minimum(seen, _MOST_COUNTED - 1) + np.uint16(1)
    push = np.float32(lean if positive else -lean)
    step = np.float32(rate) * gradient / (np.sqrt(total) + np.float32(epsilon))
    moved = step + push * odds[seen]
    weights[slots] += moved
    return float(np.dot(moved * chance, values))

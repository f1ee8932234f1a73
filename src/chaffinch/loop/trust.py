"""Trust: which flags are likely wrong, and which flaggers are so beyond doubt.

All here works on arrays: what each flag says, who gave it, and what the model said of its item
before it learned the flag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chaffinch.explain.significance import as_many
from chaffinch.types import Interval

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Tells which of some flags are the first of their near-copies: rows → mask.
Copies = Callable[[IntArray], BoolArray]

#: A flagger is distrusted where chance alone makes so many contradictions less often than this,
#: all flaggers and windows counted; where there are as many; and where their share is as large,
#: and so many times that of the others, or more than half.
BEYOND_DOUBT = 1e-5
LEAST = 10
SHARE = 0.2
TIMES = 3.0
HALF = 0.5
#: Windows in which a sudden change is looked for: newest flags, and seconds before the newest.
NEWEST = (20, 50, 100)
HOUR = 3600.0
_WINDOWS = len(NEWEST) + 2
# As many flags before a change are left as they are.
_GOOD_NAME = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """Flags, each with the verdict that was given before it was learned.

    Parameters
    ----------
    seq : ndarray of int64, shape (n,)
        Their places in the log, ascending.
    names : tuple of str
        The flaggers.
    by : ndarray of int64, shape (n,)
        Who gave each: a place in ``names``.
    truth : ndarray of bool, shape (n,)
        Whether the label flagged is the one that the score speaks of: the positive one, or of many
        the one that the model gave.
    score : ndarray of float64, shape (n,)
        What the model said before, in log-odds of that label.
    flagged : ndarray of float64, shape (n,)
        When, in seconds since 1970-01-01 UTC.
    bulk : ndarray of bool, shape (n,)
        Whether it was stored among many.
    settled : ndarray of bool, shape (n,)
        Whether somebody has since said that its flagger is trusted.
    sure : ndarray of bool, shape (n,), optional
        Of many labels, whether the model would have been believed: the one that it gave is accepted
        at what mistakes cost, and the one flagged is known from others.
    mistakes : tuple of int
        Of the mistakes measured elsewhere of what the model began from: how many it would have been
        believed in, and how many there were.
    most : str
        Who has given more than half of all flags, bulk and all, where somebody has.
    """

    seq: IntArray
    names: tuple[str, ...]
    by: IntArray
    truth: BoolArray
    score: FloatArray
    flagged: FloatArray
    bulk: BoolArray
    settled: BoolArray
    sure: BoolArray | None = None
    mistakes: tuple[int, int] = (0, 0)
    most: str = ""

    def contradicted(self) -> BoolArray:
        """Return which flags contradict a confident verdict: see `contradicted`.

        Of many labels those do that say another label than one that would have been accepted.
        """
        if self.sure is None:
            return contradicted(self.truth, self.score)
        return self.sure & ~self.truth

    def mistaken(self) -> BoolArray:
        """Return which verdicts their flags say were wrong, sure or not."""
        return ~self.truth if self.sure is not None else self.truth != (self.score > 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How often the flags of one flagger agreed with what the model had learned before.

    Parameters
    ----------
    by : str
        The flagger.
    flags : int
        How many flags stand, of which the model's verdict before is known.
    contradicted : int
        How many contradict a confident verdict.
    trust : Interval
        Share of flags that do not, expected of the flagger: mean and 95% interval of the Beta
        distribution that follows from a uniform one.
    """

    by: str
    flags: int
    contradicted: int
    trust: Interval


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A flagger whose flags contradict confident verdicts beyond what chance or noise explain.

    Parameters
    ----------
    by : str
        The flagger.
    since : int
        The place in the log of the first flag to doubt; 0 where all are.
    flags, contradicted : int
        How many flags were looked at, and how many of them contradict; near-copies count once.
    others : float
        The share of all others' flags that do, or of these and the model's mistakes, in [0, 1].
    p : float
        The chance of as many by chance alone, all that was tested counted.
    against : str
        What ``others`` are, in words.
    """

    by: str
    since: int
    flags: int
    contradicted: int
    others: float
    p: float
    against: str = "all others'"

    @property
    def reason(self) -> str:
        """Why, in words."""
        which = "latest " if self.since else ""
        return (
            f"{self.contradicted} of {self.flags} {which}flags contradict confident verdicts, "
            f"{100 * self.others:.2g}% of {self.against} do (p = {self.p:.1g})"
        )


def contradicted(truth: BoolArray, score: FloatArray) -> BoolArray:
    """Return which flags are likely label errors by confident learning.

    A flag is one where the held-out probability of the other label is at least what the model on
    average gives to that label where it was flagged, and is the larger of the two: Northcutt, Jiang
    and Chuang, "Confident learning: estimating uncertainty in dataset labels", Journal of
    Artificial Intelligence Research 70, 2021. Where only one label was flagged there is no other.

    Parameters
    ----------
    truth : ndarray of bool, shape (n,)
        Whether the label given is the positive one.
    score : ndarray of float64, shape (n,)
        Held-out log-odds of the positive label.

    Examples
    --------
    >>> contradicted(np.array([1, 1, 0, 0, 0], bool), np.array([5.0, 5.0, -5.0, -5.0, 6.0]))
    array([False, False, False, False,  True])
    """
    if truth.all() or not truth.any():
        return np.zeros(truth.size, np.bool_)
    positive = _sigmoid(score)
    expected = float(positive[truth].mean()), float(1.0 - positive[~truth].mean())
    # Two thirds sure at least: a model that has learned next to nothing is confident of nothing.
    at_least = np.maximum(np.where(truth, expected[1], expected[0]), 2 / 3)
    other = np.where(truth, 1.0 - positive, positive)
    return np.asarray(other >= at_least)


def _sigmoid(score: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * score)))


def standings(evidence: Evidence) -> list[Standing]:
    """Return how far each flagger is to be trusted, the least first.

    Examples
    --------
    >>> said = np.array([1, 1, 1, 0, 0, 0], bool)
    >>> evidence = Evidence(np.arange(1, 7), ("ada", "bob"), np.array([0, 0, 0, 0, 0, 1]), said,
    ...     np.array([5.0, 5, 5, -5, -5, 9]), np.zeros(6), ~said, np.zeros(6, bool))
    >>> [(one.by, one.contradicted, str(one.trust)) for one in standings(evidence)]
    [('bob', 1, '0.333 [0.0126–0.842]'), ('ada', 0, '0.857 [0.541–0.996]')]
    """
    against = evidence.contradicted()
    found = [
        _standing(name, int(own.sum()), int(against[own].sum()))
        for number, name in enumerate(evidence.names)
        for own in [evidence.by == number]
    ]
    return sorted(found, key=lambda one: (one.trust.value, one.by))


def _standing(by: str, flags: int, against: int) -> Standing:
    from scipy.special import betaincinv

    agreed = flags - against
    low, high = betaincinv(1.0 + agreed, 1.0 + against, [0.025, 0.975])
    mean = (1.0 + agreed) / (2.0 + flags)
    return Standing(by, flags, against, Interval(mean, float(low), float(high)))


def suspicions(evidence: Evidence, copies: Copies | None = None) -> list[Suspicion]:
    """Return the flaggers whom the others and the model together give the lie, beyond doubt.

    A single flag is never held against anybody: one that contradicts a confident verdict may be
    the first of a new campaign, and the most valuable there is. What is tested is a flagger,
    against all others: whether as many of their flags contradict as the hypergeometric distribution
    (Fisher's exact test) makes improbable, and whether the share of those is so high that mistakes
    do not explain it. All of their flags are tested, and then the newest 20, 50 and 100 and those
    of the last hour, so that an account that was taken over is found early. Flags that were stored
    in bulk are set against other flags in bulk only, and not looked at in windows: who passes all
    mail on contradicts less than who passes on mistakes. So whoever flags one by one is set against
    others who do, and against the model's mistakes on what others flagged in bulk, or on what was
    measured elsewhere: of mistakes alone no larger share is of verdicts that it was sure of. Those
    do not outvote somebody who has given most flags. Near-copies are one flag. Where there is
    nobody else, nothing is found.

    Parameters
    ----------
    evidence : Evidence
        The flags that stand.
    copies : callable, optional
        Tells near-copies; only asked of flags that would otherwise be held against somebody.

    Returns
    -------
    list of Suspicion
        One for each flagger, the surest first.
    """
    against = evidence.contradicted()
    found: dict[str, Suspicion] = {}
    for bulk in (False, True):
        kind = np.flatnonzero(evidence.bulk == bulk)
        flaggers = np.unique(evidence.by[kind])
        for number in flaggers.tolist():
            others, whose = _of_others(evidence, against, number, bulk=bulk)
            if not others[1]:
                continue
            own = kind[(evidence.by[kind] == number) & ~evidence.settled[kind]]
            tests = _WINDOWS * int(flaggers.size)
            tested = [
                one
                for window in _windows(evidence, own, bulk=bulk)
                if (one := _tested(window, against, others, tests, copies)) is not None
            ]
            if not tested:
                continue
            surest = min(tested, key=lambda one: one.p)
            name = evidence.names[number]
            if name not in found or surest.p < found[name].p:
                start = _begun(own, against, surest)
                settled = evidence.settled[evidence.by == number].any()
                since = int(evidence.seq[own[start]]) if start or settled else 0
                found[name] = replace(surest, by=name, since=since, against=whose)
    return sorted(found.values(), key=lambda one: one.p)


def _of_others(
    evidence: Evidence, against: BoolArray, number: int, *, bulk: bool
) -> tuple[tuple[int, int], str]:
    """Return how many of what a flagger is set against contradict, how many it is, and what."""
    others = evidence.by != number
    rest = others & (evidence.bulk == bulk)
    count, size = int(against[rest].sum()), int(rest.sum())
    mistakes = others & evidence.bulk & evidence.mistaken()
    sure, all_ = evidence.mistakes
    if bulk or evidence.names[number] == evidence.most or not all_ + mistakes.sum():
        return (count, size), "all others'"
    found = count + int(against[mistakes].sum()) + sure, size + int(mistakes.sum()) + all_
    return found, "others' and of the model's mistakes"


def _windows(evidence: Evidence, own: IntArray, *, bulk: bool) -> Iterator[IntArray]:
    yield own
    if bulk or not own.size:
        return
    recent = own[evidence.flagged[own] >= evidence.flagged[own].max() - HOUR]
    for window in (*(own[-count:] for count in NEWEST), recent):
        if window.size < own.size:
            yield window


def _tested(
    window: IntArray,
    against: BoolArray,
    others: tuple[int, int],
    tests: int,
    copies: Copies | None,
) -> Suspicion | None:
    flags, wrong = int(window.size), window[against[window]]
    one = _compared(flags, int(wrong.size), others, tests)
    if one is None or copies is None:
        return one
    alone = int(copies(wrong).sum())
    return _compared(flags - int(wrong.size) + alone, alone, others, tests)


def _compared(flags: int, wrong: int, others: tuple[int, int], tests: int) -> Suspicion | None:
    if wrong < LEAST:
        return None
    share, usual = wrong / flags, others[0] / max(1, others[1])
    if share < HALF and (share < SHARE or share < TIMES * usual):
        return None
    total, size = wrong + others[0], flags + others[1]
    p = tests * float(as_many(wrong, np.array([total]), np.array([flags]), size)[0])
    return Suspicion("", 0, flags, wrong, usual, p) if p < BEYOND_DOUBT else None


def _begun(own: IntArray, against: BoolArray, one: Suspicion) -> int:
    """Return which of a flagger's flags was the first to contradict; 0 where they always did.

    The likeliest change is where the sum, from there to the end, of contradictions above half way
    between the others' share and this one's is largest: Page, "Continuous inspection schemes",
    Biometrika 41, 1954.
    """
    half_way = (one.others + one.contradicted / one.flags) / 2
    sums = np.cumsum((against[own] - half_way)[::-1])[::-1]
    start = int(np.argmax(sums))
    # A few at the beginning, which a young model did not contradict, do not make a good name.
    return start if start >= _GOOD_NAME else 0


def likely_wrong(evidence: Evidence) -> IntArray:
    """Return the rows of flags that are likely label errors, the likeliest first."""
    rows = np.flatnonzero(evidence.contradicted())
    margin = np.where(evidence.truth[rows], evidence.score[rows], -evidence.score[rows])
    return rows[np.argsort(margin, kind="stable")]

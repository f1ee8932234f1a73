"""What may be said of an item, and what it costs to say it wrongly: one of two labels, or of many.

All that tells tasks of two labels from tasks of many is here and in the measures of each: the
engine asks the task's scheme, and never how many labels there are.
"""

from __future__ import annotations

import math
import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from chaffinch.errors import UsageError, did_you_mean
from chaffinch.types import Action, Policy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from chaffinch.features.rows import Row
    from chaffinch.performance.answers import Answers
    from chaffinch.performance.compare import Met
    from chaffinch.performance.judged import Judgements
    from chaffinch.types import Interval

#: What a learner is told of an example: whether it is positive, or its label.
Target = bool | str
# Log-odds so low that nothing lies below: of many labels none is the one to do nothing about.
_NEVER = -1e9
# Letters of a label that people make up.
_LONGEST = 32


class Said(NamedTuple):
    """What a model says of an item.

    Attributes
    ----------
    label : str
        The more probable label.
    score : float
        Calibrated log-odds: of two labels of the positive one, of many of the label said.
    intercept : float
        Log-odds before anything of the item is seen.
    second : str
        The second best of many labels.
    """

    label: str
    score: float
    intercept: float = 0.0
    second: str = ""


class Scheme(ABC):
    """The labels of a task and what mistakes cost."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The labels."""

    @property
    @abstractmethod
    def policy(self) -> Policy:
        """The policy that costs least, for scores that can be taken at their word."""

    @property
    @abstractmethod
    def may_lose(self) -> float:
        """The share of the worst mistakes that is promised, unless a setting says otherwise."""

    @property
    @abstractmethod
    def may_lose_more(self) -> float:
        """The share of the worst mistakes that a new model may add, whatever it saves elsewhere."""

    @abstractmethod
    def target(self, label: str) -> Target:
        """Return what a learner is told of an example with this label."""

    @abstractmethod
    def said(self, learner: Any, row: Row, policy: Policy) -> Said:
        """Return what a model says of a row."""

    @abstractmethod
    def is_so(self, truth: str, said: str) -> bool:
        """Return whether what a score speaks of is so, given the true label and the one said."""

    @abstractmethod
    def action(self, policy: Policy, score: float) -> Action:
        """Return what to do with an item of these calibrated log-odds."""

    @property
    @abstractmethod
    def as_if_none(self) -> Action:
        """What would be done with any item if there were no model."""

    @abstractmethod
    def calibrated(self, truth: ArrayLike, score: ArrayLike, guess: ArrayLike | None) -> Policy:
        """Return the policy that costs least, given what a model said before it knew."""

    @abstractmethod
    def promised(
        self, truth: ArrayLike, score: ArrayLike, guess: ArrayLike | None, rate: float
    ) -> Policy:
        """Return the policy that keeps a promise, given what a model said before it knew."""

    @abstractmethod
    def judged(
        self,
        truth: ArrayLike,
        score: ArrayLike,
        guess: ArrayLike | None = None,
        policy: Policy | None = None,
    ) -> Judgements | Answers:
        """Return what was said, as the measures need it.

        Of many labels those are accepted that this policy accepts, by default the one that these
        same verdicts call for.
        """

    @abstractmethod
    def acted(
        self, truth: ArrayLike, score: ArrayLike, guess: ArrayLike | None, policy: Policy
    ) -> Judgements | Answers:
        """Return what a policy would have put into junk, or accepted."""

    @abstractmethod
    def measure(self, judged: Any) -> dict[str, Interval]:
        """Return every measure of performance P, by name."""

    @abstractmethod
    def met(self, first: Any, second: Any) -> Met:
        """Return how two models did that judged the same items, at the task's costs."""

    @abstractmethod
    def most_common(self, truth: ArrayLike) -> str:
        """Return the label that says least: what to call everything, for a baseline."""

    @property
    def is_open(self) -> bool:
        """Whether people may make labels up."""
        return False

    def normal(self, label: str) -> str:
        """Return a label as it is kept, however it was typed: full-width signs, spaces around."""
        return unicodedata.normalize("NFKC", label).strip()

    @abstractmethod
    def sureness(self, score: float) -> float:
        """Return the log-odds of the label said with this score; 0 where it is as likely not."""

    def check(self, task: str, label: str) -> None:
        """Refuse what is no label of a task.

        Raises
        ------
        UsageError
            The message names the closest label.
        """
        if label not in self.names:
            known = list(self.names)
            raise UsageError(
                f"'{label}' is no label of {task}{did_you_mean(label, known)}: "
                f"use {' or '.join(known)}"
            )


@dataclass(frozen=True)
class Binary(Scheme):
    """Two labels, one of which speaks of what is to be found.

    Parameters
    ----------
    negative, positive : str
        The two labels; the probability of a verdict is the positive label's.
    cost_false_positive, cost_false_negative : float
        What each mistake costs: a negative item judged positive, a positive one judged negative.

    Examples
    --------
    >>> Binary("ham", "spam", 10.0, 1.0).target("spam")
    True
    """

    negative: str
    positive: str
    cost_false_positive: float
    cost_false_negative: float

    @property
    def names(self) -> tuple[str, str]:
        """The two labels, the negative first."""
        return self.negative, self.positive

    @property
    def policy(self) -> Policy:
        """The policy that costs least: junk where a false alarm is worth its risk.

        C. Elkan, "The foundations of cost-sensitive learning", IJCAI 2001, for scores that can be
        taken at their word.
        """
        return Policy(junk=math.log(self.cost_false_positive / self.cost_false_negative))

    @property
    def may_lose(self) -> float:
        """One negative of a thousand."""
        from chaffinch.performance.promise import HAM_LOSS

        return HAM_LOSS

    @property
    def may_lose_more(self) -> float:
        """One negative of a thousand: nobody who waits for a mail asks what was saved."""
        return 0.001

    def normal(self, label: str) -> str:
        """Return a label in small letters, too."""
        return super().normal(label).lower()

    def sureness(self, score: float) -> float:
        """Return how far a score is from nought: below it speaks for the negative label."""
        return abs(score)

    def target(self, label: str) -> bool:
        """Return whether a label is the positive one."""
        return label == self.positive

    def said(self, learner: Any, row: Row, policy: Policy) -> Said:
        """Return the label on whose side the calibrated log-odds lie."""
        score = policy.calibrated(learner.score(row))
        label = self.positive if score > 0 else self.negative
        return Said(label, score, policy.calibrated(learner.intercept))

    def is_so(self, truth: str, said: str) -> bool:
        """Return whether the true label is the positive one."""
        del said
        return truth == self.positive

    def action(self, policy: Policy, score: float) -> Action:
        """Return whether to deliver, to put into junk, or to be unsure."""
        return policy.action(score)

    @property
    def as_if_none(self) -> Action:
        """Everything is delivered where nothing is judged."""
        return "deliver"

    def calibrated(
        self, truth: ArrayLike, score: ArrayLike, guess: ArrayLike | None = None
    ) -> Policy:
        """Return the policy that costs least, for a model whose scores have to be calibrated."""
        from chaffinch.performance.promise import calibrated

        del guess
        return calibrated(self.policy, truth, score)

    def promised(
        self, truth: ArrayLike, score: ArrayLike, guess: ArrayLike | None, rate: float
    ) -> Policy:
        """Return the policy by which so few of the negatives are lost."""
        from chaffinch.performance.promise import promised

        del guess
        return promised(self.policy, truth, score, rate)

    def judged(
        self,
        truth: ArrayLike,
        score: ArrayLike,
        guess: ArrayLike | None = None,
        policy: Policy | None = None,
    ) -> Judgements:
        """Return truth, score and verdict: above 0 the positive label."""
        import numpy as np

        from chaffinch.performance.judged import Judgements

        del guess, policy
        given = np.asarray(score, np.float64)
        return Judgements(truth, given, given > 0)

    def acted(
        self, truth: ArrayLike, score: ArrayLike, guess: ArrayLike | None, policy: Policy
    ) -> Judgements:
        """Return truth, calibrated score, and what the policy would have put into junk."""
        import numpy as np

        from chaffinch.performance.judged import Judgements

        del guess
        given = policy.slope * np.asarray(score, np.float64) + policy.offset
        return Judgements(truth, given, given >= policy.junk)

    def measure(self, judged: Judgements) -> dict[str, Interval]:
        """Return the measures of a filter."""
        from chaffinch.performance.measure import measure

        return measure(
            judged,
            cost_ham_lost=self.cost_false_positive,
            cost_spam_missed=self.cost_false_negative,
        )

    def met(self, first: Judgements, second: Judgements) -> Met:
        """Return how two filters did on the same items."""
        from chaffinch.performance.compare import met
        from chaffinch.performance.metrics import cost_per_1000

        cost = cost_per_1000(
            cost_ham_lost=self.cost_false_positive, cost_spam_missed=self.cost_false_negative
        )
        return met(first, second, cost=cost)

    def most_common(self, truth: ArrayLike) -> str:
        """Return the negative label: to find nothing is what needs no filter."""
        del truth
        return self.negative


@dataclass(frozen=True)
class Multiclass(Scheme):
    """Labels of which none is special.

    Parameters
    ----------
    labels : tuple of str
        Those that are known from the start.
    cost_error : float
        What a wrong answer costs.
    cost_unsure : float
        What it costs to give none: somebody has to look. Below ``cost_error``.
    is_open : bool
        Whether people may flag labels that are not known yet, each of them a new class.

    Examples
    --------
    >>> digits = Multiclass(tuple("0123456789"), 1.0, 0.1)
    >>> digits.target("7"), round(digits.policy.junk, 2)
    ('7', 2.2)
    """

    labels: tuple[str, ...]
    cost_error: float
    cost_unsure: float
    is_open: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The labels known from the start."""
        return self.labels

    def sureness(self, score: float) -> float:
        """Return a score, or 0 where the likeliest label is not likely."""
        return max(score, 0.0)

    @property
    def policy(self) -> Policy:
        """The policy that costs least: accept what is wrong less often than looking is worth.

        C. K. Chow, "On optimum recognition error and reject tradeoff", IEEE Transactions on
        Information Theory 16, 1970. Its ``junk`` is the log-odds from which a label is accepted.
        """
        odds = (self.cost_error - self.cost_unsure) / self.cost_unsure
        return Policy(junk=math.log(odds), unsure=_NEVER)

    @property
    def may_lose(self) -> float:
        """One of two hundred labels that are accepted."""
        return 0.005

    @property
    def may_lose_more(self) -> float:
        """Any: no label is special, and what a mistake costs is all there is to it.

        A model that accepts nothing has nothing wrong, and could else never be beaten.
        """
        return 1.0

    def target(self, label: str) -> str:
        """Return the label itself."""
        return label

    def check(self, task: str, label: str) -> None:
        """Refuse what is no label of a task; of an open one what cannot be shown.

        Raises
        ------
        UsageError
            If it is none.
        """
        if not self.is_open:
            super().check(task, label)
        elif (
            not label or len(label) > _LONGEST or not label.isprintable() or label != label.strip()
        ):
            raise UsageError(
                f"{label[: 2 * _LONGEST]!r} can be no label of {task}: write it in 1 to {_LONGEST} "
                "visible characters"
            )

    def said(self, learner: Any, row: Row, policy: Policy) -> Said:
        """Return the best label, its log-odds against all others, and the second best."""
        label, score, second = learner.best(row)
        return Said(label, policy.calibrated(score), second=second)

    def is_so(self, truth: str, said: str) -> bool:
        """Return whether the label said is the true one."""
        return truth == said

    def action(self, policy: Policy, score: float) -> Action:
        """Return whether to accept the label, or to be unsure."""
        return "accept" if score >= policy.junk else "unsure"

    @property
    def as_if_none(self) -> Action:
        """Without a model somebody has to look."""
        return "unsure"

    def calibrated(
        self, truth: ArrayLike, score: ArrayLike, guess: ArrayLike | None = None
    ) -> Policy:
        """Return the policy that costs least, for a model whose scores have to be calibrated."""
        import numpy as np

        from chaffinch.performance.promise import calibrated

        return calibrated(self.policy, np.asarray(truth) == np.asarray(guess), score)

    def promised(
        self, truth: ArrayLike, score: ArrayLike, guess: ArrayLike | None, rate: float
    ) -> Policy:
        """Return the policy by which so few of the accepted answers are wrong."""
        import numpy as np

        from chaffinch.performance.promise import promised_answers

        right = np.asarray(truth) == np.asarray(guess)
        return promised_answers(self.policy, right, score, rate)

    def judged(
        self,
        truth: ArrayLike,
        score: ArrayLike,
        guess: ArrayLike | None = None,
        policy: Policy | None = None,
    ) -> Answers:
        """Return truth, label given and score, and whether the policy accepts the label."""
        return self.acted(truth, score, guess, policy or self.calibrated(truth, score, guess))

    def acted(
        self, truth: ArrayLike, score: ArrayLike, guess: ArrayLike | None, policy: Policy
    ) -> Answers:
        """Return truth, label given and calibrated score, and whether the policy accepts it."""
        import numpy as np

        from chaffinch.performance.answers import Answers

        given = policy.slope * np.asarray(score, np.float64) + policy.offset
        said = np.asarray([] if guess is None else guess, np.str_)
        return Answers(np.asarray(truth, np.str_), said, given, given >= policy.junk)

    def measure(self, judged: Answers) -> dict[str, Interval]:
        """Return the measures of a recogniser."""
        from chaffinch.performance.answers import measure_answers

        return measure_answers(judged, cost_error=self.cost_error, cost_unsure=self.cost_unsure)

    def met(self, first: Answers, second: Answers) -> Met:
        """Return how two recognisers did on the same items."""
        from chaffinch.performance.compare import answers_met

        return answers_met(first, second, cost_error=self.cost_error, cost_unsure=self.cost_unsure)

    def most_common(self, truth: ArrayLike) -> str:
        """Return the most frequent label."""
        import numpy as np

        values, counts = np.unique(np.asarray(truth, np.str_), return_counts=True)
        return str(values[counts.argmax()]) if values.size else self.labels[0]

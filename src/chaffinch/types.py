"""The words that every room speaks: frozen, small, and free of behaviour that could surprise."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Action = Literal["deliver", "junk", "unsure"]


@dataclass(frozen=True)
class Item:
    r"""Something that came in: raw bytes, and how they came.

    Parameters
    ----------
    data : bytes
        The bytes as they arrived, never altered.
    kind : str
        What the bytes are: ``"mail"``. Equal bytes of two kinds are two items.
    owner : str
        Whose item it is; the empty string is the one owner of a personal installation.
    received : float or None
        When it arrived, in seconds since 1970-01-01 UTC, where that is known.

    Examples
    --------
    >>> Item(b"Subject: hello\n\nHi!\n").id
    'b64a5f22d6f94fbf115040522eef8570'
    """

    data: bytes
    kind: str = "mail"
    owner: str = ""
    received: float | None = None

    @cached_property
    def id(self) -> str:
        """Tagged SHA-256 of the bytes, its first 128 bits in hexadecimal.

        The tag keeps equal bytes of two kinds apart, and our ids apart from other programs' plain
        hashes of the same mail.
        """
        return hashlib.sha256(f"chaffinch/{self.kind}\0".encode() + self.data).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of why: a piece of the item and how much it said for or against.

    Parameters
    ----------
    text : str
        The piece as a person would name it: a word, a phrase, a link, a rule.
    where : str
        The part of the item it stands in: ``"subject"``, ``"body"``, ``"header X-Mailer"`` …
    weight : float
        Its share of the score, in log-odds (natural logarithm): positive speaks for the task's
        positive label, negative against it.
    own : float
        How much of the weight comes from the owner's own view, in log-odds.
    quoted : bool
        Whether the text is the item's own words, and not a description of them.
    """

    text: str
    where: str
    weight: float
    own: float = 0.0
    quoted: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about one item, by which model, and why.

    Parameters
    ----------
    item : str
        The item's id.
    label : str
        The more probable label.
    probability : float
        Probability of the task's positive label (``"spam"`` for mail), in [0, 1].
    score : float
        The same in log-odds, unclamped: ranks items even where the probability rounds to 1.
    action : {"deliver", "junk", "unsure"}
        What the policy makes of the probability.
    model : str
        The id of the model that judged.
    reasons : tuple of Reason
        The strongest reasons, strongest first; at least half speak for the label, where there are
        so many.
    notes : tuple of str
        What the reader could not read, or cut.
    intercept : float
        Log-odds before anything of the item is seen.
    rest : float
        Sum of the weights of all reasons not given: ``intercept``, the weights of ``reasons`` and
        ``rest`` add up to ``score``, to rounding.
    """

    item: str
    label: str
    probability: float
    score: float
    action: Action
    model: str
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()
    intercept: float = 0.0
    rest: float = 0.0


@dataclass(frozen=True, slots=True)
class Flag:
    """An item's true label as a person gave it.

    Parameters
    ----------
    item : str
        The item's id.
    label : str
        The label given.
    owner : str
        Whose item, and so whose taste, it speaks of.
    by : str
        Who gave it.
    door : str
        Through which door it came: ``"learn"``, ``"flag"`` …
    flagged : float
        When, in seconds since 1970-01-01 UTC.
    seq : int
        Its place in the experience's log; 0 while it is not stored.
    """

    item: str
    label: str
    owner: str = ""
    by: str = ""
    door: str = "flag"
    flagged: float = 0.0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """An item with its true label: one unit of experience E.

    Parameters
    ----------
    item : Item
        What came in.
    label : str
        Its true label.
    name : str
        What to call it in reports: a path, a line of a file.
    seq : int
        Its flag's place in the experience's log; 0 where it comes from elsewhere.
    given : bool
        Whether a person gave the label; what the models labelled themselves counts in no measure.
    """

    item: Item
    label: str
    name: str = ""
    seq: int = 0
    given: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """Turns a probability into an action; changes without any retraining.

    Parameters
    ----------
    junk : float
        Probability of the positive label from which an item is junk.
    unsure : float
        Probability from which it is unsure, below ``junk``; under it the item is delivered.

    Examples
    --------
    >>> policy = Policy(junk=0.9, unsure=0.5)
    >>> [policy.action(p) for p in (0.1, 0.7, 0.95)]
    ['deliver', 'unsure', 'junk']
    """

    junk: float = 0.9
    unsure: float = 0.5

    def action(self, probability: float) -> Action:
        """Return what to do with an item of this probability."""
        if probability >= self.junk:
            return "junk"
        return "unsure" if probability >= self.unsure else "deliver"


@dataclass(frozen=True, slots=True)
class Launch:
    """Which model is champion since when, why, and what it replaced.

    Parameters
    ----------
    task : str
        The task's name.
    model : str
        The champion's id.
    rung : str
        Which rung of the task's ladder it stands on.
    launched : float
        When, in seconds since 1970-01-01 UTC.
    reason : str
        Why, in words.
    replaced : str
        The id of the champion before, or the empty string.
    flags_from : int
        Flags later than this place in the log are learned on top of the model as launched.
    rollback : bool
        Whether it brought an earlier champion back.
    seq : int
        Its place in the history of launches.
    """

    task: str
    model: str
    rung: str
    launched: float
    reason: str
    replaced: str = ""
    flags_from: int = 0
    rollback: bool = False
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A challenger that was trained and did not become champion, and why.

    Parameters
    ----------
    task : str
        The task's name.
    model : str
        The challenger's id.
    rung : str
        Which rung of the task's ladder it stands on.
    champion : str
        The id of the model that stayed, or went in, in its place.
    refused : float
        When, in seconds since 1970-01-01 UTC.
    reason : str
        Why, in words.
    evidence : dict
        What was measured, JSON-ready.
    seq : int
        Its place in the history of refusals.
    """

    task: str
    model: str
    rung: str
    champion: str
    refused: float
    reason: str
    evidence: dict[str, object] = field(default_factory=dict)
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with its 95% interval, in the value's own unit.

    Examples
    --------
    >>> str(Interval(0.0837, 0.053, 0.119))
    '0.0837 [0.053–0.119]'
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.low:.3g}–{self.high:.3g}]"


@dataclass(frozen=True, slots=True)
class Report:
    """Performance P: what was measured, on which data, of which model, in how long.

    Parameters
    ----------
    task, model, rung : str
        What was measured.
    protocol : str
        ``"immediate"``, ``"delayed"``, ``"batch"`` or ``"frozen"``.
    data : str
        What it was measured on: a name or path.
    data_hash : str
        Digest of the items judged and their labels, in judged order.
    n : int
        Items judged.
    errors : int
        Items whose label was wrong.
    metrics : dict of str to Interval
        By the names that docs/performance.md explains, ``"accuracy"`` among them.
    curve : tuple of (int, float)
        Learning curve: experience E (examples judged so far), errors among the latest in percent.
    cpu_seconds : float
        Processor time of reading, features, scoring and, where the protocol learns, learning.
    extra : dict
        What else a protocol has to say, JSON-ready.
    """

    task: str
    model: str
    rung: str
    protocol: str
    data: str
    data_hash: str
    n: int
    errors: int
    metrics: dict[str, Interval]
    curve: tuple[tuple[int, float], ...] = ()
    cpu_seconds: float = 0.0
    extra: dict[str, object] = field(default_factory=dict)

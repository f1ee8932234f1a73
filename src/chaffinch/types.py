"""The words that every room speaks: frozen, small, and free of behaviour that could surprise."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self

Action = Literal["deliver", "junk", "unsure", "accept"]


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
    source : str
        What it is called where it came from, such as a file's path, so that people know it again;
        of two items that differ in nothing else it makes no two.

    Examples
    --------
    >>> Item(b"Subject: hello\n\nHi!\n").id
    'b64a5f22d6f94fbf115040522eef8570'
    """

    data: bytes
    kind: str = "mail"
    owner: str = ""
    received: float | None = None
    source: str = field(default="", compare=False)

    @cached_property
    def id(self) -> str:
        """Tagged SHA-256 of the bytes, its first 128 bits in hexadecimal.

        The tag keeps equal bytes of two kinds apart, and our ids apart from other programs' plain
        hashes of the same mail.
        """
        return hashlib.sha256(f"chaffinch/{self.kind}\0".encode() + self.data).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of something that came in, to be judged by itself.

    Parameters
    ----------
    box : tuple of float
        Where it stands: left, top, right and bottom, in pixels of an image; begin and end, in
        seconds of a recording.
    data : bytes
        The part as an item of its own.
    line : int
        On which line of an image it stands, the uppermost being 0.
    notes : tuple of str
        What the reader noted of the whole.
    doubts : tuple of str
        Those notes that leave any of its parts unsure.
    """

    box: tuple[float, ...]
    data: bytes
    line: int = 0
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


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
        positive label, negative against it. Of images and recordings what the label given loses
        where the piece is covered.
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
        The more probable label; empty where an image or a recording holds nothing to judge.
    probability : float
        Probability of the task's positive label (``"spam"`` for mail), or of many labels of the
        one given, in [0, 1], calibrated; 0 where none is.
    score : float
        The same in log-odds, unclamped: ranks items even where the probability rounds to 1; 0 where
        no label is given.
    action : {"deliver", "junk", "unsure", "accept"}
        What the policy makes of it; where the installation only logs always ``"deliver"``, or of
        many labels ``"unsure"``.
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
        ``rest`` add up to ``score``, to rounding. Of images and recordings, whose weights are what
        the score loses where a part is covered, it is what these are off by.
    second : str
        The second best of many labels; empty where there are two.
    would_be : str
        What the policy makes of it, where that is not done since the installation only logs.
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
    second: str = ""
    would_be: str = ""


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
    held : bool
        Whether it is held for review: stored, but not learned.
    known : bool
        Whether the same had been said before, so that giving it stored nothing.
    """

    item: str
    label: str
    owner: str = ""
    by: str = ""
    door: str = "flag"
    flagged: float = 0.0
    seq: int = 0
    held: bool = False
    known: bool = False


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
    speaker : str
        Who is heard in it, where its name says so.
    by : str
        Who gave the label; empty where it comes from elsewhere than the experience.
    """

    item: Item
    label: str
    name: str = ""
    seq: int = 0
    given: bool = True
    speaker: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """Turns a model's score into an action; changes without any retraining.

    Parameters
    ----------
    junk : float
        Calibrated log-odds of the positive label from which an item is junk; of many labels those
        of the one given, from which it is accepted.
    unsure : float
        Log-odds from which it is unsure, below ``junk``; under it the item is delivered.
    slope, offset : float
        The line that makes the model's scores log-odds that can be taken at their word.
    ham_loss : float
        Share of the negatives that may be lost, or of accepted labels that may be wrong, which
        ``junk`` was chosen for; 0 where nothing is promised.
    missing : int
        How many more flags of the negative label, or of any, it takes until that is kept with 95%
        confidence.

    Examples
    --------
    >>> policy = Policy(junk=2.0, unsure=0.0)
    >>> [policy.action(score) for score in (-3.0, 1.0, 5.0)]
    ['deliver', 'unsure', 'junk']
    """

    junk: float = 2.0
    unsure: float = 0.0
    slope: float = 1.0
    offset: float = 0.0
    ham_loss: float = 0.0
    missing: int = 0

    def calibrated(self, score: float) -> float:
        """Return the log-odds of what a model gave this score."""
        return self.slope * score + self.offset

    def action(self, score: float) -> Action:
        """Return what to do with an item of these calibrated log-odds."""
        if score >= self.junk:
            return "junk"
        return "unsure" if score >= self.unsure else "deliver"


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
class Trigger:
    """Why a new model is to be tried.

    Parameters
    ----------
    kind : {"errors", "features", "rising", "experience", "schedule", "asked"}
        What was noticed: more mistakes, items of another kind, terms that rise, much new
        experience, time gone by; or that somebody asked for it.
    said : str
        The same in words.
    since : int
        The place in the log after which it seems to have begun; 0 where that is not known.
    terms : tuple of (str, str)
        The parts and texts of the terms that rise.
    """

    kind: str
    said: str
    since: int = 0
    terms: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it JSON-ready."""
        return {"kind": self.kind, "said": self.said, "since": self.since, "terms": self.terms}

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return what `as_json` made values of."""
        terms = tuple((str(part), str(text)) for part, text in values["terms"])
        return cls(values["kind"], values["said"], values["since"], terms)


@dataclass(frozen=True, slots=True)
class Adaptation:
    """One round of the adapting loop: what set it off, and what came of it.

    Parameters
    ----------
    task : str
        The task's name.
    began : float
        When, in seconds since 1970-01-01 UTC.
    upto : int
        The newest place in the log that it looked at.
    triggers : tuple of Trigger
        What set it off.
    finished : float or None
        When it was done; None where it is at work, or was killed at it.
    outcome : {"launched", "refused", "given up", ""}
        What came of it; empty while it is not finished.
    reason : str
        Why, in words.
    seq : int
        Its place in the history.
    """

    task: str
    began: float
    upto: int
    triggers: tuple[Trigger, ...]
    finished: float | None = None
    outcome: str = ""
    reason: str = ""
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

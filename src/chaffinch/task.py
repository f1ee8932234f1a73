"""T: what is to be done, at what cost of mistakes, read how, learned by what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from chaffinch.errors import MissingExtraError, UsageError, did_you_mean
from chaffinch.explain.wording import Wording
from chaffinch.medium import Medium, Portrait
from chaffinch.scheme import Binary, Said, Scheme, Target
from chaffinch.settings import home_folder, read_settings
from chaffinch.types import Policy
from chaffinch.wordless import as_it_is

if TYPE_CHECKING:
    from chaffinch.features.rows import Features, Pretrained
    from chaffinch.models.base import Learner
    from chaffinch.models.starter import Starter
    from chaffinch.performance.record import Record
    from chaffinch.readers.notes import Notes
    from chaffinch.types import Item, Part, Reason

#: The tasks there are; each is the module of that name in `chaffinch.tasks`, with its ``TASK``.
TASKS = ("mail", "message", "digits", "words")
# Those of two labels.
_BINARY = ("mail", "message")


@dataclass(frozen=True)
class Rung:
    """One step of a task's ladder: features, and a model on them.

    Parameters
    ----------
    name : str
        What the rung is called in reports and on the command line.
    title : str
        What it is, in a few words.
    features : Features
        Rungs that share this object share its work.
    learner : type of Learner
        The model's class, by which it is begun and restored.
    starter : Path, optional
        The file of what was learned elsewhere, where the package ships one.
    worth : str, optional
        What it is good at and what not, in one phrase.
    why : callable, optional
        Tells why it said something, where that is told otherwise than on the task's other rungs.
    below : str, optional
        Of a rung that is there on request: the name of the rung of the ladder that it is next
        below, as it is simpler; by default it is above all.
    """

    name: str
    title: str
    features: Features
    learner: type[Learner]
    starter: Path | None = None
    worth: str = ""
    why: Why | None = None
    below: str = ""

    def start(self) -> Learner:
        """Return the rung's model as it is before any experience, one's own or others'."""
        return self.learner.start(self.features)

    def begin(self, ids: Iterable[str] = ()) -> tuple[Learner, str]:
        """Return the rung's model as a new installation has it: with its starter, if it has one.

        Parameters
        ----------
        ids : iterable of str
            The items that it will judge and learn. Where the starter has seen them already it is
            left out, for its verdicts on them would prove nothing.

        Returns
        -------
        Learner
            The model.
        str
            The starter's id; empty where there is none in it.
        """
        learner = self.start()
        pretrained = self.pretrained
        if pretrained is not None:
            # What it has seen counts in no record: see `has_seen`.
            return learner, pretrained.name
        starter = self.read_starter()
        if starter is None or starter.knows(ids):
            return learner, ""
        starter.teach(learner)
        return learner, starter.card.id

    def require(self) -> None:
        """Make sure that it can learn and judge, before any work is begun.

        Raises
        ------
        MissingExtraError
            If a package that it needs is not installed.
        """
        missing = [name for name in self.learner.needs if find_spec(name) is None]
        if missing:
            judges, trains = ["digits"] * ("onnxruntime" in missing), missing != ["onnxruntime"]
            extras = ",".join([*judges, *["train"] * trains])
            raise MissingExtraError(
                f"the rung {self.name} needs {' and '.join(missing)}, which "
                f"{'is' if len(missing) == 1 else 'are'} not installed: "
                f"pip install 'chaffinch[{extras}]'"
            )

    def has_seen(self, item: Item) -> bool:
        """Return whether what makes its features has learned from this item."""
        pretrained = self.pretrained
        return pretrained is not None and pretrained.has_seen(item)

    def measured(self) -> Record | None:
        """Return what was measured elsewhere of what it begins from, where anything was."""
        pretrained = self.pretrained
        return None if pretrained is None else pretrained.measured()

    def knows(self, items: Iterable[Item]) -> bool:
        """Return whether what it begins from has seen more of these items than chance has it."""
        pretrained = self.pretrained
        if pretrained is not None:
            from chaffinch.models.starter import MOST_KNOWN

            seen = [pretrained.has_seen(item) for item in items]
            return sum(seen) > MOST_KNOWN * len(seen)
        starter = self.read_starter()
        return starter is not None and starter.knows(item.id for item in items)

    @property
    def begins_from(self) -> str:
        """The id of what was learned elsewhere that it begins from; empty where there is none."""
        pretrained = self.pretrained
        if pretrained is not None:
            return pretrained.name
        starter = self.read_starter()
        return "" if starter is None else starter.card.id

    @property
    def pretrained(self) -> Pretrained | None:
        """Its features, where they were learned elsewhere and before."""
        from chaffinch.features.rows import Pretrained

        return self.features if isinstance(self.features, Pretrained) else None

    def read_starter(self) -> Starter | None:
        """Return the starter that ships with the rung, if one does that fits its features."""
        if self.starter is None or not self.starter.exists() or self.pretrained:
            return None
        from chaffinch.models.starter import load_starter

        starter = load_starter(self.starter)
        return starter if starter.card.features == self.features.signature else None


class Judge(NamedTuple):
    """What gave a verdict that is to be explained.

    Attributes
    ----------
    task : Task
        The task.
    rung : Rung
        The rung of its ladder.
    learner : Learner
        The rung's model.
    policy : Policy
        What calibrates its scores.
    """

    task: Task
    rung: Rung
    learner: Any
    policy: Policy


#: Tells why: who judged, the content, its owner, what was said, and how many reasons to give at
#: most; returns these, and what all others say together.
Why = Callable[[Judge, Any, str, Said, int], "tuple[tuple[Reason, ...], float]"]


@dataclass(frozen=True)
class Task:
    """What is to be learned (Mitchell 1997: the T beside E and P).

    Parameters
    ----------
    name : str
        What it is called; also the kind of its items.
    scheme : Scheme
        Its labels, and what each mistake costs.
    reader : callable
        Raw bytes → content; never raises.
    ladder : tuple of Rung
        Models, simplest first.
    on_request : tuple of Rung
        Deeper ones, which take long to train, or more packages: there where they are asked for.
    received : callable
        When an item arrived, by its own content: seconds since 1970-01-01 UTC, or None.
    clean : callable
        Raw bytes as a person hands them in → as they first came in: what we added is taken out.
    vocabulary : callable
        Content → (part, text) pairs whose words and phrases people are shown, the one that people
        see first at the beginning.
    facts : callable
        Content → (part, fact) pairs: what its words do not tell, as people would say it.
    wording : Wording
        How its parts are told where a verdict is explained.
    parts : callable, optional
        Raw bytes → the parts that are items of their own, where there are several.
    listen : callable, optional
        A file that may have no end, notes, and how many samples a second it has where it does not
        say so itself → its parts, each as soon as it has ended.
    unfit : callable, optional
        Raw bytes → why they can be no example of one label; empty where they can.
    uncut : callable, optional
        Raw bytes → those of the item that they are to whoever gives them one label, where reading
        them may have cut one part into several; by default as they are.
    spellings : mapping of str to str
        Other ways to write its labels, as data sets do.
    medium : Medium, optional
        What its items are, where they are no text: then the content says whether it is ``blank``,
        has ``doubts``, which leave it unsure, and says whether it holds ``several`` parts.
    reading : callable, optional
        The settings in force → the reader, where they say something of how items are read.
    why : callable
        Tells why something was said of an item; by default the score divided among its words.
    earlier : callable, optional
        Clean bytes → these, and what they may have been when they were judged, before something was
        put on top of them on their way, the nearest first.
    """

    name: str
    scheme: Scheme
    reader: Callable[[bytes], Any]
    ladder: tuple[Rung, ...]
    received: Callable[[Any], float | None]
    clean: Callable[[bytes], bytes]
    vocabulary: Callable[[Any], list[tuple[str, str]]]
    facts: Callable[[Any], Iterable[tuple[str, str]]]
    wording: Wording = field(default_factory=Wording)
    parts: Callable[[bytes], list[Part]] | None = None
    listen: Callable[[BinaryIO, Notes, int | None], Iterator[Part]] | None = None
    unfit: Callable[[bytes], str] | None = None
    uncut: Callable[[bytes], bytes] = as_it_is
    spellings: Mapping[str, str] = field(default_factory=dict)
    medium: Medium | None = None
    reading: Callable[[Mapping[str, Any]], Callable[[bytes], Any]] | None = None
    why: Why | None = None
    on_request: tuple[Rung, ...] = ()
    earlier: Callable[[bytes], Iterable[bytes]] | None = None

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The ladder, and what is there on request, simplest first."""
        rungs: list[Rung] = []
        for one in self.ladder:
            rungs += [rung for rung in self.on_request if rung.below == one.name]
            rungs.append(one)
        return (*rungs, *(rung for rung in self.on_request if rung not in rungs))

    def asking(self, name: str) -> Task:
        """Return this task with a rung in its ladder that was asked for.

        Raises
        ------
        UsageError
            If there is no such rung.
        """
        self.rung(name)
        rungs = [rung for rung in self.rungs if rung in self.ladder or rung.name == name]
        return replace(self, ladder=tuple(rungs))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels; of two the negative first."""
        return self.scheme.names

    @property
    def portrait(self) -> Portrait:
        """How its items are shown, where they are no text.

        Raises
        ------
        UsageError
            If they are text.
        """
        if self.medium is None:
            raise UsageError(
                f"{self.name} is text, of which no picture is drawn: this is for images and "
                "recordings"
            )
        return self.medium.portrait

    def title(self, content: Any) -> str:
        r"""Return what to call an item: its first words, or else what it is.

        Examples
        --------
        >>> get_task("mail").title(get_task("mail").reader(b"Subject: Tea?\n\nAt four."))
        'Tea?'
        """
        from chaffinch.explain.table import title_of

        if self.medium is not None:
            return self.medium.portrait.told(content)
        return title_of(text for _, text in self.vocabulary(content))

    def reads(self, medium: str) -> bool:
        """Return whether its items are of a medium, such as images or recordings."""
        return self.medium is not None and self.medium.name == medium

    @property
    def binary(self) -> Binary:
        """The scheme of a task of two labels.

        Raises
        ------
        UsageError
            If there are more.
        """
        if not isinstance(self.scheme, Binary):
            raise UsageError(
                f"{self.name} has more than two labels, and what you asked for sets one label "
                f"against the other: it is for {' and '.join(_BINARY)}"
            )
        return self.scheme

    @property
    def positive(self) -> str:
        """The label of two that speaks of what is to be found."""
        return self.binary.positive

    @property
    def negative(self) -> str:
        """The other label of two."""
        return self.binary.negative

    @property
    def policy(self) -> Policy:
        """The policy that costs least, for scores that can be taken at their word."""
        return self.scheme.policy

    def label(self, given: str) -> str:
        """Return a label as it is kept, from what a person typed or data hold.

        Raises
        ------
        UsageError
            If it can be none; the message names the closest label.

        Examples
        --------
        >>> get_task("digits").label(" \uff15"), get_task("mail").label("Spam")
        ('5', 'spam')
        """
        if not isinstance(given, str):
            raise UsageError(f"a label is text: write {str(given)!r} for {given!r}")
        label = self.scheme.normal(given)
        label = self.spellings.get(label, label)
        self.check(label)
        return label

    def check(self, label: str) -> None:
        """Refuse what is no label of this task.

        Raises
        ------
        UsageError
            The message names the closest label.
        """
        self.scheme.check(self.name, label)

    def is_positive(self, label: str) -> bool:
        """Return whether this is the positive label of two.

        Raises
        ------
        UsageError
            If it is no label of this task; the message names the closest one.
        """
        self.check(label)
        return label == self.positive

    def target(self, label: str) -> Target:
        """Return what a learner is told of an example with this label.

        Raises
        ------
        UsageError
            If it is no label of this task.
        """
        self.check(label)
        return self.scheme.target(label)

    @property
    def first(self) -> Rung:
        """The rung that judges before there is any flag, and is to be beaten by the others.

        The highest that has a starter; where none has, the simplest of all.
        """
        started = [rung for rung in self.ladder if rung.starter and rung.starter.exists()]
        return started[-1] if started else self.ladder[0]

    def rung(self, name: str) -> Rung:
        """Return the rung of this name.

        Raises
        ------
        UsageError
            If the ladder has none; the message names the closest one.
        """
        for rung in self.rungs:
            if rung.name == name:
                return rung
        known = [rung.name for rung in self.rungs]
        raise UsageError(
            f"'{name}' is no rung of the ladder of {self.name}{did_you_mean(name, known)}: "
            f"use one of {', '.join(known)}"
        )


def get_task(name: str, *, home: Path | None = None) -> Task:
    """Return the task of this name, with the rules and the settings of an installation.

    Parameters
    ----------
    name : str
        The task's name.
    home : Path, optional
        The folder of the installation; by default as the settings say. Where its files of rules
        change, the next call returns another task; the one before keeps the rules it has read.

    Raises
    ------
    UsageError
        If there is none; the message names the closest one.

    Examples
    --------
    >>> get_task("mail").labels
    ('ham', 'spam')
    """
    if name not in TASKS:
        known = list(TASKS)
        raise UsageError(
            f"'{name}' is no task{did_you_mean(name, known)}: use {' or '.join(known)}"
        )
    from chaffinch.rules.files import fitted_path, local_path

    task: Task = import_module(f"chaffinch.tasks.{name}").TASK
    home = home or home_folder()
    stamps = tuple(map(_stamp, (local_path(home, name), fitted_path(home, name))))
    if any(stamps):
        task = _with_local_rules(name, home, stamps)
    reader = task.reading(read_settings(home)) if task.reading else task.reader
    return task if reader is task.reader else replace(task, reader=reader)


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file does; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=8)
def _with_local_rules(name: str, home: Path, stamps: tuple[tuple[int, int] | None, ...]) -> Task:
    from chaffinch.features.rules import RuleFeatures

    del stamps  # they tell one state of the files from another
    task: Task = import_module(f"chaffinch.tasks.{name}").TASK
    ladder = tuple(
        replace(rung, features=rung.features.at(home, name))
        if isinstance(rung.features, RuleFeatures)
        else rung
        for rung in task.ladder
    )
    return replace(task, ladder=ladder)

"""The request path: raw bytes → read → features → score → decide → remember."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from chaffinch.errors import ChaffinchError, UsageError
from chaffinch.experience.in_force import InForce
from chaffinch.explain.reasons import by_words
from chaffinch.models.base import sigmoid
from chaffinch.settings import home_folder
from chaffinch.task import Judge, get_task
from chaffinch.types import Item, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaffinch.experience.champion import Champion
    from chaffinch.models.base import Learner
    from chaffinch.task import Rung, Task
    from chaffinch.types import Action, Example, Flag, Part, Policy, Reason

_REASONS = 6


class Predictor:
    """A launched model that judges what comes in.

    Predicting never changes the model; only a flag does.

    Parameters
    ----------
    task : Task
        What is judged.
    rung : Rung
        The rung of the task's ladder that the model stands on.
    learner : Learner
        The model.
    model : str
        The model's id, which its verdicts carry.
    policy : Policy, optional
        What to do at which score; by default what costs least at the task's costs.
    in_force : InForce, optional
        The installation whose model it is: where items and verdicts are kept, and what was flagged
        and launched is taken over from. Without one nothing is.
    """

    def __init__(
        self,
        task: Task,
        rung: Rung,
        learner: Learner,
        model: str,
        *,
        policy: Policy | None = None,
        in_force: InForce | None = None,
    ) -> None:
        self.task = task
        self.rung = rung
        self.learner = learner
        self.model = model
        self.policy = policy or task.policy
        self._in_force = in_force

    @classmethod
    def load(cls, task: str = "mail", *, home: Path | None = None) -> Self:
        """Return the launched model of a task, with every flag learned that was given since.

        Where nothing was launched yet it is the task's starter model.

        Parameters
        ----------
        task : str
            The task's name.
        home : Path, optional
            The folder of the installation; by default as the settings say.

        Raises
        ------
        ModelError
            If no model is launched and no starter ships, or a file is missing or damaged.
        """
        home = home or home_folder()
        in_force = InForce(get_task(task, home=home), home)
        now = in_force.champion
        return cls(
            in_force.task, now.rung, now.learner, now.model, policy=now.policy, in_force=in_force
        )

    @classmethod
    def of(cls, task: Task, champion: Champion) -> Self:
        """Return what judges by a model that was loaded, and remembers nothing."""
        return cls(task, champion.rung, champion.learner, champion.model, policy=champion.policy)

    def refresh(self) -> None:
        """Take over what was flagged and launched since, by this process or any other.

        `predict` does so by itself, at most four times a second. Where it fails the model before
        goes on judging.

        Raises
        ------
        ChaffinchError
            If the experience cannot be read at present, or the newly launched model cannot.
        """
        if self._in_force is None:
            return
        before, now = self._in_force.champion, self._in_force.refresh()
        if now is before:
            return
        self.rung, self.learner = now.rung, now.learner
        self.model, self.policy = now.model, now.policy

    def predict(
        self,
        item: Item | bytes,
        *,
        door: str = "api",
        reasons: int = _REASONS,
        remember: bool = True,
        part: Part | None = None,
        log_only: bool = False,
    ) -> Verdict:
        """Judge one item.

        Parameters
        ----------
        item : Item or bytes
            What came in; any bytes can be judged.
        door : str
            Through which door it came, for the record.
        reasons : int
            How many reasons to give at most; without any, judging is quicker.
        remember : bool
            Whether to keep the item and the verdict, where the installation does.
        part : Part, optional
            The part of a whole that the item is: what was noted of the whole is noted of it, and
            what leaves the whole in doubt leaves it unsure. Of an item of several parts that is
            judged whole, the first is judged, and that is noted and unsure; unless a flag that
            stands says that they are one, which is judged then, under its own id.
        log_only : bool
            Whether it is delivered whatever the verdict, which is only written down, as where the
            installation only logs.
        """
        item = self._item(item)
        if self._in_force is not None and self._in_force.is_due:
            # What is in force goes on judging whatever happens to what is to follow it.
            with suppress(ChaffinchError):
                self.refresh()
        content = self.task.reader(item.data)
        if part is None and self.task.medium is not None and content.several:
            # A person may have said that it is one. What cannot be looked up is judged as it is.
            with suppress(ChaffinchError):
                item = self.known(item)
                content = self.task.reader(item.data)
        whole, doubts = (part.notes, part.doubts) if part else self._first_of(content)
        if self.task.medium is not None and content.blank:
            # What a model says of nothing would be no more than which label it gives by default.
            nothing = Verdict(item.id, "", 0.0, 0.0, "unsure", self.model)
            noted = tuple(dict.fromkeys((*whole, *content.notes)))
            return self._remembered(item, replace(nothing, notes=noted), door)
        row = self.rung.features.row(content, item.owner)
        said = self.task.scheme.said(self.learner, row, self.policy)
        why: tuple[Reason, ...] = ()
        rest = said.score - said.intercept
        if reasons:
            judge = Judge(self.task, self.rung, self.learner, self.policy)
            tell = self.rung.why or self.task.why or by_words
            why, rest = tell(judge, content, item.owner, said, reasons)
        verdict = Verdict(
            item=item.id,
            label=said.label,
            probability=sigmoid(said.score),
            score=said.score,
            action=self._action(content, said.score, doubts),
            model=self.model,
            reasons=why,
            notes=tuple(dict.fromkeys((*whole, *getattr(content, "notes", ())))),
            intercept=said.intercept,
            rest=rest,
            second=said.second,
        )
        as_if = self.task.scheme.as_if_none
        log_only = log_only or (self._in_force is not None and self._in_force.log_only)
        if log_only and verdict.action != as_if:
            notes = (*verdict.notes, f"log only: would be {verdict.action}")
            verdict = replace(verdict, action=as_if, would_be=verdict.action, notes=notes)
        return self._remembered(item, verdict, door) if remember else verdict

    def remember(self, judged: Sequence[tuple[Item, Verdict]], *, door: str) -> None:
        """Keep items and their verdicts, where the installation does.

        For those who judge many at a time with ``remember=False``: it costs less to keep several
        at once than each by itself.

        Parameters
        ----------
        judged : sequence of (Item, Verdict)
            What was judged.
        door : str
            Through which door it came.

        Raises
        ------
        ChaffinchError
            If it cannot be kept; then nothing of it is.
        """
        if self._in_force is not None:
            self._in_force.remember(judged, door=door)

    def _first_of(self, content: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return notes and doubts of what is judged whole: of several parts only one is."""
        if self.task.medium is None or not content.several:
            return (), ()
        said = f"{content.several}: only the first is judged; judge each part (Task.parts)"
        return (said,), (said,)

    def _action(self, content: Any, score: float, doubts: tuple[str, ...]) -> Action:
        """Return what to do; somebody has to look at what was not read as a whole."""
        if doubts or (self.task.medium is not None and content.doubts):
            return "unsure"
        return self.task.scheme.action(self.policy, score)

    def _remembered(self, item: Item, verdict: Verdict, door: str) -> Verdict:
        try:
            self.remember([(item, verdict)], door=door)
        except ChaffinchError as error:
            # The verdict stands, whether or not it can be remembered.
            return replace(verdict, notes=(*verdict.notes, f"not remembered: {error}"))
        return verdict

    def _item(self, item: Item | bytes) -> Item:
        if isinstance(item, Item):
            return item
        if not isinstance(item, bytes):
            raise UsageError(f"a {type(item).__name__} cannot be judged: give bytes, or an Item")
        return Item(item, kind=self.task.name)

    def flag(self, item: Item | bytes, label: str, *, by: str = "", new: bool = False) -> Flag:
        """Store what an item really is, and learn it at once.

        The flag is on disk when this returns; other processes know it within a second.

        Parameters
        ----------
        item : Item or bytes
            The item.
        label : str
            Its true label.
        by : str
            Who says so.
        new : bool
            Whether the label may be one that the task does not know and nobody has given yet.

        Raises
        ------
        UsageError
            If it is no label of the task, a new one that is not said to be new, or this predictor
            was not loaded from an installation.
        InputError
            If the item can be no example, as a picture that shows nothing, or several signs.
        """
        if self._in_force is None:
            raise UsageError("this predictor has no experience to learn from: use Predictor.load")
        from chaffinch.loop.flag import flag

        item = self._item(item)
        item = replace(item, data=self.task.clean(item.data))
        given = flag(self.task, item, label, home=self._in_force.home, by=by, door="api", new=new)
        self.refresh()
        return given

    def known(self, item: Item) -> Item:
        """Return the item that a person means: as it was judged or flagged before, if it was.

        Delivery puts headers on top of a mail that a door has judged; what a mailbox holds is that
        mail, all the same.

        Parameters
        ----------
        item : Item
            What the person named, clean.
        """
        return item if self._in_force is None else self._in_force.known(item)

    def flagged(self, most: int) -> list[Example]:
        """Return the examples whose flags stand, of the newest flags of the experience.

        Parameters
        ----------
        most : int
            How many flags to look at, of any task.
        """
        return self._in_force.flagged(most) if self._in_force is not None else []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the experience go."""
        if self._in_force is not None:
            self._in_force.close()

    def reopen(self) -> None:
        """Open the experience again, in a process that was forked after it was closed.

        The model stays where it was loaded, in memory that the processes share until they learn;
        what was flagged and launched meanwhile is taken over as in `refresh`.

        Raises
        ------
        ChaffinchError
            If the experience cannot be opened.
        """
        if self._in_force is not None:
            self._in_force.reopen()

"""Flags what people say by moving and answering mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chaffinch.experience.known import known
from chaffinch.experience.light import SELF_DOOR
from chaffinch.experience.mailbox import Place, Side
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.experience.store import Experience
from chaffinch.explain.readable import printable
from chaffinch.servers.guard.source import Guarded, RefusedError, Source
from chaffinch.servers.log import say
from chaffinch.task import Task
from chaffinch.types import Flag, Item

# Mails of which something is learned between two looks.
_MOST = 200
_LABELS: dict[Side, str] = {"junk": "spam", "kept": "ham"}

#: Stores a flag: the mail, its label, whose it is, and who says so.
Teach = Callable[[bytes, str, str, str], Flag]


@dataclass(frozen=True, slots=True)
class Teacher:
    """Learns from what was done with an account's mail.

    What is to be learned is read off where mail is, not off what was seen happening: so a flag that
    could not be given is given at the next look, and one that was given twice is stored once.

    Parameters
    ----------
    source : Source
        The mailbox.
    experience : Experience
        Where it is known what belongs where.
    task : Task
        The task of mail.
    teach : callable
        Stores a flag.
    """

    source: Source
    experience: Experience
    task: Task
    teach: Teach

    def moved(self) -> Iterator[str]:
        """Flag what a person moved into junk, or out of it; yield each label."""
        account = self.source.account
        mailboxes = self.experience.mailboxes
        for key, side in mailboxes.turned(account.name, _MOST):
            found = self._found(mailboxes, key, side)
            if found is None:
                continue
            place, data = found
            label = _LABELS[side]
            flag = self.teach(data, label, account.owner, account.user)
            mailboxes.turn(account.name, key, side)
            why = "moved into junk" if side == "junk" else "moved out of junk"
            self._say(flag, place, why)
            yield label

    def answered(self) -> Iterator[str]:
        """Flag what a person answered, unless something was said of it; yield each label."""
        account = self.source.account
        mailboxes = self.experience.mailboxes
        for key in mailboxes.answered(account.name, _MOST):
            found = self._found(mailboxes, key, "kept")
            if found is not None and not said_of(self.experience, self.task, account, found[1]):
                flag = self.teach(found[1], "ham", account.owner, account.user)
                self._say(flag, found[0], "answered")
                yield "ham"
            mailboxes.learned(account.name, key)

    def _found(self, mailboxes: Mailboxes, key: str, side: Side) -> tuple[Place, bytes] | None:
        """Return a mail from where it is, on one side."""
        for place in mailboxes.places(self.source.account.name, key):
            if place.deleted or place.folder.role == "trash" or place.folder.side != side:
                continue
            try:
                if self.source.look(place.folder).uidvalidity != place.folder.uidvalidity:
                    continue
                data = self.source.mail(place.uid, key)
            except RefusedError as error:
                say("mail not read", level="warning", reason=str(error))
                continue
            if data is not None:
                return place, data
        return None

    def _say(self, flag: Flag, place: Place, why: str) -> None:
        say(
            "flagged",
            account=self.source.account.name,
            item=flag.item,
            label=flag.label,
            why=why,
            folder=printable(place.folder.name),
            held=flag.held,
        )


def said_of(experience: Experience, task: Task, account: Guarded, data: bytes) -> str:
    """Return the label that a person gave a mail; empty where nobody did."""
    item = known(task, experience.items, Item(task.clean(data), task.name, account.owner))
    flag = experience.log.standing(task.name, item.id, owner=account.owner)
    return flag.label if flag is not None and flag.door != SELF_DOOR else ""

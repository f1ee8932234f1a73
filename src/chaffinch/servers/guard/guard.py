"""Guards one mailbox: looks, learns, judges, moves, and waits for what comes next."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from chaffinch.errors import ChaffinchError, InputError, ModelError, ServerError
from chaffinch.experience.mailbox import Place
from chaffinch.experience.store import Experience
from chaffinch.explain.readable import printable
from chaffinch.servers.desk import Desk
from chaffinch.servers.guard.learning import Teacher, said_of
from chaffinch.servers.guard.source import Guarded, LoginError, RefusedError, Source, Swept
from chaffinch.servers.log import say, told_of
from chaffinch.task import get_task
from chaffinch.types import Flag

T = TypeVar("T")

# Seconds until a server is tried again, at first and at most; who is not let in tries less often,
# as providers lock accounts.
_AGAIN, _AGAIN_LOGIN, _LONGEST = 1.0, 60.0, 600.0
# Seconds between two looks, at least.
_BETWEEN = 0.5
# How often it is begun to judge a mail that never gets judged.
_TRIES = 5
# Seconds for which it is remembered of a mail that is nowhere any more where it belonged.
_REMEMBERED = 90 * 86_400.0


@dataclass(slots=True)
class Done:
    """What was done in an account, counted.

    Parameters
    ----------
    judged : int
        Mails that were judged.
    moved : int
        Those that were moved to junk.
    would_move : int
        Those that would have been, but for `log_only`.
    spam, ham : int
        Flags that were learned from moves and answers.
    trouble : ChaffinchError or None
        What ended it.
    """

    judged: int = 0
    moved: int = 0
    would_move: int = 0
    spam: int = 0
    ham: int = 0
    trouble: ChaffinchError | None = None

    def as_json(self) -> dict[str, object]:
        """Return it JSON-ready."""
        return {
            "judged": self.judged,
            "moved": self.moved,
            "would_move": self.would_move,
            "spam": self.spam,
            "ham": self.ham,
            "trouble": str(self.trouble) if self.trouble else None,
        }


def missing_of(account: Guarded, swept: Swept) -> list[str]:
    """Return of each folder that was named and is not there that it is not, and the remedy."""
    found = {one.name for one in swept.folders}
    missing = [
        f"there is no folder {printable(name)}: {account.remedy('folders')}"
        for name in account.folders
        if name not in found
    ]
    if account.junk and not swept.junk:
        said = f"there is no folder {printable(account.junk)} for junk, so nothing is moved"
        missing.append(f"{said}: {account.remedy('junk')}")
    return missing


class Guard:
    """Guards one mailbox, in a thread of its own.

    Parameters
    ----------
    account : Guarded
        Which.
    connect : callable
        Opens it.
    door : str
        Through which door its mail comes, for the record.
    home : Path
        The folder of the installation.
    desk : Desk
        Where mail is judged and flags are learned.
    loop : asyncio.AbstractEventLoop
        In which the desk lives.
    stop : Event
        Ends it when set, within seconds.
    backlog : int
        How many mails of each folder are judged that were there before, the newest.
    """

    def __init__(
        self,
        account: Guarded,
        connect: Callable[[], AbstractContextManager[Source]],
        door: str,
        home: Path,
        desk: Desk,
        loop: asyncio.AbstractEventLoop,
        stop: Event,
        *,
        backlog: int = 0,
    ) -> None:
        self.account = account
        self.done = Done()
        self._connect = connect
        self._door = door
        self._home = home
        self._task = get_task("mail", home=home)
        self._desk = desk
        self._loop = loop
        self._stop = stop
        self._backlog = backlog
        self._failures = 0
        self._pruned = -_REMEMBERED

    def run(self) -> None:
        """Guard it until told to stop, whatever happens to the server."""
        while not self._stop.is_set():
            trouble = self._tried(once=False)
            if trouble is not None:
                pause = self._pause(trouble)
                self._told(trouble, seconds=round(pause, 1))
                self._stop.wait(pause)

    def run_once(self) -> None:
        """Look once, and do what is to be done."""
        self.done.trouble = self._tried(once=True)
        if self.done.trouble is not None:
            self._told(self.done.trouble)

    def _tried(self, *, once: bool) -> ChaffinchError | None:
        """Guard it as long as that goes well; return what ended it."""
        try:
            self._connected(once=once)
        except ChaffinchError as error:
            return error
        except Exception as error:  # noqa: BLE001 (whatever it is, the mailbox stays guarded)
            return ChaffinchError(f"account {self.account.name}: {told_of(error)}")
        return None

    def _pause(self, trouble: ChaffinchError) -> float:
        """Return how many seconds to wait before the next try."""
        first = _AGAIN_LOGIN if isinstance(trouble, LoginError) else _AGAIN
        longest = min(first * float(2**self._failures), _LONGEST)
        self._failures = min(self._failures + 1, 30)
        # Guards that lost the same server do not all come back at once.
        return longest * random.uniform(0.5, 1.0)  # noqa: S311

    def _told(self, trouble: ChaffinchError, **more: object) -> None:
        level = "warning" if isinstance(trouble, ServerError) else "error"
        level = "error" if isinstance(trouble, LoginError) else level
        say("trouble", level=level, account=self.account.name, reason=str(trouble), **more)

    def _connected(self, *, once: bool) -> None:
        name = self.account.name
        with Experience.open(self._home) as experience, self._connect() as source:
            if not once:
                # From cron nothing is told where nothing has happened.
                say("connected", account=name, log_only=self.account.log_only)
            first, missing = True, list[str]()
            while not self._stop.is_set():
                began = time.monotonic()
                swept = source.sweep(experience.mailboxes)
                source.settle_moves(experience.mailboxes)
                if first:
                    missing = missing_of(self.account, swept)
                    self._tell(swept, [] if once else missing)
                    first = False
                self._prune(experience)
                if self._backlog:
                    experience.mailboxes.queue(name, self._backlog, self.account.folders)
                    self._backlog = 0
                more = self._learn(source, experience)
                if self._judge(source, experience, swept):
                    source.look_again(experience.mailboxes, swept)
                self._failures = 0
                if once:
                    if missing:
                        raise InputError(f"account {name}: {'; '.join(missing)}")
                    return
                if not more:
                    source.wait(swept.inbox, self._stop, self.account.every)
                    # A server that always tells something is not looked at all the time.
                    self._stop.wait(max(0.0, began + _BETWEEN - time.monotonic()))

    def _tell(self, swept: Swept, missing: list[str]) -> None:
        for reason in missing:
            self._warn(reason)
        if not swept.junk and not self.account.junk:
            remedy = self.account.remedy("junk")
            self._warn(f"there is no folder for junk, so nothing is moved: {remedy}")

    def _warn(self, reason: str) -> None:
        say("trouble", level="warning", account=self.account.name, reason=reason)

    def _prune(self, experience: Experience) -> None:
        if time.monotonic() - self._pruned > 86_400.0:
            self._pruned = time.monotonic()
            experience.mailboxes.prune(self.account.name, time.time() - _REMEMBERED)

    def _learn(self, source: Source, experience: Experience) -> bool:
        """Learn what people said; return whether there is more to learn."""
        teacher = Teacher(source, experience, self._task, self._teach)
        learned = 0
        for labels in (teacher.moved(), teacher.answered()):
            for label in labels:
                learned += 1
                if label == "spam":
                    self.done.spam += 1
                else:
                    self.done.ham += 1
                if self._stop.is_set():
                    return False
        return learned > 0

    def _judge(self, source: Source, experience: Experience, swept: Swept) -> bool:
        """Judge what waits, and move what is junk; return whether anything was moved."""
        mailboxes, before = experience.mailboxes, self.done.moved
        opened = 0
        for place in mailboxes.waiting(self.account.name):
            if self._stop.is_set():
                break
            if place.waits > _TRIES:
                self._warn(f"a mail could not be judged in {_TRIES} tries and stays where it is")
                mailboxes.settle(place)
                continue
            mailboxes.begin(place)
            if opened != place.folder.id:
                if source.look(place.folder).uidvalidity != place.folder.uidvalidity:
                    # Its numbers mean other mails: the next look finds out which.
                    break
                opened = place.folder.id
            data = source.mail(place.uid, place.key)
            if data is None:
                mailboxes.settle(place)
                continue
            if self._junk(data, place, experience) and swept.junk:
                opened = 0
                try:
                    source.move_to_junk(mailboxes, place, swept.junk)
                except RefusedError as error:
                    self._warn(str(error))
                    continue
                self.done.moved += 1
                say("moved", account=self.account.name, folder=printable(swept.junk))
            else:
                mailboxes.settle(place)
        return self.done.moved > before

    def _junk(self, data: bytes, place: Place, experience: Experience) -> bool:
        """Judge a mail; return whether it is to be moved."""
        account = self.account
        try:
            judged = self._in_loop(
                self._desk.judge(
                    data, account.owner, door=self._door, reasons=0, log_only=account.log_only
                )
            )
        except ModelError:
            # That there is no model is not this mail's doing.
            experience.mailboxes.wait_on(place)
            raise
        verdict = judged.verdict
        self.done.judged += 1
        self.done.would_move += verdict.would_be == "junk"
        would_be = {"would_be": verdict.would_be} if verdict.would_be else {}
        say(
            "judged",
            account=account.name,
            folder=printable(place.folder.name),
            item=verdict.item,
            action=verdict.action,
            **would_be,
            score=round(verdict.score, 3),
            bytes=len(data),
        )
        # What a person called ham is never moved.
        return verdict.action == "junk" and said_of(experience, self._task, account, data) != "ham"

    def _teach(self, data: bytes, label: str, owner: str, by: str) -> Flag:
        return self._in_loop(self._desk.teach(data, label, owner, by=by, door=self._door))

    def _in_loop(self, work: Coroutine[Any, Any, T]) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result()

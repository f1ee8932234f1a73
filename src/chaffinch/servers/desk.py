"""Where all doors have mail judged and flags learned: the core is synchronous, doors are not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from chaffinch.errors import ChaffinchError, ModelError
from chaffinch.predictor import Predictor
from chaffinch.servers.log import say, told_of
from chaffinch.servers.marks import marked
from chaffinch.task import Task, get_task
from chaffinch.types import Flag, Item, Policy, Verdict

T = TypeVar("T")

# Seconds before a model that could not be loaded is tried again.
_AGAIN = 1.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A mail with its verdict.

    Parameters
    ----------
    data : bytes
        The mail as it came.
    verdict : Verdict
        What was decided.
    policy : Policy
        By which.
    task : Task
        What was judged.
    """

    data: bytes
    verdict: Verdict
    policy: Policy
    task: Task

    def marked(self) -> bytes:
        """Return the mail with its verdict in its headers."""
        return marked(self.data, self.verdict, self.policy)


class Desk:
    """A launched model that judges mail of many connections, one after the other.

    What is launched or flagged by any process is taken over as `Predictor` does: within a second.

    Parameters
    ----------
    home : Path
        The folder of the installation.
    loaded : Predictor, optional
        One that was loaded and closed before this process was forked, so that its model is shared.
    """

    def __init__(self, home: Path, loaded: Predictor | None = None) -> None:
        self._home = home
        self._shared = loaded
        self._task = get_task("mail", home=home)
        # A thread each, as what is judged must not wait for what is learned; and one alone, as
        # neither a predictor nor its database is made for several.
        self._judging = ThreadPoolExecutor(1, "judging")
        self._teaching = ThreadPoolExecutor(1, "teaching")
        self._predictor: Predictor | None = None
        self._failed: tuple[float, str] = (-_AGAIN, "")

    async def ready(self) -> bool:
        """Return whether there is a model; where not, the log says why."""
        return await self._in(self._judging, self._is_ready)

    async def judge(
        self, data: bytes, owner: str, *, door: str, reasons: int, log_only: bool = False
    ) -> Judged:
        """Judge a mail.

        Parameters
        ----------
        data : bytes
            The mail as it came.
        owner : str
            Whose it is.
        door : str
            Through which door it came.
        reasons : int
            How many reasons to give at most; judging is much quicker without.
        log_only : bool
            Whether what is to be done is only written down, whatever the settings say.

        Raises
        ------
        ModelError
            If no model can be loaded.
        """
        return await self._in(
            self._judging, lambda: self._judge(data, owner, door, reasons, log_only)
        )

    async def teach(self, data: bytes, label: str, owner: str, *, by: str, door: str) -> Flag:
        """Store what a mail really is, as `chaffinch flag` does, and learn it.

        Raises
        ------
        ChaffinchError
            If it cannot be stored.
        """
        from chaffinch.loop.flag import flag

        def work() -> Flag:
            return flag(
                self._task, self._item(data, owner), label, home=self._home, by=by, door=door
            )

        return await self._taught(work)

    async def take_back(self, data: bytes, owner: str, *, by: str) -> Flag:
        """Take back what somebody said of a mail.

        Raises
        ------
        ChaffinchError
            If nothing was said of it, or it cannot be stored.
        """
        from chaffinch.loop.flag import take_back

        def work() -> Flag:
            return take_back(self._task, self._item(data, owner), home=self._home, by=by)

        return await self._taught(work)

    def close(self) -> None:
        """Let the model and the experience go, when all that was begun is done."""
        self._teaching.shutdown()
        if self._predictor is not None:
            # In its own thread: a database connection belongs to one.
            self._judging.submit(self._predictor.close)
        self._judging.shutdown()

    async def _taught(self, work: Callable[[], Flag]) -> Flag:
        given = await self._in(self._teaching, work)
        # The next verdict here knows it; other processes do within a second.
        await self._in(self._judging, self._refresh)
        return given

    async def _in(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _item(self, data: bytes, owner: str) -> Item:
        return Item(self._task.clean(data), "mail", owner)

    def _judge(self, data: bytes, owner: str, door: str, reasons: int, log_only: bool) -> Judged:
        predictor = self._loaded()
        verdict = predictor.predict(
            self._item(data, owner), door=door, reasons=reasons, log_only=log_only
        )
        return Judged(data, verdict, predictor.policy, self._task)

    def _is_ready(self) -> bool:
        try:
            self._loaded()
        except ModelError:
            return False
        return True

    def _refresh(self) -> None:
        try:
            self._loaded().refresh()
        except ChaffinchError as error:
            say("not refreshed", level="warning", reason=told_of(error))

    def _loaded(self) -> Predictor:
        if self._predictor is not None:
            return self._predictor
        since, said = self._failed
        if time.monotonic() - since < _AGAIN:
            raise ModelError(said)
        try:
            if self._shared is not None:
                shared, self._shared = self._shared, None
                shared.reopen()
                self._predictor = shared
            else:
                self._predictor = Predictor.load("mail", home=self._home)
        except Exception as error:
            # Whatever it is, the doors stay open and say that nothing can be judged.
            self._failed = (time.monotonic(), told_of(error))
            say("no model", level="error", reason=told_of(error))
            raise ModelError(told_of(error)) from error
        say("model loaded", model=self._predictor.model)
        return self._predictor

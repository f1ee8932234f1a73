"""Where all doors have mail judged and flags learned: the core is synchronous, doors are not."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from chaffinch.errors import ChaffinchError, ModelError
from chaffinch.predictor import Predictor
from chaffinch.readers.mail import is_own_header
from chaffinch.servers.counters import Counters
from chaffinch.servers.dkim import HEADER, Signatures
from chaffinch.servers.log import say, told_of
from chaffinch.servers.marks import headers, marked
from chaffinch.task import Task, get_task
from chaffinch.types import Flag, Item, Policy, Verdict

T = TypeVar("T")

# Mails whose senders' keys are asked for at a time.
_ASKING = 16
# Seconds before a model that could not be loaded is tried again, and the same is logged again.
_AGAIN, _SAID_AGAIN = 1.0, 3600.0
# Reasons that headers tell at most.
_REASONS = 6
# Seconds after which what was judged together is kept and answered.
_TOGETHER = 0.005


@dataclass(frozen=True, slots=True)
class Judged:
    """A mail with its verdict.

    Parameters
    ----------
    data : bytes
        The mail as it came, with what its signatures prove on top, where that was asked for.
    verdict : Verdict
        What was decided.
    policy : Policy
        By which.
    task : Task
        What was judged.
    found : str
        What its signatures prove, as the header on top of it has it; empty where nobody asked.
    why : bool
        Whether reasons were looked for.
    """

    data: bytes
    verdict: Verdict
    policy: Policy
    task: Task
    found: str = ""
    why: bool = True

    def headers(self) -> list[tuple[str, str]]:
        """Return all headers that are put on top of the mail as it came, as names and values."""
        found = [(HEADER, self.found)] if self.found else []
        return [*headers(self.verdict, self.policy, why=self.why), *found]

    def marked(self) -> bytes:
        """Return the mail with its verdict in its headers."""
        return marked(self.data, self.verdict, self.policy, why=self.why)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A mail that waits for its verdict."""

    data: bytes
    owner: str
    door: str
    reasons: int | None
    log_only: bool
    found: str
    answer: asyncio.Future[Judged]


class Desk:
    """A launched model that judges mail of many connections, one after the other.

    Mails that wait are judged and remembered some at a time: handing each over by itself, and
    writing each by itself, would cost more than judging it. What is launched or flagged by any
    process is taken over as `Predictor` does: within a second.

    Parameters
    ----------
    home : Path
        The folder of the installation.
    loaded : Predictor, optional
        One that was loaded and closed before this process was forked, so that its model is shared.
    signatures : Signatures, optional
        What verifies DKIM signatures before a mail is judged.
    reasons : {"all", "junk", "none"}
        Of which mail headers tell why: of all, of what is not simply delivered, of none.
    counters : Counters, optional
        Where it is counted what could not be remembered.
    """

    def __init__(
        self,
        home: Path,
        loaded: Predictor | None = None,
        *,
        signatures: Signatures | None = None,
        reasons: str = "all",
        counters: Counters | None = None,
    ) -> None:
        self._counters = counters
        self._home = home
        self._shared = loaded
        self._task = get_task("mail", home=home)
        # A thread each, as what is judged must not wait for what is learned; and one alone, as
        # neither a predictor nor its database is made for several.
        self._judging = ThreadPoolExecutor(1, "judging")
        self._teaching = ThreadPoolExecutor(1, "teaching")
        # Who waits for the DNS must hold up nobody else.
        self._asking = ThreadPoolExecutor(_ASKING, "asking")
        self._signatures = signatures
        self._reasons = reasons
        self._predictor: Predictor | None = None
        self._waiting: deque[_Waiting] = deque()
        self._works = False
        self._failed: tuple[float, str] = (-_AGAIN, "")
        self._said: tuple[float, str] = (0.0, "")

    async def ready(self) -> bool:
        """Return whether there is a model; where not, the log says why."""
        return await self._in(self._judging, self._is_ready)

    async def judge(
        self,
        data: bytes,
        owner: str,
        *,
        door: str,
        reasons: int | None = None,
        log_only: bool = False,
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
        reasons : int, optional
            How many reasons to give at most; by default what headers tell of such a mail.
        log_only : bool
            Whether what is to be done is only written down, whatever the settings say.

        Raises
        ------
        ModelError
            If no model can be loaded.
        """
        found = ""
        if self._signatures is not None:
            data, found = await self._in(self._asking, partial(self._signatures.told, data))
        answer: asyncio.Future[Judged] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(data, owner, door, reasons, log_only, found, answer))
        self._begin()
        return await answer

    def is_ours(self, field: bytes) -> bool:
        """Tell whether only we may write a header, so that one that came in is forged."""
        return is_own_header(field) or (
            self._signatures is not None and self._signatures.is_ours(field)
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
        """Take back all that was said of a mail.

        Raises
        ------
        ChaffinchError
            If nothing was said of it, or it cannot be stored.
        """
        from chaffinch.loop.flag import take_back

        def work() -> Flag:
            return take_back(
                self._task, self._item(data, owner), home=self._home, by=by, everything=True
            )

        return await self._taught(work)

    def close(self) -> None:
        """Let the model and the experience go, when all that was begun is done."""
        self._asking.shutdown()
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

    def _begin(self) -> None:
        """Have what waits judged, unless that is being done."""
        if self._waiting and not self._works:
            self._works = True
            work = asyncio.get_running_loop().run_in_executor(self._judging, self._judge_waiting)
            work.add_done_callback(self._answer)

    def _answer(self, work: asyncio.Future[list[tuple[_Waiting, Judged | Exception]]]) -> None:
        self._works = False
        self._begin()
        for waiting, found in work.result():
            if waiting.answer.done():
                # Whoever asked has gone.
                continue
            if isinstance(found, Judged):
                waiting.answer.set_result(found)
            else:
                waiting.answer.set_exception(found)

    def _judge_waiting(self) -> list[tuple[_Waiting, Judged | Exception]]:
        until = time.monotonic() + _TOGETHER
        done: list[tuple[_Waiting, Judged | Exception]] = []
        judged: dict[str, list[tuple[Item, Verdict]]] = {}
        while self._waiting and (not done or time.monotonic() < until):
            waiting = self._waiting.popleft()
            if waiting.answer.cancelled():
                # Whoever asked has gone, or waits no longer: where too much is asked, many do.
                continue
            try:
                item = self._item(waiting.data, waiting.owner)
                found = self._judged(item, waiting)
            except Exception as error:  # noqa: BLE001 (it is raised where this mail was brought)
                done.append((waiting, error))
            else:
                done.append((waiting, found))
                judged.setdefault(waiting.door, []).append((item, found.verdict))
        for door, together in judged.items():
            try:
                self._loaded().remember(together, door=door)
            except Exception as error:  # noqa: BLE001
                # The verdicts stand, whether or not they can be remembered.
                reason = told_of(error)
                if self._counters is not None:
                    self._counters.add("not_remembered_total", len(together), door=door)
                say("not remembered", level="error", door=door, mails=len(together), reason=reason)
        return done

    def _judged(self, item: Item, waiting: _Waiting) -> Judged:
        predictor, reasons = self._loaded(), waiting.reasons
        judge = partial(
            predictor.predict,
            item,
            door=waiting.door,
            remember=False,
            log_only=waiting.log_only,
        )
        if reasons is None:
            reasons = _REASONS if self._reasons == "all" else 0
        verdict = judge(reasons=reasons)
        is_junk = verdict.action != "deliver" or verdict.would_be
        if waiting.reasons is None and self._reasons == "junk" and is_junk:
            # Of most mail nothing is told: to judge the rest twice costs little.
            reasons = _REASONS
            verdict = judge(reasons=reasons)
        why = reasons > 0
        return Judged(waiting.data, verdict, predictor.policy, self._task, waiting.found, why)

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
            why, now = told_of(error), time.monotonic()
            self._failed = (now, why)
            if why != self._said[1] or now - self._said[0] > _SAID_AGAIN:
                self._said = (now, why)
                say("no model", level="error", reason=why)
            raise ModelError(why) from error
        say("model loaded", model=self._predictor.model)
        return self._predictor

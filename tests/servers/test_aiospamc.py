"""The spamd door, spoken to by aiospamc, a client library that others wrote."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaffinch.types import Item
from opened import Opened, opened
from samples import mail

with warnings.catch_warnings():
    # A package that it needs says what it will change one day.
    warnings.simplefilter("ignore", DeprecationWarning)
    try:
        import aiospamc
    except ImportError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("aiospamc is not installed", allow_module_level=True)

SPAM = mail("spam", 1001)


@pytest.fixture(scope="module")
def doors() -> Iterator[Opened]:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="chf") as name:
        where = f"127.0.0.1:0 unix:{name}/spamd.sock"
        with opened(Path(name) / "home", spamd=where, users="checked") as one:
            yield one


def over_tcp(doors: Opened) -> dict[str, Any]:
    host, _, port = doors.address("spamd").rpartition(":")
    return {"host": host, "port": int(port)}


def over_unix(doors: Opened) -> dict[str, Any]:
    (path,) = {str(one["address"]) for one in doors.events("listening")[1:2]}
    return {"socket_path": Path(path.removeprefix("unix:"))}


@pytest.mark.parametrize("way", [over_tcp, over_unix])
def test_every_command_is_answered_as_the_library_expects(doors: Opened, way: Any) -> None:
    there = way(doors)

    async def ask() -> None:
        assert (await aiospamc.ping(**there)).message == "PONG"
        checked = await aiospamc.check(SPAM, **there)
        told = checked.headers.spam
        assert told.value is (told.score >= told.threshold)
        processed = await aiospamc.process(SPAM, compress=True, **there)
        assert processed.body.endswith(SPAM)
        assert processed.headers.spam == told
        headers = await aiospamc.headers(SPAM, **there)
        assert processed.body.startswith(headers.body.rstrip())
        assert b"X-Chaffinch-Item: " + Item(SPAM).id.encode() in headers.body
        assert (await aiospamc.symbols(SPAM, **there)).body.startswith(b"CHAFFINCH_")
        assert b"probability of spam" in (await aiospamc.report(SPAM, **there)).body
        silent = await aiospamc.report_if_spam(SPAM, **there)
        assert bool(silent.body) is told.value

    asyncio.run(asyncio.wait_for(ask(), 60))


def test_a_flag_counts_for_the_next_mail_and_is_taken_back(doors: Opened) -> None:
    there = over_unix(doors) | {"user": "ada"}

    async def ask() -> None:
        async def score() -> float:
            found: float = (await aiospamc.check(SPAM, **there)).headers.spam.score
            return found

        before = await score()
        taught = await aiospamc.tell(SPAM, "spam", set_action="local", **there)
        assert taught.headers["DidSet"].action.local
        assert await score() > before
        back = await aiospamc.tell(SPAM, "spam", remove_action="local", **there)
        assert back.headers["DidRemove"].action.local
        assert await score() == before

    asyncio.run(asyncio.wait_for(ask(), 120))
    assert [one["owner"] for one in doors.events("flagged")] == ["ada"]


def test_who_may_not_teach_is_told_so(doors: Opened) -> None:
    async def ask() -> None:
        with pytest.raises(aiospamc.responses.NoPermissionException):
            await aiospamc.tell(SPAM, "spam", set_action="local", **over_tcp(doors))

    asyncio.run(asyncio.wait_for(ask(), 60))

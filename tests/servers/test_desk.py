from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from chaffinch.errors import InputError, ModelError
from chaffinch.experience.history import History, Periods
from chaffinch.experience.light import LightExperience
from chaffinch.experience.store import Experience
from chaffinch.loop import flag as flagging
from chaffinch.servers import desk as module
from chaffinch.servers.desk import Desk, Judged
from chaffinch.types import Item, Verdict
from samples import mail as sample


def mail(number: int) -> bytes:
    return b"From: Ada <ada@example.org>\nSubject: lunch %d\n\nThursday, at noon?\n" % number


async def judged(desk: Desk, *numbers: int) -> list[Judged | BaseException]:
    asked = (desk.judge(mail(one), "", door="spamd", reasons=0) for one in numbers)
    return await asyncio.gather(*asked, return_exceptions=True)


def stored(home: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(home / "experience.db")) as connection:
        return connection.execute("SELECT item, door FROM verdicts ORDER BY judged").fetchall()


def test_mails_that_wait_are_judged_and_remembered_each_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    remember = LightExperience.remember

    def counted(
        self: LightExperience, task: str, told: Sequence[tuple[Item, Verdict]], *, door: str
    ) -> None:
        written.append(len(told))
        remember(self, task, told, door=door)

    monkeypatch.setattr(LightExperience, "remember", counted)
    # However slow the machine is, what waits is taken together.
    monkeypatch.setattr(module, "_TOGETHER", 60.0)
    desk = Desk(tmp_path)

    async def work() -> list[Judged | BaseException]:
        assert await desk.ready()
        return await judged(desk, *range(20))

    found = asyncio.run(work())
    desk.close()
    answers = [one.data for one in found if isinstance(one, Judged)]
    assert answers == [mail(number) for number in range(20)]
    items = [one.verdict.item for one in found if isinstance(one, Judged)]
    assert len(set(items)) == 20
    assert stored(tmp_path) == [(item, "spamd") for item in items]
    assert sum(written) == 20
    assert len(written) < 5


def test_a_delivered_mail_is_flagged_as_the_one_that_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Which model learns it makes no difference here.
    monkeypatch.setattr(flagging, "keep_up", lambda *_: None)
    desk = Desk(tmp_path)
    came = mail(1).replace(b"\n", b"\r\n")

    async def work() -> None:
        told = await desk.judge(came, "ada", door="milter")
        delivered = b"Delivered-To: ada\n" + told.marked().replace(b"\r\n", b"\n")
        given = await desk.teach(delivered, "spam", "ada", by="ada", door="spamd")
        assert given.item == told.verdict.item
        with Experience.look(tmp_path) as experience:
            assert [one.item.data for one in experience.examples("mail")] == [came]
        with History.open("mail", tmp_path) as history:
            (row,) = history.outcomes(Periods(0.0, 1e11, 1e11))
        assert (row.label, row.said) == ("spam", told.verdict.label)
        # Somebody else's copy is another.
        other = await desk.teach(delivered, "spam", "bob", by="bob", door="spamd")
        assert other.item != given.item
        assert (await desk.take_back(delivered, "ada", by="ada")).item == given.item

    asyncio.run(work())
    desk.close()


def test_verdicts_stand_where_they_cannot_be_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: LightExperience, *_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(LightExperience, "remember", full)
    desk = Desk(tmp_path)
    found = asyncio.run(judged(desk, 1, 2))
    desk.close()
    assert all(isinstance(one, Judged) for one in found)
    assert "not remembered" in capsys.readouterr().err


def test_who_has_gone_holds_up_nobody(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def work() -> list[Judged | BaseException]:
        gone = asyncio.ensure_future(desk.judge(mail(1), "", door="spamd", reasons=0))
        await asyncio.sleep(0)
        gone.cancel()
        return await judged(desk, 2, 3)

    found = asyncio.run(work())
    desk.close()
    assert all(isinstance(one, Judged) for one in found)


def test_what_nobody_waits_for_is_not_judged(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    busy = Event()

    async def work() -> list[Judged | BaseException]:
        desk._judging.submit(busy.wait)
        late = asyncio.ensure_future(desk.judge(mail(1), "", door="milter", reasons=0))
        asked = asyncio.ensure_future(judged(desk, 2))
        await asyncio.sleep(0)
        late.cancel()
        busy.set()
        return await asked

    (found,) = asyncio.run(work())
    desk.close()
    assert isinstance(found, Judged)
    assert stored(tmp_path) == [(found.verdict.item, "spamd")]


def test_each_that_waits_is_told_that_there_is_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(self: Desk) -> None:
        raise ModelError("damaged")

    monkeypatch.setattr(Desk, "_loaded", missing)
    desk = Desk(tmp_path)
    found = asyncio.run(judged(desk, 1, 2))
    desk.close()
    assert [str(one) for one in found] == ["damaged", "damaged"]


@pytest.mark.parametrize(
    ("setting", "asked", "told"),
    [
        ("all", None, {"ham": 6, "spam": 6}),
        ("junk", None, {"ham": 0, "spam": 6}),
        ("none", None, {"ham": 0, "spam": 0}),
        ("none", 2, {"ham": 2, "spam": 2}),
        ("junk", 0, {"ham": 0, "spam": 0}),
    ],
)
def test_reasons_are_looked_for_where_they_are_told(
    tmp_path: Path, setting: str, asked: int | None, told: dict[str, int]
) -> None:
    desk = Desk(tmp_path, reasons=setting)

    async def work(data: bytes) -> Judged:
        return await desk.judge(data, "", door="milter", reasons=asked)

    for label, count in told.items():
        found = asyncio.run(work(sample(label, 1)))
        assert (found.verdict.action == "deliver") == (label == "ham")
        assert len(found.verdict.reasons) == count
        has_header = "X-Chaffinch-Reasons" in dict(found.headers())
        assert has_header == (b"X-Chaffinch-Reasons" in found.marked()) == (count > 0)
    desk.close()
    assert len(stored(tmp_path)) == 2


def test_what_is_forgotten_is_known_in_no_way(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def work() -> list[float]:
        scores = []
        for step in ("", "spam", "ham", "forget"):
            if step == "forget":
                taken = await desk.take_back(mail(1), "", by="ada")
                assert taken.label == "ham"
            elif step:
                await desk.teach(mail(1), step, "", by="ada", door="spamd")
            judged = await desk.judge(mail(1), "", door="spamd", reasons=0)
            scores.append(judged.verdict.score)
        with pytest.raises(InputError, match="no flag"):
            await desk.take_back(mail(1), "", by="ada")
        return scores

    before, spam, ham, after = asyncio.run(work())
    desk.close()
    assert spam > before > ham
    assert after == pytest.approx(before)

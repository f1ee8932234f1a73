"""A flag counts at once: in every process that serves, for the next item that it judges."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaffinch import Predictor
from chaffinch.experience import in_force
from chaffinch.experience.store import Experience
from chaffinch.loop.flag import flag, keep_up
from chaffinch.loop.rollback import roll_back
from chaffinch.settings import home_folder
from chaffinch.task import get_task
from chaffinch.types import Item
from samples import mail, two_folders
from shell import Chaffinch

MAIL = get_task("mail")
PROBE = mail("spam", 1003)


@pytest.fixture
def chaffinch(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Chaffinch:
    monkeypatch.setattr(in_force, "_LOOKS_EVERY", -1.0)
    run = Chaffinch(capfdbinary, monkeypatch)
    assert run("learn", "mail", *two_folders(tmp_path / "mails", 20)).code == 0
    return run


@pytest.fixture
def serving(chaffinch: Chaffinch) -> Iterator[Predictor]:
    with Predictor.load("mail") as loaded:
        yield loaded


def others_flag(label: str, number: int) -> None:
    flag(MAIL, Item(mail(label, number)), label, home=home_folder())


def fresh() -> float:
    with Predictor.load("mail") as loaded:
        return loaded.predict(PROBE).score


def test_what_others_flag_is_known_to_the_last_bit(serving: Predictor) -> None:
    before = serving.predict(PROBE).score
    scores = [before]
    for number in range(2001, 2005):
        others_flag("spam", number)
        scores.append(serving.predict(PROBE).score)
        assert scores[-1] == fresh()
    assert len(set(scores)) == len(scores)


def test_what_others_take_back_is_as_if_never_given(serving: Predictor) -> None:
    before = serving.predict(PROBE).score
    others_flag("spam", 2001)
    others_flag("spam", 2003)
    both = serving.predict(PROBE).score
    with Experience.open() as experience:
        experience.undo("mail", Item(mail("spam", 2003)).id)
        keep_up(MAIL, experience)
        assert serving.predict(PROBE).score not in (before, both)
        assert serving.predict(PROBE).score == fresh()
        experience.undo("mail", Item(mail("spam", 2001)).id)
        keep_up(MAIL, experience)
    assert serving.predict(PROBE).score == before


def test_what_others_flag_again_after_a_roll_back_counts(
    serving: Predictor, chaffinch: Chaffinch
) -> None:
    others_flag("spam", 2001)
    assert chaffinch("launch", "mail").code == 0
    assert chaffinch.json("launch", "mail", "--rollback")["left_out"] == 1
    before = serving.predict(PROBE).score
    others_flag("spam", 2001)
    assert serving.predict(PROBE).score not in (before, 0.0)
    assert serving.predict(PROBE).score == fresh()


def test_what_others_launch_is_served_from_the_next_item_on(
    serving: Predictor, chaffinch: Chaffinch
) -> None:
    first = serving.predict(PROBE).model
    assert chaffinch("launch", "mail", "--rung", "bayes").code == 0
    verdict = serving.predict(PROBE)
    assert "bayes" in verdict.model
    assert serving.rung.name == "bayes"
    with Experience.open() as experience:
        roll_back(MAIL, experience)
    assert serving.predict(PROBE).model == first


def test_flags_of_another_process(serving: Predictor) -> None:
    before = serving.predict(PROBE).score
    path = home_folder() / "flagged.eml"
    path.write_bytes(mail("spam", 2001))
    command = [sys.executable, "-m", "chaffinch", "flag", "mail", "spam", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert serving.predict(PROBE).score != before
    assert serving.predict(PROBE).score == fresh()


def test_what_cannot_be_followed_stops_no_verdict(serving: Predictor) -> None:
    before = serving.predict(PROBE).score
    with sqlite3.connect(home_folder() / "experience.db") as connection:
        model = connection.execute("SELECT id FROM models ORDER BY made DESC").fetchone()[0]
        connection.execute(
            "INSERT INTO launches (task, model, launched, reason, replaced, rollback, flags_from) "
            "VALUES ('mail', ?, 1.0, 'test', '', 0, 0)",
            (model,),
        )
    (home_folder() / "models" / f"{model}.safetensors").write_bytes(b"damaged")
    assert serving.predict(PROBE).score == before


def test_an_experience_begun_later_is_found(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    monkeypatch.setattr(in_force, "_LOOKS_EVERY", -1.0)
    monkeypatch.setenv("CHAFFINCH_REMEMBER", "no")
    with Predictor.load("mail") as loaded:
        before = loaded.predict(PROBE)
        run = Chaffinch(capfdbinary, monkeypatch)
        assert run("learn", "mail", *two_folders(tmp_path / "mails", 20)).code == 0
        after = loaded.predict(PROBE)
    assert after.model != before.model
    assert after.score == fresh()


def test_one_that_is_opened_again_knows_what_came_meanwhile(serving: Predictor) -> None:
    before = serving.predict(PROBE)
    serving.close()
    others_flag("spam", 2001)
    serving.reopen()
    assert serving.predict(PROBE).score == fresh()
    assert serving.predict(PROBE).score != before.score
    with Experience.open() as experience:
        assert experience.items.get(before.item).data == PROBE, "it is remembered"


def test_it_is_not_looked_for_at_every_item(
    serving: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = serving.predict(PROBE).score
    monkeypatch.setattr(in_force, "_LOOKS_EVERY", 1e9)
    others_flag("spam", 2001)
    assert serving.predict(PROBE).score == before
    serving.refresh()
    assert serving.predict(PROBE).score == fresh()

"""Asking for flags, and answering."""

from __future__ import annotations

import pytest

from chaffinch.experience.store import Experience
from chaffinch.types import Example, Item
from samples import mail
from shell import Chaffinch

ODD = b"From: \x1b[31mRed <r@example.net>\nSubject: zebra \x1b]0;x\x07 crossing\n\nquartz\n"


@pytest.fixture
def judged(chaffinch: Chaffinch) -> Chaffinch:
    """A command line whose home has judged three mails, by the starter."""
    for data in (mail("spam", 1), mail("ham", 2), ODD):
        assert chaffinch("predict", "mail", stdin=data).code == 0
    return chaffinch


def flags() -> list[tuple[str, str]]:
    with Experience.open() as experience:
        return [(one.item.id, one.label) for one in experience.examples("mail")]


def test_nothing_was_judged(chaffinch: Chaffinch) -> None:
    result = chaffinch("ask", "mail")
    assert result.code == 0
    assert "chaffinch predict mail PATH" in " ".join(result.out.split())
    assert chaffinch.json("ask", "mail")["questions"] == []


def test_what_is_asked_can_be_answered_as_it_says(judged: Chaffinch) -> None:
    result = judged("ask", "mail", "--most", "2")
    assert result.code == 0
    assert "0 spam and 0 ham" in result.out
    commands = [line.strip() for line in result.out.splitlines() if "# or ham" in line]
    assert len(commands) == 2
    words = commands[0].partition("#")[0].split()
    assert judged(*words[1:]).code == 0
    ((item, label),) = flags()
    assert item.startswith(words[-1])
    assert label == "spam"
    asked = judged.json("ask", "mail")
    assert asked["flags"] == {"ham": 0, "spam": 1}
    assert item not in {one["item"] for one in asked["questions"]}


def test_what_mails_say_does_not_steer_the_terminal(judged: Chaffinch) -> None:
    out = judged("ask", "mail").out
    assert "zebra" in out
    assert not {letter for letter in out if not letter.isprintable()} - {"\n"}
    assert all(len(line) <= 80 for line in out.splitlines())


def test_the_owner_stands_in_the_command(chaffinch: Chaffinch) -> None:
    chaffinch("predict", "mail", "--owner", "ann lee", stdin=ODD)
    result = chaffinch("ask", "mail")
    assert "--owner 'ann lee'" in result.out
    assert "of ann lee" in result.out


def test_keys_flag_at_once(judged: Chaffinch) -> None:
    asked = judged.json("ask", "mail")["questions"]
    result = judged.typed("ask", "mail", "--answer", keys=b"what\ns\n\nham\n")
    assert result.code == 0
    assert flags() == [(asked[0]["item"], "spam"), (asked[2]["item"], "ham")]
    assert "2 flags were given" in result.out
    with Experience.open() as experience:
        (first, _) = experience.examples("mail")
        standing = experience.log.standing("mail", first.item.id)
    assert standing is not None
    assert standing.door == "ask"


@pytest.mark.parametrize("end", [b"q\n", b"quit\n", b"", b"\x03\n"])
def test_what_was_answered_stays_however_it_ends(judged: Chaffinch, end: bytes) -> None:
    result = judged.typed("ask", "mail", "--answer", keys=b"h\n" + end)
    assert result.code == 0
    assert result.err == ""
    assert [label for _, label in flags()] == ["ham"]
    assert "1 flag was given" in result.out


def test_nobody_is_there_to_answer(judged: Chaffinch) -> None:
    result = judged("ask", "mail", "--answer", stdin=b"s\ns\ns\n")
    assert result.code == 2
    assert "stdin is none" in result.err
    assert judged.typed("ask", "mail", "--answer", "--json", keys=b"").code == 2
    assert flags() == []


def test_a_model_that_is_sure_asks_nothing(chaffinch: Chaffinch) -> None:
    with Experience.open() as experience:
        experience.add(
            "mail",
            (Example(Item(mail(label, k)), label) for k in range(40) for label in ("ham", "spam")),
        )
    assert chaffinch("launch", "mail", "--rung", "bayes").code == 0
    chaffinch("predict", "mail", stdin=mail("spam", 1001))
    result = chaffinch("ask", "mail")
    assert "sure of 100%" in " ".join(result.out.split())
    assert "nothing to ask" in " ".join(result.out.split())

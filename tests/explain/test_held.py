from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.experience.store import Experience
from chaffinch.explain import held as module
from chaffinch.explain.held import held
from chaffinch.explain.table import TermTable
from chaffinch.explain.terms import Term
from chaffinch.loop.launch import Choice, launch
from chaffinch.loop.train import train
from chaffinch.predictor import Predictor
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from samples import mail

TASK = get_task("mail")
TERMS = [
    Term("body", "free"),
    Term("body", "meeting"),
    Term("header", "received"),
    Term("time", "sent on a Monday"),
]


@pytest.fixture
def experience(tmp_path: Path) -> Experience:
    with Experience(tmp_path) as opened:
        labels = ("ham", "spam") * 30
        opened.add("mail", [Example(Item(mail(label, k)), label) for k, label in enumerate(labels)])
        return opened


def launched(experience: Experience, rung: str) -> TermTable:
    trained = train(TASK, experience)
    (one,) = (one for one in trained if one.rung.name == rung)
    launch(TASK, experience, trained, Choice(one, "by hand"), {})
    return TermTable.of(TASK, experience.examples("mail"))


def test_a_word_has_the_sign_of_what_the_model_makes_of_it(experience: Experience) -> None:
    found = held(launched(experience, "linear"), experience, TERMS)
    assert found[TERMS[0]].weight > 0 > found[TERMS[1]].weight
    assert TERMS[2] in found, "a header is all that stands in it"
    assert TERMS[3] not in found, "a time has no place in the text"
    assert all(one.items for one in found.values())


def test_it_is_what_a_verdict_gives_as_its_reason(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = launched(experience, "linear")
    monkeypatch.setattr(module, "_OF_A_TERM", 1)
    (one,) = held(table, experience, TERMS[:1]).values()
    newest = table.entries[table.having(TERMS[0])[-1]].id
    with Predictor.load("mail", home=experience.home) as predictor:
        content = TASK.reader(experience.items.get(newest).data)
        shares = predictor.rung.features.shares(content, predictor.learner.weights_of)
    (body,) = (line for line in shares.lines if line.where == "body")
    words = range(body.first, body.end)
    said = [shares.weights[place] for place in words if shares.words[place].lower() == "free"]
    assert said
    assert one.weight == pytest.approx(sum(said))


def test_how_much_is_judged_is_bounded(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = launched(experience, "linear")
    monkeypatch.setattr(module, "_MOST", 3)
    found = held(table, experience, TERMS)
    assert max(one.items for one in found.values()) <= 3


def test_rules_hold_no_words(experience: Experience) -> None:
    assert held(launched(experience, "rules"), experience, TERMS) == {}


def test_the_starter_is_asked_where_nothing_was_launched(experience: Experience) -> None:
    table = TermTable.of(TASK, experience.examples("mail"))
    assert held(table, experience, TERMS)[TERMS[0]].weight > 0

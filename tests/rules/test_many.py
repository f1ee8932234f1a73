"""Rules for tasks of many labels: files, hits, accounts, mistakes, weights, explanations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chaffinch.errors import InputError
from chaffinch.features.rules import RuleFeatures
from chaffinch.features.strokes import FACTS
from chaffinch.predictor import Predictor
from chaffinch.readers.image.pnm import write_pgm
from chaffinch.rules.conditions import Sayable
from chaffinch.rules.export.toml import blocks
from chaffinch.rules.many import LabelHits, confusions, fit_labels, label_accounts
from chaffinch.rules.predicate import parse_predicate
from chaffinch.rules.read import RuleFile, read_rules
from chaffinch.rules.rule import Condition, Rule, RuleSet
from chaffinch.task import get_task

SAYABLE = Sayable((), ("holes", "hole.y", "slope"), ("0", "8"))
RULE = 'name = "A"\ndescription = "a"\nlabel = "8"\n'


def read(tmp_path: Path, text: str, sayable: Sayable = SAYABLE) -> RuleFile:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return read_rules(path, sayable)


def test_what_may_stand_in_a_file(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"[[rule]]\n{RULE}predicate = 'holes == 2'\nweight = 3\n[[rule]]\nname = 'B'\n"
        "description = 'b'\nlabel = '0'\n"
        "all = ['slope > -0.5', {predicate = 'hole.y < 0.6', not = true}]\n",
    )
    assert [(rule.name, rule.label, rule.weight) for rule in found.rules] == [
        ("A", "8", 3.0),
        ("B", "0", None),
    ]
    assert [str(one) for rule in found.rules for one in rule.conditions] == [
        "holes == 2",
        "slope > -0.5",
        "not hole.y < 0.6",
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[[rule]]\nname='A'\ndescription='a'\npredicate='holes == 2'", 1, "label is missing: say"),
        (f"[[rule]]\n{RULE.replace('8', '9')}", 4, "rule A: no label '9': choose of '0', '8'"),
        (f"[[rule]]\n{RULE}predicate = 'hols == 2'", 5, "did you mean 'holes'?"),
        (f"[[rule]]\n{RULE}predicate = 'holes = 2'", 5, "write one as in 'holes >= 1'"),
        (f"[[rule]]\n{RULE}all = ['holes == 2', 3]", 5, "a condition is written 'holes >= 1'"),
        (f"[[rule]]\n{RULE}pattern = 'x'", 5, "a pattern is for text: write a predicate"),
        (f"[[rule]]\n{RULE}part = 'text'\npattern = 'x'", 5, "there are no parts: write a pred"),
        (f"[[rule]]\n{RULE}weight = 1", 1, "give either a pattern or a predicate"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert f"rules.toml, line {line}, column 1: rule A: " in str(caught.value)
    assert said in str(caught.value)


def test_two_labels_need_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="label is for tasks of more than two: leave it out"):
        read(tmp_path, f"[[rule]]\n{RULE}part = 'x'\npattern = 'y'", Sayable(("x",)))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    features = get_task("digits").ladder[0].features
    assert isinstance(features, RuleFeatures)
    shipped = features.rules.rules
    found = read(tmp_path, blocks(shipped), features.sayable).rules
    assert [(one.name, one.label, one.conditions, one.weight) for one in found] == [
        (one.name, one.label, one.conditions, one.weight) for one in shipped
    ]


def test_the_rules_for_digits_say_what_they_look_for() -> None:
    features = get_task("digits").ladder[0].features
    assert isinstance(features, RuleFeatures)
    rules = features.rules.rules
    assert len({rule.description for rule in rules}) == len(rules)
    assert {rule.label for rule in rules} == set(features.labels)
    measures = {one.predicate.measure for rule in rules for one in rule.conditions if one.predicate}
    assert measures <= set(FACTS)


def rule(name: str, label: str, weight: float) -> Rule:
    return Rule(
        name, name.lower(), (Condition("", "", parse_predicate("words > 0")),), weight, label=label
    )


def hits(weights: tuple[float, float, float] = (2.0, 1.0, -3.0)) -> LabelHits:
    names = (("RING", "0"), ("TWICE", "8"), ("FLAT", "8"))
    rules = [
        rule(name, label, weight) for (name, label), weight in zip(names, weights, strict=True)
    ]
    matrix = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]], np.bool_)
    truth = np.array(["0", "0", "8", "8", "0"])
    return LabelHits(RuleSet(0.0, tuple(rules)), ("0", "8"), matrix, truth, tuple("abcde"))


def test_what_the_rules_say() -> None:
    said, scores = hits().said()
    assert said.tolist() == ["0", "0", "8", "0", "0"]
    assert scores.tolist() == [2.0, 1.0, 1.0, 1.0, 3.0]


def test_an_account_of_each_rule() -> None:
    ring, twice, flat = label_accounts(hits())
    assert (ring.hits, twice.hits, flat.hits) == ((2, 1), (2, 1), (0, 1))
    # Without RING the fourth item is right, and the second wrong; a tie goes to the first label.
    assert (ring.errors_without, twice.errors_without, flat.errors_without) == (0, 1, 0)


def test_which_labels_are_taken_for_which() -> None:
    (found,) = confusions(hits())
    assert (found.truth, found.said, found.of, found.ids) == ("8", "0", 2, ("d",))
    assert [(one.name, count) for one, count in found.blamed] == [("RING", 1)]
    assert [(one.name, count) for one, count in found.silent] == [("TWICE", 0)]


def test_fitted_weights_keep_their_side() -> None:
    given = hits((1.0, 1.0, 1.0))
    weights = fit_labels(given).weights
    assert (weights >= 0).all()
    assert weights[2] == 0.0, "a rule for 8 that fits a 0 alone"
    assert fit_labels(hits()).weights[2] < 0


def ring(two: bool = False) -> bytes:
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 8:20] = 255
    picture[7:21, 11:17] = 0
    if two:
        picture[13:15, 11:17] = 255
    return write_pgm(picture)


def predictor() -> Predictor:
    task = get_task("digits")
    return Predictor(task, task.rung("rules"), task.rung("rules").start(), "test")


def test_a_verdict_is_told_by_its_rules() -> None:
    verdict = predictor().predict(ring(two=True), reasons=20)
    assert verdict.label == "8"
    told = {(one.where, one.text): one.weight for one in verdict.reasons}
    assert told["rule for 8", "Two holes"] > 0
    assert all(one.weight > 0 or one.where != "rule for 8" for one in verdict.reasons)
    total = verdict.intercept + verdict.rest + sum(one.weight for one in verdict.reasons)
    assert total == pytest.approx(verdict.score)
    assert predictor().predict(ring()).label == "0"
    assert predictor().predict(b"").action == "unsure"

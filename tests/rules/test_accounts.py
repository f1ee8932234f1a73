"""What is told of rules: their hits, their weights, their mistakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from chaffinch.errors import InputError
from chaffinch.explain.table import TermTable
from chaffinch.rules.account import accounts
from chaffinch.rules.files import RuleFiles
from chaffinch.rules.fit import check_both_labels, fit, write_fitted
from chaffinch.rules.hits import Hits, Watched, rule_features
from chaffinch.rules.local import load_rules
from chaffinch.rules.mistakes import mistakes
from chaffinch.rules.rule import Condition, Rule, RuleSet
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from samples import mail

MAIL = get_task("mail")


def rule(name: str, weight: float) -> Rule:
    return Rule(name, name.lower(), (Condition("subject", name),), weight)


def hits(rows: list[tuple[str, str]], *rules: Rule, intercept: float = -1.0) -> Hits:
    """Return the hits of items, each given as its label and the first letters of its rules."""
    matrix = [[one.name[0] in fitting for one in rules] for _, fitting in rows]
    return Hits(
        RuleSet(intercept, rules),
        np.array(matrix, np.bool_).reshape(len(rows), len(rules)),
        np.array([label == "spam" for label, _ in rows], np.bool_),
    )


ROWS = [
    *[("spam", "A")] * 4,
    *[("spam", "AB")] * 2,
    *[("spam", "")] * 2,
    *[("ham", "A")] * 1,
    *[("ham", "H")] * 5,
    *[("ham", "")] * 4,
]
ALPHA, BETA, HAMMY = rule("ALPHA", 2.0), rule("BETA", 3.0), rule("HAMMY", -2.0)


def test_an_account_of_each_rule() -> None:
    alpha, beta, hammy = accounts(hits(ROWS, ALPHA, BETA, HAMMY))
    assert (alpha.hits, beta.hits, hammy.hits) == ((1, 6), (0, 2), (5, 0))
    assert alpha.shares[1].value == pytest.approx(6 / 8)
    assert alpha.shares[0].low <= 0.1 <= alpha.shares[0].high
    # Without it the four spam that it alone catches are missed, and the ham is no longer lost.
    assert (alpha.missed_without, alpha.lost_without) == (4, -1)
    assert (beta.missed_without, beta.lost_without) == (0, 0)
    assert (beta.alike, beta.shared) == ("ALPHA", 1.0)
    assert (hammy.alike, hammy.shared) == ("", 0.0)


def test_accounts_of_nothing() -> None:
    (alone,) = accounts(hits([], ALPHA))
    assert alone.hits == (0, 0)
    assert accounts(hits(ROWS)) == []


def test_weights_are_those_under_which_the_items_are_likeliest() -> None:
    rows = [*[("spam", "A")] * 90, *[("ham", "A")] * 10, *[("spam", "")] * 10, *[("ham", "")] * 90]
    given = hits(rows, ALPHA)
    found = fit(given)
    reference = LogisticRegression(C=1.0, tol=1e-8).fit(given.matrix, given.truth)
    assert found.intercept == pytest.approx(float(reference.intercept_[0]), abs=1e-3)
    assert found.weights == pytest.approx(reference.coef_[0], abs=1e-3)


def test_no_rule_changes_sides() -> None:
    rows = [*[("spam", "H")] * 30, *[("ham", "A")] * 30, *[("ham", "")] * 5, *[("spam", "")] * 5]
    found = fit(hits(rows, ALPHA, HAMMY))
    assert found.weights[0] == 0.0
    assert found.weights[1] == 0.0


def test_no_rule_changes_sides_when_it_is_fitted_again(tmp_path: Path) -> None:
    rows = [*[("spam", "H")] * 30, *[("ham", "A")] * 30, *[("ham", "")] * 5, *[("spam", "")] * 5]
    given = hits(rows, ALPHA, HAMMY)
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "rules.toml").write_text(
        "".join(
            f"[[rule]]\nname = '{one.name}'\ndescription = 'x'\npart = 'subject'\npattern = 'x'\n"
            for one in given.rules.rules
        )
    )
    (shipped / "weights.toml").write_text("intercept = -1\n[weights]\nALPHA = 2\nHAMMY = -2\n")
    fitted = tmp_path / "fitted.toml"
    for _ in range(3):
        write_fitted(fitted, given.rules, fit(given), tmp_path / "mail.toml")
        rules = load_rules(RuleFiles(shipped, fitted), ("subject",))
        given = Hits(rules, given.matrix, given.truth)
        assert [rule.weight for rule in rules.rules] == [0.0, 0.0]
        assert [rule.by_hand for rule in rules.rules] == [2.0, -2.0]
        assert rules.intercept_by_hand == -1.0


def test_a_rule_that_was_never_met_weighs_nothing() -> None:
    assert fit(hits(ROWS, ALPHA, rule("NEVER", 1.0))).weights[1] == pytest.approx(0.0, abs=1e-6)


def test_the_same_items_in_any_order_give_the_same_weights() -> None:
    forth = fit(hits(ROWS, ALPHA, BETA, HAMMY))
    back = fit(hits(ROWS[::-1], ALPHA, BETA, HAMMY))
    assert forth.weights == pytest.approx(back.weights)


@pytest.mark.parametrize("label", ["spam", "ham"])
def test_what_one_label_alone_cannot_tell(label: str) -> None:
    other = "ham" if label == "spam" else "spam"
    with pytest.raises(InputError, match=f"the box holds no {other}: give items of both labels"):
        check_both_labels(MAIL, hits([(label, "A")] * 3, ALPHA), "the box")


def test_hits_are_what_the_rung_sees() -> None:
    examples = [Example(Item(mail(label, k)), label) for k in range(6) for label in ("spam", "ham")]
    watched = Watched(MAIL, examples)
    assert list(watched) == examples
    found = watched.hits()
    features = rule_features(MAIL)
    for example, row in zip(examples, found.matrix, strict=True):
        slots = features.row(MAIL.reader(example.item.data)).slots
        assert np.flatnonzero(row).tolist() == slots.tolist()
    learner = MAIL.ladder[0].start()
    rows = [features.row(MAIL.reader(example.item.data)) for example in examples]
    assert found.scores() == pytest.approx([learner.score(row) for row in rows])
    assert len(found.part(slice(3, None))) == 9


def missed_and_caught() -> list[Example]:
    """Return spam that no rule of the task knows, spam that one does, and ham."""
    texts = [
        *(
            ("spam", f"Subject: word{k}\n\ngolden turnips of number {k} x{k * k}")
            for k in range(20)
        ),
        *(
            ("spam", f"Subject: 4U free\n\nclick here, item {k} {k * 7} 100% free")
            for k in range(20)
        ),
        *(("ham", f"Subject: note {k}\n\nthe minutes of meeting {k} y{k * 3}") for k in range(40)),
    ]
    return [Example(Item(text.encode()), label) for label, text in texts]


def test_what_is_missed_is_told_by_what_it_has_in_common() -> None:
    watched = Watched(MAIL, missed_and_caught())
    table = TermTable.of(MAIL, watched)
    found = mistakes(watched.hits(), table)
    assert (found.missed.count, found.missed.of) == (20, 40)
    group = found.missed.groups[0]
    assert "turnips" in " ".join(pattern.text for pattern in group.patterns)
    assert sorted(group.rows) == list(range(20))
    assert found.lost.count == 0
    assert found.lost.groups == ()


def test_what_is_lost_is_told_with_the_rules_to_blame() -> None:
    lost = [
        Example(Item(f"Subject: 4U free cash {k}\n\ntrain tickets {k}".encode()), "ham")
        for k in range(5)
    ]
    watched = Watched(MAIL, [*missed_and_caught(), *lost])
    table = TermTable.of(MAIL, watched)
    found = mistakes(watched.hits(), table)
    assert found.lost.count == 5
    assert {"FOR_YOU_SHORT", "FREE_SUBJECT"} <= {rule.name for rule, _ in found.lost.blamed}
    assert all(rule.weight > 0 for rule, _ in found.lost.blamed)
    assert all(rule.weight < 0 for rule, _ in found.missed.blamed)


def test_mistakes_of_nothing() -> None:
    watched = Watched(MAIL, [])
    table = TermTable.of(MAIL, watched)
    found = mistakes(watched.hits(), table)
    assert (found.missed.count, found.lost.count) == (0, 0)

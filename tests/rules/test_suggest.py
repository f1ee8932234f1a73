"""Rules that are suggested: found in one half, measured on the other, accepted or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.errors import InputError
from chaffinch.explain.terms import Term
from chaffinch.rules import suggest as suggest_module
from chaffinch.rules.accept import accept, refuse, refused
from chaffinch.rules.export import toml
from chaffinch.rules.files import local_path
from chaffinch.rules.mining import Literal, mine
from chaffinch.rules.plain import Plain, plain_of, plain_of_term
from chaffinch.rules.read import read_rules
from chaffinch.rules.rule import Condition, Rule, RuleSet, compile_pattern
from chaffinch.rules.suggest import check_halves, name_of, suggest
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from samples import mail

MAIL = get_task("mail")
PARTS = ("subject", "visible", "urls", "headers", "structure", "attachments")

PLAINS = st.one_of(
    st.builds(
        Plain,
        st.just("contains"),
        st.sampled_from(("subject", "visible", "urls")),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1).map(str.lower),
        st.booleans(),
    ),
    st.builds(
        Plain,
        st.just("header"),
        st.sampled_from(("from", "x-mailer")),
        st.from_regex(r"[a-z0-9./()+][a-z0-9./()+ ]{0,20}", fullmatch=True),
        st.booleans(),
    ),
    st.builds(Plain, st.just("there"), st.just("list-id"), st.just(""), st.booleans()),
    st.builds(Plain, st.just("number"), st.just(""), st.just(""), st.booleans()),
)


@given(PLAINS)
def test_a_condition_in_plain_words_comes_back_from_its_pattern(plain: Plain) -> None:
    compile_pattern(plain.condition.pattern)
    assert plain_of(plain.condition) == plain
    assert str(plain)


@pytest.mark.parametrize(
    "condition",
    [
        Condition("subject", r"(?i)\bfree\b"),
        Condition("subject", "free"),
        Condition("facts", "(?i)free"),
        Condition("visible", "(?i)a|b"),
        Condition("urls", r"(?i)\d"),
    ],
)
def test_a_pattern_that_says_more_is_not_plain(condition: Condition) -> None:
    assert plain_of(condition) is None


@pytest.mark.parametrize(
    ("term", "said"),
    [
        (Term("subject", "free"), "subject has 'free'"),
        (Term("body", "free"), "text has 'free'"),
        (Term("link", "a number instead of a name"), "a link to a number"),
        (Term("link", "shop.example"), "a link has 'shop.example'"),
        (Term("header", "list-id"), "a header list-id"),
        (Term("header", "charset utf-8"), "header content-type has 'utf-8'"),
        (Term("structure", "text/html"), "a part text/html"),
        (Term("attachment", ".exe"), "an attachment .exe"),
    ],
)
def test_terms_that_other_programs_can_look_for(term: Term, said: str) -> None:
    assert str(plain_of_term(term)) == said


@pytest.mark.parametrize(
    "term",
    [
        Term("body", "4u"),
        Term("body", "click here"),
        Term("body", "żółw"),
        Term("time", "sent on a Monday"),
        Term("links", "1 link"),
        Term("structure", "HTML without plain text"),
        Term("link", "to .com"),
    ],
)
def test_terms_that_they_cannot(term: Term) -> None:
    assert plain_of_term(term) is None


def test_what_is_mined_catches_much_and_nothing_else() -> None:
    random = np.random.default_rng(1)
    spam = random.random((200, 30)) < 0.3
    ham = random.random((400, 30)) < 0.3
    spam[:120, 3:5] = True
    ham[:, 3:5] = random.random((400, 2)) < 0.03
    rules = mine(spam, ham, may_lack=[False] * 30)
    caught = [np.all([rows[:, one.column] for one in rules[0]], axis=0) for rows in (spam, ham)]
    assert caught[0].sum() >= 100
    assert caught[1].sum() <= 2
    assert not any(one.negated for rule in rules for one in rule)


def test_nothing_is_mined_of_chance_or_of_nothing() -> None:
    random = np.random.default_rng(2)
    rows = random.random((100, 20)) < 0.5
    assert mine(rows[:50], rows[50:], may_lack=[True] * 20) == []
    assert mine(rows[:0], rows, may_lack=[True] * 20) == []
    assert mine(rows[:, :0], rows[:, :0], may_lack=[]) == []


def test_a_condition_that_another_implies_is_not_asked_for() -> None:
    plains = [
        Plain("contains", "text", "1000"),
        Plain("contains", "text", "100"),
        Plain("there", "x-mailer"),
        Plain("header", "x-mailer", "bulk"),
    ]
    mined = tuple(Literal(column, negated=False) for column in range(4))
    assert suggest_module._conditions(plains, mined) == (plains[0], plains[3])
    absent = (Literal(0, negated=True), Literal(1, negated=False))
    assert len(suggest_module._conditions(plains, absent)) == 2


def examples(count: int = 80) -> list[Example]:
    return [Example(Item(mail(label, k)), label) for k in range(count) for label in ("ham", "spam")]


def test_suggestions_are_measured_on_the_later_half() -> None:
    items = examples()
    found = suggest(MAIL, items, most=3)
    assert 1 <= len(found) <= 3
    later = items[len(items) // 2 :]
    for one in found:
        fits = [_fits(one.rule, example) for example in later]
        spam = [fit for fit, example in zip(fits, later, strict=True) if example.label == "spam"]
        assert one.hits == (sum(fits) - sum(spam), sum(spam))
        assert one.shares[1].low <= sum(spam) / len(spam) <= one.shares[1].high
        assert one.rule.weight > 0
        assert one.rule.name == name_of(one.conditions)
    assert [one.together[1] for one in found] == sorted(one.together[1] for one in found)
    assert found[0].hits[1] > 10
    assert found[0].hits[0] <= 1


def _fits(rule: Rule, example: Example) -> bool:
    from chaffinch.tasks.mail.parts import RULE_PARTS

    content = MAIL.reader(example.item.data)
    return all(
        bool(compile_pattern(one.pattern).search(RULE_PARTS[one.part](content))) != one.negated
        for one in rule.conditions
    )


def test_the_same_items_give_the_same_suggestions_and_refused_ones_stay_away() -> None:
    first, again = (suggest(MAIL, examples(), most=3) for _ in range(2))
    assert [one.rule for one in first] == [one.rule for one in again]
    name = first[0].rule.name
    assert name not in {one.rule.name for one in suggest(MAIL, examples(), refused=[name])}


@pytest.mark.parametrize("labels", [("spam",), ("ham",), ()])
def test_a_half_that_lacks_a_label(labels: tuple[str, ...]) -> None:
    items = [Example(Item(mail(label, k)), label) for k in range(9) for label in labels]
    with pytest.raises(InputError, match="the earlier half of the box holds no"):
        check_halves(MAIL, items, "the box")


RULE = Rule(
    "A_1", 'says "x" \\ \x7f', (Condition("subject", r'(?i)\bx"\\'),), 1.5, "local", "local"
)


def test_accepted_rules_stand_behind_what_people_wrote(tmp_path: Path) -> None:
    path = local_path(tmp_path, "mail")
    path.parent.mkdir()
    mine_ = "# my own\nintercept = -2\n[weights]\nFREE_SUBJECT = 1 # mine"
    path.write_text(mine_)
    assert accept(tmp_path, "mail", [RULE]) == path
    assert path.read_text().startswith(mine_)
    found = read_rules(path, PARTS)
    assert (found.intercept, found.weights) == (-2.0, {"FREE_SUBJECT": 1.0})
    (rule,) = found.rules
    assert (rule.name, rule.description, rule.conditions) == (
        RULE.name,
        RULE.description,
        RULE.conditions,
    )


def test_refused_rules_are_remembered_and_can_be_forgotten(tmp_path: Path) -> None:
    assert refused(tmp_path, "mail") == []
    path = refuse(tmp_path, "mail", [RULE])
    refuse(tmp_path, "mail", [Rule("B_2", "b", RULE.conditions, 1.0)])
    assert refused(tmp_path, "mail") == ["A_1", "B_2"]
    path.write_text(path.read_text().replace("A_1", "# A_1"))
    assert refused(tmp_path, "mail") == ["B_2"]


def test_a_file_that_is_too_large_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = accept(tmp_path, "mail", [RULE])
    before = path.read_bytes()
    monkeypatch.setattr("chaffinch.rules.accept._MOST", 10)
    with pytest.raises(InputError, match="larger than 10 bytes"):
        accept(tmp_path, "mail", [RULE])
    assert path.read_bytes() == before


def test_rules_that_ship_come_back_from_their_export(tmp_path: Path) -> None:
    from chaffinch.rules.hits import rule_features

    shipped = rule_features(MAIL).rules
    path = tmp_path / "rules.toml"
    path.write_text(toml.export(shipped).text, encoding="utf-8")
    found = read_rules(path, rule_features(MAIL).parts)
    assert found.intercept == shipped.intercept
    for rule, again in zip(shipped.rules, found.rules, strict=True):
        assert (rule.name, rule.description, rule.weight) == (
            again.name,
            again.description,
            again.weight,
        )
        assert rule.conditions == again.conditions
    assert toml.export(RuleSet(0.0, ())).text.endswith("intercept = 0.0\n")

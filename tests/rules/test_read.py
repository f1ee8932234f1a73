"""What may stand in a file of rules, and how what is wrong in one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.errors import InputError
from chaffinch.rules import read as module
from chaffinch.rules.predicate import MEASURES, parse_predicate
from chaffinch.rules.read import RuleFile, read_rules

PARTS = ("subject", "visible", "urls")

GOOD = '''\
# a comment with [[rule]] in it
intercept = -1

[[rule]]
name = "FREE"
description = "Subject says free"
part = "subject"
pattern = "(?i)free"
weight = 1.5

[[rule]]
name = "SHOUTS_AND_LINKS"
description = """
In capitals,
all = with a link"""
all = [
  { part = "visible", predicate = "capitals > 0.5" },
  { part = "urls", pattern = "bank", not = true },
]

[weights]
SHOUTS_AND_LINKS = 2
'''


def read(tmp_path: Path, text: str) -> RuleFile:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return read_rules(path, PARTS)


def test_what_may_stand_in_it(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    free, both = found.rules
    assert (free.name, free.weight, both.weight) == ("FREE", 1.5, None)
    assert [str(one) for one in free.conditions] == ["subject /(?i)free/"]
    assert [str(one) for one in both.conditions] == ["visible capitals > 0.5", "not urls /bank/"]
    assert (found.intercept, found.weights) == (-1.0, {"SHOUTS_AND_LINKS": 2.0})
    assert found.places.of_rule(1, "all") == (16, 1)


RULE = 'name = "A"\ndescription = "a"\n'


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("x = 1", 1, 1, "unknown key 'x'"),
        ("\n  wieghts = 1", 2, 3, "did you mean 'weights'?"),
        (f"[[rule]]\n{RULE}prat = 1", 4, 1, "rule A: unknown key 'prat' (did you mean 'part'?)"),
        ("[[rule]]\ndescription = 'a'", 1, 1, "rule 1: name is missing"),
        ("[[rule]]\nname = 3", 2, 1, "rule 1: name is missing: give it as text"),
        (f"[[rule]]\n{RULE}part = 'subjct'\npattern='x'", 4, 1, "no part 'subjct' (did you mean"),
        (f"[[rule]]\n{RULE}pattern='x'", 1, 1, "part is missing: choose of subject, visible"),
        (f"[[rule]]\n{RULE}part='urls'", 1, 1, "give either a pattern or a predicate"),
        (
            f"[[rule]]\n{RULE}part='urls'\n pattern = '(?=x)'",
            5,
            2,
            "RE2 refuses '(?=x)': invalid perl operator",
        ),
        (f"[[rule]]\n{RULE}part='urls'\npattern='(a)\\1'", 5, 1, "invalid escape sequence"),
        (f"[[rule]]\n{RULE}part='urls'\npattern='(a{{1000}}){{1000}}'", 5, 1, "RE2 refuses"),
        (f"[[rule]]\n{RULE}part='urls'\npredicate='words ~ 3'", 5, 1, "is no predicate: write"),
        (f"[[rule]]\n{RULE}part='urls'\npredicate='wrds > 3'", 5, 1, "did you mean 'words'?"),
        (f"[[rule]]\n{RULE}part='urls'\npattern='x'\nweight = nan", 6, 1, "a finite number"),
        (f"[[rule]]\n{RULE}part='urls'\npattern='x'\nweight = true", 6, 1, "a finite number"),
        (f"[[rule]]\n{RULE}all = []", 4, 1, "all is to be a list of 1 to 10 conditions"),
        (f"[[rule]]\n{RULE}all = [1]", 4, 1, "a condition is written {part"),
        (f"[[rule]]\n{RULE}all = [{{part='urls', pattern='x', nto=true}}]", 4, 1, "key 'nto'"),
        (f"[[rule]]\n{RULE}part='urls'\nall = []", 4, 1, "part beside all"),
        (
            f"[[rule]]\n{RULE}part='urls'\npattern='x'\n\n[[rule]]\n{RULE}part='urls'\npattern='x'",
            8,
            1,
            "the name A stands twice",
        ),
        ("[weights]\nA = '1'", 2, 1, "the weight of A is to be a finite number"),
        ("intercept = inf", 1, 1, "intercept is to be a finite number"),
        ("disable = 'A'", 1, 1, "disable is to be a list of names"),
        ("replace = 1", 1, 1, "replace is to be true or false"),
        ("rule = 1", 1, 1, "rule is to be written as tables"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, text: str, line: int, column: int, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert f"rules.toml, line {line}, column {column}: " in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_toml_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no valid TOML: .*at line 2, column 8"):
        read(tmp_path, "[[rule]]\nname = oops")


def test_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"cannot be read: .*No such file"):
        read_rules(tmp_path / "none.toml", PARTS)
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    with pytest.raises(InputError, match="cannot be read"):
        read_rules(tmp_path / "latin.toml", PARTS)
    (tmp_path / "deep.toml").write_text("x = " + "[" * 5000 + "]" * 5000)
    with pytest.raises(InputError, match=r"cannot be read|no valid TOML"):
        read_rules(tmp_path / "deep.toml", PARTS)
    monkeypatch.setattr(module, "_MOST_BYTES", 10)
    with pytest.raises(InputError, match="larger than 10 bytes: divide it"):
        read(tmp_path, "intercept = 1.0")


def test_only_so_many_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_RULES", 1)
    with pytest.raises(InputError, match="line 5, column 1: more than 1 rules"):
        read(tmp_path, f"[[rule]]\n{RULE}part='urls'\n[[rule]]\n{RULE}part='urls'\n")


def test_no_file_is_a_file_without_rules(tmp_path: Path) -> None:
    assert read(tmp_path, "").rules == ()


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_measures_any_text(measure: str) -> None:
    for text in ("", "   \n\n", "Free CASH, 100% cash!\nnow", "\u2603" * 60_000, "\x00\ud800"):
        assert parse_predicate(f"{measure} >= 0").holds(text)
        assert not parse_predicate(f"{measure} > 999999").holds(text)


@pytest.mark.parametrize(
    ("predicate", "text"),
    [
        ("characters == 4", "abcd"),
        ("words == 2", "two words!"),
        ("lines == 2", "a\n\n  \nb\n"),
        ("longest == 9", "no wonderful"),
        ("capitals == 0.5", "ABcd 12"),
        ("digits == 0.5", "a1b2"),
        ("foreign == 0.5", "a\u00e9"),
        ("distinct == 0.5", "Buy buy"),
    ],
)
def test_what_each_measures(predicate: str, text: str) -> None:
    assert parse_predicate(predicate).holds(text)

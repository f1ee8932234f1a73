"""chaffinch rules suggest and export."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.rules.accept import refused_path
from chaffinch.rules.files import local_path
from chaffinch.settings import home_folder
from samples import folder, two_folders
from shell import Chaffinch


@pytest.fixture
def taught(chaffinch: Chaffinch, tmp_path: Path) -> Chaffinch:
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 60)).code == 0
    return chaffinch


def names(chaffinch: Chaffinch) -> list[str]:
    found = chaffinch.json("rules", "suggest", "mail")["suggestions"]
    return [one["name"] for one in found]


def test_suggestions_are_shown_and_nothing_is_changed(taught: Chaffinch) -> None:
    result = taught("rules", "suggest", "mail")
    assert result.code == 0
    assert "nothing was changed: --accept NAME" in result.err
    assert max(map(len, result.out.splitlines())) <= 80
    for name in names(taught):
        assert name in result.out
    assert not local_path(home_folder(), "mail").exists()


def test_an_accepted_rule_is_in_force_and_not_suggested_again(taught: Chaffinch) -> None:
    name = names(taught)[0]
    result = taught("rules", "suggest", "mail", "--accept", name)
    assert result.code == 0
    assert "accepted" in result.out
    listed = {rule["name"]: rule for rule in taught.json("rules", "list", "mail")["rules"]}
    assert listed[name]["source"] == "local"
    assert name not in names(taught)
    again = taught("rules", "suggest", "mail", "--accept", name)
    assert (again.code, "is one of your rules already" in again.err) == (2, True)
    for program in ("chaffinch", "sieve", "spamassassin"):
        exported = taught("rules", "export", "mail", "--to", program)
        assert exported.code == 0
        assert name in exported.out


def test_a_refused_rule_is_not_suggested_again(taught: Chaffinch) -> None:
    name = names(taught)[0]
    assert taught("rules", "suggest", "mail", "--refuse", name).code == 0
    assert name in refused_path(home_folder(), "mail").read_text()
    assert name not in names(taught)


def test_a_rule_that_is_not_suggested(taught: Chaffinch) -> None:
    result = taught("rules", "suggest", "mail", "--accept", "NO_SUCH")
    assert result.code == 2
    assert "no rule 'NO_SUCH' is suggested" in result.err


def test_all_rules_are_written_and_what_cannot_be_said_is_told(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    path = tmp_path / "junk.cf"
    result = chaffinch("rules", "export", "mail", "--to", "spamassassin", "--all", path)
    assert (result.code, result.out) == (0, "")
    assert "left out" in result.err
    assert "meta CHAFFINCH_FOR_YOU_SHORT" in path.read_text()
    sieve = chaffinch("rules", "export", "mail", "--to", "sieve", "--all")
    assert "left out, of which the file says why" in sieve.err
    assert "Sieve adds nothing up" in sieve.out
    assert "# Left out:" in sieve.out
    # What was written for Chaffinch is what is in force.
    own = chaffinch("rules", "export", "mail", "--all", local_path(home_folder(), "mail").parent)
    assert own.code == 7
    before = chaffinch.json("rules", "list", "mail")
    text = chaffinch("rules", "export", "mail", "--all").out
    path = local_path(home_folder(), "mail")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("replace = true\n" + text)
    after = chaffinch.json("rules", "list", "mail")
    assert [rule["conditions"] for rule in after["rules"]] == [
        rule["conditions"] for rule in before["rules"]
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("export", "mail"), 3, "there are no rules of your own in"),
        (("export", "mail", "--to", "seive"), 2, "did you mean 'sieve'?"),
        (("export", "message", "--to", "sieve", "--all"), 2, "sieve reads mail only"),
        (("suggest", "mail"), 3, "the earlier half of the experience holds no spam"),
    ],
)
def test_what_cannot_be_done_is_told(
    chaffinch: Chaffinch, words: tuple[str, ...], code: int, said: str
) -> None:
    result = chaffinch("rules", *words)
    assert result.code == code
    assert said in result.err
    assert "Traceback" not in result.err


def test_one_label_alone(chaffinch: Chaffinch, tmp_path: Path) -> None:
    spam = folder(tmp_path / "spam", "spam", range(1, 9))
    result = chaffinch("rules", "suggest", "mail", "--label", f"spam={spam}")
    assert result.code == 3
    assert "holds no ham: rules are found in the one half" in result.err

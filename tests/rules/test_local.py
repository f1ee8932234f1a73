"""An installation's own rules: merged with those that ship, re-weighted, disabled, replaced."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chaffinch import Predictor
from chaffinch.errors import InputError
from chaffinch.features.rules import RuleFeatures
from chaffinch.rules.files import fitted_path, local_path
from chaffinch.rules.rule import Rule
from chaffinch.settings import home_folder
from chaffinch.task import Task, get_task
from samples import mail, two_folders
from shell import Chaffinch

OWN = """
[[rule]]
name = "BICYCLES"
description = "Subject speaks of bicycles"
part = "subject"
pattern = "(?i)bicycle"
weight = 3.5
"""


def write(text: str, *, fitted: bool = False) -> None:
    path = fitted_path(home_folder(), "mail") if fitted else local_path(home_folder(), "mail")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    # Two states of a file within one tick of its clock have to be told apart.
    os.utime(path, ns=(0, write.__dict__.setdefault("ticks", 0) + 1))
    write.__dict__["ticks"] += 1


def features(task: Task) -> RuleFeatures:
    found = task.ladder[0].features
    assert isinstance(found, RuleFeatures)
    return found


def rules() -> dict[str, Rule]:
    return {rule.name: rule for rule in features(get_task("mail")).rules.rules}


def test_a_local_file_adds_to_those_that_ship() -> None:
    shipped = rules()
    write(OWN)
    found = rules()
    assert set(found) == {*shipped, "BICYCLES"}
    assert (found["BICYCLES"].weight, found["BICYCLES"].source) == (3.5, "local")
    assert found["FREE_SUBJECT"] == shipped["FREE_SUBJECT"]


def test_a_rule_of_the_same_name_takes_the_place() -> None:
    write(OWN.replace("BICYCLES", "FREE_SUBJECT"))
    found = rules()["FREE_SUBJECT"]
    assert (found.weight, found.source, found.weighed) == (3.5, "local", "local")
    write(OWN.replace("BICYCLES", "FREE_SUBJECT").replace("weight = 3.5", ""))
    kept = rules()["FREE_SUBJECT"]
    assert (kept.source, kept.weighed) == ("local", "shipped")


def test_a_persons_word_counts_more_than_a_fitted_weight_and_that_more_than_a_shipped() -> None:
    write("intercept = -3\n[weights]\nFREE_SUBJECT = 9\nMAILING_LIST = -9\n", fitted=True)
    found = rules()
    assert (found["FREE_SUBJECT"].weight, found["FREE_SUBJECT"].weighed) == (9, "fitted")
    assert features(get_task("mail")).rules.intercept == -3
    write("intercept = -2\n[weights]\nFREE_SUBJECT = 0.5\n")
    found = rules()
    assert (found["FREE_SUBJECT"].weight, found["FREE_SUBJECT"].weighed) == (0.5, "local")
    assert found["MAILING_LIST"].weight == -9
    assert features(get_task("mail")).rules.intercept == -2


def test_a_fitted_weight_counts_more_than_a_rules_own() -> None:
    write(OWN)
    write("[weights]\nBICYCLES = 1.25\n", fitted=True)
    rule = rules()["BICYCLES"]
    assert (rule.weight, rule.weighed, rule.by_hand) == (1.25, "fitted", 3.5)


def test_rules_are_disabled_and_replaced() -> None:
    write('disable = ["FREE_SUBJECT"]')
    found = features(get_task("mail")).rules
    assert "FREE_SUBJECT" not in {rule.name for rule in found.rules}
    assert found.disabled == ("FREE_SUBJECT",)
    write("replace = true\n" + OWN)
    assert set(rules()) == {"BICYCLES"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('disable = ["FREE_SUBJCT"]', "line 1, column 1: no rule 'FREE_SUBJCT' (did you mean"),
        ("[weights]\nfree_subject = 1", "line 2, column 1: no rule 'free_subject' (did you mean"),
        (OWN.replace("weight = 3.5", ""), "line 2, column 1: rule BICYCLES has no weight: give"),
        ("replace = true\n[weights]\nFREE_SUBJECT = 1", "no rule 'FREE_SUBJECT'"),
    ],
)
def test_what_means_nothing_is_refused(text: str, said: str) -> None:
    write(text)
    with pytest.raises(InputError) as caught:
        rules()
    assert said in str(caught.value)


def test_a_task_keeps_the_rules_it_has_read_and_the_next_has_the_new() -> None:
    write(OWN)
    before = get_task("mail")
    assert features(before).n_features == len(features(before).rules.rules)
    signature = features(before).signature
    write(OWN.replace("3.5", "2.5"))
    after = get_task("mail")
    assert features(before).signature == signature != features(after).signature
    assert get_task("mail") is after


def test_rules_that_are_live_are_those_that_stand_in_the_files(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    chaffinch = Chaffinch(capfdbinary, monkeypatch)
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 10)).code == 0
    assert chaffinch("launch", "mail", "--rung", "rules").code == 0
    raw = b"Subject: bicycle\n\nred\n"
    with Predictor.load("mail") as predictor:
        before = predictor.predict(raw).score
        slope = predictor.policy.slope
    write(OWN)
    with Predictor.load("mail") as predictor:
        verdict = predictor.predict(raw)
    assert verdict.score == pytest.approx(before + slope * 3.5)
    assert "Subject speaks of bicycles" in {reason.text for reason in verdict.reasons}


def test_broken_rules_stop_no_mail_that_others_judge(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    chaffinch = Chaffinch(capfdbinary, monkeypatch)
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 10)).code == 0
    write("[[rule")
    judged = chaffinch("predict", "mail", "-", stdin=mail("spam", 1))
    assert (judged.code, judged.err) == (0, "")
    told = chaffinch("launch", "mail")
    assert told.code == 3
    assert "mail.toml is no valid TOML" in told.err
    # Where the rules are live, mail passes through unjudged rather than not at all.
    write("")
    assert chaffinch("launch", "mail", "--rung", "rules").code == 0
    write("[[rule")
    code, out, err = chaffinch.raw("filter", stdin=mail("spam", 1))
    assert (code, out) == (0, mail("spam", 1))
    assert b"mail passed through unjudged" in err

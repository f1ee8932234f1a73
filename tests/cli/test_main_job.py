"""The verbs, one after another, as people use them."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from samples import folder, mail, two_folders
from shell import Chaffinch


@pytest.fixture
def taught(chaffinch: Chaffinch, tmp_path: Path) -> Chaffinch:
    """A command line whose home has learned 120 mails and launched the linear rung."""
    words = two_folders(tmp_path / "mails", 60)
    assert chaffinch("learn", "mail", *words).code == 0
    assert chaffinch("launch", "mail", "--rung", "linear").code == 0
    return chaffinch


def test_learn_reports_what_it_did(chaffinch: Chaffinch, tmp_path: Path) -> None:
    result = chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 60), "--json")
    assert result.code == 0
    report = result.json
    assert (report["new"], report["known"], report["skipped"]) == (120, 0, 0)
    rungs = [one["rung"] for one in report["reports"]]
    assert rungs == ["always ham", "rules", "bayes", "linear", "committee"]
    assert report["reports"][0]["spam_missed_percent"] == 100.0
    assert report["reports"][3]["one_minus_roca_percent"] < 5
    assert report["reports"][4]["one_minus_roca_percent"] < 5
    assert report["launched"].startswith(f"mail-{report['rung']}-")


def test_frozen_evaluation_of_what_was_learned_says_so(taught: Chaffinch, tmp_path: Path) -> None:
    words = [f"--label={label}={tmp_path / 'mails' / label}" for label in ("ham", "spam")]
    result = taught("evaluate", "mail", *words, "--protocol", "frozen", "--json")
    assert result.code == 0
    assert "has learned such items: how it judges them proves nothing" in result.err
    assert taught("evaluate", "mail", *words, "--json").err == ""


def test_learn_again_changes_nothing(taught: Chaffinch, tmp_path: Path) -> None:
    words = [
        "--label",
        f"ham={tmp_path / 'mails' / 'ham'}",
        "--label",
        f"spam={tmp_path / 'mails' / 'spam'}",
    ]
    result = taught("learn", "mail", *words, "--json")
    assert (result.json["new"], result.json["known"]) == (0, 120)
    assert result.json["launched"] is None
    text = taught("learn", "mail", *words).out
    assert "nothing to train" in text


def test_text_fits_80_columns(chaffinch: Chaffinch, tmp_path: Path) -> None:
    words = two_folders(tmp_path / "mails", 60)
    outputs = [chaffinch("learn", "mail", *words).out, chaffinch("explain", "mail").out]
    outputs.append(chaffinch("launch", "mail", "--list").out)
    (tmp_path / "one.eml").write_bytes(mail("spam", 1001))
    outputs.append(chaffinch("predict", "mail", tmp_path / "one.eml").out)
    for out in outputs:
        paths = ("/", "launched")
        wide = [line for line in out.splitlines() if len(line) > 80 and not line.startswith(paths)]
        assert not wide
        assert out.strip()


def test_predict(taught: Chaffinch, tmp_path: Path) -> None:
    (tmp_path / "s.eml").write_bytes(mail("spam", 1001))
    (tmp_path / "h.eml").write_bytes(mail("ham", 1000))
    result = taught("predict", "mail", tmp_path / "s.eml", tmp_path / "h.eml", "--json")
    spam, ham = (json.loads(line) for line in result.out.splitlines())
    assert (spam["label"], ham["label"]) == ("spam", "ham")
    assert spam["probability"] > 0.5 > ham["probability"]
    assert len(spam["reasons"]) == 6
    assert all(set(one) == {"text", "where", "weight", "own", "quoted"} for one in spam["reasons"])
    from_stdin = json.loads(taught("predict", "mail", "--json", stdin=mail("spam", 1001)).out)
    assert from_stdin["score"] == spam["score"]
    assert from_stdin["item"] == spam["item"]
    several = taught("predict", "mail", folder(tmp_path / "many", "ham", range(900, 905)), "--json")
    assert len(several.out.splitlines()) == 5


def test_reasons_add_up_to_the_score(taught: Chaffinch, tmp_path: Path) -> None:
    (tmp_path / "s.eml").write_bytes(mail("spam", 1001))
    out = taught("predict", "mail", tmp_path / "s.eml", "--json", "--reasons", "1000").out
    verdict = json.loads(out)
    total = verdict["intercept"] + sum(reason["weight"] for reason in verdict["reasons"])
    assert total == pytest.approx(verdict["score"], abs=1e-6)
    assert verdict["rest"] == 0.0


def test_what_is_shown_adds_up_to_the_last_digit(taught: Chaffinch) -> None:
    for number in range(1001, 1021, 2):
        out = taught("predict", "mail", stdin=mail("spam", number)).out
        shown = [line[:9] for line in out.splitlines() if line[:9].strip()[:1] in ("+", "-")]
        base, score = re.findall(r"base (\S+): score ([^ ,]+),", out)[0]
        assert len(shown) == 7
        assert sum(map(float, shown)) + float(base) == pytest.approx(float(score), abs=1e-9)


def test_a_flag_counts_at_the_next_verdict(taught: Chaffinch, tmp_path: Path) -> None:
    def score() -> float:
        out = taught("predict", "mail", "--json", stdin=mail("spam", 1001)).out
        value: float = json.loads(out)["score"]
        return value

    before = score()
    assert before > 0
    flagged = taught("flag", "mail", "ham", "-", "--json", stdin=mail("spam", 1001)).json
    after = score()
    assert after < before
    identity = flagged["flags"][0]["item"]
    undone = taught("flag", "mail", "ham", identity[:12], "--undo", "--json")
    assert undone.json["undone"] is True
    assert score() == before


def test_undoing_what_the_model_had_learned(taught: Chaffinch, tmp_path: Path) -> None:
    """Afterwards the model is the one that never saw the flag, to the last bit."""

    def score() -> float:
        out = taught("predict", "mail", "--json", stdin=mail("spam", 1001)).out
        value: float = json.loads(out)["score"]
        return value

    before = score()
    taught("flag", "mail", "ham", "-", stdin=mail("spam", 1001))
    taught("launch", "mail", "--rung", "linear")
    assert score() < before
    result = taught("flag", "mail", "ham", "-", "--undo", stdin=mail("spam", 1001))
    assert result.code == 0
    assert "launched" in result.out
    assert score() == before


def test_undo_says_what_stands_now(taught: Chaffinch) -> None:
    for label in ("spam", "ham"):
        assert taught("flag", "mail", label, "-", stdin=mail("ham", 1000)).code == 0
    first = taught("flag", "mail", "ham", "-", "--undo", stdin=mail("ham", 1000))
    assert first.out.splitlines()[0].endswith("no longer ham: spam again")
    second = taught("flag", "mail", "spam", "-", "--undo", stdin=mail("ham", 1000))
    assert second.out.splitlines()[0].endswith("no longer spam")


def test_mail_stored_in_bulk_does_not_hold_up_verdicts(taught: Chaffinch, tmp_path: Path) -> None:
    """A learn that was killed before its training leaves flags that no verdict waits for."""
    from chaffinch.experience.store import Experience
    from chaffinch.types import Example, Item

    before = json.loads(taught("predict", "mail", "--json", stdin=mail("spam", 1001)).out)
    with Experience.open() as experience:
        more = (Example(Item(mail("ham", number)), "ham") for number in range(2000, 2100))
        experience.add("mail", more)
    after = json.loads(taught("predict", "mail", "--json", stdin=mail("spam", 1001)).out)
    assert (after["score"], after["model"]) == (before["score"], before["model"])
    flagged = taught("flag", "mail", "spam", "-", "--json", stdin=mail("spam", 1001)).json
    assert flagged["launched"] is not None, "the next flag sees to it"


def test_speed_is_that_of_what_was_judged(taught: Chaffinch, tmp_path: Path) -> None:
    one = folder(tmp_path / "one", "spam", range(3001, 3003))
    reports = taught("learn", "mail", "--label", f"spam={one}", "--json").json["reports"]
    assert all(report["items_per_cpu_second"] < 50_000 for report in reports[1:])


def test_all_rungs_are_shown_on_the_same_mails(taught: Chaffinch, tmp_path: Path) -> None:
    taught("launch", "mail", "--rung", "bayes")
    taught("launch", "mail", "--rollback")
    for number in range(1001, 1007, 2):
        taught("flag", "mail", "spam", "-", stdin=mail("spam", number))
    taught("launch", "mail", "--rollback")
    more = folder(tmp_path / "more", "ham", range(4000, 4020, 2))
    reports = taught("learn", "mail", "--label", f"ham={more}", "--json").json["reports"]
    assert len({report["n"] for report in reports}) == 1


def test_what_others_may_see(taught: Chaffinch, home: Path) -> None:
    for path in [home, *home.rglob("*")]:
        if path.name != "training.lock":
            assert path.stat().st_mode & 0o077 == 0, path


def test_export_follows_links_and_spares_devices(taught: Chaffinch, tmp_path: Path) -> None:
    real, link = tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    assert taught("export", "mail", link).code == 0
    assert link.is_symlink()
    assert len(real.read_text().splitlines()) == 120
    assert real.stat().st_mode & 0o777 == 0o640
    assert taught("export", "mail", tmp_path / "new.jsonl").code == 0
    assert (tmp_path / "new.jsonl").stat().st_mode & 0o777 == 0o600
    if Path("/dev/full").is_char_device():
        assert taught("export", "mail", "/dev/full").code == 7
        assert Path("/dev/full").is_char_device()


def test_large_mails_that_nobody_flagged_are_not_kept(taught: Chaffinch, home: Path) -> None:
    large = mail("ham", 1000) + bytes(random.Random(0).choices(range(32, 127), k=2_000_000))
    before = (home / "experience.db").stat().st_size
    verdict = json.loads(taught("predict", "mail", "--json", stdin=large).out)
    assert (home / "experience.db").stat().st_size < before + 500_000
    assert taught("flag", "mail", "ham", verdict["item"]).code == 3
    assert taught("flag", "mail", "ham", "-", stdin=large).code == 0


def test_a_file_is_read_as_large_as_the_filter_takes_mails(
    taught: Chaffinch, tmp_path: Path
) -> None:
    large = tmp_path / "large.eml"
    large.write_bytes(mail("spam", 1001) + bytes(33 << 20))
    filtered = taught.raw("filter", stdin=large.read_bytes())[1]
    verdict = json.loads(taught("predict", "mail", large, "--json").out)
    assert f"X-Chaffinch-Item: {verdict['item']}\n".encode() in filtered
    assert taught.json("flag", "mail", "spam", large)["flags"][0]["item"] == verdict["item"]


def test_many_flags_make_a_checkpoint(
    taught: Chaffinch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAFFINCH_CHECKPOINT", "3")
    launches = []
    for number in range(1001, 1013, 2):
        flagged = taught("flag", "mail", "spam", "-", "--json", stdin=mail("spam", number))
        launches.append(flagged.json["launched"] is not None)
    assert launches == [False, False, True, False, False, True]


def test_flag_by_the_id_that_predict_printed(taught: Chaffinch) -> None:
    verdict = json.loads(taught("predict", "mail", "--json", stdin=mail("ham", 1000)).out)
    result = taught("flag", "mail", "ham", verdict["item"])
    assert result.code == 0
    assert result.out.startswith(verdict["item"][:12])


def test_a_filtered_mail_is_the_same_item(taught: Chaffinch) -> None:
    """Our own headers are no part of what is flagged."""
    code, filtered, _ = taught.raw("filter", stdin=mail("ham", 1000))
    assert code == 0
    assert filtered != mail("ham", 1000)
    verdict = json.loads(taught("predict", "mail", "--json", stdin=filtered).out)
    again = json.loads(taught("predict", "mail", "--json", stdin=mail("ham", 1000)).out)
    assert verdict["item"] == again["item"]
    assert verdict["score"] == again["score"]


def test_roll_back_and_history(taught: Chaffinch, tmp_path: Path) -> None:
    history = taught("launch", "mail", "--list", "--json").json
    assert history[0]["rung"] == "linear"
    first, second = history[1]["model"], history[0]["model"]
    rolled = taught("launch", "mail", "--rollback", "--json").json
    assert (rolled["model"], rolled["replaced"], rolled["rollback"]) == (first, second, True)
    starter = taught("launch", "mail", "--rollback", "--json").json
    assert starter["reason"] == f"rolled back from {first} to the starter mail-starter-1"
    nothing = taught("launch", "mail", "--rollback")
    assert nothing.code == 5
    assert "no earlier model" in nothing.err
    assert "(live)" in taught("launch", "mail", "--list").out.splitlines()[0]


def probed(chaffinch: Chaffinch) -> dict[str, Any]:
    verdict: dict[str, Any] = chaffinch("predict", "mail", "--json", stdin=mail("spam", 1002)).json
    return verdict


def test_a_roll_back_of_the_first_launch_is_the_starter_again(chaffinch: Chaffinch) -> None:
    shipped = probed(chaffinch)
    assert chaffinch("flag", "mail", "ham", "-", stdin=mail("spam", 1000)).code == 0
    assert probed(chaffinch)["score"] != shipped["score"]
    assert chaffinch.json("launch", "mail", "--rollback")["left_out"] == 1
    history = chaffinch.json("launch", "mail", "--list")
    assert [one.get("left_out") for one in history] == [1, None]
    told = " ".join(chaffinch("launch", "mail", "--list").out.split())
    assert "1 flag given while another model was live is left out" in told
    assert told.index("--afresh") < told.index("the first"), "it is told of the live one"
    again = probed(chaffinch)
    assert (again["score"], again["action"]) == (shipped["score"], shipped["action"])
    # What is flagged from here on is learned, and nothing of before.
    assert chaffinch("flag", "mail", "spam", "-", stdin=mail("spam", 1001)).code == 0
    assert "trained on 1 flag:" in chaffinch.json("launch", "mail")["reason"]


def test_a_roll_back_brings_back_no_flag_that_was_taken_back(chaffinch: Chaffinch) -> None:
    shipped = probed(chaffinch)["score"]
    assert chaffinch("flag", "mail", "spam", "-", stdin=mail("spam", 1000)).code == 0
    assert chaffinch("flag", "mail", "spam", "-", "--undo", stdin=mail("spam", 1000)).code == 0
    rolled = chaffinch.json("launch", "mail", "--rollback")
    # The model that was made again without it is stepped over.
    assert "to the starter mail-starter-1" in rolled["reason"]
    assert probed(chaffinch)["score"] == shipped
    assert chaffinch("flag", "mail", "spam", "-", stdin=mail("spam", 1001)).code == 0
    assert "trained on 1 flag:" in chaffinch.json("launch", "mail")["reason"]


def test_what_a_roll_back_left_out_is_learned_when_it_is_flagged_again(
    chaffinch: Chaffinch,
) -> None:
    shipped = probed(chaffinch)["score"]
    words = ("flag", "mail", "ham", "-")
    first = chaffinch(*words, "--json", stdin=mail("spam", 1000)).json["flags"][0]["seq"]
    taught = probed(chaffinch)["score"]
    assert chaffinch.json("launch", "mail", "--rollback")["left_out"] == 1
    again = chaffinch(*words, "--json", stdin=mail("spam", 1000)).json["flags"][0]["seq"]
    assert again > first
    assert probed(chaffinch)["score"] == taught != shipped
    # Once it counts, to flag again the same is to say nothing new.
    assert chaffinch(*words, "--json", stdin=mail("spam", 1000)).json["flags"][0]["seq"] == again
    assert chaffinch.json("launch", "mail")["left_out"] == 0
    undone = chaffinch("flag", "mail", "ham", "-", "--undo", stdin=mail("spam", 1000))
    assert undone.code == 0
    assert "ham again" not in undone.out
    assert probed(chaffinch)["score"] == shipped


def test_export_and_learn_elsewhere(
    taught: Chaffinch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "experience.jsonl"
    assert taught("export", "mail", out).code == 0
    assert len(out.read_text().splitlines()) == 120
    assert taught("export", "mail").out == out.read_text()
    assert taught("export", "mail", "-").out == out.read_text()
    assert not Path("-").exists()
    before = json.loads(taught("predict", "mail", "--json", stdin=mail("spam", 1001)).out)
    monkeypatch.setenv("CHAFFINCH_HOME", str(tmp_path / "elsewhere"))
    assert taught("learn", "mail", out, "--json").json["new"] == 120
    taught("launch", "mail", "--rung", "linear")
    after = json.loads(taught("predict", "mail", "--json", stdin=mail("spam", 1001)).out)
    assert after["score"] == before["score"], "the same experience in another order?"


def test_verify(taught: Chaffinch, home: Path) -> None:
    assert taught("verify", "--json").json["problems"] == []
    model = max(home.glob("models/mail-linear-*"))
    model.write_bytes(model.read_bytes()[:-100])
    damaged = taught("verify")
    assert damaged.code == 4
    assert model.name in damaged.out
    assert damaged.err.count("\n") == 1


def test_old_model_files_do_not_pile_up(taught: Chaffinch, home: Path) -> None:
    for _ in range(6):
        taught("launch", "mail", "--rung", "linear")
    assert len(list(home.glob("models/*"))) <= 11
    assert taught("verify").code == 0
    assert taught("launch", "mail", "--rollback").code == 0

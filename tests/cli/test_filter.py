"""The filter stands in the way of mail: whatever happens, the mail goes on."""

from __future__ import annotations

import email
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samples import mail, two_folders
from shell import Chaffinch


@pytest.fixture
def taught(chaffinch: Chaffinch, tmp_path: Path) -> Chaffinch:
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 60)).code == 0
    assert chaffinch("launch", "mail", "--rung", "linear").code == 0
    return chaffinch


def body(data: bytes) -> bytes:
    return data.partition(b"\n\n")[2]


def test_headers_tell_the_verdict(taught: Chaffinch) -> None:
    code, out, err = taught.raw("filter", stdin=mail("spam", 1001))
    assert (code, err) == (0, b"")
    parsed = email.message_from_bytes(out)
    assert parsed["X-Chaffinch-Status"] in ("spam", "unsure")
    assert float(parsed["X-Chaffinch-Score"].split()[0]) > 0
    assert parsed["X-Chaffinch-Model"].startswith("mail-linear-")
    assert len(parsed["X-Chaffinch-Item"]) == 32
    assert "body '" in parsed["X-Chaffinch-Reasons"].replace("\n", "")
    assert body(out) == body(mail("spam", 1001))


def test_forged_headers_are_taken_out(taught: Chaffinch) -> None:
    forged = b"X-Chaffinch-Status: ham\nx-chaffinch-score: -99\n folded\nX-Spam-Status: No\n"
    forged += mail("spam", 1001)
    _, out, _ = taught.raw("filter", stdin=forged)
    assert out == taught.raw("filter", stdin=mail("spam", 1001))[1]
    assert out.lower().count(b"x-chaffinch-status") == 1


def test_bogofilter_codes(taught: Chaffinch) -> None:
    from chaffinch.predictor import Predictor

    codes = {"junk": 0, "deliver": 1, "unsure": 2}
    with Predictor.load("mail") as predictor:
        for label, number in (("spam", 1001), ("ham", 1000), ("spam", 1003)):
            action = predictor.predict(mail(label, number)).action
            data = mail(label, number)
            assert taught.raw("filter", "--bogofilter-codes", stdin=data)[0] == codes[action]


def test_before_the_first_flag_the_starter_judges(chaffinch: Chaffinch) -> None:
    code, out, err = chaffinch.raw("filter", stdin=mail("spam", 1))
    assert (code, err) == (0, b"")
    parsed = email.message_from_bytes(out)
    assert parsed["X-Chaffinch-Model"] == "mail-starter-1"
    assert parsed["X-Chaffinch-Status"] != "spam", "nothing is junk to what nobody taught yet"


def test_without_its_model_the_mail_passes_through(taught: Chaffinch) -> None:
    for path in (Path(os.environ["CHAFFINCH_HOME"]) / "models").iterdir():
        path.unlink()
    chaffinch = taught
    code, out, err = chaffinch.raw("filter", stdin=mail("spam", 1))
    assert (code, out) == (0, mail("spam", 1))
    assert b"passed through unjudged: model file" in err
    assert err.count(b"\n") == 1
    code, out, _ = chaffinch.raw("filter", "--bogofilter-codes", stdin=mail("spam", 1))
    assert (code, out) == (3, mail("spam", 1))


def test_a_bug_in_the_reader_does_not_stop_the_mail(
    taught: Chaffinch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chaffinch.predictor import Predictor

    def bug(*_: object, **__: object) -> None:
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr(Predictor, "predict", bug)
    code, out, err = taught.raw("filter", stdin=mail("spam", 1))
    assert (code, out) == (0, mail("spam", 1))
    assert b"unjudged" in err


def test_who_calls_can_have_it_tried_again(taught: Chaffinch) -> None:
    for path in (Path(os.environ["CHAFFINCH_HOME"]) / "models").iterdir():
        path.unlink()
    code, out, err = taught.raw("filter", "--keep", stdin=mail("spam", 1))
    assert (code, out) == (75, b""), "what is kept and passed on would come twice"
    assert b"not judged, to be tried again: model file" in err


@pytest.mark.parametrize(
    "words", [["--ownr", "x"], ["--owner"], ["--keep=1"], ["mail.eml"]], ids=" ".join
)
def test_what_is_not_understood_is_no_verdict(chaffinch: Chaffinch, words: list[str]) -> None:
    for codes, expected in (([], 75), (["--bogofilter-codes"], 3)):
        code, out, err = chaffinch.raw("filter", *codes, *words, stdin=mail("spam", 1))
        assert (code, out) == (expected, b"")
        assert err


def test_unjudged_mail_keeps_no_forged_verdict(chaffinch: Chaffinch, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text("spamdd = 1\n")
    forged = b"X-Chaffinch-Status: ham\nX-Spam-Flag: NO\n" + mail("spam", 1)
    code, out, err = chaffinch.raw("filter", stdin=forged)
    assert (code, out) == (0, mail("spam", 1))
    assert b"unjudged" in err
    # No header block, but headers to those who read on up to the first empty line.
    odd = b"no header here\nX-Chaffinch-Status: ham\n\nX-Chaffinch-Status: said so\n"
    _, out, _ = chaffinch.raw("filter", stdin=odd)
    assert out == b"no header here\n\nX-Chaffinch-Status: said so\n"
    code, out, _ = chaffinch.raw("filter", "--keep", stdin=forged)
    assert (code, out) == (75, b"")


@pytest.mark.parametrize("nothing", [b"", b"\n\n"])
def test_of_nothing_nothing_is_said(chaffinch: Chaffinch, nothing: bytes) -> None:
    for words, expected in (
        ([], (0, nothing)),
        (["--bogofilter-codes"], (3, nothing)),
        (["--keep"], (75, b"")),
    ):
        code, out, err = chaffinch.raw("filter", *words, stdin=nothing)
        assert (code, out) == expected
        assert b"judged" in err
        assert b"stdin is empty" in err


def test_a_bug_in_stripping_does_not_stop_the_mail(
    chaffinch: Chaffinch, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chaffinch.readers import mail as reader

    def bug(*_: object) -> bytes:
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr(reader, "strip_own_headers", bug)
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text("spamdd = 1\n")
    code, out, err = chaffinch.raw("filter", stdin=mail("spam", 1))
    assert (code, out) == (0, mail("spam", 1))
    assert b"stay: maximum recursion" in err


def test_a_verdict_that_cannot_be_remembered_still_counts(
    taught: Chaffinch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chaffinch.errors import ExperienceError
    from chaffinch.experience.light import LightExperience

    def locked(*_: object, **__: object) -> None:
        raise ExperienceError("experience database x was locked: try again")

    monkeypatch.setattr(LightExperience, "remember", locked)
    assert b"note  not remembered" in taught.raw("predict", "mail", stdin=mail("spam", 1001))[1]
    code, out, err = taught.raw("filter", stdin=mail("spam", 1001))
    assert code == 0
    assert b"X-Chaffinch-Status" in out
    assert b"was locked" in err


def test_closed_standard_input(taught: Chaffinch, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-m", "chaffinch", "filter"]
    done = subprocess.run(["sh", "-c", f"{shlex.join(command)} <&-"], capture_output=True)
    assert (done.returncode, done.stdout) == (75, b"")
    assert done.stderr.startswith(b"chaffinch: mail could not be passed on")


def test_a_receiver_that_is_gone(taught: Chaffinch, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, _: bytes) -> None:
            raise OSError(28, "No space left on device")

    class Out:
        buffer = Full()

        def flush(self) -> None: ...

    monkeypatch.setattr(sys, "stdout", Out())
    code, _, err = taught.raw("filter", stdin=mail("spam", 1001))
    assert code == 75
    assert b"could not be passed on" in err


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=80).map(lambda b: mail("ham", 1) + b)))
def test_no_byte_of_any_body_is_altered(taught: Chaffinch, data: bytes) -> None:
    code, out, _ = taught.raw("filter", stdin=data)
    assert code == 0
    assert (b"X-Chaffinch-Status" in out) == bool(data.strip())
    assert out.endswith(data[data.find(b"\n\n") :] if b"\n\n" in data else b"")
    lines = [line for line in out.split(b"\n") if not line.lower().startswith(b"x-chaffinch-")]
    assert len(lines) >= data.count(b"\n")

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from chaffinch.performance.progressive import Run
from chaffinch.task import get_task
from samples import folder, two_folders
from shell import Chaffinch


def test_ways_to_sort_side_by_side(chaffinch: Chaffinch, tmp_path: Path) -> None:
    words = two_folders(tmp_path / "mails", 20)
    result = chaffinch("compare", "mail", *words)
    assert result.code == 0
    assert max(map(len, result.out.splitlines())) <= 80
    for said in ("rules as written", "weights", "committee", "1-ROCA", "4U"):
        assert said in result.out
    arms = chaffinch.json("compare", "mail", *words)
    assert [arm["rules"] > 0 for arm in arms] == [True, True, False, False, False]
    assert arms[0]["campaign"][0]["step"] == "4U"
    assert arms[0]["report"]["n"] == 20


def test_the_rungs_of_digits(chaffinch: Chaffinch, tmp_path: Path) -> None:
    X, y = load_digits(return_X_y=True)
    pictures = np.kron(X.reshape(-1, 8, 8), np.ones((3, 3))).astype(np.uint8)[:120]
    np.savez(tmp_path / "digits.npz", images=15 * pictures, labels=y[:120])
    data = str(tmp_path / "digits.npz")
    result = chaffinch("compare", "digits", data)
    assert result.code == 0, result.err
    assert max(map(len, result.out.splitlines())) <= 80
    for said in ("items learned", "random forest", "nothing to set", "MB", "Good enough"):
        assert said in result.out
    steps = chaffinch.json("compare", "digits", data)
    ladder = get_task("digits").ladder
    assert [step["rung"] for step in steps] == [rung.name for rung in ladder]
    chosen = chaffinch.json("compare", "digits", data, "--rungs", "svm, softmax")
    assert [step["rung"] for step in chosen] == ["softmax", "svm"]
    unknown = chaffinch("compare", "digits", data, "--rungs", "dnb")
    assert "did you mean 'dbn'" in unknown.err
    assert "leave it out" in chaffinch("compare", "mail", "--rungs", "all").err
    # One of the pictures has a stroke apart, which is read as a sign of its own.
    assert {step["report"]["n"] for step in steps} == {60}


def test_what_is_not_installed_is_told_before_any_work(
    chaffinch: Chaffinch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("torch", "onnx"):
        monkeypatch.setitem(sys.modules, name, None)
    begun: list[str] = []
    monkeypatch.setattr(Run, "__init__", lambda *_: begun.append("a run"))
    remedy = "not installed: pip install 'chaffinch[train]'"
    for words in (
        ("compare", "digits", tmp_path, "--rungs", "softmax,dbn"),
        ("evaluate", "digits", tmp_path, "--rung", "dbn"),
        ("launch", "digits", "--rung", "dbn"),
    ):
        result = chaffinch(*words)
        assert result.code == 8, result.err
        assert "the rung dbn needs torch, which is " + remedy in result.err
    assert not begun
    everything = chaffinch("compare", "digits", tmp_path / "none.npz", "--rungs", "all")
    assert "dbn is left out: the rung dbn needs torch, which is " + remedy in everything.err
    assert "tuned is left out: the rung tuned needs torch and onnx, which are " in everything.err
    assert "svm is left out" not in everything.err


def test_of_what_was_learned(chaffinch: Chaffinch, tmp_path: Path) -> None:
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 20)).code == 0
    before = chaffinch.json("launch", "mail", "--list")
    assert chaffinch("compare", "mail").code == 0
    assert chaffinch.json("launch", "mail", "--list") == before


def test_what_is_missing_is_told(chaffinch: Chaffinch, tmp_path: Path) -> None:
    empty = chaffinch("compare", "mail")
    assert (empty.code, "the earlier half of the experience has no ham" in empty.err) == (3, True)
    spam = folder(tmp_path / "spam", "spam", range(1, 9))
    alone = chaffinch("compare", "mail", "--label", f"spam={spam}")
    assert alone.code == 3
    assert "has no ham: to compare takes items of both labels" in alone.err

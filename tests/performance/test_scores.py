from __future__ import annotations

import errno
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.errors import InputError, StorageError
from chaffinch.performance import scores as module
from chaffinch.performance.judged import Judgements
from chaffinch.performance.measure import measure
from chaffinch.performance.scores import Scores, ScoresWriter, read_scores

steady = settings(derandomize=True, deadline=None)

LINE = b"spam\tham\t0.5\ta\n"


def written(path: Path, score: list[float]) -> Scores:
    with ScoresWriter(path) as writer:
        for number, one in enumerate(score):
            writer.write("spam" if number % 3 else "ham", "ham", one, f"{number:032x}")
    return read_scores(path)


def test_a_file_is_lines_of_four_fields(tmp_path: Path) -> None:
    written(tmp_path / "s.tsv", [0.1, -math.inf])
    assert (tmp_path / "s.tsv").read_bytes() == (
        b"ham\tham\t0.1\t00000000000000000000000000000000\n"
        b"spam\tham\t-inf\t00000000000000000000000000000001\n"
    )


@steady
@given(score=st.lists(st.floats(allow_nan=False), max_size=20))
def test_what_is_read_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, score: list[float]
) -> None:
    back = written(tmp_path_factory.mktemp("scores") / "s.tsv", score)
    assert back.score.tobytes() == np.array(score, dtype=np.float64).tobytes()
    assert back.truth == tuple("spam" if number % 3 else "ham" for number in range(len(score)))
    assert back.verdict == ("ham",) * len(score)
    assert back.item == tuple(f"{number:032x}" for number in range(len(score)))


def test_measures_of_the_file_equal_those_of_the_run(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    truth = random.random(500) < 0.4
    score = random.normal(np.where(truth, 1.0, -1.0), 1.0)
    judged = Judgements(truth, score, score > 0)
    words = np.array(["ham", "spam"])
    with ScoresWriter(tmp_path / "s.tsv") as writer:
        for row in zip(words[judged.truth * 1], words[judged.predicted * 1], score, strict=True):
            writer.write(str(row[0]), str(row[1]), row[2], "id")
    again = read_scores(tmp_path / "s.tsv").judgements("spam")
    costs = {"cost_ham_lost": 10.0, "cost_spam_missed": 1.0}
    assert measure(again, **costs) == measure(judged, **costs)


def test_nothing_shows_until_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "s.tsv"
    path.write_text("the one before")
    with ScoresWriter(path) as writer:
        writer.write("ham", "ham", 1.0, "a")
        assert path.read_text() == "the one before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["s.tsv"]
    assert path.read_bytes() == b"ham\tham\t1.0\ta\n"


def test_a_run_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ScoresWriter(tmp_path / "s.tsv") as writer:  # noqa: PT012
        writer.write("ham", "ham", 1.0, "a")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "s.tsv"
    with pytest.raises(StorageError, match=r"s\.tsv: No such file.*name a folder"):
        ScoresWriter(path).__enter__()


def test_a_full_disk_is_a_storage_error_and_keeps_the_file_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "s.tsv"
    path.write_text("the one before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"), ScoresWriter(path) as writer:
        writer.write("ham", "ham", 1.0, "a")
    assert [entry.name for entry in tmp_path.iterdir()] == ["s.tsv"]
    assert path.read_text() == "the one before"


def test_a_disk_that_fills_while_writing_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No space left"), ScoresWriter("/dev/full") as writer:
        writer.write("ham", "ham", 1.0, "a")


@pytest.mark.parametrize("field", ["", "a\tb", "a\nb", "\x1b[2J", "x" * 300, "\udc80"])
def test_a_field_that_would_break_the_file_is_refused(tmp_path: Path, field: str) -> None:
    with ScoresWriter(tmp_path / "s.tsv") as writer:
        with pytest.raises(ValueError, match="cannot be a field"):
            writer.write(field, "ham", 0.0, "a")
        with pytest.raises(ValueError, match="cannot be a field"):
            writer.write("ham", "ham", 0.0, field)
        with pytest.raises(ValueError, match="NaN"):
            writer.write("ham", "ham", math.nan, "a")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LINE + LINE + b"spam\tham\t0.5\n", "line 3: not truth, verdict, score, id between tabs"),
        (LINE + b"spam\tham\t0.5\ta\tb\n", "line 2: not truth"),
        (LINE + b"\n", "line 2: not truth"),
        (LINE + b"\tham\t0.5\ta\n", "line 2: not truth"),
        (LINE + b"spam\tham\tlots\ta\n", "line 2: the score 'lots' is not a number"),
        (LINE + b"spam\tham\tnan\ta\n", "line 2: the score 'nan' is not a number"),
        (LINE + b"sp\xff\tham\t0.5\ta\n", "line 2: not UTF-8"),
        (LINE + b"a" * 10_000, "line 2: longer than 4096 bytes"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "s.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"s\.tsv, {message}"):
        read_scores(path)


def test_files_that_others_made_may_end_their_lines_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "s.tsv"
    path.write_bytes(b"spam\tham\t-1e3\ta\r\nham\tham\t2\tb")
    assert read_scores(path).score.tolist() == [-1000.0, 2.0]
    assert read_scores(path).item == ("a", "b")


def test_a_file_without_end_is_not_read_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LINES", 3)
    assert len(written(tmp_path / "s.tsv", [0.0] * 3).item) == 3
    with pytest.raises(InputError, match="more than 3 items"):
        written(tmp_path / "s.tsv", [0.0] * 4)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_scores(tmp_path / "none.tsv")
    with pytest.raises(InputError, match="directory"):
        read_scores(tmp_path)

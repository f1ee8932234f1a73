r"""The scores file: what was said of each item, so that anyone can measure it again.

A text file in UTF-8, one line an item in judged order: true label, verdict, score and id, between
tabs. Scores are written with every digit they have, so measures computed from the file equal
those reported.

Examples
--------
>>> import tempfile
>>> from pathlib import Path
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "scores.tsv")
...     with ScoresWriter(path) as writer:
...         writer.write("spam", "ham", -0.25, "b64a5f22d6f94fbf")
...     path.read_text().splitlines()
['spam\tham\t-0.25\tb64a5f22d6f94fbf']
"""

from __future__ import annotations

import math
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

import numpy as np

from chaffinch.errors import InputError
from chaffinch.performance.judged import FloatArray, Judgements
from chaffinch.whole import refused, written_whole

if TYPE_CHECKING:
    from types import TracebackType

FIELDS = ("truth", "verdict", "score", "id")
LONGEST_LINE = 4096  # bytes
MOST_LINES = 1_000_000


class ScoresWriter:
    """Write a scores file, which appears under its name only once it is whole.

    Parameters
    ----------
    path : path
        The file to write; one that exists is replaced.

    Raises
    ------
    StorageError
        If the file cannot be written: no permission, disk full.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._open = ExitStack()
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._file = self._open.enter_context(written_whole(self._path))
        return self

    def write(self, truth: str, verdict: str, score: float, item: str) -> None:
        """Add what was said of an item.

        Parameters
        ----------
        truth, verdict : str
            Its true label, and the label that the model gave it.
        score : float
            Log-odds of the task's positive label.
        item : str
            The item's id.

        Raises
        ------
        ValueError
            If the score is NaN, or a field is empty, overlong or holds a tab or line break.
        StorageError
            If nothing more can be written.
        """
        if math.isnan(score):
            raise ValueError(f"the score of {item} is NaN: a verdict's score must be a number")
        self._line(truth, verdict, repr(float(score)), item)

    def _line(self, *fields: str) -> None:
        for field in fields:
            if not field or len(field) > LONGEST_LINE // 16 or not field.isprintable():
                raise ValueError(f"{field[:40]!r} cannot be a field of a scores file")
        if self._file is None:
            raise ValueError("a ScoresWriter writes inside a with statement only")
        try:
            self._file.write(("\t".join(fields) + "\n").encode())
        except OSError as error:
            raise refused(self._path, error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, traceback)


@dataclass(frozen=True, eq=False)
class Scores:
    """What a scores file holds, in judged order.

    Parameters
    ----------
    truth, verdict : tuple of str
        True labels and the labels given.
    score : ndarray of float64, shape (n,)
        Log-odds of the task's positive label.
    item : tuple of str
        The items' ids.
    """

    truth: tuple[str, ...]
    verdict: tuple[str, ...]
    score: FloatArray
    item: tuple[str, ...]

    def judgements(self, positive: str) -> Judgements:
        """Return what the measures need, where `positive` is the positive label."""
        return Judgements(
            np.array([label == positive for label in self.truth], dtype=np.bool_),
            self.score,
            np.array([label == positive for label in self.verdict], dtype=np.bool_),
        )


def read_scores(path: str | os.PathLike[str]) -> Scores:
    """Read a scores file.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    InputError
        If it is missing, cannot be read or is too long, or if a line is not what it should be.
    """
    try:
        with Path(path).open("rb") as file:
            return _read(file, os.fspath(path))
    except OSError as error:
        raise InputError(
            f"cannot read {os.fspath(path)}: {error.strerror or error}: name a scores file"
        ) from error


def _read(file: BinaryIO, name: str) -> Scores:
    truth: list[str] = []
    verdict: list[str] = []
    scores: list[float] = []
    items: list[str] = []
    for number in range(1, MOST_LINES + 2):
        line = file.readline(LONGEST_LINE + 1)
        if not line:
            return Scores(tuple(truth), tuple(verdict), np.array(scores, np.float64), tuple(items))
        fields = _fields(line, name, number)
        truth.append(fields[0])
        verdict.append(fields[1])
        scores.append(_score(fields[2], name, number))
        items.append(fields[3])
    raise _malformed(name, MOST_LINES + 1, f"more than {MOST_LINES:,} items")


def _fields(line: bytes, name: str, number: int) -> list[str]:
    if len(line) > LONGEST_LINE:
        raise _malformed(name, number, f"longer than {LONGEST_LINE} bytes")
    try:
        fields = line.decode("utf-8").rstrip("\r\n").split("\t")
    except UnicodeDecodeError as error:
        raise _malformed(name, number, "not UTF-8") from error
    if len(fields) != len(FIELDS) or not all(fields):
        raise _malformed(name, number, f"not {', '.join(FIELDS)} between tabs")
    return fields


def _score(text: str, name: str, number: int) -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if math.isnan(score):
        raise _malformed(name, number, f"the score {text[:40]!r} is not a number")
    return score


def _malformed(name: str, number: int, what: str) -> InputError:
    return InputError(
        f"{name}, line {number}: {what}: write the file anew, or name another scores file"
    )

"""The command line, run as a person would from a shell, but in this process."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chaffinch.cli import run


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal(io.StringIO):
    """What a person types; Ctrl-C is its character, 3."""

    def isatty(self) -> bool:
        return True

    def __init__(self, keys: bytes) -> None:
        super().__init__(keys.decode())

    def readline(self, *args: Any) -> Any:
        line = super().readline(*args)
        if "\x03" in line:
            raise KeyboardInterrupt
        return line


class Chaffinch:
    """Runs the command line in this process, as a person would from a shell."""

    def __init__(self, capfdbinary: pytest.CaptureFixture[bytes], patch: pytest.MonkeyPatch):
        self._capture = capfdbinary
        self._patch = patch

    def __call__(self, *words: str | Path, stdin: bytes = b"") -> Result:
        result = self.raw(*words, stdin=stdin)
        return Result(result[0], result[1].decode(), result[2].decode())

    def json(self, *words: str | Path) -> Any:
        """Return what a verb that succeeds prints under --json."""
        result = self(*words, "--json")
        assert result.code == 0, result.err
        return result.json

    def typed(self, *words: str | Path, keys: bytes) -> Result:
        """Run a verb at a terminal, on which somebody types."""
        code, out, err = self._run(words, Terminal(keys))
        return Result(code, out.decode(), err.decode())

    def raw(self, *words: str | Path, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        return self._run(words, io.TextIOWrapper(io.BytesIO(stdin)))

    def _run(self, words: Sequence[str | Path], stdin: io.TextIOBase) -> tuple[int, bytes, bytes]:
        self._patch.setattr(sys, "argv", ["chaffinch", *map(str, words)])
        self._patch.setattr(sys, "stdin", stdin)
        self._capture.readouterr()
        try:
            code = run()
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else 0
        sys.stdout.flush()
        captured = self._capture.readouterr()
        return code, captured.out, captured.err

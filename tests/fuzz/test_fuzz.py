"""Every parser takes every input; `make fuzz` tries for longer than these moments."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from chaffinch.servers import faults
from fuzz.run import FoundError, Fuzzing
from fuzz.target import Target, targets

KNOWN = targets()
# A few moments each, the same inputs every time.
_SECONDS = 2.0


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_any_input_is_understood_or_refused(name: str) -> None:
    fuzzing = Fuzzing(KNOWN[name], random.Random(name))
    fuzzing.run(_SECONDS)
    # The seeds get far, and mutations of them further.
    assert fuzzing.tried > len(KNOWN[name].seeds)
    assert len(fuzzing.corpus) > len(KNOWN[name].seeds) + 3


@pytest.mark.parametrize("fault", ["wrong", "raises"])
def test_a_fault_is_found_and_written_down(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    fuzzing = Fuzzing(Faulty(fault), random.Random(1))
    with pytest.raises(FoundError, match=r"faulty: .* of b.*W"):
        fuzzing.run(60.0)
    (path,) = tmp_path.iterdir()
    assert b"W" in path.read_bytes()


class Faulty(Target):
    """What has a fault that none of its seeds comes near."""

    name = "faulty"
    seeds = (b"abc",)
    words = (b"Q", b"W")
    modules = (faults,)

    def __init__(self, fault: str) -> None:
        self.fault = fault

    def outcome(self, pieces: Sequence[bytes]) -> object:
        if b"W" in b"".join(pieces):
            assert self.fault != "raises"
            return len(pieces)
        return None

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shell import Chaffinch


@pytest.fixture
def chaffinch(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Chaffinch:
    monkeypatch.setenv("COLUMNS", "80")
    return Chaffinch(capfdbinary, monkeypatch)


@pytest.fixture
def home() -> Path:
    return Path(os.environ["CHAFFINCH_HOME"])

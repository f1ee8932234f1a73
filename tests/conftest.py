from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from shell import Chaffinch

# The same examples each time, and no verdict from a slow machine.
settings.register_profile("chaffinch", derandomize=True, deadline=None)
settings.load_profile("chaffinch")


#: What takes longest comes first, so that no core waits for another at the end.
LONGEST = ("test_crash.py", "test_notebooks.py", "test_blocks.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees, or touches, what the person who runs it has."""
    for name in os.environ:
        if name.startswith("CHAFFINCH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CHAFFINCH_HOME", str(tmp_path / "chaffinch-home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def chaffinch(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Chaffinch:
    monkeypatch.setenv("COLUMNS", "80")
    # What a verb gives way to, the tests after it in this process would give way to as well.
    monkeypatch.setattr(os, "nice", lambda _: 0)
    return Chaffinch(capfdbinary, monkeypatch)


@pytest.fixture
def home() -> Path:
    return Path(os.environ["CHAFFINCH_HOME"])

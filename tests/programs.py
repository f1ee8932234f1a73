"""Programs that some tests need."""

from __future__ import annotations

import os
import shutil

import pytest


def needed(program: str) -> str:
    """Return where a program is; skip where it is not, but fail where CI has to have it."""
    found = shutil.which(program)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{program} is not installed: scripts/system.sh installs it")
        pytest.skip(f"{program} is not installed")
    return found

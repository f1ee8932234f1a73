"""PyTorch for tests: the extra 'train' has it."""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest


def torch_or_skip() -> Any:
    """Return torch; skip where it is not, but fail where CI has to have it."""
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"torch is not installed ({error}): the extra 'train' has it")
        pytest.skip("torch is not installed: the extra 'train' has it")

"""Optional packages for tests: PyTorch, which the extra 'train' has, and others."""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest


def package_or_skip(name: str, extra: str) -> Any:
    """Return a package; skip where it is not, but fail where CI has to have it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed ({error}): the extra '{extra}' has it")
        pytest.skip(f"{name} is not installed: the extra '{extra}' has it")


def torch_or_skip() -> Any:
    """Return torch; skip where it is not, but fail where CI has to have it."""
    return package_or_skip("torch", "train")

"""The two of a function: compiled, and in Python."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from chaffinch import compiled


def both(module: str, name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return a function of a module as its kernel has it, and as Python has it.

    Where the kernel was not built the test is skipped, or fails where CI is set.
    """
    kernel = f"{module.rpartition('.')[0]}._kernel"
    try:
        fast: Callable[..., Any] = getattr(import_module(kernel), name)
    except ModuleNotFoundError:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{kernel} was not built: its compiler's messages tell why")
        pytest.skip(f"{kernel} was not built: 'pip install -e .' with a C compiler builds it")
    if not compiled.WANTED:
        pytest.skip("CHAFFINCH_PURE is set: the other run of the tests holds the two together")
    assert getattr(import_module(module), name) is fast, "the kernel is there and not in use"
    kept = sys.modules.pop(module)
    compiled.WANTED = False
    try:
        plain: Callable[..., Any] = getattr(import_module(module), name)
    finally:
        compiled.WANTED = True
        sys.modules[module] = kept
    assert plain.__module__ == module
    return fast, plain

"""Which functions run compiled: those whose kernel was built, unless ``CHAFFINCH_PURE`` is set.

A kernel is a module in Cython that holds equals of a few functions in Python. An install without a
compiler has none, gives the same results, and takes longer. ``CHAFFINCH_PURE=1`` leaves kernels
unused that are there; it is read once, when the first of them would be imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import TypeVar

_Function = TypeVar("_Function", bound=Callable[..., object])

#: Whether kernels are used where they are there.
WANTED = os.environ.get("CHAFFINCH_PURE", "") in ("", "0")


def or_compiled(kernel: str) -> Callable[[_Function], _Function]:
    """Return a decorator that puts a kernel's function in the place of its equal in Python.

    Parameters
    ----------
    kernel : str
        The full name of the kernel's module. Where it was not built, or is not wanted, functions
        stay as they are.

    Examples
    --------
    >>> @or_compiled("chaffinch.no_such_kernel")
    ... def double(number: int) -> int:
    ...     return 2 * number
    >>> double(2)
    4
    """

    def choose(function: _Function) -> _Function:
        if not WANTED:
            return function
        try:
            module = import_module(kernel)
        except ModuleNotFoundError:
            return function
        found: _Function | None = getattr(module, function.__name__, None)
        if found is None:
            raise ImportError(
                f"{kernel} was built from other sources than these: build it again with "
                "`make setup` or `pip install -e .`, or set CHAFFINCH_PURE=1"
            )
        return found

    return choose


def in_use(*kernels: str) -> str:
    """Return in one sentence which path is in use.

    Examples
    --------
    >>> in_use("chaffinch.no_such_kernel")
    'Python alone for what chaffinch.no_such_kernel does: it was not built'
    """
    if not WANTED:
        return "Python alone: CHAFFINCH_PURE is set"
    for kernel in kernels:
        try:
            import_module(kernel)
        except ModuleNotFoundError:
            return f"Python alone for what {kernel} does: it was not built"
    return f"compiled: {', '.join(kernels)}"

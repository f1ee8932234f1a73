"""Networks, and how they learn: one idea a file, in PyTorch, which nothing else here needs."""

from __future__ import annotations

from typing import Any

from chaffinch.errors import MissingExtraError


def torch_module() -> Any:
    """Return PyTorch.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError(
            f"training a net needs PyTorch, which is not installed ({error}): "
            "pip install 'chaffinch[train]'"
        ) from error
    return torch

"""Chaffinch learns to sort what comes in from the flags people give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaffinch.predictor import Predictor as Predictor

__all__ = ["Predictor", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Imported on first use, so that `chaffinch --version` pays for nothing it does not need.
    if name == "Predictor":
        from chaffinch.predictor import Predictor

        return Predictor
    raise AttributeError(f"module 'chaffinch' has no attribute {name!r}")

"""What is fuzzed: a parser, inputs to begin with, and what it promises of any input."""

from __future__ import annotations

import pkgutil
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType


class Target(ABC):
    """One parser. A new one is one more class in a file of `targets`: it is found there."""

    #: What it is called.
    name: str
    #: Its modules: an input that runs new lines of them, one after the other, is kept.
    modules: Sequence[ModuleType]
    #: Inputs to begin with, that together get far.
    seeds: Sequence[bytes]
    #: Pieces that mean something to it.
    words: Sequence[bytes]

    @abstractmethod
    def outcome(self, pieces: Sequence[bytes]) -> object:
        """Return what becomes of an input that comes in these pieces.

        Raises
        ------
        AssertionError
            If what was promised does not hold; any other error is a fault as well.
        """

    def check(self, data: bytes, draw: random.Random) -> None:
        """Fail unless all that is promised holds for an input, however it is cut to pieces."""
        cuts = sorted(draw.randrange(len(data) + 1) for _ in range(draw.randrange(6)))
        pieces = [data[a:b] for a, b in pairwise([0, *cuts, len(data)])]
        assert self.outcome(pieces) == self.outcome([data]), "pieces make a difference"


def targets() -> dict[str, Target]:
    """Return all targets by their names."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent / "targets")]):
        import_module(f"fuzz.targets.{module.name}")
    return {kind.name: kind() for kind in Target.__subclasses__()}

"""The recordings that the benchmarks of words hear, from $CHAFFINCH_DATA or their sources."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chaffinch.datasets import get
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import Skipped, open_source
from chaffinch.readers.audio import read_audio
from chaffinch.task import get_task

#: The labels of FSDD.
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, eq=False)
class Clip:
    """A recording of one word.

    Parameters
    ----------
    label, speaker : str
        What is said, and by whom.
    data : bytes
        The file.
    samples : ndarray of float32, shape (n,)
        Its sound at 8 kHz.
    """

    label: str
    speaker: str
    data: bytes
    samples: NDArray[np.float32]


def clips(name: str) -> list[Clip]:
    """Return the recordings of a public data set, in the order of their ids."""

    def skipped(one: Skipped) -> None:
        raise ValueError(f"{one.name}: {one.reason}")

    found = gather(get_task("words"), [open_source(get(name))], skipped=skipped)
    return [
        Clip(one.label, one.speaker, one.item.data, read_audio(one.item.data).samples)
        for one in found
    ]

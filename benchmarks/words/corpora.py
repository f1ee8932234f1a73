"""The recordings that the benchmarks of words hear, from $CHAFFINCH_DATA or their sources."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chaffinch.datasets import get
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import Skipped, open_source
from chaffinch.experience.importers.recordings import take_of
from chaffinch.readers.audio import read_audio
from chaffinch.task import get_task

#: The labels of FSDD.
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_SKIPPED = 0.1  # the share that may be left out


@dataclass(frozen=True, eq=False)
class Clip:
    """A recording of one word.

    Parameters
    ----------
    label, speaker : str
        What is said, and by whom.
    take : int
        Which recording of it by the same speaker.
    data : bytes
        The file.
    samples : ndarray of float32, shape (n,)
        Its sound at 8 kHz.
    """

    label: str
    speaker: str
    take: int
    data: bytes
    samples: NDArray[np.float32]


def clips(name: str) -> list[Clip]:
    """Return the recordings of a public data set, in the order of their ids."""
    return clips_at(get(name))


def clips_at(path: Path) -> list[Clip]:
    """Return the recordings of a folder or an archive that hold one word, in the order of ids."""
    skipped: list[Skipped] = []
    found = list(gather(get_task("words"), [open_source(path)], skipped=skipped.append))
    if len(skipped) > _SKIPPED * len(found):
        raise ValueError(f"{len(skipped)} left out, such as {skipped[0].name}: {skipped[0].reason}")
    made = []
    for one in found:
        take = take_of(one.name)
        number = take.number if take is not None else 0
        samples = read_audio(one.item.data).samples
        made.append(Clip(one.label, one.speaker, number, one.item.data, samples))
    return made

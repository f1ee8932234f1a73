"""What reading a recording gives, and how much of a recording is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

#: Samples a second to which all sound is brought: what a telephone carries. Words are told by what
#: lies below 4 kHz, and what a recording of a higher rate holds above it would tell recordings
#: apart, and not words.
RATE = 8000


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One stretch of a recording that is spoken without a pause, such as a word.

    Parameters
    ----------
    start, end : float
        Where it lies, in seconds from the beginning of the recording.
    samples : ndarray of float32, shape (n,)
        Its sound at `RATE`.
    onset : float
        When something is first heard of it, in seconds as the others: before lies a margin.
    context : ndarray of float32, shape (m,)
        The same with some of what is round it, up to its neighbours: in noise, that it stands out
        of, it is told better than cut off.
    whole : bool
        Whether it is all there: one that is too long is cut.
    ended : bool
        Whether the pause after it was heard; else what is cut off of the sound may be of it.
    """

    start: float
    end: float
    samples: Samples
    onset: float
    context: Samples
    whole: bool = True
    ended: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What is to be heard in a recording.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        All of it that was read: one channel at `RATE`, -1 to 1, without what is constant. Of
        length 0 where it could not be read.
    utterances : tuple of Utterance
        Its words, in order; none where nothing is said.
    notes : tuple of str
        What was left out or could not be read, in plain words.
    rate : int
        The rate at which it was recorded, in samples a second.
    doubts : tuple of str
        The notes on what may change what is heard, such as a word that was cut.
    """

    samples: Samples
    utterances: tuple[Utterance, ...] = ()
    notes: tuple[str, ...] = ()
    rate: int = RATE
    doubts: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        """Whether nothing is said in it."""
        return not self.utterances

    @property
    def several(self) -> str:
        """How many words it holds, where that is more than one; else empty."""
        return f"holds {len(self.utterances)} words" if len(self.utterances) > 1 else ""


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """How much of a recording is read; of one beyond them a note says so.

    Parameters
    ----------
    raw : int
        Bytes of an item that is not WAV: a decoder goes through all of them.
    seconds : float
        Seconds from its beginning.
    values : int
        Values of all channels together.
    channels : int
        Channels that the header may claim.
    rates : tuple of int
        The lowest and the highest rate that the header may claim, in samples a second.
    chunks : int
        Chunks of a WAV file looked at.
    word : float
        Seconds of one utterance.
    utterances : int
        Utterances given.
    """

    raw: int = 1 << 25
    seconds: float = 60.0
    values: int = 1 << 25
    channels: int = 64
    rates: tuple[int, int] = (4000, 384_000)
    chunks: int = 1000
    word: float = 2.0
    utterances: int = 64

    def beyond(self, rate: int, channels: int = 1) -> str:
        """Return why sound of this rate and so many channels is not read; empty where it is."""
        low, high = self.rates
        if low <= rate <= high and 1 <= channels <= self.channels:
            return ""
        told = f"{channels} channels" if channels != 1 else "a channel"
        return (
            f"{rate:,} samples a second in {told}: from {low:,} to {high:,} are read, "
            f"in up to {self.channels} channels"
        )


#: The limits that hold where none are given.
DEFAULT = AudioLimits()

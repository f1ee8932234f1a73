"""WAV files, read from what their bytes hold, and not from what their headers claim.

RIFF WAVE with PCM of 8 to 32 bits, floating point, or the telephone's A-law and µ-law (ITU-T
G.711), its extensible form, and RF64 (EBU Tech 3306).
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from functools import cache
from typing import IO, TYPE_CHECKING, Self

import numpy as np

from chaffinch.readers.audio.content import RATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from chaffinch.readers.audio.content import AudioLimits, Samples
    from chaffinch.readers.notes import Notes

#: Bytes by which a WAV file is told.
HEAD = 12
_PCM, _FLOAT, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
# Widths in bytes of a value, by how it is coded.
_WIDTHS = {_PCM: (1, 2, 3, 4), _FLOAT: (4, 8), _A_LAW: (1,), _MU_LAW: (1,)}
# Sizes of a stream that was still being written: 0, or as large as programs dare to write.
_UNTOLD, _ENDLESS = 0, 0x7FFF0000
_AT_ONCE = 1 << 18  # values turned into numbers at once, and bytes that are passed over at once
_FORM = 40  # bytes of the longest description of a coding
_LOUDEST = 1e6  # of floating point, where 1 is meant to be the loudest


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Sound on its way from a file's bytes to words.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        The mean of its channels, -1 to 1; what a loud file has beyond is kept.
    rate : int
        Samples a second.
    """

    samples: Samples
    rate: int


@dataclass(frozen=True, slots=True)
class Coding:
    """How sound is written as bytes.

    Parameters
    ----------
    code : int
        The number that WAV has for it: 1 for whole numbers.
    channels : int
        Values of a moment.
    rate : int
        Moments a second.
    width : int
        Bytes of one value.
    """

    code: int
    channels: int
    rate: int
    width: int

    @classmethod
    def plain(cls, rate: int) -> Self:
        """Return that of one channel of whole numbers of 16 bits."""
        return cls(_PCM, 1, rate, 2)

    @property
    def block(self) -> int:
        """Bytes of a moment."""
        return self.channels * self.width


def is_wav(data: bytes) -> bool:
    """Return whether bytes begin as a WAV file does."""
    return data[:4] in (b"RIFF", b"RF64", b"BW64") and data[8:12] == b"WAVE"


def read_wav(data: bytes, limits: AudioLimits, notes: Notes) -> Sound | None:
    """Return the sound of a WAV file.

    Parameters
    ----------
    data : bytes
        The file.
    limits : AudioLimits
        How much is read.
    notes : Notes
        Where it is said what could not be read, and why.

    Returns
    -------
    Sound or None
        None if it could not be read.
    """
    file = io.BytesIO(data)
    found = begun(file.read(HEAD), file, limits, notes)
    if found is None:
        return None
    coding, size = found
    start = file.tell()
    there = len(data) - start
    if size is not None and size > there:
        note_cut_off(there, size, notes)
    end = start + (there if size is None else min(size, there))
    return _sound(data, start, end, coding, limits, notes)


def note_cut_off(there: int, size: int, notes: Notes) -> None:
    """Note that fewer bytes of sound are there than the header claims."""
    notes.add(f"cut off: {there:,} of {size:,} bytes of sound are there", doubt=True)


def begun(
    head: bytes, file: IO[bytes], limits: AudioLimits, notes: Notes
) -> tuple[Coding, int | None] | None:
    """Read a WAV file up to where its sound begins.

    Parameters
    ----------
    head : bytes
        Its first `HEAD` bytes.
    file : binary file
        Open at what follows; it needs not be one that can be gone back in.
    limits : AudioLimits
        What is looked at.
    notes : Notes
        Where it is said what could not be read, and why.

    Returns
    -------
    tuple of Coding and int, or None
        How it is written, and how many bytes of sound the header claims, None where whoever wrote
        it did not know. None in all if no sound can be read from it.
    """
    coding: Coding | None = None
    streamed = _is_untold(int.from_bytes(head[4:8], "little"))
    for _ in range(limits.chunks):
        chunk = file.read(8)
        if len(chunk) < 8:
            break
        name, size = chunk[:4], int.from_bytes(chunk[4:], "little")
        if name == b"data":
            if coding is None:
                break
            # RF64 writes the size elsewhere, and whoever pipes a stream cannot know it.
            return coding, None if _is_untold(size) and (size or streamed) else size
        form = file.read(min(size, _FORM))
        if name == b"fmt ":
            coding = _coding(form, limits, notes)
            if coding is None:
                return None
        _pass_over(file, size + size % 2 - len(form))
    missing = "data" if coding else "description of its coding"
    notes.add(f"WAV without a {missing}: damaged or cut off")
    return None


def _is_untold(size: int) -> bool:
    return size == _UNTOLD or size >= _ENDLESS


def _pass_over(file: IO[bytes], count: int) -> None:
    while count > 0:
        passed = len(file.read(min(count, _AT_ONCE)))
        if not passed:
            return
        count -= passed


def _coding(form: bytes, limits: AudioLimits, notes: Notes) -> Coding | None:
    if len(form) < 16:
        notes.add("WAV with a damaged description of its coding")
        return None
    code, channels, rate, _, block, bits = struct.unpack("<HHIIHH", form[:16])
    if code == _EXTENSIBLE and len(form) >= 26:
        code = int.from_bytes(form[24:26], "little")
    low, high = limits.rates
    if not 1 <= channels <= limits.channels:
        notes.add(f"WAV of {channels} channels: from 1 to {limits.channels} are read")
        return None
    if not low <= rate <= high:
        notes.add(f"WAV of {rate:,} samples a second: from {low:,} to {high:,} are read")
        return None
    width = block // channels if block else (bits + 7) // 8
    if width not in _WIDTHS.get(code, ()) or (block and block % channels):
        notes.add(
            f"WAV of coding {code:#06x} with {bits} bits is not read: save it as PCM of 16 bits"
        )
        return None
    return Coding(code, channels, rate, width)


def _sound(
    data: bytes, start: int, end: int, coding: Coding, limits: AudioLimits, notes: Notes
) -> Sound:
    there = (end - start) // coding.block
    frames = min(there, int(limits.seconds * coding.rate), limits.values // coding.channels)
    if frames < there:
        notes.add(
            f"only the first {frames / coding.rate:.0f} s of {there / coding.rate:,.0f} were read",
            doubt=True,
        )
    samples = np.empty(frames, np.float32)
    step = max(1, _AT_ONCE // coding.channels)
    for first in range(0, frames, step):
        count = min(step, frames - first)
        place = start + first * coding.block
        raw = data[place : place + count * coding.block]
        samples[first : first + count] = mono(raw, coding, notes)
    return Sound(samples, coding.rate)


def mono(raw: bytes, coding: Coding, notes: Notes) -> Samples:
    """Return sound from its bytes: the mean of its channels.

    Parameters
    ----------
    raw : bytes
        Whole moments.
    coding : Coding
        How they are written.
    notes : Notes
        Where it is said what was no number.

    Returns
    -------
    ndarray of float32, shape (n,)
    """
    values = _values(coding)(raw).reshape(-1, coding.channels)
    if coding.code == _FLOAT:
        if not np.isfinite(values).all():
            notes.add("samples that are no numbers were read as silence", doubt=True)
            values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
        values = np.clip(values, -_LOUDEST, _LOUDEST)
    return np.asarray(values.mean(axis=1), np.float32)


def _values(coding: Coding) -> Callable[[bytes], NDArray[np.floating]]:
    """Return what turns bytes into values from -1 to 1."""
    if coding.code == _FLOAT:
        return lambda raw: np.frombuffer(raw, f"<f{coding.width}")
    if coding.code in (_A_LAW, _MU_LAW):
        table = a_law() if coding.code == _A_LAW else mu_law()
        return lambda raw: table[np.frombuffer(raw, np.uint8)]
    if coding.width == 1:
        return lambda raw: (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128
    if coding.width == 3:
        return _of_24_bits
    scale = np.float32(2 ** (8 * coding.width - 1))
    return lambda raw: np.frombuffer(raw, f"<i{coding.width}").astype(np.float32) / scale


def _of_24_bits(raw: bytes) -> NDArray[np.floating]:
    parts = np.frombuffer(raw, np.uint8).reshape(-1, 3)
    high = parts[:, 2].astype(np.int8).astype(np.int32)
    whole = (high << 16) | (parts[:, 1].astype(np.int32) << 8) | parts[:, 0]
    return whole.astype(np.float32) / np.float32(1 << 23)


@cache
def mu_law() -> Samples:
    """Return what each byte of µ-law stands for.

    Examples
    --------
    >>> mu_law()[[0x00, 0x80, 0xFF]].tolist()
    [-0.9803466796875, 0.9803466796875, 0.0]
    """
    byte = ~np.arange(256) & 0xFF
    size = (((byte & 0x0F) << 3) + 0x84 << ((byte >> 4) & 7)) - 0x84
    return (np.where(byte & 0x80, -size, size) / 32768).astype(np.float32)


@cache
def a_law() -> Samples:
    """Return what each byte of A-law stands for.

    Examples
    --------
    >>> a_law()[[0x2A, 0xAA, 0xD5]].tolist()
    [-0.984375, 0.984375, 0.000244140625]
    """
    byte = np.arange(256) ^ 0x55
    exponent, size = (byte >> 4) & 7, ((byte & 0x0F) << 4) + 8
    size = np.where(exponent > 0, (size + 0x100) << np.maximum(exponent - 1, 0), size)
    return (np.where(byte & 0x80, size, -size) / 32768).astype(np.float32)


def write_wav(samples: Samples, rate: int = RATE) -> bytes:
    """Return sound as a WAV file of one channel, PCM of 16 bits.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        -1 to 1; what is beyond is clipped.
    rate : int
        Samples a second.

    Examples
    --------
    >>> len(write_wav(np.zeros(8000, np.float32)))
    16044
    """
    # The same scale as reading: what was read from 16 bits is written back as it was.
    whole = np.clip(np.rint(samples * np.float32(32768)), -32768, 32767)
    values: bytes = whole.astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", _PCM, 1, rate, 2 * rate, 2, 16)
    head = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form
    body = head + b"data" + struct.pack("<I", len(values)) + values
    return b"RIFF" + struct.pack("<I", len(body)) + body

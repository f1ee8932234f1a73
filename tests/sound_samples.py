"""Sounds written for the tests."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]


def word(seconds: float = 0.4, pitch: float = 140.0, rate: int = 8000) -> Sound:
    """Return a vowel: harmonics of a falling pitch, louder in the middle."""
    time = np.arange(int(seconds * rate)) / rate
    phase = 2 * np.pi * pitch * (time - 0.1 * time**2)
    voiced = sum(np.sin(k * phase) / k for k in range(1, 12))
    return (0.2 * voiced * np.hanning(time.size)).astype(np.float32)


def hiss(seconds: float = 0.1, rate: int = 8000, seed: int = 0) -> Sound:
    """Return noise of high frequencies, as in an s or a t."""
    noise = np.random.default_rng(seed).normal(size=int(seconds * rate) + 1)
    return (0.05 * np.diff(noise)).astype(np.float32)


def pause(seconds: float, rate: int = 8000) -> Sound:
    """Return silence."""
    return np.zeros(int(seconds * rate), np.float32)


def wav(
    payload: bytes,
    *,
    code: int = 1,
    channels: int = 1,
    rate: int = 8000,
    bits: int = 16,
    size: int | None = None,
    name: bytes = b"RIFF",
    extensible: bool = False,
) -> bytes:
    """Return a WAV file of these bytes, with whatever its header is to claim."""
    block = channels * bits // 8
    form = struct.pack(
        "<HHIIHH", 0xFFFE if extensible else code, channels, rate, 0, block & 0xFFFF, bits
    )
    if extensible:
        form += struct.pack("<HHIH", 22, bits, 0, code) + bytes(14)
    size = len(payload) if size is None else size
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"LIST" + struct.pack("<I", 3) + b"abc\0"
    body += b"data" + struct.pack("<I", size & 0xFFFFFFFF) + payload
    total = 0xFFFFFFFF if size in (0, 0xFFFFFFFF) else len(body)
    return name + struct.pack("<I", total) + body


def spoken(label: str, seed: int = 0) -> Sound:
    """Return somebody's "one", "two" or "six": low, with a hiss before, with one at each end."""
    rng = np.random.default_rng(seed)
    vowel = word(rng.uniform(0.25, 0.45), rng.uniform(90, 230))
    before = hiss(rng.uniform(0.07, 0.12), seed=seed)
    after = hiss(rng.uniform(0.1, 0.15), seed=seed + 1)
    parts = {"one": [vowel], "two": [before, vowel], "six": [before, vowel, pause(0.05), after]}
    line = np.concatenate((pause(0.3), *parts[label], pause(0.3)))
    noise = 10 ** rng.uniform(-4, -3) * rng.normal(size=line.size)
    return np.asarray(line * rng.uniform(0.3, 1.0) + noise, np.float32)


def line(labels: Iterable[str], noise: float = 0.002, seed: int = 0) -> Sound:
    """Return words one after the other, in the noise of one room."""
    rng = np.random.default_rng(seed)
    said = [
        np.concatenate((spoken(label, seed + number), pause(rng.uniform(0, 0.5))))
        for number, label in enumerate(labels)
    ]
    whole = np.concatenate(said)
    return np.asarray(whole + noise * rng.normal(size=whole.size), np.float32)

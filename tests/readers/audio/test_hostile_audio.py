"""Whatever the bytes are: no exception, bounded work, and a note that says why."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.readers.audio import DEFAULT, RATE, Recording, read_audio, write_wav
from sound_samples import pause, wav, word

SAID = write_wav(np.concatenate((pause(0.3), word(), pause(0.4))))
BEGINNINGS = (
    b"",
    b"RIFF\0\0\0\0WAVE",
    b"RF64\xff\xff\xff\xffWAVEds64",
    SAID[:44],
    SAID[:36],
    wav(b"", code=3, bits=32),
    wav(b"", channels=32, rate=192_000),
    b"fLaC\0\0\0\x22",
    b"OggS\0\x02",
    b"\x1a\x45\xdf\xa3",
    b"ID3\x04\0\0\0\0\0\0",
    b"\xff\xfb\x90\x00",
    b"\0\0\0\x18ftypmp42",
)


def check(recording: Recording) -> None:
    samples = recording.samples
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert len(samples) <= RATE * (DEFAULT.seconds + 2)
    assert np.isfinite(samples).all()
    assert samples.size == 0 or np.abs(samples).max() <= 2.001
    assert len(recording.utterances) <= DEFAULT.utterances
    for one in recording.utterances:
        assert 0 <= one.start < one.end <= len(samples) / RATE + 1e-9
        assert 0 < len(one.samples) <= DEFAULT.word * RATE
    assert recording.utterances or recording.notes


@pytest.mark.parametrize("begin", BEGINNINGS[7:10])
def test_a_decoders_own_words_are_no_note(begin: bytes) -> None:
    (note,) = read_audio(begin + bytes(100)).notes
    assert note.endswith(" that cannot be decoded: damaged or cut off")


@settings(max_examples=150, deadline=None)
@given(begin=st.sampled_from(BEGINNINGS[:7]), rest=st.binary(max_size=2000))
def test_any_bytes(begin: bytes, rest: bytes) -> None:
    check(read_audio(begin + rest))


@pytest.mark.parametrize("begin", BEGINNINGS[7:])
def test_any_bytes_of_other_formats(begin: bytes) -> None:
    # A decoder in a process of its own takes a moment, so few of them.
    check(read_audio(begin + np.random.default_rng(0).bytes(3000)))


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1))
def test_truncated(share: float) -> None:
    check(read_audio(SAID[: int(share * len(SAID))]))


@settings(max_examples=150, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 63), st.integers(0, 255)), max_size=6))
def test_damaged_header(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SAID)
    for place, byte in changes:
        data[place] = byte
    check(read_audio(bytes(data)))


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.floats(width=32), min_size=1, max_size=3000))
def test_samples_that_are_no_numbers(values: list[float]) -> None:
    check(read_audio(wav(struct.pack(f"<{len(values)}f", *values), code=3, bits=32)))


@pytest.mark.parametrize("size", [0, 1, 2**31, 2**32 - 1])
def test_sizes_that_lie(size: int) -> None:
    payload = SAID[44:]
    recording = read_audio(wav(payload, size=size))
    check(recording)
    if size != 1:
        assert len(recording.utterances) == 1


def test_loud_floats_are_heard() -> None:
    said = (np.concatenate((pause(0.3), word(), pause(0.4))) * 1e30).astype("<f4")
    recording = read_audio(wav(said.tobytes(), code=3, bits=32))
    check(recording)
    assert len(recording.utterances) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (wav(bytes(2000), channels=65535, bits=8), "65535 channels: from 1 to 64"),
        (wav(bytes(2000), channels=0), "0 channels"),
        (wav(bytes(2000), rate=0), "0 samples a second: from 4,000"),
        (wav(bytes(2000), rate=2**32 - 1), "4,294,967,295 samples a second"),
        (wav(bytes(2000), code=2, bits=4), "coding 0x0002"),
        (wav(bytes(2000), bits=64), "with 64 bits"),
        (b"RIFF\0\0\0\0WAVE", "without a description of its coding"),
        (b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 5000, "without a description"),
        (SAID[:36], "without a data"),
        (b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0aaaa", "damaged description"),
    ],
)
def test_headers_that_lie(data: bytes, said: str) -> None:
    recording = read_audio(data)
    check(recording)
    assert said in " ".join(recording.notes)


def test_an_hour_of_silence() -> None:
    recording = read_audio(wav(bytes([128]) * (3600 * 8000), bits=8))
    check(recording)
    assert "only the first 60 s of 3,600 were read" in recording.notes
    assert any("silence" in note for note in recording.notes)


def test_many_fast_channels() -> None:
    second = np.zeros((192_000, 32), "<i2")
    second[40_000:130_000] = (9000 * np.sin(np.arange(90_000) * 0.02)).astype("<i2")[:, np.newaxis]
    recording = read_audio(wav(second.tobytes(), channels=32, rate=192_000))
    check(recording)
    ((start, end),) = [(one.start, one.end) for one in recording.utterances]
    assert abs(start - 0.21) < 0.1
    assert abs(end - 0.68) < 0.1

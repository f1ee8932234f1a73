"""Sound that goes on is heard as a recording is, however it comes, and however long it lasts."""

from __future__ import annotations

import io
import itertools
import struct
import subprocess
import tracemalloc
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.errors import InputError, MissingExtraError
from chaffinch.readers.audio import (
    DEFAULT,
    RATE,
    Utterance,
    read_audio,
    sound_as_it_comes,
    words_as_they_come,
    write_wav,
)
from chaffinch.readers.audio import decode as decoding
from chaffinch.readers.audio.resample import rechunked, resampled, resampled_as_it_comes
from chaffinch.readers.notes import Notes
from programs import needed
from sound_samples import Sound, line, pause, wav, word
from trainable import package_or_skip


def told(sound: Iterable[Sound], notes: Notes | None = None) -> list[Utterance]:
    return list(words_as_they_come(sound, DEFAULT, notes or Notes()))


def heard(data: bytes | io.BytesIO, notes: Notes | None = None, rate: int | None = None) -> Sound:
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    pieces = sound_as_it_comes(file, DEFAULT, notes or Notes(), rate=rate)
    return np.concatenate([np.empty(0, np.float32), *pieces])


@pytest.mark.parametrize("noise", [0.002, 0.005, 0.02])
@pytest.mark.parametrize("seed", range(4))
def test_the_words_are_those_of_a_recording(noise: float, seed: int) -> None:
    whole = line(["two", "one", "six", "one", "two", "two", "six", "one"], noise, seed)
    once = read_audio(write_wav(whole)).utterances
    assert len(once) == 8
    come = told([whole])
    begun = [one.start for one in once]
    np.testing.assert_allclose([one.start for one in come], begun, atol=0.05)
    # In noise it may not yet be known where it ends.
    ended = [one.end for one in once]
    np.testing.assert_allclose([one.end for one in come], ended, atol=0.25)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.3, 0.7, 1.2])
def test_a_short_stream_is_a_recording(seconds: float) -> None:
    whole = np.concatenate((pause(0.1), word()))[: int(seconds * RATE)]
    (*come,) = told([whole])
    once = read_audio(write_wav(whole)).utterances
    assert [(one.start, one.end) for one in come] == [(one.start, one.end) for one in once]


WHOLE = line(["one", "six", "two", "one"], 0.003)
APART = told([WHOLE])


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, WHOLE.size), max_size=30))
def test_nothing_depends_on_how_it_comes(cuts: list[int]) -> None:
    come = told(np.split(WHOLE, sorted(cuts)))
    assert [(one.start, one.end, one.onset) for one in come] == [
        (one.start, one.end, one.onset) for one in APART
    ]
    for one, other in zip(come, APART, strict=True):
        np.testing.assert_array_equal(one.samples, other.samples)


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from([4000, 6000, 7919, 8000, 11025, 16000, 44100, 48000, 191_999]),
    length=st.integers(0, 30_000),
    cuts=st.lists(st.floats(0, 1), max_size=5),
)
def test_sound_is_resampled_as_at_once(rate: int, length: int, cuts: list[float]) -> None:
    samples = np.random.default_rng(length).normal(size=length).astype(np.float32)
    pieces = np.split(samples, sorted(int(cut * length) for cut in cuts))
    come = [np.empty(0, np.float32), *resampled_as_it_comes(pieces, rate)]
    np.testing.assert_allclose(np.concatenate(come), resampled(samples, rate), atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(0, 20)), size=st.integers(1, 12))
def test_pieces_of_one_size(sizes: list[int], size: int) -> None:
    whole = np.arange(sum(sizes), dtype=np.float32)
    pieces = list(rechunked(np.split(whole, np.cumsum(sizes)[:-1]) if sizes else [], size))
    np.testing.assert_array_equal(np.concatenate([whole[:0], *pieces]), whole)
    assert all(len(one) == size for one in pieces[:-1])


def test_a_word_is_told_soon_after_it_has_ended() -> None:
    at = 0

    def live() -> Iterator[Sound]:
        nonlocal at
        for piece in rechunked([line(["one"] * 6)], 80):
            at += 80
            yield piece

    delays = [at / RATE - one.end for one in words_as_they_come(live(), DEFAULT, Notes())]
    assert len(delays) == 6
    # What noise there is takes a moment to know.
    assert max(delays[1:]) < 0.4


def test_endless_silence_and_noise_hold_no_words_and_take_no_memory() -> None:
    rng = np.random.default_rng(0)
    hissing = (rng.normal(scale=0.02, size=RATE).astype(np.float32) for _ in range(120))
    assert told(hissing) == []
    tracemalloc.start()
    assert told(itertools.repeat(pause(1.0), 80)) == []
    assert tracemalloc.get_traced_memory()[1] < 80 * pause(1.0).nbytes
    tracemalloc.stop()


def test_a_word_without_an_end_is_cut_and_the_noise_learned() -> None:
    time = np.arange(60 * RATE) / RATE
    hum = (0.3 * np.sin(2 * np.pi * 300 * time)).astype(np.float32)
    notes = Notes()
    come = told([np.concatenate((pause(2.0), hum, pause(2.0), word(), pause(1.0)))], notes)
    assert [round(one.start) for one in come] == [2, 64]
    assert len(come[0].samples) == DEFAULT.word * RATE
    assert [one.whole for one in come] == [False, True]
    assert notes.taken() == ("sound without a pause: only 2 s of it are read as a word",)


def test_the_noise_may_change() -> None:
    rng = np.random.default_rng(0)
    parts, begun, at = [], [], 0
    for seed, noise in enumerate((0.002, 0.02, 0.002)):
        # A room changes its noise; ten seconds later that is what words stand out of.
        room = (noise * rng.normal(size=10 * RATE)).astype(np.float32)
        said = line(["one", "two", "six"] * 3, noise, seed)
        parts += [room, said]
        begun.append((at + len(room)) / RATE)
        at += len(room) + len(said)
    come = [one.start for one in told([np.concatenate(parts)])]
    ended = [*(begin - 10 for begin in begun[1:]), at / RATE]
    words = [
        sum(begin <= one < end for one in come) for begin, end in zip(begun, ended, strict=True)
    ]
    assert words == [9, 9, 9]


def test_constant_and_loud_sound_are_brought_to_scale() -> None:
    quiet = line(["one", "two", "one"])
    for one, other in zip(told([quiet]), told([8 * quiet + np.float32(3)]), strict=True):
        assert abs(one.start - other.start) <= 0.01
        assert np.abs(other.samples).max() <= 1
        assert abs(other.samples.mean()) < 0.1


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_a_file_is_heard_as_it_is_read(rate: int) -> None:
    data = write_wav(np.concatenate((pause(0.3, rate), word(rate=rate), pause(0.4, rate))), rate)
    once = read_audio(data).samples
    np.testing.assert_allclose(heard(data), once, atol=1e-5)
    np.testing.assert_allclose(heard(data[44:], rate=rate), once, atol=1e-5)
    # Closed in the middle of a sample.
    assert len(once) - 1 <= len(heard(data[44:-1], rate=rate)) <= len(once)


@pytest.mark.parametrize("size", [0, 2**31 - 37, 2**32 - 1])
def test_a_recorder_need_not_know_how_long_it_will_record(size: int) -> None:
    values = (line(["one"]) * 32767).astype("<i2").tobytes()
    assert len(heard(wav(values, size=size))) == len(values) // 2


@pytest.mark.parametrize("claimed", [10, 10**6, 10**9])
def test_a_header_may_lie(claimed: int) -> None:
    values = (line(["one"]) * 32767).astype("<i2").tobytes()
    assert len(heard(wav(values, size=claimed))) == min(claimed, len(values)) // 2


@pytest.mark.parametrize(("after", "ended"), [(0.6, True), (0.1, False), (-0.1, False)])
def test_sound_that_is_cut_off_is_noted_and_its_last_word_open(after: float, ended: bool) -> None:
    sound = np.concatenate((pause(0.5), word(), pause(0.8), word(), pause(0.8)))
    values = (sound * 32767).astype("<i2").tobytes()
    last = 0.5 + 2 * len(word()) / RATE + 0.8
    there = 2 * round((last + after) * RATE)
    notes = Notes()
    first, second = told([heard(wav(values[:there], size=len(values)), notes)])
    assert (first.ended, second.ended) == (True, ended)
    assert notes.doubts() == (f"cut off: {there:,} of {len(values):,} bytes of sound are there",)


def test_a_chunk_of_gigabytes_before_the_sound_ends_with_the_stream() -> None:
    with pytest.raises(InputError, match="without a description"):
        heard(b"RIFF\0\0\0\0WAVELIST\xff\xff\xff\xf0" + bytes(100_000))


def test_samples_that_are_no_numbers_are_silence() -> None:
    values = np.concatenate((pause(1.0), word(), pause(1.0)))
    values[100:200], values[300], values[400] = np.nan, np.inf, -np.inf
    notes = Notes()
    sound = heard(wav(values.astype("<f4").tobytes(), code=3, bits=32), notes)
    assert np.isfinite(sound).all()
    assert len(told([sound])) == 1
    assert notes.taken() == ("samples that are no numbers were read as silence",)


@settings(max_examples=100, deadline=None)
@given(rest=st.binary(max_size=2000), begin=st.sampled_from([b"", write_wav(WHOLE)[:44]]))
def test_any_bytes(begin: bytes, rest: bytes) -> None:
    try:
        come = told([heard(begin + rest)])
    except InputError:
        return
    for one in come:
        assert 0 <= one.start < one.end
        assert np.isfinite(one.samples).all()


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.floats(width=32), max_size=3000))
def test_any_samples(values: list[float]) -> None:
    data = wav(struct.pack(f"<{len(values)}f", *values), code=3, bits=32)
    for one in told([heard(data)]):
        assert np.isfinite(one.samples).all()
        assert np.abs(one.samples).max() <= 2.001


@pytest.mark.parametrize(
    ("data", "rate", "said"),
    [
        (b"", None, "is empty"),
        (b"Subject: tea and more", None, "begins as none of WAV"),
        (write_wav(WHOLE)[:20], None, "damaged"),
        (wav(b"", channels=65), None, "65 channels"),
        (b"", 999, "999 samples a second"),
        (write_wav(WHOLE), 8000, "WAV tells its rate in its header: leave --rate out"),
        (b"RIFX" + bytes(100), 8000, "RIFF tells its rate"),
        (b"fLaC" + bytes(100), 8000, "FLAC tells its rate"),
    ],
)
def test_what_is_no_sound_is_refused(data: bytes, rate: int | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        heard(data, rate=rate)


@pytest.mark.parametrize("first", [b"\xff\xfb", b"RI", b""])
def test_samples_that_look_like_half_a_header_are_samples(first: bytes) -> None:
    assert len(heard(first + bytes(4000 - len(first)), rate=8000)) == 2000


def test_an_interruption_tells_what_was_heard_before() -> None:
    def live() -> Iterator[Sound]:
        # The last word has ended, but not the pause after it.
        yield line(["one", "two"])[: -RATE // 10]
        raise KeyboardInterrupt

    come = []
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        for one in words_as_they_come(live(), DEFAULT, Notes()):
            come.append(one)
    assert len(come) == 2


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("name", ["flac", "ogg", "webm", "mp3"])
def test_other_formats_come_through_ffmpeg(name: str) -> None:
    ffmpeg = needed("ffmpeg")
    coding = ["-c:a", "libopus"] if name == "webm" else []
    command = [ffmpeg, "-v", "error", "-i", "pipe:0", "-ar", "48000", *coding, "-f", name, "pipe:1"]
    done = subprocess.run(command, input=write_wav(WHOLE), capture_output=True, check=True)
    come = told([heard(Pipe(done.stdout))])
    np.testing.assert_allclose([one.start for one in come], [one.start for one in APART], atol=0.1)
    with pytest.raises(InputError, match="damaged or cut off"):
        heard(Pipe(done.stdout[:12] + bytes(500)))


@pytest.mark.parametrize(("kind", "coding"), [("FLAC", "PCM_16"), ("OGG", "VORBIS")])
def test_without_ffmpeg_libsndfile_reads_a_file(
    kind: str, coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile = package_or_skip("soundfile", "words")
    monkeypatch.setattr(decoding, "_ffmpeg", lambda: None)
    file = io.BytesIO()
    soundfile.write(file, np.stack((WHOLE, WHOLE), axis=1), RATE, format=kind, subtype=coding)
    np.testing.assert_allclose(heard(file.getvalue()), WHOLE, atol=0.1)
    with pytest.raises(InputError, match="damaged or cut off"):
        heard(file.getvalue()[:12] + bytes(500))


def test_without_ffmpeg_a_pipe_holds_wav_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_ffmpeg", lambda: None)
    with pytest.raises(MissingExtraError, match="from a pipe"):
        heard(Pipe(b"OggS" + bytes(100)))

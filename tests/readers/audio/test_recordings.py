"""A word is the same word at any rate, width, number of channels and level of noise."""

from __future__ import annotations

import io
import os
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.errors import MissingExtraError
from chaffinch.readers.audio import Recording, read_audio, require_decoder, write_wav
from chaffinch.readers.audio import decode as decoding
from chaffinch.readers.audio.content import DEFAULT
from chaffinch.readers.audio.resample import resampled
from chaffinch.readers.audio.stream import sound_as_it_comes
from chaffinch.readers.audio.wav import a_law, mu_law
from chaffinch.readers.notes import Notes
from programs import needed
from sound_samples import Sound, hiss, pause, wav, word
from trainable import package_or_skip

SAID = np.concatenate((pause(0.3), word(), pause(0.4)))


def spans(recording: Recording) -> list[tuple[float, float]]:
    return [(one.start, one.end) for one in recording.utterances]


def encoded(kind: str, samples: Sound) -> bytes:
    """Return samples in a coding that NumPy and the standard library write."""
    whole = {
        "pcm 8": lambda: wav((np.rint(samples * 127) + 128).astype(np.uint8).tobytes(), bits=8),
        "pcm 16": lambda: wav((samples * 32767).astype("<i2").tobytes()),
        "pcm 24": lambda: wav(
            b"".join(struct.pack("<i", int(one * 8388607))[:3] for one in samples), bits=24
        ),
        "pcm 32": lambda: wav((samples * 2147483647.0).astype("<i4").tobytes(), bits=32),
        "float 32": lambda: wav(samples.astype("<f4").tobytes(), code=3, bits=32),
        "float 64": lambda: wav(samples.astype("<f8").tobytes(), code=3, bits=64),
        "µ-law": lambda: wav(nearest(mu_law(), samples), code=7, bits=8),
        "A-law": lambda: wav(nearest(a_law(), samples), code=6, bits=8),
        "extensible": lambda: wav((samples * 32767).astype("<i2").tobytes(), extensible=True),
        "RF64": lambda: wav((samples * 32767).astype("<i2").tobytes(), name=b"RF64", size=-1),
    }
    return whole[kind]()


def nearest(table: Sound, samples: Sound) -> bytes:
    return bytes(np.abs(table[:, np.newaxis] - samples).argmin(axis=0).astype(np.uint8))


KINDS = "pcm 8,pcm 16,pcm 24,pcm 32,float 32,float 64,µ-law,A-law,extensible,RF64".split(",")


@pytest.mark.parametrize("kind", KINDS)
def test_every_coding_holds_the_same_word(kind: str) -> None:
    read = read_audio(encoded(kind, SAID))
    assert read.notes == ()
    coarse = kind == "pcm 8" or kind.endswith("law")
    np.testing.assert_allclose(read.samples, SAID, atol=0.01 if coarse else 1e-4)
    ((start, end),) = spans(read)
    assert 0.2 <= start <= 0.4
    assert 0.55 <= end <= 0.8


def test_laws_agree_with_the_standard_library() -> None:
    audioop = pytest.importorskip("audioop", reason="the standard library has it up to 3.12")
    every = bytes(range(256))
    for law, decoded in ((mu_law, audioop.ulaw2lin), (a_law, audioop.alaw2lin)):
        expected = np.frombuffer(decoded(every, 2), "<i2")
        np.testing.assert_array_equal(law() * 32768, expected)


@pytest.mark.parametrize("rate", [6000, 11025, 16000, 22050, 44100, 48000, 96000, 191_999])
def test_every_rate_holds_the_same_word(rate: int) -> None:
    time = np.arange(rate) / rate
    three = np.sin(2 * np.pi * np.outer((300, 1100, 2500), time)).sum(axis=0)
    said = np.concatenate((pause(0.4, rate), (0.2 * three).astype(np.float32), pause(0.4, rate)))
    read = read_audio(write_wav(said, rate))
    assert read.rate == rate
    assert abs(len(read.samples) - 14400) <= 10
    middle = read.samples[4000:10000]
    # Whatever their phases are, nothing but the three tones is left.
    turns = 2 * np.pi * np.outer((300, 1100, 2500), np.arange(middle.size) / 8000)
    tones = np.concatenate((np.sin(turns), np.cos(turns))).T
    left = middle - tones @ np.linalg.lstsq(tones, middle, rcond=None)[0]
    if rate != 191_999:  # its ratio is rounded, by less than anybody hears
        assert np.abs(left).max() < 0.01
    assert len(read.utterances) == 1


def test_what_eight_kilohertz_cannot_hold_is_not_folded_down() -> None:
    time = np.arange(16000) / 16000
    high = np.sin(2 * np.pi * 5000 * time).astype(np.float32)
    assert np.abs(resampled(high, 16000)[200:-200]).max() < 0.003


def test_channels_are_made_one() -> None:
    both = np.stack((SAID, np.zeros_like(SAID)), axis=1)
    read = read_audio(wav((both * 32767).astype("<i2").tobytes(), channels=2))
    np.testing.assert_allclose(read.samples, SAID / 2, atol=1e-3)


def test_what_was_written_is_read_back() -> None:
    once = read_audio(write_wav(SAID)).samples
    np.testing.assert_array_equal(read_audio(write_wav(once)).samples, once)


@pytest.mark.parametrize("snr", [None, 10, 0])
def test_several_words_are_parted(snr: int | None) -> None:
    line = np.concatenate(
        (pause(0.3), word(0.4), pause(0.35), hiss(), word(0.3, 200), pause(0.35), word(0.5, 100))
    )
    if snr is not None:
        noise = np.random.default_rng(0).normal(size=line.size)
        line += (noise * line.std() * 10 ** (-snr / 20)).astype(np.float32)
    read = read_audio(write_wav(line / np.abs(line).max()))
    assert len(read.utterances) == 3
    starts = [start for start, _ in spans(read)]
    np.testing.assert_allclose(starts, [0.3, 1.05, 1.8], atol=0.15)
    for before, after in zip(read.utterances, read.utterances[1:], strict=False):
        assert before.end <= after.start


def test_a_word_keeps_its_hiss_and_its_silence() -> None:
    six = np.concatenate((pause(0.3), hiss(0.12), word(0.15), pause(0.08), hiss(0.12), pause(0.3)))
    ((start, end),) = spans(read_audio(write_wav(six)))
    assert start <= 0.32
    assert end >= 0.75


def test_a_click_is_no_word() -> None:
    line = np.concatenate((pause(0.5), word(), pause(0.6), word(), pause(0.6)))
    line[2000:2030] = 0.9
    assert len(read_audio(write_wav(line)).utterances) == 2


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (pause(1.0), "silence: 1.0 s"),
        (pause(0), "it lasts no time"),
        (0.1 * np.random.default_rng(1).normal(size=8000), "no word stands out"),
        (np.clip(20 * SAID, -1, 1), "clipped"),
        (SAID + 0.3, "a constant offset of +30%"),
        (np.concatenate((pause(0.5), word(4.0), pause(0.5))), "without a pause"),
        (np.tile(np.concatenate((word(0.2), pause(0.3))), 70), "only the first 64 words"),
    ],
)
def test_what_is_wrong_is_noted(samples: Sound, said: str) -> None:
    assert any(said in note for note in read_audio(write_wav(samples.astype(np.float32))).notes)


def test_what_is_constant_changes_no_word() -> None:
    assert spans(read_audio(write_wav(SAID + np.float32(0.3)))) == spans(
        read_audio(write_wav(SAID))
    )


@pytest.mark.parametrize("ending", ["flac", "ogg", "webm", "mp3", "mp4"])
def test_what_browsers_and_others_write(ending: str, tmp_path: Path) -> None:
    ffmpeg = needed("ffmpeg")
    file = tmp_path / f"said.{ending}"
    coding = ["-c:a", "libopus"] if ending == "webm" else []
    fragments = ["-movflags", "frag_keyframe+empty_moov"] if ending == "mp4" else []
    said = np.concatenate((pause(0.3), word(0.4, rate=8000), pause(0.4)))
    command = [
        ffmpeg,
        "-v",
        "error",
        "-i",
        "pipe:0",
        "-ar",
        "48000",
        *coding,
        *fragments,
        str(file),
    ]
    subprocess.run(command, input=write_wav(said), check=True)
    read = read_audio(file.read_bytes())
    ((start, end),) = spans(read)
    assert 0.15 <= start <= 0.45
    assert 0.5 <= end <= 0.85
    assert read.rate == 48000
    cut = read_audio(file.read_bytes()[: file.stat().st_size // 2])
    assert cut.utterances or cut.notes


def test_mp3_of_a_telephones_rate_without_tags(tmp_path: Path) -> None:
    file = tmp_path / "said.mp3"
    bare = ["-ar", "8000", "-id3v2_version", "0", "-write_xing", "0", str(file)]
    said = np.concatenate((pause(0.3), word(0.4, rate=8000), pause(0.4)))
    command = [needed("ffmpeg"), "-v", "error", "-i", "pipe:0", *bare]
    subprocess.run(command, input=write_wav(said), check=True)
    assert len(read_audio(file.read_bytes()).utterances) == 1


@pytest.mark.parametrize(("kind", "coding"), [("FLAC", "PCM_16"), ("OGG", "VORBIS")])
def test_what_libsndfile_reads(kind: str, coding: str) -> None:
    soundfile = package_or_skip("soundfile", "words")
    file = io.BytesIO()
    soundfile.write(file, np.stack((SAID, SAID), axis=1), 8000, format=kind, subtype=coding)
    read = read_audio(file.getvalue())
    assert len(read.utterances) == 1
    np.testing.assert_allclose(read.samples, SAID, atol=0.05)


@pytest.mark.parametrize("as_it_comes", [False, True])
def test_what_decodes_mp3_says_nothing_on_stderr(
    as_it_comes: bool, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile = package_or_skip("soundfile", "words")
    file = io.BytesIO()
    soundfile.write(file, SAID, 8000, format="MP3")
    cut = file.getvalue()[: len(file.getvalue()) * 2 // 3]
    with soundfile.SoundFile(io.BytesIO(cut)) as sound:
        sound.read()
    assert capfd.readouterr().err, "it has nothing to say of this"
    if as_it_comes:
        monkeypatch.setattr(decoding, "_ffmpeg", lambda: None)
        assert sum(map(len, sound_as_it_comes(io.BytesIO(cut), DEFAULT, Notes())))
    else:
        assert read_audio(cut).utterances
    os.write(2, b"said by others")
    assert capfd.readouterr().err == "said by others"


def test_what_cannot_be_decoded_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_has_sndfile", lambda: False)
    monkeypatch.setattr(decoding, "_ffmpeg", lambda: None)
    (note,) = read_audio(b"OggS" + bytes(100)).notes
    assert "pip install 'chaffinch[words]'" in note
    with pytest.raises(MissingExtraError, match="FFmpeg"):
        require_decoder("WebM")
    require_decoder("WAV")


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), level=st.floats(0.01, 1.0))
def test_loudness_changes_no_word(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    said = SAID + (0.002 * rng.normal(size=SAID.size)).astype(np.float32)
    (one,) = spans(read_audio(write_wav(said)))
    (other,) = spans(read_audio(wav((said * np.float32(level)).tobytes(), code=3, bits=32)))
    np.testing.assert_allclose(one, other, atol=0.06)

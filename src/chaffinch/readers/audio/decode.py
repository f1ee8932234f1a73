"""From a file's bytes to sound: WAV here, all else by libsndfile or FFmpeg where they are there."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.errors import MissingExtraError
from chaffinch.readers.audio.wav import Sound, is_wav, read_wav

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaffinch.readers.audio.content import AudioLimits
    from chaffinch.readers.notes import Notes

# How files begin, and what the format is called.
_BEGINNINGS = (
    (b"fLaC", "FLAC"),
    (b"OggS", "Ogg"),
    (b"\x1a\x45\xdf\xa3", "WebM"),
    (b"ID3", "MP3"),
    (b"\xff\xfb", "MP3"),
    (b"\xff\xf3", "MP3"),
    (b"\xff\xf2", "MP3"),
    (b"\xff\xe3", "MP3"),  # of 8, 11 or 12 kHz
    (b"\xff\xe2", "MP3"),
)
# How others begin that are not read, and yet no sound without a header.
_OTHERS = ((b"RIF", "RIFF"), (b"FORM", "AIFF"), (b"caff", "CAF"), (b".snd", "AU"))
# What FFmpeg calls them. It is told, as it would else look for playlists, too, and follow them.
_DEMUXERS = {"FLAC": "flac", "Ogg": "ogg", "WebM": "matroska", "MP3": "mp3", "MP4": "mov"}
_SNDFILE = ("FLAC", "Ogg", "MP3")
_PATIENCE = 20.0  # seconds
# Held while what is written to file descriptor 2 goes nowhere.
_STDERR = Lock()
_REMEDY = "`pip install 'chaffinch[words]'` for FLAC, Ogg and MP3, or install FFmpeg for all"


def audio_format(data: bytes) -> str | None:
    """Return which format bytes are of, by how they begin; None for what is no sound known here.

    Examples
    --------
    >>> audio_format(b"RIFF....WAVEfmt "), audio_format(b"OggS"), audio_format(b"Subject: tea")
    ('WAV', 'Ogg', None)
    """
    if is_wav(data):
        return "WAV"
    if data[4:8] == b"ftyp":
        return "MP4"
    return next((name for begins, name in _BEGINNINGS if data.startswith(begins)), None)


def header_of(data: bytes) -> str | None:
    r"""Return which format bytes are of that begin with a header; None for mere samples.

    Formats that two bytes tell are left out: these may as well be a sample.

    Examples
    --------
    >>> header_of(b"RIFF....WAVEfmt "), header_of(b"RIFX...."), header_of(b"\xff\xfb\0\0")
    ('WAV', 'RIFF', None)
    """
    others = (name for begins, name in _OTHERS if data.startswith(begins))
    sure = any(data.startswith(begins) for begins, _ in _BEGINNINGS if len(begins) > 2)
    if sure or is_wav(data) or data[4:8] == b"ftyp":
        return audio_format(data)
    return next(others, None)


def require_decoder(name: str, *, through_pipe: bool = False) -> None:
    """Make sure that sound of a format can be read.

    Parameters
    ----------
    name : str
        The format, as `audio_format` calls it.
    through_pipe : bool
        Whether it comes from where one cannot go back, which libsndfile has to.

    Raises
    ------
    MissingExtraError
        If nothing that decodes it is installed.
    """
    if name == "WAV" or _ffmpeg() or (name in _SNDFILE and _has_sndfile() and not through_pipe):
        return
    if through_pipe:
        raise MissingExtraError(f"{name} from a pipe is read by FFmpeg: install it, or give a file")
    raise MissingExtraError(
        f"{name} is read by libsndfile or FFmpeg, and neither that reads it is here: {_REMEDY}"
    )


@cache
def _has_sndfile() -> bool:
    try:
        import soundfile  # noqa: F401 - whether it is there is the question
    except (ImportError, OSError):  # the second where its library is missing
        return False
    return True


def has_ffmpeg() -> bool:
    """Return whether FFmpeg is here."""
    return _ffmpeg() is not None


@cache
def _ffmpeg() -> str | None:
    return shutil.which("ffmpeg")


def decode(data: bytes, limits: AudioLimits, notes: Notes) -> Sound | None:
    """Return the sound of a file.

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
    name = audio_format(data)
    if name is None:
        notes.add("no sound: it begins as none of WAV, FLAC, Ogg, WebM, MP3 and MP4 does")
        return None
    if name == "WAV":
        return read_wav(data, limits, notes)
    if len(data) > limits.raw:
        notes.add(f"{len(data):,} bytes are more than are read of {name} ({limits.raw:,})")
        return None
    try:
        require_decoder(name)
    except MissingExtraError as error:
        notes.add(str(error))
        return None
    try:
        if name in _SNDFILE and _has_sndfile():
            return _by_sndfile(data, limits, notes)
        return _by_ffmpeg(data, name, limits, notes)
    except Exception:  # noqa: BLE001 - whatever hostile bytes make of a decoder
        # What a decoder says of it speaks of its own insides, and to nobody who sent a file.
        notes.add(f"{name} that cannot be decoded: damaged or cut off")
        return None


def _by_sndfile(data: bytes, limits: AudioLimits, notes: Notes) -> Sound | None:
    import soundfile

    with quiet(), soundfile.SoundFile(io.BytesIO(data)) as file:
        rate, channels = file.samplerate, file.channels
        beyond = limits.beyond(rate, channels)
        if beyond:
            notes.add(beyond)
            return None
        frames = min(int(limits.seconds * rate), limits.values // channels)
        if file.frames > frames:
            notes.add(f"only the first {frames / rate:.0f} s were read", doubt=True)
        values = file.read(frames, dtype="float32", always_2d=True)
        promised = min(frames, file.frames)
        if len(values) < promised:
            said = f"cut off: {len(values) / rate:.1f} s of {promised / rate:.1f} are there"
            notes.add(said, doubt=True)
    return Sound(np.asarray(np.nan_to_num(values).mean(axis=1), np.float32), rate)


@contextmanager
def quiet() -> Iterator[None]:
    """Let what libsndfile decodes MP3 with say nothing on stderr.

    It writes there by itself, in C, whatever Python's stderr is; so for as long as it decodes, what
    others write there is lost, too.
    """
    with _STDERR, Path(os.devnull).open("wb") as nothing:
        try:
            kept = os.dup(2)
        except OSError:  # it is closed
            yield
            return
        try:
            os.dup2(nothing.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _by_ffmpeg(data: bytes, name: str, limits: AudioLimits, notes: Notes) -> Sound | None:
    """Let FFmpeg turn it into WAV, with nothing in its reach but the pipes."""
    ends = ("-t", f"{limits.seconds + 1:.0f}", "-fs", str(2 * limits.values))
    command = ffmpeg_command(name, *ends)
    done = subprocess.run(  # noqa: S603 - a program that was found, given no words of the item
        command,
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_PATIENCE,
        check=False,
    )
    if not is_wav(done.stdout):
        raise ValueError("FFmpeg made nothing of it")
    return read_wav(done.stdout, limits, notes)


def ffmpeg_command(name: str, *ends: str) -> list[str]:
    """Return the command by which FFmpeg turns a format into WAV, from a pipe into a pipe.

    Parameters
    ----------
    name : str
        The format, as `audio_format` calls it.
    *ends : str
        What FFmpeg is told of where to end.
    """
    return [
        *(_ffmpeg() or "ffmpeg", "-v", "error", "-nostdin", "-threads", "1"),
        *("-protocol_whitelist", "pipe", "-f", _DEMUXERS[name], "-i", "pipe:0"),
        *("-map", "0:a:0", "-c:a", "pcm_s16le", "-flush_packets", "1", *ends),
        *("-f", "wav", "pipe:1"),
    ]

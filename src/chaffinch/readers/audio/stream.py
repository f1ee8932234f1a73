"""Sound as it comes, from a file or a pipe that may never end."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, BinaryIO

import numpy as np

from chaffinch.errors import InputError
from chaffinch.readers.audio.decode import (
    audio_format,
    ffmpeg_command,
    has_ffmpeg,
    header_of,
    quiet,
    require_decoder,
)
from chaffinch.readers.audio.resample import resampled_as_it_comes
from chaffinch.readers.audio.wav import HEAD, Coding, begun, mono, note_cut_off
from chaffinch.readers.notes import Notes

if TYPE_CHECKING:
    from chaffinch.readers.audio.content import AudioLimits, Samples

_A_SECOND = 20  # pieces a second that are read
_AT_ONCE = 1 << 16  # bytes handed to FFmpeg at once


def sound_as_it_comes(
    file: BinaryIO, limits: AudioLimits, notes: Notes, *, rate: int | None = None
) -> Iterator[Samples]:
    """Yield the sound of a file or a pipe, in pieces of a twentieth of a second.

    Parameters
    ----------
    file : binary file
        A buffered one; it needs not be one that can be gone back in. WAV is read here, other
        formats by FFmpeg, or where it can be gone back in by libsndfile.
    limits : AudioLimits
        Which rates and channels are read.
    notes : Notes
        Where it is said what was left out.
    rate : int, optional
        Samples a second of sound that has no header: one channel, whole numbers of 16 bits, the
        low byte first.

    Yields
    ------
    ndarray of float32, shape (n,)
        At `RATE`.

    Raises
    ------
    InputError
        If that is no sound that can be read.
    MissingExtraError
        If nothing that decodes it is installed.

    Examples
    --------
    >>> import io
    >>> from chaffinch.readers.audio.content import DEFAULT
    >>> second = io.BytesIO(bytes(32000))
    >>> sum(map(len, sound_as_it_comes(second, DEFAULT, Notes(), rate=16000)))
    8000
    """
    if rate is not None:
        beyond = limits.beyond(rate)
        if beyond:
            raise InputError(beyond)
        head = file.read(HEAD)
        name = header_of(head)
        if name:
            raise InputError(f"{name} tells its rate in its header: leave --rate out")
        pieces = _moments(file, Coding.plain(rate), None, notes, head)
        yield from resampled_as_it_comes(pieces, rate)
        return
    head = file.read(HEAD)
    name = audio_format(head)
    if name is None:
        said = "begins as none of WAV, FLAC, Ogg, WebM, MP3 and MP4 does" if head else "is empty"
        raise InputError(f"no sound: it {said}; where samples have no header, give their rate")
    if name == "WAV":
        yield from _wav(head, file, limits, notes)
        return
    require_decoder(name, through_pipe=not file.seekable())
    if not has_ffmpeg():
        yield from _by_sndfile(file, name, limits)
        return
    with _by_ffmpeg(head, file, name) as pipe:
        first = pipe.read(HEAD)
        if audio_format(first) != "WAV":
            raise InputError(f"{name} that cannot be decoded: damaged or cut off")
        yield from _wav(first, pipe, limits, notes)


def _wav(head: bytes, file: IO[bytes], limits: AudioLimits, notes: Notes) -> Iterator[Samples]:
    wrong = Notes()
    found = begun(head, file, limits, wrong)
    if found is None:
        raise InputError("; ".join(wrong.taken()))
    coding, size = found
    yield from resampled_as_it_comes(_moments(file, coding, size, notes), coding.rate)


def _moments(
    file: IO[bytes], coding: Coding, size: int | None, notes: Notes, head: bytes = b""
) -> Iterator[Samples]:
    """Yield sound at its own rate, up to so many bytes; half a moment at its end is left out.

    Of sound without a header its first bytes have been read to know that.
    """
    piece = coding.rate // _A_SECOND * coding.block
    there = 0
    while raw := head + file.read(min(piece, piece if size is None else size - there) - len(head)):
        there, head = there + len(raw), b""
        yield mono(raw[: len(raw) - len(raw) % coding.block], coding, notes)
    if size is not None and there < size:
        note_cut_off(there, size, notes)


def _by_sndfile(file: BinaryIO, name: str, limits: AudioLimits) -> Iterator[Samples]:
    import soundfile

    file.seek(0)
    try:
        with quiet():
            sound = soundfile.SoundFile(file)
        with sound:
            rate = sound.samplerate
            beyond = limits.beyond(rate, sound.channels)
            if beyond:
                raise InputError(beyond)
            yield from resampled_as_it_comes(_blocks(sound), rate)
    except soundfile.LibsndfileError as error:
        raise InputError(f"{name} that cannot be decoded: damaged or cut off") from error


def _blocks(sound: Any) -> Iterator[Samples]:
    """Yield what libsndfile reads, a moment at a time."""
    while True:
        with quiet():
            one = sound.read(sound.samplerate // _A_SECOND, dtype="float32", always_2d=True)
        if not len(one):
            return
        yield np.nan_to_num(one).mean(axis=1)


@contextmanager
def _by_ffmpeg(head: bytes, file: BinaryIO, name: str) -> Iterator[IO[bytes]]:
    """Let FFmpeg turn it into WAV as it comes, with nothing in its reach but the pipes."""
    program = subprocess.Popen(  # noqa: S603 - as in `decode`
        ffmpeg_command(name),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    # One that waits for more sound must not keep the program from ending.
    Thread(target=_handed_on, args=(head, file, program.stdin), daemon=True).start()
    try:
        yield program.stdout
    finally:
        program.kill()
        program.wait()
        program.stdout.close()


def _handed_on(head: bytes, file: Any, pipe: IO[bytes]) -> None:
    """Hand all of a file on to a pipe, as soon as it comes."""
    # It ends where FFmpeg does, or where the file is closed at the end of all listening.
    with suppress(OSError, ValueError), pipe:
        pipe.write(head)
        while some := file.read1(_AT_ONCE):
            pipe.write(some)
            pipe.flush()

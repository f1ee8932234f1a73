"""The words of a recording, each an item of its own: a telephone number is many digits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from chaffinch.readers.audio import (
    DEFAULT,
    Utterance,
    read_audio,
    sound_as_it_comes,
    words_as_they_come,
    write_wav,
)
from chaffinch.readers.notes import Notes
from chaffinch.types import Part
from chaffinch.wordless import FLAG_EACH


def unfit(data: bytes) -> str:
    """Return why a recording can be no example of one word; empty where it can.

    Parameters
    ----------
    data : bytes
        The recording.

    Examples
    --------
    >>> unfit(b"no recording")[:15]
    'holds no word: '
    """
    recording = read_audio(data)
    if recording.blank:
        return f"holds no word: {'; '.join(recording.notes)}"
    return f"{recording.several}: {FLAG_EACH}" if recording.several else ""


def utterances(data: bytes) -> list[Part]:
    """Return the words of a recording that holds several, in order.

    Parameters
    ----------
    data : bytes
        The recording.

    Returns
    -------
    list of Part
        None where there is one word, or none: then the recording itself is the item.

    Examples
    --------
    >>> utterances(b"no recording")
    []
    """
    heard = read_audio(data)
    if len(heard.utterances) < 2:
        return []
    return [_part(one, heard.notes, heard.doubts) for one in heard.utterances]


def listened(file: BinaryIO, notes: Notes, rate: int | None) -> Iterator[Part]:
    """Yield the words of sound that comes in, each as soon as it has ended.

    Parameters
    ----------
    file : binary file
        Sound of any length.
    notes : Notes
        Where it is said what was left out.
    rate : int, optional
        Samples a second, where there is no header to tell it.

    Raises
    ------
    InputError, MissingExtraError
        As `chaffinch.readers.audio.sound_as_it_comes`.
    """
    sound = sound_as_it_comes(file, DEFAULT, notes, rate=rate)
    for one in words_as_they_come(sound, DEFAULT, notes):
        doubts = () if one.whole else ("cut: what goes on of it was left out",)
        if not one.ended:
            # Such as that the sound was cut off, which ends it where the word may go on.
            doubts = (*doubts, *notes.doubts())
        yield _part(one, doubts, doubts)


def _part(one: Utterance, notes: tuple[str, ...], doubts: tuple[str, ...]) -> Part:
    box = (round(one.start, 2), round(one.end, 2))
    return Part(box, write_wav(one.context), notes=notes, doubts=doubts)

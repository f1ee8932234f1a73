"""The words of a recording, each an item of its own: a telephone number is many digits."""

from __future__ import annotations

from chaffinch.readers.audio import read_audio, write_wav
from chaffinch.types import Part


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
    if len(recording.utterances) > 1:
        return f"holds {len(recording.utterances)} words: flag each by its id, which predict tells"
    return ""


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
    return [
        Part(
            (round(one.start, 2), round(one.end, 2)),
            write_wav(one.samples),
            notes=heard.notes,
            doubts=heard.doubts,
        )
        for one in heard.utterances
    ]

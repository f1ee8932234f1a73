"""What reading a message gives, and how much of a message is read."""

from __future__ import annotations

from dataclasses import dataclass

from chaffinch.readers.limits import Limits


@dataclass(frozen=True, slots=True)
class MessageContent:
    """What a short text says, and how it says it.

    Parameters
    ----------
    text : str
        What a person sees, letter for letter.
    plain : str
        The same without disguise: what a person reads in it.
    hidden : str
        Text that HTML keeps from a person's eyes, without disguise.
    urls : tuple of str
        Targets of HTML's links, and URLs and domains written in the text, each once.
    tricks : tuple of str
        How the text was written or disguised: ``"html"``, ``"hidden-text"``, and what
        `chaffinch.readers.disguise.undisguise` tells.
    notes : tuple of str
        What was cut or could not be read, in plain words.
    """

    text: str = ""
    plain: str = ""
    hidden: str = ""
    urls: tuple[str, ...] = ()
    tricks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


#: The limits that hold where none are given.
DEFAULT = Limits(raw=1 << 16, text=1 << 16, urls=100, url=500, tags=5000)

"""English in the phonemes that Kokoro knows, as natives of other languages say it, too.

Its alphabet is that of misaki: IPA, with one letter for each diphthong and affricate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from speech.words import DIGITS, OH

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How Americans ("a") and Britons ("b") say the digits; of several ways the first is the usual.
PRONOUNCED = {
    "a": dict(
        zip(
            (*DIGITS, OH),
            "zˈɪɹO/zˈiɹO wˈʌn tˈu θɹˈi fˈɔɹ/fˈOɹ fˈIv sˈɪks sˈɛvən/sˈɛvᵊn ˈAt nˈIn ˈO".split(),
            strict=True,
        )
    ),
    "b": dict(
        zip(
            (*DIGITS, OH),
            "zˈɪəɹQ/zˈɪːɹQ wˈʌn/wˈɒn tˈuː θɹˈiː fˈɔː fˈIv sˈɪks sˈɛvən/sˈɛvᵊn ˈAt nˈIn ˈQ".split(),
            strict=True,
        )
    ),
}

# From espeak-ng's phonemes to misaki's; in American, lengths are not told.
_ONE_LETTER = (
    ("dʒ", "ʤ"), ("tʃ", "ʧ"), ("eɪ", "A"), ("aɪ", "I"), ("aʊ", "W"), ("ɔɪ", "Y"), ("oʊ", "O"),
    ("əʊ", "Q"), ("əl", "ᵊl"), ("r", "ɹ"), ("ɐ", "ə"),
)  # fmt: skip
_AMERICAN = (("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("ː", ""))

# What becomes of English in the mouths of others, by regular expressions, in order. None makes two
# of the words one: whoever says th as t says "tree" for "three", and so here says s.
_HARDENED = ((r"v$", "f"), (r"d$", "t"), (r"z$", "s"), (r"ɡ$", "k"), (r"b$", "p"), (r"ʤ$", "ʧ"))
_CARDINAL = (("ɪ", "i"), ("ʌ", "a"), ("æ", "a"), ("ə", "e"), ("ɒ", "o"), ("Q", "O"))
_SIBILANT = (("θ", "s"), ("ð", "z"))
ACCENTS = {
    "": (),
    "german": (
        *_SIBILANT, ("w", "v"), ("æ", "ɛ"), ("ʌ", "a"), (r"ɹ$", "ɐ"), ("ɹ", "ʁ"), *_HARDENED,
    ),
    "dutch": (*_SIBILANT, ("w", "ʋ"), ("æ", "ɛ"), ("ʌ", "ɑ"), ("ɹ", "r"), *_HARDENED),
    "nordic": (("θ", "s"), ("ð", "d"), ("w", "v"), ("z", "s"), ("ʌ", "ɑ"), ("ʤ", "j")),
    "french": (
        *_SIBILANT, ("h", ""), ("ɹ", "ʁ"), ("ɪ", "i"), ("ʌ", "œ"), ("æ", "a"), ("ʤ", "ʒ"),
        ("ʧ", "ʃ"), ("O|Q", "o"),
    ),
    "spanish": (
        ("θ", "s"), ("z", "s"), ("ð", "d"), ("v", "b"), ("ʃ", "ʧ"), ("h", "x"), ("ɹ", "ɾ"),
        (r"^(ˈ?)s(?=[tpkml])", r"es\1"), *_CARDINAL, ("ɑ", "a"),
    ),
    "portuguese": (*_SIBILANT, ("ɹ", "ɾ"), *_CARDINAL, (r"([bdfɡkptv])$", r"\1i")),
    "italian": (*_SIBILANT, ("h", ""), ("ɹ", "r"), *_CARDINAL, (r"([bdfɡklmnpstvz])$", r"\1ə")),
    "russian": (*_SIBILANT, ("w", "v"), ("h", "x"), ("ɹ", "r"), *_CARDINAL, *_HARDENED),
    "greek": (("ʃ", "s"), ("ʒ", "z"), ("h", "x"), ("ɹ", "r"), *_CARDINAL),
    "indian": (
        ("t", "ʈ"), ("d", "ɖ"), ("θ", "tʰ"), ("ð", "d"), ("w|v", "ʋ"), ("ɹ", "ɾ"), ("ʌ", "ə"),
        ("A", "e"), ("O|Q", "o"),
    ),
    "japanese": (
        *_SIBILANT, ("v", "b"), ("l", "ɾ"), (r"ɹ$", ""), ("ɹ", "ɾ"), ("f", "ɸ"), *_CARDINAL,
        (r"t$", "to"), (r"([bdɡklmpsz])$", r"\1ɯ"),
    ),
    "chinese": (*_SIBILANT, ("v", "w"), ("ɹ", "ɻ"), ("ɪ", "i"), ("ʌ", "a"), ("æ", "ɛ")),
    "scottish": (("ɹ", "r"), ("O|Q", "o"), ("A", "e")),
}  # fmt: skip


def misaki(phonemes: str, american: bool) -> str:
    """Return espeak-ng's phonemes in misaki's letters.

    Examples
    --------
    >>> misaki("fˈaɪɚ", american=True)
    'fˈIəɹ'
    """
    for before, after in (*_ONE_LETTER, *(_AMERICAN if american else ())):
        phonemes = phonemes.replace(before, after)
    return phonemes


def accented(phonemes: str, accent: str) -> str:
    """Return how somebody of another accent says a word.

    Parameters
    ----------
    phonemes : str
        The word, without signs at its end.
    accent : str
        One of `ACCENTS`.

    Examples
    --------
    >>> [accented(word, "german") for word in ("wˈʌn", "θɹˈi", "fˈIv")]
    ['vˈan', 'sʁˈi', 'fˈIf']
    """
    for before, after in ACCENTS[accent]:
        phonemes = re.sub(before, after, phonemes)
    return phonemes


def ways(word: str, usual: str, region: str) -> Sequence[str]:
    """Return in which ways a word is said in a region, the usual one first."""
    return PRONOUNCED[region].get(word, usual).split("/")

"""What a rung listens to in words: which sounds speak for each label, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.explain.filters import Filters
from chaffinch.explain.sounds import heat
from chaffinch.features.sounds import HeardFeatures
from chaffinch.models.fitted import FittedLearner
from chaffinch.readers.audio.content import RATE
from chaffinch.readers.audio.spectrum import HOP
from chaffinch.task import Judge
from chaffinch.types import Example

#: Words of each label that are listened to; and of how many labels at most.
EACH, MOST_LABELS = 5, 36


def listening(judge: Judge, examples: Iterable[Example]) -> Filters:
    """Return which sounds speak for each label, on average over some words of it.

    Each word is silenced patch by patch, as `chaffinch.explain.sounds.heat` does it; words are laid
    over each other where they are first heard, as their portraits are.

    Parameters
    ----------
    judge : Judge
        The rung, its model, and what calibrates its scores.
    examples : iterable of Example
        Flagged recordings; the last five of each label are taken.
    """
    title = judge.rung.title
    if not isinstance(judge.rung.features, HeardFeatures):
        return Filters(
            f"The {title} measures how a word begins and hears nothing else: `chaffinch rules list "
            f"{judge.task.name}` tells what, and `chaffinch explain {judge.task.name} PATH --png "
            "PNG` draws it."
        )
    # What comes trained judges before anything is fitted here.
    trained = judge.rung.pretrained is not None
    if isinstance(judge.learner, FittedLearner) and not (trained or judge.learner.is_fitted):
        return Filters(f"The {title} has not been fitted to anything yet.")
    found: dict[str, list[Any]] = defaultdict(list)
    for example in examples:
        content = judge.task.reader(example.item.data)
        if example.label in judge.learner.labels and not content.blank:
            found[example.label] = [*found[example.label], content][-EACH:]
    if not found:
        return Filters("No word was flagged yet, of which it could be told what it listens to.")
    common = sorted(found, key=lambda label: -len(found[label]))[:MOST_LABELS]
    return Filters(
        f"Which sounds of a word speak for its label, the mean of {EACH} words of each: log-odds "
        "that the label loses where they are silenced.",
        tuple((label, _mean(judge, label, found[label])) for label in sorted(common)),
    )


def _mean(judge: Judge, label: str, contents: Iterable[Any]) -> NDArray[np.float64]:
    """Return the mean heat of some words, as of their portraits."""
    return np.asarray(np.mean([placed(judge, label, content) for content in contents], axis=0))


def placed(judge: Judge, label: str, content: Any) -> NDArray[np.float64]:
    """Return how much each place of a recording's portrait speaks for a label.

    Parameters
    ----------
    judge : Judge
        What judged, on features of sounds.
    label : str
        The label.
    content : Recording
        The recording, with a word in it.

    Returns
    -------
    ndarray of float64, shape (bands, frames)
        Log-odds, high sounds above, from 50 ms before the word is first heard.
    """
    features: Any = judge.rung.features
    (seen,) = heat(judge, content, [label])
    bands, frames = judge.task.portrait.of(content).shape
    whole = np.zeros((bands, frames))
    onset = content.utterances[0].onset
    first = round((features.begins(content) - onset) * RATE / HOP) + judge.task.portrait.before
    there = np.arange(seen.shape[1]) + first
    inside = (there >= 0) & (there < frames)
    whole[:, there[inside]] = seen[::-1, inside]
    return whole

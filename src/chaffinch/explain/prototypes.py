"""What a model takes for typical of each label: its surest items, and the kinds it sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chaffinch.experience.champion import Champion
from chaffinch.experience.store import Experience
from chaffinch.features.dense import DenseFeatures
from chaffinch.medium import Look
from chaffinch.models.base import sigmoid
from chaffinch.models.fitted import FittedLearner
from chaffinch.task import Task
from chaffinch.types import Item

Pixels = NDArray[np.float32]

# The newest flagged items, and the last judged ones, that are looked at.
_MOST = 2_000
# Kinds of a label, how many items each has at least on average, and steps until they settle.
_KINDS, _FEWEST, _STEPS = 3, 5, 30
_SEED = 0


@dataclass(frozen=True, slots=True)
class JudgedPicture:
    """An image or a recording, and how sure a model was of it.

    Parameters
    ----------
    item : str
        Its id.
    probability : float
        Of the label that the model gave it.
    look : Look
        How it looks and sounds.
    name : str
        What it is called where it came from, where that is known.
    """

    item: str
    probability: float
    look: Look
    name: str


@dataclass(frozen=True, slots=True)
class Prototype:
    """What a model takes for typical of a label.

    Parameters
    ----------
    label : str
        The label.
    items : int
        How many items it gives that label, of those looked at.
    surest : tuple of JudgedPicture
        Those that it is surest of, no two alike.
    kinds : tuple of (float, ndarray)
        The kinds in which it sees the label: which share of the items, and their mean.
    """

    label: str
    items: int
    surest: tuple[JudgedPicture, ...]
    kinds: tuple[tuple[float, Pixels], ...]


def prototypes(
    task: Task, experience: Experience, champion: Champion, *, top: int
) -> tuple[Prototype, ...]:
    """Return what the live model takes for typical of each label.

    Kinds are clusters (k-means: S. Lloyd, 1982) of what the model sees of an item: of a net its
    embedding, of others how it looks.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where items are kept: the 2,000 newest flags and the 2,000 unflagged ones judged last.
    champion : Champion
        The live model.
    top : int
        How many of the surest to return of each label at most.
    """
    seen: dict[str, tuple[str, float, JudgedPicture, NDArray[np.float64]]] = {}
    rung, learner = champion.rung, champion.learner
    for item in _items(task, experience):
        content = task.reader(item.data)
        if item.id in seen or content.blank:
            continue
        row = rung.features.row(content, item.owner)
        said = task.scheme.said(learner, row, champion.policy)
        look = task.portrait.look(content)
        key = look.pixels.ravel().astype(np.float64)
        if isinstance(rung.features, DenseFeatures) and isinstance(learner, FittedLearner):
            key = learner.key(row.values)
        shown = JudgedPicture(item.id, sigmoid(said.score), look, item.source)
        seen[item.id] = said.label, said.score, shown, key
    found = []
    for label in sorted({one[0] for one in seen.values()}):
        of = [one[1:] for one in seen.values() if one[0] == label]
        surest = _surest([(score, shown) for score, shown, _ in of], top)
        pixels = np.array([shown.look.pixels for _, shown, _ in of])
        keys = np.array([key for _, _, key in of])
        groups = _kinds(keys)
        kinds = [
            (float((groups == one).mean()), pixels[groups == one].mean(0))
            for one in np.unique(groups)
        ]
        found.append(
            Prototype(label, len(of), surest, tuple(sorted(kinds, key=lambda kind: -kind[0])))
        )
    return tuple(found)


def _items(task: Task, experience: Experience) -> list[Item]:
    since = max(0, experience.log.last_seq(task.name) - _MOST)
    flagged = [one.item for one in experience.examples(task.name, after=since)]
    return [*flagged, *experience.items.unflagged(task.name, _MOST)]


def _surest(of: Sequence[tuple[float, JudgedPicture]], top: int) -> tuple[JudgedPicture, ...]:
    found: dict[bytes, JudgedPicture] = {}
    for _, shown in sorted(of, key=lambda one: -one[0]):
        if len(found) < top:
            found.setdefault(shown.look.pixels.tobytes(), shown)
    return tuple(found.values())


def _kinds(keys: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the cluster that each row falls into, by k-means begun far apart."""
    count = max(1, min(_KINDS, len(keys) // _FEWEST))
    random = np.random.default_rng(_SEED)
    centres = keys[random.integers(len(keys), size=1)]
    while len(centres) < count:
        # k-means++: D. Arthur and S. Vassilvitskii, SODA 2007.
        far = _distances(keys, centres).min(axis=1)
        if not far.sum():
            break
        chosen = random.choice(len(keys), p=far / far.sum())
        centres = np.concatenate((centres, keys[chosen : chosen + 1]))
    groups = _nearest(keys, centres)
    for _ in range(_STEPS):
        centres = np.array(
            [
                keys[groups == one].mean(axis=0) if (groups == one).any() else centres[one]
                for one in range(len(centres))
            ]
        )
        before, groups = groups, _nearest(keys, centres)
        if (before == groups).all():
            break
    return groups


def _nearest(keys: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.int64]:
    groups: NDArray[np.int64] = _distances(keys, centres).argmin(axis=1)
    return groups


def _distances(keys: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = np.array(
        [((keys - centre) ** 2).sum(axis=1) for centre in centres]
    ).T
    return squares

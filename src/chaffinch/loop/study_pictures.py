"""Study the problem where it is images or recordings of many labels: what rules can say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import InputError
from chaffinch.explain.differences import Difference, differences
from chaffinch.explain.lookalikes import Odd, lookalikes, odd_ones
from chaffinch.explain.signs import Sign, Split, splits, spreads
from chaffinch.rules.hits import rule_features
from chaffinch.task import Task
from chaffinch.types import Example

# Pictures that are looked at, drawn at random where there are more; labels that are set against
# each other, the most common; kinds of size and of notes that are counted.
_MOST, _MOST_LABELS, _MOST_KINDS = 10_000, 36, 1_000
_SEED = 0


class Shown(NamedTuple):
    """An image or a recording that was looked at.

    Attributes
    ----------
    id, name, label : str
        Its id, what to call it, and its label.
    pixels : ndarray of float32, shape (height, width)
        How its sign or word looks, 1 is dark.
    measured : dict of str to float
        What rules can say of it.
    sound : bytes
        How it sounds, as a file; empty where there is nothing to hear.
    """

    id: str
    name: str
    label: str
    pixels: NDArray[np.float32]
    measured: Mapping[str, float]
    sound: bytes


@dataclass(frozen=True, slots=True)
class Confused:
    """Two labels whose items look alike, and what tells them apart.

    Parameters
    ----------
    labels : tuple of str
        The two, that first whose items are taken for the other's more often.
    times : tuple of int
        How many items of each look like the other's.
    items : tuple of int
        How many items of each were looked at.
    splits : tuple of Split
        The conditions that best tell them apart, the best first.
    difference : Difference
        Where they differ.
    """

    labels: tuple[str, str]
    times: tuple[int, int]
    items: tuple[int, int]
    splits: tuple[Split, ...]
    difference: Difference

    @property
    def share(self) -> float:
        """Share of the items of both that look like the other label's."""
        return sum(self.times) / sum(self.items)


@dataclass(frozen=True, slots=True)
class PictureStudy:
    """What sets the labels of some images or recordings apart.

    Parameters
    ----------
    items : dict of str to int
        How many items of each label there are.
    seen : dict of str to int
        How many of each were looked at, of the most common labels.
    means : dict of str to ndarray of float32, shape (height, width)
        The mean look of each label.
    ink : dict of str to float
        How dark it is, from 0 to 1, on average.
    signs : tuple of Sign
        What is measured, the most telling first.
    confused : tuple of Confused
        Every two labels, the most alike first.
    odd : tuple of (Odd, Shown)
        Items that are worth a look.
    sizes : dict of str to int
        How many items are of which size, the most common first.
    notes : dict of str to int
        What the reader noted, and of how many.
    """

    items: Mapping[str, int]
    seen: Mapping[str, int]
    means: Mapping[str, NDArray[np.float32]]
    ink: Mapping[str, float]
    signs: tuple[Sign, ...]
    confused: tuple[Confused, ...]
    odd: tuple[tuple[Odd, Shown], ...]
    sizes: Mapping[str, int]
    notes: Mapping[str, int]


def study_pictures(task: Task, examples: Iterable[Example], *, top: int = 5) -> PictureStudy:
    """Return what images or recordings of each label look like, and what tells labels apart.

    Nothing is learned. Of more than 10,000 items so many are drawn at random, the same each
    time.

    Parameters
    ----------
    task : Task
        A task of images or recordings, whose rules can measure them.
    examples : iterable of Example
        The items.
    top : int
        How many odd ones of each kind to return at most.

    Raises
    ------
    InputError
        If there are fewer than two labels.

    Examples
    --------
    >>> from chaffinch.readers.image.pnm import write_pgm
    >>> from chaffinch.task import get_task
    >>> from chaffinch.types import Item
    >>> ring = np.zeros((28, 28), np.uint8)
    >>> ring[4:24, 8:20] = 255
    >>> ring[8:20, 11:17] = 0
    >>> bar = np.zeros((28, 28), np.uint8)
    >>> bar[4:24, 12:15] = 255
    >>> signs = [("0", ring), ("1", bar)]
    >>> examples = [Example(Item(write_pgm(ink), "digits"), label) for label, ink in signs]
    >>> found = study_pictures(get_task("digits"), examples)
    >>> found.confused[0].splits[0].right, found.items
    (1.0, {'0': 1, '1': 1})
    """
    items: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    shown = _drawn(task, examples, items, sizes, notes)
    common = [label for label, _ in Counter(one.label for one in shown).most_common(_MOST_LABELS)]
    shown = [one for one in shown if one.label in common]
    if len(common) < 2:
        medium = task.medium.name if task.medium else "item"
        only = f"only {common[0]}" if common else f"no {medium}"
        raise InputError(
            f"there is {only} in it, and a study sets labels against each other: name labelled "
            f"{medium}s of two labels or more, as in `chaffinch study {task.name} DATA`"
        )
    truth = np.array([one.label for one in shown], np.str_)
    pixels = np.array([one.pixels for one in shown], np.float32)
    flat = pixels.reshape(len(pixels), -1)
    measured = rule_features(task).measured
    values = np.full((len(shown), len(measured.names)), np.nan)
    column = {name: at for at, name in enumerate(measured.names)}
    for row, one in zip(values, shown, strict=True):
        for name, value in one.measured.items():
            row[column[name]] = value
    labels = sorted(common)
    alike = lookalikes(flat, truth)
    return PictureStudy(
        dict(sorted(items.items())),
        {label: int((truth == label).sum()) for label in labels},
        {label: pixels[truth == label].mean(axis=0) for label in labels},
        {label: float(pixels[truth == label].mean()) for label in labels},
        spreads(values, measured.names, truth),
        _confused(
            truth,
            alike.label,
            splits(values, list(measured.names), truth),
            differences(pixels, truth, patch=task.portrait.patch, place=task.portrait.place),
        ),
        tuple((one, shown[one.place]) for one in odd_ones(flat, truth, alike, most=top)),
        dict(sizes.most_common()),
        dict(notes.most_common()),
    )


def _drawn(
    task: Task,
    examples: Iterable[Example],
    items: Counter[str],
    sizes: Counter[str],
    notes: Counter[str],
) -> list[Shown]:
    """Draw items evenly from a stream of unknown length, in its order; count all labels.

    J. Vitter, "Random sampling with a reservoir", ACM Transactions on Mathematical Software 11,
    1985. Sizes and notes are of those drawn.
    """
    draw = random.Random(_SEED)  # noqa: S311 (a sample, no secret)
    kept: dict[int, _Drawn] = {}
    for number, example in enumerate(examples):
        items[example.label] += 1
        place = number if number < _MOST else draw.randrange(number + 1)
        if place < _MOST:
            content = task.reader(example.item.data)
            one = None if content.blank else _shown(task, example, content)
            kept[place] = _Drawn(number, one, task.portrait.size(content), content.notes)
    drawn = sorted(kept.values(), key=lambda one: one.number)
    for _, one, size, noted in drawn:
        _count(sizes, size)
        for note in noted if one is not None else (*noted, "nothing is in it"):
            _count(notes, note)
    return [one.shown for one in drawn if one.shown is not None]


class _Drawn(NamedTuple):
    """An example that was drawn: its place in the stream, and what is kept of it."""

    number: int
    shown: Shown | None
    size: str
    notes: Sequence[str]


def _shown(task: Task, example: Example, content: Any) -> Shown:
    item, look = example.item, task.portrait.look(content)
    return Shown(
        item.id,
        example.name or item.id,
        example.label,
        look.pixels,
        rule_features(task).measured.of(content),
        look.sound,
    )


def _count(kinds: Counter[str], kind: str) -> None:
    """Count one more of a kind, or of all those that came after so many kinds."""
    kinds[kind if kind in kinds or len(kinds) < _MOST_KINDS else "others"] += 1


def _confused(
    truth: NDArray[np.str_],
    said: NDArray[np.str_],
    told: Mapping[tuple[str, str], tuple[Split, ...]],
    apart: Mapping[tuple[str, str], Difference],
) -> tuple[Confused, ...]:
    """Return every two labels, those whose items look most alike first."""
    items = Counter(truth.tolist())
    times = Counter(zip(truth.tolist(), said.tolist(), strict=True))
    found = []
    for pair, conditions in told.items():
        first, second = sorted(pair, key=lambda one: -times[one, pair[one == pair[0]]])
        found.append(
            Confused(
                (first, second),
                (times[first, second], times[second, first]),
                (items[first], items[second]),
                conditions,
                apart[pair],
            )
        )

    def alike(one: Confused) -> tuple[float, float]:
        return -one.share, one.splits[0].right if one.splits else 0.0

    return tuple(sorted(found, key=alike))


def as_json(found: PictureStudy) -> dict[str, object]:
    """Return a study of images or recordings as values of JSON; looks go from 0 to 1, dark."""
    return {
        "items": dict(found.items),
        "seen": dict(found.seen),
        "ink": dict(found.ink),
        "means": {label: np.round(one, 3).tolist() for label, one in found.means.items()},
        "signs": [asdict(sign) for sign in found.signs],
        "pairs": [
            {
                "labels": one.labels,
                "look_alike": dict(zip(one.labels, one.times, strict=True)),
                "of": dict(zip(one.labels, one.items, strict=True)),
                "told_apart_by": [{**asdict(each), "right": each.right} for each in one.splits],
                "differ": [asdict(part) for part in one.difference.parts],
            }
            for one in found.confused
        ],
        "odd": [
            {
                "why": odd.why,
                "label": odd.label,
                "like": odd.like or None,
                "id": shown.id,
                "name": shown.name,
            }
            for odd, shown in found.odd
        ],
        "sizes": dict(found.sizes),
        "notes": dict(found.notes),
    }

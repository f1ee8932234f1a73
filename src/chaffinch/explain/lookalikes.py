"""Which pictures look alike: labels that are easily mistaken, and pictures that are odd."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from chaffinch.medium import Portrait

Pixels = NDArray[np.float32]

#: Look-alikes of a picture that are asked what they are.
NEIGHBOURS = 5
# Pictures that are set against all others at once.
_AT_ONCE = 1_000

Why = Literal["two labels", "looks like", "unlike", "boldest", "thinnest"]


@dataclass(frozen=True, slots=True)
class Odd:
    """A picture that is worth a look.

    Parameters
    ----------
    why : str
        ``"two labels"``: the same picture bears another one, too. ``"looks like"``: all of its
        nearest look-alikes bear another label. ``"unlike"``: far from the mean of its own label.
        ``"boldest"`` and ``"thinnest"``: with the most ink and with the least.
    place : int
        Which picture.
    label : str
        Its label.
    like : str
        The label of what it looks like; empty where that is not what is odd.
    """

    why: Why
    place: int
    label: str
    like: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """What the nearest look-alikes of some pictures say.

    Parameters
    ----------
    label : ndarray of str, shape (n,)
        The label that most of each one's look-alikes bear, of equals the nearest's.
    alone : ndarray of bool, shape (n,)
        Whether none of them bears the picture's own label.
    gap : ndarray of float64, shape (n,)
        How much nearer the nearest of another label is than the nearest of its own.
    """

    label: NDArray[np.str_]
    alone: NDArray[np.bool_]
    gap: NDArray[np.float64]


def lookalikes(pixels: Pixels, truth: NDArray[np.str_]) -> Alike:
    """Return what the five nearest pictures of each picture bear as a label.

    T. Cover and P. Hart, "Nearest neighbor pattern classification", IEEE Transactions on
    Information Theory 13, 1967; nearness is the Euclidean distance of pixels.

    Parameters
    ----------
    pixels : ndarray of float32, shape (n, pixels)
        The pictures; n is at least 2.
    truth : ndarray of str, shape (n,)
        Their labels.
    """
    names, codes = np.unique(truth, return_inverse=True)
    count = min(NEIGHBOURS, len(pixels) - 1)
    lengths = (pixels * pixels).sum(axis=1)
    said, alone = np.empty(len(pixels), np.int64), np.empty(len(pixels), np.bool_)
    gap = np.empty(len(pixels))
    for start in range(0, len(pixels), _AT_ONCE):
        rows = np.arange(start, min(start + _AT_ONCE, len(pixels)))
        far = lengths[rows, np.newaxis] + lengths - 2 * (pixels[rows] @ pixels.T)
        np.sqrt(np.maximum(far, 0, out=far), out=far)
        far[np.arange(rows.size), rows] = np.inf
        near = np.argpartition(far, count - 1, axis=1)[:, :count]
        near = np.take_along_axis(near, np.argsort(np.take_along_axis(far, near, 1), axis=1), 1)
        votes = np.zeros((rows.size, names.size))
        # So little that it only decides between equals.
        np.add.at(
            votes, (np.arange(rows.size)[:, np.newaxis], codes[near]), 1 - 0.01 * np.arange(count)
        )
        said[rows] = votes.argmax(axis=1)
        own = codes[rows, np.newaxis] == codes
        alone[rows] = ~(codes[near] == codes[rows, np.newaxis]).any(axis=1)
        gap[rows] = np.where(own, far, np.inf).min(axis=1) - np.where(own, np.inf, far).min(axis=1)
    return Alike(names[said], alone, gap)


def odd_ones(
    pixels: Pixels, truth: NDArray[np.str_], alike: Alike, *, most: int
) -> tuple[Odd, ...]:
    """Return the pictures that are worth a look, at most so many of each kind.

    Parameters
    ----------
    pixels, truth
        As `lookalikes` takes them.
    alike : Alike
        What it returned.
    most : int
        How many of each kind to return at most.
    """
    names, codes, counts = np.unique(truth, return_inverse=True, return_counts=True)
    found = [*_of_two_labels(pixels, truth, most)]
    known = {one.place for one in found}
    # Of a label with hardly any other picture nothing else can look like one.
    sure = np.flatnonzero(alike.alone & (counts[codes] > NEIGHBOURS))
    for place in sure[np.argsort(-alike.gap[sure], kind="stable")].tolist():
        if place not in known:
            found.append(Odd("looks like", place, str(truth[place]), str(alike.label[place])))
        if len(found) - len(known) >= most:
            break
    means = np.array([pixels[codes == code].mean(axis=0) for code in range(names.size)])
    away = np.linalg.norm(pixels - means[codes], axis=1)
    usual = np.array([np.median(away[codes == code]) for code in range(names.size)])
    ratio = away / np.maximum(usual[codes], 1e-9)
    # One picture is its own mean.
    ratio[counts[codes] < 2] = 0
    each = -(-most // names.size)
    for code in range(names.size):
        # Some labels are written more variously than others: of each the most unlike.
        order = np.argsort(np.where(codes == code, -ratio, np.inf), kind="stable")
        taken = [place for place in order[:each].tolist() if ratio[place] > 0]
        found += [
            Odd("unlike", place, str(truth[place])) for place in taken if codes[place] == code
        ]
    ink = pixels.sum(axis=1)
    kinds: tuple[tuple[Why, NDArray[np.float32]], ...] = (("boldest", -ink), ("thinnest", ink))
    for why, value in kinds:
        found += [
            Odd(why, place, str(truth[place]))
            for place in np.argsort(value, kind="stable")[:most].tolist()
        ]
    return tuple(found)


def _of_two_labels(pixels: Pixels, truth: NDArray[np.str_], most: int) -> list[Odd]:
    first: dict[bytes, str] = {}
    found: list[Odd] = []
    for place, (row, label) in enumerate(zip(pixels, truth.tolist(), strict=True)):
        before = first.setdefault(row.tobytes(), label)
        if before != label and len(found) < most:
            found.append(Odd("two labels", place, label, before))
    return found


def odd_title(why: Why, portrait: Portrait) -> str:
    """Return what is odd about some items.

    Parameters
    ----------
    why : str
        As `Odd` calls it.
    portrait : Portrait
        How items of their task are shown.
    """
    return {
        "two labels": "the same with two labels",
        "looks like": "what looks like them bears another label: the flag may be wrong",
        "unlike": "least like the others of their label",
        "boldest": f"most {portrait.dark}",
        "thinnest": f"least {portrait.dark}",
    }[why]

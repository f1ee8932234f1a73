"""Rings that are drawn round signs, as round an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from chaffinch.readers.image.marks import Labels, Mark
    from chaffinch.readers.notes import Notes

_MOST_RINGS = 32  # marks that are looked at
_INSIDE = 0.25  # of a ring's height: a sign in it
_AROUND = 0.8  # of the sides of the sign, that the ring passes: it may not close


def without_rings(marks: list[Mark], labels: Labels, notes: Notes) -> list[Mark]:
    """Return marks without those that are rings round others.

    Parameters
    ----------
    marks : list of Mark
        What is on the image.
    labels : ndarray of int32, shape (height, width)
        The component of each pixel.
    notes : Notes
        Where it is said that rings were left out. That is a doubt: a 0 may be struck through.

    Returns
    -------
    list of Mark
    """
    largest = sorted(marks, key=lambda one: -one.width * one.height)[:_MOST_RINGS]
    rings = [ring for ring in largest if any(_is_around(ring, sign, labels) for sign in marks)]
    if not rings:
        return marks
    notes.add("a ring round what is written was left out", doubt=True)
    return [mark for mark in marks if not any(mark is ring for ring in rings)]


def _is_around(ring: Mark, sign: Mark, labels: Labels) -> bool:
    """Return whether a mark encloses another that is large enough to be a sign."""
    if not (
        ring.left < sign.left
        and sign.right < ring.right
        and ring.top < sign.top
        and sign.bottom < ring.bottom
        and sign.height >= _INSIDE * ring.height
    ):
        return False
    rows, columns = slice(sign.top, sign.bottom), slice(sign.left, sign.right)
    own = ring.labels[0]
    sides = (
        (labels[rows, ring.left : sign.left] == own).any(axis=1),
        (labels[rows, sign.right : ring.right] == own).any(axis=1),
        (labels[ring.top : sign.top, columns] == own).any(axis=0),
        (labels[sign.bottom : ring.bottom, columns] == own).any(axis=0),
    )
    return float(np.mean([side.mean() for side in sides])) >= _AROUND

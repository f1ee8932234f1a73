"""Doubts about what is left out beside signs: it may be a minus, a point, or most of a ÷."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.image.marks import BLOT, inked
from chaffinch.readers.image.seams import stroke

if TYPE_CHECKING:
    from chaffinch.readers.image.marks import Labels, Mark
    from chaffinch.readers.image.raster import Mask
    from chaffinch.readers.notes import Notes

_BESIDE_SIGNS = "small marks beside signs were left out, such as a minus or a point"
# How far from a sign, and how far under it, a small mark belongs to what is written.
_BESIDE, _UNDER = 0.8, 0.25
# What is left out as a speck may be a point from which width on, in pixels and in the stroke's
# width, and from how far down beside a sign, in its height: dust is finer than the pen, mostly.
_FEWEST, _AS_WIDE, _FROM = 2, 0.6, 0.4
_MUCH = 0.3  # of the ink of the largest sign


def note_left_out(
    small: list[Mark],
    specks: list[Mark],
    signs: list[Mark],
    mask: Mask,
    labels: Labels,
    notes: Notes,
    usual: float,
) -> None:
    """Note what is left out; where it may change what is written, that is a doubt.

    Parameters
    ----------
    small : list of Mark
        Dots, dashes and blots.
    specks : list of Mark
        What is smaller than they.
    signs : list of Mark
        What is read.
    mask : ndarray of bool, shape (height, width)
        Where ink is, that of rules and boxes with it.
    labels : ndarray of int32, shape (height, width)
        The component of each pixel.
    notes : Notes
        Where it is said.
    usual : float
        How tall the signs are, in pixels.
    """
    if not signs:
        notes.add(BLOT)
        return
    whole = [one for one in specks if not _is_remnant(one, mask, labels)]
    beside = any(_is_beside(one, sign, usual) for one in small for sign in signs)
    if beside or _may_be_points(whole, signs, labels, usual):
        notes.add(_BESIDE_SIGNS, doubt=True)
    if any(_is_much(one, signs) for one in small) or _are_around(small, signs):
        notes.add("marks that are large beside what was read were left out, as of a ÷", doubt=True)
    elif small and not beside:
        notes.add("dots, dashes or other small marks were left out")


def _is_much(small: Mark, signs: list[Mark]) -> bool:
    """Return whether a mark that is left out is much ink beside any sign that is read."""
    return small.area >= _MUCH * max(sign.area for sign in signs)


def _are_around(small: list[Mark], signs: list[Mark]) -> bool:
    """Return whether of the marks that are left out some stand over a sign and some under it."""
    for sign in signs:
        reach = max(sign.width, sign.height)
        near = [
            one
            for one in small
            if sign.left < (one.left + one.right) / 2 < sign.right
            and sign.top - reach < one.bottom
            and one.top < sign.bottom + reach
        ]
        over = any(one.bottom <= sign.top for one in near)
        if over and any(one.top >= sign.bottom for one in near):
            return True
    return False


def _is_remnant(speck: Mark, mask: Mask, labels: Labels) -> bool:
    """Return whether a speck is what is left of a rule or a box."""
    rows = slice(max(0, speck.top - 1), speck.bottom + 1)
    columns = slice(max(0, speck.left - 1), speck.right + 1)
    return bool((mask[rows, columns] & (labels[rows, columns] == 0)).any())


def _may_be_points(specks: list[Mark], signs: list[Mark], labels: Labels, usual: float) -> bool:
    """Return whether a speck may be a point or a minus: as wide as the pen, low beside a sign."""
    near = [
        one
        for one in specks
        if min(one.width, one.height) >= _FEWEST
        and any(_is_low(one, sign) and _is_beside(one, sign, usual) for sign in signs)
    ]
    if not near:
        return False
    pen = float(np.median([stroke(inked(sign, labels).astype(np.float32)) for sign in signs]))
    return any(min(one.width, one.height) >= _AS_WIDE * pen for one in near)


def _is_low(small: Mark, sign: Mark) -> bool:
    """Return whether a mark is where a point or a minus is written, and not in the sign's box."""
    aside = small.right <= sign.left or sign.right <= small.left
    return aside and (small.top + small.bottom) / 2 >= sign.top + _FROM * sign.height


def _is_beside(small: Mark, sign: Mark, usual: float) -> bool:
    """Return whether a small mark is written on the line of a sign, and next to it."""
    reach = _BESIDE * usual
    return (
        sign.left - reach < small.right
        and small.left < sign.right + reach
        and sign.top <= small.bottom
        and small.top <= sign.bottom + _UNDER * usual
    )

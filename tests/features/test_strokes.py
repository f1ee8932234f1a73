"""What is told of drawn digits: holes, crossings, open sides, ends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from chaffinch.features.boards import Board
from chaffinch.features.strokes import FACTS, facts, picture_facts
from chaffinch.readers.image import read_image

RING = """
 .######.
 ##....##
 #......#
 #......#
 #......#
 #......#
 ##....##
 .######.
"""
EIGHT = """
 .####.
 #....#
 #....#
 .####.
 #....#
 #....#
 #....#
 .####.
"""
SIX = """
 ..###.
 .#....
 #.....
 #.###.
 ##...#
 #....#
 #....#
 .####.
"""
TWO = """
 .####..
 #....#.
 .....#.
 ....#..
 ..##...
 .#.....
 #......
 #######
"""
THREE = """
 #####.
 .....#
 .....#
 .####.
 .....#
 .....#
 .....#
 #####.
"""
FOUR = """
 #....#
 #....#
 #....#
 ######
 .....#
 .....#
 .....#
 .....#
"""
FIVE = """
 ######
 #.....
 #.....
 #####.
 .....#
 .....#
 .....#
 #####.
"""
SEVEN = """
 #######
 ......#
 .....#.
 ....#..
 ...#...
 ...#...
 ..#....
 ..#....
"""
ONE = """
 #
 #
 #
 #
 #
 #
 #
 #
"""


def drawn(art: str, scale: int = 2) -> NDArray[np.float32]:
    """A drawing as a picture of 28 by 28."""
    rows = [[cell == "#" for cell in line.strip()] for line in art.strip().splitlines()]
    ink = np.kron(np.array(rows), np.ones((scale, scale))).astype(np.float32)
    picture = np.zeros((28, 28), np.float32)
    top, left = (28 - ink.shape[0]) // 2, (28 - ink.shape[1]) // 2
    picture[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return picture


@pytest.mark.parametrize(
    ("art", "told"),
    [
        (RING, {"holes": 1, "across.middle": 2, "down.centre": 2, "ends": 0, "junctions": 0}),
        (EIGHT, {"holes": 2, "ends": 0, "down.centre": 3, "across.upper": 2, "across.lower": 2}),
        (SIX, {"holes": 1, "ends": 1, "ends.upper_right": 1, "across.lower": 2}),
        (TWO, {"holes": 0, "ends": 2, "ends.upper_left": 1, "ends.lower_right": 1}),
        (THREE, {"holes": 0, "ends": 3, "ends.lower_left": 1, "down.centre": 3}),
        (FOUR, {"holes": 0, "ends": 3, "ends.lower_right": 1, "across.upper": 2, "junctions": 1}),
        (FIVE, {"holes": 0, "ends": 2, "ends.upper_right": 1, "ends.lower_left": 1}),
        (SEVEN, {"holes": 0, "ends": 2, "ends.upper_left": 1, "across.lower": 1, "bar.top": 1}),
        (ONE, {"holes": 0, "ends": 2, "stem": 1, "down.centre": 1, "same.turn": 1, "slope": 0}),
    ],
)
def test_what_is_told_of_a_digit(art: str, told: dict[str, float]) -> None:
    found = facts(drawn(art))
    assert {name: found[name] for name in told} == told


def test_where_a_hole_is() -> None:
    assert facts(drawn(RING))["hole.y"] == pytest.approx(0.5)
    assert facts(drawn(SIX))["hole.y"] > 0.6
    assert facts(drawn(SIX)[::-1, ::-1].copy())["hole.y"] < 0.4
    assert "hole.y" not in facts(drawn(TWO)), "what there is not is not told"


@pytest.mark.parametrize(
    ("art", "open_"),
    [
        (TWO, {"bay.left_upper", "corner.upper_right"}),
        (THREE, {"bay.left_upper", "bay.left_lower"}),
        (FIVE, {"bay.right_upper", "bay.left_lower"}),
        (FOUR, {"bay.top", "corner.lower_left"}),
        (SIX, {"bay.right_upper"}),
        (SEVEN, {"corner.lower_left"}),
    ],
)
def test_which_sides_are_open(art: str, open_: set[str]) -> None:
    found = facts(drawn(art))
    assert all(found[name] > 0.05 for name in open_)
    assert found["bay.bottom"] == 0


def test_a_leaning_digit_is_set_upright() -> None:
    leaning = np.zeros((28, 28), np.float32)
    for row in range(4, 24):
        left = 18 - row // 2
        leaning[row, left : left + 2] = 1
    found = facts(leaning)
    assert found["slope"] == pytest.approx(0.5, abs=0.05)
    assert found["aspect"] < 0.25


def test_a_blank_has_no_facts() -> None:
    assert facts(np.zeros((28, 28), np.float32)) == {}
    assert picture_facts(read_image(b"no picture")) == {}


@given(arrays.arrays(np.float32, (28, 28), elements=st.sampled_from([0.0, 0.3, 0.5, 1.0])))
def test_whatever_is_drawn_is_told_by_known_names(pixels: NDArray[np.float32]) -> None:
    found = facts(pixels)
    assert set(found) <= set(FACTS)
    assert np.isfinite(list(found.values())).all()


@given(arrays.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_holes_and_skeletons_are_as_scipy_counts_them(ink: NDArray[np.bool_]) -> None:
    from scipy import ndimage

    board = Board.of(ink)
    outside = np.pad(~ink, 1, constant_values=True)
    assert len(board.holes()) == ndimage.label(outside)[1] - 1
    thin = board.thinned()
    assert thin.bits & ~board.bits == 0, "a skeleton is part of the ink"
    assert (thin.bits == 0) == (board.bits == 0)

"""Small black-and-white pictures as whole numbers, one bit a pixel: holes, skeletons, their ends.

What is done to every pixel is then a handful of operations on one number; on arrays of so few
pixels most of the time would be spent on calling them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: The most columns that a board has room for.
COLUMNS = 30
# Bits from one row to the next, with a column of paper on both sides.
_STRIDE = COLUMNS + 2

#: Row and column of a pixel.
Place = tuple[int, int]


class Board(NamedTuple):
    """A black-and-white picture with a rim of paper.

    Attributes
    ----------
    bits : int
        Of each pixel one, row by row, 1 for ink.
    rows : int
        Rows without the rim.

    Examples
    --------
    >>> ring = Board.of(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool))
    >>> ring.holes(), ring.thinned().ends()
    ([[(1, 1)]], [])
    """

    bits: int
    rows: int

    @classmethod
    def of(cls, ink: NDArray[np.bool_]) -> Board:
        """Return the board of an array, shape (rows, columns), of at most 30 columns."""
        rows, columns = ink.shape
        padded = np.zeros((rows + 2, _STRIDE), np.bool_)
        padded[1 : rows + 1, 1 : columns + 1] = ink
        packed = np.packbits(padded, bitorder="little").tobytes()
        return cls(int.from_bytes(packed, "little"), rows)

    def holes(self) -> list[list[Place]]:
        """Return the pixels of each piece of paper that ink surrounds, the largest first."""
        paper = ~self.bits & ((1 << _STRIDE * (self.rows + 2)) - 1)
        inside = paper & ~_reached(1, paper, corners=False)
        return sorted(map(_places, _pieces(inside, corners=False)), key=len, reverse=True)

    def thinned(self) -> Board:
        """Return the skeleton of the ink: lines of one pixel, connected as the ink is.

        T. Y. Zhang and C. Y. Suen, "A fast parallel algorithm for thinning digital patterns",
        Communications of the ACM 27, 1984.
        """
        bits, before = self.bits, -1
        while bits != before:
            before = bits
            for half in (0, 1):
                around = _around(bits)
                north, east, south, west = around[::2]
                if half == 0:
                    inner = east & south & (north | west)
                else:
                    inner = north & west & (east | south)
                begun, again, _ = _counted(_begins(around))
                _, two, _ = _counted(around)
                _, gaps, _ = _counted([~each for each in around])
                bits &= ~(begun & ~again & two & gaps & ~inner)
        return Board(bits, self.rows)

    def ends(self) -> list[Place]:
        """Return the pixels of a skeleton at which a line ends."""
        around = _around(self.bits)
        begun, again, _ = _counted(_begins(around))
        _, _, three = _counted(around)
        return _places(self.bits & begun & ~again & ~three)

    def junctions(self) -> int:
        """Return at how many places of a skeleton three lines or more meet."""
        _, _, three = _counted(_begins(_around(self.bits)))
        return len(_pieces(self.bits & three, corners=True))


def _around(bits: int) -> list[int]:
    """Return each pixel's eight neighbours, clockwise from the one above."""
    above, below = bits << _STRIDE, bits >> _STRIDE
    return [above, above >> 1, bits >> 1, below >> 1, below, below << 1, bits << 1, above << 1]


def _begins(around: list[int]) -> list[int]:
    """Return for each of eight steps around a pixel whether ink begins there."""
    return [~here & then for here, then in zip(around, (*around[1:], around[0]), strict=True)]


def _counted(boards: list[int]) -> tuple[int, int, int]:
    """Return where at least one, two and three of some boards have ink."""
    one = two = three = 0
    for board in boards:
        three |= two & board
        two |= one & board
        one |= board
    return one, two, three


def _reached(start: int, within: int, *, corners: bool) -> int:
    """Return what can be reached from some pixels, over corners, too, or over edges alone."""
    seen, before = start, 0
    while seen != before:
        before = seen
        wide = seen | seen << 1 | seen >> 1
        tall = wide if corners else seen
        seen = (wide | tall << _STRIDE | tall >> _STRIDE) & within
    return seen


def _pieces(bits: int, *, corners: bool) -> list[int]:
    """Return each connected piece."""
    found = []
    while bits:
        found.append(_reached(bits & -bits, bits, corners=corners))
        bits ^= found[-1]
    return found


def _places(bits: int) -> list[Place]:
    found = []
    while bits:
        lowest = bits & -bits
        row, column = divmod(lowest.bit_length() - 1, _STRIDE)
        found.append((row - 1, column - 1))
        bits ^= lowest
    return found

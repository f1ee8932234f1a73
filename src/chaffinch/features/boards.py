"""Small black-and-white pictures as whole numbers, one bit a pixel: thinning, holes, pieces.

What has to be done to every pixel is a handful of operations on one number, which takes
microseconds; arrays of so few pixels take longer to be called than to be computed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Pixels from one row to the next: room for pictures of up to 30 columns and a rim of paper.
STRIDE = 32


class Board:
    """A black-and-white picture with a rim of paper.

    Parameters
    ----------
    bits : int
        Bit ``STRIDE * (row + 1) + column + 1`` is the pixel's ink.
    rows : int
        Rows without the rim.

    Examples
    --------
    >>> ring = Board.of(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool))
    >>> ring.holes()
    [[(1, 1)]]
    """

    def __init__(self, bits: int, rows: int) -> None:
        self.bits = bits
        self.rows = rows

    @classmethod
    def of(cls, ink: NDArray[np.bool_]) -> Board:
        """Return the board of an array, shape (rows, columns), columns at most 30."""
        padded = np.zeros((ink.shape[0] + 2, STRIDE), np.uint8)
        padded[1:-1, 1 : ink.shape[1] + 1] = ink
        bits = int.from_bytes(np.packbits(padded, bitorder="little").tobytes(), "little")
        return cls(bits, ink.shape[0])

    @property
    def _whole(self) -> int:
        return (1 << STRIDE * (self.rows + 2)) - 1

    def holes(self) -> list[list[tuple[int, int]]]:
        """Return the pixels of each piece of paper that ink surrounds, largest first."""
        paper = self._whole & ~self.bits
        return _pieces(paper & ~_flooded(1, paper, corners=False), corners=False)

    def thinned(self) -> Board:
        """Return the skeleton of the ink: lines of one pixel that are connected as it is.

        T. Y. Zhang and C. Y. Suen, "A fast parallel algorithm for thinning digital patterns",
        Communications of the ACM 27, 1984.
        """
        bits, last = self.bits, 0
        while bits != last:
            last = bits
            for first in (True, False):
                around = _around(bits)
                north, _, east, _, south, _, west, _ = around
                if first:
                    kept = north & east & south | east & south & west
                else:
                    kept = north & east & west | north & south & west
                one, two = _starts(around)
                some, several = _at_least(around)
                lack, lacking = _at_least([~each for each in around])
                del some, lack
                bits &= ~(one & ~two & several & lacking & ~kept)
        return Board(bits, self.rows)

    def ends(self) -> list[tuple[int, int]]:
        """Return the pixels of a skeleton where a line ends."""
        around = _around(self.bits)
        one, two = _starts(around)
        count, more, third = _at_least_three(around)
        del more
        return _places(self.bits & count & one & ~two & ~third)

    def junctions(self) -> int:
        """Return at how many places of a skeleton three lines or more meet."""
        around = _around(self.bits)
        starts = [~this & after for this, after in zip(around, [*around[1:], around[0]])]
        return len(_pieces(self.bits & _at_least_three(starts)[2], corners=True))


def _around(bits: int) -> list[int]:
    """Return each pixel's eight neighbours, clockwise from the one above."""
    up, down = bits << STRIDE, bits >> STRIDE
    return [up, up >> 1, bits >> 1, down >> 1, down, down << 1, bits << 1, up << 1]


def _starts(around: list[int]) -> tuple[int, int]:
    """Return where ink begins at least once, and at least twice, on the way around a pixel."""
    after = [*around[1:], around[0]]
    return _at_least([~this & then for this, then in zip(around, after, strict=True)])


def _at_least(boards: list[int]) -> tuple[int, int]:
    """Return where at least one, and at least two, of some boards have ink."""
    one = two = 0
    for board in boards:
        two |= one & board
        one |= board
    return one, two


def _at_least_three(boards: list[int]) -> tuple[int, int, int]:
    one = two = three = 0
    for board in boards:
        three |= two & board
        two |= one & board
        one |= board
    return one, two, three


def _flooded(start: int, within: int, *, corners: bool) -> int:
    """Return what can be reached from a start; over corners, too, or over edges alone."""
    seen, last = start & within, 0
    while seen != last:
        last = seen
        wide = seen | seen << 1 | seen >> 1
        tall = (wide if corners else seen) << STRIDE | (wide if corners else seen) >> STRIDE
        seen = (wide | tall) & within
    return seen


def _pieces(bits: int, *, corners: bool) -> list[list[tuple[int, int]]]:
    """Return the pixels of each connected piece, the largest first."""
    found = []
    while bits:
        piece = _flooded(bits & -bits, bits, corners=corners)
        found.append(_places(piece))
        bits &= ~piece
    return sorted(found, key=len, reverse=True)


def _places(bits: int) -> list[tuple[int, int]]:
    """Return row and column of each bit, without the rim."""
    found = []
    while bits:
        lowest = bits & -bits
        row, column = divmod(lowest.bit_length() - 1, STRIDE)
        found.append((row - 1, column - 1))
        bits ^= lowest
    return found

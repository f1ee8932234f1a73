"""Line charts for a terminal: 80 columns, no colour needed, plain ASCII where asked for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from chaffinch.performance.axes import Axis, fitting, tick_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Points = Sequence[tuple[float, float]]

LARGEST, SMALLEST = 1e100, 1e-100  # beyond them is no number, below them 0
MARK_SPACING = 4  # columns from one series' mark to the next series'


#: Series that one chart can tell apart.
MOST_SERIES = 8


@dataclass(frozen=True, slots=True)
class Pen:
    """The characters that a chart is drawn with.

    Parameters
    ----------
    marks : str
        One a series, in order.
    frame : str
        Left edge, left edge at a tick, corner, lower edge, lower edge at a tick.
    dots : tuple of int
        How many dots a character holds across and down: two and four in Braille.
    cut : str
        What stands for the rest of a name that is too long.
    """

    marks: str
    frame: str
    dots: tuple[int, int]
    cut: str


UNICODE = Pen("●○▲△■□◆◇", "│┤└─┬", (2, 4), "…")
ASCII = Pen("ox+*#@%&", "|++-+", (1, 1), "~")

# Bits of a Braille character by row and column of its dots (the Unicode standard, U+2800).
BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def line_chart(
    series: Mapping[str, Points],
    *,
    bounds: Sequence[Points] = (),
    width: int = 78,
    height: int = 21,
    x_label: str = "",
    y_label: str = "",
    log_x: bool = True,
    log_y: bool = False,
    ascii: bool = False,  # noqa: A002 - the option's name everywhere else, too
) -> str:
    """Return a chart of several series, told apart by their marks.

    Parameters
    ----------
    series : mapping of str to sequence of (float, float)
        Points x, y by the series' name, drawn in the order given; at most eight series. A point
        that is NaN or beyond 1e100 breaks the line. On a logarithmic axis what is not above 0 is
        drawn at the axis's beginning.
    bounds : sequence of sequence of (float, float)
        Lines without a mark or a name, such as those of an interval.
    width, height : int
        Columns and lines that the whole chart may take, labels included. It takes a few lines
        less where that spaces the labels of the y axis evenly.
    x_label, y_label : str
        What the axes show, with its unit.
    log_x, log_y : bool
        Whether equal lengths on the axis are equal ratios.
    ascii : bool
        Whether to keep to ASCII, for terminals and mails that know no more.

    Returns
    -------
    str
        Lines of at most `width` characters, without a newline at the end; a note in brackets
        where there is no point to draw.

    Raises
    ------
    ValueError
        If the chart is too small for its labels and legend, or the series are too many.

    Examples
    --------
    >>> curve = [(1, 100), (10, 40), (100, 10), (1000, 0)]
    >>> print(line_chart({"bayes": curve}, width=32, height=10, y_label="errors %", ascii=True))
    errors %
    100 +o..
        |   .o..
     50 +       .o...
        |            o..
      0 +               .o...o...o.o
        ++--------+-------+--------+
         1        10     100      1k
     o bayes
    """
    pen = ASCII if ascii else UNICODE
    if len(series) > len(pen.marks):
        raise ValueError(f"{len(series)} series in one chart: draw at most {len(pen.marks)}")
    legend = _legend(series, pen, width)
    rows = height - len(legend) - 2 - bool(x_label) - bool(y_label)
    if width < 24 or rows < 3:
        raise ValueError(f"a chart of {width} by {height} is too small: give it 24 by 12 or more")
    drawn = [_drawable_runs(points) for points in (*series.values(), *bounds)]
    points = [point for runs in drawn for run in runs for point in run]
    if not points:
        return "(nothing to draw)"
    x_axis = fitting((x for x, _ in points), log=log_x, rounded=False)
    y_axis = fitting((y for _, y in points), log=log_y)
    ticks = y_axis.ticks(at_most=max(3, rows // 2))
    if not log_y:
        rows -= (rows - 1) % max(1, len(ticks) - 1)
    labels = {round((1 - y_axis.fraction(tick)) * (rows - 1)): tick_label(tick) for tick in ticks}
    margin = max(map(len, labels.values()))
    canvas = _Canvas(width - margin - 2, rows, pen, x_axis, y_axis)
    paths = [[cell for run in runs for cell in canvas.line(run)] for runs in drawn]
    for number, path in enumerate(paths[: len(series)]):
        canvas.mark(path, number, of=len(series))

    lines = [_plain(y_label, pen, width)] if y_label else []
    for row, drawing in enumerate(canvas.lines()):
        edge = pen.frame[1] if row in labels else pen.frame[0]
        lines.append(f"{labels.get(row, ''):>{margin}} {edge}{drawing}")
    lines += [" " * (margin + 1) + line for line in _x_scale(x_axis, canvas.columns, pen)]
    if x_label:
        lines.append(_plain(x_label, pen, width).rjust(width))
    return "\n".join(line.rstrip() for line in lines + legend)


def _drawable_runs(points: Points) -> list[list[tuple[float, float]]]:
    """Split points into runs of what can be drawn: no NaN, and no overflow on the way."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if abs(x) <= LARGEST and abs(y) <= LARGEST:
            runs[-1].append((_or_zero(x), _or_zero(y)))
        elif runs[-1]:
            runs.append([])
    return runs


def _or_zero(value: float) -> float:
    return value if abs(value) >= SMALLEST else 0.0


class _Canvas:
    """Characters made of dots, with marks on top of them."""

    def __init__(self, columns: int, rows: int, pen: Pen, x_axis: Axis, y_axis: Axis) -> None:
        self.columns, self.rows = columns, rows
        self._pen, self._x, self._y = pen, x_axis, y_axis
        self._dots: dict[tuple[int, int], int] = {}
        self._marks: dict[tuple[int, int], str] = {}

    def line(self, points: list[tuple[float, float]]) -> list[tuple[int, int]]:
        """Join points with straight lines of dots, and return the cells passed through."""
        places = [self._dot(point) for point in points]
        cells = [self._cell(*place) for place in places[:1]]
        for (x0, y0), (x1, y1) in pairwise(places):
            steps = max(abs(x1 - x0), abs(y1 - y0), 1)
            for step in range(steps + 1):
                x, y = x0 + round((x1 - x0) * step / steps), y0 + round((y1 - y0) * step / steps)
                cells.append(self._set(x, y))
        return cells

    def mark(self, path: list[tuple[int, int]], number: int, *, of: int) -> None:
        """Mark a series along its path and at its end.

        Each of the series has columns of its own, so that all show where they run together.
        """
        every = MARK_SPACING * of
        # Where a steep line passes through many cells of a column the last of them is marked.
        own = {column: row for column, row in path if column % every == MARK_SPACING * number}
        for cell in [*own.items(), *path[-1:]]:
            self._marks.setdefault(cell, self._pen.marks[number])

    def lines(self) -> list[str]:
        """Return the drawing, top line first."""
        return [
            "".join(self._character((column, row)) for column in range(self.columns)).rstrip()
            for row in range(self.rows)
        ]

    def _dot(self, point: tuple[float, float]) -> tuple[int, int]:
        across, down = self._pen.dots
        x = self._x.fraction(point[0]) * (self.columns * across - 1)
        y = (1 - self._y.fraction(point[1])) * (self.rows * down - 1)
        return round(x), round(y)

    def _cell(self, x: int, y: int) -> tuple[int, int]:
        return x // self._pen.dots[0], y // self._pen.dots[1]

    def _set(self, x: int, y: int) -> tuple[int, int]:
        cell = self._cell(x, y)
        bit = BRAILLE[y % self._pen.dots[1]][x % self._pen.dots[0]]
        self._dots[cell] = self._dots.get(cell, 0) | bit
        return cell

    def _character(self, cell: tuple[int, int]) -> str:
        dots = self._dots.get(cell, 0)
        if cell in self._marks or not dots:
            return self._marks.get(cell, " ")
        return chr(0x2800 + dots) if self._pen is UNICODE else "."


def _x_scale(axis: Axis, columns: int, pen: Pen) -> tuple[str, str]:
    """Return the lower edge and the labels under it, both from the corner on."""
    edge = [pen.frame[2]] + [pen.frame[3]] * columns
    labels = ""
    for tick in axis.ticks(at_most=max(2, columns // 6)):
        column = 1 + round(axis.fraction(tick) * (columns - 1))
        label = tick_label(tick)
        start = min(max(column - (len(label) - 1) // 2, 0), columns + 1 - len(label))
        if labels and start <= len(labels):
            continue
        edge[column] = pen.frame[4]
        labels = labels.ljust(start) + label
    return "".join(edge), labels


def _legend(names: Iterable[str], pen: Pen, width: int) -> list[str]:
    """Return lines that say whose the marks are."""
    lines = [""]
    for mark, name in zip(pen.marks, names, strict=False):
        entry = f" {mark} {_plain(name, pen, width - 3)}"
        if lines[-1] and len(lines[-1]) + 2 + len(entry) > width:
            lines.append("")
        lines[-1] += ("  " if lines[-1] else "") + entry
    return lines


def _plain(text: str, pen: Pen, width: int) -> str:
    """Return text that cannot move the cursor, nor run over the edge."""
    allowed = (c if c.isprintable() and (pen is UNICODE or c.isascii()) else "?" for c in text)
    plain = "".join(allowed)
    return plain if len(plain) <= width else plain[: width - 1] + pen.cut

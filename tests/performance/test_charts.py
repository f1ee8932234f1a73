from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.performance.charts import line_chart

steady = settings(derandomize=True, deadline=None)

FALLING = [(1.0, 100.0), (10.0, 40.0), (100.0, 10.0), (1000.0, 0.0)]
FLAT = [(1.0, 60.0), (1000.0, 60.0)]

UNICODE_CHART = """\
errors %
100 ┤●⠒⠤⣀
    │    ⠉⠒⠤⢄⡀
 50 ┤⠉⠉⠉⠉○⠉⠉⠉●⠙⠫⢍○⡉⠉⠉⠉⠉⠉⠉○⠉⠉⠉⠉⠉⠉⠉○⠉⠉⠉⠉⠉⠉⠉○
    │             ⠈⠉⠑●⠢⠤⢄⣀⡀
  0 ┤                     ⠈⠉⠑●⠒⠒⠒⠤⠤⠤⠤●⢄⣀⣀●
    └┬───────────┬───────────┬───────────┬
     1           10         100         1k
                           examples judged
 ● bayes   ○ rules"""

ASCII_CHART = """\
errors %
100 +o...
    |    ....o
 50 +....x.......x.......x.......x.......x
    |                o....
  0 +                     ...o.......o...o
    ++-----------+-----------+-----------+
     1           10         100         1k
                           examples judged
 o bayes   x rules"""


def draw(ascii: bool) -> str:  # noqa: A002 - as in line_chart
    return line_chart(
        {"bayes": FALLING, "rules": FLAT},
        width=42,
        height=10,
        x_label="examples judged",
        y_label="errors %",
        ascii=ascii,
    )


def test_a_chart_looks_just_so() -> None:
    assert draw(ascii=False) == UNICODE_CHART


def test_a_chart_looks_just_so_in_ascii() -> None:
    assert draw(ascii=True) == ASCII_CHART
    assert draw(ascii=True).isascii()


numbers = st.floats(-1e9, 1e9) | st.floats() | st.sampled_from([0.0, 1e100])
points = st.lists(st.tuples(numbers, numbers), max_size=20)


@steady
@given(
    st.dictionaries(st.text(max_size=90), points, max_size=8),
    st.integers(24, 100),
    st.integers(12, 40),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_whatever_is_drawn_stays_within_its_size(
    series: dict[str, list[tuple[float, float]]],
    width: int,
    height: int,
    log_x: bool,
    log_y: bool,
    ascii: bool,  # noqa: A002 - as in line_chart
) -> None:
    series = dict(list(series.items())[:3])  # each may take a line of the legend
    chart = line_chart(
        series, width=width, height=height, log_x=log_x, log_y=log_y, ascii=ascii, y_label="y"
    )
    lines = chart.split("\n")
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    assert all(line.isprintable() for line in lines)
    assert chart.isascii() or not ascii


def test_series_on_one_line_all_show() -> None:
    chart = line_chart(dict.fromkeys("abc", FLAT), height=12)
    drawing = chart.rsplit("\n", 1)[0]
    assert all(drawing.count(mark) > 3 for mark in "●○▲")


def test_a_single_point_is_marked() -> None:
    assert line_chart({"a": [(5, 5)]}, height=12).count("●") == 2  # in the drawing and the legend


def test_what_is_not_finite_breaks_the_line() -> None:
    whole = line_chart({"a": [(1, 1), (10, 1), (100, 1)]}, ascii=True)
    broken = line_chart({"a": [(1, 1), (10, math.nan), (100, 1)]}, ascii=True)
    assert whole.count(".") > 20 + broken.count(".")
    assert broken.count("...") == 0


def test_nothing_to_draw_is_said() -> None:
    assert line_chart({}) == "(nothing to draw)"
    assert line_chart({"a": [], "b": [(1, math.nan)]}) == "(nothing to draw)"


def test_a_name_cannot_move_the_cursor() -> None:
    assert "\x1b" not in line_chart({"\x1b[2J": FLAT}, x_label="\x07", y_label="\x1b[1m")


def test_logarithmic_heights_are_decades() -> None:
    chart = line_chart({"a": [(1, 0.01), (100, 100)]}, log_y=True)
    labels = [line.split("┤")[0].strip() for line in chart.split("\n") if "┤" in line]
    assert labels == ["100", "10", "1", "0.1", "0.01"]


def test_a_chart_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        line_chart({"a": FLAT}, width=23)
    with pytest.raises(ValueError, match="too small"):
        line_chart({"a" * 78 + str(number): FLAT for number in range(8)}, height=12)
    with pytest.raises(ValueError, match="9 series"):
        line_chart({str(number): FLAT for number in range(9)})

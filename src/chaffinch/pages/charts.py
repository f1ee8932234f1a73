"""Charts as SVG that stands in a page: drawn by Altair, coloured by the page's style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chaffinch.errors import MissingExtraError
from chaffinch.pages.page import Markup, Tone, escaped, plain

if TYPE_CHECKING:
    from types import ModuleType
    from xml.etree.ElementTree import Element

# Pixels; narrow, so that it can still be read when a phone makes it smaller.
_WIDTH, _ROW, _HEIGHT, _LETTERS = 560, 22, 150, 13
# The page's own font may be wider than the one that is measured here.
_LABELS, _LONGEST_LABEL = 208, 164
# Fixed, so that charts under each other begin at one line.
_FRAME = {"left": _LABELS, "right": 16, "top": 4, "bottom": 44}
_AXIS_FRAME = {"left": 52, "right": 16, "top": 28, "bottom": 44}
_MOST_LABEL = 60
# Letters beside each other along a chart.
_WIDEST_AXIS = 64
# Taken by the page's style, in light, in dark and on paper.
_INK, _SOFT, _LINE = "var(--ink)", "var(--soft)", "var(--line)"
_COLOURS: dict[Tone, str] = {
    "": _SOFT,
    "positive": "var(--positive)",
    "negative": "var(--negative)",
}

# What a chart needs; whatever else an SVG may hold is left out.
_ELEMENTS = frozenset("svg g path line rect circle text tspan".split())
_ATTRIBUTES = frozenset(
    "width height viewBox transform d x y x1 y1 x2 y2 cx cy r dx dy fill stroke stroke-width "
    "stroke-dasharray stroke-linecap stroke-linejoin stroke-miterlimit opacity fill-opacity "
    "stroke-opacity text-anchor font-size font-weight font-style display".split()
)
_SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart: Any, *, says: str) -> Markup:
    """Return an Altair chart as SVG that cannot do anything but show.

    Fonts and colours that are named by the page's style (``var(--ink)``) are the page's. Only the
    elements and attributes that a still picture needs are left in.

    Parameters
    ----------
    chart : altair.Chart
        Its data given in it, never by an address. Texts in it go through
        `chaffinch.pages.page.plain` first.
    says : str
        What it shows, in a sentence, for those who cannot see it.

    Raises
    ------
    MissingExtraError
        If Altair or vl-convert is not installed.
    """
    _, converter = drawing_tools()
    styled = (
        chart.configure(background="transparent", font="sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=_INK,
            titleColor=_SOFT,
            titleFontWeight="normal",
            labelFontSize=_LETTERS,
            titleFontSize=_LETTERS,
            gridColor=_LINE,
            domainColor=_LINE,
            tickColor=_LINE,
        )
        .configure_legend(
            labelColor=_INK, titleColor=_SOFT, labelFontSize=_LETTERS, titleFontSize=_LETTERS
        )
    )
    svg = converter.vegalite_to_svg(styled.to_dict(), allowed_base_urls=[])
    picture = still(svg)
    return Markup(picture.replace("<svg", f'<svg role="img" aria-label="{escaped(says)}"', 1))


def still(svg: str) -> Markup:
    """Return of an SVG only what a still picture needs: no link, no script, nothing from outside.

    Parameters
    ----------
    svg : str
        What a library of ours drew, well-formed.

    Examples
    --------
    >>> still('<svg><script>a()</script><path d="M0,0h9" onclick="a()"/></svg>')
    '<svg><path d="M0,0h9"></path></svg>'
    """
    from xml.etree import ElementTree as ET

    # Made by our own library, which declares no entities.
    return Markup("".join(_still(ET.fromstring(svg))))  # noqa: S314


def _still(element: Element) -> list[str]:
    """Return an element as HTML writes it, without what a still picture does not need."""
    name = element.tag.removeprefix(_SVG)
    if name not in _ELEMENTS or element.get("display") == "none":
        return []
    inside = [escaped(element.text or "") if name in ("text", "tspan") else ""]
    for child in element:
        inside += _still(child)
    shown = "".join(inside)
    if not shown and (name in ("g", "text") or element.get("d") == ""):
        return []
    if name == "g" and not element.get("transform") and not _look(element):
        return [shown]
    kept = "".join(
        f' {key}="{escaped(value)}"' for key, value in element.items() if key in _ATTRIBUTES
    )
    return [f"<{name}{kept}>{shown}</{name}>"]


def _look(element: Element) -> bool:
    return any(element.get(key) for key in ("fill", "stroke", "opacity"))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A bar of a chart of ranked things.

    Parameters
    ----------
    text : str
        What it is.
    value, low, high : float
        How long the bar is, and its interval.
    tone : {"", "positive", "negative"}
        Its colour.
    """

    text: str
    value: float
    low: float
    high: float
    tone: Tone = ""


def ranked_bars(rows: Sequence[Ranked], *, unit: str) -> Markup:
    """Return bars with their intervals, one under the other, in the order given.

    Parameters
    ----------
    rows : sequence of Ranked
        From top to bottom.
    unit : str
        What their length means.

    Raises
    ------
    MissingExtraError
        If Altair or vl-convert is not installed.
    """
    alt, _ = drawing_tools()
    data = [
        {
            # Two of one text are two bars.
            "key": number,
            "text": _short(row.text),
            "value": row.value,
            "low": row.low,
            "high": row.high,
            "colour": _COLOURS[row.tone],
        }
        for number, row in enumerate(rows)
    ]
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("key:O", sort=None, axis=None, scale=alt.Scale(paddingInner=0.45))
    )
    # Marks and not an axis: what they say is data and never part of an expression.
    labels = base.mark_text(
        align="right", dx=-8, limit=_LONGEST_LABEL, fontSize=_LETTERS, color=_INK
    ).encode(text="text:N", x=alt.value(0))
    bars = base.mark_bar(opacity=0.85).encode(
        x=alt.X("value:Q", title=unit, axis=alt.Axis(tickCount=5)),
        color=alt.Color("colour:N", scale=None),
    )
    intervals = base.mark_rule(color=_INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    chart = (bars + intervals + labels).properties(
        width=_WIDTH - _FRAME["left"] - _FRAME["right"],
        height=_ROW * max(1, len(rows)),
        padding=_FRAME,
        autosize="none",
    )
    said = "; ".join(f"{row.text}: {row.value:.1f}" for row in rows)
    return drawn(chart, says=f"{unit}: {said}")


@dataclass(frozen=True, slots=True)
class Series:
    """Values that belong together, one for each step of a chart's axis.

    Parameters
    ----------
    name : str
        What they are of.
    values : tuple of float
        From left to right.
    tone : {"", "positive", "negative"}
        Their colour.
    """

    name: str
    values: tuple[float, ...]
    tone: Tone = ""


def columns(
    steps: Sequence[str], series: Sequence[Series], *, unit: str, title: str = ""
) -> Markup:
    """Return columns over the steps of an axis, those of several series side by side.

    Parameters
    ----------
    steps : sequence of str
        The axis, from left to right, no two alike: hours, weekdays, months.
    series : sequence of Series
        A value for each step.
    unit : str
        What their height means.
    title : str
        What the steps are.

    Raises
    ------
    MissingExtraError
        If Altair or vl-convert is not installed.
    """
    alt, _ = drawing_tools()
    names, shown = [_short(one.name) for one in series], [_short(step) for step in steps]
    data = [
        {"step": step, "series": name, "value": value}
        for name, one in zip(names, series, strict=True)
        for step, value in zip(shown, one.values, strict=True)
    ]
    # As many labels as fit beside each other.
    every = max(1, -(-sum(len(step) + 2 for step in shown) // _WIDEST_AXIS))
    axis = alt.Axis(title=title or None, ticks=False, labelAngle=0, values=shown[::every])
    chart = (
        alt.Chart(alt.Data(values=data))
        .mark_bar()
        .encode(
            x=alt.X("step:N", sort=None, axis=axis),
            xOffset=alt.XOffset("series:N", sort=None),
            y=alt.Y("value:Q", title=unit, axis=alt.Axis(tickCount=4)),
            color=alt.Color(
                "series:N",
                sort=None,
                scale=alt.Scale(domain=names, range=[_COLOURS[one.tone] for one in series]),
                legend=alt.Legend(title=None, orient="top"),
            ),
        )
        .properties(
            width=_WIDTH - _AXIS_FRAME["left"] - _AXIS_FRAME["right"],
            height=_HEIGHT,
            padding=_AXIS_FRAME,
            autosize="none",
        )
    )
    said = ", ".join(names)
    return drawn(chart, says=f"{unit} of {said} by {title or 'step'}")


def drawing_tools() -> tuple[ModuleType, ModuleType]:
    """Return Altair and vl-convert.

    Raises
    ------
    MissingExtraError
        If they are not here.
    """
    try:
        import altair as alt
        import vl_convert
    except ImportError as error:
        raise MissingExtraError(
            f"charts are drawn by Altair, which is not here ({error}): "
            "`pip install 'chaffinch[report]'`"
        ) from error
    return alt, vl_convert


def _short(text: str) -> str:
    shown = " ".join(plain(text).split())
    return shown if len(shown) <= _MOST_LABEL else shown[: _MOST_LABEL - 1] + "…"

"""How the charts of benchmarks look."""

from __future__ import annotations

import altair as alt
import vl_convert

INK, SOFT, LINE = "#1f2328", "#59636e", "#e3e6ea"
# Okabe and Ito's, which people tell apart whatever their eyes: "Color Universal Design", 2008.
OURS, OURS_TOO = "#0072b2", "#56b4e9"
OTHERS = ("#d55e00", "#009e73", "#cc79a7", "#e69f00")
SMALL, TEXT, TITLE = 12, 13, 16


def styled(chart: alt.TopLevelMixin, title: str, *lines: str) -> str:
    """Return a chart with its title, as SVG that needs nothing beside it."""
    spec = (
        chart.properties(
            title=alt.TitleParams(
                title,
                subtitle=list(lines),
                anchor="start",
                offset=16,
                fontSize=TITLE,
                color=INK,
                subtitleColor=SOFT,
                subtitleFontSize=TEXT,
                subtitlePadding=6,
            ),
            padding=20,
        )
        .configure(background="white", font="Helvetica, Arial, sans-serif", aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=SOFT,
            titleFontWeight="normal",
            labelFontSize=SMALL,
            titleFontSize=TEXT,
            gridColor=LINE,
            domainColor=SOFT,
            tickColor=SOFT,
        )
        .configure_header(labelColor=INK, labelFontSize=TEXT, labelFontWeight="bold", title=None)
        .configure_legend(
            labelColor=INK,
            labelFontSize=TEXT,
            title=None,
            orient="top",
            symbolStrokeWidth=3,
            labelLimit=400,
            columnPadding=24,
            offset=12,
        )
        .to_dict()
    )
    return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))

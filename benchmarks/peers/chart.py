"""Draw docs/peers.svg from the results of run.py: how well each filter ranks the same mails."""

from __future__ import annotations

import json
import sys
from html import escape
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from peers.chaffinch_arm import Chaffinch
from results_file import RESULTS

from chaffinch.performance.axes import fitting, tick_label
from chaffinch.types import Interval

SOURCE = RESULTS / "peers_spamassassin_immediate.json"
CHART = RESULTS.parent.parent / "docs" / "peers.svg"

_WIDTH, _ROW, _TOP, _BOTTOM = 760, 28, 34, 56
_LEFT, _RIGHT = 240, 684  # of the axis; names stand before it, values behind it
# Of middling lightness: each has a contrast of at least 4 to white and to GitHub's dark page.
_PLAIN, _OURS = "#6e7781", "#cf5c0a"
_STYLE = (
    f"text{{font:13px system-ui,sans-serif;fill:{_PLAIN}}}"
    f"line{{stroke:{_PLAIN};stroke-width:2}}"
    f"circle{{fill:{_PLAIN}}}"
    ".grid{stroke-width:1;stroke-opacity:.35}"
    f".ours text{{fill:{_OURS};font-weight:bold}}"
    f".ours line{{stroke:{_OURS};stroke-width:3}}"
    f".ours circle{{fill:{_OURS}}}"
)


class Bar(NamedTuple):
    """What the chart says of a filter."""

    title: str
    roca: Interval
    ours: bool


def svg(bars: list[Bar], mails: int) -> str:
    """Return the chart, best filter first."""
    bars = sorted(bars, key=lambda bar: bar.roca.value)
    ends = (end for bar in bars for end in (bar.roca.low, bar.roca.value, bar.roca.high))
    axis = fitting(ends, log=True)
    bottom = _TOP + _ROW * len(bars)

    def x(value: float) -> str:
        return f"{_LEFT + (_RIGHT - _LEFT) * axis.fraction(value):.1f}"

    said = "; ".join(f"{bar.title} {bar.roca}" for bar in bars)
    height = bottom + _BOTTOM
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>',
        "<title>Spam filters compared: 1-ROCA% with 95% intervals</title>",
        f"<desc>{escape(said)}</desc>",
        f"<style>{_STYLE}</style>",
        f'<text x="{_LEFT}" y="18">1-ROCA %, smaller is better (95% interval)</text>',
    ]
    for tick in axis.ticks(at_most=8):
        at = x(tick)
        lines += [
            f'<line class="grid" x1="{at}" y1="{_TOP}" x2="{at}" y2="{bottom}"/>',
            f'<text x="{at}" y="{bottom + 18}" text-anchor="middle">{tick_label(tick)}</text>',
        ]
    for number, bar in enumerate(bars):
        y = _TOP + _ROW * number + _ROW // 2
        lines += [
            '<g class="ours">' if bar.ours else "<g>",
            f'<text x="{_LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(bar.title)}</text>',
            f'<line x1="{x(bar.roca.low)}" y1="{y}" x2="{x(bar.roca.high)}" y2="{y}"/>',
            f'<circle cx="{x(bar.roca.value)}" cy="{y}" r="5"/>',
            f'<text x="{_RIGHT + 14}" y="{y + 4}">{bar.roca.value:.3g}</text>',
            "</g>",
        ]
    note = f"{mails:,} mails, each judged, then learned; all filters began with nothing"
    lines += [f'<text x="{_LEFT}" y="{bottom + 42}">{note}</text>', "</svg>"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the results, and draw."""
    results = json.loads(SOURCE.read_text(encoding="utf-8"))
    bars = [
        Bar(
            about["title"],
            Interval(**about["measured"]["one_minus_roca_percent"]),
            name == Chaffinch.name,
        )
        for name, about in results["filters"].items()
    ]
    stream = results["stream"]
    CHART.write_text(svg(bars, stream["ham"] + stream["spam"]), encoding="utf-8")
    print(f"written to {CHART.relative_to(RESULTS.parent.parent)}")


if __name__ == "__main__":
    main()

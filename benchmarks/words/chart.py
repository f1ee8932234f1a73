"""Draw how well each rung of the ladder of words hears in noise."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import altair as alt

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import RESULTS
from styled import OTHERS, OURS, OURS_TOO, SOFT, styled
from words.noise import KINDS

from chaffinch.task import get_task

_COLOURS = (SOFT, OTHERS[3], OTHERS[1], OURS_TOO, OTHERS[0], OURS)
# Where "clean" stands on an axis of decibels, and steps of it.
_CLEAN, _STEP = 26.0, 5
_TITLES = {"one and two": "one, two", "ten digits": "ten digits"}


def noise_curve(results: dict[str, Any]) -> str:
    """Return the chart as SVG."""
    titles = {rung.name: rung.title for rung in get_task("words").ladder}
    rows = [
        {
            "rung": titles[one["rung"]],
            "words": _TITLES[one["words"]],
            "noise": one["noise"],
            "decibels": _CLEAN if one["decibels"] is None else one["decibels"],
            "right": one["right_percent"],
        }
        for one in results["noise"]
        if one["rung"] in titles
    ]
    shown = [title for title in titles.values() if any(row["rung"] == title for row in rows)]
    ticks = [*range(20, -6, -_STEP)]
    lines = (
        alt.Chart()
        .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=22), opacity=0.9)
        .encode(
            x=alt.X(
                "decibels:Q",
                title="signal-to-noise ratio, dB",
                scale=alt.Scale(domain=[_CLEAN + 1, -6]),
                axis=alt.Axis(
                    values=[_CLEAN, *ticks],
                    labelExpr=f"datum.value == {_CLEAN} ? 'clean' : datum.label",
                ),
            ),
            y=alt.Y("right:Q", title="right, %", scale=alt.Scale(domain=[0, 100])),
            color=alt.Color(
                "rung:N",
                scale=alt.Scale(domain=shown, range=list(_COLOURS[: len(shown)])),
                legend=alt.Legend(columns=3),
            ),
        )
    )
    guess = (
        alt.Chart()
        .transform_calculate(guess=f"datum.words == '{_TITLES['one and two']}' ? 50 : 10")
        .mark_line(color=SOFT, strokeDash=[4, 4], strokeWidth=1)
        .encode(x="decibels:Q", y="guess:Q")
    )
    chart = (
        alt.layer(guess, lines, data=alt.InlineData(values=rows))
        .properties(width=190, height=170)
        .facet(
            column=alt.Column("noise:N", sort=list(KINDS)),
            row=alt.Row("words:N", sort=list(_TITLES.values())),
            spacing=14,
        )
    )
    counts = {one["words"]: one["judged"] for one in results["noise"]}
    judged = " and ".join(str(counts[words]) for words in _TITLES)
    return styled(
        chart,
        "What noise does to each rung",
        "Free Spoken Digit Dataset, each of "
        f"{len(results['speakers'])} speakers judged by what learned the others, without noise.",
        f"{judged} recordings a point; dashed: guessing. "
        "In a room the ratio is that of the direct sound to its echoes.",
    )


def main() -> None:
    """Draw."""
    results = json.loads((RESULTS / "words_ladder.json").read_text(encoding="utf-8"))
    path = RESULTS / "words_ladder_noise.svg"
    path.write_text(noise_curve(results), encoding="utf-8")
    print(f"drawn to {path.relative_to(RESULTS.parent.parent)}")


if __name__ == "__main__":
    main()

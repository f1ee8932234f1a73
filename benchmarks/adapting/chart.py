"""Draw what the benchmarks of this folder wrote: one SVG for each, into the folder of results."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import altair as alt

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import RESULTS
from styled import OTHERS, OURS, OURS_TOO, SMALL, SOFT, styled

_GOAL = 95


def _colour(names: dict[str, str], columns: int = 0) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=list(names.values()))
    return alt.Color("way:N", scale=scale, legend=alt.Legend(columns=columns or len(names)))


def for_u(results: dict[str, Any]) -> str:
    """Draw what share of a rewritten campaign is caught, by flags given of each step."""
    named = {
        "committee of views": ("Chaffinch, verdict spam", "spam", OURS),
        "committee of views ": ("Chaffinch, put into junk", "junk as promised", OURS_TOO),
        "naive Bayes": ("naive Bayes", "spam", OTHERS[1]),
        "bogofilter": ("bogofilter", "spam", OTHERS[0]),
        "hand-written rules": ("hand-written rules", "spam", OTHERS[2]),
    }
    ways = results["streams"]["none"]["ways"]
    rows = [
        {
            "way": name,
            "step": f"{number}  {step}",
            "flags": flags,
            "caught": share["value"],
        }
        for key, (name, measure, _) in named.items()
        if key.strip() in ways
        for number, (step, told) in enumerate(ways[key.strip()]["steps"].items(), start=1)
        for flags, share in enumerate(told[measure]["percent_after_flags"])
    ]
    base = alt.Chart().encode(x=alt.X("flags:Q", title="flags of this step", axis=_whole(10)))
    lines = base.mark_line(
        strokeWidth=2.5, point=alt.OverlayMarkDef(size=22), clip=False, opacity=0.9
    ).encode(
        y=alt.Y(
            "caught:Q",
            title="of the campaign caught, %",
            scale=alt.Scale(domain=[0, 100]),
            axis=alt.Axis(tickCount=5),
        ),
        color=_colour({name: colour for name, _, colour in named.values()}),
    )
    goal = alt.Chart().mark_rule(color=SOFT, strokeDash=[4, 4]).encode(y=alt.datum(_GOAL))
    steps = sorted({str(row["step"]) for row in rows})
    chart = (
        alt.layer(goal, lines, data=alt.InlineData(values=rows))
        .properties(width=175, height=210)
        .facet(
            column=alt.Column("step:N", sort=steps, header=alt.Header(labelExpr=_two_lines())),
            spacing=14,
        )
    )
    ham = ways["committee of views"]["ham"]
    return styled(
        chart,
        "A campaign that is rewritten as it gets caught",
        "Each panel is what its sender writes next, after ten flags of the one before; "
        "mean of ten campaigns among SpamAssassin's mails; dashed: 95%.",
        f"Of {ham['spam']['ham']:,} ordinary ham that came meanwhile, "
        f"{ham['spam']['lost_to_it']} was judged spam because of the campaigns, "
        f"and {ham['junk as promised']['lost_to_it']} put into junk.",
    )


def _two_lines() -> str:
    """Return how a panel is named, broken where its name is long."""
    return (
        "replace(replace(datum.label, 'invisible and look-alike letters', 'look-alike letters'), "
        "'words split by hidden HTML', 'words split by HTML')"
    )


def _whole(most: int) -> alt.Axis:
    return alt.Axis(values=list(range(0, most + 1, 2)), grid=False)


def from_nothing(results: dict[str, Any]) -> str:
    """Draw P against the number of flags."""
    names = {
        "Chaffinch": ("Chaffinch, from nothing", OURS),
        "Chaffinch, with a starter": ("Chaffinch, with a starter", OURS_TOO),
        "bogofilter": ("bogofilter", OTHERS[0]),
        "SpamAssassin, Bayes only": ("SpamAssassin's Bayes, made to speak at once", OTHERS[1]),
        "SpamAssassin's Bayes as it comes": (
            "SpamAssassin's Bayes, silent before 200 + 200",
            OTHERS[2],
        ),
    }
    shuffles = list(results["shuffles"].values())
    told = results.get("mean", shuffles[0]["filters"])
    panels = (
        ("one_minus_roca_percent", "1-ROCA, %", 1.0, 0.02),
        ("accuracy", "accuracy, %", 100.0, None),
        ("ham_lost_percent", "ham judged spam, %", 1.0, None),
        ("spam_missed_percent", "spam judged ham, %", 1.0, None),
    )
    colour = _colour(dict(names.values()), columns=2)
    drawn = []
    for measure, title, percent, least in panels:
        rows = [
            {
                "way": names[key][0],
                "flags": row["flags"],
                "value": max(percent * row[measure]["value"], least or 0.0),
            }
            for key, series in told.items()
            if key in names
            for row in series
        ]
        scale = alt.Scale(zero=False, type="log" if least else "linear", nice=True)
        drawn.append(
            alt.Chart(alt.InlineData(values=rows))
            .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=28), opacity=0.9)
            .encode(
                x=alt.X(
                    "flags:Q",
                    title="flags given",
                    scale=alt.Scale(type="log"),
                    axis=alt.Axis(values=[1, 10, 100, 1000], grid=False, format=",d"),
                ),
                y=alt.Y(
                    "value:Q",
                    title=title,
                    scale=scale,
                    axis=_decades() if least else alt.Axis(tickCount=5, format=".0f"),
                ),
                color=colour,
            )
            .properties(width=400, height=230)
        )
    chart = alt.vconcat(
        alt.hconcat(drawn[0], drawn[1], spacing=40),
        alt.hconcat(drawn[2], drawn[3], spacing=40),
        spacing=30,
    )
    held, count = results["held_out"], len(shuffles)
    return styled(
        chart,
        "From the first flag to the thousandth",
        f"SpamAssassin's corpus; after so many flags the last {held:,} mails are judged, "
        f"and nothing of them is learned; {_mean_of(count)}.",
        "The starter is made of other mail: of what people see of Enron's, and of SMS.",
    )


def _mean_of(shuffles: int) -> str:
    return "one shuffle" if shuffles == 1 else f"mean of {shuffles} shuffles"


def feedback(results: dict[str, Any]) -> str:
    """Draw the learning curves by feedback, and what it comes to in the end."""
    colours = (OURS, OURS_TOO, OTHERS[1], OTHERS[3], OTHERS[0], OTHERS[2])
    panels = []
    for data, title in (("spamassassin", "mail"), ("sms", "SMS")):
        told = results["streams"][data]["flags"]
        names = dict(zip(told, colours, strict=True))
        colour = _colour(names, columns=3)
        curves = [
            {"way": name, "items": items, "value": value}
            for name, one in told.items()
            for items, value in one["curve"]
            if value > 0
        ]
        ends = [{"way": name, **one["one_minus_roca_percent"]} for name, one in told.items()]
        scale = alt.Scale(type="log", nice=True)
        lines = (
            alt.Chart(alt.InlineData(values=curves))
            .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=28), opacity=0.9)
            .encode(
                x=alt.X(
                    "items:Q",
                    title="items judged so far",
                    scale=alt.Scale(type="log", nice=False),
                    axis=alt.Axis(values=[50, 100, 200, 500, 1000, 2000, 5000], grid=False),
                ),
                y=alt.Y(
                    "value:Q",
                    title=f"{title}: 1-ROCA of them, %",
                    scale=scale,
                    axis=_decades(),
                ),
                color=colour,
            )
            .properties(width=420, height=240)
        )
        rows = alt.Chart(alt.InlineData(values=ends)).encode(
            y=alt.Y("way:N", sort=list(told), title=None, axis=alt.Axis(labelLimit=200)),
            color=colour,
        )
        spans = rows.mark_rule(strokeWidth=3).encode(
            x=alt.X("low:Q", title=f"{title}: 1-ROCA of all, %", scale=scale, axis=_decades()),
            x2="high:Q",
        )
        points = rows.mark_point(filled=True, size=90, opacity=1).encode(x="value:Q")
        goal = results["goal"] * told["clean, at once"]["one_minus_roca_percent"]["value"]
        line = alt.Chart(alt.InlineData(values=[{"goal": goal}])).mark_rule(
            color=SOFT, strokeDash=[4, 4]
        )
        panels.append(
            alt.hconcat(
                lines,
                (line.encode(x="goal:Q") + spans + points).properties(width=260, height=240),
                spacing=40,
            )
        )
    return styled(
        alt.vconcat(*panels, spacing=30),
        "Late, few and wrong flags",
        "Each item is judged before its flag comes; measured against the true labels.",
        f"Wrong flags: mean of {results['draws']} draws. Bars: 95% intervals; "
        f"dashed: {results['goal']:g} times the clean, the goal at 5%.",
    )


def year(results: dict[str, Any]) -> str:
    """Draw what each side has cost so far, and when a model was launched."""
    names = dict(zip(results["sides"], (OURS, OURS_TOO, OTHERS[0]), strict=True))
    rows = [
        {"way": name, "mails": at, "cost": cost}
        for name, side in results["sides"].items()
        for at, cost in side["curve"]
    ]
    marks = [
        {"mails": results["switch"], "told": "the source changes"},
        *({"mails": one["at"], "told": "launched"} for one in results["launches"]),
    ]
    x = alt.X("mails:Q", title="mails, each flagged once it was judged")
    lines = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(strokeWidth=2.5)
        .encode(x=x, y=alt.Y("cost:Q", title="cost so far"), color=_colour(names))
    )
    rules = (
        alt.Chart(alt.InlineData(values=marks)).mark_rule(color=SOFT, strokeDash=[4, 4]).encode(x=x)
    )
    words = [
        alt.Chart(alt.InlineData(values=some))
        .mark_text(align="right", dx=-5, color=SOFT, fontSize=SMALL)
        .encode(x=x, y=alt.value(height), text="told:N")
        for some, height in ((marks[:1], 12), (marks[1:], 30))
    ]
    return styled(
        alt.layer(lines, rules, *words).properties(width=640, height=320),
        "A frozen filter gets worse, one that adapts does not",
        "Enron, then the SpamAssassin corpus, visible text alone; a ham in junk costs 10, a spam "
        "that is not in junk 1.",
    )


def _decades() -> alt.Axis:
    return alt.Axis(values=[0.01, 0.1, 1, 10, 100], format="~g")


CHARTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "adapting_year": year,
    "adapting_for_u": for_u,
    "adapting_from_nothing": from_nothing,
    "adapting_feedback": feedback,
}


def drawn() -> Iterator[Path]:
    """Draw each chart whose results are there."""
    for name, draw in CHARTS.items():
        source = RESULTS / f"{name}.json"
        if source.exists():
            chart = source.with_suffix(".svg")
            chart.write_text(draw(json.loads(source.read_text(encoding="utf-8"))), encoding="utf-8")
            yield chart


def main() -> None:
    """Draw all."""
    for chart in drawn():
        print(f"written to {chart.relative_to(RESULTS.parent.parent)}")


if __name__ == "__main__":
    main()

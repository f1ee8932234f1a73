"""Results as people read them, in 80 columns."""

from __future__ import annotations

import math
import textwrap
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chaffinch.cli.common import console
from chaffinch.cli.tables import say
from chaffinch.explain.readable import counted
from chaffinch.scheme import Binary

if TYPE_CHECKING:
    from chaffinch.experience.flagging import Added
    from chaffinch.loop.without import Without
    from chaffinch.task import Task
    from chaffinch.types import Launch, Report

# Flags of others on which it can be measured what somebody's are worth.
_FEWEST = 100
# When an item is learned, under the protocols by which it is.
_LEARNS = {"immediate": "then", "delayed": "later"}


def show_learning(
    task: Task,
    added: Added,
    reports: Sequence[Report],
    launched: Launch | None,
    left_out: int,
    *,
    brief: bool = False,
) -> None:
    """Show what a training brought: performance, learning curves, and what was launched.

    In brief only what was launched. Where a model was brought back, also how many flags it leaves
    out.
    """
    from chaffinch.loop.trained import ELSEWHERE
    from chaffinch.performance.report import scoreboard

    out = console()
    held = f", {added.held:,} held for review" if added.held else ""
    new = counted(added.new, "new flag")
    out.print(f"{new}, {added.known:,} known, {added.changed:,} changed{held}")
    if launched is None:
        if left_out:
            say(f"Nothing to train, nothing to launch. {left_out_of(task, left_out)}")
        else:
            out.print("The live model has learned them all: nothing to train, nothing to launch.")
        return
    if not brief:
        out.print()
        out.print(scoreboard(reports))
        _show_known_before(reports)
        # The first calls everything one label: beside it all others would be flat.
        _show_curves(task, [one for one in reports[1:] if one.data != ELSEWHERE])
        out.print()
    show_launched(launched)
    if left_out:
        say(left_out_of(task, left_out))


def _show_known_before(reports: Sequence[Report]) -> None:
    """Say of what was trained on some of these items elsewhere what its row shows."""
    from chaffinch.loop.trained import ELSEWHERE

    most = max(report.n for report in reports if report.data != ELSEWHERE)
    for report in reports:
        if report.data == ELSEWHERE:
            say(
                f"{report.rung} was trained on all of these before. Its row, and what it promises, "
                f"is measured on {report.n:,} others: on what a twin said, trained without them."
            )
        elif report.n < most:
            say(f"{report.rung} was trained on some of these before: its row shows the others.")


def show_launched(launched: Launch) -> None:
    """Show what was launched, and why."""
    out = console()
    out.print(f"launched {launched.model}", markup=False)
    out.print(_indented(launched.reason), markup=False)


def left_out_of(task: Task, count: int) -> str:
    """Return what to say of flags that a model brought back leaves out."""
    them = "them" if count > 1 else "it"
    return (
        f"{counted(count, 'flag')} given while another model was live "
        f"{'are' if count > 1 else 'is'} left out, since this one was brought back: `chaffinch "
        f"learn {task.name} --afresh` learns {them}."
    )


def show_report(task: Task, report: Report, baseline: Report, *, skipped: int = 0) -> None:
    """Show one evaluation beside calling everything the negative label.

    Parameters
    ----------
    task : Task
        The task.
    report, baseline : Report
        The evaluation, and that of calling everything the negative label.
    skipped : int
        How many more were to be judged, and could not be used.
    """
    from chaffinch.cli.show_coverage import show_coverage
    from chaffinch.performance.report import scoreboard

    out = console()
    out.print(scoreboard([baseline, report]))
    if skipped:
        # Who cannot be judged may be the hard ones: no error stands without them being told.
        were = "was" if skipped == 1 else "were"
        say(
            f"{skipped:,} more {were} skipped and not judged: all of this is of the other "
            f"{report.n:,}."
        )
    for name, words in (
        ("lam_percent", "lam, logistic average of ham judged spam and spam missed"),
        ("spam_missed_percent_at_ham_lost_0_1", "spam missed where 0.1% of ham may be judged so"),
        ("spam_missed_percent_at_ham_lost_0_5", "spam missed where 0.5% of ham may be judged so"),
        ("calibration_error_percent", "error of the probabilities"),
    ):
        if name in report.metrics and math.isfinite(report.metrics[name].value):
            out.print(f"{words}: {report.metrics[name]}%", markup=False)
    _show_calibration(task, report)
    _show_confused(report)
    show_coverage(report)
    _show_curves(task, [report])


def _show_calibration(task: Task, report: Report) -> None:
    """Show what share of the items turned out to be positive, by the probability they were given.

    On the later half, with probabilities as a launched model gives them: calibrated on the earlier.
    """
    curve = report.extra.get("calibration")
    if not isinstance(curve, list) or not curve:
        return
    out = console()
    given, were = "given the chances", "right"
    if isinstance(task.scheme, Binary):
        given, were = f"given as {task.positive}", task.positive
    out.print(f"\n{given:<17} were {were}, with 95% interval", markup=False)
    for one in curve:
        given = f"{100 * one['low']:.4g}–{100 * one['high']:.4g}%"
        were, low, high = (100 * one["were"][name] for name in ("value", "low", "high"))
        said = f"{were:5.1f}% [{low:.1f}–{high:.1f}] of {one['items']:,}"
        out.print(f"  {given:<15} {said}", markup=False)
    out.print("  of the later half of the items; by the earlier half the chances are calibrated")


def _show_confused(report: Report) -> None:
    """Show which labels are most often mistaken for which."""
    confused = report.extra.get("confused")
    if isinstance(confused, list) and confused:
        pairs = ", ".join(f"{truth} as {given} {times}×" for truth, given, times in confused[:6])
        console().print(f"\nread wrongly: {pairs}", markup=False)


def show_without(names: Sequence[str], found: Without) -> None:
    """Show P with and without the flags of some people, and the difference."""
    from chaffinch.loop.watch import named
    from chaffinch.performance.report import scoreboard

    who = " and ".join(map(named, names))
    arms = [replace(found.learned, rung="with"), replace(found.left_out, rung="without")]
    out = console()
    out.print(
        f"{found.learned.n:,} flags of others, judged with and without {found.flags:,} by {who}",
        markup=False,
    )
    out.print(scoreboard(arms))
    if found.learned.n < _FEWEST:
        say(f"So few prove nothing: {_FEWEST} flags of others begin to.")
    out.print("with them higher by, in percent, on the same items [95% interval]:")
    for name, words in (
        ("ham_lost_percent", "ham judged spam"),
        ("spam_missed_percent", "spam missed"),
        ("one_minus_roca_percent", "1-ROCA"),
        ("error_percent", "errors"),
    ):
        difference = found.differences.get(name)
        if difference is None:
            continue
        told = "not defined" if math.isnan(difference.value) else str(difference)
        out.print(f"    {words:<15} {told}", markup=False)


def _show_curves(task: Task, reports: Sequence[Report]) -> None:
    """Draw what was learned along the way, and say of how many items each point is."""
    from chaffinch.performance.charts import MOST_SERIES, line_chart
    from chaffinch.performance.curve import windows

    drawn = [one for one in reports if len(one.curve) > 1 and one.protocol in _LEARNS]
    if not drawn:
        return
    drawn = drawn[-MOST_SERIES:]
    behind = windows(drawn[-1].curve)
    # Of several the intervals would hide each other.
    alone = [errors for _, _, errors in behind] if len(drawn) == 1 else []
    ends = [end for end, _, _ in behind]
    out = console()
    out.print()
    out.print(
        line_chart(
            {report.rung: report.curve for report in drawn},
            bounds=[
                list(zip(ends, bound, strict=True))
                for bound in ([one.low for one in alone], [one.high for one in alone])
                if bound
            ],
            height=20,
            y_label="errors %: performance P against experience E",
            x_label=f"{task.name} judged, each {_LEARNS[drawn[-1].protocol]} learned",
        ),
        markup=False,
    )
    interval = "; the lines without a mark are the 95% interval" if alone else ""
    say(
        f"Each point is of the items since the one before: {behind[0][1]:,} at first, "
        f"{behind[-1][1]:,} at last{interval}."
    )


def _indented(text: str) -> str:
    return textwrap.fill(text, 78, initial_indent="  ", subsequent_indent="  ")


def show_launches(
    task: Task, history: Sequence[Launch], kept: Collection[str], refused: int, out: int
) -> None:
    """Show what was live when, newest first, what the live one leaves out, and who was refused."""
    from chaffinch.loop.rollback import way_to_starter

    screen = console()
    if not history:
        screen.print(f"no model of {task.name} was launched yet", markup=False)
    for number, launch in enumerate(history):
        when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(launch.launched))
        live = "  (live)" if number == 0 else ""
        gone = "" if launch.model in kept else "  (no longer kept)"
        screen.print(f"{when}  {launch.model}{live}{gone}", markup=False, soft_wrap=True)
        screen.print(_indented(launch.reason), markup=False)
        if number == 0 and out:
            screen.print(_indented(left_out_of(task, out)), markup=False)
    if history and (way := way_to_starter(task, history[0])):
        say(f"{way[0].upper()}{way[1:]}.")
    if refused:
        were = "challengers were" if refused > 1 else "challenger was"
        screen.print(f"{refused} {were} refused: chaffinch adapt {task.name} --list", markup=False)

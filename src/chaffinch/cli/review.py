"""The verb that decides what becomes of doubtful flags: review."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chaffinch.cli.common import Json, Owner, TaskName, console, print_json
from chaffinch.cli.tables import day, new_table, say, texts
from chaffinch.explain.readable import counted, ending, short_id
from chaffinch.scheme import Binary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.table import Table

    from chaffinch.experience.store import Experience
    from chaffinch.loop.review import Doubted, Flagger, Overview
    from chaffinch.task import Task
    from chaffinch.types import Flag, Launch

# Letters of a flagger's name, and of an item's, that are shown.
_NAME, _ITEM_NAME = 20, 24
_MOST_FLAGGERS = 30


def review(
    task: TaskName,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", help="Learn the held flag on this item.", metavar="ID"),
    ] = None,
    reject: Annotated[
        list[str] | None,
        typer.Option("--reject", help="Put the held flag on this item away.", metavar="ID"),
    ] = None,
    trust: Annotated[
        list[str] | None,
        typer.Option("--trust", help="Hold this flagger's flags no longer.", metavar="NAME"),
    ] = None,
    distrust: Annotated[
        list[str] | None,
        typer.Option("--distrust", help="Hold all flags of this flagger.", metavar="NAME"),
    ] = None,
    owner: Owner = "",
    json: Json = False,
) -> None:
    """Show how far flaggers are to be trusted and which flags may be wrong; decide what is held.

    A held flag is stored, but no model learns it. The flags of a flagger are held where they
    contradict what all others have taught so often that neither chance nor honest mistakes explain
    it. Every option can be given more than once.

    Example: chaffinch review mail --accept 52f75c8e8668 --distrust mallory

    Example: chaffinch review digits --reject 52f75c8e8668
    """
    from chaffinch.errors import UsageError
    from chaffinch.experience.store import Experience
    from chaffinch.loop.flag import keep_up
    from chaffinch.loop.review import check_flaggers, overview
    from chaffinch.task import get_task

    what = get_task(task)
    both = set(trust or ()) & set(distrust or ())
    if both:
        raise UsageError(f"--trust and --distrust {', '.join(sorted(both))}: give one of them")
    decides = bool(accept or reject or trust or distrust)
    with Experience.open() if decides else Experience.look() as experience:
        if not decides:
            told = overview(what, experience)
            if json:
                print_json(_as_json(what, told))
            else:
                _show(what, told)
            return
        check_flaggers(what, experience, [*(trust or ()), *(distrust or ())])
        done = _decide(
            experience, task, accept or (), reject or (), trust or (), distrust or (), owner
        )
        launched = keep_up(what, experience)
    _tell(done, launched, json=json)


def _decide(
    experience: Experience,
    task: str,
    accept: Iterable[str],
    reject: Iterable[str],
    trust: Iterable[str],
    distrust: Iterable[str],
    owner: str,
) -> dict[str, Any]:
    """Decide, and return what was done."""
    store = experience.review

    def each(act: Callable[..., list[Flag]], prefixes: Iterable[str]) -> list[dict[str, object]]:
        flags = act(task, list(prefixes), owner=owner or None)
        return [{"item": one.item, "label": one.label, "by": one.by} for one in flags]

    return {
        "accepted": each(store.accept, accept),
        "rejected": each(store.reject, reject),
        "trusted": {name: store.trust(task, name, "trusted by hand") for name in trust},
        "distrusted": {name: store.distrust(task, name, "distrusted by hand") for name in distrust},
    }


def _tell(done: dict[str, Any], launched: Launch | None, *, json: bool) -> None:
    if json:
        print_json({**done, "launched": launched.model if launched else None})
        return
    from chaffinch.cli.show import show_launched
    from chaffinch.loop.watch import named

    out = console()
    for what in ("accepted", "rejected"):
        for flag in done[what]:
            said = f"{flag['item']}  {flag['label']} by {named(flag['by'])}: {what}"
            out.print(said, markup=False, soft_wrap=True)
    for name, count in done["trusted"].items():
        again = f"{counted(count, 'held flag')} {'is' if count == 1 else 'are'} given again"
        say(f"{named(name)} is trusted: {again}.")
    for name, count in done["distrusted"].items():
        held = f"{counted(count, 'flag')} that stood {'is' if count == 1 else 'are'} held"
        say(f"{named(name)} is not trusted: {held}, and all to come.")
    if launched:
        show_launched(launched)


def _show(task: Task, told: Overview) -> None:
    if not told.flaggers:
        say(f"Nobody has flagged any {task.name} yet.")
        return
    console().print(_flaggers_table(told))
    say(
        "Trust: the share of flags looked at that do not go against the model, as if one more did "
        "and one more did not, so that a few prove little."
    )
    if len(told.flaggers) > _MOST_FLAGGERS:
        say(f"{len(told.flaggers) - _MOST_FLAGGERS:,} more are trusted more.")
    _show_decisions(told)
    if told.held:
        console().print(_doubts_table(task, told.held, "held for review", "now"))
        if told.held_count > len(told.held):
            say(f"These are the newest of {told.held_count:,} held flags.")
        say(
            f"`chaffinch review {task.name} --accept ID` learns one, --reject ID puts it away, "
            "--trust NAME takes all of somebody's flags back in."
        )
    else:
        say("No flag is held for review.")
    if told.likely_wrong:
        title = "learned, but likely wrong: the likeliest first"
        console().print(_doubts_table(task, told.likely_wrong, title, "before"))
        of = task.positive if isinstance(task.scheme, Binary) else "what the model said"
        say(
            f"{counted(told.wrong_count, 'flag')} against what the model was sure of before. Most "
            "such are mistakes, some the first of something new: flag again what is wrong. "
            f"p: probability of {of}."
        )


def _show_decisions(told: Overview) -> None:
    from chaffinch.loop.watch import named

    for one in told.flaggers[:_MOST_FLAGGERS]:
        if one.decision is not None:
            what = "not trusted" if one.decision.held else "trusted"
            since = day(one.decision.decided)
            say(f"{named(one.by)}: {what} since {since}: {one.decision.reason}.")


def _flaggers_table(told: Overview) -> Table:
    table = new_table("flaggers: the least trusted first")
    table.add_column("flagger")
    for name in ("flags", "held", "looked\nat", "against the\nmodel", "trust %"):
        table.add_column(name, justify="right")
    table.add_column("95% interval")
    for one in told.flaggers[:_MOST_FLAGGERS]:
        trust = one.standing.trust
        table.add_row(
            *texts(
                _cut(one.by),
                f"{one.flags:,}",
                f"{one.held:,}" if one.held else "",
                f"{one.standing.flags:,}",
                f"{one.standing.contradicted:,}",
                f"{100 * trust.value:.0f}" if one.standing.flags else "–",
                f"{100 * trust.low:.0f}–{100 * trust.high:.0f}" if one.standing.flags else "",
            )
        )
    return table


def _doubts_table(task: Task, doubts: Iterable[Doubted], title: str, when: str) -> Table:
    two = isinstance(task.scheme, Binary)
    table = new_table(title, expand=task.medium is None)
    table.add_column("item")
    table.add_column("flag")
    table.add_column("by", no_wrap=True)
    if not two:
        table.add_column(f"model said\n{when}")
    table.add_column(f"p\n{when}", justify="right")
    # Of what is no text there are no words to show.
    table.add_column("what it is" if task.medium is None else "", no_wrap=True, ratio=1)
    for one in doubts:
        flag = one.flag
        of = f" (of {flag.owner})" if flag.owner else ""
        said = () if two else (one.said,)
        p = f"{one.probability:.3f}"
        what = ending(one.name, _ITEM_NAME) or one.title
        table.add_row(*texts(short_id(flag.item), flag.label, _cut(flag.by), *said, p, what + of))
    return table


def _cut(name: str) -> str:
    from chaffinch.loop.watch import named

    shown = named(name)
    return shown if len(shown) <= _NAME else f"{shown[: _NAME - 1]}…"


def _as_json(task: Task, told: Overview) -> dict[str, object]:
    return {
        "task": task.name,
        "flaggers": [_flagger_as_json(one) for one in told.flaggers],
        "held": [_doubted_as_json(one) for one in told.held],
        "held_count": told.held_count,
        "likely_wrong": [_doubted_as_json(one) for one in told.likely_wrong],
        "likely_wrong_count": told.wrong_count,
    }


def _flagger_as_json(one: Flagger) -> dict[str, object]:
    return {
        "by": one.by,
        "flags": one.flags,
        "held": one.held,
        "looked_at": one.standing.flags,
        "contradicted": one.standing.contradicted,
        "trust": asdict(one.standing.trust),
        "decision": asdict(one.decision) if one.decision else None,
    }


def _doubted_as_json(one: Doubted) -> dict[str, object]:
    said = {"said": one.said} if one.said else {}
    told = {"name": one.name, "title": one.title, "probability": one.probability}
    flag = asdict(one.flag)
    del flag["known"]  # which is told of a flag when it is given
    return {**flag, **told} | said

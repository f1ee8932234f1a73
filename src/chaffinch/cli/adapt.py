"""The verb that keeps up with the world: adapt."""

from __future__ import annotations

import os
import signal
from dataclasses import asdict
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import Json, note, print_json, progress_bar
from chaffinch.task import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaffinch.errors import ChaffinchError
    from chaffinch.experience.store import Experience
    from chaffinch.types import Adaptation

# Mail that is judged comes first.
_NICE = 15


def adapt(
    tasks: Annotated[
        list[str] | None,
        typer.Argument(help=f"Tasks: {' or '.join(TASKS)}; by default all.", metavar="[TASK]..."),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on looking until it is stopped: as a service.")
    ] = False,
    every: Annotated[
        float, typer.Option("--every", help="Seconds between two looks, with --watch.", min=0.1)
    ] = 60.0,
    now: Annotated[
        bool, typer.Option("--now", help="Try a new model, whatever was or was not noticed.")
    ] = False,
    list_: Annotated[
        bool, typer.Option("--list", help="Show what was noticed when, and what came of it.")
    ] = False,
    json: Json = False,
) -> None:
    """Notice that the world has changed, train, prove and launch a new model, or say why not.

    It looks at what was flagged and judged since it last tried a model: whether mistakes become
    more, items are of another kind, words and phrases rise, or much was learned. Where something
    calls for it, models are trained in other ways beside the live one, and judged on the newest
    flags before they learn them. One is launched only if it costs less than the live one beyond
    doubt, of two labels no more ham is lost to it, and the hand-written rules do no better. It runs
    at low priority; killed, it goes on where it was.

    With --json, one object a line for each round.

    Example: chaffinch adapt mail --watch

    Example: chaffinch adapt digits --now
    """
    from chaffinch.cli.show_adapt import show_round, show_rounds
    from chaffinch.errors import UsageError
    from chaffinch.experience.store import Experience
    from chaffinch.task import get_task

    names = [get_task(name).name for name in tasks or TASKS]
    if watch + now + list_ > 1:
        raise UsageError("--watch, --now and --list exclude each other: give one")
    if list_:
        with Experience.look() as experience:
            rounds = {name: experience.adaptations.all(name) for name in names}
        if json:
            print_json([asdict(one) for done in rounds.values() for one in done])
        else:
            show_rounds(rounds)
        return
    os.nice(_NICE)
    done = _watched(names, every) if watch else _once(names, now=now)
    for name, one in done:
        if json:
            import json as json_

            told = asdict(one) if one else {"task": name, "outcome": "nothing"}
            print(json_.dumps(told, ensure_ascii=False))
        else:
            show_round(name, one)


def _once(names: list[str], *, now: bool) -> Iterator[tuple[str, Adaptation | None]]:
    from chaffinch.experience.store import Experience
    from chaffinch.loop.lock import adapting_turn

    with Experience.open() as experience, adapting_turn(experience.home):
        for name in names:
            yield name, _round(name, experience, now=now)


def _round(name: str, experience: Experience, *, now: bool) -> Adaptation | None:
    from chaffinch.loop.adapt import adapt as adapted
    from chaffinch.task import get_task

    with progress_bar() as bar:

        def begins(part: str) -> None:
            for done in bar.task_ids:
                bar.remove_task(done)
            bar.add_task(part, total=None)

        def progress(judged: int, total: int) -> None:
            bar.update(bar.task_ids[-1], completed=judged, total=total)

        return adapted(get_task(name), experience, asked=now, progress=progress, begins=begins)


def _watched(names: list[str], every: float) -> Iterator[tuple[str, Adaptation]]:
    from chaffinch.loop.adapt import watch
    from chaffinch.settings import home_folder

    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())

    def wait() -> bool:
        # By a clock that nobody can set.
        return not stopped.wait(every)

    def begun() -> None:
        note(f"adapting {', '.join(names)}: a look every {every:g} seconds")

    def failed(error: ChaffinchError) -> None:
        note(f"{error}: tried again later")

    for one in watch(names, home_folder(), wait=wait, failed=failed, begun=begun):
        yield one.task, one

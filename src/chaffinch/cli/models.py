"""The verb that says which model is live: launch."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import typer

from chaffinch.cli.common import Json, TaskName, print_json


def launch(
    task: TaskName,
    list_: Annotated[
        bool, typer.Option("--list", help="Show what was live when, and why.")
    ] = False,
    rollback: Annotated[
        bool,
        typer.Option(
            "--rollback",
            help="Bring back the champion before the present one, without flags that were taken "
            "back or changed since; before the first, the starter. One that was only made again "
            "without such flags is stepped over. Flags given in between stay out, until `chaffinch "
            "learn TASK --afresh` trains on all again.",
        ),
    ] = False,
    rung: Annotated[
        str | None,
        typer.Option("--rung", help="Launch this rung of the ladder, whether or not it is proven."),
    ] = None,
    json: Json = False,
) -> None:
    """Bring the ladder up to the experience and launch the rung that proved itself.

    Example: chaffinch launch mail --list

    Example: chaffinch launch digits --rung svm

    Example: chaffinch launch mail --rollback
    """
    from chaffinch.cli.show import left_out_of, show_launched, show_launches
    from chaffinch.cli.tables import say
    from chaffinch.errors import ModelError, UsageError
    from chaffinch.experience.store import Experience
    from chaffinch.loop.launch import Choice, never_said
    from chaffinch.loop.launch import launch as make_champion
    from chaffinch.loop.lock import training_turn
    from chaffinch.loop.rollback import roll_back
    from chaffinch.loop.train import left_out
    from chaffinch.loop.watch import train_trusted
    from chaffinch.task import get_task

    if list_ + rollback + (rung is not None) > 1:
        raise UsageError("--list, --rollback and --rung exclude each other: give one")
    what = get_task(task)
    wanted = what.rung(rung) if rung else None
    if wanted:
        wanted.require()
        what = what.asking(wanted.name)
    with Experience.look() if list_ else Experience.open() as experience:
        if list_:
            history, out = experience.launches.all(task), 0
            with suppress(ModelError):  # also of a damaged one it is told when it was live
                out = left_out(what, experience)
            if json:
                live = [{**asdict(one), "left_out": out} for one in history[:1]]
                print_json([*live, *(asdict(one) for one in history[1:])])
            else:
                rounds = experience.adaptations.all(task)
                refused = sum(one.outcome == "refused" for one in rounds)
                show_launches(what, history, experience.models.kept(), refused, out)
            return
        if rollback:
            launched = roll_back(what, experience)
        else:
            with training_turn(experience.home):
                trained, choice, _ = train_trusted(what, experience)
                if wanted:
                    (one,) = (one for one in trained if one.rung is wanted)
                    said = filter(None, ["launched by hand", never_said(trained, one)])
                    choice = Choice(one, f"{wanted.title}: {'; '.join(said)}")
                launched = make_champion(what, experience, trained, choice, {})
        out = left_out(what, experience)
    if json:
        print_json({**asdict(launched), "left_out": out})
        return
    show_launched(launched)
    if out:
        say(left_out_of(what, out))

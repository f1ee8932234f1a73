"""The verb that measures what would be judged: evaluate."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import (
    Format,
    Json,
    Labels,
    Owner,
    SkippedRecords,
    TaskName,
    no_stdout,
    note,
    open_sources,
    print_json,
    progress_bar,
    shown_in,
    total_of,
)

if TYPE_CHECKING:
    from chaffinch.performance.progressive import Run
    from chaffinch.task import Rung, Task
    from chaffinch.types import Example, Item

# Items by which it is told whether the starter model has seen a stream.
_LOOKED_AT = 500


def evaluate(
    task: TaskName,
    data: Annotated[
        list[str] | None,
        typer.Argument(
            help="Labelled data: a path, or a public data set's name.", metavar="DATA..."
        ),
    ] = None,
    label: Labels = None,
    owner: Owner = "",
    protocol: Annotated[
        str,
        typer.Option(
            "--protocol",
            help="When a label is learned: immediate (once judged), delayed (--delay items later), "
            "batch (the first half or --train before, nothing later), frozen (never: the launched "
            "model judges).",
        ),
    ] = "immediate",
    delay: Annotated[
        int, typer.Option("--delay", help="Items that a flag comes late, for delayed.", min=0)
    ] = 100,
    train: Annotated[
        str | None,
        typer.Option("--train", help="Labelled data to learn before judging.", metavar="DATA"),
    ] = None,
    no_starter: Annotated[
        bool,
        typer.Option("--no-starter", help="Begin from nothing, without the starter model."),
    ] = False,
    rung: Annotated[
        str | None,
        typer.Option("--rung", help="The rung of the ladder to evaluate; by default the highest."),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            "--scores",
            callback=no_stdout,
            help="Write true label, verdict, score and id of each item judged here.",
        ),
    ] = None,
    without_flagger: Annotated[
        list[str] | None,
        typer.Option(
            "--without-flagger",
            help="Go over the experience with and without this flagger's flags; can be repeated.",
            metavar="NAME",
        ),
    ] = None,
    format_: Format = None,
    json: Json = False,
) -> None:
    """Measure performance P on labelled items, each judged before its label is learned.

    Nothing is stored and no model changes: this begins from the starter model and goes through the
    data in order of arrival, or judges it with the launched model under --protocol frozen. Of data
    with a training and a test part, such as MNIST, it judges the test part, and --train learns the
    training part; mnist:train names the other. Data that the starter was made from is begun from
    nothing. What cannot be judged, such as a picture of several signs, is skipped and counted, and
    the error is of the others. With --without-flagger no data is named:
    it judges what others have flagged, once with and once without that flagger's flags learned.

    Example: chaffinch evaluate mail spamassassin --scores scores.tsv

    Example: chaffinch evaluate digits mnist --protocol frozen
    """
    from chaffinch.cli.show import show_report
    from chaffinch.errors import UsageError
    from chaffinch.experience.gather import gather
    from chaffinch.loop.evaluate import baseline as simplest
    from chaffinch.loop.evaluate import evaluate as measured
    from chaffinch.performance.report import to_json
    from chaffinch.performance.scores import ScoresWriter
    from chaffinch.task import get_task

    what = get_task(task)
    if protocol == "frozen" and (train or rung or no_starter):
        raise UsageError(
            "--protocol frozen judges with the launched model: leave --train, --rung and "
            "--no-starter away"
        )
    if without_flagger:
        if data or label or train or scores or protocol != "immediate":
            raise UsageError(
                "--without-flagger goes over the experience: name no data, and give --rung and "
                "--no-starter at most"
            )
        step = what.rung(rung) if rung else what.ladder[-1]
        _without(what, without_flagger, step, starter=not no_starter, json=json)
        return
    if rung:
        what.rung(rung).require()
    sources = open_sources(what, data or [], label, format_, part="test")
    before = open_sources(what, [train], None, format_) if train else []
    with ExitStack() as stack:
        skipped = stack.enter_context(SkippedRecords())
        not_learned = stack.enter_context(SkippedRecords())
        examples = gather(what, sources, owner=owner, skipped=skipped)
        head = list(islice(examples, _LOOKED_AT))
        items = [example.item for example in head]
        run, model = _begin(what, protocol, rung, items, starter=not no_starter)
        writer = stack.enter_context(ScoresWriter(scores)) if scores else None
        bar = stack.enter_context(progress_bar())

        def judged(example: Example) -> None:
            if writer is not None:
                writer.write(example.label, run.guesses[-1], run.scores[-1], _field(example))

        learned = gather(what, before, owner=owner, skipped=not_learned)
        report = measured(
            what,
            run,
            shown_in(bar, "judging", chain(head, examples), total_of(sources)),
            protocol=protocol,
            delay=delay,
            train=shown_in(bar, "learning", learned, None) if before else None,
            data=", ".join([*(data or ()), *(label or ())]),
            model=model,
            judged=judged,
        )
    baseline = simplest(what, run.truth, protocol=protocol, data=report.data)
    if json:
        print_json({**to_json(report), "skipped": skipped.count + not_learned.count})
    else:
        show_report(what, report, baseline, skipped=skipped.count)


def _without(task: Task, names: list[str], rung: Rung, *, starter: bool, json: bool) -> None:
    """Measure with and without the flags of some people, and show both."""
    from chaffinch.cli.show import show_without
    from chaffinch.experience.store import Experience
    from chaffinch.loop.review import check_flaggers
    from chaffinch.loop.without import Without, without
    from chaffinch.performance.report import to_json

    with Experience.look() as experience, progress_bar() as bar:
        check_flaggers(task, experience, names)
        total = sum(experience.log.count(task.name).values())
        passed = without(task, experience, names, rung, starter=starter)
        (found,) = (
            one for one in shown_in(bar, "judging", passed, total) if isinstance(one, Without)
        )
    if json:
        higher = {name: asdict(one) for name, one in found.differences.items()}
        print_json(
            {
                "without": names,
                "flags": found.flags,
                "learned": to_json(replace(found.learned, extra={"higher_by": higher})),
                "left_out": to_json(found.left_out),
            }
        )
    else:
        show_without(names, found)


def _field(example: Example) -> str:
    """Return what to call an example in a scores file: its name, where that fits."""
    name = example.name
    return name if name.isprintable() and 0 < len(name) <= 250 else example.item.id


def _begin(
    task: Task, protocol: str, rung: str | None, items: list[Item], *, starter: bool
) -> tuple[Run, str]:
    """Return what judges, and its model's id; say so where it has seen the first items before."""
    from chaffinch.performance.progressive import Run

    if protocol == "frozen":
        from chaffinch.predictor import Predictor

        with Predictor.load(task.name) as predictor:
            if _has_learned(task, predictor.rung, items):
                note(f"{predictor.model} has learned such items: how it judges them proves nothing")
            return Run(predictor.rung, predictor.learner, predictor.policy), predictor.model
    step = task.rung(rung) if rung else task.ladder[-1]
    if not starter or step.starter is None:
        return Run(step, step.start()), ""
    learner, begun = step.begin(item.id for item in items)
    if not begun:
        note(f"the starter model of {task.name} was made from such data: begun from nothing")
    return Run(step, learner), begun


def _has_learned(task: Task, rung: Rung, items: list[Item]) -> bool:
    """Return whether the model on a rung has learned these items, here or where its starter did."""
    from chaffinch.experience.store import Experience

    with Experience.look() as experience:
        flagged = set(experience.log.item_ids(task.name))
    if not flagged.isdisjoint(item.id for item in items):
        return True
    starter = rung.read_starter()
    # A starter is left out of a model where it knows what was flagged here.
    return rung.knows(items) and (starter is None or not starter.knows(flagged))

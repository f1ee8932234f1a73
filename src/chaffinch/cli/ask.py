"""The verb that asks people for the flags that would teach most: ask."""

from __future__ import annotations

import getpass
import sys
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import Json, TaskName, at_terminal, print_json
from chaffinch.explain.readable import printable

if TYPE_CHECKING:
    from collections.abc import Collection

    from chaffinch.explain.ask import Asked
    from chaffinch.task import Task

# Letters of an answer that are looked at, and labels whose keys are told.
_LONGEST, _MOST_KEYS = 64, 12


def ask(
    task: TaskName,
    most: Annotated[
        int, typer.Option("--most", help="How many items to ask for at most.", min=1, max=100)
    ] = 5,
    answer: Annotated[
        bool,
        typer.Option("--answer", help="Answer at once, by a key each; Ctrl-C ends it."),
    ] = False,
    json: Json = False,
) -> None:
    """Ask for the flags that would teach the live model most.

    It asks for items that were judged and never flagged, and that the model is not sure of: such
    as stand for many, and are unlike each other. With --answer a label is given by the shortest
    beginning that tells it from the others; where there are many labels, what is none of them is
    flagged "none" by the key -, and learned as such.

    Example: chaffinch ask mail --answer

    Example: chaffinch ask digits --most 20
    """
    from chaffinch.cli.show_ask import show_asked
    from chaffinch.errors import UsageError
    from chaffinch.experience.store import Experience
    from chaffinch.explain.ask import as_json
    from chaffinch.explain.ask import ask as asked_by
    from chaffinch.task import get_task

    if answer and json:
        raise UsageError("--answer talks with a person, --json with a program: leave one away")
    if answer and not at_terminal():
        raise UsageError(
            f"--answer reads keys from a terminal, and stdin is none: leave it away, and answer by "
            f"`chaffinch flag {task}`"
        )
    what = get_task(task)
    with Experience.look() as experience:
        asked = asked_by(what, experience, most=most)
    if json:
        print_json(as_json(what, asked))
    elif answer:
        _answered(what, asked)
    else:
        show_asked(what, asked)


def _answered(task: Task, asked: Asked) -> None:
    """Show one question after another, and flag what was answered."""
    from chaffinch.cli.show_ask import show_head, show_question
    from chaffinch.cli.tables import say
    from chaffinch.loop.flag import flag
    from chaffinch.loop.labels import NONE
    from chaffinch.settings import home_folder

    show_head(task, asked)
    given = 0
    try:
        for number, question in enumerate(asked.questions, start=1):
            show_question(task, number, question)
            label = _label(task, asked.flags)
            if label is None:
                break
            if label:
                flag(
                    task,
                    question.item,
                    label,
                    home=home_folder(),
                    by=getpass.getuser(),
                    door="ask",
                    new=label == NONE,
                )
                given += 1
    except KeyboardInterrupt:
        print()
    if asked.questions:
        flags = "1 flag was" if given == 1 else f"{given} flags were"
        say(f"{flags} given. `chaffinch ask {task.name}` asks for the next.")


def _label(task: Task, known: Collection[str]) -> str | None:
    """Ask until there is an answer: a label, an empty string to skip, None to end."""
    from chaffinch.loop.labels import NONE

    keys = keys_of(known)
    choices: dict[str, str | None] = {"": "", "skip": "", "q": None, "quit": None}
    if task.scheme.is_open:
        choices["-"] = NONE
    choices |= {label: label for label in known} | {key: label for label, key in keys.items()}
    while True:
        print(_prompt(task, keys), end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            print()
            return None
        said = line.strip()[:_LONGEST]
        # Labels that people made up may differ in nothing but capitals.
        for key in (said, said.lower()):
            if key in choices:
                print()
                return choices[key]
        if task.scheme.is_open:
            print(f"   {said!r} is no label yet: `chaffinch flag {task.name} --new` begins one.")


def keys_of(labels: Collection[str]) -> dict[str, str]:
    """Return by which key each label is given: its shortest beginning that no other one shares.

    Examples
    --------
    >>> keys_of(["ham", "spam"]), keys_of(["six", "seven", "on", "once"])
    ({'ham': 'h', 'spam': 's'}, {'six': 'si', 'seven': 'se', 'on': 'on', 'once': 'onc'})
    """
    taken = [*labels, "q", "-"]
    return {
        label: next(
            label[:size]
            for size in range(1, len(label) + 1)
            if size == len(label)
            or not any(one != label and one.startswith(label[:size]) for one in taken)
        )
        for label in labels
    }


def _prompt(task: Task, keys: dict[str, str]) -> str:
    # Of two the one that is looked for comes first.
    labels = list(keys) if task.scheme.is_open else list(reversed(keys))
    told = [
        label if key == label else f"{key} for {label}"
        for label, key in ((label, keys[label]) for label in labels[:_MOST_KEYS])
    ]
    if len(labels) > _MOST_KEYS:
        told.append("or another label")
    if task.scheme.is_open:
        told.append("- for none of these")
    said = ", ".join([*told, "Enter to skip", "q to quit:"])
    indent = " " * 3
    return textwrap.fill(printable(said), 79, initial_indent=indent, subsequent_indent=indent) + " "

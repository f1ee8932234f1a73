"""The verbs about the experience itself: export and verify."""

from __future__ import annotations

import json as json_
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import Json, TaskName, console, note, or_stdout, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from chaffinch.types import Example


def export(
    task: TaskName,
    out: Annotated[
        Path | None,
        typer.Argument(
            help="File to write; - or nothing for stdout.", metavar="FILE", callback=or_stdout
        ),
    ] = None,
) -> None:
    """Write all flagged items as JSON lines, which learn and evaluate read.

    Each line holds id, label, owner, received, source (what images and recordings were called) and
    raw: the item byte for byte, held as Latin-1.

    Example: chaffinch export mail experience.jsonl

    Example: chaffinch export digits experience.jsonl
    """
    from chaffinch.experience.store import Experience
    from chaffinch.task import get_task
    from chaffinch.whole import refused, written_whole

    get_task(task)
    with Experience.look() as experience:
        if out is None:
            _write(experience.examples(task, given=True), sys.stdout.buffer)
            sys.stdout.flush()
            return
        with written_whole(out, private=True) as file:
            try:
                count = _write(experience.examples(task, given=True), file)
            except OSError as error:
                raise refused(out, error) from error
    note(f"{count} items written to {out}")


def _write(examples: Iterator[Example], file: BinaryIO) -> int:
    count = 0
    for example in examples:
        count += 1
        item = example.item
        record = {
            "id": item.id,
            "label": example.label,
            "owner": item.owner,
            "received": item.received,
            "source": item.source,
            "raw": item.data.decode("latin-1"),
        }
        file.write(json_.dumps(record).encode() + b"\n")
    return count


def verify(json: Json = False) -> None:
    """Check every item, flag, model and launch; exit with 4 if anything is wrong.

    Example: chaffinch verify
    """
    from chaffinch.errors import ExperienceError
    from chaffinch.experience.store import Experience

    with Experience.look() as experience:
        problems = list(experience.verify())
        name = experience.name
    if json:
        print_json({"experience": name, "problems": problems})
    else:
        for problem in problems:
            console().print(problem, markup=False, soft_wrap=True)
    if problems:
        raise ExperienceError(
            f"experience {name}: {len(problems)} of its records and models not as they should be: "
            "restore a backup, or export what is left and learn it in a new CHAFFINCH_HOME"
        )
    if not json:
        said = "everything is as it should be" if Path(name).exists() else "nothing is there yet"
        console().print(f"{name}: {said}", markup=False, soft_wrap=True)

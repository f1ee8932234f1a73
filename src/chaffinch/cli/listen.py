"""The verb that listens: what is said in sound that comes in, as it is said."""

from __future__ import annotations

import json as json_
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from chaffinch.cli.common import Json, Owner, TaskName, note, path_of

if TYPE_CHECKING:
    from chaffinch.task import Task
    from chaffinch.types import Part, Policy, Verdict


def listen(
    task: TaskName,
    path: Annotated[
        str,
        typer.Argument(help="A recording of any length; - or nothing for stdin.", metavar="FILE|-"),
    ] = "-",
    rate: Annotated[
        int | None,
        typer.Option(
            "--rate",
            help="Samples a second of sound without a header: one channel, 16 bits each, the low "
            "byte first (s16le).",
            metavar="N",
        ),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Keep what is heard and tell its ids, so that it can be flagged."
        ),
    ] = False,
    owner: Owner = "",
    json: Json = False,
) -> None:
    """Listen to sound of any length as it comes, and tell each word with its time.

    A word is told a third of a second after it has ended: when it began, what it is, and with which
    probability; where that is too little for what the model promises, it is unsure. Nothing is
    kept, unless you say so. Ctrl-C ends it.

    WAV comes in as it is, other formats through FFmpeg; sound without a header needs its --rate. So
    a microphone is listened to by what records it, and a film or a broadcast by what decodes it.

    With --json, one object a line, as predict prints it: box is begin and end in seconds.

    Example: chaffinch listen words meeting.wav

    Example: arecord -q -f S16_LE -r 16000 -t raw | chaffinch listen words - --rate 16000

    Example: ffmpeg -v error -i film.mkv -ac 1 -f wav - | chaffinch listen words -
    """
    from chaffinch.errors import InputError, UsageError
    from chaffinch.experience.gather import kept_source
    from chaffinch.predictor import Predictor
    from chaffinch.readers.notes import Notes
    from chaffinch.task import get_task
    from chaffinch.types import Item

    what = get_task(task)
    if what.listen is None:
        raise UsageError(
            f"{task} has nothing to listen to: listen is for recordings, predict for all items"
        )
    with _opened(path) as file, Predictor.load(task) as predictor:
        told = _Told("stdin" if path == "-" else path, what, predictor.policy, json=json, ids=keep)
        try:
            for part in what.listen(file, Notes(note), rate):
                at = "" if path == "-" else kept_source(f"{path} {clock(part.box[0])}")
                item = Item(part.data, task, owner, source=at)
                verdict = predictor.predict(
                    item, door="listen", reasons=0, remember=keep, part=part
                )
                told.word(part, verdict)
        except KeyboardInterrupt:
            told.end()
            raise
        except InputError as error:
            raise InputError(f"{told.name}: {error}") from error
        told.end()


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    from chaffinch.errors import InputError

    if path == "-":
        if sys.stdin is None:
            raise InputError("stdin is closed: give sound, or name a file that holds some")
        yield sys.stdin.buffer
        return
    try:
        file = path_of(path).open("rb")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    with file:
        yield file


class _Told:
    """Tells what is heard, a line a word, at once."""

    def __init__(self, name: str, task: Task, policy: Policy, *, json: bool, ids: bool) -> None:
        self.name = name
        self._task = task
        self._policy = policy
        self._json = json
        self._ids = ids
        self._count = self._unsure = 0

    def word(self, part: Part, verdict: Verdict) -> None:
        """Print one word."""
        from chaffinch.explain.readable import floored, printable, short_id
        from chaffinch.explain.verdict import missing_flags

        self._count += 1
        unsure = verdict.action == "unsure"
        self._unsure += unsure
        if self._json:
            missing = missing_flags(self._task, verdict, self._policy)
            said = {"name": self.name, **asdict(verdict), "missing": missing}
            said |= {"box": part.box, "line": part.line}
            print(json_.dumps(said), flush=True)
            return
        label = printable(verdict.label) or "-"
        told = f"{clock(part.box[0]):>10}  {label:<9}  {floored(verdict.probability)}"
        sure = "unsure" if unsure else ""
        print(
            f"{told}  {sure:<6}  {short_id(verdict.item) if self._ids else ''}".rstrip(), flush=True
        )

    def end(self) -> None:
        """Say how much was heard, on stderr."""
        from chaffinch.explain.readable import counted

        note(f"{counted(self._count, 'word')} heard, unsure of {self._unsure:,}")


def clock(seconds: float) -> str:
    """Return a time from the beginning as clocks show it.

    Examples
    --------
    >>> clock(1.3249), clock(3723.5)
    ('0:01.32', '1:02:03.50')
    """
    hundredths = round(100 * seconds)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    told = f"{minutes}:{rest / 100:05.2f}"
    return f"{hours}:{minutes:02}:{rest / 100:05.2f}" if hours else told

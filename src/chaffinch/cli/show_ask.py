"""What is asked, as people read it, in 80 columns."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chaffinch.cli.tables import day, say
from chaffinch.explain.readable import LEAST_SHOWN, counted, ending, printable, short_id
from chaffinch.loop.labels import NONE
from chaffinch.scheme import Binary

if TYPE_CHECKING:
    from chaffinch.explain.ask import Asked, Question
    from chaffinch.medium import Medium
    from chaffinch.task import Task
    from chaffinch.types import Reason

_WIDTH = 79


def show_asked(task: Task, asked: Asked) -> None:
    """Show how sure the model is, and each question with the command that answers it."""
    show_head(task, asked)
    for number, question in enumerate(asked.questions, start=1):
        show_question(task, number, question)
        print(f"   {_command(task, question)}  # or {_other(task, question)}\n")
    if asked.questions:
        key = ""
        if task.scheme.is_open:
            say(f"What is none of these labels: `chaffinch flag {task.name} {NONE} ID --new`.")
            key = f", where the key - is for {NONE}"
        say(f"`chaffinch ask {task.name} --answer` asks one by one{key}.")


def show_head(task: Task, asked: Asked) -> None:
    """Show how sure the model is by now, and what to do where there is nothing to ask."""
    told = [f"{asked.flags[label]:,} {label}" for label in reversed(task.labels)]
    flags = " and ".join(told)
    if not isinstance(task.scheme, Binary):
        flags = counted(sum(asked.flags.values()), "item")
    if not asked.judged:
        say(
            f"Flagged so far: {flags}. No item was judged and kept that has no flag yet: judge "
            f"some first, as in `chaffinch predict {task.name} PATH`."
        )
        return
    was = "was" if asked.judged == 1 else "were"
    say(
        f"Flagged so far: {flags}. {asked.model} is sure of {math.floor(100 * asked.sure)}% of the "
        f"{counted(asked.judged, 'item')} without a flag that {was} judged last."
        + (" A flag on these teaches it most:" if asked.questions else " There is nothing to ask.")
    )
    if asked.unfit:
        one = asked.unfit == 1
        say(
            f"{counted(asked.unfit, 'item')} show{'s' if one else ''} "
            f"no single label, such as an empty page, and {'is' if one else 'are'} not asked about."
        )
    print()


def show_question(task: Task, number: int, question: Question) -> None:
    """Show one question: what it is, what the model makes of it, and why."""
    print("\n".join(_cut(printable(line)) for line in _lines(task, number, question)))


def _lines(task: Task, number: int, question: Question) -> Iterator[str]:
    if task.medium is not None:
        yield from _pictured(task, task.medium, number, question)
        return
    yield f"{number}. {question.title or '(no words)'}"
    about = [question.sender, day(math.nan if question.received is None else question.received)]
    if question.item.owner:
        about.append(f"of {question.item.owner}")
    if any(about):
        yield f"   {', '.join(filter(None, about))}"
    stands = f", stands for {question.stands_for:,} like it" if question.stands_for > 1 else ""
    verdict = question.verdict
    if not isinstance(task.scheme, Binary):
        yield f"   {verdict.label}? probability {verdict.probability:.3f}{stands}"
        return
    yield f"   probability of {task.positive} {verdict.probability:.3f}{stands}"
    wide = max(map(len, task.labels))
    for label, reasons in ((task.positive, question.positive), (task.negative, question.negative)):
        head = f"for {label:<{wide}}"
        for why in reasons:
            if abs(why.weight) >= LEAST_SHOWN:
                yield f"   {head} {why.weight:+6.2f}  {_told(why)}"
                head = " " * len(head)


def _pictured(task: Task, medium: Medium, number: int, question: Question) -> Iterator[str]:
    """Yield what is asked of an image or a recording: how it looks, what it may be, and why."""
    from chaffinch.cli.pictures import drawn

    verdict = question.verdict
    of = f" of {question.item.owner}" if question.item.owner else ""
    yield f"{number}. {medium.name} {short_id(question.item.id)}{of}: {question.title}"
    if question.item.source:
        yield f"   {ending(question.item.source, _WIDTH - 3)}"
    yield (
        f"   {verdict.label} or {verdict.second}? probability of {verdict.label} "
        f"{verdict.probability:.3f}"
    )
    for line in drawn(medium.portrait.of(task.reader(question.item.data))):
        if line.strip():
            yield f"   {line}".rstrip()
    for side, reasons in (("for", question.positive), ("against", question.negative)):
        told = [
            f"{_told(why)} {why.weight:+.2f}" for why in reasons if abs(why.weight) >= LEAST_SHOWN
        ]
        if told:
            yield f"   {side} {verdict.label}: {'; '.join(told)}"


def _told(why: Reason) -> str:
    text = f"'{why.text}'" if why.quoted else why.text
    # A description of a header says itself that it is of one.
    return text if why.where == "header" else f"{why.where} {text}"


def _other(task: Task, question: Question) -> str:
    if isinstance(task.scheme, Binary):
        return task.negative
    label, other = question.verdict.label, question.verdict.second
    asks = task.scheme.is_open and NONE not in (label, other)
    return f"{other}, or {NONE} --new" if asks else other


def _command(task: Task, question: Question) -> str:
    label = task.positive if isinstance(task.scheme, Binary) else question.verdict.label
    words = ["chaffinch", "flag", task.name, label, short_id(question.item.id)]
    if question.item.owner:
        words += ["--owner", printable(question.item.owner)]
    return shlex.join(words)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"

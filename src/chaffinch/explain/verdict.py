"""A verdict as people read it, in 80 columns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from chaffinch.explain.readable import LEAST_SHOWN, counted, printable, short_id
from chaffinch.scheme import Binary

if TYPE_CHECKING:
    from chaffinch.task import Task
    from chaffinch.types import Part, Policy, Reason, Verdict

_WIDTH, _WHERE = 80, 25
# A reason is marked where so much of it comes from the owner's own view.
_OWNERS = 0.1


def verdict_lines(task: Task, name: str, verdict: Verdict, policy: Policy) -> Iterator[str]:
    """Yield the lines that tell a verdict and its reasons."""
    if not verdict.label:
        yield f"{name}: nothing to judge, action {verdict.action}"
        yield from _note_lines(verdict.notes)
        yield f"           item {short_id(verdict.item)}"
        return
    of, second = "", f", second best {verdict.second}" if verdict.second else ""
    if isinstance(task.scheme, Binary):
        of = f" of {task.positive}"
    yield (
        f"{name}: {verdict.label}, probability{of} {verdict.probability:.4f}, "
        f"action {verdict.action}{second}"
    )
    yield from _reason_lines(task, verdict)
    yield from _note_lines(verdict.notes)
    yield from _promise_lines(task, verdict, policy)
    yield f"           item {short_id(verdict.item)}"


def _promise_lines(task: Task, verdict: Verdict, policy: Policy) -> Iterator[str]:
    """Yield why what is probable enough by the costs is unsure, where the promise keeps it so."""
    of, act = "", "accepted"
    if isinstance(task.scheme, Binary):
        of, act = f" of {task.negative}", "junk"
    missing = missing_flags(task, verdict, policy)
    if missing:
        are = "is" if missing == 1 else "are"
        said = f"{counted(missing, 'flag')}{of} {are} missing"
        yield f"  promise  unsure, and not {act}, while {said}"
    elif _is_unsure(verdict) and task.policy.junk <= verdict.score < policy.junk:
        least = 1 / (1 + math.exp(-policy.junk))
        yield f"  promise  unsure, and not {act}, below a probability of {least:.4f}"


def line_read(name: str, parts: Sequence[Part], verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield what signs or words read, line by line, with what is unsure in brackets, and notes."""
    between = " " if any(len(one.label) > 1 for one in verdicts) else ""
    lines: dict[int, list[str]] = {}
    for part, one in zip(parts, verdicts, strict=True):
        said = one.label if one.action == "accept" else f"[{one.label}?]"
        lines.setdefault(part.line, []).append(said)
    yield f"{name} reads {' / '.join(map(between.join, lines.values()))}"
    yield from _note_lines(parts[0].notes)


def _note_lines(notes: Sequence[str]) -> Iterator[str]:
    for note in notes:
        yield f"     note  {note}"


def missing_flags(task: Task, verdict: Verdict, policy: Policy) -> int:
    """Return how many flags are missing for the promise, where that alone keeps an item unsure.

    What is less probable than the costs demand is unsure however many flags there are.
    """
    return policy.missing if _is_unsure(verdict) and verdict.score >= task.policy.junk else 0


def _is_unsure(verdict: Verdict) -> bool:
    return (verdict.would_be or verdict.action) == "unsure"


def _reason_lines(task: Task, verdict: Verdict) -> Iterator[str]:
    """Yield a table of the reasons, and what is lacking to their sum, which is the score."""
    shown = _shown(verdict.reasons)
    if not shown:
        return
    yield from reason_lines(shown)
    if not isinstance(task.scheme, Binary):
        covered = task.medium.covered if task.medium else "left out"
        above = f"what is lost\n           where that is {covered}"
        if shown[0].where.startswith("rule "):
            above = "what\n           the rules that fit say for it and against it"
        yield (
            f"{verdict.score:+9.2f}  log-odds of {verdict.label} against all others; above: {above}"
        )
        return
    # Of rounded numbers, so that the column adds up to the last digit.
    base, total = round(verdict.intercept, 2), round(verdict.score, 2)
    others = round(total - base - sum(round(reason.weight, 2) for reason in shown), 2) + 0.0
    yield (
        f"{others:+9.2f}  all else, and base {base:+.2f}: score {total:+.2f}, "
        f"log-odds of {task.positive}"
    )


def _shown(reasons: Iterable[Reason]) -> list[Reason]:
    return [reason for reason in reasons if abs(reason.weight) >= LEAST_SHOWN]


def reason_lines(reasons: Iterable[Reason]) -> Iterator[str]:
    """Yield a table of reasons, but for those that would be shown as nothing."""
    shown = _shown(reasons)
    marks = [
        f"  (your flags {reason.own:+.2f})"
        if abs(reason.own) >= _OWNERS * abs(reason.weight)
        else ""
        for reason in shown
    ]
    wheres = [_cut(printable(reason.where), _WHERE) for reason in shown]
    wide = max(map(len, wheres), default=0)
    for reason, where, mark in zip(shown, wheres, marks, strict=True):
        text = _cut(printable(reason.text), _WIDTH - 13 - wide - 2 - len(mark))
        yield f"{reason.weight:+9.2f}  {where:<{wide}}  {_quoted(text, reason)}{mark}".rstrip()


def _quoted(text: str, reason: Reason) -> str:
    return f"'{text}'" if reason.quoted else text


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"

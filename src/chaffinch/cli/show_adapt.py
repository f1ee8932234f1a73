"""What the adapting loop did, as people read it, in 80 columns."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chaffinch.cli.common import console

if TYPE_CHECKING:
    from chaffinch.types import Adaptation

_WIDTH = 78


def show_round(task: str, one: Adaptation | None) -> None:
    """Show what a look came to."""
    out = console()
    if one is None:
        out.print(f"{task}: nothing calls for a new model", markup=False)
        return
    out.print("\n".join(_lines(one)), markup=False, soft_wrap=True)


def show_rounds(rounds: Mapping[str, Sequence[Adaptation]]) -> None:
    """Show the history of the loop, newest first."""
    out = console()
    for task, done in rounds.items():
        if not done:
            out.print(f"{task}: no new model was tried yet", markup=False)
        for one in done:
            out.print("\n".join(_lines(one)), markup=False, soft_wrap=True)


def _lines(one: Adaptation) -> list[str]:
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(one.began))
    lines = [f"{when}  {one.task}: {one.outcome or 'at work, or was killed at it'}"]
    lines += [_hung("noticed", trigger.said) for trigger in one.triggers]
    if one.reason:
        lines.append(_hung(one.outcome, one.reason))
    return lines


def _hung(name: str, text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=f"  {name:<9} ", subsequent_indent=" " * 12)

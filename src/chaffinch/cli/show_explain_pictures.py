"""What was learned of images or recordings as people read it, in 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.cli.common import console
from chaffinch.cli.pictures import beside, shaded, thumbnail
from chaffinch.cli.tables import say
from chaffinch.explain.account_pictures import doubts_of
from chaffinch.explain.readable import counted, ending, printable, short_id

if TYPE_CHECKING:
    from chaffinch.explain.account_pictures import PictureAccount
    from chaffinch.explain.confused import Confusions
    from chaffinch.explain.filters import Filters
    from chaffinch.explain.prototypes import Prototype
    from chaffinch.explain.unsure import Doubt, Unsure
    from chaffinch.task import Task

# As many of an id's digits as tell it from others, and letters of a label.
_LABEL, _NAME, _TITLE = 8, 14, 24
# Pixels of a side up to which a pattern is drawn pixel by pixel; pictures beside each other.
_SMALL, _ROW = 8, 5


def show_account(told: PictureAccount, written: Sequence[Path]) -> None:
    """Show what was learned, section by section, and where more was written."""
    sections = (told.filters, told.prototypes, told.confused, told.unsure)
    alone = sum(one is not None for one in sections) == 1
    shows: list[tuple[str, Callable[[], None]]] = []
    if (looks := told.filters) is not None:
        shows.append(("filters", lambda: _show_filters(told.task, looks)))
    if (typical := told.prototypes) is not None:
        shows.append(("prototypes", lambda: _show_prototypes(typical, alone)))
    if (confused := told.confused) is not None:
        shows.append(("confused", lambda: _show_confused(confused)))
    if (doubts := told.unsure) is not None:
        shows.append(("unsure", lambda: _show_unsure(told, doubts)))
    say(f"{told.model}: {told.rung}")
    for name, show in shows:
        console().rule(name, align="left", style="default")
        show()
    for path in written:
        say(f"{path} has it in grey and colour.")
    if not written:
        say("In grey and colour: --png PNG, or --html FILE.")


def _print(lines: Sequence[str]) -> None:
    console().print("\n".join(lines), markup=False)


def _show_filters(task: Task, found: Filters) -> None:
    say(found.says)
    drawn, small, dark = [], False, task.portrait.dark
    for name, values in found.pictures:
        scaled = values / max(float(np.abs(values).max()), 1e-9)
        small = max(values.shape) <= _SMALL
        lines = shaded(scaled) if small else thumbnail(scaled)
        drawn.append([*([printable(name)[:_LABEL]] if name else []), *lines, ""])
    if drawn:
        _print(beside(drawn))
    if drawn and found.signed:
        say(
            f"The darker, the more it looks for {dark}; the lighter, for {task.portrait.light}."
            if small
            else f"Dots stand where {dark} speaks for it most. {task.portrait.legend}"
        )


def _show_prototypes(found: Sequence[Prototype], alone: bool) -> None:
    """Show what is typical: of each label one picture, or, where this is all, its kinds."""
    if not found:
        say("None was flagged, or judged and kept, yet: there is none to be typical.")
        return
    if not alone:
        say("Of each label the one that it is surest of; by itself this tells the kinds, too.")
        _print(beside([_surest(one)[0] for one in found]))
        return
    say("Of each label those that it is surest of, and the kinds in which it sees it.")
    for one in found:
        kinds = [[f"mean of {share:.0%}", *thumbnail(mean)] for share, mean in one.kinds]
        say(f"{printable(one.label)[:_LABEL]}, of {counted(one.items, 'item')}:")
        _print(beside([*_surest(one)[: _ROW - len(kinds)], *kinds]))


def _surest(one: Prototype) -> list[list[str]]:
    label = printable(one.label)[:_LABEL]
    return [
        [f"{label} {sure.probability:.4f}", *thumbnail(sure.look.pixels)] for sure in one.surest
    ]


def _show_confused(found: Confusions) -> None:
    if not found.judged:
        say("No launched model has judged flagged items yet, before it learned them.")
        return
    say(
        f"Before it learned them it judged {found.judged:,} flagged items, and "
        f"{found.wrong:,} wrongly."
    )
    for pair in found.pairs:
        times = f"{pair.times:,} of {pair.items:,}"
        say(f"{printable(pair.truth)[:_LABEL]} taken for {printable(pair.said)[:_LABEL]}: {times}")
        shown = [
            [
                short_id(one.item),
                ending(printable(one.name), _NAME),
                f"p {one.probability:.3f}",
                *thumbnail(one.look.pixels),
            ]
            for one in pair.mistaken[:_ROW]
        ]
        _print(beside(shown))


def _show_unsure(told: PictureAccount, found: Unsure) -> None:
    unflagged, flagged = doubts_of(found)
    if not found.judged:
        say("None was judged and kept that has no flag yet.")
    elif not found.doubted:
        say(f"It is sure of all {found.judged:,} unflagged items that it looked at.")
    else:
        say(
            f"It is not sure of {found.doubted:,} of the {found.judged:,} unflagged items "
            "judged last. A flag on these teaches it most:"
        )
        _show_doubts(told, unflagged)
    if not found.flagged:
        say(
            f"No launched model has judged flagged items yet: `chaffinch learn "
            f"{told.task.name}` trains and launches one."
        )
    elif not found.contradicted:
        say(f"It was sure, and right, of all {found.flagged:,} items before they were flagged.")
    else:
        say(
            f"Before it learned their flags it was wrong or not sure in {found.contradicted:,} of "
            f"{found.flagged:,}. These went most against it: they are hard, or the flag is wrong."
        )
        _show_doubts(told, flagged)
    if unflagged or flagged:
        say(
            "p: probability of the label that it gives. Say what one is with `chaffinch flag "
            f"{told.task.name} LABEL ITEM`."
        )


def _show_doubts(told: PictureAccount, doubts: Sequence[Doubt]) -> None:
    shown = []
    for one in doubts:
        look = told.shown.get((one.owner, one.item))
        flag = f"flag {printable(one.label)[:_LABEL]}, " if one.label else ""
        p = one.now if one.before is None else one.before
        shown.append(
            [
                short_id(one.item),
                ending(printable(one.name), _TITLE),
                f"{flag}p {p:.3f}",
                one.title[:_TITLE],
                *([] if look is None else thumbnail(look.pixels)),
            ]
        )
    _print(beside(shown))

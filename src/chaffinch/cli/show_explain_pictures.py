"""What was learned of pictures as people read it, in 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.cli.common import console
from chaffinch.cli.pictures import beside, dotted, shaded
from chaffinch.cli.tables import say
from chaffinch.explain.account_pictures import doubts_of
from chaffinch.explain.readable import counted, printable, short_id

if TYPE_CHECKING:
    from chaffinch.explain.account_pictures import PictureAccount
    from chaffinch.explain.confused import Confusions
    from chaffinch.explain.filters import Filters
    from chaffinch.explain.prototypes import Prototype
    from chaffinch.explain.unsure import Doubt, Unsure

# As many of an id's digits as tell it from others, and letters of a label.
_LABEL = 8
# Pixels of a side up to which a pattern is drawn pixel by pixel; pictures beside each other.
_SMALL, _ROW = 8, 5


def show_account(told: PictureAccount, written: Sequence[Path]) -> None:
    """Show what was learned of pictures, section by section, and where more was written."""
    sections = (told.filters, told.prototypes, told.confused, told.unsure)
    alone = sum(one is not None for one in sections) == 1
    shows: list[tuple[str, Callable[[], None]]] = []
    if (looks := told.filters) is not None:
        shows.append(("filters", lambda: _show_filters(looks)))
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
        say(f"{path} has the pictures in grey and colour.")
    if not written:
        say("In grey and colour: --png PNG, or --html FILE.")


def _print(lines: Sequence[str]) -> None:
    console().print("\n".join(lines), markup=False)


def _show_filters(found: Filters) -> None:
    say(found.says)
    drawn, small = [], False
    for name, values in found.pictures:
        scaled = values / max(float(np.abs(values).max()), 1e-9)
        small = max(values.shape) <= _SMALL
        lines = shaded(scaled) if small else dotted(scaled)
        drawn.append([*([printable(name)[:_LABEL]] if name else []), *lines, ""])
    if drawn:
        _print(beside(drawn))
    if drawn and found.signed:
        say(
            "The darker, the more it looks for ink; the lighter, for paper."
            if small
            else "Dots stand where ink speaks for it most."
        )


def _show_prototypes(found: Sequence[Prototype], alone: bool) -> None:
    """Show what is typical: of each label one picture, or, where this is all, its kinds."""
    if not found:
        say("No picture was flagged, or judged and kept, yet: there is none to be typical.")
        return
    if not alone:
        say("Of each label the picture that it is surest of; by itself this tells the kinds, too.")
        _print(beside([_surest(one)[0] for one in found]))
        return
    say("Of each label the pictures that it is surest of, and the kinds in which it sees it.")
    for one in found:
        kinds = [[f"mean of {share:.0%}", *dotted(mean)] for share, mean in one.kinds]
        say(f"{printable(one.label)[:_LABEL]}, of {counted(one.items, 'picture')}:")
        _print(beside([*_surest(one)[: _ROW - len(kinds)], *kinds]))


def _surest(one: Prototype) -> list[list[str]]:
    label = printable(one.label)[:_LABEL]
    return [[f"{label} {sure.probability:.4f}", *dotted(sure.pixels)] for sure in one.surest]


def _show_confused(found: Confusions) -> None:
    if not found.judged:
        say("No launched model has judged flagged pictures yet, before it learned them.")
        return
    say(
        f"Before it learned them it judged {found.judged:,} flagged pictures, and "
        f"{found.wrong:,} wrongly."
    )
    for pair in found.pairs:
        times = f"{pair.times:,} of {pair.items:,}"
        say(f"{printable(pair.truth)[:_LABEL]} taken for {printable(pair.said)[:_LABEL]}: {times}")
        shown = [
            [short_id(one.item), f"p {one.probability:.3f}", *dotted(one.pixels)]
            for one in pair.mistaken[:_ROW]
        ]
        _print(beside(shown))


def _show_unsure(told: PictureAccount, found: Unsure) -> None:
    unflagged, flagged = doubts_of(found)
    if not found.judged:
        say("No picture was judged and kept that has no flag yet.")
    elif not found.doubted:
        say(f"It is sure of all {found.judged:,} unflagged pictures that it looked at.")
    else:
        say(
            f"It is not sure of {found.doubted:,} of the {found.judged:,} unflagged pictures "
            "judged last. A flag on these teaches it most:"
        )
        _show_doubts(told, unflagged)
    if not found.flagged:
        say(
            f"No launched model has judged flagged pictures yet: `chaffinch learn "
            f"{told.task.name}` trains and launches one."
        )
    elif not found.contradicted:
        say(f"It was sure, and right, of all {found.flagged:,} pictures before they were flagged.")
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
        pixels = told.shown.get((one.owner, one.item))
        flag = f"flag {printable(one.label)[:_LABEL]}, " if one.label else ""
        p = one.now if one.before is None else one.before
        shown.append(
            [short_id(one.item), f"{flag}p {p:.3f}", *([] if pixels is None else dotted(pixels))]
        )
    _print(beside(shown))

"""Pictures and recordings with what speaks for and against their labels, as a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from chaffinch.errors import UsageError
from chaffinch.explain.nearest import nearest
from chaffinch.explain.pixels import heat
from chaffinch.explain.readable import printable, short_id
from chaffinch.features.dense import DenseFeatures
from chaffinch.features.pixels import pixels_of
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.pages.heard import of_sound, what_speaks
from chaffinch.pages.pictures import enlarged, grey, signed
from chaffinch.pages.sheet import MOST, Panel, Strip, draw_sheet
from chaffinch.task import Judge

if TYPE_CHECKING:
    from chaffinch.predictor import Predictor
    from chaffinch.types import Item, Verdict

_SCALE = 6  # pixels of the drawing for one of a picture
_NEAREST = 3
_NAME = 48  # letters of a name
_LEGEND = "orange speaks for the label, blue against it"


def draw(predictor: Predictor, seen: Sequence[tuple[str, Item, Verdict]], path: Path) -> None:
    """Draw items, a row each: itself, what speaks for its label, and for the second best.

    Above each stand its name and its id, above all what the colours mean. Orange speaks for the
    label, blue against it; of paper it says what ink there would do. Beside them stand the flagged
    items that are most like it. Of a recording its spectrum is drawn; where a rule judges, what it
    hears.

    Parameters
    ----------
    predictor : Predictor
        What judged.
    seen : sequence of (str, Item, Verdict)
        Names, items and verdicts.
    path : Path
        The PNG to write.

    Raises
    ------
    UsageError
        If there are more than 64 items, or none, or pictures that rules judge.
    MissingExtraError
        If Pillow is missing.
    StorageError
        If the file cannot be written.
    """
    if not 0 < len(seen) <= MOST:
        raise UsageError(f"--heat draws 1 to {MOST} items, not {len(seen)}: name fewer")
    rows = [
        Strip(_row(predictor, item, verdict), f"{_cut(printable(name))}: item {short_id(item.id)}")
        for name, item, verdict in seen
    ]
    draw_sheet([Strip((), _LEGEND), *rows], path)


def _cut(name: str) -> str:
    """Return the end of a name, which tells it from others in its folder."""
    return name if len(name) <= _NAME else f"…{name[1 - _NAME :]}"


def _row(predictor: Predictor, item: Item, verdict: Verdict) -> list[Panel]:
    task = predictor.task
    judge = Judge(task, predictor.rung, predictor.learner, predictor.policy)
    known = cast(MulticlassLearner, predictor.learner).labels
    labels = [label for label in (verdict.label, verdict.second) if label in known]
    content = task.reader(item.data)
    is_sound = task.reads("recording")
    plain = of_sound if is_sound else _of_picture
    if not verdict.label:
        return [Panel(plain(content), f"nothing to judge, {verdict.action}")]
    said = f"{verdict.label}, {verdict.probability:.1%}, {verdict.action}"
    row = [Panel(plain(content), said)]
    row += what_speaks(judge, content, labels) if is_sound else _heats(judge, content, labels)
    if isinstance(predictor.rung.features, DenseFeatures):
        row += [
            Panel(
                plain(task.reader(one.item.data)), f"flagged {one.label}, {one.likeness:.0%} alike"
            )
            for one in nearest(predictor, item, most=_NEAREST)
        ]
    return row


def _of_picture(content: Any) -> Any:
    return enlarged(grey(pixels_of(content)), _SCALE)


def _heats(judge: Judge, content: Any, labels: Sequence[str]) -> list[Panel]:
    pixels = pixels_of(content)
    found = [(label, heat(judge, pixels, label)) for label in labels]
    ground = grey(pixels * np.float32(0.35))
    return [
        Panel(enlarged(signed(seen.ink + seen.paper, ground), _SCALE), f"speaks for {label}")
        for label, seen in found
    ]

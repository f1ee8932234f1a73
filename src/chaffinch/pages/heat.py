"""Pictures and recordings with what speaks for and against their labels, as a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import UsageError
from chaffinch.explain.nearest import nearest
from chaffinch.explain.pixels import heat
from chaffinch.features.dense import DenseFeatures
from chaffinch.features.pixels import pixels_of
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.pages.heard import of_sound, what_speaks
from chaffinch.pages.pictures import enlarged, grey, signed
from chaffinch.pages.sheet import Strip, draw_sheet
from chaffinch.task import Judge

if TYPE_CHECKING:
    from chaffinch.predictor import Predictor
    from chaffinch.types import Item, Verdict

# Pixels of the drawing for one of a picture.
_SCALE = 6
_MOST = 64
_NEAREST = 3


def draw(predictor: Predictor, seen: Sequence[tuple[str, Item, Verdict]], path: Path) -> None:
    """Draw items, a row each: itself, what speaks for its label, and for the second best.

    Orange speaks for the label, blue against it; of paper it says what ink there would do. Beside
    them stand the flagged items that are most like it. Of a recording its spectrum is drawn; where
    a rule judges, what that hears.

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
    if not 0 < len(seen) <= _MOST:
        raise UsageError(f"--heat draws 1 to {_MOST} items, not {len(seen)}: name fewer")
    draw_sheet([_strip(predictor, item, verdict) for _, item, verdict in seen], path)


def _strip(predictor: Predictor, item: Item, verdict: Verdict) -> Strip:
    task = predictor.task
    judge = Judge(task, predictor.rung, predictor.learner, predictor.policy)
    known = cast(MulticlassLearner, predictor.learner).labels
    labels = [label for label in (verdict.label, verdict.second) if label in known]
    plain, speaks = (_of_picture, _speaks) if task.images else (of_sound, what_speaks)
    content = task.reader(item.data)
    panels = [(plain(content), f"{verdict.label}, {verdict.probability:.1%}, {verdict.action}")]
    panels += speaks(judge, content, labels)
    if isinstance(predictor.rung.features, DenseFeatures):
        panels += [
            (plain(task.reader(one.item.data)), f"flagged {one.label}, {one.likeness:.0%} alike")
            for one in nearest(predictor, item, most=_NEAREST)
        ]
    return Strip(panels)


def _of_picture(content: Any) -> NDArray[Any]:
    return enlarged(grey(pixels_of(content)), _SCALE)


def _speaks(judge: Judge, content: Any, labels: Sequence[str]) -> list[tuple[NDArray[Any], str]]:
    pixels = pixels_of(content)
    pale = grey(pixels * np.float32(0.35))
    panels = []
    for label in labels:
        seen = heat(judge, pixels, label)
        panels.append(
            (enlarged(signed(seen.ink + seen.paper, pale), _SCALE), f"speaks for {label}")
        )
    return panels

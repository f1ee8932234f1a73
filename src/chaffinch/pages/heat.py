"""Pictures with what speaks for and against their labels, as a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import UsageError
from chaffinch.explain.nearest import nearest
from chaffinch.explain.pixels import Heat, heat
from chaffinch.features.pixels import pixels_of
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.pages.pictures import grey, signed
from chaffinch.pages.sheet import Strip, draw_sheet
from chaffinch.task import Judge

if TYPE_CHECKING:
    from chaffinch.predictor import Predictor
    from chaffinch.types import Item, Verdict

# Pixels of the drawing for one of the picture.
_SIDE = 28 * 6
_MOST = 64
_NEAREST = 3


def draw(predictor: Predictor, seen: Sequence[tuple[str, Item, Verdict]], path: Path) -> None:
    """Draw pictures, a row each: itself, what speaks for its label, and for the second best.

    Orange pixels speak for the label, blue ones against it; of paper it says what ink there would
    do. Beside them stand the flagged pictures that are most like it.

    Parameters
    ----------
    predictor : Predictor
        What judged.
    seen : sequence of (str, Item, Verdict)
        Names, pictures and verdicts.
    path : Path
        The PNG to write.

    Raises
    ------
    UsageError
        If there are more than 64 pictures, or none.
    MissingExtraError
        If Pillow is missing.
    StorageError
        If the file cannot be written.
    """
    if not 0 < len(seen) <= _MOST:
        raise UsageError(f"--heat draws 1 to {_MOST} images, not {len(seen)}: name fewer")
    judge = Judge(predictor.task, predictor.rung, predictor.learner, predictor.policy)
    labels = cast(MulticlassLearner, predictor.learner).labels
    strips = []
    for _, item, verdict in seen:
        pixels = pixels_of(predictor.task.reader(item.data))
        panels = [(grey(pixels), f"{verdict.label}, {verdict.probability:.1%}, {verdict.action}")]
        spoken = [label for label in (verdict.label, verdict.second) if label in labels]
        panels += [
            (_coloured(pixels, heat(judge, pixels, label)), f"speaks for {label}")
            for label in spoken
        ]
        panels += [
            (
                grey(pixels_of(predictor.task.reader(one.item.data))),
                f"flagged {one.label}, {one.likeness:.0%} alike",
            )
            for one in nearest(predictor, item, most=_NEAREST)
        ]
        strips.append(Strip(panels))
    draw_sheet(strips, path, side=_SIDE)


def _coloured(pixels: NDArray[np.float32], seen: Heat) -> NDArray[Any]:
    """Return a picture with its heat over it, shape (28, 28, 3)."""
    return signed(seen.ink + seen.paper, grey(pixels * np.float32(0.35)))

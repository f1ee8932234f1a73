"""Pictures with what speaks for and against their labels, as a PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import UsageError
from chaffinch.explain.nearest import nearest
from chaffinch.explain.pixels import heat
from chaffinch.features.pixels import pixels_of
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.readers.image import require_pillow
from chaffinch.task import Judge
from chaffinch.whole import written_whole

if TYPE_CHECKING:
    from chaffinch.predictor import Predictor
    from chaffinch.types import Item, Verdict

# Pixels of the drawing for one of the picture; of margins, and of the letters' height.
_SCALE, _GAP, _TEXT = 6, 16, 14
_SIDE = 28 * _SCALE
# Told apart by people who do not see red or green, too: orange speaks for, blue against.
_FOR, _AGAINST = np.array([213.0, 94.0, 0.0]), np.array([0.0, 114.0, 178.0])
_PAPER, _INK = 255.0, 40.0
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
    require_pillow()
    from PIL import Image, ImageDraw, ImageFont

    if not 0 < len(seen) <= _MOST:
        raise UsageError(f"--heat draws 1 to {_MOST} images, not {len(seen)}: name fewer")
    judge = Judge(predictor.task, predictor.rung, predictor.learner, predictor.policy)
    labels = cast(MulticlassLearner, predictor.learner).labels
    height = _TEXT + _SIDE + 2 * _GAP
    width = (3 + _NEAREST) * (_SIDE + _GAP) + _GAP
    sheet = Image.new("RGB", (width, height * len(seen)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=_TEXT - 1)
    for row, (_, item, verdict) in enumerate(seen):
        pixels = pixels_of(predictor.task.reader(item.data))
        panels = [(_grey(pixels), f"{verdict.label}, {verdict.probability:.1%}, {verdict.action}")]
        spoken = [label for label in (verdict.label, verdict.second) if label in labels]
        panels += [
            (_coloured(pixels, heat(judge, pixels, label)), f"speaks for {label}")
            for label in spoken
        ]
        panels += [
            (
                _grey(pixels_of(predictor.task.reader(one.item.data))),
                f"flagged {one.label}, {one.likeness:.0%} alike",
            )
            for one in nearest(predictor, item, most=_NEAREST)
        ]
        for column, (colours, said) in enumerate(panels):
            left, top = _GAP + column * (_SIDE + _GAP), _GAP + row * height
            pen.text((left, top - 2), said, fill="black", font=font)
            panel = Image.fromarray(colours.astype(np.uint8)).resize((_SIDE, _SIDE), 0)
            sheet.paste(panel, (left, top + _TEXT + 2))
            pen.rectangle(
                (left - 1, top + _TEXT + 1, left + _SIDE, top + _TEXT + 2 + _SIDE), outline="#bbb"
            )
    data = io.BytesIO()
    sheet.save(data, "PNG")
    with written_whole(path) as file:
        file.write(data.getvalue())


def _grey(pixels: NDArray[np.float32]) -> NDArray[Any]:
    """Return a picture as colours, shape (28, 28, 3)."""
    grey = _PAPER + pixels * (_INK - _PAPER)
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


def _coloured(pixels: NDArray[np.float32], seen: Any) -> NDArray[Any]:
    """Return a picture with its heat over it, shape (28, 28, 3)."""
    says = seen.ink + seen.paper
    strength = np.abs(says) / max(float(np.abs(says).max()), 1e-9)
    colour = np.where(says[:, :, np.newaxis] > 0, _FOR, _AGAINST)
    ground = _grey(pixels * np.float32(0.35))
    share = 0.85 * strength[:, :, np.newaxis]
    mixed: NDArray[Any] = (1.0 - share) * ground + share * colour
    return mixed

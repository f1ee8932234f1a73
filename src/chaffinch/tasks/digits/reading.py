"""Reading digits: the net that ships says where signs that touch are to be cut."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.image import Picture, read_image

if TYPE_CHECKING:
    from chaffinch.readers.image.choose import Likely
    from chaffinch.readers.image.raster import Pixels

#: The net that ships; whatever is live, pictures are read by this one, and so in the same way.
NET = Path(__file__).with_name("starter.onnx")
# Pictures kept as they were read: who asks for the signs of one judges it next.
_KEPT = 4


@lru_cache(_KEPT)
def read_digits(data: bytes) -> Picture:
    """Return what is written in an image, digits that touch cut apart.

    Where onnxruntime is not installed they are cut at the thinnest places.

    Parameters
    ----------
    data : bytes
        The file's bytes, or anything else.

    Examples
    --------
    >>> read_digits(b"no picture").glyphs
    ()
    """
    return read_image(data, likely=_likely())


@cache
def _likely() -> Likely | None:
    if find_spec("onnxruntime") is None:
        return None
    from chaffinch.features.net import net_of
    from chaffinch.models.multiclass import softmax

    def likely(pixels: Pixels) -> Pixels:
        logits, _ = net_of(NET)(pixels[:, np.newaxis])
        best: Pixels = softmax(logits).max(axis=1).astype(np.float32)
        return best

    return likely

"""Pictures of one sign as dense rows of features: their pixels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.dense import DenseFeatures
from chaffinch.features.rows import Row

#: Pixels of a side.
SIDE = 28
_SLOTS = np.arange(SIDE * SIDE)


def pixels_of(content: Any) -> NDArray[np.float32]:
    """Return the pixels of the first sign in a picture; none at all where there is no sign.

    Parameters
    ----------
    content : Picture
        As `chaffinch.readers.image.read_image` read it.

    Returns
    -------
    ndarray of float32, shape (28, 28)
        1 is ink.
    """
    if content.glyphs:
        pixels: NDArray[np.float32] = content.glyphs[0].pixels
        return pixels
    return np.zeros((SIDE, SIDE), np.float32)


class PictureFeatures(DenseFeatures, ABC):
    """What features of pictures have in common: they are made of pixels alone."""

    @abstractmethod
    def of_pixels(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the features of pictures.

        Parameters
        ----------
        pixels : ndarray of float32, shape (n, 28, 28)
            1 is ink.

        Returns
        -------
        ndarray of float32, shape (n, n_features)
        """

    def row(self, content: Any, owner: str = "") -> Row:
        """Return the features of one picture; owners have no taste of their own here."""
        del owner
        return self.dense(self.of_pixels(pixels_of(content)[np.newaxis])[0])


@dataclass(frozen=True)
class PixelFeatures(PictureFeatures):
    """The pixels themselves.

    Parameters
    ----------
    labels : tuple of str
        The labels that are known from the start.

    Examples
    --------
    >>> features = PixelFeatures(("0", "1"))
    >>> features.of_pixels(np.ones((2, 28, 28), np.float32)).shape
    (2, 784)
    """

    labels: tuple[str, ...]
    n_features: ClassVar[int] = SIDE * SIDE
    signature: ClassVar[str] = "pixels 28 1"

    def of_pixels(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the pixels in rows, shape (n, 784)."""
        return pixels.reshape(len(pixels), -1)

    def dense(self, values: NDArray[np.float32]) -> Row:
        """Return pixels as a row."""
        return Row(_SLOTS, values.astype(np.float64))

"""What features of pictures and of sounds have in common: every column has a value."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.rows import Row, Shares, Weigh


class DenseFeatures:
    """Features whose columns are all there, and stand for no words."""

    #: The value of a column that says nothing.
    centre: ClassVar[float] = 0.0

    def dense(self, values: NDArray[np.float32]) -> Row:
        """Return values as a row whose slots are all columns in order."""
        return Row(np.arange(values.size), values.astype(np.float64))

    def shares(self, content: Any, weigh: Weigh, owner: str = "") -> Shares:
        """Return nothing: there are no words to divide a score among."""
        del content, weigh, owner
        return Shares([], [], np.empty(0), np.empty(0))

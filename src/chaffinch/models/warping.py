"""Templates that are stretched until they fit: dynamic time warping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.fitted import FittedLearner
from chaffinch.models.multiclass import LabelledFeatures

if TYPE_CHECKING:
    from collections.abc import Iterator

# Templates kept: the newest of each label, in equal shares.
_MOST = 2000
# Stretches by which a moment of one may lie before or after its counterpart in the other.
_BAND = 4
# The power of distances by which odds fall. Chosen on Azerbaijani digits.
_STEEPNESS = 16.0
_SAME = 1e-3  # what is as near as this is the same
# The share that says nothing: however near a template is, it proves little.
_DOUBT = 0.03


class FramedFeatures(LabelledFeatures, Protocol):
    """Features that follow each other in time."""

    @property
    def frames(self) -> int:
        """How many moments there are; the columns of each stand together."""
        ...


class WarpingLearner(FittedLearner):
    """Nearest templates by dynamic time warping.

    H. Sakoe and S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition",
    IEEE Transactions on Acoustics, Speech and Signal Processing 26, 1978. Both are of one length
    beforehand, and may be out of step by a band about the diagonal; the odds of two labels are a
    power of how much farther the nearest template of the other is.
    """

    fitted_tensors: ClassVar[tuple[str, ...]] = ("templates", "of")

    @classmethod
    def start(cls, features: FramedFeatures) -> Self:  # type: ignore[override]
        """Return a model that has learned nothing, on these features."""
        learner = super().start(features)
        learner.params["frames"] = float(features.frames)
        return learner

    @property
    def _frames(self) -> int:
        return int(self.params.get("frames", 1))

    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the templates, and the numbers of their labels."""
        del labels
        known = np.unique(codes)
        share = max(1, _MOST // len(known))
        kept = np.sort(np.concatenate([np.flatnonzero(codes == one)[-share:] for one in known]))
        templates, of = _laid_out(X[kept], self._frames), codes[kept]
        return {"templates": templates, "of": of.astype(np.uint16)}

    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return what the nearest template of each label makes probable."""
        templates, of = self.tensors["templates"], self.tensors["of"]
        row = values.astype(np.float32).reshape(self._frames, -1)
        nearest = np.full(labels, np.inf)
        np.minimum.at(nearest, of, warped(row, templates))
        odds = ((nearest.min() + _SAME) / (nearest + _SAME)) ** _STEEPNESS
        known = np.isfinite(nearest)
        shares: NDArray[np.float64] = odds / odds.sum()
        shares += _DOUBT * (known / known.sum() - shares)
        return shares


def _laid_out(X: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Return rows as templates: shape (d, frames, n), so that each step runs along memory."""
    return np.ascontiguousarray(X.reshape(len(X), frames, -1).transpose(2, 1, 0))


def warped(row: NDArray[np.float32], templates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the squared distance of templates from a row, each stretched until it is least.

    Parameters
    ----------
    row : ndarray of float32, shape (frames, d)
        A word.
    templates : ndarray of float32, shape (d, frames, n)
        Others.

    Returns
    -------
    ndarray of float32, shape (n,)

    Examples
    --------
    >>> early, late = np.zeros((2, 1, 9), np.float32)
    >>> early[0, 3], late[0, 5] = 1.0, 1.0
    >>> warped(early.T, np.stack((early, late, 0 * late), axis=-1)).tolist()
    [0.0, 0.0, 1.0]
    """
    d, frames, count = templates.shape
    local = (-2.0 * row @ templates.reshape(d, -1)).reshape(frames, frames, count)
    local += np.square(templates).sum(axis=0)
    local += np.square(row).sum(axis=1)[:, np.newaxis, np.newaxis]
    steps = np.maximum(local, 0.0).reshape(-1, count)
    # With a border, so that every cell has three before it: cells of one diagonal, which lie evenly
    # spaced in memory, need those of the two before it alone.
    wide = frames + 1
    total = np.full((wide * wide, count), np.inf, np.float32)
    total[0] = 0.0
    for along, across, cells in _diagonals(frames):
        begin = along * wide + across
        before, left, above = (
            total[first : first + (cells - 1) * frames + 1 : frames]
            for first in (begin, begin + wide, begin + 1)
        )
        step = frames - 1 or 1
        here = along * frames + across
        least = np.minimum(np.minimum(left, above), before)
        least += steps[here : here + (cells - 1) * step + 1 : step]
        first = begin + wide + 1
        total[first : first + (cells - 1) * frames + 1 : frames] = least
    return np.asarray(total[-1])


def _diagonals(frames: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each diagonal of a square enters the band, and how many cells it has there."""
    for together in range(2 * frames - 1):
        first = max(0, together - frames + 1, (together - _BAND + 1) // 2)
        last = min(together, frames - 1, (together + _BAND) // 2)
        yield first, together - first, last - first + 1

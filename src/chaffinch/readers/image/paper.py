"""What is ink and what is paper: under uneven light, dark on light or light on dark."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chaffinch.readers.image.raster import Pixels, factor, reduced

if TYPE_CHECKING:
    from chaffinch.readers.notes import Notes

_COARSE = 1 << 13  # pixels of the image in which light and ground are looked for
_FAINT = 0.08  # of the paper's brightness: what differs less is no ink
_LEAST = 0.14  # of the paper's brightness: what ink's darkest parts differ
_SAMPLE = 1 << 16
_LIT = 32  # pixels of a side from which on the light on the paper may be uneven
_FITS = 8
_FLAT = 0.06
_DOUBT = 0.1  # of four votes: as many for dark on light, which is more common
_NOISY = 0.45  # of the ink's darkness
# Of what ink differs from paper: what all is off a smooth surface where nothing is written.
# Gradients of several curves stay below; digits of MNIST, cropped, of many sizes, are above 0.35.
_SMOOTH = 0.25
_CONTRAST = 0.25  # of the paper's brightness, where there is as much ink as paper


def find_ink(grey: Pixels, notes: Notes) -> Pixels:
    """Return how much ink there is at each pixel.

    The paper's brightness is estimated on a large scale, and divided out; by how much a pixel is
    darker is stretched between the paper's noise and the ink's own darkness.

    Parameters
    ----------
    grey : ndarray of float32, shape (height, width)
        0 black to 1 white.
    notes : Notes
        Where it is said if there is no ink.

    Returns
    -------
    ndarray of float32, shape (height, width)
        0 paper to 1 ink; about a half where the edge of a stroke is.

    Examples
    --------
    >>> from chaffinch.readers.notes import Notes
    >>> page = np.full((40, 40), 0.8, dtype=np.float32)
    >>> page[10:30, 18:22] = 0.3
    >>> ink = find_ink(page, Notes())
    >>> float(ink[20, 20]), float(ink[5, 5])
    (1.0, 0.0)
    """
    from scipy import ndimage

    inverted = light_on_dark(grey)
    # Light ink on a ground that is nearly as light has hardly any room to differ in.
    depth = _darker(1 - grey, least=0.5) if inverted else _darker(grey, least=0.1)
    ink = _stretched(depth)
    if ink is None:
        # Noise as strong as this drowns in the mean of some pixels; strokes are wider.
        ink = _stretched(ndimage.gaussian_filter(depth, min(2.0, min(grey.shape) / 40)))
    if ink is None:
        notes.add("nothing is written on it: no ink stands out from the ground")
        return np.zeros_like(grey)
    if _is_slope(grey, ink):
        notes.add("nothing is written on it: from dark to light it is a slope without an edge")
        return np.zeros_like(grey)
    return ink


def whole_range(grey: Pixels) -> Pixels:
    """Return how much ink there is at each pixel of few, where each grey tells something.

    Parameters
    ----------
    grey : ndarray of float32, shape (height, width)
        0 black to 1 white, not all the same.

    Examples
    --------
    >>> grey = np.array([[0.9, 0.5, 0.9], [0.9, 0.7, 0.9]], dtype=np.float32)
    >>> whole_range(grey).round(1).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.5, 0.0]]
    """
    ink = grey if light_on_dark(grey) else 1 - grey
    return np.asarray((ink - ink.min()) / (ink.max() - ink.min()), dtype=np.float32)


def light_on_dark(grey: Pixels) -> bool:
    """Return whether strokes are lighter than the ground.

    Four signs vote: the ground holds most of the border, most of the whole, strokes differ from it
    more than it does from itself (the third moment), and a light ground leaves no room for lighter
    ink.
    """
    small = reduced(grey, factor(grey.shape[1], grey.shape[0], _COARSE))
    if min(grey.shape) >= _LIT:
        off = small - _surface(small, darker_only=False)
        small = off if _is_flat(off) else small
    middle = otsu(small)
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    differs = small - small.mean()
    spread = float((differs**2).mean()) ** 1.5
    skew = float((differs**3).mean()) / spread if spread > 1e-9 else 0.0
    votes = (
        1 - 2 * float((border > middle).mean()),
        1 - 2 * float((small > middle).mean()),
        min(1.0, max(-1.0, skew)),
        0.5 - float(np.median(grey)),
    )
    return sum(votes) > _DOUBT


def otsu(values: Pixels) -> float:
    """Return the value that best parts dark from light.

    N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions on
    Systems, Man, and Cybernetics 9(1), 1979.

    Examples
    --------
    >>> 0.2 < otsu(np.array([0.1, 0.2, 0.8, 0.9], dtype=np.float32)) < 0.8
    True
    """
    counts, edges = np.histogram(values, 128)
    middles = (edges[:-1] + edges[1:]) / 2
    below = counts.cumsum()
    above = below[-1] - below
    sums = (counts * middles).cumsum()
    means = sums / np.maximum(below, 1), (sums[-1] - sums) / np.maximum(above, 1)
    between = below * above * (means[0] - means[1]) ** 2
    # Between two peaks all thresholds are as good: the middle one is the safest.
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    return float(edges[1:][best].mean())


def _darker(grey: Pixels, *, least: float) -> Pixels:
    """Return by which share of the paper's own brightness each pixel is darker."""
    height, width = grey.shape
    by = factor(width, height, _COARSE)
    small = reduced(grey, by)
    if min(grey.shape) < _LIT:
        # So few pixels are filled by what is written: what would be fitted is that.
        light = np.array([[np.percentile(small, 95)]], dtype=np.float32)
    else:
        light = _light(small)
    if by > 1 and light.size > 1:
        rows = (np.arange(height, dtype=np.float32) - (by - 1) / 2) / by
        columns = (np.arange(width, dtype=np.float32) - (by - 1) / 2) / by
        light = _between(_between(light, rows, 0), columns, 1)
    return np.asarray((light - grey) / np.maximum(light, np.float32(least)), dtype=np.float32)


def _light(small: Pixels) -> Pixels:
    """Return the paper's brightness, as if nothing were written on it."""
    from scipy import ndimage

    smooth = np.maximum(_surface(small), max(0.05, 0.2 * float(small.max())))
    flat = _is_flat(small - smooth)
    if not flat:
        smooth = np.full_like(small, np.percentile(small, 95))
    # What a smooth surface cannot follow, such as the edge of a shadow: a closing fills what is
    # dark and narrower than its window, and leaves the rest.
    window = max(3, min(small.shape) // 2)
    rest = ndimage.grey_closing(small / smooth, size=(window, window), mode="nearest")
    light = smooth * ndimage.uniform_filter(rest, max(1, window // 4), mode="nearest")
    if not flat:
        return np.asarray(light, dtype=np.float32)
    # What is left of slopes: the mean around of what is not ink.
    share = small / np.maximum(light, np.float32(1e-3))
    usual = float(np.median(share))
    spread = 1.4826 * float(np.median(np.abs(share - usual)))
    paper = ndimage.binary_erosion(share > usual - max(_FAINT, 3 * spread), border_value=1)
    wide = min(small.shape) / 10
    weight = ndimage.gaussian_filter(paper.astype(np.float32), wide)
    mean = ndimage.gaussian_filter(np.where(paper, share, np.float32(0)), wide)
    around = np.where(weight > 0.05, mean / np.maximum(weight, np.float32(0.05)), usual)
    return np.asarray(light * around, dtype=np.float32)


def _is_flat(off: Pixels) -> bool:
    """Return whether most pixels lie on a surface; else it was laid through what is written."""
    return float(np.median(np.abs(off))) < _FLAT


def _is_slope(grey: Pixels, ink: Pixels) -> bool:
    """Return whether ink and paper lie on one smooth surface, as those of a gradient do."""
    by = factor(grey.shape[1], grey.shape[0], _COARSE)
    small, inked = reduced(grey, by), reduced(ink, by) > 0.5
    if not inked.any() or inked.all():
        return False
    off = np.abs(small - _surface(small, darker_only=False))
    farthest = max(float(np.percentile(off[part], 75)) for part in (inked, ~inked))
    apart = abs(float(small[inked].mean()) - float(small[~inked].mean()))
    return farthest < _SMOOTH * apart


def _surface(small: Pixels, *, darker_only: bool = True) -> Pixels:
    """Fit a quadratic surface to the ground: again and again, without what is off it."""
    height, width = small.shape
    row, column = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([row**0, row, column, row * row, row * column, column * column], axis=-1)
    terms, values = terms.reshape(-1, 6), small.reshape(-1).astype(np.float64)
    fitted = np.full_like(values, np.median(values))
    for _ in range(_FITS):
        off = values - fitted
        spread = 1.4826 * float(np.median(np.abs(off))) + 0.01
        weights = np.exp(-((off / (2 * spread)) ** 2))
        if darker_only:
            weights[off > 0] = 1.0
        weighted = terms * weights[:, None]
        # A little of the identity, for images of one colour and of one line.
        normal = weighted.T @ terms + 1e-6 * np.eye(6)
        fitted = terms @ np.linalg.solve(normal, weighted.T @ values)
    return np.asarray(fitted.reshape(height, width), dtype=np.float32)


def _between(values: Pixels, places: npt.NDArray[np.floating], axis: int) -> Pixels:
    """Interpolate linearly along an axis."""
    last = values.shape[axis] - 1
    places = np.clip(places, 0, last)
    below = np.floor(places).astype(np.intp)
    share = places - below
    share = share[:, None] if axis == 0 else share[None, :]
    lower, upper = values.take(below, axis), values.take(np.minimum(below + 1, last), axis)
    return np.asarray(lower + (upper - lower) * share, dtype=np.float32)


def _stretched(depth: Pixels) -> Pixels | None:
    """Return ink from darkness; None where it does not stand out from the paper's noise."""
    sample = depth.ravel()[:: max(1, depth.size // _SAMPLE)]
    # Mostly more than half is paper, and its lighter half holds no ink.
    lightest, paper = (float(share) for share in np.percentile(sample, (16, 50)))
    noise = paper - lightest
    dark = depth[depth > paper + max(_FAINT, 4 * noise)]
    level = float(np.percentile(dark, 75)) - paper if len(dark) else 0.0
    if level < _LEAST or 3 * noise > _NOISY * level:
        middle = otsu(sample)
        light, dark = sample[sample <= middle], sample[sample > middle]
        if not len(light) or not len(dark):
            return None
        apart = float(dark.mean() - light.mean())
        within = math.sqrt((float(light.var()) + float(dark.var())) / 2)
        if apart < min(2 * _CONTRAST, max(_CONTRAST, 3 * within)):
            return None
        paper, noise = float(np.median(light)), 0.0
        level = float(np.percentile(dark, 75)) - paper
    low, high = max(0.15 * level, 3 * noise), 0.85 * level
    ink = (depth - np.float32(paper + low)) / np.float32(high - low)
    return np.asarray(np.clip(ink, 0, 1), dtype=np.float32)

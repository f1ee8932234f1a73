"""Images that are no digit, for a net to be taught that it does not know them.

A net that has only ever seen digits is sure of whatever it is shown. These are shown beside the
digits with the wish that all labels come out equally likely (outlier exposure): letters and signs
drawn as by a hand, scribbles, noise, two digits beside each other, digits that lie on their side or
stand on their head.

References
----------
D. Hendrycks, M. Mazeika and T. Dietterich, "Deep anomaly detection with outlier exposure",
ICLR 2019.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Images = NDArray[np.uint8]
    Labels = NDArray[np.integer]

SIDE = 28

#: Letters and signs that no digit looks like: strokes, each a chain of points on a board of
#: 5 by 5, column and row. What some hands make a digit of (B, I, O, S, Z, g, l, q …) is left out.
SIGNS = (
    "04 20 44, 12 32",  # A
    "40 00 04 44, 02 32",  # E
    "40 00 04, 02 32",  # F
    "00 04, 40 44, 02 42",  # H
    "00 04, 40 02 44",  # K
    "04 00 22 40 44",  # M
    "04 00 44 40",  # N
    "04 00 30 41 32 02",  # P
    "04 00 30 41 32 02, 12 44",  # R
    "00 24 40",  # V
    "00 14 22 34 40",  # W
    "00 44, 40 04",  # X
    "00 02 03 24 43 42 40",  # U
    "20 24, 02 42",  # plus
    "01 41, 03 43",  # equals
    "10 14, 30 34, 01 41, 03 43",  # number sign
    "20 24, 01 43, 41 03",  # asterisk
    "00 40 44 04 00",  # box
    "01 10 30 41 22 23, 24 24",  # question mark
    "21 21, 23 23",  # colon
    "11 12 23 32 31, 32 34",  # y, half
    "02 11 22 33 42",  # tilde
)

# Which digits, turned, look like none: by 90°, and by 180° (6 and 9, 0, 1 and 8 change places).
_ON_SIDE, _ON_HEAD = (2, 3, 4, 5, 6, 7, 9), (3, 4, 7)


def strangers(images: Images, labels: Labels, n: int, *, seed: int = 0) -> Images:
    """Return images that are no digit, of every kind about as many.

    Parameters
    ----------
    images : array of shape (m, 28, 28), uint8
        Digits to make some of them from.
    labels : array of shape (m,)
        Which digits these are.
    n : int
        How many images are wished for.
    seed : int
        Where the random numbers begin.

    Returns
    -------
    array of shape (n, 28, 28), uint8
        In random order.

    Examples
    --------
    >>> digits = np.zeros((20, 28, 28), np.uint8)
    >>> strangers(digits, np.arange(20) % 10, 12).shape
    (12, 28, 28)
    """
    random = np.random.default_rng(seed)
    share = -(-n // 5)
    made = np.concatenate(
        [
            np.stack([_sign(random) for _ in range(share)]),
            np.stack([_scribble(random) for _ in range(share)]),
            _noise(random, share),
            _beside(images, random, share),
            _turned(images, labels, random, share),
        ]
    )
    chosen: Images = made[random.permutation(len(made))[:n]]
    return chosen


def _draw(strokes: list[NDArray[np.float64]], width: float) -> Images:
    """Draw strokes, each a chain of points in pixels, (k, 2), with a pen of this width."""
    at = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), -1)[:, :, None]  # (28, 28, 1, 2)
    begins = np.concatenate([stroke[:-1] for stroke in strokes])  # (s, 2)
    ways = np.concatenate([np.diff(stroke, axis=0) for stroke in strokes])
    along = ((at - begins) * ways).sum(-1) / np.maximum((ways**2).sum(-1), 1e-9)
    nearest = begins + np.clip(along, 0, 1)[..., None] * ways  # (28, 28, s, 2)
    distance = np.sqrt(((at - nearest) ** 2).sum(-1)).min(-1)
    drawn: Images = (np.clip(width / 2 + 0.7 - distance, 0, 1) * 255).astype(np.uint8)
    return drawn


def _sign(random: Generator) -> Images:
    sign = SIGNS[random.integers(len(SIGNS))]
    size = random.uniform(3.5, 5.0, 2)
    strokes = [
        (np.array([[int(digit) for digit in point] for point in chain.split()]) - 2.0)
        for chain in sign.split(",")
    ]
    return _draw(
        [
            (points + random.normal(0, 0.15, points.shape)) * size + (SIDE - 1) / 2
            for points in strokes
        ],
        random.uniform(1.5, 3.5),
    )


def _scribble(random: Generator) -> Images:
    strokes = []
    for _ in range(random.integers(2, 5)):
        steps = random.normal(0, 5, (random.integers(3, 8), 2))
        points = random.uniform(7, 21, 2) + np.cumsum(steps, axis=0)
        strokes.append(np.clip(points, 3, 25))
    return _draw(strokes, random.uniform(1.2, 3.5))


def _noise(random: Generator, n: int) -> Images:
    """Return noise as coarse as a pixel or as several, of any strength, down to none."""
    made = np.zeros((n, SIDE, SIDE))
    for image in made:
        coarse = int(random.choice([1, 2, 4, 7, 14, 28]))
        level = random.random((SIDE // coarse, SIDE // coarse))
        if random.random() < 0.5:
            level = (level > random.uniform(0.3, 0.95)).astype(float)
        image[:] = np.kron(level, np.ones((coarse, coarse))) * random.uniform(0, 1)
    return (made * 255).astype(np.uint8)


def _beside(images: Images, random: Generator, n: int) -> Images:
    """Return two digits beside each other, each half as wide as it was."""
    left, right = images[random.integers(len(images), size=(2, n)), :, 4:24:2]  # (n, 28, 10) each
    return np.pad(np.concatenate([left, right], axis=2), ((0, 0), (0, 0), (4, 4)))


def _turned(images: Images, labels: Labels, random: Generator, n: int) -> Images:
    lying = images[np.isin(labels, _ON_SIDE)]
    on_head = images[np.isin(labels, _ON_HEAD)]
    turned = [
        np.rot90(lying[random.integers(len(lying))], random.choice([1, 3]))
        if random.random() < 0.7
        else np.rot90(on_head[random.integers(len(on_head))], 2)
        for _ in range(n)
    ]
    return np.stack(turned)

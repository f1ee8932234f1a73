"""Which items to ask about together: each of them uncertain, typical, and unlike the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from chaffinch.features.rows import Row

FloatArray = NDArray[np.float64]

# Columns that features are folded into: enough to tell items apart, and a bound for memory.
_COLUMNS = 1 << 16
# How much it counts that an item stands for many, is like the others, and unlike those taken before
# it; what is left of an item's worth for each that was taken of its side more than of the other.
# Chosen on shuffles 1 to 3 of the SpamAssassin corpus (benchmarks/adapting/ask.py).
_MANY, _TYPICAL, _UNLIKE, _SAME_SIDE = 0.3, 1.0, 1.0, 0.3


def pick(
    scores: ArrayLike,
    sizes: ArrayLike,
    rows: Sequence[Row],
    most: int,
    *,
    typical: float = _TYPICAL,
    unlike: float = _UNLIKE,
    same_side: float = _SAME_SIDE,
) -> list[int]:
    """Return which items to ask about, those that teach most first.

    An item's worth is how uncertain the model is of it (Lewis and Gale, "A sequential algorithm for
    training text classifiers", SIGIR 1994), times how like the others it is on average, the
    information density of Settles and Craven ("An analysis of active learning strategies for
    sequence labeling tasks", EMNLP 2008), so that an oddity waits. Greedily the worthiest is taken,
    each item's worth shrunk by its likeness to the most like of those taken before, as in maximal
    marginal relevance (Carbonell and Goldstein, "The use of MMR", SIGIR 1998). Likeness is the
    cosine of features. Items above the median of the scores and below it are taken in turns, more
    or less, so that no batch is of one label alone and tilts the model.

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        The model's log-odds.
    sizes : array_like of int, shape (n,)
        How many items each stands for, itself among them.
    rows : sequence of Row, length n
        Their features.
    most : int
        How many to take at most.
    typical, unlike : float
        Powers of the two likenesses' factors: 0 leaves one out.
    same_side : float
        By what an item's worth is multiplied for each that was taken of its side more than of the
        other: 1 leaves that out.

    Examples
    --------
    >>> def row(*slots: int) -> Row:
    ...     return Row(np.array(slots), np.ones(len(slots)))
    >>> pick([0.1, 0.2, 0.3], [1, 1, 1], [row(1, 2), row(1, 2), row(2, 3)], 2)
    [0, 2]
    """
    scores, count = np.asarray(scores, np.float64), np.asarray(sizes, np.float64) ** _MANY
    if not count.size:
        return []
    matrix = _unit_rows(rows)
    mean = count @ matrix / count.sum()
    # 4 p (1 - p)
    uncertain = 1.0 / np.cosh(scores / 2.0) ** 2
    worth = uncertain * (1.0 + np.log(count)) * np.maximum(matrix @ mean, 1e-9) ** typical
    side = np.where(scores > np.median(scores), 1, -1)
    lead = 0
    nearest = np.zeros(count.size)
    left = np.ones(count.size, np.bool_)
    taken: list[int] = []
    while len(taken) < min(most, count.size):
        value = worth * np.maximum(1.0 - nearest, 1e-9) ** unlike
        value *= same_side ** np.maximum(lead * side, 0)
        best = int(np.where(left, value, -1.0).argmax())
        taken.append(best)
        left[best] = False
        lead += int(side[best])
        nearest = np.maximum(nearest, matrix @ matrix[[best]].toarray()[0])
    return taken


def _unit_rows(rows: Sequence[Row]) -> csr_array:
    """Return features as rows of length 1, shape (n, 65536); one without features is all 0."""
    folded = [_folded(row) for row in rows]
    ends = np.cumsum([0, *(slots.size for slots, _ in folded)])
    return csr_array(
        (
            np.concatenate([values for _, values in folded]),
            np.concatenate([slots for slots, _ in folded]),
            ends,
        ),
        shape=(len(rows), _COLUMNS),
    )


def _folded(row: Row) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    slots, place = np.unique(row.slots % _COLUMNS, return_inverse=True)
    values = np.bincount(place, row.values, minlength=slots.size)
    length = float(np.linalg.norm(values)) or 1.0
    return slots.astype(np.int32), (values / length).astype(np.float32)

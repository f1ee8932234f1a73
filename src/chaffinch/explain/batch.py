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
# How much it counts that an item is like the others, and unlike those chosen before it. Chosen on
# shuffles 1 to 3 of the SpamAssassin corpus (benchmarks/adapting/ask.py).
_TYPICAL, _UNLIKE = 0.5, 1.0


def pick(
    scores: ArrayLike,
    sizes: ArrayLike,
    rows: Sequence[Row],
    most: int,
    *,
    typical: float = _TYPICAL,
    unlike: float = _UNLIKE,
) -> list[int]:
    """Return which items to ask about, those that teach most first.

    An item's worth is how uncertain the model is of it (Lewis and Gale, "A sequential algorithm for
    training text classifiers", SIGIR 1994), times how like the others it is on average, the
    information density of Settles and Craven ("An analysis of active learning strategies for
    sequence labeling tasks", EMNLP 2008), so that an oddity waits. Greedily the worthiest is taken,
    each item's worth shrunk by its likeness to the most like of those taken before, as in maximal
    marginal relevance (Carbonell and Goldstein, "The use of MMR", SIGIR 1998). Likeness is the
    cosine of features.

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

    Examples
    --------
    >>> def row(*slots: int) -> Row:
    ...     return Row(np.array(slots), np.ones(len(slots)))
    >>> pick([0.1, 0.2, 0.3], [1, 1, 1], [row(1, 2), row(1, 2), row(2, 3)], 2)
    [0, 2]
    """
    count = np.asarray(sizes, np.float64)
    if not count.size:
        return []
    matrix = _unit_rows(rows)
    mean = count @ matrix / count.sum()
    # p (1 - p), of which four is one at even odds.
    uncertain = 1.0 / np.cosh(np.asarray(scores, np.float64) / 2.0) ** 2
    worth = uncertain * (1.0 + np.log(count)) * np.maximum(matrix @ mean, 1e-9) ** typical
    nearest = np.zeros(count.size)
    left = np.ones(count.size, np.bool_)
    taken: list[int] = []
    while len(taken) < min(most, count.size):
        value = np.where(left, worth * np.maximum(1.0 - nearest, 1e-9) ** unlike, -1.0)
        best = int(value.argmax())
        taken.append(best)
        left[best] = False
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

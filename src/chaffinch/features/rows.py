"""One item's features, as every learner takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from chaffinch.performance.record import Record
    from chaffinch.types import Item

#: Gives the weight of each of an array of slots.
Weigh = Callable[[NDArray[np.int64]], NDArray[Any]]
#: How many accounts owners share: what an owner's flags have moved is counted in one of them.
ACCOUNTS = 1 << 16


class Row(NamedTuple):
    """A sparse row of a feature matrix, perhaps of several views of one item.

    Attributes
    ----------
    slots : ndarray of int64, shape (k,)
        Columns that are not zero, in no particular order; each at most once in a view, and where
        two views share one, its values add up.
    values : ndarray of float64, shape (k,)
        Their values.
    ends : tuple of int
        Where each view ends, none of them empty; a row of one view needs none.
    owner : int
        Where the last view is the owner's own taste, the number of the owner's account; else -1.
    """

    slots: NDArray[np.int64]
    values: NDArray[np.float64]
    ends: tuple[int, ...] = ()
    owner: int = -1


class Line(NamedTuple):
    """Words of an item that stand together.

    Attributes
    ----------
    where : str
        What the part is called.
    first, end : int
        Its first word, and the first behind it.
    named : bool
        Whether its first word is a name of its own, as a mail's header has one.
    """

    where: str
    first: int
    end: int
    named: bool = False


class Shares(NamedTuple):
    """A score divided among the words of an item.

    Attributes
    ----------
    words : list of str, length k
        The words in order, repeats included.
    lines : list of Line
        Which words stand together where, in order; every word is in one of them.
    weights : ndarray of float64, shape (k,)
        Each word's share of the score, in log-odds.
    own : ndarray of float64, shape (k,)
        How much of that comes from the owner's own view.
    """

    words: list[str]
    lines: list[Line]
    weights: NDArray[np.float64]
    own: NDArray[np.float64]


class Features(Protocol):
    """What turns content into rows, and weights back into pieces of the content."""

    @property
    def n_features(self) -> int:
        """The number of columns; every slot is below it."""
        ...

    @property
    def signature(self) -> str:
        """What the columns mean: a model fits only features of the signature it was made with."""
        ...

    def row(self, content: Any, owner: str = "") -> Row:
        """Return the features of one item's content, and of its owner's taste."""
        ...

    def shares(self, content: Any, weigh: Weigh, owner: str = "") -> Shares:
        """Divide Σ weights·values of this content among its words.

        The shares add up to the score of the row without the intercept, to rounding.
        """
        ...


@runtime_checkable
class Pretrained(Protocol):
    """Features that were learned, elsewhere and before."""

    @property
    def name(self) -> str:
        """The id of what was learned."""
        ...

    def measured(self) -> Record | None:
        """Return the verdicts by which it is known how good they are, where any are."""
        ...

    def has_seen(self, item: Item) -> bool:
        """Return whether they were learned from this item."""
        ...

"""The features as a scikit-learn transformer, for anybody's own pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

from chaffinch.task import get_task


class ItemFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    r"""Raw items → the sparse rows that a rung of a task's ladder learns from.

    Nothing is fitted: features are hashed, or given by rules.

    Parameters
    ----------
    task : str
        The task's name.
    rung : str
        The rung of its ladder whose features are wanted: the default is one of text, pictures have
        ``"svm"`` among others.

    Examples
    --------
    >>> ItemFeatures().transform([b"Subject: 4U\n\nfree!\n", b"Subject: lunch\n\n"]).shape
    (2, 4194304)
    """

    def __init__(self, task: str = "mail", rung: str = "linear") -> None:
        self.task = task
        self.rung = rung

    def fit(self, X: Iterable[bytes], y: Any = None) -> Self:  # noqa: ARG002 (scikit-learn's own)
        """Check the parameters; nothing is learned from X.

        Parameters
        ----------
        X : iterable of bytes
            Raw items; not used.
        y : None
            Not used.

        Raises
        ------
        UsageError
            If there is no such task or rung.
        """
        get_task(self.task).rung(self.rung)
        return self

    def transform(self, X: Iterable[bytes]) -> csr_array:
        """Return the features of raw items.

        Parameters
        ----------
        X : iterable of bytes
            Raw items, as they came in.

        Returns
        -------
        csr_array of float64, shape (n_samples, n_features)
        """
        task = get_task(self.task)
        features = task.rung(self.rung).features
        rows = []
        for number, data in enumerate(X):
            if not isinstance(data, bytes):
                raise TypeError(f"item {number} is {type(data).__name__}: give raw bytes")
            rows.append(features.row(task.reader(data)))
        empty: list[Any] = [np.empty(0)]
        return csr_array(
            (
                np.concatenate(empty + [row.values for row in rows]),
                np.concatenate(empty + [row.slots for row in rows]).astype(np.int64),
                np.cumsum([0, *(row.slots.size for row in rows)]),
            ),
            shape=(len(rows), features.n_features),
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        tags.no_validation = True
        return tags

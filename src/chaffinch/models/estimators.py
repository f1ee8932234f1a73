"""The ladder's learners as scikit-learn estimators, for anybody's own pipeline."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, issparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from chaffinch.features.rows import Row
from chaffinch.models.base import Learner
from chaffinch.models.bayes import BayesLearner
from chaffinch.models.committee import CommitteeLearner
from chaffinch.models.linear import LinearLearner


class _OnlineClassifier(ClassifierMixin, BaseEstimator, metaclass=ABCMeta):  # type: ignore[misc]
    """A binary classifier round a learner, which learns row by row in the order given."""

    # Judging a row calls the same kernel as the request path, so the numbers are the same.

    classes_: NDArray[Any]
    learner_: Learner

    @abstractmethod
    def _blank(self, n_features: int) -> Learner:
        """Return the learner that these parameters describe."""

    def _passes(self) -> int:
        return 1

    def fit(self, X: Any, y: Any) -> Self:
        """Learn rows from nothing.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows, in the order in which they are learned.
        y : array-like of shape (n_samples,)
            Their labels, of two kinds; the greater one is the positive.

        Returns
        -------
        self
        """
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64)
        check_classification_targets(y)
        self._begin(np.unique(y), X.shape[1])
        for _ in range(self._passes()):
            self._learn(X, y)
        return self

    def partial_fit(self, X: Any, y: Any, classes: ArrayLike | None = None) -> Self:
        """Learn rows on top of what was learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows, in the order in which they are learned.
        y : array-like of shape (n_samples,)
            Their labels.
        classes : array-like of shape (2,), optional
            Both labels; needed at the first call only.

        Returns
        -------
        self
        """
        first = not hasattr(self, "learner_")
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64, reset=first)
        if first:
            if classes is None:
                raise ValueError("the first call of partial_fit needs classes: give both labels")
            self._begin(np.unique(np.asarray(classes)), X.shape[1])
        unknown = np.setdiff1d(y, self.classes_)
        if unknown.size:
            raise ValueError(f"y has labels {unknown} that are not in classes {self.classes_}")
        self._learn(X, y)
        return self

    def _begin(self, classes: NDArray[Any], n_features: int) -> None:
        if classes.size > 2:
            raise ValueError(
                f"Only binary classification is supported. y has {classes.size} classes."
            )
        if classes.size < 2:
            raise ValueError(
                f"{type(self).__name__} can't tell labels apart: y has 1 class, {classes}; give "
                "examples of two"
            )
        self.classes_ = classes
        self.learner_ = self._blank(n_features)

    def _learn(self, X: Any, y: NDArray[Any]) -> None:
        for row, positive in zip(_rows(X), y == self.classes_[1], strict=True):
            self.learner_.learn(row, bool(positive))

    def _scores(self, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        return np.array([self.learner_.score(row) for row in _rows(X)])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each label, shape (n_samples, 2)."""
        scores = self._scores(X)
        positive = np.exp(-np.logaddexp(0.0, -scores))
        return np.column_stack((1.0 - positive, positive))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the more probable label, shape (n_samples,)."""
        positive = self._scores(X) > 0
        return self.classes_[positive.astype(np.intp)]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = True
        return tags


class OnlineLogisticRegression(_OnlineClassifier):
    """Logistic regression learned one row at a time, with AdaGrad step sizes.

    The estimator of `chaffinch.models.linear.LinearLearner`, which names its source.

    Parameters
    ----------
    rate : float
        Step size.
    epsilon : float
        Added to the root of a weight's summed squared gradients.
    passes : int
        How often `fit` goes through the rows; `partial_fit` does once.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second is the positive.
    learner_ : LinearLearner
        The model.

    Examples
    --------
    >>> model = OnlineLogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], ["ham", "spam"])
    >>> model.predict([[1.0, 0.0]])
    array(['spam'], dtype='<U4')
    """

    def __init__(self, rate: float = 0.3, epsilon: float = 1e-4, passes: int = 5) -> None:
        self.rate = rate
        self.epsilon = epsilon
        self.passes = passes

    def _blank(self, n_features: int) -> Learner:
        return LinearLearner.blank(n_features, rate=self.rate, epsilon=self.epsilon)

    def _passes(self) -> int:
        return self.passes

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the log-odds of the greater label, shape (n_samples,)."""
        return self._scores(X)


class OnlineCommittee(_OnlineClassifier):
    """Gradient and counts together: the learner of the top rung of mail, one row at a time.

    The estimator of `chaffinch.models.committee.CommitteeLearner`, which names its sources. A row
    of a matrix is one view, and so the committee has one member; nobody owns it.

    Parameters
    ----------
    rate : float
        Step size of the gradient.
    epsilon : float
        Added to the root of a weight's summed squared gradients: bounds its first step.
    lean : float
        How much of naive Bayes' log-odds a weight takes over.
    alpha : float
        Added to every count.
    damping : float
        So many items of the rarer label halve what naive Bayes is worth before them.
    margin : float
        Rows whose probability errs by less are not learned.
    patience : float
        So many items of the rarer label halve the score before them.
    doubt : float
        By how much the odds that a surprising label is wrong are multiplied, where labels often
        contradict sure verdicts; with 0 all are believed.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second is the positive.
    learner_ : CommitteeLearner
        The model.

    Examples
    --------
    >>> model = OnlineCommittee().fit([[0.0, 1.0], [1.0, 0.0]], ["ham", "spam"])
    >>> model.predict([[1.0, 0.0]])
    array(['spam'], dtype='<U4')
    """

    def __init__(
        self,
        rate: float = 0.5,
        epsilon: float = 1e-3,
        lean: float = 0.3,
        alpha: float = 0.2,
        damping: float = 10.0,
        margin: float = 0.001,
        patience: float = 4.0,
        doubt: float = 4.0,
    ) -> None:
        self.rate = rate
        self.epsilon = epsilon
        self.lean = lean
        self.alpha = alpha
        self.damping = damping
        self.margin = margin
        self.patience = patience
        self.doubt = doubt

    def _blank(self, n_features: int) -> Learner:
        return CommitteeLearner.blank(n_features, **self.get_params())

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the log-odds of the greater label, shape (n_samples,)."""
        return self._scores(X)


class OnlineNaiveBayes(_OnlineClassifier):
    """Multinomial naive Bayes, counted one row at a time.

    The estimator of `chaffinch.models.bayes.BayesLearner`, which names its source.

    Parameters
    ----------
    alpha : float
        Added to every count (Lidstone smoothing).

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second is the positive.
    learner_ : BayesLearner
        The model.

    Examples
    --------
    >>> model = OnlineNaiveBayes().fit([[0.0, 1.0], [1.0, 0.0]], ["ham", "spam"])
    >>> model.predict([[1.0, 0.0]])
    array(['spam'], dtype='<U4')
    """

    def __init__(self, alpha: float = 0.01) -> None:
        self.alpha = alpha

    def _blank(self, n_features: int) -> Learner:
        return BayesLearner.blank(n_features, alpha=self.alpha)

    def _learn(self, X: Any, y: NDArray[Any]) -> None:
        if (X.data if issparse(X) else X).min(initial=0.0) < 0:
            raise ValueError(
                "Negative values in data passed to OnlineNaiveBayes: counts can't be below 0"
            )
        super()._learn(X, y)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags


def _rows(X: Any) -> list[Row]:
    matrix = csr_array(X)
    matrix.sum_duplicates()
    starts = matrix.indptr
    return [
        Row(matrix.indices[start:end].astype(np.int64), matrix.data[start:end])
        for start, end in pairwise(starts)
    ]

"""A trained net that learns on: what it said before, what was flagged since, and a layer on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.net import NetFeatures
from chaffinch.features.rows import Row
from chaffinch.models.fitted import MET, FittedLearner
from chaffinch.models.memory import CODES, KEYS, MEMORY, Memory, unit
from chaffinch.models.multiclass import LABELS, labels_tensor, softmax

# How strongly the layer on top is drawn to add nothing to what the net says: what is remembered
# does the rest, and costs others less. Chosen, as those below, on the last 10,000 training images
# of MNIST and two speakers of the Free Spoken Digit Dataset, which twins of the nets have not met.
_DECAY = 30.0
# Log-odds that an exact copy of a flagged example gives its label, and the width of likeness.
_STRENGTH, _WIDTH = 20.0, 0.06
# Up to which probability of its label, by the net alone, an example is remembered after a fit.
_SURE = 0.9
# By which factor an example of a label that the net does not know says more: nothing else speaks
# for that label.
_ALONE = 2.0
# The logarithm of the probability of a label that the net does not know, before it was flagged.
_UNKNOWN = -8.0
# The width of likeness to such a label, as a multiple of what its examples differ from each other,
# and at least as a share of the width above; that counts as one example more. Chosen on words of
# six voices of espeak-ng and a net that had not learned Speech Commands.
_REACH, _NARROWEST = 5.0, 0.25
# How far from its examples such a label is believed, as a multiple of the median of how far they
# lie from each other, and at least. A median, since one flag in thirty of a sign is unlike all
# others. Chosen on a sign of straight strokes, on letters beside it, and on those words.
_BELIEVED, _AT_LEAST = 4.0, 0.015
# Log-odds of what is not believed: the label stays the likeliest, and that is all.
_HARDLY = 1e-6


class HeadLearner(FittedLearner):
    """A net's verdict, corrected by what was flagged.

    A flag counts at once by being remembered on the net's embedding. At each fit, a linear layer on
    the embedding learns what has to be added to the net's logits: multinomial logistic regression
    drawn to adding nothing, on all that was flagged and on some of what the net was trained on, so
    that what it knew is not lost. Of the flags those are still remembered whose label the net was
    not sure of by itself.
    """

    needs: ClassVar[tuple[str, ...]] = ("onnxruntime",)
    fitted_tensors: ClassVar[tuple[str, ...]] = ("head",)
    tensors_to_judge: ClassVar[tuple[str, ...]] = (LABELS, MET, *MEMORY, "head", "anchors")

    def __init__(self, params: Mapping[str, float], tensors: Mapping[str, NDArray[Any]]) -> None:
        super().__init__(params, tensors)
        self._made_of: NDArray[Any] | None = None
        self._made: dict[str, NDArray[Any]] = {}
        self._wide_of: NDArray[Any] | None = None
        self._wide = self._far = np.empty(0)

    @classmethod
    def start(cls, features: NetFeatures) -> Self:  # type: ignore[override]
        """Return the net as it was trained."""
        return cls.of_net(features.embedding, features.labels, features.anchors)

    @classmethod
    def blank(cls, n_features: int, labels: tuple[str, ...]) -> Self:
        """Return a net as it was trained, with nothing kept of what that was on."""
        none = np.empty((0, n_features), np.float32)
        return cls.of_net(n_features - len(labels), labels, none)

    @classmethod
    def of_net(cls, embedding: int, labels: tuple[str, ...], anchors: NDArray[np.float32]) -> Self:
        """Return a net as it was trained.

        Parameters
        ----------
        embedding : int
            The length of its embedding.
        labels : tuple of str
            What its logits stand for.
        anchors : ndarray of float32, shape (n, labels + embedding)
            Some of what it was trained on, as it sees it: logits, then embedding.
        """
        return cls(
            {"outputs": float(len(labels))},
            {
                LABELS: labels_tensor(labels),
                "head": np.empty(0, np.float32),
                MET: np.zeros(len(labels) + embedding, np.uint8),
                "anchors": anchors,
                **Memory.blank(embedding),
            },
        )

    @property
    def memory(self) -> Memory:
        """How the newest examples are remembered."""
        return Memory(super().memory.size, _STRENGTH, _WIDTH)

    @property
    def _outputs(self) -> int:
        return int(self.params["outputs"])

    def key(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the embedding of one row or of many: what is like in it is like to the net."""
        return values[..., self._outputs :]

    def evidence(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return what the remembered examples add to the scores of a row, shape (labels,).

        An example speaks the less, the nearer lies what the net was trained on under other labels:
        not at all where that is nearer, and in full of a copy. A wrong flag of an ordinary item so
        moves little but its copies.

        How far a label reaches that the net does not know, nothing but its examples says: where
        they are much like each other, as of one voice, what is less so is none of them (a kernel of
        variable width: L. Breiman, W. Meisel and E. Purcell, Technometrics 19, 1977).
        """
        key, widths = self.key(values), self._widths(labels)
        gained = self.memory.evidence(self.tensors, key, labels, widths)
        if len(self.tensors["anchors"]) and gained.any():
            alike = self.memory.evidence(self.anchored, key, labels)
            away, theirs = (
                -np.log(np.clip(one / _STRENGTH, 1e-30, 1.0)) for one in (gained, alike)
            )
            for label in np.flatnonzero(gained):
                nearest = np.delete(theirs, label).min()
                gained[label] *= max(0.0, 1.0 - away[label] / max(nearest, 1e-9))
        gained[self._outputs :] *= _ALONE
        return gained

    def _widths(self, labels: int) -> NDArray[np.float64]:
        """Return the width of likeness to each label; made once for what is remembered.

        With it is made how far each label is believed that the net does not know.
        """
        keys = self.tensors[KEYS]
        if self._wide_of is not keys or len(self._wide) != labels:
            self._wide_of, self._wide = keys, np.full(labels, _WIDTH)
            self._far = np.full(labels, _AT_LEAST)
            for code in range(self._outputs, labels):
                apart = self.memory.apart(self.tensors, code)
                if apart.size > 1:
                    reach = (_REACH * apart.sum() + _WIDTH) / (apart.size + 1)
                    self._wide[code] = min(_WIDTH, max(_NARROWEST * _WIDTH, reach))
                    self._far[code] = max(_AT_LEAST, _BELIEVED * float(np.median(apart)))
        return self._wide

    def _bounded(
        self, scores: NDArray[np.float64], values: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return scores in which no label that the net does not know is surer than its examples.

        No counterexample among n examples says odds of 2n + 1 (the mean of what H. Jeffreys would
        believe of a share, 1946); of what is farther from them than they lie from each other they
        say nothing, however much of what they have in common it shares. Which label is the best
        stays as it is. A label of which the layer alone still knows is as sure as that is.
        """
        best = int(scores.argmax())
        mine = self.tensors[CODES] == best
        if best < self._outputs or not mine.any():
            return scores
        self._widths(scores.size)
        away = 1.0 - float((self.tensors[KEYS][mine] @ unit(self.key(values))).max())
        most = np.log(2 * np.count_nonzero(mine) + 1) if away <= self._far[best] else _HARDLY
        rest = float(np.logaddexp.reduce(np.delete(scores, best)))
        bounded = scores.copy()
        bounded[best] = min(scores[best], rest + most)
        return bounded

    @property
    def anchored(self) -> dict[str, NDArray[Any]]:
        """What is kept of what the net was trained on, as a memory holds it; made once."""
        anchors = self.tensors["anchors"]
        if self._made_of is not anchors:
            self._made_of = anchors
            self._made = {
                KEYS: unit(self.key(anchors)),
                CODES: anchors[:, : self._outputs].argmax(axis=1),
            }
        return self._made

    def scores(self, row: Row) -> NDArray[np.float64]:
        """Return the logarithm of each label's probability, up to a common constant."""
        count = len(self.labels)
        scores = self._fitted(row.values, count) + self.evidence(row.values, count)
        return self._bounded(scores, row.values)

    def _fitted(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return what net and layer say of a row, shape (labels,)."""
        scores: NDArray[np.float64] = self._said(values[np.newaxis], labels)[0]
        if self.is_fitted:
            head = self.tensors["head"]
            added = self.key(values) @ head[:-1] + head[-1]
            scores[: added.size] += added
        return scores

    def _said(self, X: NDArray[Any], labels: int) -> NDArray[np.float64]:
        """Return what the net says of rows, shape (n, labels)."""
        logits = np.asarray(X[:, : self._outputs], np.float64)
        said = np.full((len(X), labels), _UNKNOWN)
        said[:, : self._outputs] = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        return said

    def fit(self, rows: Sequence[Row], targets: Sequence[str]) -> None:
        """Fit the layer on top to all these examples, in place.

        The newest of those are remembered that the net was not sure of.
        """
        codes = np.array([self.code(label) for label in targets], np.int64)
        X = np.array([row.values for row in rows], np.float32)
        self.fit_arrays(X, codes)
        said = self._said(X, len(self.labels))
        unsure = np.flatnonzero(said[np.arange(len(X)), codes] < np.log(_SURE)).tolist()
        self.remember_newest([rows[one] for one in unsure], [targets[one] for one in unsure])

    def remember_newest(self, rows: Sequence[Row], targets: Sequence[str]) -> None:
        """Remember the newest of these examples, in place, and no others."""
        self.memory.forget(self.tensors)
        newest = slice(-self.memory.size, None)
        for row, label in zip(rows[newest], targets[newest], strict=True):
            self.learn(row, label)

    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the layer on top: weights and, in its last row, intercepts."""
        from scipy.optimize import minimize

        flagged = len(X)
        X = np.concatenate((X, self.tensors["anchors"]))
        said = self._said(X, labels)
        keys = self.key(X.astype(np.float64))
        inputs = np.pad(keys, ((0, 0), (0, 1)), constant_values=1)
        # Of what it was trained on the net is to go on thinking what it thinks, as sure as it is.
        kept = said[flagged:] - np.logaddexp.reduce(said[flagged:], axis=1, keepdims=True)
        wanted = np.concatenate((np.eye(labels)[codes], np.exp(kept)))

        def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            head = flat.reshape(inputs.shape[1], labels)
            scores = said + inputs @ head
            log_probability = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
            value = -float((wanted * log_probability).sum()) + 0.5 * _DECAY * float(flat @ flat)
            gradient = inputs.T @ (np.exp(log_probability) - wanted) + _DECAY * head
            return value, gradient.ravel()

        start = np.zeros(inputs.shape[1] * labels)
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200})
        return {"head": found.x.reshape(inputs.shape[1], labels).astype(np.float32)}

    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return what net and layer make of a row, without what is remembered."""
        return softmax(self._fitted(values, labels))

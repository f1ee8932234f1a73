"""A multilayer perceptron: the plain neural network."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.fitted import FittedLearner

_HIDDEN = (300, 100)
_LAYERS = len(_HIDDEN) + 1
# Chosen on the last 10,000 training images of MNIST.
_EPOCHS, _BATCH = 40, 200
# Of fewer examples none is set aside to tell when to stop: each is worth more as one to learn.
_SPARED = 5000


class PerceptronLearner(FittedLearner):
    """Layers of units, each fed by all of the layer before (D. Rumelhart and others, 1986).

    Learned by backpropagation with Adam's steps. Of many examples a tenth is set aside, and
    learning stops where these are judged no better.
    """

    fitted_tensors: ClassVar[tuple[str, ...]] = (
        "known",
        *(f"{kind}_{layer}" for layer in range(_LAYERS) for kind in ("weights", "bias")),
    )

    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the numbers of the labels it has learned, and each layer's weights."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        del labels
        # Of each label an example is set aside, and another is learned.
        spares = len(X) >= _SPARED and np.bincount(codes)[np.unique(codes)].min() > 1
        net = MLPClassifier(
            _HIDDEN,
            max_iter=_EPOCHS,
            batch_size=min(_BATCH, len(X)),
            early_stopping=spares,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            net.fit(X, codes)
        tensors = {"known": net.classes_.astype(np.uint16)}
        for layer, (weights, bias) in enumerate(zip(net.coefs_, net.intercepts_, strict=True)):
            if layer == _LAYERS - 1 and bias.size == 1:
                # Of two labels there is one unit, for the second.
                weights, bias = np.pad(weights, ((0, 0), (1, 0))), np.pad(bias, (1, 0))
            tensors[f"weights_{layer}"] = weights.astype(np.float32)
            tensors[f"bias_{layer}"] = bias.astype(np.float32)
        return tensors

    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return the softmax of what the last layer says."""
        said = values.astype(np.float32)
        for layer in range(_LAYERS):
            if layer:
                said = np.maximum(said, 0)
            said = said @ self.tensors[f"weights_{layer}"] + self.tensors[f"bias_{layer}"]
        odds = np.exp(said - said.max()).astype(np.float64)
        shares = np.zeros(labels)
        shares[self.tensors["known"]] = odds / odds.sum()
        return shares

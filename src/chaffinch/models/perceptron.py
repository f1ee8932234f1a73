"""A multilayer perceptron: the plain neural network."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.layers import LayeredLearner

# Chosen on the last 10,000 training images of MNIST.
_EPOCHS, _BATCH = 40, 200
# Of fewer examples none is set aside to tell when to stop: each is worth more as one to learn.
_SPARED = 5000


class PerceptronLearner(LayeredLearner):
    """Layers of units, each fed by all of the layer before (D. Rumelhart and others, 1986).

    Learned by backpropagation with Adam's steps. Of many examples a tenth is set aside, and
    learning stops where these are judged no better.
    """

    hidden: ClassVar[tuple[int, ...]] = (300, 100)

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
            self.hidden,
            max_iter=_EPOCHS,
            batch_size=min(_BATCH, len(X)),
            early_stopping=spares,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            net.fit(X, codes)
        layers = list(zip(net.coefs_, net.intercepts_, strict=True))
        weights, bias = layers[-1]
        if bias.size == 1:
            # Of two labels there is one unit, for the second.
            layers[-1] = np.pad(weights, ((0, 0), (1, 0))), np.pad(bias, (1, 0))
        return self.stored(net.classes_, layers)

    @staticmethod
    def unit(said: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what is above nought (rectified linear units)."""
        return np.maximum(said, 0)

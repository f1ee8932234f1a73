"""Layers of units, each fed by all of the layer before: how such a net judges."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.fitted import FittedLearner
from chaffinch.models.multiclass import softmax


class LayeredLearner(FittedLearner):
    """Fully connected layers and a softmax; a subclass says how they are learned."""

    #: Units of each hidden layer.
    hidden: ClassVar[tuple[int, ...]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        layers = range(len(cls.hidden) + 1)
        names = [f"{kind}_{layer}" for layer in layers for kind in ("weights", "bias")]
        cls.fitted_tensors = ("known", *names)
        super().__init_subclass__(**kwargs)

    @staticmethod
    @abstractmethod
    def unit(said: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what hidden units make of what they are told."""

    @staticmethod
    def stored(
        known: NDArray[Any], layers: Iterable[tuple[NDArray[Any], NDArray[Any]]]
    ) -> dict[str, NDArray[Any]]:
        """Return the tensors of a net.

        Parameters
        ----------
        known : ndarray of int
            The numbers of the labels that it has learned.
        layers : iterable of (ndarray, ndarray)
            Weights, (inputs, outputs), and biases, (outputs,), the lowest first.
        """
        tensors = {"known": known.astype(np.uint16)}
        for layer, (weights, bias) in enumerate(layers):
            tensors[f"weights_{layer}"] = weights.astype(np.float32)
            tensors[f"bias_{layer}"] = bias.astype(np.float32)
        return tensors

    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return the softmax of what the last layer says."""
        said = values.astype(np.float32)
        for layer in range(len(self.hidden) + 1):
            if layer:
                said = self.unit(said)
            said = said @ self.tensors[f"weights_{layer}"] + self.tensors[f"bias_{layer}"]
        shares = np.zeros(labels)
        shares[self.tensors["known"]] = softmax(said)
        return shares

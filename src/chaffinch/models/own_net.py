"""Nets of one's own items alone: PyTorch teaches them, onnxruntime judges."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.fitted import FittedLearner
from chaffinch.models.multiclass import softmax
from chaffinch.models.onnx_net import HeldNet

#: The tensor that holds a net: the bytes of its ONNX file.
NET = "net"


class OwnNetLearner(FittedLearner):
    """A net that is begun from nothing; a subclass says what it looks at, and teaches it.

    Teaching needs the extra ``train``; what was learned is judged with by onnxruntime.
    """

    needs: ClassVar[tuple[str, ...]] = ("onnxruntime", "torch", "onnx", "onnxscript")
    fitted_tensors: ClassVar[tuple[str, ...]] = (NET,)

    def __init__(self, params: Mapping[str, float], tensors: Mapping[str, NDArray[Any]]) -> None:
        super().__init__(params, tensors)
        self._held = HeldNet()

    @staticmethod
    @abstractmethod
    def inputs(X: NDArray[Any]) -> NDArray[np.float32]:
        """Return rows as a net takes them, (n, 1, height, width)."""

    @staticmethod
    @abstractmethod
    def taught(X: NDArray[np.float32], codes: NDArray[np.int64], labels: int) -> bytes:
        """Return a net, as an ONNX file, that has learned rows.

        Parameters
        ----------
        X : array of shape (n, n_features)
            The rows.
        codes : array of shape (n,)
            The numbers of their labels.
        labels : int
            How many there are.

        Raises
        ------
        MissingExtraError
            If PyTorch, onnx or onnxscript is not installed.
        """

    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the net, taught by these rows.

        Raises
        ------
        MissingExtraError
            If PyTorch, onnx or onnxscript is not installed.
        """
        return {NET: np.frombuffer(self.taught(X, codes, labels), np.uint8)}

    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return the softmax of what the net says."""
        logits = self._held(self.tensors[NET])(self.inputs(values[np.newaxis]))[0][0]
        shares = np.zeros(labels)
        shares[: logits.size] = softmax(logits)
        return shares

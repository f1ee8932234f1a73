"""A convolutional net of one's own pictures alone: PyTorch teaches it, onnxruntime judges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.fitted import FittedLearner
from chaffinch.models.onnx_net import HeldNet, squares

#: The tensor that holds a net: the bytes of its ONNX file.
NET = "net"


class ConvnetLearner(FittedLearner):
    """A convolutional net, begun from nothing and taught as the one that ships was.

    As `chaffinch.nets.digits` has it, which needs the extra ``train``; what it has learned is
    judged with by onnxruntime.
    """

    fitted_tensors: ClassVar[tuple[str, ...]] = (NET,)

    def __init__(self, params: Mapping[str, float], tensors: Mapping[str, NDArray[Any]]) -> None:
        super().__init__(params, tensors)
        self._held = HeldNet()

    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the net, taught by these pictures.

        Raises
        ------
        MissingExtraError
            If PyTorch, onnx or onnxscript is not installed.
        """
        from chaffinch.nets.digits import courses_of, one_net
        from chaffinch.nets.export import exported

        images = np.rint(255 * squares(X)[:, 0]).astype(np.uint8)
        net = one_net(images, codes, courses_of(len(images)), classes=labels)
        return {NET: np.frombuffer(exported(net), np.uint8)}

    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return the softmax of what the net says."""
        logits = self._held(self.tensors[NET])(squares(values[np.newaxis]))[0][0]
        odds = np.exp(logits - logits.max()).astype(np.float64)
        shares = np.zeros(labels)
        shares[: odds.size] = odds / odds.sum()
        return shares

"""The 2006 network on the ladder: PyTorch teaches it, numpy judges."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.layers import LayeredLearner

# Epochs of fine-tuning: of few examples each is seen oftener, so that there are steps enough.
_EPOCHS, _MOST_EPOCHS, _SEEN = 30, 300, 100_000


class DBNLearner(LayeredLearner):
    """A deep belief net, pretrained layer by layer without labels, then fine-tuned on them.

    As `chaffinch.nets.dbn` has it (G. Hinton, S. Osindero and Y. Teh, 2006), which needs the extra
    ``train``; what it has learned is judged with without.
    """

    needs: ClassVar[tuple[str, ...]] = ("torch",)
    hidden: ClassVar[tuple[int, ...]] = (500, 500, 2000)
    #: Settings of `DBNClassifier` that are not its own, nor chosen by how many examples there are.
    settings: ClassVar[dict[str, Any]] = {}

    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the numbers of the labels it has learned, and each layer's weights.

        Raises
        ------
        MissingExtraError
            If PyTorch is not installed.
        """
        from chaffinch.nets.dbn import DBNClassifier

        del labels
        epochs = min(_MOST_EPOCHS, max(_EPOCHS, _SEEN // len(X)))
        settings = {"epochs": epochs, "random_state": 0, **self.settings}
        net = DBNClassifier(self.hidden, **settings).fit(X, codes)
        layers = [(weights.cpu().numpy(), bias.cpu().numpy()) for weights, bias in net.layers_]
        return self.stored(net.classes_, layers)

    @staticmethod
    def unit(said: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return how probably each unit is on (sigmoid)."""
        return np.asarray(1 / (1 + np.exp(-np.clip(said, -80, 80))), np.float32)

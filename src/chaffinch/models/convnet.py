"""A convolutional net of one's own pictures alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.onnx_net import AGAIN, squares
from chaffinch.models.own_net import OwnNetLearner
from chaffinch.models.tuned import TunedLearner

if TYPE_CHECKING:
    from chaffinch.nets.tuning import Tuning


class ConvnetLearner(OwnNetLearner):
    """A convolutional net, begun from nothing and taught as the one that ships was."""

    @staticmethod
    def inputs(X: NDArray[Any]) -> NDArray[np.float32]:
        """Return rows of pixels as images."""
        return squares(X)

    @staticmethod
    def taught(X: NDArray[np.float32], codes: NDArray[np.int64], labels: int) -> bytes:
        """Return a net, as an ONNX file, that has learned pictures."""
        from chaffinch.nets.digits import courses_of, one_net
        from chaffinch.nets.export import exported

        images = np.rint(255 * squares(X)[:, 0]).astype(np.uint8)
        net = one_net(images, codes, courses_of(len(images)), classes=labels)
        return exported(net, about=AGAIN)


class TunedConvnetLearner(TunedLearner):
    """A convolutional net for pictures, of which all layers learn on."""

    @staticmethod
    def tuning() -> Tuning:
        """Return how the whole net is taught."""
        from chaffinch.nets.augment import Augmentation
        from chaffinch.nets.tuning import Tuning

        return Tuning(
            Augmentation(rotation=8, scale=0.08, shear=0.1, shift=1.0, elastic=0.02, pen=0.2)
        )

"""A convolutional net of one's own recordings alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.mel import log_mel, seen_of
from chaffinch.models.own_net import OwnNetLearner
from chaffinch.models.tuned import TunedLearner

if TYPE_CHECKING:
    from chaffinch.nets.tuning import Tuning


class SoundnetLearner(OwnNetLearner):
    """A net that hears words, begun from nothing."""

    @staticmethod
    def inputs(X: NDArray[Any]) -> NDArray[np.float32]:
        """Return rows of samples as mel spectra."""
        return seen_of(log_mel(np.asarray(X, np.float32)))[:, np.newaxis]

    @staticmethod
    def taught(X: NDArray[np.float32], codes: NDArray[np.int64], labels: int) -> bytes:
        """Return a net, as an ONNX file, that has learned words."""
        from chaffinch.nets.export import exported
        from chaffinch.nets.words import recipe_of, stored, word_net

        net = word_net(stored(X), codes, labels, recipe=recipe_of(len(X), labels))
        return exported(net, shape=SoundnetLearner.inputs(X[:1]).shape[2:])


class TunedSoundnetLearner(TunedLearner):
    """A net that hears words, of which all layers learn on."""

    @staticmethod
    def tuning() -> Tuning:
        """Return how the whole net is taught."""
        from chaffinch.nets.spectra import Spectra
        from chaffinch.nets.tuning import Tuning

        # Chosen on two speakers of the Free Spoken Digit Dataset, by nets that had not heard them.
        return Tuning(Spectra(), steps=120, beside=64, rate=3e-3, share=0.7)

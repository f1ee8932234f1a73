"""A trained net of which all layers learn on: its own copy of the net is part of the model."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.net import TunableFeatures
from chaffinch.features.rows import Row
from chaffinch.models.fitted import MET
from chaffinch.models.head import HeadLearner
from chaffinch.models.memory import Memory
from chaffinch.models.onnx_net import HeldNet

if TYPE_CHECKING:
    from chaffinch.nets.tuning import Tuning

#: The tensor that holds the net: the bytes of its ONNX file.
NET = "net"
# What a net is to go on thinking what it thinks of.
_KEPT = "kept"
# Of what is remembered: see `HeadLearner`.
_STRENGTH, _WIDTH = 20.0, 0.03


class TunedLearner(HeadLearner):
    """A net's verdict, corrected by what was flagged, of a net that was taught the flags itself.

    `tune` teaches the whole net, which needs the extra ``train``; it is done where a model is to
    prove itself (`chaffinch.loop.tune`). All else takes no PyTorch: a flag counts at once by being
    remembered on the embedding, and the newest are so after each fit, too. A layer on top would
    only cost strangers more. A subclass says how the net is taught. Rows are what a net looks at,
    from 0 to 1, such as pixels.
    """

    needs: ClassVar[tuple[str, ...]] = ("onnxruntime", "torch", "onnx")
    tensors_to_judge: ClassVar[tuple[str, ...]] = (*HeadLearner.tensors_to_judge, NET)
    tunes: ClassVar[bool] = True

    def __init__(self, params: Mapping[str, float], tensors: Mapping[str, NDArray[Any]]) -> None:
        super().__init__(params, tensors)
        self._held = HeldNet()

    @staticmethod
    @abstractmethod
    def tuning() -> Tuning:
        """Return how the whole net is taught."""

    @property
    def memory(self) -> Memory:
        """How the newest examples are remembered: with no anchors to compete, less far."""
        return Memory(super().memory.size, _STRENGTH, _WIDTH)

    @classmethod
    def start(cls, features: TunableFeatures) -> Self:  # type: ignore[override]
        """Return the net as it was trained."""
        net = np.frombuffer(features.path.read_bytes(), np.uint8)
        return cls.of_file(net, features.labels, features.kept)

    @classmethod
    def of_file(
        cls, net: NDArray[np.uint8], labels: tuple[str, ...], kept: NDArray[np.uint8]
    ) -> Self:
        """Return a net as it was trained.

        Parameters
        ----------
        net : ndarray of uint8
            The bytes of its ONNX file.
        labels : tuple of str
            What its logits stand for.
        kept : ndarray of uint8, shape (n, n_features)
            Items of which it is to go on thinking what it thinks, 255 for 1.
        """
        blank = _seen(HeldNet(), net, np.zeros((1, kept.shape[1])))
        started = cls.of_net(blank.shape[1] - len(labels), labels, blank[:0])
        started.tensors |= {NET: net, _KEPT: kept}
        return started

    def tune(self, rows: Sequence[Row], targets: Sequence[str]) -> None:
        """Teach the whole net these examples, in place, and remember the newest.

        Parameters
        ----------
        rows : sequence of Row
            What the net looks at.
        targets : sequence of str
            Their labels.

        Raises
        ------
        MissingExtraError
            If PyTorch or onnx is not installed.
        """
        from chaffinch.nets.tuning import tuned

        codes = np.array([self.code(label) for label in targets], np.int64)
        labels, outputs = self.labels, int(self.params["outputs"])
        shape = self._held(self.tensors[NET]).shape[1:]
        seen = np.rint(255 * np.array([row.values for row in rows])).astype(np.uint8)
        items, kept = (some.reshape(len(some), *shape) for some in (seen, self.tensors[_KEPT]))
        before = self.tensors[NET].tobytes()
        data = tuned(before, items, codes, kept, len(labels), self.tuning())
        self.tensors[NET] = np.frombuffer(data, np.uint8)
        # It may know labels that it did not know before.
        self.params["outputs"] = float(len(labels))
        embedding = self.tensors[MET].size - outputs
        self.tensors[MET] = np.zeros(len(labels) + embedding, np.uint8)
        self.fit(rows, targets)

    def scores(self, row: Row) -> NDArray[np.float64]:
        """Return the logarithm of each label's probability, up to a common constant."""
        return super().scores(self._row(row))

    def learn(self, row: Row, label: str) -> None:
        """Remember one row and its true label until the next fit."""
        super().learn(self._row(row), label)

    def fit(self, rows: Sequence[Row], targets: Sequence[str]) -> None:
        """Remember the newest of all these examples, in place, and nothing else."""
        self.remember_newest(rows, targets)

    def novelty(self, row: Row) -> float:
        """Return the share of a row in features that were 0 in all it has learned."""
        return super().novelty(self._row(row))

    def _row(self, row: Row) -> Row:
        return _dense(_seen(self._held, self.tensors[NET], row.values[np.newaxis])[0])


def _seen(held: HeldNet, net: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float32]:
    """Return rows as a net sees them: logits, then embedding."""
    opened = held(net)
    inputs = np.asarray(rows, np.float32).reshape(len(rows), *opened.shape)
    return np.concatenate(opened(inputs), axis=1)


def _dense(values: NDArray[np.float32]) -> Row:
    return Row(np.arange(values.size), values.astype(np.float64))

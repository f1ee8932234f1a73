"""What a net that was trained before makes of an item: its logits and its embedding."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.dense import DenseFeatures
from chaffinch.features.pixels import PictureFeatures, PixelFeatures
from chaffinch.models.files import ModelCard, read_model, save_model
from chaffinch.readers.image import read_image
from chaffinch.types import Item

if TYPE_CHECKING:
    from chaffinch.models.onnx_net import OnnxNet
    from chaffinch.performance.record import Record

# Items of each label, of those that a net was trained on, that are kept as the net sees them.
_ANCHORS = 50
# Bytes of a file that may hold a picture as data sets have them, in any format.
_SMALL = 8192


@dataclass(frozen=True)
class NetFeatures(DenseFeatures):
    """A net's logits and embedding, whatever it looks at.

    Beside the net's file lies one of what it has seen: ids of the items that it was trained on,
    and some of them, as they are and as the net sees them, so that whoever trains it on has
    something to hold on to.

    Parameters
    ----------
    path : Path
        The net: an ONNX file.
    labels : tuple of str
        What its logits stand for.
    """

    path: Path
    labels: tuple[str, ...]

    @property
    def n_features(self) -> int:
        """Logits, then embedding."""
        return len(self.labels) + self.embedding

    @property
    def embedding(self) -> int:
        """The length of the embedding."""
        return int(self.card.params["embedding"])

    @cached_property
    def card(self) -> ModelCard:
        """What the net is called, and of which file."""
        return read_model(self.beside, ())[0]

    @property
    def name(self) -> str:
        """What the net is called."""
        return self.card.id

    @property
    def signature(self) -> str:
        """The net's id and digest: another net makes other features."""
        return self.card.features

    @property
    def beside(self) -> Path:
        """The file of what the net has seen."""
        return self.path.with_suffix(".safetensors")

    def of_inputs(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits and embeddings, shape (n, n_features).

        Parameters
        ----------
        inputs : ndarray of float32, shape (n, height, width)
            What the net looks at, from 0 to 1.
        """
        logits, embedding = net_of(self.path)(inputs[:, np.newaxis])
        return np.concatenate((logits, embedding), axis=1)

    @cached_property
    def anchors(self) -> NDArray[np.float32]:
        """Rows of some items that the net was trained on, shape (n, n_features)."""
        anchors: NDArray[np.float32] = read_model(self.beside, ("anchors",))[1]["anchors"]
        return anchors.astype(np.float32)

    @cached_property
    def _known(self) -> NDArray[np.uint32]:
        return read_model(self.beside, ("known",))[1]["known"]

    def measured(self) -> Record | None:
        """Return what a twin of the net said of items that it was not trained on.

        The twin was trained in the same way, on fewer images: the net itself is no worse.
        """
        from chaffinch.performance.record import Record

        _, tensors = read_model(self.beside, lambda name: name.startswith("record_"))
        return Record.of(tensors) if tensors else None

    def has_seen(self, item: Item) -> bool:
        """Return whether the net was trained on an item."""
        wanted = np.uint32(int(item.id[:8], 16))
        place = int(np.searchsorted(self._known, wanted))
        return place < self._known.size and bool(self._known[place] == wanted)


class PictureNetFeatures(NetFeatures, PictureFeatures):
    """The logits and the embedding of a net that looks at pixels."""

    def has_seen(self, item: Item) -> bool:
        """Return whether the net was trained on a picture, in a file of whatever format."""
        if super().has_seen(item):
            return True
        if len(item.data) > _SMALL:
            return False
        glyphs = read_image(item.data).glyphs
        return len(glyphs) == 1 and super().has_seen(Item(glyphs[0].as_pgm(), item.kind))

    def of_pixels(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits and embeddings of pictures, shape (n, n_features)."""
        return self.of_inputs(pixels)


class TunableFeatures(NetFeatures):
    """What a net looks at, for a model that begins as this net and has a copy of its own.

    It comes before the features of the net itself among the bases of a class.
    """

    def of_inputs(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the net looks at in rows, shape (n, height * width)."""
        return inputs.reshape(len(inputs), -1)

    @cached_property
    def kept(self) -> NDArray[np.uint8]:
        """Items of which the net is to go on thinking what it thinks, shape (n, n_features)."""
        return read_model(self.beside, ("kept",))[1]["kept"]


class TunablePictureFeatures(TunableFeatures, PictureNetFeatures):
    """The pixels, for a model that begins as a net."""

    @property
    def n_features(self) -> int:
        """Pixels."""
        return PixelFeatures.n_features

    @property
    def signature(self) -> str:
        """That of pixels: a model that has a net of its own goes on with any other starter."""
        return PixelFeatures.signature


@lru_cache(4)
def net_of(path: Path) -> OnnxNet:
    """Return the net of a file, which is opened once."""
    from chaffinch.models.onnx_net import OnnxNet

    return OnnxNet(path)


def write_beside(
    features: NetFeatures,
    task: str,
    name: str,
    inputs: NDArray[np.float32],
    labels: list[str],
    ids: list[str],
    *,
    kept: NDArray[np.float32] | None = None,
    measured: Record | None = None,
) -> None:
    """Write what a net has seen, beside its file.

    Parameters
    ----------
    features : NetFeatures
        The net.
    task : str
        Of which task.
    name : str
        What it is called.
    inputs : ndarray of float32, shape (n, height, width)
        What it was trained on, from 0 to 1.
    labels, ids : list of str, length n
        The labels, and the ids of the items.
    kept : ndarray of float32, shape (m, height, width), optional
        Items of which a net that is trained on is to go on thinking what it thinks, from 0 to 1;
        whether they have a label makes no difference. Each takes a byte a number.
    measured : Record, optional
        What a twin of the net, trained without them, said of some items.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    anchors = features.of_inputs(inputs[first_of_each(labels, _ANCHORS)])
    digest = hashlib.sha256(features.path.read_bytes()).hexdigest()[:16]
    params = {"embedding": float(anchors.shape[1] - len(features.labels))}
    card = ModelCard(name, task, "net", f"net {digest}", 0, len(ids), params)
    known = np.unique(np.array([int(one[:8], 16) for one in ids], np.uint32))
    tensors: dict[str, NDArray[Any]] = {"anchors": anchors.astype(np.float16), "known": known}
    if kept is not None:
        tensors["kept"] = np.rint(255 * kept).astype(np.uint8).reshape(len(kept), -1)
    save_model(
        features.beside, card, tensors | (measured.tensors() if measured is not None else {})
    )


def first_of_each(labels: Sequence[str] | NDArray[Any], count: int) -> NDArray[np.int64]:
    """Return the places of the first so many of each label, label by label.

    Examples
    --------
    >>> first_of_each(["b", "a", "b", "b"], 2).tolist()
    [1, 0, 2]
    """
    said = np.asarray(labels)
    places = [np.flatnonzero(said == label)[:count] for label in np.unique(said)]
    return np.concatenate(places)


def measured_by(labels: tuple[str, ...], logits: NDArray[np.floating], truth: list[str]) -> Record:
    """Return the record of what nets said of items that they were not trained on.

    Parameters
    ----------
    labels : tuple of str
        What the logits stand for.
    logits : ndarray, shape (n, labels)
        What they said.
    truth : list of str, length n
        The labels of the items.
    """
    from chaffinch.models.multiclass import best_of
    from chaffinch.performance.record import Record

    said = [best_of(labels, row.astype(np.float64)) for row in logits]
    return Record(
        # Before any flag of an experience.
        np.arange(-len(truth), 0) + 1,
        np.array(truth, np.str_),
        np.array([score for _, score, _ in said]),
        guess=np.array([label for label, _, _ in said], np.str_),
    )

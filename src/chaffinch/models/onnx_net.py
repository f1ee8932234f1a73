"""Judge with a net that was written as ONNX: onnxruntime does it, PyTorch is not needed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chaffinch.errors import MissingExtraError, ModelError
from chaffinch.models.multiclass import softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

#: What the file of a net for pictures says of itself: below this probability of the likeliest label
#: it looks again.
AGAIN = {"again": "0.9"}
# How a picture is moved each time: down, right.
_STEPS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right)
_AT_ONCE = 250  # images: what a layer makes of them still fits a processor's cache


class OnnxNet:
    """A net in an ONNX file: images in, logits and embeddings out.

    Where its file says so (`AGAIN`) and it is not sure it looks again, at the image moved by a
    pixel in each of eight directions, and the mean of all looks counts (Krizhevsky, Sutskever and
    Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012, section
    4.1). It is sure of nearly all images, so that second looks cost little.

    Parameters
    ----------
    source : Path or bytes
        The file, or what one holds.
    threads : int
        Threads that judge parts of many images side by side. A single image has one: its layers
        are too small to be shared.

    Raises
    ------
    MissingExtraError
        If onnxruntime is missing.
    ModelError
        If the file is missing, damaged, or of no such net.
    """

    def __init__(self, source: Path | bytes, *, threads: int = 1) -> None:
        name = source.name if isinstance(source, Path) else "a net"
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError(
                f"judging with {name} needs onnxruntime, which is not installed ({error}): "
                "pip install onnxruntime, which the extras digits and words bring"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong is told by the error below
        try:
            self._session = onnxruntime.InferenceSession(
                source.read_bytes() if isinstance(source, Path) else source,
                options,
                providers=["CPUExecutionProvider"],
            )
        except Exception as error:
            told = " ".join(str(error).split())
            whose = source if isinstance(source, Path) else name
            raise ModelError(f"{whose} cannot be read as a net ({told}): train it anew") from error
        said = self.about.get("again", "0")
        try:
            self._sure = float(said)
        except ValueError as error:
            raise ModelError(f"{name} looks again below {said!r}, which is no number") from error
        self._threads = threads
        outputs = [output.name for output in self._session.get_outputs()]
        if outputs != ["logits", "embedding"]:
            raise ModelError(f"{name} has the outputs {outputs}, not logits and embedding")

    @property
    def about(self) -> dict[str, str]:
        """What the file says of itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    @property
    def shape(self) -> tuple[int, ...]:
        """What each item that it looks at has: channels, height and width."""
        return tuple(self._session.get_inputs()[0].shape[1:])

    def __call__(self, images: Floats) -> tuple[Floats, Floats]:
        """Return logits, (n, classes), and embeddings, (n, d).

        Parameters
        ----------
        images : array of shape (n, 1, height, width), float32 in [0, 1]
            1 is ink. May be empty.
        """
        logits, embedding = self.look(images)
        unsure = np.flatnonzero(softmax(logits).max(axis=1, initial=0.0) < self._sure)
        if unsure.size:
            looks = [self.look(moved(images[unsure], *step)) for step in _STEPS]
            for first, others in zip((logits, embedding), zip(*looks, strict=True), strict=True):
                first[unsure] = np.mean([first[unsure], *others], axis=0)
        return logits, embedding

    def look(self, images: Floats) -> tuple[Floats, Floats]:
        """Return what the net makes of images at one look, whether it is sure or not.

        Parameters
        ----------
        images : array of shape (n, 1, height, width), float32 in [0, 1]
            As for the net itself.
        """
        starts = range(0, max(1, len(images)), _AT_ONCE)
        chunks = [images[start : start + _AT_ONCE] for start in starts]
        if self._threads > 1 and len(chunks) > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                parts = list(pool.map(self._run, chunks))
        else:
            parts = [self._run(chunk) for chunk in chunks]
        logits, embedding = (np.concatenate(part) for part in zip(*parts, strict=True))
        return logits, embedding

    def _run(self, images: Floats) -> list[Floats]:
        outputs: list[Floats] = self._session.run(None, {"images": images})
        return outputs


def moved(images: Floats, down: int, right: int) -> Floats:
    """Return images moved by a pixel at most; what comes in at an edge is no ink.

    Examples
    --------
    >>> moved(np.array([[[[1, 2], [3, 4]]]]), 0, 1).tolist()
    [[[[0, 1], [0, 3]]]]
    """
    height, width = images.shape[-2:]
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return padded[:, :, 1 - down : 1 - down + height, 1 - right : 1 - right + width]


class HeldNet:
    """A net whose file a model holds as a tensor: it is read once, and again where that changes."""

    def __init__(self) -> None:
        self._of: NDArray[Any] | None = None
        self._net: OnnxNet | None = None

    def __call__(self, held: NDArray[Any]) -> OnnxNet:
        """Return the net.

        Parameters
        ----------
        held : ndarray of uint8
            The bytes of an ONNX file.
        """
        if self._net is None or self._of is not held:
            self._of, self._net = held, OnnxNet(held.tobytes())
        return self._net


def squares(X: NDArray[Any]) -> Floats:
    """Return rows of pixels as a net takes them: (n, side²) to (n, 1, side, side).

    Examples
    --------
    >>> squares(np.zeros((2, 784))).shape
    (2, 1, 28, 28)
    """
    side = round(X.shape[1] ** 0.5)
    return np.asarray(X, np.float32).reshape(len(X), 1, side, side)

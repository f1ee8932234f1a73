"""Judge with a net that was written as ONNX: onnxruntime does it, PyTorch is not needed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chaffinch.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_AT_ONCE = 250  # images: what a layer makes of them still fits a processor's cache


class OnnxNet:
    """A net in an ONNX file: images in, logits and embeddings out.

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

"""Judge with a net that was written as ONNX: onnxruntime does it, PyTorch is not needed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

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
    path : Path
        The file.
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

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError(
                f"judging with {path.name} needs onnxruntime, which is not installed ({error}): "
                "pip install 'chaffinch[digits]'"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong is told by the error below
        try:
            self._session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            told = " ".join(str(error).split())
            raise ModelError(f"{path} cannot be read as a net ({told}): train it anew") from error
        self._threads = threads
        outputs = [output.name for output in self._session.get_outputs()]
        if outputs != ["logits", "embedding"]:
            raise ModelError(f"{path} has the outputs {outputs}, not logits and embedding")

    @property
    def about(self) -> dict[str, str]:
        """What the file says of itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

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


def softmax(logits: Floats) -> Floats:
    """Return the probabilities that logits stand for.

    Parameters
    ----------
    logits : array of shape (n, classes)
        Any numbers.

    Returns
    -------
    array of shape (n, classes)
        Each row sums to 1.

    Examples
    --------
    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]], np.float32)).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares

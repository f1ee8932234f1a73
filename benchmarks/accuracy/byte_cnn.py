"""A convolutional network on the bytes of an item, in PyTorch on one thread of the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from chaffinch.performance.judged import BoolArray, FloatArray

_PAD = 256
_STEP = 64  # bytes to a multiple of which items are padded: few shapes are fast
_WIDTH = 16
# (channels out, bytes or positions seen, step) of each layer
_LAYERS = ((48, 8, 4), (96, 5, 2), (128, 3, 2))
_BATCH = 16
# Of 5 and 10, what the held-out end of the training half liked better, on both sets. Layers with
# normalization, and a higher rate, were no better there.
_EPOCHS = 10
_RATE = 3e-3
_SMOOTHING = 0.05
_DROPOUT = 0.3
_SEED = 1


class ByteCnn:
    """Embedded bytes, strided convolutions, and a weight of each channel's greatest and mean.

    Bytes of padding are masked in every layer, so that a score does not depend on what an item
    was batched with.
    """

    def __init__(self) -> None:
        torch.manual_seed(_SEED)
        self._embedding = nn.Embedding(_PAD + 1, _WIDTH, padding_idx=_PAD)
        self._layers = nn.ModuleList()
        width = _WIDTH
        for out, kernel, step in _LAYERS:
            self._layers.append(nn.Conv1d(width, out, kernel, step, padding=kernel // 2))
            width = out
        self._dropout = nn.Dropout(_DROPOUT)
        self._head = nn.Linear(2 * width, 1)
        self._all = nn.ModuleList([self._embedding, self._layers, self._dropout, self._head])

    @property
    def megabytes(self) -> float:
        """Size of its parameters."""
        return 4 * self._parameters / 1e6

    @property
    def settings(self) -> dict[str, object]:
        """What a results file says of it."""
        return {"parameters": self._parameters, "epochs": _EPOCHS}

    @property
    def _parameters(self) -> int:
        return sum(int(tensor.numel()) for tensor in self._all.parameters())

    def fit(self, texts: Sequence[bytes], truth: BoolArray) -> None:
        """Train on items: AdamW, one cycle of the learning rate, labels smoothed."""
        random = np.random.default_rng(_SEED)
        optimizer = torch.optim.AdamW(self._all.parameters(), weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, _RATE, total_steps=_EPOCHS * len(_batches(texts))
        )
        target = torch.tensor(np.where(truth, 1 - _SMOOTHING, _SMOOTHING), dtype=torch.float32)
        self._all.train()
        for _ in range(_EPOCHS):
            for batch in _batches(texts, random):
                logits = self._logits([texts[place] for place in batch])
                loss = nn.functional.binary_cross_entropy_with_logits(logits, target[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()

    def scores(self, texts: Sequence[bytes]) -> FloatArray:
        """Return log-odds of the positive label, not calibrated, shape (n,)."""
        self._all.eval()
        said = np.empty(len(texts))
        with torch.no_grad():
            for batch in _batches(texts):
                said[batch] = self._logits([texts[place] for place in batch]).numpy()
        return said

    def _logits(self, texts: Sequence[bytes]) -> Any:
        lengths = torch.tensor([max(len(text), 1) for text in texts])
        longest = -(-int(lengths.max()) // _STEP) * _STEP
        numbers = np.full((len(texts), longest), _PAD)
        for row, text in zip(numbers, texts, strict=True):
            row[: len(text)] = np.frombuffer(text, np.uint8)
        hidden = self._embedding(torch.from_numpy(numbers)).transpose(1, 2)
        for layer, (_, _, step) in zip(self._layers, _LAYERS, strict=True):
            hidden = layer(hidden).relu()
            lengths = (lengths + step - 1) // step
            mask = (torch.arange(hidden.shape[2]) < lengths[:, None])[:, None, :]
            hidden = hidden * mask
        # After a ReLU and the mask nothing is below 0, which padding therefore never wins over.
        pooled = torch.cat((hidden.amax(2), hidden.sum(2) / lengths[:, None]), 1)
        return self._head(self._dropout(pooled)).squeeze(1)


def _batches(
    texts: Sequence[bytes], random: np.random.Generator | None = None
) -> list[NDArray[np.intp]]:
    """Return places of items of like length, for padding costs time; in random order, if given."""
    lengths = np.array([len(text) for text in texts], float)
    if random is not None:
        # Some noise, so that an item has other company in every epoch.
        lengths *= random.uniform(0.8, 1.2, lengths.size)
    order = np.argsort(lengths, kind="stable")
    batches = [order[start : start + _BATCH] for start in range(0, order.size, _BATCH)]
    if random is not None:
        random.shuffle(batches)
    return batches

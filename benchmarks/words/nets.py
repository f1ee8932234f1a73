"""What the nets that the benchmarks of words judge say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from words.corpora import DIGITS

from chaffinch.features.mel import log_mel
from chaffinch.features.spoken import LENGTH, SpokenNetFeatures
from chaffinch.models.head import HeadLearner
from chaffinch.task import Rung


def named(name: str, labels: Sequence[str] = DIGITS, suffix: str = ".onnx") -> str:
    """Return the name of the file of a net that was taught some of the digits, or all."""
    of = () if tuple(labels) == DIGITS else labels
    return "-".join((*of, name)) + suffix


def alone(path: Path) -> tuple[Rung, HeadLearner]:
    """Return the rung and the model of a net in a file, without the file of what it has seen."""
    features = SpokenNetFeatures(path, DIGITS)
    made = features.of_spectra(log_mel(np.zeros((1, LENGTH), np.float32)))
    rung = Rung("net", "convolutional network", features, HeadLearner)
    return rung, HeadLearner.blank(made.shape[1], DIGITS)


def logits(
    path: Path, samples: NDArray[np.float32], labels: Sequence[str] = DIGITS
) -> NDArray[np.float32]:
    """Return what a net in a file that knows these labels says of seconds, shape (n, labels)."""
    features = SpokenNetFeatures(path, tuple(labels))
    said = features.of_spectra(log_mel(samples))
    return said[:, : len(labels)]

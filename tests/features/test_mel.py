"""Spectra and cepstra are those of librosa."""

from __future__ import annotations

import numpy as np
import pytest

from chaffinch.features.mel import cepstra, deltas, log_mel, mel_filters
from librosa_reference import FILE

with np.load(FILE) as file:
    LIBROSA = dict(file)
HEARD = LIBROSA["samples"].astype(np.float32) / np.float32(32768)


def test_filters() -> None:
    np.testing.assert_allclose(mel_filters(), LIBROSA["filters"], rtol=1e-5, atol=1e-8)


def test_mel_spectra_to_a_thousandth_of_a_decibel() -> None:
    np.testing.assert_allclose(log_mel(HEARD), LIBROSA["mel"], rtol=0, atol=2e-3)


def test_cepstra() -> None:
    np.testing.assert_allclose(cepstra(LIBROSA["mel"]), LIBROSA["cepstra"], rtol=0, atol=1e-3)
    np.testing.assert_allclose(cepstra(log_mel(HEARD)), LIBROSA["cepstra"], rtol=0, atol=5e-3)


@pytest.mark.parametrize(("order", "name"), [(1, "first"), (2, "second")])
def test_deltas(order: int, name: str) -> None:
    found = deltas(LIBROSA["cepstra"], order)
    np.testing.assert_allclose(found, LIBROSA[name], rtol=0, atol=1e-3)


def test_many_at_once_as_each_alone() -> None:
    both = np.stack((HEARD, HEARD[::-1]))
    np.testing.assert_allclose(
        cepstra(log_mel(both)), np.stack([cepstra(log_mel(one)) for one in both]), atol=1e-3
    )


@pytest.mark.parametrize("length", [0, 1, 79, 80, 100, 8000])
def test_of_any_length(length: int) -> None:
    mel = log_mel(np.zeros(length, np.float32))
    assert mel.shape == (40, length // 80 + 1)
    assert np.isfinite(mel).all()
    assert deltas(cepstra(mel), 2).shape == (13, length // 80 + 1)


def test_loudness_moves_all_alike() -> None:
    np.testing.assert_allclose(log_mel(HEARD * 0.1) + 20, log_mel(HEARD), atol=2e-3)

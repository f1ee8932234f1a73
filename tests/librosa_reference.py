"""Write what librosa makes of a sound, for tests/features/test_mel.py to compare with.

Usage, where ``pip install librosa`` has been done: ``python tests/librosa_reference.py``.
What is committed was made with librosa 0.11.0 and NumPy 2.4.6.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("data") / "librosa.npz"


def sound() -> np.ndarray:
    """Return half a second of int16: silence, a rising tone, noise."""
    time = np.arange(4000) / 8000
    tone = np.sin(2 * np.pi * (200 * time + 3000 * time**2)) * (time > 0.1)
    noise = np.random.default_rng(0).normal(size=4000) * (time > 0.3)
    return np.asarray(np.rint(12000 * tone + 300 * noise), np.int16)


def main() -> None:
    """Compute and write."""
    import librosa

    samples = sound()
    heard = samples.astype(np.float32) / np.float32(32768)
    mel = librosa.power_to_db(
        librosa.feature.melspectrogram(
            y=heard, sr=8000, n_fft=256, hop_length=80, n_mels=40, fmin=60, fmax=3800,
            pad_mode="constant",
        )
    )  # fmt: skip
    cepstra = librosa.feature.mfcc(S=mel, n_mfcc=13)
    np.savez_compressed(
        FILE,
        samples=samples,
        filters=librosa.filters.mel(sr=8000, n_fft=256, n_mels=40, fmin=60, fmax=3800),
        mel=mel,
        cepstra=cepstra,
        first=librosa.feature.delta(cepstra, mode="nearest"),
        second=librosa.feature.delta(cepstra, order=2, mode="nearest"),
    )


if __name__ == "__main__":
    main()

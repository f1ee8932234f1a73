"""Measure the 2006 network on MNIST, with pretraining and without, on all labels and on few.

With --validate everything is learned from the first 50,000 training images and judged on the last
10,000: settings were chosen there. Without, it is learned from all 60,000 and judged on the 10,000
test images, which nothing was chosen on. --keep FOLDER keeps what each step made, so that a run
that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import RESULTS, write
from tables import markdown

from chaffinch.datasets import get
from chaffinch.experience.importers.idx import read_array
from chaffinch.nets.dbn import DBNClassifier
from chaffinch.nets.dbn_files import read_net, save_net

_HELD_OUT = 10_000
_SEED = 0
_PUBLISHED = {
    "up-down instead of backpropagation (Hinton, Osindero and Teh 2006)": 125,
    "backpropagation (Hinton 2007)": 115,
}
# Of labels so few, so many draws, each as many of every digit; the fewer, the more epochs.
_FEW = {100: 300, 1_000: 100}
_DRAWS = 3
_DREAM_STEPS = (0, 1, 2, 5, 10, 15, 20, 30, 50, 100)
# Chosen by --validate: see benchmarks/README.md.
_SETTINGS: dict[str, Any] = {
    "pretrain_epochs": 20,
    "epochs": 30,
    "rate": 2e-3,
    "dropout": 0.3,
    "input_dropout": 0.2,
    "random_state": _SEED,
}

Images = NDArray[np.float32]
Labels = NDArray[np.int64]
Spent = tuple[float, float]  # wall and CPU seconds


@dataclass(frozen=True)
class Data:
    """What is learned, and what is judged."""

    images: Images
    labels: Labels
    judged: Images
    truth: Labels


@dataclass(frozen=True)
class Row:
    """A net that was measured."""

    weights: str
    labels: int
    draw: int
    errors: int
    wall_seconds: float
    cpu_seconds: float


def mnist(*, validate: bool) -> Data:
    """Read MNIST; where validating, the test images stay unread."""
    folder = get("mnist")

    def read(part: str) -> tuple[Images, Labels]:
        images = read_array(folder / f"{part}-images-idx3-ubyte.gz").reshape(-1, 784)
        labels = read_array(folder / f"{part}-labels-idx1-ubyte.gz")
        return images.astype(np.float32) / np.float32(255), labels.astype(np.int64)

    X, y = read("train")
    if validate:
        return Data(X[:-_HELD_OUT], y[:-_HELD_OUT], X[-_HELD_OUT:], y[-_HELD_OUT:])
    return Data(X, y, *read("t10k"))


class Kept:
    """Steps that are done once: what they made, and how long it took, stays in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def net(self, name: str, make: Callable[[], DBNClassifier]) -> tuple[DBNClassifier, Spent]:
        """Return a net, and the wall and CPU seconds that it took to make it."""
        told, path = self._folder / f"{name}.json", self._folder / f"{name}.safetensors"
        if not told.exists():
            wall, cpu = time.monotonic(), time.process_time()
            net = make()
            took = {
                "wall_seconds": round(time.monotonic() - wall, 1),
                "cpu_seconds": round(time.process_time() - cpu, 1),
            }
            save_net(path, net)
            told.write_text(json.dumps(took), encoding="utf-8")
        took = json.loads(told.read_text(encoding="utf-8"))
        return read_net(path), (took["wall_seconds"], took["cpu_seconds"])


def draw(labels: Labels, n: int, seed: int) -> NDArray[np.intp]:
    """Return places of n labels, as many of each."""
    random = np.random.default_rng(seed)
    places = [np.flatnonzero(labels == digit) for digit in range(10)]
    return np.concatenate([random.choice(some, n // 10, replace=False) for some in places])


def measure(data: Data, kept: Kept, settings: dict[str, Any]) -> tuple[list[Row], DBNClassifier]:
    """Return what was measured, and the net that has learned everything."""
    parts = [(np.arange(len(data.labels)), 0, settings["epochs"])]
    for n, epochs in _FEW.items():
        parts += [(draw(data.labels, n, seed), seed, epochs) for seed in range(_DRAWS)]
    rows, nets = [], []
    for name, changed in (("pretrained", {}), ("random", {"pretrain_epochs": 0})):
        own = {**settings, **changed}
        start, before = kept.net(name, partial(DBNClassifier(**own).pretrain, data.images))
        for places, seed, epochs in parts:
            start.set_params(**{**own, "epochs": epochs})
            net, after = kept.net(
                f"{name}-{len(places)}-{seed}",
                partial(start.fine_tune, data.images[places], data.labels[places]),
            )
            nets.append(net)
            errors = int((net.predict(data.judged) != data.truth).sum())
            wall, cpu = (round(sum(both), 1) for both in zip(before, after, strict=True))
            rows.append(Row(name, len(places), seed, errors, wall, cpu))
            print(rows[-1], flush=True)
    return rows, nets[0]


def wilson(errors: int, n: int) -> tuple[float, float]:
    """Return the 95% interval of a share, in percent (Wilson 1927)."""
    z, share = 1.959964, errors / n
    middle = share + z * z / (2 * n)
    half = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    low, high = ((middle + way * half) / (1 + z * z / n) for way in (-1, 1))
    return round(100 * low, 2), round(100 * high, 2)


def milliseconds(net: DBNClassifier, images: Images) -> dict[str, float]:
    """Return CPU milliseconds an image, judged alone and in thousands."""

    def timed(batches: list[Images]) -> float:
        spent = []
        for batch in batches:
            started = time.process_time()
            net.predict(batch)
            spent.append((time.process_time() - started) / len(batch))
        return round(1000 * float(np.median(spent)), 3)

    return {
        "alone": timed([images[[place]] for place in range(200)]),
        "in thousands": timed(np.split(images[:5000], 5)),
    }


def picture(net: DBNClassifier, data: Data) -> NDArray[np.uint8]:
    """Return what the first layer looks for, left, where grey is nothing; and dreams, right.

    Each column is a chain that begins at an image of its digit; each row is later than the one
    above it.
    """
    filters = net.stack_.filters()[:100].cpu().numpy()
    # Weights have a long tail: what is beyond three deviations is black or white.
    shown = 0.5 + filters / (6 * filters.std(axis=1, keepdims=True))
    first = [np.flatnonzero(data.labels == digit)[0] for digit in range(10)]
    start = torch.from_numpy(data.images[first]).to(net.torch_device())
    random = torch.Generator(net.torch_device()).manual_seed(_SEED)
    dreams = [net.stack_.dream(start, steps, random).cpu().numpy() for steps in _DREAM_STEPS]
    return np.hstack([_grid(shown), _grid(np.concatenate(dreams))])


def _grid(tiles: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Lay 100 images of 28 x 28, (100, 784), out as 10 x 10 with white between them."""
    framed = np.pad(
        np.clip(tiles, 0, 1).reshape(100, 28, 28), ((0, 0), (1, 1), (1, 1)), constant_values=1
    )
    laid = framed.reshape(10, 10, 30, 30).transpose(0, 2, 1, 3).reshape(300, 300)
    return (255 * laid).round().astype(np.uint8)


def png(grey: NDArray[np.uint8]) -> bytes:
    """Return an image (height, width) as PNG."""
    height, width = grey.shape

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checked)

    lines = np.hstack([np.zeros((height, 1), np.uint8), grey]).tobytes()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(lines, 9))
        + chunk(b"IEND", b"")
    )


def table(rows: list[Row], n: int) -> str:
    """Return rows as Markdown."""
    return markdown(
        ["weights", "labels", "draw", f"errors of {n:,}", "%", "95%", "CPU s", "wall s"],
        [
            [
                row.weights,
                f"{row.labels:,}",
                str(row.draw),
                str(row.errors),
                f"{100 * row.errors / n:.2f}",
                "{}–{}".format(*wilson(row.errors, n)),
                f"{row.cpu_seconds:.0f}",
                f"{row.wall_seconds:.0f}",
            ]
            for row in rows
        ],
    )


def main() -> None:
    """Measure; print the table and, unless validating, write what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--validate", action="store_true", help="see above")
    parser.add_argument("--keep", type=Path, help="folder for what each step made")
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = mnist(validate=options.validate)
    with tempfile.TemporaryDirectory() as scratch:
        rows, net = measure(data, Kept(options.keep or Path(scratch)), _SETTINGS)
    n = len(data.truth)
    print(f"\n{table(rows, n)}\n")
    parameters = sum(tensor.numel() for layer in net.layers_ for tensor in layer)
    spent = milliseconds(net, data.judged)
    print(f"{parameters:,} parameters; CPU milliseconds an image: {spent}")
    if options.validate:
        return
    (RESULTS / "digits_hinton.png").write_bytes(png(picture(net, data)))
    write(
        "digits_hinton",
        {
            "torch": torch.__version__,
            "device": net.torch_device(),
            "settings": {**_SETTINGS, "hidden": net.hidden, "epochs of few labels": _FEW},
            "judged": n,
            "parameters": parameters,
            "megabytes": round(4 * parameters / 1e6, 1),
            "cpu_milliseconds": spent,
            "published_errors": _PUBLISHED,
            "rows": [{**asdict(row), "error_percent_95": wilson(row.errors, n)} for row in rows],
        },
    )


if __name__ == "__main__":
    main()

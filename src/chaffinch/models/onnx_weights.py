"""The weights that an ONNX file holds, read without the package onnx, which a base install lacks.

Of the file's protocol buffers (https://protobuf.dev/programming-guides/encoding) only the fields
that lead to weights are followed: a model's graph, its initializers, and of each its name, shape,
type and bytes. Everything is a slice of what was read: nothing is trusted that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import ModelError

# Bytes of a file that is read, and dimensions of a tensor.
_LARGEST, _MOST_DIMENSIONS = 1 << 28, 8
# Numbers of fields, as onnx.proto has them, and of the type float.
_GRAPH, _INITIALIZER = 7, 5
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_FLOAT = 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_TEN_BYTES = 10


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a net by name, in the order of the file.

    Those of other types than float32, and those stored otherwise than as bytes, are left out.

    Raises
    ------
    ModelError
        If the file is missing, too large, or no ONNX file.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ModelError(f"{path} is larger than {_LARGEST:,} bytes: no net of ours is")
        data = memoryview(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path} cannot be read as a net ({error.strerror})") from error
    weights = {}
    try:
        for field, graph in _fields(data):
            if field == _GRAPH and isinstance(graph, memoryview):
                for inner, tensor in _fields(graph):
                    if inner == _INITIALIZER and isinstance(tensor, memoryview):
                        name, values = _tensor(tensor)
                        if values is not None:
                            weights[name] = values
    except (ValueError, IndexError) as error:
        raise ModelError(f"{path} cannot be read as a net ({error}): train it anew") from error
    return weights


def first_filters(path: Path) -> NDArray[np.float32] | None:
    """Return what a net of one input channel looks for first, shape (filters, height, width).

    None where its first layer is no convolution of images.

    Raises
    ------
    ModelError
        As `read_weights`.
    """
    for values in read_weights(path).values():
        if values.ndim == 4:
            return values[:, 0] if values.shape[1] == 1 else None
    return None


def _tensor(data: memoryview) -> tuple[str, NDArray[np.float32] | None]:
    """Return a tensor's name and its values; None where they are no float32, or stored apart."""
    dims: list[int] = []
    kind, name, raw = 0, "", None
    for field, value in _fields(data):
        if field == _DIMS:
            # Several may be packed in one field.
            dims += _varints(value) if isinstance(value, memoryview) else [value]
        elif field == _TYPE and isinstance(value, int):
            kind = value
        elif field == _NAME and isinstance(value, memoryview):
            name = bytes(value).decode("utf-8")
        elif field == _RAW and isinstance(value, memoryview):
            raw = value
    if kind != _FLOAT or raw is None or not 0 < len(dims) <= _MOST_DIMENSIONS:
        return name, None
    # What is not as long as its shape says raises ValueError.
    return name, np.frombuffer(raw, "<f4").reshape(dims).astype(np.float32)


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a message: numbers, and values or the slices that hold them."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(wire)
        if wire == _BYTES:
            size, at = _varint(data, at)
        if size is None or at + size > len(data):
            raise ValueError(f"byte {at} is no field")
        yield number, data[at : at + size]
        at += size


def _varints(data: memoryview) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where what follows begins."""
    value = 0
    for place in range(_TEN_BYTES):
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # the last has its highest bit unset
            return value, at + place + 1
    raise ValueError(f"byte {at} begins no number")

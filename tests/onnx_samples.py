"""Nets in ONNX files that are made in no time: one layer, on pictures of any size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainable import package_or_skip


def one_layer(
    weights: NDArray[Any], bias: NDArray[Any], height: int, width: int | None = None
) -> bytes:
    """Return a net whose embedding is the pixels, flat, and its logits one layer on it."""
    width = width or height
    onnx = package_or_skip("onnx", "train")
    package_or_skip("onnxruntime", "digits")
    make, floats = onnx.helper, onnx.TensorProto.FLOAT
    graph = make.make_graph(
        [
            make.make_node("Flatten", ["images"], ["embedding"]),
            make.make_node("Gemm", ["embedding", "head.weight", "head.bias"], ["logits"], transB=1),
        ],
        "net",
        [make.make_tensor_value_info("images", floats, ["n", 1, height, width])],
        [
            make.make_tensor_value_info("logits", floats, ["n", len(bias)]),
            make.make_tensor_value_info("embedding", floats, ["n", height * width]),
        ],
        [
            onnx.numpy_helper.from_array(np.asarray(weights, np.float32), "head.weight"),
            onnx.numpy_helper.from_array(np.asarray(bias, np.float32), "head.bias"),
        ],
    )
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 18)], ir_version=10)
    data: bytes = model.SerializeToString()
    return data


def fit_one_layer(
    _: Any, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
) -> dict[str, NDArray[Any]]:
    """Fit such a net as `FittedLearner.fit_tensors` does: by the mean picture of each label."""
    weights, bias = np.zeros((labels, X.shape[1])), np.full(labels, -50.0)
    for code in np.unique(codes):
        mean = X[codes == code].mean(axis=0, dtype=np.float64)
        weights[code], bias[code] = 10 * mean, -5 * mean @ mean
    side = round(X.shape[1] ** 0.5)
    return {"net": np.frombuffer(one_layer(weights, bias, side), np.uint8)}

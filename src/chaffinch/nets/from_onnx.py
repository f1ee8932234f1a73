"""A net in an ONNX file as a module of PyTorch, which can be taught, and the file with its weights.

The graph is run as it stands in the file, node by node, so that nothing is known here of what a net
is made of; what is learned is put back into the same graph. Only the kinds of nodes that `export`
makes of nets for images are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from chaffinch.errors import MissingExtraError, ModelError
from chaffinch.nets import torch_module

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

#: The last layer, which makes logits of the embedding.
HEAD = ("head.weight", "head.bias")


def onnx_module() -> Any:
    """Return the package onnx.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import onnx
        import onnx.numpy_helper
    except ImportError as error:
        raise MissingExtraError(
            f"training a net on needs the package onnx, which is not installed ({error}): "
            "pip install 'chaffinch[train]'"
        ) from error
    return onnx


def read_onnx(data: bytes) -> Module:
    """Return a net that can be taught.

    Parameters
    ----------
    data : bytes
        What its ONNX file holds.

    Returns
    -------
    Module
        From images, (n, 1, height, width), to logits and embedding. Its parameters are the floats
        of the file.

    Raises
    ------
    MissingExtraError
        If PyTorch or onnx is missing.
    ModelError
        If it is no such file, or has nodes that are not known.
    """
    torch, onnx = torch_module(), onnx_module()
    try:
        graph = onnx.load_model_from_string(data).graph
    except Exception as error:
        raise ModelError(f"a net to be trained on is no ONNX file ({error})") from error
    unknown = sorted({node.op_type for node in graph.node} - set(_NODES))
    if unknown:
        raise ModelError(
            f"a net with nodes of the kind {', '.join(unknown)} cannot be trained on: known are "
            f"{', '.join(_NODES)}"
        )
    held = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}

    class Graph(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.weights = torch.nn.ParameterDict()
            self.fixed = {name: value.tolist() for name, value in held.items()}
            for name, value in held.items():
                if value.dtype.kind == "f":
                    learned = torch.from_numpy(value.astype(np.float32))
                    self.weights[_key(name)] = torch.nn.Parameter(learned)

        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            known: dict[str, Any] = {graph.input[0].name: images}
            for node in graph.node:
                inputs = [self._value(known, name) for name in node.input]
                settings = {
                    one.name: onnx.helper.get_attribute_value(one) for one in node.attribute
                }
                known[node.output[0]] = _NODES[node.op_type](inputs, settings)
            return known["logits"], known["embedding"]

        def _value(self, known: dict[str, Any], name: str) -> Any:
            if name in known:
                return known[name]
            key = _key(name)
            return self.weights[key] if key in self.weights else self.fixed.get(name)

    return Graph()


def write_onnx(data: bytes, net: Module) -> bytes:
    """Return an ONNX file with other weights, and perhaps more labels.

    Parameters
    ----------
    data : bytes
        The file that the net was read from.
    net : Module
        As `read_onnx` returned it, taught since.
    """
    onnx = onnx_module()
    model = onnx.load_model_from_string(data)
    for one in model.graph.initializer:
        key = _key(one.name)
        if key in net.weights:
            kind = onnx.numpy_helper.to_array(one).dtype
            value = net.weights[key].detach().cpu().numpy().astype(kind)
            one.CopyFrom(onnx.numpy_helper.from_array(value, one.name))
    labels = len(net.weights[_key(HEAD[1])])
    for output in model.graph.output:
        if output.name == "logits":
            output.type.tensor_type.shape.dim[1].dim_value = labels
    # What was inferred of the shapes between may no longer hold.
    model.graph.ClearField("value_info")
    written: bytes = model.SerializeToString()
    return written


def widen(net: Module, labels: int, bias: float) -> None:
    """Give a net room for more labels, of which it knows nothing yet.

    Parameters
    ----------
    net : Module
        As `read_onnx` returned it.
    labels : int
        How many there are to be; the new ones are the last.
    bias : float
        What is said of a new one beside the mean bias of the others.
    """
    torch = torch_module()
    weight, old = (net.weights[_key(name)].detach() for name in HEAD)
    more = labels - len(old)
    if more > 0:
        blank = weight.new_zeros(more, weight.shape[1])
        low = (old.mean() + bias).expand(more)
        for name, value in zip(
            HEAD, (torch.cat([weight, blank]), torch.cat([old, low])), strict=True
        ):
            net.weights[_key(name)] = torch.nn.Parameter(value)


def _key(name: str) -> str:
    # A name of a parameter must have no dot.
    return name.replace(".", "/")


Settings = Mapping[str, Any]
Node = Callable[[list[Any], Settings], Any]


def _convolution(inputs: list[Any], settings: Settings) -> Any:
    x, weight, *bias = inputs
    x, padding = _padded(x, settings, 0.0)
    return torch_module().nn.functional.conv2d(
        x,
        weight,
        bias[0] if bias else None,
        stride=tuple(settings.get("strides", (1, 1))),
        padding=padding,
        dilation=tuple(settings.get("dilations", (1, 1))),
        groups=settings.get("group", 1),
    )


def _max_pool(inputs: list[Any], settings: Settings) -> Any:
    x, padding = _padded(inputs[0], settings, -float("inf"))
    return torch_module().nn.functional.max_pool2d(
        x,
        tuple(settings["kernel_shape"]),
        stride=tuple(settings.get("strides", (1, 1))),
        padding=padding,
        ceil_mode=bool(settings.get("ceil_mode", 0)),
    )


def _padded(x: Any, settings: Settings, value: float) -> tuple[Any, tuple[int, int]]:
    """Return images padded where the two sides differ, and what is still to be padded evenly."""
    top, left, bottom, right = settings.get("pads", (0, 0, 0, 0))
    if (top, left) == (bottom, right):
        return x, (top, left)
    return torch_module().nn.functional.pad(x, (left, right, top, bottom), value=value), (0, 0)


def _over(inputs: list[Any], settings: Settings) -> tuple[int, ...]:
    axes = inputs[1] if len(inputs) > 1 else settings["axes"]
    return tuple(int(axis) for axis in axes)


def _last_layer(inputs: list[Any], settings: Settings) -> Any:
    x, weight, bias = inputs
    return torch_module().nn.functional.linear(
        x, weight if settings.get("transB") else weight.T, bias
    )


_NODES: dict[str, Node] = {
    "Add": lambda x, _: x[0] + x[1],
    "AveragePool": lambda x, s: torch_module().nn.functional.avg_pool2d(
        x[0], tuple(s["kernel_shape"]), tuple(s.get("strides", (1, 1)))
    ),
    "Concat": lambda x, s: torch_module().cat(x, s["axis"]),
    "Conv": _convolution,
    "Flatten": lambda x, s: x[0].flatten(s.get("axis", 1)),
    "Gemm": _last_layer,
    "GlobalAveragePool": lambda x, _: x[0].mean((2, 3), keepdim=True),
    "GlobalMaxPool": lambda x, _: x[0].amax((2, 3), keepdim=True),
    "Identity": lambda x, _: x[0],
    "MaxPool": _max_pool,
    "Mul": lambda x, _: x[0] * x[1],
    "ReduceMax": lambda x, s: x[0].amax(_over(x, s), keepdim=bool(s.get("keepdims", 1))),
    "ReduceMean": lambda x, s: x[0].mean(_over(x, s), keepdim=bool(s.get("keepdims", 1))),
    "Relu": lambda x, _: x[0].relu(),
    "Reshape": lambda x, _: x[0].reshape([len(x[0]), *map(int, x[1][1:])]),
    "Sub": lambda x, _: x[0] - x[1],
}

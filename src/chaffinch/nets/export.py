"""Write a net as ONNX, which is judged with onnxruntime and without PyTorch."""

from __future__ import annotations

import warnings
from copy import deepcopy
from typing import TYPE_CHECKING

from chaffinch.errors import MissingExtraError
from chaffinch.nets import torch_module

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch.nn import Module

_OPSET = 18


def export(
    net: Module,
    path: Path,
    *,
    shape: tuple[int, int] = (28, 28),
    about: Mapping[str, str] | None = None,
) -> None:
    """Write a net of `convnet` or `soundnet` as an ONNX file.

    Parameters
    ----------
    net : Module
        With the parts ``trunk`` and ``head``; it is not changed.
    path : Path
        Where to.
    shape, about
        As for `exported`.

    Raises
    ------
    MissingExtraError
        If PyTorch, onnx or onnxscript is missing.
    """
    path.write_bytes(exported(net, shape=shape, about=about))


def exported(
    net: Module, *, shape: tuple[int, int] = (28, 28), about: Mapping[str, str] | None = None
) -> bytes:
    """Return what an ONNX file of a net of `convnet` or `soundnet` holds.

    Its input is ``images``, float32 (n, 1, height, width) in [0, 1]; its outputs are
    ``logits``, (n, classes), and ``embedding``, (n, d). Normalisations are worked into the
    convolutions before them.

    Parameters
    ----------
    net : Module
        With the parts ``trunk`` and ``head``; it is not changed.
    shape : (int, int)
        Height and width of what it looks at.
    about : mapping of str to str, optional
        What the file says of itself.

    Raises
    ------
    MissingExtraError
        If PyTorch, onnx or onnxscript is missing.
    """
    torch = torch_module()
    try:
        import onnx
        import onnxscript  # noqa: F401 - torch wants it
    except ImportError as error:
        raise MissingExtraError(
            f"writing ONNX needs a package that is not installed ({error}): "
            "pip install 'chaffinch[train]'"
        ) from error

    class Both(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, trunk: Module, head: Module) -> None:
            super().__init__()
            self.trunk = trunk
            self.head = head

        def forward(self, images: object) -> tuple[object, object]:
            embedding = self.trunk(images)
            return self.head(embedding), embedding

    trunk = _without_normalisation(deepcopy(net.trunk).cpu().eval())
    both = Both(trunk, deepcopy(net.head).cpu().eval())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own making
        program = torch.onnx.export(
            both,
            (torch.zeros(2, 1, *shape),),
            input_names=["images"],
            output_names=["logits", "embedding"],
            dynamic_shapes={"images": {0: torch.export.Dim("n", min=1)}},
            opset_version=_OPSET,
            dynamo=True,
            verbose=False,
        )
    model = program.model_proto
    # where it was made, which says nothing of the model and would differ each time
    model.ClearField("metadata_props")
    for holder in (*model.graph.node, *model.graph.value_info, model.graph):
        holder.ClearField("metadata_props")
        holder.ClearField("doc_string")
    for key, value in (about or {}).items():
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def _without_normalisation(trunk: Module) -> Module:
    """Return the same function with each normalisation worked into the convolution before it."""
    torch = torch_module()
    fuse = torch.nn.utils.fusion.fuse_conv_bn_eval
    layers: list[Module] = []
    for layer in trunk:
        if isinstance(layer, torch.nn.BatchNorm2d):
            layers[-1] = fuse(layers[-1], layer)
        else:
            layers.append(layer)
    return torch.nn.Sequential(*layers)

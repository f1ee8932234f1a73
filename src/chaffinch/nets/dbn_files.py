"""Deep belief nets as files: tensors with checksums and settings in JSON, never pickled objects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils.validation import check_is_fitted

from chaffinch.errors import ModelError
from chaffinch.models.files import ModelCard, read_model, save_model
from chaffinch.nets import torch_module
from chaffinch.nets.dbn import DBNClassifier
from chaffinch.nets.rbm import RBM
from chaffinch.nets.stack import DeepBeliefNet

if TYPE_CHECKING:
    from torch import Tensor

_RUNG = "deep belief net"


def save_net(path: Path, net: DBNClassifier) -> None:
    """Write a net: what pretraining learned, and what fine-tuning made of it, if it has been.

    Parameters
    ----------
    path : Path
        The file, in safetensors' format.
    net : DBNClassifier
        A net that is pretrained at least.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    check_is_fitted(net, "stack_")
    tensors = {}
    for number, rbm in enumerate(net.stack_.rbms):
        tensors[f"rbm.{number}.weights"] = rbm.weights
        tensors[f"rbm.{number}.visible_bias"] = rbm.visible_bias
        tensors[f"rbm.{number}.hidden_bias"] = rbm.hidden_bias
    fine_tuned = hasattr(net, "layers_")
    for number, (weights, bias) in enumerate(net.layers_ if fine_tuned else ()):
        tensors[f"layer.{number}.weights"] = weights
        tensors[f"layer.{number}.bias"] = bias
    settings = net.get_params()
    # A generator's state belongs to the run that drew from it.
    if not isinstance(settings["random_state"], int | None):
        settings["random_state"] = None
    card = ModelCard(
        id=path.stem,
        task="",
        rung=_RUNG,
        features=f"{net.n_features_in_} values from {net.low_!r} to {net.high_!r}",
        trained_to=0,
        examples=0,
        params={"low": net.low_, "high": net.high_},
        recipe={
            "settings": settings,
            "classes": net.classes_.tolist() if fine_tuned else [],
            "classes_dtype": str(net.classes_.dtype) if fine_tuned else "",
        },
    )
    save_model(path, card, {name: tensor.cpu().numpy() for name, tensor in tensors.items()})


def read_net(path: Path, device: str = "auto") -> DBNClassifier:
    """Read a net that `save_net` wrote.

    Parameters
    ----------
    path : Path
        The file.
    device : str
        Where to compute; ``"auto"`` is a GPU where there is one.

    Returns
    -------
    DBNClassifier
        It judges, or goes on to be fine-tuned, as the one that was written would.

    Raises
    ------
    ModelError
        If it is missing, damaged, or no deep belief net.
    MissingExtraError
        If PyTorch is not installed.
    """
    torch = torch_module()
    card, arrays = read_model(path)
    if card.rung != _RUNG:
        raise ModelError(f"{path} holds no deep belief net but '{card.rung}': name another file")
    net = DBNClassifier(
        **{**card.recipe["settings"], "hidden": tuple(card.recipe["settings"]["hidden"])}
    )
    net.device = device

    def tensor(name: str) -> Tensor:
        return torch.from_numpy(arrays[name]).to(net.torch_device())

    layers = range(len(net.hidden))
    net.stack_ = DeepBeliefNet(
        [
            RBM(
                tensor(f"rbm.{number}.weights"),
                tensor(f"rbm.{number}.visible_bias"),
                tensor(f"rbm.{number}.hidden_bias"),
            )
            for number in layers
        ]
    )
    net.low_, net.high_ = card.params["low"], card.params["high"]
    net.n_features_in_ = len(arrays["rbm.0.visible_bias"])
    if card.recipe["classes"]:
        net.layers_ = [
            (tensor(f"layer.{number}.weights"), tensor(f"layer.{number}.bias"))
            for number in range(len(layers) + 1)
        ]
        net.classes_ = np.array(card.recipe["classes"], dtype=card.recipe["classes_dtype"])
    return net

"""Teach a trained net a little more, without losing what it knows.

What was flagged is learned by backpropagation through the whole net. Beside each batch of it comes
one of what is to be kept: items of which the net is to go on thinking what it thought (Z. Li and
D. Hoiem, "Learning without forgetting", 2016), changed anew each time, so that some hundreds stand
for all that it was trained on. And the weights that come of it go only a part of the way there
(M. Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaffinch.nets import torch_module
from chaffinch.nets.from_onnx import read_onnx, widen, write_onnx

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from torch import Generator, Tensor

    Change = Callable[[Tensor, Generator], Tensor]
    Items = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tuning:
    """How a net is taught a little more.

    Parameters
    ----------
    augmentation : callable
        How items are changed: from a batch of them, uint8, (n, height, width), and a generator of
        random numbers to what the net sees, (n, 1, height, width) in [0, 1].
    steps : int
        How many, of Adam.
    batch, beside : int
        Items flagged in each step, and of those to be kept beside them.
    rate : float
        Length of the first steps; it goes down to 0 evenly.
    share : float
        How much of the way the weights go at last, from where they began to where they came.
    smoothing : float
        Share of the wish that goes evenly to all labels.
    new : float
        What a net says of a label that it does not know yet, in log-odds.
    seed : int
        Where the random numbers begin.
    """

    augmentation: Change
    steps: int = 300
    batch: int = 32
    beside: int = 96
    rate: float = 1e-3
    share: float = 0.5
    smoothing: float = 0.05
    new: float = -8.0
    seed: int = 0


def tuned(
    data: bytes,
    items: Items,
    codes: NDArray[np.integer],
    kept: Items,
    labels: int,
    how: Tuning,
) -> bytes:
    """Return a net, as an ONNX file, that has learned some items.

    Parameters
    ----------
    data : bytes
        The ONNX file of the net to begin from.
    items : array of shape (n, height, width), uint8
        What was flagged, one at least; 255 is what the net sees as 1.
    codes : array of shape (n,)
        The numbers of their labels.
    kept : array of shape (m, height, width), uint8
        Of which the net is to go on thinking what it thinks; may be empty.
    labels : int
        How many there are; more than the net knows are new to it.
    how : Tuning
        How.

    Raises
    ------
    MissingExtraError
        If PyTorch or onnx is missing.
    ModelError
        If the net cannot be read.
    """
    torch = torch_module()
    random = torch.Generator().manual_seed(how.seed)
    net, before = read_onnx(data), read_onnx(data)
    for one in (net, before):
        widen(one, labels, how.new)
    flagged, keep = (torch.tensor(some) for some in (items, kept))
    classes = torch.tensor(codes, dtype=torch.int64)
    wish = torch.nn.functional.one_hot(classes, labels).float()
    wish = wish.lerp(torch.full_like(wish, 1 / labels), how.smoothing)
    adam = torch.optim.Adam(net.parameters(), how.rate)
    falling = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, how.steps)
    for _ in range(how.steps):
        chosen = torch.randint(len(flagged), (how.batch,), generator=random)
        x, wanted = flagged[chosen], wish[chosen]
        if len(keep):
            others = torch.randint(len(keep), (how.beside,), generator=random)
            x = torch.cat([x, keep[others]])
        x = how.augmentation(x, random)
        if len(keep):
            with torch.no_grad():
                wanted = torch.cat([wanted, before(x[how.batch :])[0].softmax(1)])
        loss = torch.nn.functional.cross_entropy(net(x)[0], wanted)
        adam.zero_grad()
        loss.backward()
        adam.step()
        falling.step()
    with torch.no_grad():
        for name, weight in before.weights.items():
            net.weights[name].lerp_(weight, 1 - how.share)
    return write_onnx(data, net)

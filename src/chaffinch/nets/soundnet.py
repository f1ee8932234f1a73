"""A small convolutional network for mel spectra of words.

It looks for patterns of sound of some 100 ms; over frequencies they must lie where they lie, over
time they may lie anywhere: at the end the best fit and the mean fit of each pattern are what tells
words apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaffinch.nets import torch_module
from chaffinch.nets.convnet import convolution

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

#: Channels after each convolution.
WIDTHS = (32, 32, 64, 64, 96, 96)


def soundnet(classes: int, *, widths: tuple[int, ...] = WIDTHS) -> Module:
    """Return the network, its weights drawn from torch's random numbers.

    Parameters
    ----------
    classes : int
        How many labels.
    widths : tuple of int
        Channels after each of the six convolutions; the embedding is twice as long as the last.

    Returns
    -------
    Module
        From mel spectra, (n, 1, 40, frames) in [0, 1], 1 for the loudest, to logits, (n, classes).
        Its part ``trunk`` gives the embedding, (n, 2 * widths[-1]), which ``head`` makes logits of.
    """
    nn = torch_module().nn
    a, b, c, d, e, f = widths
    trunk = nn.Sequential(
        *convolution(nn, 1, a, side=5, stride=2, padding=2),  # (n, a, 20, t / 2)
        *convolution(nn, a, b, stride=(2, 1)),  # (n, b, 10, t / 2)
        *convolution(nn, b, c, stride=2),  # (n, c, 5, t / 4)
        *convolution(nn, c, d),  # (n, d, 5, t / 4)
        *convolution(nn, d, e, side=(5, 3), padding=(0, 1)),  # (n, e, 1, t / 4): all frequencies
        *convolution(nn, e, f, side=(1, 3), padding=(0, 1)),  # (n, f, 1, t / 4)
        _best_and_mean()(),
    )
    net = nn.Sequential()
    net.add_module("trunk", trunk)
    net.add_module("head", nn.Linear(2 * f, classes))
    return net


def _best_and_mean() -> type[Module]:
    torch = torch_module()

    class BestAndMean(torch.nn.Module):  # type: ignore[misc, name-defined]
        """How well each pattern fits where it fits best, and on average."""

        def forward(self, x: Tensor) -> Tensor:
            both: Tensor = torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)
            return both

    return BestAndMean

"""A small convolutional network for 28 × 28 pixels.

A convolution looks for the same small patterns everywhere: layer by layer the patterns become
larger and more, and where they are matters less. Most of the work is done at 14 × 14 and 7 × 7
pixels, which is what a processor's core can do ten thousand times a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaffinch.nets import torch_module

if TYPE_CHECKING:
    from torch.nn import Module

#: Channels after each convolution.
WIDTHS = (32, 32, 64, 64, 96)


def convnet(classes: int = 10, *, widths: tuple[int, ...] = WIDTHS) -> Module:
    """Return the network, its weights drawn from torch's random numbers.

    Parameters
    ----------
    classes : int
        How many labels.
    widths : tuple of int
        Channels after each of the five convolutions; the last is the embedding's size.

    Returns
    -------
    Module
        From images, (n, 1, 28, 28) in [0, 1], 1 for ink, to logits, (n, classes). Its part
        ``trunk`` gives the embedding, (n, widths[-1]), which ``head`` makes logits of.
    """
    nn = torch_module().nn
    a, b, c, d, e = widths
    trunk = nn.Sequential(
        *convolution(nn, 1, a, side=5, stride=2, padding=2),  # (n, 1, 28, 28) to (n, a, 14, 14)
        *convolution(nn, a, b),  # (n, b, 14, 14)
        nn.MaxPool2d(2),  # (n, b, 7, 7)
        *convolution(nn, b, c),  # (n, c, 7, 7)
        # nothing beyond the edge is needed
        *convolution(nn, c, d, padding=0),  # (n, d, 5, 5)
        *convolution(nn, d, e, padding=0),  # (n, e, 3, 3)
        nn.AdaptiveMaxPool2d(1),  # (n, e, 1, 1): how well each pattern fits where it fits best
        nn.Flatten(),  # (n, e)
    )
    net = nn.Sequential()
    net.add_module("trunk", trunk)
    net.add_module("head", nn.Linear(e, classes))
    return net


def convolution(
    nn: Any,
    inputs: int,
    outputs: int,
    *,
    side: int | tuple[int, int] = 3,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 1,
) -> list[Module]:
    """Return a convolution, its normalisation, which adds a bias of its own, and what bends it."""
    return [
        nn.Conv2d(inputs, outputs, side, stride, padding, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]

"""Means of a net's weights: steadier than the weights of any one step, or of any one round."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from chaffinch.nets import torch_module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor
    from torch.nn import Module


class WeightAverage:
    """The mean of a net's weights and of what its normalisations have seen, the newest most.

    Parameters
    ----------
    net : Module
        Whose.
    kept : float
        What the mean keeps of itself at each step; less in the first steps, when there is little
        worth keeping.
    """

    def __init__(self, net: Module, kept: float) -> None:
        self.now = _weights(net)
        self.mean = [value.clone() for value in self.now]
        self.kept = kept
        self.steps = 0

    def update(self) -> None:
        """Take in the weights as they are after a step."""
        torch = torch_module()
        self.steps += 1
        kept = min(self.kept, self.steps / (self.steps + 9))
        with torch.no_grad():
            torch._foreach_lerp_(self.mean, self.now, 1 - kept)

    def copy(self) -> None:
        """Give the net the mean."""
        for value, mean in zip(self.now, self.mean, strict=True):
            value.copy_(mean)

    @contextmanager
    def instead(self) -> Iterator[None]:
        """Give the net the mean for a while."""
        kept = [value.clone() for value in self.now]
        self.copy()
        try:
            yield
        finally:
            for value, old in zip(self.now, kept, strict=True):
                value.copy_(old)


class WeightMean:
    """The mean of a net's weights at several times, each as much as the others.

    Parameters
    ----------
    net : Module
        Whose.
    """

    def __init__(self, net: Module) -> None:
        self.now = _weights(net)
        self.mean = [value.clone() for value in self.now]
        self.times = 0

    def update(self) -> None:
        """Take in the weights as they are."""
        torch = torch_module()
        self.times += 1
        torch._foreach_lerp_(self.mean, [value.detach() for value in self.now], 1 / self.times)

    def copy(self) -> None:
        """Give the net the mean."""
        for value, mean in zip(self.now, self.mean, strict=True):
            value.copy_(mean)


def _weights(net: Module) -> list[Tensor]:
    """Return what a net holds of numbers that are measured, not counted."""
    return [value for value in net.state_dict().values() if value.is_floating_point()]

"""A deep belief net: restricted Boltzmann machines in a stack, learned layer by layer.

The first machine learns the data. What its hidden units make of them is data to the second, whose
hidden units are data to the third. Each layer so learns what is typical of the one below, without
a label, and one at a time: no error has to find its way through the whole stack.

References
----------
G. Hinton, S. Osindero and Y. Teh, "A fast learning algorithm for deep belief nets", Neural
Computation 18, 2006. X. Glorot and Y. Bengio, "Understanding the difficulty of training deep
feedforward neural networks", AISTATS 2010.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chaffinch.nets.rbm import CD, RBM

if TYPE_CHECKING:
    from torch import Generator, Tensor


class DeepBeliefNet:
    """A stack of restricted Boltzmann machines, each on top of the hidden units of the last.

    Parameters
    ----------
    rbms : sequence of RBM
        The lowest first.
    """

    def __init__(self, rbms: Sequence[RBM]) -> None:
        self.rbms = tuple(rbms)

    @classmethod
    def learned(
        cls, data: Tensor, hidden: Sequence[int], cd: CD, random: Generator
    ) -> DeepBeliefNet:
        """Return a stack that has learned data greedily, layer by layer.

        Parameters
        ----------
        data : Tensor of shape (n, n_visible)
            Numbers from 0 to 1, taken as probabilities.
        hidden : sequence of int
            How many units each layer has.
        cd : CD
            How each RBM learns. In no epochs nothing is learned, and the weights are random, of
            the size that suits backpropagation through sigmoid units (Glorot and Bengio).
        random : Generator
            Where chance comes from.
        """
        rbms = []
        for units in hidden:
            rbm = RBM.blank(data.shape[1], units, random)
            if cd.epochs:
                rbm.fit(data, cd, random)
            else:
                bound = 4 * (6 / (data.shape[1] + units)) ** 0.5
                rbm.weights.uniform_(-bound, bound, generator=random)
            rbms.append(rbm)
            data = rbm.hidden(data)  # (n, units): probabilities, which the next one learns
        return cls(rbms)

    def up(self, v: Tensor) -> Tensor:
        """Return what the top makes of data: (n, n_visible) to (n, top units), probabilities."""
        for rbm in self.rbms:
            v = rbm.hidden(v)  # (n, units of this layer)
        return v

    def down(self, h: Tensor) -> Tensor:
        """Return what the top speaks of: (n, top units) to (n, n_visible), probabilities."""
        for rbm in reversed(self.rbms):
            h = rbm.visible(h)  # (n, units of the layer below)
        return h

    def dream(self, start: Tensor, steps: int, random: Generator) -> Tensor:
        """Return what the stack takes for data: Gibbs sampling in the top RBM, then down.

        Parameters
        ----------
        start : Tensor of shape (n, n_visible)
            Where the chains begin. From data they wander through what was learned. From noise they
            may stay in places that contrastive divergence, which looks round the data alone, has
            never been to, such as an empty image.
        steps : int
            Steps of Gibbs sampling.
        random : Generator
            Where chance comes from.

        Returns
        -------
        Tensor of shape (n, n_visible)
            Probabilities, which show more than samples of 0 and 1.
        """
        h = self.up(start).bernoulli(generator=random)
        return self.down(self.rbms[-1].gibbs(h, steps, random))

    def filters(self, layer: int = 0) -> Tensor:
        """Return what the units of a layer look for, shape (units, n_visible).

        It is exact for the first. Above it the weights are multiplied through, which leaves out
        what the sigmoids between them do.
        """
        product = self.rbms[0].weights  # (n_visible, units)
        for rbm in self.rbms[1 : layer + 1]:
            product = product @ rbm.weights
        return product.T

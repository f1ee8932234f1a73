"""Muon: momentum whose steps are made orthogonal, for the matrices of a net.

A step of plain momentum is dominated by few directions, those that most of the gradients share.
Muon sets all singular values of the step to about 1, so that rare directions are learned as fast:
M = U S V' becomes U V'. No singular value decomposition is needed: a polynomial of odd powers of M
changes the singular values and nothing else, and a few rounds of a well chosen one bring any
between 0 and 1 to about 1 (a Newton-Schulz iteration).

References
----------
K. Jordan and others, "Muon: an optimizer for hidden layers in neural networks", 2024.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

#: Of x, x³ and x⁵: steep at 0, and within 0.7 to 1.2 after five rounds from anywhere.
POLYNOMIAL = (3.4445, -4.7750, 2.0315)


def orthogonal(matrix: Tensor, rounds: int = 5) -> Tensor:
    """Return the matrix with all its singular values about 1.

    Parameters
    ----------
    matrix : Tensor of shape (rows, columns)
        What to change.
    rounds : int
        Rounds of the iteration.

    Returns
    -------
    Tensor of shape (rows, columns)
        About U V', where the matrix is U S V'.
    """
    a, b, c = POLYNOMIAL
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T  # the products are smaller
    wide = wide / (wide.norm() + 1e-7)  # now no singular value exceeds 1
    for _ in range(rounds):
        square = wide @ wide.T
        wide = a * wide + (b * square + c * square @ square) @ wide
    return wide if matrix.shape[0] <= matrix.shape[1] else wide.T


class Muon:
    """Steps for the weights of convolutions and full layers; biases and the like need another.

    Parameters
    ----------
    weights : sequence of Tensor
        Each of two or more axes; all but the first are taken together.
    momentum : float
        Share of the last direction that is kept (Nesterov's look ahead is used).
    decay : float
        Weight decay: share of each weight lost in a step of rate 1.
    """

    def __init__(
        self, weights: Sequence[Tensor], *, momentum: float = 0.9, decay: float = 0.0
    ) -> None:
        self.weights = list(weights)
        self.momentum = momentum
        self.decay = decay
        self.directions = [weight.detach().clone().zero_() for weight in self.weights]

    def step(self, rate: float) -> None:
        """Move each weight by a step of this rate, down its gradient."""
        import torch

        with torch.no_grad():
            for weight, direction in zip(self.weights, self.directions, strict=True):
                gradient = weight.grad
                if gradient is None:
                    continue
                direction.lerp_(gradient, 1 - self.momentum)
                ahead = gradient.lerp(direction, self.momentum)
                step = orthogonal(ahead.flatten(1)).view_as(ahead)
                # a step of the same size for each weight, whatever the matrix's shape
                size = max(1.0, step.shape[0] / step[0].numel()) ** 0.5
                weight.mul_(1 - rate * self.decay).sub_(step, alpha=rate * size)

"""A restricted Boltzmann machine, taught by contrastive divergence.

It has two layers of binary units, v (visible: the data) and h (hidden: what it makes of them).
Each visible unit is joined to each hidden one and to none of its own kind, which is what
"restricted" means. A state costs energy, and the less it costs the likelier it is:

    E(v, h) = - a·v - b·h - v·W·h                                                          (1)
    p(v, h) = exp(-E(v, h)) / Z,  with Z the sum of exp(-E) over all states                (2)

As no two units of a layer are joined, given one layer those of the other are independent, and all
of them are drawn at once; σ(x) is 1 / (1 + exp(-x)):

    p(h_j = 1 | v) = σ(b_j + Σ_i v_i W_ij)                                                 (3)
    p(v_i = 1 | h) = σ(a_i + Σ_j W_ij h_j)                                                 (4)

The hidden units can be summed over, which leaves the free energy F, with p(v) = exp(-F(v)) / Z:

    F(v) = - a·v - Σ_j log(1 + exp(b_j + Σ_i v_i W_ij))                                    (5)

To learn is to make the data likelier, uphill on

    ∂ log p(v) / ∂ W_ij = <v_i h_j> in the data - <v_i h_j> in what the machine dreams     (6)

The first mean is easy. The second needs samples of p, and a chain that draws (3) and (4) in turn
(Gibbs sampling) gets there only after very many steps. **Contrastive divergence** takes k of them,
often one, beginning at the data: it asks where the machine drifts to from the data, and makes that
less likely. It does not follow (6) exactly and works well.

References
----------
G. Hinton, "Training products of experts by minimizing contrastive divergence", Neural Computation
14, 2002. G. Hinton, S. Osindero and Y. Teh, "A fast learning algorithm for deep belief nets",
Neural Computation 18, 2006. G. Hinton, "A practical guide to training restricted Boltzmann
machines", UTML TR 2010-003, 2010.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator, Tensor


@dataclass(frozen=True, slots=True)
class CD:
    """How contrastive divergence goes: the settings of Hinton and Salakhutdinov (2006).

    Parameters
    ----------
    k : int
        Steps of Gibbs sampling from the data.
    epochs : int
        How often all of the data are gone through.
    batch : int
        Rows whose mean makes a step.
    rate : float
        Length of a step.
    momentum : float
        How much of a step goes on into the next one, from the sixth epoch on. Until then it is
        0.5: at first steps are long, and would add up too far.
    weight_decay : float
        How much of a weight is taken away, times `rate`, at each step; biases keep theirs.
    """

    k: int = 1
    epochs: int = 20
    batch: int = 100
    rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 2e-4


class RBM:
    """A restricted Boltzmann machine of binary units.

    Parameters
    ----------
    weights : Tensor of shape (n_visible, n_hidden)
        W of the formulas.
    visible_bias : Tensor of shape (n_visible,)
        Their a.
    hidden_bias : Tensor of shape (n_hidden,)
        Their b.
    """

    def __init__(self, weights: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> None:
        self.weights = weights
        self.visible_bias = visible_bias
        self.hidden_bias = hidden_bias

    @classmethod
    def blank(cls, n_visible: int, n_hidden: int, random: Generator) -> RBM:
        """Return one that has learned nothing: small random weights, so that units differ."""
        import torch

        device = random.device
        return cls(
            0.01 * torch.randn(n_visible, n_hidden, generator=random, device=device),
            torch.zeros(n_visible, device=device),
            torch.zeros(n_hidden, device=device),
        )

    def hidden(self, v: Tensor) -> Tensor:
        """Return p(h_j = 1 | v), formula 3: (n, n_visible) to (n, n_hidden)."""
        return (v @ self.weights + self.hidden_bias).sigmoid()

    def visible(self, h: Tensor) -> Tensor:
        """Return p(v_i = 1 | h), formula 4: (n, n_hidden) to (n, n_visible)."""
        return (h @ self.weights.T + self.visible_bias).sigmoid()

    def free_energy(self, v: Tensor) -> Tensor:
        """Return F(v), formula 5: (n, n_visible) to (n,). The lower, the likelier."""
        from torch.nn.functional import softplus

        return -(v @ self.visible_bias) - softplus(v @ self.weights + self.hidden_bias).sum(1)

    def gibbs(self, h: Tensor, steps: int, random: Generator) -> Tensor:
        """Draw visible units, then hidden ones, `steps` times; (n, n_hidden) stays its shape."""
        for _ in range(steps):
            v = self.visible(h).bernoulli(generator=random)  # (n, n_visible), 0 or 1
            h = self.hidden(v).bernoulli(generator=random)  # (n, n_hidden), 0 or 1
        return h

    def uphill(self, v: Tensor, k: int, random: Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return which way contrastive divergence would change W, a and b.

        Parameters
        ----------
        v : Tensor of shape (n, n_visible)
            Data: 0 and 1, or numbers between them, taken as probabilities.
        k : int
            Steps of Gibbs sampling.
        random : Generator
            Where chance comes from.

        Returns
        -------
        Tensor, Tensor, Tensor
            Shapes (n_visible, n_hidden), (n_visible,) and (n_hidden,): formula 6, estimated.
        """
        h = self.hidden(v)  # (n, n_hidden)
        # A hidden unit may tell one bit of what it has seen, and no more: so it is drawn. Where
        # nothing depends on the draw, at the end, the probability itself is less noisy.
        drawn = self.gibbs(h.bernoulli(generator=random), k - 1, random)
        v_dream = self.visible(drawn)  # (n, n_visible)
        h_dream = self.hidden(v_dream)  # (n, n_hidden)
        return (
            (v.T @ h - v_dream.T @ h_dream) / len(v),
            (v - v_dream).mean(0),
            (h - h_dream).mean(0),
        )

    def fit(self, data: Tensor, cd: CD, random: Generator) -> list[float]:
        """Learn.

        Parameters
        ----------
        data : Tensor of shape (n, n_visible)
            Numbers from 0 to 1, taken as probabilities.
        cd : CD
            How.
        random : Generator
            Where chance comes from.

        Returns
        -------
        list of float
            The mean squared error of reconstruction after each epoch, from a thousand rows.
        """
        import torch

        parameters = self.weights, self.visible_bias, self.hidden_bias
        steps = [torch.zeros_like(parameter) for parameter in parameters]
        errors = []
        for epoch in range(cd.epochs):
            momentum = min(0.5, cd.momentum) if epoch < 5 else cd.momentum
            order = torch.randperm(len(data), generator=random, device=data.device)
            for places in order.split(cd.batch):
                ascent = self.uphill(data[places], cd.k, random)
                ascent[0].sub_(self.weights, alpha=cd.weight_decay)
                for parameter, step, up in zip(parameters, steps, ascent, strict=True):
                    step.mul_(momentum).add_(up, alpha=cd.rate)
                    parameter.add_(step)
            errors.append(self.reconstruction_error(data[:1000]))
        return errors

    def reconstruction_error(self, v: Tensor) -> float:
        """Return the mean squared difference between data and what comes back from them."""
        return float((v - self.visible(self.hidden(v))).square().mean())

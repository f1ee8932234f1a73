"""Machines so small that all of their states can be counted: 4 visible units, 3 hidden ones."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from chaffinch.nets.rbm import CD, RBM
from trainable import torch_or_skip


@pytest.fixture(name="torch")
def _torch() -> Any:
    return torch_or_skip()


def states(torch: Any, units: int) -> Any:
    """All states of so many binary units, (2 ** units, units)."""
    return torch.tensor(list(product((0.0, 1.0), repeat=units)))


def chance(torch: Any, seed: int = 0) -> Any:
    return torch.Generator().manual_seed(seed)


def machine(torch: Any, seed: int = 0) -> RBM:
    random = chance(torch, seed)
    return RBM(*(torch.randn(*shape, generator=random) for shape in ((4, 3), (4,), (3,))))


def probabilities(torch: Any, rbm: RBM) -> Any:
    """p(v) of each of the 16 states, by formulas 1 and 2 and nothing else."""
    energies = torch.tensor(
        [
            [
                -(rbm.visible_bias @ v + rbm.hidden_bias @ h + v @ rbm.weights @ h)
                for h in states(torch, 3)
            ]
            for v in states(torch, 4)
        ]
    )
    return (-energies).exp().sum(1) / (-energies).exp().sum()


def log_likelihood(torch: Any, rbm: RBM, data: Any) -> Any:
    partition = (-rbm.free_energy(states(torch, 4))).logsumexp(0)
    return (-rbm.free_energy(data) - partition).mean()


def two_patterns(torch: Any, n: int = 200, seed: int = 1) -> Any:
    """1100 and 0011, each bit flipped in a tenth of the rows."""
    random = chance(torch, seed)
    which = torch.randint(2, (n,), generator=random)
    clean = torch.tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])[which]
    return (clean - torch.full_like(clean, 0.1).bernoulli(generator=random)).abs()


def test_free_energy_is_the_sum_over_hidden_states(torch: Any) -> None:
    rbm = machine(torch)
    by_free_energy = (-rbm.free_energy(states(torch, 4))).softmax(0)
    torch.testing.assert_close(by_free_energy, probabilities(torch, rbm))


def test_a_long_chain_draws_states_as_often_as_they_are_likely(torch: Any) -> None:
    rbm = machine(torch)
    random = chance(torch)
    h = rbm.gibbs(torch.zeros(20_000, 3), 50, random)
    v = rbm.visible(h).bernoulli(generator=random)
    places = (v @ torch.tensor([8.0, 4.0, 2.0, 1.0])).long()
    shares = places.bincount(minlength=16) / len(v)
    assert (shares - probabilities(torch, rbm)).abs().sum() < 0.03


@pytest.mark.parametrize(("k", "cosine"), [(1, 0.8), (20, 0.95)])
@pytest.mark.parametrize("seed", range(5))
def test_contrastive_divergence_points_where_likelihood_grows(
    torch: Any, seed: int, k: int, cosine: float
) -> None:
    rbm = machine(torch, seed)
    data = two_patterns(torch)
    parameters = [
        tensor.requires_grad_() for tensor in (rbm.weights, rbm.visible_bias, rbm.hidden_bias)
    ]
    exact = torch.autograd.grad(log_likelihood(torch, rbm, data), parameters)
    with torch.no_grad():
        estimates = rbm.uphill(data.repeat(100, 1), k, chance(torch))
    exact, estimated = (
        torch.cat([part.flatten() for part in parts]) for parts in (exact, estimates)
    )
    assert torch.cosine_similarity(exact, estimated, dim=0) > cosine


def test_learning_raises_the_exact_likelihood(torch: Any) -> None:
    data = two_patterns(torch)
    random = chance(torch)
    rbm = RBM.blank(4, 3, random)
    likelihoods = [float(log_likelihood(torch, rbm, data))]
    for _ in range(4):
        rbm.fit(data, CD(epochs=50, batch=20, rate=0.05), random)
        likelihoods.append(float(log_likelihood(torch, rbm, data)))
    # Each unit by itself is a coin, and knowing no more gives 4 log ½ = -2.77; half of the rows
    # of each kind and a tenth of the bits wrong make -2.0 the best that is possible.
    assert likelihoods[0] == pytest.approx(-2.77, abs=0.03)
    assert likelihoods[1] > likelihoods[0] + 0.2
    assert max(likelihoods) > -2.25


def test_reconstructs_and_expects_what_it_learned(torch: Any) -> None:
    random = chance(torch)
    patterns = torch.rand(4, 36, generator=random).round()
    data = patterns.repeat(50, 1)
    rbm = RBM.blank(36, 16, random)
    noise = torch.rand(200, 36, generator=random).round()
    gap_before = rbm.free_energy(noise).mean() - rbm.free_energy(data).mean()
    errors = rbm.fit(data, CD(epochs=20, batch=10), random)
    gap = rbm.free_energy(noise).mean() - rbm.free_energy(data).mean()
    assert errors[-1] < 0.1 * errors[0]
    assert errors[-1] == pytest.approx(rbm.reconstruction_error(data))
    assert gap > gap_before + 5


def test_the_same_seed_gives_the_same_machine(torch: Any) -> None:
    def learned(seed: int) -> Any:
        random = chance(torch, seed)
        rbm = RBM.blank(4, 3, random)
        rbm.fit(two_patterns(torch), CD(epochs=3), random)
        return rbm.weights

    assert learned(3).equal(learned(3))
    assert not learned(3).equal(learned(4))

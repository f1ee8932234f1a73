from __future__ import annotations

from typing import Any

import pytest

from chaffinch.nets.average import WeightAverage
from chaffinch.nets.muon import Muon, orthogonal
from trainable import torch_or_skip


@pytest.fixture(name="torch")
def _torch() -> Any:
    return torch_or_skip()


@pytest.mark.parametrize("shape", [(8, 40), (40, 8), (16, 16)])
def test_all_singular_values_become_about_one(torch: Any, shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    matrix = torch.randn(*shape)
    u, s, v = torch.linalg.svd(matrix, full_matrices=False)
    spread = u @ torch.diag(torch.logspace(0, 1.5, len(s))) @ v
    values = torch.linalg.svdvals(orthogonal(spread))
    assert values.min() > 0.6
    assert values.max() < 1.3


def test_directions_stay(torch: Any) -> None:
    torch.manual_seed(0)
    matrix = torch.randn(6, 20)
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    assert (
        torch.nn.functional.cosine_similarity(
            orthogonal(matrix).flatten(), (u @ v).flatten(), dim=0
        )
        > 0.97
    )


def test_a_convolution_finds_what_it_was_asked_for(torch: Any) -> None:
    torch.manual_seed(0)
    images, wished, weight = (
        torch.randn(64, 3, 8, 8),
        torch.randn(4, 3, 3, 3),
        torch.zeros(4, 3, 3, 3),
    )
    convolve = torch.nn.functional.conv2d
    weight.requires_grad_(True)
    muon = Muon([weight])
    losses = []
    for step in range(60):
        weight.grad = None
        loss = (convolve(images, weight) - convolve(images, wished)).square().mean()
        loss.backward()
        losses.append(loss.item())
        muon.step(0.2 * (1 - step / 60))
    assert losses[-1] < losses[0] / 50


def test_weights_without_a_gradient_and_without_decay_stay(torch: Any) -> None:
    weight = torch.ones(2, 2)
    Muon([weight]).step(0.1)
    assert torch.equal(weight, torch.ones(2, 2))


def test_a_mean_follows_and_gives_the_weights_back(torch: Any) -> None:
    net = torch.nn.Linear(1, 1, bias=False)
    net.weight.data.fill_(0.0)
    average = WeightAverage(net, 0.9)
    for value in range(1, 201):
        net.weight.data.fill_(float(value))
        average.update()
    with average.instead():
        assert 185 < net.weight.item() < 195  # ten steps behind
    assert net.weight.item() == 200
    average.copy()
    assert 185 < net.weight.item() < 195

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chaffinch.nets.augment import Augmentation, augment
from trainable import torch_or_skip

NONE = Augmentation(rotation=0, scale=0, shear=0, shift=0, elastic=0, pen=0)


@pytest.fixture(name="torch")
def _torch() -> Any:
    return torch_or_skip()


def crosses(torch: Any, n: int = 64) -> Any:
    """A cross with one arm longer than the others, in the middle of 28 x 28."""
    images = torch.zeros(n, 1, 28, 28)
    images[:, :, 13:15, 8:20] = 1
    images[:, :, 4:20, 13:15] = 1
    return images


def chance(torch: Any, seed: int = 0) -> Any:
    return torch.Generator().manual_seed(seed)


def test_nothing_changes_where_nothing_is_to_change(torch: Any) -> None:
    images = crosses(torch)
    assert torch.allclose(augment(images, NONE, chance(torch)), images, atol=1e-5)


def test_the_same_seed_gives_the_same_images(torch: Any) -> None:
    images = crosses(torch)
    one, two, other = (augment(images, Augmentation(), chance(torch, s)) for s in (3, 3, 4))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_every_image_is_changed_in_its_own_way_and_stays_in_its_range(torch: Any) -> None:
    changed = augment(crosses(torch), Augmentation(), chance(torch))
    assert len(changed.flatten(1).unique(dim=0)) == len(changed)
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_shifts_go_as_far_as_they_may_and_no_further(torch: Any) -> None:
    shifted = augment(crosses(torch, 500), replace(NONE, shift=2), chance(torch))
    rows = torch.arange(28.0)
    mean = (shifted.sum((1, 3)) * rows).sum(1) / shifted.sum((1, 2, 3))
    moved = mean - mean.mean()
    assert 1.8 < moved.abs().max() < 2.1


def test_rotations_go_as_far_as_they_may(torch: Any) -> None:
    line = torch.zeros(500, 1, 28, 28)
    line[:, :, 3:25, 13:15] = 1
    turned = augment(line, replace(NONE, rotation=15), chance(torch))
    y, x = torch.meshgrid(torch.arange(28.0) - 13.5, torch.arange(28.0) - 13.5, indexing="ij")
    ink = turned[:, 0]
    angle = ((ink * x * y).sum((1, 2)) / (ink * y * y).sum((1, 2))).atan().rad2deg()
    assert 13 < angle.abs().max() < 16


def test_a_pen_is_broader_for_some_and_finer_for_others(torch: Any) -> None:
    images = crosses(torch, 300)
    ink = augment(images, replace(NONE, pen=0.4), chance(torch)).sum((1, 2, 3))
    before = images[0].sum()
    assert (ink > before * 1.05).float().mean() > 0.3
    assert (ink < before * 0.95).float().mean() > 0.3


def test_elastic_bending_leaves_the_place_and_changes_the_shape(torch: Any) -> None:
    images = crosses(torch)
    bent = augment(images, replace(NONE, elastic=0.06), chance(torch))
    assert (bent - images).abs().sum((1, 2, 3)).min() > 5
    assert abs(bent.sum() / images.sum() - 1) < 0.1

"""Nets in seconds: bars that lie or stand, in noise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from chaffinch.models.multiclass import softmax
from chaffinch.models.onnx_net import OnnxNet
from chaffinch.nets.augment import Augmentation
from chaffinch.nets.convnet import convnet
from chaffinch.nets.digits import distilled, make_starter
from chaffinch.nets.training import Recipe, train
from trainable import package_or_skip, torch_or_skip

GENTLE = Augmentation(rotation=5, elastic=0.02)
RECIPE = Recipe(epochs=4, batch=32, average=0.9, strangers=0, augmentation=GENTLE)
TINY = (4, 4, 8, 8, 8)


@pytest.fixture(name="torch", autouse=True)
def _torch() -> Any:
    torch = torch_or_skip()
    torch.set_num_threads(1)
    return torch


def tiny() -> Any:
    return convnet(2, widths=TINY)


def bars(n: int, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images with a bar across (0) or down (1), in noise."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 60, (n, 28, 28)).astype(np.uint8)
    labels = random.integers(2, size=n)
    for image, label, at in zip(images, labels, random.integers(6, 20, n), strict=True):
        (image.T if label else image)[at : at + 3, 4:24] = 230
    return images, labels


def judged(torch: Any, net: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    with torch.no_grad():
        logits: NDArray[np.float32] = net(torch.tensor(images)[:, None] / 255).numpy()
    return logits


def test_learns_and_reports(torch: Any) -> None:
    images, labels = bars(600)
    told: list[int] = []
    net = train(tiny, images, labels, RECIPE, report=lambda epoch, _: told.append(epoch))
    others, truth = bars(200, seed=1)
    assert (judged(torch, net, others).argmax(1) == truth).mean() > 0.97
    assert told == [1, 2, 3, 4]
    assert not net.training


def test_rounds_end_in_the_mean_of_their_ends(torch: Any) -> None:
    images, labels = bars(600)
    told: list[int] = []
    ends: list[NDArray[np.float32]] = []

    def report(epoch: int, net: Any) -> None:
        told.append(epoch)
        if epoch % 2 == 0:
            ends.append(net.head.weight.detach().numpy().copy())

    recipe = replace(RECIPE, epochs=2, rounds=3)
    net = train(tiny, images, labels, recipe, report=report)
    assert told == [1, 2, 3, 4, 5, 6]
    assert np.allclose(net.head.weight.detach().numpy(), np.mean(ends, axis=0), atol=1e-6)
    others, truth = bars(200, seed=1)
    assert (judged(torch, net, others).argmax(1) == truth).mean() > 0.97


def test_half_the_digits_teach_as_much(torch: Any) -> None:
    images, labels = bars(600)
    net = train(tiny, images, labels, replace(RECIPE, mixed=True))
    others, truth = bars(200, seed=1)
    assert (judged(torch, net, others).argmax(1) == truth).mean() > 0.97


def test_the_same_seed_gives_the_same_net(torch: Any) -> None:
    images, labels = bars(64)
    recipe = replace(RECIPE, epochs=1)
    one, two = (judged(torch, train(tiny, images, labels, recipe), images) for _ in range(2))
    other = judged(torch, train(tiny, images, labels, replace(recipe, seed=1)), images)
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_strangers_are_not_known(torch: Any) -> None:
    images, labels = bars(600)
    alien = np.random.default_rng(2).integers(0, 255, (100, 28, 28)).astype(np.uint8)
    net = train(tiny, images, labels, replace(RECIPE, strangers=16), strangers=alien)
    assert softmax(judged(torch, net, alien)).max(1).mean() < 0.7
    assert softmax(judged(torch, net, images)).max(1).mean() > 0.85


def test_a_student_believes_its_teachers(torch: Any) -> None:
    images, labels = bars(600)
    teacher = train(tiny, images, 1 - labels, RECIPE)
    student = train(tiny, images, labels, replace(RECIPE, lesson=1.0), teachers=[teacher])
    assert (judged(torch, student, images).argmax(1) == 1 - labels).mean() > 0.97


def test_a_net_goes_on_with_what_others_think(torch: Any) -> None:
    random = np.random.default_rng(0)
    images, labels = random.integers(0, 255, (40, 28, 28)).astype(np.uint8), np.arange(40) % 10
    recipe = replace(RECIPE, epochs=1, rate=0.0, other_rate=0.0, decay=0.0)
    teachers = [convnet(widths=TINY).eval() for _ in range(2)]
    student = distilled(images, labels, teachers, recipe)
    # with steps of no length it is still where it began: at the first teacher
    first, same = teachers[0].head.weight, student.head.weight
    assert torch.equal(first, same)


def test_fewer_images_than_a_batch_are_learned(torch: Any) -> None:
    images, labels = bars(5)
    assert judged(torch, train(tiny, images, labels, RECIPE), images).shape == (5, 2)


def test_a_starter_is_an_onnx_file_that_says_what_the_net_says(torch: Any, tmp_path: Path) -> None:
    package_or_skip("onnxscript", "train")
    package_or_skip("onnxruntime", "digits")
    random = np.random.default_rng(0)
    images, labels = random.integers(0, 255, (40, 28, 28)).astype(np.uint8), np.arange(40) % 10
    told: list[str] = []
    recipe = replace(RECIPE, epochs=1, strangers=2)
    path = tmp_path / "starter.onnx"
    make_starter(
        images,
        labels,
        path,
        name="tried-1",
        courses=[recipe, recipe],
        report=told.append,
    )
    assert told == ["1 epochs of this course"] * 2
    net = OnnxNet(path)
    assert net.about == {"name": "tried-1", "labels": "0 1 2 3 4 5 6 7 8 9", "again": "0.9"}
    assert path.stat().st_size < 1_000_000
    logits, embedding = net((images[:, None] / 255).astype(np.float32))
    assert logits.shape == (40, 10)
    assert np.allclose(
        embedding @ weights(path, "head.weight").T + weights(path, "head.bias"), logits, atol=1e-4
    )


def weights(path: Path, name: str) -> NDArray[np.float32]:
    import onnx
    from onnx import numpy_helper

    return next(
        np.asarray(numpy_helper.to_array(weight))
        for weight in onnx.load(path).graph.initializer
        if weight.name == name
    )

"""The recipes of the digits task, and the starter that ships with it.

The starter is taught in two steps. Two nets, alike but for their random numbers, learn the labels;
then one of them goes on, from where it stands, and learns what both think of images that are
changed anew each time. It is as small as each of them and knows some of what only the other knew.
"""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING

from chaffinch.nets.convnet import convnet
from chaffinch.nets.export import export
from chaffinch.nets.strangers import strangers
from chaffinch.nets.training import Recipe, train

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from torch.nn import Module

#: One net on MNIST's 60,000 images.
ONE = Recipe(epochs=20)
#: The net that goes on with what two think.
STUDENT = Recipe(epochs=15, rate=0.02, seed=2)
#: Nets on few images, by how many: the fewer there are, the oftener each is changed anew.
FEW = {1000: Recipe(epochs=400), 5000: Recipe(epochs=150)}
#: How many images that are no digit are drawn.
STRANGERS = 6000


def one_net(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    recipe: Recipe = ONE,
    *,
    report: Callable[[int, Module], None] | None = None,
) -> Module:
    """Return one net that has learned digits, and that what is no digit is none.

    Parameters
    ----------
    images : array of shape (n, 28, 28), uint8
        Normalised as MNIST was, 255 for ink.
    labels : array of shape (n,)
        0 to 9.
    recipe : Recipe
        How.
    report : callable, optional
        Told after each epoch: how many there were, and the net.
    """
    alien = strangers(images, labels, STRANGERS, seed=recipe.seed)
    return train(convnet, images, labels, recipe, strangers=alien, report=report)


def distilled(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    teachers: list[Module],
    recipe: Recipe = STUDENT,
    *,
    report: Callable[[int, Module], None] | None = None,
) -> Module:
    """Return a net that begins as the first teacher and learns what all of them think."""
    return train(
        partial(deepcopy, teachers[0]),
        images,
        labels,
        recipe,
        teachers=teachers,
        strangers=strangers(images, labels, STRANGERS, seed=recipe.seed),
        report=report,
    )


def make_starter(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    path: Path,
    *,
    name: str,
    one: Recipe = ONE,
    student: Recipe = STUDENT,
    report: Callable[[str], None] = print,
) -> None:
    """Teach the nets and write the last one as ONNX.

    Parameters
    ----------
    images : array of shape (n, 28, 28), uint8
        Normalised as MNIST was, 255 for ink.
    labels : array of shape (n,)
        0 to 9.
    path : Path
        Where the starter goes.
    name : str
        What it is called.
    one, student : Recipe
        How the two teachers learn (the second with the next seed), and the student.
    report : callable
        Told how far it is.
    """
    from dataclasses import replace

    def told(what: str, epochs: int) -> Callable[[int, Module], None]:
        return lambda done, _: report(f"{what}: {done} of {epochs} epochs")

    teachers = [
        one_net(images, labels, replace(one, seed=seed), report=told(f"teacher {seed}", one.epochs))
        for seed in (one.seed, one.seed + 1)
    ]
    net = distilled(images, labels, teachers, student, report=told("student", student.epochs))
    export(net, path, about={"name": name, "labels": " ".join("0123456789")})

"""The recipes of the digits task, and the starter that ships with it.

A net learns in two courses: first from images that are changed far, which teaches it what does not
matter, then from images that are changed little, which are more like those it will judge. The
second course is gone through in rounds, and the mean of their ends is what is kept.

What several nets think together is a little better than what each thinks, and one net can learn
that from them (`distilled`). The starter is not taught so: on held-out images such a net was no
better than its teachers, which go through many changed images themselves.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chaffinch.models.onnx_net import AGAIN
from chaffinch.nets.augment import Augmentation
from chaffinch.nets.convnet import convnet
from chaffinch.nets.export import export
from chaffinch.nets.strangers import strangers
from chaffinch.nets.training import Recipe, train

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from torch.nn import Module

    Images = NDArray[np.uint8]
    Labels = NDArray[np.integer]
    Report = Callable[[int, Module], None]

#: The first course: images changed far.
FAR = Recipe(epochs=25)
#: The second one: changed little, shorter steps, and the mean of several rounds.
NEAR = Recipe(
    epochs=4,
    rounds=3,
    rate=0.02,
    augmentation=Augmentation(
        rotation=10, scale=0.1, shear=0.15, shift=1.5, elastic=0.03, pen=0.25
    ),
)
#: Of a net on MNIST's 60,000 images.
ONE = (FAR, NEAR)
#: Of a net that goes on with what others think.
STUDENT = replace(NEAR, rounds=2)
#: Of nets on few images, by how many: the fewer there are, the oftener each is changed anew.
FEW = {
    1000: (replace(FAR, epochs=200), replace(NEAR, epochs=35)),
    5000: (replace(FAR, epochs=70), replace(NEAR, epochs=10)),
}
# Between the seeds of one course and the next.
_NEXT = 100
#: How many images that are no digit are drawn.
STRANGERS = 6000


def courses_of(images: int) -> Sequence[Recipe]:
    """Return how a net learns from so many images.

    Examples
    --------
    >>> courses = (courses_of(n) for n in (500, 4000, 60_000))
    >>> [sum(course.epochs * course.rounds for course in taken) for taken in courses]
    [305, 100, 37]
    """
    return next((courses for most, courses in FEW.items() if images <= most), ONE)


def one_net(
    images: Images,
    labels: Labels,
    courses: Sequence[Recipe] = ONE,
    *,
    classes: int = 10,
    seed: int = 0,
    report: Report | None = None,
) -> Module:
    """Return one net that has learned digits, and that what is no digit is none.

    Parameters
    ----------
    images : array of shape (n, 28, 28), uint8
        Normalised as MNIST was, 255 for ink.
    labels : array of shape (n,)
        0 to 9.
    courses : sequence of Recipe
        How, one after another; their seeds are left aside.
    classes : int
        How many labels there are.
    seed : int
        Where the random numbers begin.
    report : callable, optional
        Told after each epoch: how many there were in this course, and the net.
    """
    make: Callable[[], Module] = partial(convnet, classes)
    for course in courses:
        net = _learn(make, images, labels, replace(course, seed=seed), report=report)
        make, seed = partial(deepcopy, net), seed + _NEXT
    return net


def distilled(
    images: Images,
    labels: Labels,
    teachers: Sequence[Module],
    recipe: Recipe = STUDENT,
    *,
    report: Report | None = None,
) -> Module:
    """Return a net that begins as the first teacher and learns what all of them think."""
    make = partial(deepcopy, teachers[0])
    return _learn(make, images, labels, recipe, teachers=teachers, report=report)


def make_starter(
    images: Images,
    labels: Labels,
    path: Path,
    *,
    name: str,
    courses: Sequence[Recipe] = ONE,
    report: Callable[[str], None] = print,
) -> None:
    """Teach a net and write it as ONNX.

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
    courses : sequence of Recipe
        How it learns.
    report : callable
        Told how far it is.
    """
    net = one_net(
        images, labels, courses, report=lambda epoch, _: report(f"{epoch} epochs of this course")
    )
    export(net, path, about={"name": name, "labels": " ".join("0123456789")} | AGAIN)


def _learn(
    make: Callable[[], Module],
    images: Images,
    labels: Labels,
    recipe: Recipe,
    *,
    teachers: Sequence[Module] = (),
    report: Report | None,
) -> Module:
    alien = strangers(images, labels, STRANGERS, seed=recipe.seed)
    return train(make, images, labels, recipe, teachers=teachers, strangers=alien, report=report)

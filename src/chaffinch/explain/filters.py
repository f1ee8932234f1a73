"""What a rung looks at in a picture: the weights of its first layer, as pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.net import PictureNetFeatures
from chaffinch.features.pixels import SIDE, PictureFeatures
from chaffinch.models.base import Learner
from chaffinch.models.boosting import BoostingLearner
from chaffinch.models.fitted import FittedLearner
from chaffinch.models.forest import ForestLearner
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.models.onnx_weights import first_filters
from chaffinch.models.perceptron import PerceptronLearner
from chaffinch.models.softmax import SoftmaxLearner
from chaffinch.models.svm import SVMLearner
from chaffinch.task import Rung

FloatArray = NDArray[Any]

# Of a layer of many units the strongest are shown, and of each label's support vectors.
_MOST, _VECTORS = 40, 4


@dataclass(frozen=True, slots=True)
class Filters:
    """What a rung looks at.

    Parameters
    ----------
    says : str
        What the pictures show, in a sentence.
    pictures : tuple of (str, ndarray)
        What each is of, empty where they have no names, and its values, shape (height, width).
    signed : bool
        Whether it is paper that values below 0 look for; else they go from 0 to 1.
    """

    says: str
    pictures: tuple[tuple[str, FloatArray], ...] = ()
    signed: bool = True


def filters(rung: Rung, learner: Learner) -> Filters:
    """Return what a rung looks at in a picture; where there is nothing to show it says so.

    Parameters
    ----------
    rung : Rung
        The rung.
    learner : Learner
        Its model.

    Raises
    ------
    ModelError
        If the net's file is missing or damaged.
    """
    features: object = rung.features
    if isinstance(features, PictureNetFeatures):
        return _of_net(features)
    if not isinstance(features, PictureFeatures):
        return Filters(
            f"The {rung.title} look at what is measured of a picture, and not at its pixels: "
            "`chaffinch rules list` tells what each looks for."
        )
    if isinstance(learner, FittedLearner) and not learner.is_fitted:
        return Filters(f"The {rung.title} has not been fitted to anything yet.")
    for kind, told in _TOLD.items():
        if isinstance(learner, kind):
            return told(learner)
    return Filters(f"Of the {rung.title} nothing can be drawn.")


def _of_net(features: PictureNetFeatures) -> Filters:
    found = first_filters(features.path)
    if found is None:
        return Filters("Of this net's first layer nothing can be drawn.")
    return Filters(
        f"The {len(found)} patterns that the net's first layer looks for everywhere in a picture.",
        tuple(("", one) for one in found),
    )


def _of_softmax(learner: SoftmaxLearner) -> Filters:
    weights = learner.tensors["weights"][: SIDE * SIDE].T.reshape(-1, SIDE, SIDE)
    return Filters(
        "How much ink in each pixel speaks for each label.",
        tuple(zip(learner.labels, weights, strict=True)),
    )


def _of_perceptron(learner: PerceptronLearner) -> Filters:
    inward, outward = learner.tensors["weights_0"], learner.tensors["weights_1"]
    strength = np.linalg.norm(inward, axis=0) * np.linalg.norm(outward, axis=1)
    strongest = np.argsort(-strength, kind="stable")[:_MOST]
    return Filters(
        f"What the strongest {strongest.size} of the {strength.size} units of the first layer look "
        "for.",
        tuple(("", inward[:, one].reshape(SIDE, SIDE)) for one in strongest.tolist()),
    )


def _of_forest(learner: ForestLearner) -> Filters:
    asked = learner.tensors["jump"] > 0
    return Filters(
        "How often the trees ask for each pixel: the darker, the more often.",
        (("all", _asked(learner.tensors["feature"][asked])),),
        signed=False,
    )


def _of_boosting(learner: BoostingLearner) -> Filters:
    roots, feature, jump = (learner.tensors[name] for name in ("roots", "feature", "jump"))
    tree = np.searchsorted(roots, np.arange(feature.size), side="right") - 1
    label = learner.tensors["column"][tree]
    return Filters(
        "How often the trees of each label ask for each pixel: the darker, the more often.",
        tuple(
            (name, _asked(feature[(jump > 0) & (label == code)]))
            for code, name in enumerate(learner.labels)
            if (label == code).any()
        ),
        signed=False,
    )


def _asked(pixels: NDArray[Any]) -> FloatArray:
    counts = np.bincount(pixels, minlength=SIDE * SIDE)[: SIDE * SIDE].reshape(SIDE, SIDE)
    share: FloatArray = counts / max(1, counts.max())
    return share


def _of_machine(learner: SVMLearner) -> Filters:
    tensors = learner.tensors
    vectors = tensors["support"][:, :-1] @ tensors["components"].T + tensors["mean"]
    weight = np.abs(tensors["weights"]).sum(axis=0)
    ends = [*tensors["starts"].tolist()[1:], len(vectors)]
    shown = []
    for code, start, end in zip(tensors["known"], tensors["starts"], ends, strict=True):
        heaviest = start + np.argsort(-weight[start:end], kind="stable")[:_VECTORS]
        shown += [
            (learner.labels[code], np.clip(vectors[one], 0, 1).reshape(SIDE, SIDE))
            for one in heaviest.tolist()
        ]
    return Filters(
        f"It judges by likeness to {len(vectors):,} support vectors. The weightiest of each label: "
        "examples at the border, without what the principal components leave out.",
        tuple(shown),
        signed=False,
    )


_TOLD: dict[type[MulticlassLearner], Callable[[Any], Filters]] = {
    SoftmaxLearner: _of_softmax,
    PerceptronLearner: _of_perceptron,
    ForestLearner: _of_forest,
    BoostingLearner: _of_boosting,
    SVMLearner: _of_machine,
}

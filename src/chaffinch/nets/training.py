"""Teach a network to tell labelled images or sounds apart: the recipe, and its loop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaffinch.nets import torch_module
from chaffinch.nets.augment import Augmentation
from chaffinch.nets.average import WeightAverage, WeightMean
from chaffinch.nets.muon import Muon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Generator, Tensor
    from torch.nn import Module

    Change = Callable[[Tensor, Generator], Tensor]
    Report = Callable[[int, Module], None]

_LEAST = 1e-3  # of the rate: what a step at the very end has
_LOOKS = 100  # batches that normalisations look at anew


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a net is taught.

    Parameters
    ----------
    epochs : int
        How often all items are gone through, each time changed anew.
    rounds : int
        How often these epochs are gone through, each time from where the last ended; then what
        was learned is the mean of the weights at the ends of all rounds.
    batch : int
        Items a step.
    rate : float
        Greatest length of a step of `Muon`, which moves the convolutions.
    other_rate : float
        Of AdamW, which moves the rest.
    decay : float
        Weight decay.
    warm_up : float
        Share of a round's steps in which the rate rises from 0; then it falls to 0 (one cycle).
    smoothing : float
        Label smoothing: share of the wish that goes evenly to all labels.
    average : float
        What the running mean of the weights keeps at each step.
    lesson : float
        With teachers: share of the wish that is what the teachers think, the rest is the label.
    strangers : int
        Items of no label beside each batch, if there are such.
    augmentation : callable
        How items are changed: from a batch of them as they are stored, (n, …), and a generator of
        random numbers to what the net sees, (n, 1, height, width).
    mixed : bool
        Whether products are computed with 16 bits (bfloat16, mixed precision): half the time on
        processors that have instructions for it, more on others.
    seed : int
        Where all random numbers begin.
    """

    epochs: int = 40
    rounds: int = 1
    batch: int = 128
    rate: float = 0.03
    other_rate: float = 0.005
    decay: float = 0.01
    warm_up: float = 0.2
    smoothing: float = 0.05
    average: float = 0.998
    lesson: float = 0.8
    strangers: int = 8
    augmentation: Change = field(default_factory=Augmentation)
    mixed: bool = False
    seed: int = 0


def train(
    make: Callable[[], Module],
    items: NDArray[Any],
    labels: NDArray[np.integer],
    recipe: Recipe,
    *,
    teachers: Sequence[Module] = (),
    strangers: NDArray[Any] | None = None,
    report: Report | None = None,
) -> Module:
    """Return a net that has learned the items.

    On a GPU where there is one; the same seed then gives another net than on a processor.

    Parameters
    ----------
    make : callable
        Makes the net: from (n, 1, height, width) to logits, (n, classes).
    items : array of shape (n, …)
        As the recipe's augmentation takes them, such as images, 255 for ink.
    labels : array of shape (n,)
        From 0.
    recipe : Recipe
        How.
    teachers : sequence of Module
        Nets whose mean opinion of the changed items is learned, too (knowledge distillation).
    strangers : array of shape (m, …), optional
        Items for which all labels should come out equally likely.
    report : callable, optional
        Told after each epoch: how many there were, all rounds counted, and the net with the
        averaged weights.

    Returns
    -------
    Module
        On the processor, with the averaged weights, set to judge.

    Raises
    ------
    MissingExtraError
        If PyTorch is missing.

    References
    ----------
    L. Smith and N. Topin, "Super-convergence", 2017 (one cycle). B. Polyak and A. Juditsky,
    "Acceleration of stochastic approximation by averaging", 1992. P. Izmailov and others,
    "Averaging weights leads to wider optima and better generalization", UAI 2018 (the mean of
    several rounds' ends). C. Szegedy and others, "Rethinking the Inception architecture", CVPR
    2016 (label smoothing). G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a
    neural network", 2015. P. Micikevicius and others,
    "Mixed precision training", ICLR 2018.
    """
    torch = torch_module()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(recipe.seed)
    random = torch.Generator(device).manual_seed(recipe.seed)
    net = make().to(device, memory_format=torch.channels_last).train()
    masters = [teacher.to(device).eval() for teacher in teachers]
    stored = torch.tensor(items, device=device)  # (n, …)
    classes = torch.tensor(labels, device=device, dtype=torch.int64)  # (n,)
    alien = None if strangers is None else torch.tensor(strangers, device=device)

    def changed(chosen: Tensor) -> Tensor:
        """Return items changed anew, and some strangers after them, changed as well."""
        x = stored[chosen]
        if alien is not None:
            some = torch.randint(len(alien), (recipe.strangers,), generator=random, device=device)
            x = torch.cat([x, alien[some]])
        x = recipe.augmentation(x, random)  # (batch + strangers, 1, height, width)
        return x.contiguous(memory_format=torch.channels_last)

    moved = [weight for weight in net.parameters() if weight.ndim == 4]  # the convolutions
    others = [weight for weight in net.parameters() if weight.ndim != 4]
    batch = min(recipe.batch, len(stored))
    ends = WeightMean(net)
    for ended in range(recipe.rounds):
        muon = Muon(moved, decay=recipe.decay)
        adam = torch.optim.AdamW(others, recipe.other_rate, weight_decay=recipe.decay)
        average = WeightAverage(net, recipe.average)
        step, steps = 0, recipe.epochs * (len(stored) // batch)
        for epoch in range(recipe.epochs):
            order = torch.randperm(len(stored), generator=random, device=device)
            for chosen in order[: len(stored) // batch * batch].split(batch):
                x = changed(chosen)
                with torch.autocast(device.type, torch.bfloat16, enabled=recipe.mixed):
                    logits = net(x)  # (batch + strangers, classes)
                logits = logits.float()
                wish = _wish(x[: len(chosen)], classes[chosen], logits, recipe, masters)
                loss = torch.nn.functional.cross_entropy(logits, wish)
                net.zero_grad()
                loss.backward()
                rate = _one_cycle(step / steps, recipe.warm_up)
                for group in adam.param_groups:
                    group["lr"] = recipe.other_rate * rate
                adam.step()
                muon.step(recipe.rate * rate)
                step += 1
                average.update()
            if report is not None:
                with average.instead():
                    report(ended * recipe.epochs + epoch + 1, net.eval())
                net.train()
        average.copy()
        ends.update()
    if recipe.rounds > 1:
        ends.copy()
        _see_anew(net, (changed(some) for some in order.split(batch)[:_LOOKS]))
    return net.cpu().eval()


def _see_anew(net: Module, batches: Iterable[Tensor]) -> None:
    """Let the normalisations measure what these weights make of items.

    The mean of what they measured with other weights is not what they would measure with the mean
    of the weights.
    """
    torch = torch_module()
    for layer in net.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean of all batches
    with torch.no_grad():
        for x in batches:
            net(x)


def _one_cycle(done: float, warm_up: float) -> float:
    """Return the share of the greatest rate at this share of all steps."""
    return max(_LEAST, done / warm_up if done < warm_up else (1 - done) / (1 - warm_up))


def _wish(
    x: Tensor, classes: Tensor, logits: Tensor, recipe: Recipe, masters: Sequence[Module]
) -> Tensor:
    """Return what the net should think of each image, as probabilities, (n, classes)."""
    torch = torch_module()
    even = 1 / logits.shape[1]
    wish: Tensor = torch.full_like(logits, even)  # what strangers keep
    label = torch.nn.functional.one_hot(classes, logits.shape[1]).float()
    wish[: len(x)] = label.lerp(wish[: len(x)], recipe.smoothing)
    if masters:
        with torch.no_grad():
            opinion = torch.stack([master(x).softmax(1) for master in masters]).mean(0)
        wish[: len(x)] = wish[: len(x)].lerp(opinion, recipe.lesson)
    return wish

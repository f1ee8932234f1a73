"""Self-labelling: what nobody flagged, and two models of different kinds are sure of."""

from __future__ import annotations

import math
import time

from chaffinch.experience.champion import load_champion
from chaffinch.experience.light import SELF_DOOR
from chaffinch.experience.store import Experience
from chaffinch.models.base import Learner
from chaffinch.models.bayes import BayesLearner
from chaffinch.models.files import model_path, read_model
from chaffinch.scheme import Said, Scheme
from chaffinch.task import Rung, Task
from chaffinch.types import Flag, Policy

#: Who gives such labels.
BY = "chaffinch"
#: What both models must give a label: 99 chances in 100, in log-odds.
SURE = math.log(99.0)
# A person who is away for a weekend still corrects what Friday's verdicts got wrong before it is
# learned.
_SETTLED_SECONDS = 3 * 86_400.0
# Items that are looked at each time.
_MOST = 2_000


def self_label(task: Task, experience: Experience, *, now: float | None = None) -> list[Flag]:
    """Label judged items that nobody flagged, where two models of different kinds agree.

    Two classifiers that see things differently teach each other by what both are sure of, as in
    co-training and tri-training (Blum and Mitchell, "Combining labeled and unlabeled data with
    co-training", COLT 1998; Zhou and Li, "Tri-training", TKDE 17(11), 2005). What one model thinks
    alone would only make it surer of its own mistakes.

    A label is given to an item that was first judged three days ago or more, that nobody flagged
    since, not even by a flag that was taken back, and of which the champion and another rung of
    another kind each give 99 chances in 100 to the same label. At most as many are given as people
    have given flags since the last time. They are learned like any flag, stand in no measure of
    performance P, and a person's flag replaces them.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where items, verdicts and models are; the labels are stored in it.
    now : float, optional
        The time, in seconds since 1970-01-01 UTC; by default the clock's.

    Returns
    -------
    list of Flag
        The labels given; none where there is no second model.

    Raises
    ------
    ModelError
        If the live model's file is missing or damaged.
    """
    left = experience.log.given_since_self(task.name)
    if not left or experience.champion(task.name) is None:
        return []
    champion = load_champion(task, experience.home, experience)
    second = _second(task, experience, champion.rung)
    if second is None:
        return []
    models = ((champion.rung, champion.learner), second)
    before = (time.time() if now is None else now) - _SETTLED_SECONDS
    given: list[Flag] = []
    for owner, id_ in experience.items.never_flagged(task.name, before, _MOST):
        item = experience.items.get(id_, owner=owner)
        content = task.reader(item.data)
        label = agreed(
            task.scheme,
            *(
                task.scheme.said(learner, rung.features.row(content, item.owner), Policy())
                for rung, learner in models
            ),
        )
        if label:
            given.append(experience.flag(task.name, item, label, by=BY, door=SELF_DOOR))
        if len(given) == left:
            break
    return given


def agreed(scheme: Scheme, first: Said, second: Said) -> str:
    """Return the label that both of two models are sure of; empty where there is none.

    Examples
    --------
    >>> from chaffinch.task import get_task
    >>> spam, ham, doubt = Said("spam", 9.0), Said("ham", -9.0), Said("spam", 4.0)
    >>> [agreed(get_task("mail").scheme, spam, other) for other in (spam, ham, doubt)]
    ['spam', '', '']
    """
    sure = min(scheme.sureness(one.score) for one in (first, second)) >= SURE
    return first.label if sure and first.label == second.label else ""


def kind_of(rung: Rung) -> str:
    """Return by what kind of learning a rung decides: those of one kind err alike.

    Examples
    --------
    >>> from chaffinch.task import get_task
    >>> [kind_of(rung) for rung in get_task("mail").ladder]
    ['written', 'counts', 'gradients', 'gradients']
    """
    if not rung.learner.learns:
        return "written"
    if rung.learner.fits:
        return rung.name
    return "counts" if issubclass(rung.learner, BayesLearner) else "gradients"


def _second(task: Task, experience: Experience, first: Rung) -> tuple[Rung, Learner] | None:
    """Return a rung of another kind with its stored model: one that learns, if there is one."""
    others = [rung for rung in task.ladder if kind_of(rung) != kind_of(first)]
    for rung in sorted(others, key=lambda rung: not rung.learner.learns):
        if not rung.learner.learns:
            return rung, rung.start()
        for stored in experience.models.all(task.name, rung=rung.name)[:1]:
            card, tensors = read_model(
                model_path(experience.home, stored.id), rung.learner.tensors_to_judge
            )
            if card.features == rung.features.signature:
                return rung, rung.learner(card.params, tensors)
    return None

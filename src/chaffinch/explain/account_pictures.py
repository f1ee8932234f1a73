"""All that is told of what was learned where the items are images or recordings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from chaffinch.errors import InputError
from chaffinch.experience.champion import Champion, load_champion
from chaffinch.explain.account_json import unsure_json
from chaffinch.explain.confused import Confusions, confusions
from chaffinch.explain.filters import Filters, filters
from chaffinch.explain.listening import listening
from chaffinch.explain.prototypes import JudgedPicture, Prototype, prototypes
from chaffinch.explain.unsure import Doubt, Unsure, unsure
from chaffinch.loop.train import champion_record
from chaffinch.medium import Look
from chaffinch.task import Judge

if TYPE_CHECKING:
    from chaffinch.experience.store import Experience
    from chaffinch.task import Task

#: What can be told of images and recordings.
SECTIONS = ("filters", "prototypes", "confused", "unsure")
# The newest flags of which some are listened to.
_LISTENED = 500


@dataclass(frozen=True, slots=True)
class PictureAccount:
    """What was learned of images or recordings, or the part of it that was asked for.

    Parameters
    ----------
    task : Task
        The task.
    model, rung : str
        The live model's id, and what its rung is.
    filters : Filters, optional
        What it looks at.
    prototypes : tuple of Prototype, optional
        What it takes for typical of each label.
    confused : Confusions, optional
        Which labels it takes for which.
    unsure : Unsure, optional
        Where a flag would teach it most, or may be wrong.
    shown : dict of (str, str) to Look
        How those look and sound that it is unsure of, by owner and id.
    """

    task: Task
    model: str
    rung: str
    filters: Filters | None = None
    prototypes: tuple[Prototype, ...] | None = None
    confused: Confusions | None = None
    unsure: Unsure | None = None
    shown: Mapping[tuple[str, str], Look] = field(default_factory=dict)


def picture_account(
    task: Task, experience: Experience, sections: Sequence[str], *, top: int
) -> PictureAccount:
    """Return what the live model has learned of images or recordings.

    Parameters
    ----------
    task : Task
        A task of images or recordings.
    experience : Experience
        Where flags, verdicts and models are kept.
    sections : sequence of str
        What is asked for, of `SECTIONS`.
    top : int
        How many of each kind to tell at most.

    Raises
    ------
    ModelError
        If there is no live model, or its file is missing or damaged.
    """
    champion = load_champion(task, experience.home, experience)
    doubts = unsure(task, experience, top=top) if "unsure" in sections else None
    return PictureAccount(
        task,
        champion.model,
        champion.rung.title,
        _filters(task, experience, champion) if "filters" in sections else None,
        prototypes(task, experience, champion, top=top) if "prototypes" in sections else None,
        confusions(task, experience, champion_record(task, experience), top=top)
        if "confused" in sections
        else None,
        doubts,
        {} if doubts is None else dict(_pictured(task, experience, doubts)),
    )


def _filters(task: Task, experience: Experience, champion: Champion) -> Filters:
    """Return what the live model looks at, or listens to."""
    if not task.reads("recording"):
        return filters(champion.rung, champion.learner)
    judge = Judge(task, champion.rung, champion.learner, champion.policy)
    since = max(0, experience.log.last_seq(task.name) - _LISTENED)
    return listening(judge, experience.examples(task.name, after=since))


def doubts_of(found: Unsure) -> tuple[list[Doubt], list[Doubt]]:
    """Return what a model is unsure of, without a flag and with one, the least sure first."""
    unflagged, flagged = (
        [one for group in groups for one in group.doubts]
        for groups in (found.unflagged_groups, found.flagged_groups)
    )
    return unflagged, flagged


def _pictured(
    task: Task, experience: Experience, found: Unsure
) -> Iterator[tuple[tuple[str, str], Look]]:
    for one in (doubt for some in doubts_of(found) for doubt in some):
        try:
            item = experience.items.get(one.item, owner=one.owner)
        except InputError:  # forgotten meanwhile
            continue
        yield (one.owner, one.item), task.portrait.look(task.reader(item.data))


def as_json(told: PictureAccount) -> dict[str, Any]:
    """Return an account of images or recordings, JSON-ready; looks go from 0 to 1, dark."""
    found: dict[str, Any] = {"task": told.task.name, "model": told.model, "rung": told.rung}
    if told.filters is not None:
        found["filters"] = {
            "says": told.filters.says,
            "pictures": [
                {"of": name, "values": np.round(values, 4).tolist()}
                for name, values in told.filters.pictures
            ],
        }
    if told.prototypes is not None:
        found["prototypes"] = [
            {
                "label": one.label,
                "items": one.items,
                "surest": [_judged_json(sure) for sure in one.surest],
                "kinds": [
                    {"share": share, "mean": np.round(mean, 3).tolist()}
                    for share, mean in one.kinds
                ],
            }
            for one in told.prototypes
        ]
    if told.confused is not None:
        found["confused"] = {
            "judged": told.confused.judged,
            "wrong": told.confused.wrong,
            "pairs": [
                {
                    **{name: getattr(one, name) for name in ("truth", "said", "times", "items")},
                    "mistaken": [_judged_json(each) for each in one.mistaken],
                }
                for one in told.confused.pairs
            ],
        }
    if told.unsure is not None:
        found["unsure"] = unsure_json(told.unsure)
    return found


def _judged_json(one: JudgedPicture) -> dict[str, Any]:
    return {"item": one.item, "name": one.name, "probability": one.probability}

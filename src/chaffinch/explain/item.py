"""All that is told of one image or recording: what it is, why, and what it is like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from chaffinch.experience.importers.recordings import take_of
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.scheme import Said
from chaffinch.task import Judge

if TYPE_CHECKING:
    from chaffinch.explain.nearest import Near, Neighbours
    from chaffinch.predictor import Predictor
    from chaffinch.types import Item, Part, Reason, Verdict

#: Flagged items beside one.
NEAREST = 3


@dataclass(frozen=True, slots=True)
class ItemAccount:
    """What is told of one item.

    Parameters
    ----------
    judge : Judge
        What judged it.
    name : str
        What to call it.
    item : Item
        The item.
    content : object
        The item as it was read.
    verdict : Verdict
        What is said of it, with its reasons.
    second : tuple of Reason
        What speaks for the second best label, and against it.
    near : tuple of Near
        The flagged items most like it, the most alike first.
    """

    judge: Judge
    name: str
    item: Item
    content: Any
    verdict: Verdict
    second: tuple[Reason, ...]
    near: tuple[Near, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The label given and the second best, where the model knows them."""
        known = cast(MulticlassLearner, self.judge.learner).labels
        return tuple(label for label in (self.verdict.label, self.verdict.second) if label in known)


def item_account(
    predictor: Predictor,
    neighbours: Neighbours,
    name: str,
    item: Item,
    *,
    verdict: Verdict | None = None,
    part: Part | None = None,
    top: int = 6,
) -> ItemAccount:
    """Return what is told of one image or recording.

    Parameters
    ----------
    predictor : Predictor
        The live model.
    neighbours : Neighbours
        The flagged items to set beside it.
    name : str
        What to call it.
    item : Item
        The item.
    verdict : Verdict, optional
        What was said of it, where it was judged already.
    part : Part, optional
        The part of a whole that it is.
    top : int
        How many reasons to tell for and against each label at most.
    """
    task = predictor.task
    judge = Judge(task, predictor.rung, predictor.learner, predictor.policy)
    content = task.reader(item.data)
    verdict = verdict or predictor.predict(item, reasons=top, part=part)
    told = ItemAccount(judge, name, item, content, verdict, (), ())
    if content.blank:
        return told
    tell = predictor.rung.why or task.why
    second: tuple[Reason, ...] = ()
    if tell is not None and verdict.second in told.labels:
        said = Said(verdict.second, 0.0, second=verdict.label)
        second, _ = tell(judge, content, item.owner, said, top)
    return replace(told, second=second, near=tuple(neighbours.of(item, most=NEAREST)))


def as_json(told: ItemAccount) -> dict[str, Any]:
    """Return what is told of an item as values of JSON."""
    verdict = told.verdict

    def each(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
        return [{"text": one.text, "where": one.where, "weight": one.weight} for one in reasons]

    return {
        "name": told.name,
        "item": told.item.id,
        "title": told.judge.task.title(told.content),
        "label": verdict.label,
        "probability": verdict.probability,
        "action": verdict.action,
        "second": verdict.second,
        "model": verdict.model,
        "notes": list(verdict.notes),
        "reasons": {
            label: each(reasons)
            for label, reasons in zip(told.labels, (verdict.reasons, told.second), strict=False)
        },
        "nearest": [_near_as_json(one) for one in told.near],
    }


def _near_as_json(one: Near) -> dict[str, Any]:
    take = take_of(one.item.source)
    return {
        "item": one.item.id,
        "name": one.item.source,
        "speaker": take.speaker if take else "",
        "label": one.label,
        "by": one.by,
        "likeness": one.likeness,
    }

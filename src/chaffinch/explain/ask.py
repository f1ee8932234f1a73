"""Ask: which flags would teach the live model most, so that few of them are needed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chaffinch.experience.champion import load_champion
from chaffinch.experience.store import Experience
from chaffinch.explain.batch import pick
from chaffinch.explain.similar import NearCopies
from chaffinch.explain.table import title_of
from chaffinch.explain.unsure import least_sure
from chaffinch.predictor import Predictor
from chaffinch.scheme import Binary
from chaffinch.task import Task
from chaffinch.types import Example, Item, Reason, Verdict

# Groups of near-copies that are set against each other at most.
_MOST = 500
# Reasons that are looked at, to find so many for either label.
_REASONS, _SHOWN = 40, 2


@dataclass(frozen=True, slots=True)
class Question:
    """An item whose flag would teach much.

    Parameters
    ----------
    item : Item
        The item.
    title, sender : str
        Its first words or what it is, and who sent it, where the task's items say so.
    received : float or None
        When it arrived, in seconds since 1970-01-01 UTC, where that is known.
    verdict : Verdict
        What the live model says of it.
    positive, negative : tuple of Reason
        The strongest for the positive label, and for the negative one: two of each at most.
    stands_for : int
        How many near-copies of it, itself among them, the model is not sure of.
    """

    item: Item
    title: str
    sender: str
    received: float | None
    verdict: Verdict
    positive: tuple[Reason, ...]
    negative: tuple[Reason, ...]
    stands_for: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What to ask, and how sure the model is by now.

    Parameters
    ----------
    model : str
        The live model's id.
    flags : dict of str to int
        How many flags that stand there are of each label.
    judged, doubted, unfit : int
        How many judged items without a flag were looked at, of how many the model is not sure, and
        how many more are not asked about, since they can be no example of one label.
    questions : tuple of Question
        What teaches most first.
    """

    model: str
    flags: dict[str, int]
    judged: int
    doubted: int
    unfit: int
    questions: tuple[Question, ...]

    @property
    def sure(self) -> float:
        """The share of judged items that the model is sure of; 0 where there are none."""
        return (self.judged - self.doubted) / self.judged if self.judged else 0.0


def ask(task: Task, experience: Experience, *, most: int = 5) -> Asked:
    """Return the items whose flags would teach the live model most.

    Of the items that were judged and never flagged, those that the model is not sure of: one of
    each group of near-copies, which stands for all of them, and unlike each other, as
    `chaffinch.explain.batch.pick` takes them.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Flags, verdicts and the live model; it is only read.
    most : int
        How many to ask for at most.

    Raises
    ------
    ModelError
        If there is no live model and no starter, or its file is missing or damaged.
    """
    champion = load_champion(task, experience.home, experience)
    predictor = Predictor.of(task, champion)
    judged, unfit, doubted = least_sure(predictor, experience)
    groups = evenly(_groups(task, (example for example, _ in doubted)))
    firsts = [doubted[members[0]] for members in groups]
    chosen = pick(
        [
            math.copysign(task.scheme.sureness(verdict.score), verdict.score)
            for _, verdict in firsts
        ],
        [len(members) for members in groups],
        [
            champion.rung.features.row(task.reader(example.item.data), example.item.owner)
            for example, _ in firsts
        ],
        most,
    )
    counts = experience.log.count(task.name)
    return Asked(
        champion.model,
        dict.fromkeys(task.labels, 0) | counts,
        judged,
        len(doubted),
        unfit,
        tuple(_question(predictor, firsts[at][0].item, len(groups[at])) for at in chosen),
    )


def evenly(groups: Sequence[list[int]]) -> list[list[int]]:
    """Return 500 of some groups at most, evenly spread.

    A model that knows few flags is unsure of everything, and least sure of nothing in particular.
    """
    most = min(len(groups), _MOST)
    return [groups[place * len(groups) // most] for place in range(most)]


def as_json(task: Task, asked: Asked) -> dict[str, object]:
    """Return what to ask as values of JSON."""
    return {
        "model": asked.model,
        "flags": asked.flags,
        "judged": asked.judged,
        "unfit": asked.unfit,
        "sure_share": asked.sure,
        "questions": [
            {
                "item": one.item.id,
                "owner": one.item.owner,
                "name": one.item.source,
                "title": one.title,
                "sender": one.sender,
                "received": one.received,
                "probability": one.verdict.probability,
                "stands_for": one.stands_for,
                "label": one.verdict.label,
                "reasons": {
                    label: [
                        {"text": why.text, "where": why.where, "weight": why.weight}
                        for why in reasons
                    ]
                    for label, reasons in zip(
                        _sides(task, one.verdict), (one.negative, one.positive), strict=True
                    )
                },
            }
            for one in asked.questions
        ],
    }


def _sides(task: Task, verdict: Verdict) -> tuple[str, str]:
    """Return the labels that reasons speak for: first those of negative weight."""
    if isinstance(task.scheme, Binary):
        return task.negative, task.positive
    return verdict.second, verdict.label


def _groups(task: Task, examples: Iterable[Example]) -> list[list[int]]:
    """Return the places of near-copies together, in the order of the first of each group."""
    copies = NearCopies()
    groups: dict[int, list[int]] = {}
    for place, example in enumerate(examples):
        texts = [text for _, text in task.vocabulary(task.reader(example.item.data))]
        groups.setdefault(copies.group("\n".join(texts)), []).append(place)
    return list(groups.values())


def _question(predictor: Predictor, item: Item, stands_for: int) -> Question:
    task = predictor.task
    content = task.reader(item.data)
    parts = task.vocabulary(content)
    verdict = predictor.predict(item, reasons=_REASONS)
    return Question(
        item,
        task.title(content),
        _sender(task.wording.sender, parts),
        task.received(content) if item.received is None else item.received,
        verdict,
        tuple(why for why in verdict.reasons if why.weight > 0)[:_SHOWN],
        tuple(why for why in verdict.reasons if why.weight < 0)[:_SHOWN],
        stands_for,
    )


def _sender(parts: Sequence[str], texts: Iterable[tuple[str, str]]) -> str:
    said = (title_of([text]).split() for part, text in texts if part in parts)
    # Of brackets and quotes that stood round what is told elsewhere nothing is left.
    return " ".join(word for words in said for word in words if word.strip("<>()\"'"))

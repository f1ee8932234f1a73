"""What the live model is least sure of: where a flag would teach it most, or may be wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from chaffinch.experience.champion import load_champion
from chaffinch.experience.store import Experience
from chaffinch.explain.naming import telling_terms
from chaffinch.explain.ranking import rank, strongest
from chaffinch.explain.table import BoolArray, TermTable
from chaffinch.explain.terms import Term
from chaffinch.loop.train import champion_record
from chaffinch.models.base import sigmoid
from chaffinch.performance.record import Record
from chaffinch.predictor import Predictor
from chaffinch.scheme import Binary
from chaffinch.task import Task
from chaffinch.types import Example, Verdict

#: A model is sure of what it gives nineteen chances in twenty, in log-odds.
SURE = math.log(19.0)
# Bounds: judged items that are looked at, flagged ones that doubts are set against, and the terms
# by which doubts are put together.
_MOST_JUDGED = 2_000
_MOST_AGAINST = 500
_MOST_TERMS = 50
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Doubt:
    """An item that the model is, or was, unsure of.

    Parameters
    ----------
    item, owner : str
        Which item, and whose.
    title : str
        Its first words, or what it is.
    received : float
        When it arrived, in seconds since 1970-01-01 UTC; NaN where that is not known.
    label : str
        Its true label as flagged; empty where nobody flagged it.
    now : float
        Probability of the positive label by the live model.
    before : float or None
        The same before the model learned the flag; None where there is none.
    name : str
        What it is called where it came from, where that is known.
    """

    item: str
    owner: str
    title: str
    received: float
    label: str
    now: float
    before: float | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class DoubtGroup:
    """Doubts with something in common.

    Parameters
    ----------
    terms : tuple of Term
        What they have, and items that the model is sure of do not; empty for those by themselves.
    copies : bool
        Whether they are near-copies of each other.
    doubts : tuple of Doubt
        The least sure first.
    """

    terms: tuple[Term, ...]
    copies: bool
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Unsure:
    """What a model is least sure of.

    Parameters
    ----------
    model : str
        The live model's id.
    judged, flagged : int
        How many unflagged items, and how many of its own verdicts on flagged ones were looked at.
    doubted, contradicted : int
        In how many of the former it is not sure, and how many of the latter were wrong or not sure.
    unflagged_groups, flagged_groups : tuple of DoubtGroup
        The least sure of either; a group comes where its least sure item would.
    """

    model: str
    judged: int
    doubted: int
    flagged: int
    contradicted: int
    unflagged_groups: tuple[DoubtGroup, ...]
    flagged_groups: tuple[DoubtGroup, ...]


def unsure(task: Task, experience: Experience, *, top: int = 20) -> Unsure:
    """Return what the live model is least sure of, by what it has in common.

    Unflagged items come in order of uncertainty, the log-odds nearest to nought first (Lewis and
    Gale, "A sequential algorithm for training text classifiers", SIGIR 1994): a flag on one of
    them teaches most. Flagged ones come in order of the margin by which the model decided for
    their label before it learned it, the most wrong first: they are hard, or the flag is wrong.
    What it gave nineteen chances in twenty is left out.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Flags, verdicts and the live model. Of unflagged items the 2,000 judged last count.
    top : int
        How many items of either kind to return at most.

    Raises
    ------
    ModelError
        If there is no live model, or its file is missing or damaged.
    """
    champion = load_champion(task, experience.home, experience)
    predictor = Predictor.of(task, champion)
    judged, _, unflagged = least_sure(predictor, experience)
    record = champion_record(task, experience)
    contradicted, seqs = _most_wrong(record, top)
    before = dict(zip(record.seq.tolist(), record.score.tolist(), strict=True))
    flagged = sorted(
        experience.examples(task.name, among=seqs), key=lambda one: seqs.index(one.seq)
    )
    # The newest that are not in doubt, for what the others have and these do not.
    since = max(0, experience.log.last_seq(task.name) - _MOST_AGAINST)
    others = [one for one in experience.examples(task.name, after=since) if one.seq not in seqs]
    shown = unflagged[:top]
    doubts = [_doubt(task, example, "", verdict.probability) for example, verdict in shown]
    doubts += [
        _doubt(
            task,
            example,
            example.label,
            predictor.predict(example.item, reasons=0).probability,
            sigmoid(before[example.seq]),
        )
        for example in flagged
    ]
    if not isinstance(task.scheme, Binary):
        # Without words there is nothing that doubts could have in common.
        alone = [
            (DoubtGroup((), False, tuple(some)),) if some else ()
            for some in (doubts[: len(shown)], doubts[len(shown) :])
        ]
        return Unsure(
            champion.model,
            judged,
            len(unflagged),
            int(record.seq.size),
            contradicted,
            alone[0],
            alone[1],
        )
    table = TermTable.of(task, [*others, *(example for example, _ in shown), *flagged])
    return Unsure(
        champion.model,
        judged,
        len(unflagged),
        int(record.seq.size),
        contradicted,
        _grouped(table, doubts[: len(shown)], len(others), len(others)),
        _grouped(table, doubts[len(shown) :], len(others) + len(shown), len(others)),
    )


class LeastSure(NamedTuple):
    """What a model is not sure of, of what was judged and never flagged.

    Attributes
    ----------
    judged : int
        How many items were looked at that could be flagged.
    unfit : int
        How many more there were that can be no example of one label, such as an empty page.
    doubted : list of (Example, Verdict)
        Those that it is not sure of, the least sure first, each with its verdict, whose label the
        example bears.
    """

    judged: int
    unfit: int
    doubted: list[tuple[Example, Verdict]]


def least_sure(predictor: Predictor, experience: Experience) -> LeastSure:
    """Return the judged but unflagged items that a model is not sure of.

    Parameters
    ----------
    predictor : Predictor
        Judges them; one without a store, which remembers nothing.
    experience : Experience
        Where they are kept.
    """
    task, found = predictor.task, []
    looked_at = unfit = 0
    for item in experience.items.unflagged(task.name, _MOST_JUDGED):
        verdict = predictor.predict(item, reasons=0)
        doubted = task.scheme.sureness(verdict.score) < SURE
        if doubted and task.unfit is not None and task.unfit(item.data):
            unfit += 1
            continue
        looked_at += 1
        if doubted:
            found.append((Example(item, verdict.label), verdict))
    found.sort(key=lambda one: task.scheme.sureness(one[1].score))
    return LeastSure(looked_at, unfit, found)


def _most_wrong(record: Record, top: int) -> tuple[int, list[int]]:
    """Return how many flags contradicted the model or its doubts, and the places of the worst."""
    margin = np.where(record.so, record.score, -record.score)
    doubted = np.flatnonzero(margin < SURE)
    worst = doubted[np.argsort(margin[doubted], kind="stable")][:top]
    return int(doubted.size), record.seq[worst].tolist()


def _doubt(
    task: Task, example: Example, label: str, now: float, before: float | None = None
) -> Doubt:
    # Of text title and time are those of the table's entry.
    title = "" if task.medium is None else task.title(task.reader(example.item.data))
    item = example.item
    return Doubt(item.id, item.owner, title, math.nan, label, now, before, item.source)


def _grouped(
    table: TermTable, doubts: Sequence[Doubt], start: int, others: int
) -> tuple[DoubtGroup, ...]:
    """Put doubts together, whose rows of the table begin at a place, behind those of the others."""
    sure = np.arange(len(table)) < others
    left = dict.fromkeys(range(start, start + len(doubts)))
    found: list[tuple[list[int], bool]] = []
    for rows, copies in (*_copies(table, left), *_alike(table, left, sure)):
        members = [row for row in rows if row in left]
        if len(members) >= _FEWEST:
            found.append((members, copies))
            for row in members:
                del left[row]
    groups = [
        DoubtGroup(
            tuple(telling_terms(table, np.array(rows), sure, most=3)),
            copies,
            tuple(_told(table, doubts, row, start) for row in rows),
        )
        for rows, copies in sorted(found)
    ]
    alone = tuple(_told(table, doubts, row, start) for row in left)
    return (*groups, DoubtGroup((), False, alone)) if alone else tuple(groups)


def _told(table: TermTable, doubts: Sequence[Doubt], row: int, start: int) -> Doubt:
    entry = table.entries[row]
    return replace(doubts[row - start], title=entry.title, received=entry.received)


def _copies(table: TermTable, rows: Iterable[int]) -> list[tuple[list[int], bool]]:
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(int(table.group[row]), []).append(row)
    return [(members, True) for members in groups.values()]


def _alike(table: TermTable, rows: Iterable[int], sure: BoolArray) -> list[tuple[list[int], bool]]:
    """Return the rows that have each of the terms most telling of doubts."""
    doubtful = np.zeros(len(table), np.bool_)
    doubtful[list(rows)] = True
    patterns = strongest(rank(table, doubtful, sure), _MOST_TERMS)
    return [(table.having(pattern.term).tolist(), False) for pattern in patterns]

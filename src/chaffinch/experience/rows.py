"""Statements that several calls of the store share, and rows turned into types."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, func, insert, select, update

from chaffinch.experience.light import unpacked
from chaffinch.experience.mailbox import Folder
from chaffinch.experience.schema import flags, items, launches, models, refusals, verdicts
from chaffinch.types import Flag, Item, Launch, Refusal

#: Begins a transaction of the experience.
Transaction = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model that the store knows of.

    Parameters
    ----------
    id, task, rung : str
        Which model it is.
    made : float
        When, in seconds since 1970-01-01 UTC.
    trained_to : int
        It has learned the flags up to this place in the log.
    examples : int
        How many those were.
    report : dict
        Its performance P as measured while it learned, JSON-ready.
    """

    id: str
    task: str
    rung: str
    made: float
    trained_to: int
    examples: int
    report: dict[str, Any]


def keep_items(connection: Connection, wanted: Sequence[Item]) -> None:
    """Store those of some items that their owners do not have already.

    What was kept before its source was known gets it now.
    """
    found = connection.execute(
        select(items.c.owner, items.c.id, items.c.source).where(
            items.c.id.in_([item.id for item in wanted])
        )
    )
    known = {(owner, id_): source for owner, id_, source in found}
    missing = {(item.owner, item.id): item for item in wanted}
    rows = [
        {
            "owner": item.owner,
            "id": item.id,
            "kind": item.kind,
            "received": item.received,
            "size": len(item.data),
            "data": zlib.compress(item.data),
            "source": item.source,
        }
        for key, item in missing.items()
        if key not in known
    ]
    if rows:
        connection.execute(insert(items), rows)
    for (owner, id_), item in missing.items():
        if item.source and known.get((owner, id_)) == "":
            named = update(items).where(items.c.owner == owner, items.c.id == id_)
            connection.execute(named.values(source=item.source))


def standing_flags(task: str) -> Select[Any]:
    """Select the flags that stand: not taken back, and the last of their item."""
    taken, later, taken_later = flags.alias(), flags.alias(), flags.alias()
    return select(flags).where(
        flags.c.task == task,
        flags.c.label.is_not(None),
        ~exists().where(taken.c.retracts == flags.c.seq),
        ~exists().where(
            later.c.task == flags.c.task,
            later.c.owner == flags.c.owner,
            later.c.item == flags.c.item,
            later.c.seq > flags.c.seq,
            later.c.label.is_not(None),
            ~exists().where(taken_later.c.retracts == later.c.seq),
        ),
    )


def standing_flag(connection: Connection, task: str, owner: str, item: str) -> Flag | None:
    """Return the flag that stands on an item, or None."""
    found = connection.execute(
        standing_flags(task).where(flags.c.owner == owner, flags.c.item == item)
    ).first()
    return None if found is None else to_flag(found)


def judged_unflagged(task: str) -> Select[Any]:
    """Select the items that were judged and kept but have no flag that stands, latest first."""
    standing = standing_flags(task).subquery()
    latest = func.max(verdicts.c.seq)
    return (
        select(items)
        .join(verdicts, and_(verdicts.c.owner == items.c.owner, verdicts.c.item == items.c.id))
        .where(
            verdicts.c.task == task,
            ~exists().where(standing.c.owner == items.c.owner, standing.c.item == items.c.id),
        )
        .group_by(*items.primary_key.columns)
        .order_by(latest.desc())
    )


def settled(task: str, before: float) -> Select[Any]:
    """Select the items first judged before a time that the log has no row of, latest first."""
    first = func.min(verdicts.c.judged)
    return (
        select(items.c.owner, items.c.id)
        .join(verdicts, and_(verdicts.c.owner == items.c.owner, verdicts.c.item == items.c.id))
        .where(
            verdicts.c.task == task,
            ~exists().where(
                flags.c.task == task, flags.c.owner == items.c.owner, flags.c.item == items.c.id
            ),
        )
        .group_by(*items.primary_key.columns)
        .having(first <= before)
        .order_by(first.desc())
    )


def latest_launch(task: str) -> Select[Any]:
    """Select a task's newest launch, with the rung of its model."""
    return (
        select(launches, models.c.rung)
        .join(models, models.c.id == launches.c.model)
        .where(launches.c.task == task)
        .order_by(launches.c.seq.desc())
        .limit(1)
    )


def newest_refusals(task: str) -> Select[Any]:
    """Select a task's refusals, with the rungs of their models, newest first."""
    return (
        select(refusals, models.c.rung)
        .join(models, models.c.id == refusals.c.model)
        .where(refusals.c.task == task)
        .order_by(refusals.c.seq.desc())
    )


def to_flag(row: Row[Any]) -> Flag:
    """Return the row as a flag."""
    return Flag(row.item, row.label, row.owner, row.by, row.door, row.flagged, row.seq)


def to_item(row: Row[Any]) -> Item:
    """Return the row as an item, unpacked."""
    id_ = row.id if "id" in row._fields else row.item
    return Item(unpacked(id_, row.data), row.kind, row.owner, row.received, row.source)


def to_model(row: Row[Any]) -> StoredModel:
    """Return the row as a stored model."""
    report: dict[str, Any] = json.loads(row.report)
    return StoredModel(row.id, row.task, row.rung, row.made, row.trained_to, row.examples, report)


def model_row(model: StoredModel, *, kept: bool) -> dict[str, Any]:
    """Return the row of the table of models for a model whose file is kept, or not."""
    return {
        "id": model.id,
        "task": model.task,
        "rung": model.rung,
        "made": model.made,
        "trained_to": model.trained_to,
        "examples": model.examples,
        "report": json.dumps(model.report),
        "kept": int(kept),
    }


def to_launch(row: Row[Any]) -> Launch:
    """Return the row as a launch."""
    return Launch(
        row.task,
        row.model,
        row.rung,
        row.launched,
        row.reason,
        row.replaced,
        row.flags_from,
        row.rollback,
        row.seq,
    )


def to_refusal(row: Row[Any]) -> Refusal:
    """Return the row as a refusal."""
    return Refusal(
        row.task,
        row.model,
        row.rung,
        row.champion,
        row.refused,
        row.reason,
        json.loads(row.evidence),
        row.seq,
    )


def to_folder(row: Row[Any]) -> Folder:
    """Return the folder of a mailbox that a row holds."""
    return Folder(
        row.name, row.role, row.uidvalidity, row.uidnext, row.messages, row.modseq, row.id
    )

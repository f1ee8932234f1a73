"""Labels that come in: which are new, which are held, and the rows of the log they become."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from chaffinch.experience.light import SELF_DOOR
from chaffinch.experience.review import hold, is_distrusted, waiting_of
from chaffinch.experience.rows import keep_items, standing_flags, to_flag
from chaffinch.experience.schema import flags
from chaffinch.types import Example, Flag, Item


@dataclass(frozen=True, slots=True)
class Added:
    """How many examples were new, known with their label, known with another one, and held."""

    new: int = 0
    known: int = 0
    changed: int = 0
    held: int = 0

    def __add__(self, other: Added) -> Added:
        return Added(
            self.new + other.new,
            self.known + other.known,
            self.changed + other.changed,
            self.held + other.held,
        )


def append(
    connection: Connection,
    task: str,
    chunk: Sequence[Example],
    by: str,
    door: str,
    *,
    gaps: Iterable[tuple[int, int]] = (),
) -> Added:
    """Append labels to the log, with their items, and hold those of a flagger not trusted.

    Parameters
    ----------
    connection : Connection
        A transaction that writes.
    task : str
        The task's name.
    chunk : sequence of Example
        The labels, some hundreds at most.
    by : str
        Who gave them.
    door : str
        How they came in.
    gaps : iterable of (int, int)
        Flags later than the first and up to the second place in the log are left out by the model
        in force: what they say counts as not known.

    Returns
    -------
    Added
        How many were new, known with their label, known with another one, and held.
    """
    keep_items(connection, [example.item for example in chunk])
    # A person who says the same as the models did is a person who said it.
    standing = _standing(
        connection, task, [example.item for example in chunk], given=door != SELF_DOOR
    )
    labels = {key: flag.label for key, flag in standing.items()}
    gaps = tuple(gaps)
    left_out = {
        key for key, flag in standing.items() if any(start < flag.seq <= end for start, end in gaps)
    }
    held = is_distrusted(connection, task, by)
    waiting = _waiting(connection, task, by, chunk) if held else set()
    added, rows = Added(), []
    for example in chunk:
        key = (example.item.owner, example.item.id)
        before = labels.get(key)
        same = before == example.label and key not in left_out
        known = same or (before is not None and door == SELF_DOOR)
        if known or (*key, example.label) in waiting:
            added += Added(known=1)
            continue
        if held:
            added += Added(held=1)
            waiting.add((*key, example.label))
        else:
            added += Added(new=1) if before is None else Added(changed=1)
            labels[key] = example.label
            left_out.discard(key)
        rows.append(
            {
                "task": task,
                "owner": example.item.owner,
                "item": example.item.id,
                "label": example.label,
                "by": by,
                "door": door,
                "flagged": time.time(),
            }
        )
    if rows:
        last = connection.execute(select(func.max(flags.c.seq))).scalar() or 0
        connection.execute(insert(flags), rows)
        if held:
            written = select(flags).where(flags.c.seq > last).order_by(flags.c.seq)
            hold(connection, task, [to_flag(row) for row in connection.execute(written)])
    return added


def _waiting(
    connection: Connection, task: str, by: str, chunk: Sequence[Example]
) -> set[tuple[str, str, str]]:
    """Return what a flagger has said of some items that waits for review."""
    ids = [example.item.id for example in chunk]
    found = waiting_of(connection, task, by, ids)
    return {(flag.owner, flag.item, flag.label) for flag in found}


def _standing(
    connection: Connection, task: str, wanted: Sequence[Item], *, given: bool
) -> dict[tuple[str, str], Flag]:
    """Return the flags that stand on some items, perhaps those that people gave alone."""
    standing = standing_flags(task).where(flags.c.item.in_([item.id for item in wanted]))
    if given:
        standing = standing.where(flags.c.door != SELF_DOOR)
    return {(row.owner, row.item): to_flag(row) for row in connection.execute(standing)}

"""What happened to the experience of a task, by days or weeks: counted in the database, read only.

However many flags and verdicts there are, what comes back is a few rows for each period.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, Row, bindparam, text

from chaffinch.experience import statements as sql
from chaffinch.experience.engine import guarded, open_to_read
from chaffinch.experience.light import BULK_DOOR
from chaffinch.experience.rows import StoredModel, to_item, to_model
from chaffinch.settings import home_folder
from chaffinch.types import Example

_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Periods:
    """Periods of equal length from one time to another.

    Parameters
    ----------
    since, until : float
        Where the first begins and the last ends, in seconds since 1970-01-01 UTC.
    step : float
        How long each is, in seconds.
    """

    since: float
    until: float
    step: float

    def start(self, number: int) -> float:
        """Return when the period of this number begins, counted from nought."""
        return self.since + number * self.step

    def number(self, time: float) -> int:
        """Return in which period a time lies; below nought before the first."""
        return math.floor((time - self.since) / self.step)


class History:
    """The history of one task in the experience of a home folder; nothing is made or changed.

    Parameters
    ----------
    home : Path
        The folder; where it holds no experience, nothing happened.
    task : str
        The task's name.

    Raises
    ------
    ExperienceError
        If the database cannot be used, or is of a newer version.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as home, History(Path(home), "mail") as history:
    ...     history.span() is None
    True
    """

    def __init__(self, home: Path, task: str) -> None:
        self.task = task
        self.name = str(home / "experience.db")
        self._engine: Engine | None = None
        self._tables: frozenset[str] = frozenset()
        if (home / "experience.db").exists():
            self._engine, self._tables = open_to_read(self.name)

    @classmethod
    def open(cls, task: str, home: Path | None = None) -> Self:
        """Open the history of a home folder, by default the one that the settings name."""
        return cls(home or home_folder(), task)

    def close(self) -> None:
        """Let the database go."""
        if self._engine is not None:
            self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _rows(self, table: str, statement: str, **values: Any) -> Sequence[Row[Any]]:
        # A table that a database of an earlier version has not holds nothing.
        if self._engine is None or table not in self._tables:
            return []
        lists = [name for name, value in values.items() if isinstance(value, list)]
        asked = text(statement).bindparams(*(bindparam(name, expanding=True) for name in lists))
        with guarded(self.name), self._engine.connect() as connection:
            return connection.execute(asked, {"task": self.task, **values}).all()

    def _counted(
        self, table: str, statement: str, periods: Periods, **values: Any
    ) -> Sequence[Row[Any]]:
        bounds = {"since": periods.since, "until": periods.until, "step": periods.step}
        return self._rows(table, statement, **bounds, **values)

    def span(self) -> tuple[float, float] | None:
        """Return when anything happened first and last, in seconds since 1970-01-01 UTC."""
        rows = [row for table, asked in sql.TIMES.items() for row in self._rows(table, asked)]
        times = [time for row in rows for time in row if time is not None]
        return (min(times), max(times)) if times else None

    def flags(self, periods: Periods) -> Sequence[Row[Any]]:
        """Return how many flags were given, changed and taken back.

        Rows of period, bulk, by, door, label (None where it was taken back), before (the label that
        the item had), flags (how many), first and last (places in the log).
        """
        return self._counted("flags", sql.FLAGS, periods, bulk=BULK_DOOR)

    def corrections(self, periods: Periods, most: int) -> Sequence[Row[Any]]:
        """Return the last flags of each period that changed a label or took one back.

        Rows of period, seq, owner, item, by, label and before, as in `flags`.
        """
        return self._counted("flags", sql.CORRECTIONS, periods, most=most)

    def logged(self, first: int, last: int, most: int) -> Sequence[Row[Any]]:
        """Return the first rows of a part of the log that gave a label: rows of item and label."""
        return self._rows("flags", sql.LOGGED, first=first, last=last, most=most)

    def verdicts(self, periods: Periods) -> Sequence[Row[Any]]:
        """Return how much was judged: rows of period, model, action, verdicts (how many)."""
        return self._counted("verdicts", sql.VERDICTS, periods)

    def outcomes(self, periods: Periods) -> Sequence[Row[Any]]:
        """Return what came of verdicts on items that people flagged afterwards.

        Of an item the last verdict before its first flag counts, and the flag that stands. Rows of
        period (that of the flag; -1 for all before), model, label (the true one), said (the one of
        the verdict), action, items.
        """
        return self._counted("verdicts", sql.OUTCOMES, periods)

    def mistakes(
        self, periods: Periods, negative: str, positive: str, most: int
    ) -> Sequence[Row[Any]]:
        """Return the last mistakes of each period.

        Of two labels the negative items put into junk, and the positive ones delivered; of many the
        items accepted as what they are not. Rows of period, seq, owner, item, label, said, action.
        """
        return self._counted(
            "verdicts", sql.MISTAKES, periods, negative=negative, positive=positive, most=most
        )

    def launches(self, periods: Periods, most: int) -> Sequence[Row[Any]]:
        """Return of each period the last launch that kept the rung, and the last others.

        Rows of period, seq, model, rung, launched, reason, replaced, rollback, examples, before
        (the rung replaced), same (whether the rung was kept, not by a roll back), alike (how many
        of the period are the same in that) and report.
        """
        return self._counted("launches", sql.LAUNCHES, periods, most=most)

    def refusals(self, periods: Periods) -> Sequence[Row[Any]]:
        """Return of each period the last refusal of each rung.

        Rows of period, seq, model, rung, champion, refused, reason, evidence (JSON) and alike (how
        many of the rung).
        """
        return self._counted("refusals", sql.REFUSALS, periods)

    def live(self, time: float) -> str | None:
        """Return the id of the model that was champion at a time; None where there was none."""
        rows = self._rows("launches", sql.LIVE, time=time)
        return rows[0].model if rows else None

    def model(self, id_: str) -> StoredModel | None:
        """Return the model of this id; None where it is a starter."""
        rows = self._rows("models", sql.MODEL, id=id_)
        return to_model(rows[0]) if rows else None

    def item(self, owner: str, id_: str) -> Row[Any] | None:
        """Return what is known of an item, or None where it was not kept.

        A row of kind, received, data (packed), label, by, flagged (of the flag that stands),
        judged_label, probability, action, model, judged (of the verdict before its first flag).
        """
        rows = self._rows("items", sql.ITEMS, owners=[owner], ids=[id_])
        return rows[0] if rows else None

    def seen(self, until: float, most: int) -> Sequence[Row[Any]]:
        """Return the newest items that were judged or flagged, in the order they were first met.

        Parameters
        ----------
        until : float
            Only what was met before, in seconds since 1970-01-01 UTC.
        most : int
            How many at most.

        Returns
        -------
        sequence of Row
            Of each its owner, item (its id) and first (when it was met).
        """
        return self._rows("verdicts", sql.SEEN, until=until, most=most)[::-1]

    def examples(self, seen: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], Example]]:
        """Yield those of the items seen that were kept, some hundreds held at a time.

        Each is an example of the label that people gave it, or else of its verdict's.
        """
        for start in range(0, len(seen), _CHUNK):
            chunk = seen[start : start + _CHUNK]
            owners, ids = {row.owner for row in chunk}, [row.item for row in chunk]
            rows = self._rows("items", sql.ITEMS, owners=sorted(owners), ids=ids)
            by_key = {(row.owner, row.id): row for row in rows}
            for met in chunk:
                row = by_key.get((met.owner, met.item))
                label = row and (row.label or row.judged_label)
                if row and label:
                    yield met, Example(to_item(row), label, name=row.source or row.id)

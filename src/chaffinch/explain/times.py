"""When items come: by hour, weekday and month."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from chaffinch.explain.table import TermTable

_LATEST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Times:
    """When items arrived, in UTC, of those whose time is known.

    Parameters
    ----------
    hours, weekdays : tuple of (int, int)
        Counts of each label, negative and positive, in each hour of the day from 0, on each day of
        the week from Monday.
    months : tuple of (str, int, int)
        A month, as in ``"2026-11"``, and its counts, in order; the 36 latest.
    """

    hours: tuple[tuple[int, int], ...]
    weekdays: tuple[tuple[int, int], ...]
    months: tuple[tuple[str, int, int], ...]


def times_of(table: TermTable) -> Times:
    """Return when the items of a table arrived, near-copies included."""
    (hours, weekdays, months), (hours_1, weekdays_1, months_1) = (
        _counted(table.entries[row].received for row in np.flatnonzero(table.truth == label))
        for label in (False, True)
    )
    latest = sorted({*months, *months_1})[-_LATEST_MONTHS:]
    return Times(
        tuple((hours[hour], hours_1[hour]) for hour in range(24)),
        tuple((weekdays[day], weekdays_1[day]) for day in range(7)),
        tuple((month, months[month], months_1[month]) for month in latest),
    )


def _counted(times: Iterable[float]) -> tuple[Counter[int], Counter[int], Counter[str]]:
    hours, weekdays, months = Counter[int](), Counter[int](), Counter[str]()
    for seconds in times:
        if not math.isfinite(seconds):
            continue
        try:
            moment = datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            # A date that no calendar has; mails claim such.
            continue
        hours[moment.hour] += 1
        weekdays[moment.weekday()] += 1
        months[f"{moment:%Y-%m}"] += 1
    return hours, weekdays, months


def day_of(seconds: float) -> str:
    """Return the day of a time, in UTC, as in ``"2026-11-25"``.

    Examples
    --------
    >>> day_of(0.0), day_of(1e18)
    ('1970-01-01', 'a day that no calendar has')
    """
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return "a day that no calendar has"

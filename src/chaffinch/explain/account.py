"""All that is told of what was learned, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chaffinch.errors import ModelError, UsageError, did_you_mean
from chaffinch.explain.campaigns import Campaigns, campaigns
from chaffinch.explain.held import Held, held
from chaffinch.explain.learned import Learned, learned
from chaffinch.explain.rising import Rising, Window, rising
from chaffinch.explain.table import TermTable
from chaffinch.explain.terms import Term
from chaffinch.explain.together import Together, together
from chaffinch.explain.unsure import Unsure, unsure

if TYPE_CHECKING:
    from chaffinch.experience.store import Experience
    from chaffinch.task import Task

_LATEST = 500
#: What can be told.
SECTIONS = ("patterns", "together", "campaigns", "rising", "unsure")


@dataclass(frozen=True, slots=True)
class Account:
    """What was learned, or the part of it that was asked for.

    Parameters
    ----------
    task : Task
        The task.
    learned : Learned, optional
        The patterns of each label.
    held : dict of Term to Held
        What the live model makes of them.
    together, campaigns, rising, unsure : optional
        The other sections.
    missing : dict of str to str
        What could not be told, and why.
    top : int
        How many of each kind were asked for.
    """

    task: Task
    learned: Learned | None = None
    held: Mapping[Term, Held] = field(default_factory=dict)
    together: Together | None = None
    campaigns: Campaigns | None = None
    rising: Rising | None = None
    unsure: Unsure | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    top: int = 20


def sections_of(
    what: str | None, known: Sequence[str] = SECTIONS, *, item: str = ""
) -> Sequence[str]:
    """Return the sections that are meant, of those that can be told; all where nothing is named.

    Parameters
    ----------
    what : str or None
        What was named.
    known : sequence of str
        What can be told.
    item : str
        What one item is called, where it can be told of a single one, too.

    Raises
    ------
    UsageError
        If there is no such section; the message names the closest one.
    """
    if what is None:
        return known
    if what not in known:
        single = f", or the path or id of one {item}" if item else ""
        raise UsageError(
            f"'{what}' cannot be explained{did_you_mean(what, list(known))}: "
            f"use one of {', '.join(known)}, or nothing for all of them{single}"
        )
    return (what,)


def account(
    task: Task,
    experience: Experience,
    table: TermTable | None,
    sections: Sequence[str],
    *,
    top: int,
    window: Window | None = None,
) -> Account:
    """Return what was learned.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags, verdicts and models are kept.
    table : TermTable or None
        The experience; not needed where only what the model is unsure of is asked for.
    sections : sequence of str
        What is asked for, of `SECTIONS`.
    top : int
        How many of each kind to tell at most.
    window : Window, optional
        What counts as recent; by default the latest fifth of the items, but no more than 500.

    Raises
    ------
    ModelError
        If only what the model is unsure of is asked for, and it cannot be loaded.
    """
    missing: dict[str, str] = {}
    patterns, weights, pairs, copies, trend, doubts = None, {}, None, None, None, None
    if table is not None:
        missing |= _without_two_labels(table, sections)
        if "patterns" in sections:
            patterns = learned(table, top=top)
            weights = _held(table, experience, patterns, missing)
        if "together" in sections and "together" not in missing:
            pairs = together(table, top=top)
        if "campaigns" in sections:
            copies = campaigns(table, top=top)
        if "rising" in sections:
            latest = min(_LATEST, max(1, len(table) // 5))
            trend = rising(table, window or Window(last=latest))
    if "unsure" in sections:
        try:
            doubts = unsure(task, experience, top=top)
        except ModelError as error:
            if len(sections) == 1:
                raise
            missing["unsure"] = str(error)
    return Account(task, patterns, weights, pairs, copies, trend, doubts, missing, top)


def _without_two_labels(table: TermTable, sections: Sequence[str]) -> dict[str, str]:
    """Return which sections cannot be told because a label has no item."""
    task = table.task
    absent = [label for label in task.labels if not (table.truth == task.is_positive(label)).any()]
    if not absent:
        return {}
    said = (
        f"There is no {' and no '.join(absent)} in the experience yet: flag some to see what tells "
        "them apart."
    )
    return {section: said for section in ("patterns", "together") if section in sections}


def _held(
    table: TermTable, experience: Experience, patterns: Learned, missing: dict[str, str]
) -> dict[Term, Held]:
    terms = [pattern.term for pattern in patterns.positive + patterns.negative]
    try:
        return held(table, experience, terms) if terms else {}
    except ModelError as error:
        missing["model"] = str(error)
        return {}

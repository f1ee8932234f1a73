"""All that is told of what was learned, section by section."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from chaffinch.errors import ModelError, UsageError, did_you_mean
from chaffinch.explain.campaigns import Campaign, Campaigns, campaigns
from chaffinch.explain.held import Held, held
from chaffinch.explain.learned import Learned, learned
from chaffinch.explain.table import TermTable
from chaffinch.explain.terms import Term
from chaffinch.explain.together import Pair, Together, together
from chaffinch.explain.unsure import DoubtGroup, Unsure, unsure

if TYPE_CHECKING:
    from chaffinch.experience.store import Experience
    from chaffinch.task import Task

#: What can be told.
SECTIONS = ("patterns", "together", "campaigns", "unsure")


@dataclass(slots=True)
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
    together, campaigns, unsure : optional
        The other sections.
    missing : dict of str to str
        What could not be told, and why.
    """

    task: Task
    learned: Learned | None = None
    held: dict[Term, Held] = field(default_factory=dict)
    together: Together | None = None
    campaigns: Campaigns | None = None
    unsure: Unsure | None = None
    missing: dict[str, str] = field(default_factory=dict)


def sections_of(what: str | None) -> Sequence[str]:
    """Return the sections that are meant; all where nothing is named.

    Raises
    ------
    UsageError
        If there is no such section; the message names the closest one.
    """
    if what is None:
        return SECTIONS
    if what not in SECTIONS:
        known = list(SECTIONS)
        raise UsageError(
            f"'{what}' cannot be explained{did_you_mean(what, known)}: "
            f"use one of {', '.join(known)}, or nothing for all of them"
        )
    return (what,)


def account(
    task: Task,
    experience: Experience,
    table: TermTable | None,
    sections: Sequence[str],
    *,
    top: int,
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

    Raises
    ------
    ModelError
        If only what the model is unsure of is asked for, and it cannot be loaded.
    """
    told = Account(task)
    if table is not None:
        _of_the_experience(told, experience, table, sections, top)
    if "unsure" in sections:
        try:
            told.unsure = unsure(task, experience, top=top)
        except ModelError as error:
            if len(sections) == 1:
                raise
            told.missing["unsure"] = str(error)
    return told


def _of_the_experience(
    told: Account,
    experience: Experience,
    table: TermTable,
    sections: Sequence[str],
    top: int,
) -> None:
    labels = told.task.labels
    absent = [label for label in labels if not (table.truth == told.task.is_positive(label)).any()]
    for section in ("patterns", "together"):
        if section in sections and absent:
            told.missing[section] = (
                f"There is no {' and no '.join(absent)} in the experience yet: flag some to see "
                "what tells them apart."
            )
    if "patterns" in sections:
        told.learned = learned(table, top=top)
        terms = [pattern.term for pattern in told.learned.positive + told.learned.negative]
        try:
            told.held = held(table, experience, terms) if terms else {}
        except ModelError as error:
            told.missing["model"] = str(error)
    if "together" in sections and not absent:
        told.together = together(table, top=top)
    if "campaigns" in sections:
        told.campaigns = campaigns(table, top=top)


def to_json(told: Account) -> dict[str, Any]:
    """Return an account, JSON-ready: times in seconds since 1970-01-01 UTC, null if unknown."""
    return dict(_sections(told))


def _sections(told: Account) -> Iterator[tuple[str, Any]]:
    task = told.task
    yield "task", task.name
    if told.learned is not None:
        yield "items", _by_label(task, told.learned.items)
        yield "near_copies", _by_label(task, told.learned.copies)
        yield (
            "patterns",
            {
                label: [{**asdict(one), **_held(told, one.term)} for one in patterns]
                for label, patterns in (
                    (task.positive, told.learned.positive),
                    (task.negative, told.learned.negative),
                )
            },
        )
    if told.together is not None:
        yield (
            "together",
            {
                "tested": told.together.tested,
                "found": told.together.found,
                "pairs": [_pair(task, pair) for pair in told.together.pairs],
            },
        )
    if told.campaigns is not None:
        yield (
            "campaigns",
            {
                "found": told.campaigns.found,
                "items": told.campaigns.items,
                "mixed": [_campaign(task, one) for one in told.campaigns.mixed],
                "largest": [_campaign(task, one) for one in told.campaigns.largest],
            },
        )
    if told.unsure is not None:
        yield (
            "unsure",
            {
                **{
                    name: getattr(told.unsure, name)
                    for name in ("model", "judged", "doubted", "flagged", "contradicted")
                },
                "unflagged_groups": [_group(one) for one in told.unsure.unflagged_groups],
                "flagged_groups": [_group(one) for one in told.unsure.flagged_groups],
            },
        )
    yield "missing", told.missing


def _by_label(task: Task, counts: tuple[int, int]) -> dict[str, int]:
    return dict(zip(task.labels, counts, strict=True))


def _held(told: Account, term: Term) -> dict[str, float | int | None]:
    found = told.held.get(term)
    return {
        "model_weight": found.weight if found else None,
        "model_items": found.items if found else 0,
    }


def _pair(task: Task, pair: Pair) -> dict[str, Any]:
    return {
        "label": task.positive if pair.positive else task.negative,
        "first": pair.first._asdict(),
        "second": pair.second._asdict(),
        **{
            name: _by_label(task, getattr(pair, name))
            for name in ("both", "first_only", "second_only", "neither")
        },
        "log_odds": pair.log_odds,
        "first_alone": pair.first_alone,
        "second_alone": pair.second_alone,
        "interaction": pair.interaction,
        "q": pair.q,
    }


def _campaign(task: Task, one: Campaign) -> dict[str, Any]:
    return {
        "terms": [term._asdict() for term in one.terms],
        "counts": _by_label(task, one.counts),
        "first": _known(one.first),
        "last": _known(one.last),
        "titles": one.titles,
        "items": one.ids,
        "odd": [{"item": entry.id, "label": label} for label, entry in one.odd],
    }


def _group(group: DoubtGroup) -> dict[str, Any]:
    return {
        "terms": [term._asdict() for term in group.terms],
        "copies": group.copies,
        "items": [{**asdict(one), "received": _known(one.received)} for one in group.doubts],
    }


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number

"""An account of what was learned as JSON, complete."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from chaffinch.explain.account import Account
from chaffinch.explain.campaigns import Campaign
from chaffinch.explain.telling import to_json as rising_json
from chaffinch.explain.terms import Term
from chaffinch.explain.together import Pair
from chaffinch.explain.unsure import DoubtGroup, Unsure
from chaffinch.task import Task


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
    if told.rising is not None:
        yield "rising", rising_json(told.rising)
    if told.unsure is not None:
        yield "unsure", unsure_json(told.unsure)
    yield "missing", dict(told.missing)


def unsure_json(found: Unsure) -> dict[str, Any]:
    """Return what a model is unsure of, JSON-ready."""
    return {
        **{
            name: getattr(found, name)
            for name in ("model", "judged", "doubted", "flagged", "contradicted")
        },
        "unflagged_groups": [_group(one) for one in found.unflagged_groups],
        "flagged_groups": [_group(one) for one in found.flagged_groups],
    }


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

"""Read the conditions of a rule, as a file of rules has them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from chaffinch.errors import did_you_mean
from chaffinch.rules.predicate import MEASURES, Predicate, parse_predicate
from chaffinch.rules.rule import Condition, compile_pattern

# Bounds: conditions of a rule, characters of a pattern.
_MOST_CONDITIONS = 10
_MOST_CHARACTERS = 4_000
_KEYS = ("part", "pattern", "predicate", "not")


@dataclass(frozen=True, slots=True)
class Sayable:
    """What rules of a task may speak of.

    Parameters
    ----------
    parts : collection of str
        The names of the parts that they may look in.
    measures : collection of str
        The names of the numbers that the task measures of an item.
    labels : tuple of str
        The labels that they may speak for, where there are more than two.
    """

    parts: Collection[str]
    measures: Collection[str] = ()
    labels: tuple[str, ...] = ()


class WrongConditionError(Exception):
    """What is wrong with a condition, and under which key of its rule."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(what)
        self.key = key
        self.what = what


def read_conditions(table: dict[str, Any], sayable: Sayable) -> tuple[Condition, ...]:
    """Return the conditions of a rule.

    Parameters
    ----------
    table : dict
        The rule, as TOML has it.
    sayable : Sayable
        What rules may speak of.

    Raises
    ------
    WrongConditionError
        If one is not what it should be.
    """
    if "all" not in table:
        inline = {key: table[key] for key in ("part", "pattern", "predicate") if key in table}
        return (_condition(inline, "", sayable),)
    given = table["all"]
    for key in ("part", "pattern", "predicate"):
        if key in table:
            raise WrongConditionError(key, f"{key} beside all: put it into one of all's")
    if not isinstance(given, list) or not 1 <= len(given) <= _MOST_CONDITIONS:
        raise WrongConditionError(
            "all", f"all is to be a list of 1 to {_MOST_CONDITIONS} conditions"
        )
    return tuple(_condition(condition, "all", sayable) for condition in given)


def _condition(table: Any, key: str, sayable: Sayable) -> Condition:
    if isinstance(table, str) and sayable.measures:
        table = {"predicate": table}
    if not isinstance(table, dict):
        said = repr(_example(sayable)) if sayable.measures else "{part = …, pattern = …}"
        raise WrongConditionError(key, f"a condition is written {said}")
    for inner in table:
        if inner not in _KEYS:
            raise WrongConditionError(key or inner, unknown_key(inner, _KEYS))
    part = str(table.get("part", ""))
    if part not in sayable.parts and (part or not sayable.measures):
        raise WrongConditionError(key or "part", _no_part(part, sayable))
    negated = table.get("not", False)
    if not isinstance(negated, bool):
        raise WrongConditionError(key or "not", "not is to be true or false")
    pattern, predicate = table.get("pattern"), table.get("predicate")
    if (pattern is None) == (predicate is None):
        raise WrongConditionError(
            key or "pattern", "give either a pattern or a predicate to look for"
        )
    given = "pattern" if predicate is None else "predicate"
    if given == "pattern" and not part:
        raise WrongConditionError(
            key or given, f"a pattern is for text: write a predicate, as in '{_example(sayable)}'"
        )
    written = table[given]
    if not isinstance(written, str) or not 0 < len(written) <= _MOST_CHARACTERS:
        raise WrongConditionError(
            key or given, f"{given} is to be text of 1 to {_MOST_CHARACTERS:,} characters"
        )
    try:
        if predicate is None:
            compile_pattern(written)
            return Condition(part, written, negated=negated)
        return Condition(part, predicate=_predicate(written, part, sayable), negated=negated)
    except ValueError as error:
        said = f"RE2 refuses {_short(written)}: {error}" if predicate is None else str(error)
        raise WrongConditionError(key or given, said) from error


def _predicate(written: str, part: str, sayable: Sayable) -> Predicate:
    if part:
        return parse_predicate(written, MEASURES)
    return parse_predicate(written, sayable.measures, example=_example(sayable))


def _example(sayable: Sayable) -> str:
    return f"{next(iter(sayable.measures), 'words')} >= 1"


def _no_part(part: str, sayable: Sayable) -> str:
    known = list(sayable.parts)
    if not known:
        return f"there are no parts: write a predicate alone, as in '{_example(sayable)}'"
    said = f"no part '{part}'{did_you_mean(part, known)}" if part else "part is missing"
    return f"{said}: choose of {', '.join(known)}"


def unknown_key(key: str, known: tuple[str, ...]) -> str:
    """Return how to say that a key is none of those that may stand there."""
    return f"unknown key '{key}'{did_you_mean(key, list(known))}: use {', '.join(known)}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:59]}…")

"""Read a file of rules: what is wrong in it is told with its line, its column and the remedy."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaffinch.errors import InputError, did_you_mean
from chaffinch.rules.conditions import Sayable, WrongConditionError, read_conditions, unknown_key
from chaffinch.rules.places import Places
from chaffinch.rules.rule import Condition

# Bounds: bytes of a file, rules of a file.
_MOST_BYTES = 1 << 20
_MOST_RULES = 2_000

_FILE_KEYS = ("rule", "weights", "intercept", "disable", "replace")
_RULE_KEYS = ("name", "description", "label", "part", "pattern", "predicate", "all", "weight")


@dataclass(frozen=True, slots=True)
class Found:
    """A rule as a file has it, its weight perhaps elsewhere."""

    name: str
    description: str
    conditions: tuple[Condition, ...]
    weight: float | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What a file of rules says.

    Parameters
    ----------
    path : Path
        The file.
    rules : tuple of Found
        In order.
    weights : dict of str to float
        By the names of rules, its own or another file's.
    intercept : float or None
        Log-odds of an item that fits no rule.
    disable : tuple of str
        Names of rules that are not to count.
    replace : bool
        Whether the shipped rules are left out.
    places : Places
        Where in the file that stands.
    """

    path: Path
    rules: tuple[Found, ...] = ()
    weights: dict[str, float] = field(default_factory=dict)
    intercept: float | None = None
    disable: tuple[str, ...] = ()
    replace: bool = False
    places: Places = field(default_factory=lambda: Places(""))

    def wrong(self, place: tuple[int, int], what: str) -> InputError:
        """Return the error for what is wrong at a place."""
        return InputError(f"rules file {self.path}, line {place[0]}, column {place[1]}: {what}")


def read_rules(path: Path, sayable: Sayable | Collection[str]) -> RuleFile:
    """Read a file of rules.

    Parameters
    ----------
    path : Path
        A TOML file; docs/rules.md tells what may stand in it.
    sayable : Sayable or collection of str
        What its rules may speak of; of a task of two labels that measures nothing, the names of the
        parts that they may look in.

    Raises
    ------
    InputError
        If the file cannot be read, or something in it is not what it should be; the message names
        line, column, rule and remedy.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"rules file {path} is larger than {_MOST_BYTES:,} bytes: divide it")
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"rules file {path} is no valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"rules file {path} cannot be read: save it as UTF-8 text") from error
    except (OSError, RecursionError) as error:
        raise InputError(f"rules file {path} cannot be read: {error}") from error
    if not isinstance(sayable, Sayable):
        sayable = Sayable(sayable)
    return _Reader(path, document, Places(text), sayable).read()


class _Reader:
    """Checks a document against what may stand in a file of rules."""

    def __init__(
        self, path: Path, document: dict[str, Any], places: Places, sayable: Sayable
    ) -> None:
        self._file = RuleFile(path, places=places)
        self._document = document
        self._places = places
        self._sayable = sayable

    def read(self) -> RuleFile:
        document, places = self._document, self._places
        for key in document:
            if key not in _FILE_KEYS:
                raise self._wrong(places.of_key("", key), unknown_key(key, _FILE_KEYS))
        rules = self._rules()
        weights = document.get("weights", {})
        if not isinstance(weights, dict):
            raise self._wrong(places.of_key("", "weights"), "weights is to be a table: [weights]")
        for name, weight in weights.items():
            self._check_number(weight, places.of_key("weights", name), f"the weight of {name}")
        intercept = document.get("intercept")
        if intercept is not None:
            self._check_number(intercept, places.of_key("", "intercept"), "intercept")
        disable = document.get("disable", [])
        if not isinstance(disable, list) or not all(isinstance(name, str) for name in disable):
            raise self._wrong(
                places.of_key("", "disable"), 'disable is to be a list of names: ["NAME"]'
            )
        replace = document.get("replace", False)
        if not isinstance(replace, bool):
            raise self._wrong(places.of_key("", "replace"), "replace is to be true or false")
        return RuleFile(
            self._file.path,
            rules,
            {name: float(weight) for name, weight in weights.items()},
            None if intercept is None else float(intercept),
            tuple(disable),
            replace,
            places,
        )

    def _rules(self) -> tuple[Found, ...]:
        tables = self._document.get("rule", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._wrong(
                self._places.of_key("", "rule"), "rule is to be written as tables: [[rule]]"
            )
        if len(tables) > _MOST_RULES:
            raise self._wrong(
                self._places.of_rule(_MOST_RULES),
                f"more than {_MOST_RULES:,} rules: leave some out",
            )
        found: dict[str, Found] = {}
        for number, table in enumerate(tables):
            rule = self._rule(number, table)
            if rule.name in found:
                raise self._wrong(
                    self._places.of_rule(number, "name"),
                    f"the name {rule.name} stands twice: rename one of the two rules",
                )
            found[rule.name] = rule
        return tuple(found.values())

    def _rule(self, number: int, table: dict[str, Any]) -> Found:
        def wrong(key: str, what: str) -> InputError:
            named = table.get("name")
            title = f"rule {named}" if isinstance(named, str) else f"rule {number + 1}"
            return self._wrong(self._places.of_rule(number, key), f"{title}: {what}")

        for key in table:
            if key not in _RULE_KEYS:
                raise wrong(key, unknown_key(key, _RULE_KEYS))
        for key in ("name", "description"):
            if not isinstance(table.get(key), str) or not table[key].strip():
                raise wrong(key, f"{key} is missing: give it as text")
        if "weight" in table and not _is_number(table["weight"]):
            raise wrong("weight", "weight is to be a finite number, as in 1.5")
        label = table.get("label", "")
        if label not in (self._sayable.labels or ("",)):
            raise wrong("label", self._no_label(label))
        try:
            conditions = read_conditions(table, self._sayable)
        except WrongConditionError as error:
            raise wrong(error.key, error.what) from error
        weight = table.get("weight")
        return Found(
            table["name"],
            table["description"],
            conditions,
            None if weight is None else float(weight),
            label,
        )

    def _no_label(self, given: object) -> str:
        known = list(self._sayable.labels)
        if not known:
            return "label is for tasks of more than two: leave it out, and weigh by sign"
        if given == "":
            return f"label is missing: say which it speaks for, as in label = {known[0]!r}"
        said = did_you_mean(given, known) if isinstance(given, str) else ""
        return f"no label {given!r}{said}: choose of {', '.join(map(repr, known))}"

    def _check_number(self, value: object, place: tuple[int, int], what: str) -> None:
        if not _is_number(value):
            raise self._wrong(place, f"{what} is to be a finite number, as in 1.5")

    def _wrong(self, place: tuple[int, int], what: str) -> InputError:
        return self._file.wrong(place, what)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

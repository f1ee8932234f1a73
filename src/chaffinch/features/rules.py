"""Hand-written rules as features: which of them an item fits."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from chaffinch.errors import InputError
from chaffinch.features.rows import Line, Row, Shares, Weigh

_KEYS = {"name", "description", "part", "pattern", "weight"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a person noticed.

    Parameters
    ----------
    name : str
        Short, unique, in capitals.
    description : str
        What it looks for, in words.
    part : str
        The part of the item that it looks in.
    pattern : str
        Regular expression in RE2 syntax, which runs in linear time on any text.
    weight : float
        What a hit adds to the log-odds of the positive label.
    """

    name: str
    description: str
    part: str
    pattern: str
    weight: float


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of a task, and the log-odds of an item that fits none.

    Parameters
    ----------
    intercept : float
        Log-odds of the positive label where no rule fits.
    rules : tuple of Rule
    """

    intercept: float
    rules: tuple[Rule, ...]


def _compile(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False  # the error is ours to report
    return re2.compile(pattern, options)


def load_rules(path: Path, parts: Collection[str]) -> RuleSet:
    """Read a rules file.

    Parameters
    ----------
    path : Path
        A TOML file: ``intercept``, and a ``[[rule]]`` table for each rule.
    parts : collection of str
        The names of the parts that rules may look in.

    Raises
    ------
    InputError
        If the file is not what it should be; the message names the rule and the remedy.
    """
    import re2

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"rules file {path} cannot be read: {error}") from error
    rules: dict[str, Rule] = {}
    for number, table in enumerate(document.get("rule", []), start=1):
        where = f"rules file {path}, rule {number} ({table.get('name', 'no name')})"
        if set(table) != _KEYS:
            raise InputError(f"{where}: needs just the keys {', '.join(sorted(_KEYS))}")
        rule = Rule(**{**table, "weight": float(table["weight"])})
        if rule.name in rules:
            raise InputError(f"{where}: the name stands twice: rename one of the two")
        if rule.part not in parts:
            raise InputError(f"{where}: no part '{rule.part}': choose of {', '.join(parts)}")
        try:
            _compile(rule.pattern)
        except re2.error as error:
            reason = error.args[0].decode("utf-8", "replace")
            raise InputError(f"{where}: RE2 refuses {rule.pattern!r}: {reason}") from error
        rules[rule.name] = rule
    return RuleSet(float(document.get("intercept", 0.0)), tuple(rules.values()))


class RuleFeatures:
    """One column for each rule of a file: 1 where the rule fits.

    The file is read when it is first needed.

    Parameters
    ----------
    path : Path
        The rules file.
    parts : mapping of str to callable
        The parts that rules may look in: each name, and what gives its text of an item's content.
    """

    def __init__(self, path: Path, parts: Mapping[str, Callable[[Any], str]]) -> None:
        self._path = path
        self._parts = parts

    @cached_property
    def rules(self) -> RuleSet:
        """The rules of the file."""
        return load_rules(self._path, self._parts)

    @cached_property
    def _patterns(self) -> list[Any]:
        return [_compile(rule.pattern) for rule in self.rules.rules]

    @property
    def n_features(self) -> int:
        """The number of rules."""
        return len(self.rules.rules)

    @property
    def signature(self) -> str:
        """The rules' names, in order, as a digest."""
        names = "\n".join(rule.name for rule in self.rules.rules)
        return f"rules {hashlib.sha256(names.encode()).hexdigest()[:16]}"

    def row(self, content: Any, owner: str = "") -> Row:  # noqa: ARG002 (rules know none)
        """Return the columns of the rules that fit this content, each with value 1."""
        texts: dict[str, str] = {}
        hits = []
        for column, (rule, pattern) in enumerate(
            zip(self.rules.rules, self._patterns, strict=True)
        ):
            if rule.part not in texts:
                texts[rule.part] = self._parts[rule.part](content)
            if pattern.search(texts[rule.part]):
                hits.append(column)
        return Row(np.array(hits, np.int64), np.ones(len(hits)))

    def shares(self, content: Any, weigh: Weigh, owner: str = "") -> Shares:  # noqa: ARG002
        """Return each rule that fits, by its description, with its weight."""
        slots = self.row(content).slots
        said = [self.rules.rules[slot].description for slot in slots]
        lines = [Line("rule", 0, len(said))] if said else []
        weights = np.asarray(weigh(slots), np.float64)
        return Shares(said, lines, weights, np.zeros(weights.size))

"""Hand-written rules as features: which of them an item fits."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chaffinch.features.rows import Line, Row, Shares, Weigh
from chaffinch.rules.conditions import Sayable
from chaffinch.rules.files import RuleFiles, files_of
from chaffinch.rules.predicate import Predicate

if TYPE_CHECKING:
    from chaffinch.rules.rule import Rule, RuleSet
    from chaffinch.rules.search import Patterns

# A part, the answer that is wanted, and what to ask: a predicate, or a place among its patterns.
_Test = tuple[str, bool, Predicate | int]


@dataclass(frozen=True)
class Measured:
    """The numbers that a task measures of its items.

    Parameters
    ----------
    of : callable
        Content → numbers by name. Of what is left out no comparison is true.
    names : mapping of str to str
        What each name says.
    """

    of: Callable[[Any], Mapping[str, float]] = field(default=lambda content: {})  # noqa: ARG005
    names: Mapping[str, str] = field(default_factory=dict)


class RuleFeatures:
    """One column for each rule: 1 where the rule fits.

    The files are read when they are first needed, and then stay as they were.

    Parameters
    ----------
    files : RuleFiles
        Where the rules stand.
    parts : mapping of str to callable
        The parts that rules may look in: each name, and what gives its text of an item's content.
    measured : Measured, optional
        The numbers that rules may compare.
    labels : tuple of str
        The labels that rules speak for, where there are more than two.
    """

    def __init__(
        self,
        files: RuleFiles,
        parts: Mapping[str, Callable[[Any], str]],
        *,
        measured: Measured | None = None,
        labels: tuple[str, ...] = (),
    ) -> None:
        self.files = files
        self.parts = parts
        self.measured = measured or Measured()
        self.labels = labels

    @classmethod
    def given(cls, rules: RuleSet, like: RuleFeatures) -> RuleFeatures:
        """Return the features of these rules, which look in the parts of others."""
        features = like._with(like.files)
        features.__dict__["rules"] = rules
        return features

    def at(self, home: Path, task: str) -> RuleFeatures:
        """Return the same with the files of an installation's folder."""
        return self._with(files_of(home, task, self.files.shipped))

    def _with(self, files: RuleFiles) -> RuleFeatures:
        return RuleFeatures(files, self.parts, measured=self.measured, labels=self.labels)

    @cached_property
    def rules(self) -> RuleSet:
        """The rules in force.

        Raises
        ------
        InputError
            If a file of rules is not what it should be.
        """
        from chaffinch.rules.local import load_rules

        return load_rules(self.files, self.sayable)

    @property
    def sayable(self) -> Sayable:
        """What rules may speak of."""
        return Sayable(self.parts, self.measured.names, self.labels)

    @cached_property
    def _patterns(self) -> dict[str, Patterns]:
        from chaffinch.rules.search import Patterns

        return {part: Patterns(list(places)) for part, places in self._places.items()}

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        """Where each pattern stands among those that are looked for in its part."""
        places: dict[str, dict[str, int]] = {}
        for rule in self.rules.rules:
            for one in rule.conditions:
                if one.predicate is None:
                    known = places.setdefault(one.part, {})
                    known.setdefault(one.pattern, len(known))
        return places

    @cached_property
    def _simple(self) -> dict[str, dict[int, list[int]]]:
        """The rules that are one pattern: by part and the pattern's place, their columns."""
        simple: dict[str, dict[int, list[int]]] = {}
        for column, rule in enumerate(self.rules.rules):
            if _is_simple(rule):
                part, pattern = rule.conditions[0].part, rule.conditions[0].pattern
                place = self._places[part][pattern]
                simple.setdefault(part, {}).setdefault(place, []).append(column)
        return simple

    @cached_property
    def _others(self) -> list[tuple[int, list[_Test]]]:
        return [
            (
                column,
                [
                    (
                        one.part,
                        not one.negated,
                        one.predicate or self._places[one.part][one.pattern],
                    )
                    for one in rule.conditions
                ],
            )
            for column, rule in enumerate(self.rules.rules)
            if not _is_simple(rule)
        ]

    @property
    def n_features(self) -> int:
        """The number of rules."""
        return len(self.rules.rules)

    @cached_property
    def signature(self) -> str:
        """The rules, what they look for and what they weigh, as a digest."""
        said = [
            f"{rule.name}\t{rule.label}{rule.weight!r}\t{' and '.join(map(str, rule.conditions))}"
            for rule in self.rules.rules
        ]
        whole = "\n".join([repr(self.rules.intercept), *said])
        return f"rules {hashlib.sha256(whole.encode()).hexdigest()[:16]}"

    def row(self, content: Any, owner: str = "") -> Row:  # noqa: ARG002 (rules know none)
        """Return the columns of the rules that fit this content, each with value 1."""
        texts: dict[str, str] = {}
        found: dict[str, set[int]] = {}
        numbers = self.measured.of(content)

        def text_of(part: str) -> str:
            if part not in texts:
                texts[part] = self.parts[part](content)
            return texts[part]

        def found_in(part: str) -> set[int]:
            if part not in found:
                found[part] = self._patterns[part].found(text_of(part))
            return found[part]

        def holds(part: str, sought: Predicate | int) -> bool:
            if isinstance(sought, Predicate):
                if not part:
                    return sought.compares(numbers.get(sought.measure, math.nan))
                return sought.holds(text_of(part))
            return sought in found_in(part)

        hits = []
        for part, columns in self._simple.items():
            for place in columns.keys() & found_in(part):
                hits += columns[place]
        for column, tests in self._others:
            if all(holds(part, sought) is wanted for part, wanted, sought in tests):
                hits.append(column)
        hits.sort()
        return Row(np.array(hits, np.int64), np.ones(len(hits)))

    def shares(self, content: Any, weigh: Weigh, owner: str = "") -> Shares:  # noqa: ARG002
        """Return each rule that fits, by its description, with its weight."""
        slots = self.row(content).slots
        said = [self.rules.rules[slot].description for slot in slots]
        lines = [Line("rule", 0, len(said))] if said else []
        weights = np.asarray(weigh(slots), np.float64)
        return Shares(said, lines, weights, np.zeros(weights.size))


def _is_simple(rule: Rule) -> bool:
    first, *others = rule.conditions
    return not others and not first.negated and first.predicate is None

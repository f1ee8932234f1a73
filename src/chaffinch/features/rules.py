"""Hand-written rules as features: which of them an item fits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chaffinch.features.rows import Line, Row, Shares, Weigh
from chaffinch.rules.files import RuleFiles, files_of

if TYPE_CHECKING:
    from chaffinch.rules.rule import Condition, RuleSet

_Test = Callable[[str], bool]


class RuleFeatures:
    """One column for each rule: 1 where the rule fits.

    The files are read when they are first needed, and then stay as they were.

    Parameters
    ----------
    files : RuleFiles
        Where the rules stand.
    parts : mapping of str to callable
        The parts that rules may look in: each name, and what gives its text of an item's content.
    """

    def __init__(self, files: RuleFiles, parts: Mapping[str, Callable[[Any], str]]) -> None:
        self.files = files
        self.parts = parts

    def at(self, home: Path, task: str) -> RuleFeatures:
        """Return the same with the files of an installation's folder."""
        return RuleFeatures(files_of(home, task, self.files.shipped), self.parts)

    @cached_property
    def rules(self) -> RuleSet:
        """The rules in force.

        Raises
        ------
        InputError
            If a file of rules is not what it should be.
        """
        from chaffinch.rules.local import load_rules

        return load_rules(self.files, self.parts)

    @cached_property
    def _tests(self) -> list[tuple[tuple[str, bool, _Test], ...]]:
        known: dict[Condition, tuple[str, bool, _Test]] = {}
        return [
            tuple(known.setdefault(one, _test(one)) for one in rule.conditions)
            for rule in self.rules.rules
        ]

    @property
    def n_features(self) -> int:
        """The number of rules."""
        return len(self.rules.rules)

    @cached_property
    def signature(self) -> str:
        """The rules, what they look for and what they weigh, as a digest."""
        said = [
            f"{rule.name}\t{rule.weight!r}\t{' and '.join(map(str, rule.conditions))}"
            for rule in self.rules.rules
        ]
        whole = "\n".join([repr(self.rules.intercept), *said])
        return f"rules {hashlib.sha256(whole.encode()).hexdigest()[:16]}"

    def row(self, content: Any, owner: str = "") -> Row:  # noqa: ARG002 (rules know none)
        """Return the columns of the rules that fit this content, each with value 1."""
        texts: dict[str, str] = {}
        hits = []
        for column, tests in enumerate(self._tests):
            for part, wanted, holds in tests:
                text = texts.get(part)
                if text is None:
                    text = texts[part] = self.parts[part](content)
                if holds(text) is not wanted:
                    break
            else:
                hits.append(column)
        return Row(np.array(hits, np.int64), np.ones(len(hits)))

    def shares(self, content: Any, weigh: Weigh, owner: str = "") -> Shares:  # noqa: ARG002
        """Return each rule that fits, by its description, with its weight."""
        slots = self.row(content).slots
        said = [self.rules.rules[slot].description for slot in slots]
        lines = [Line("rule", 0, len(said))] if said else []
        weights = np.asarray(weigh(slots), np.float64)
        return Shares(said, lines, weights, np.zeros(weights.size))


def _test(condition: Condition) -> tuple[str, bool, _Test]:
    """Return the part that a condition looks in, the answer it wants, and how to get it."""
    wanted = not condition.negated
    if condition.predicate is not None:
        return condition.part, wanted, condition.predicate.holds
    from chaffinch.rules.rule import compile_pattern

    search = compile_pattern(condition.pattern).search
    return condition.part, wanted, lambda text: search(text) is not None

"""A rule: what a person noticed, and how much it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chaffinch.rules.predicate import Predicate

# Bytes that RE2 may take for one pattern: what needs more is refused.
_MOST_MEMORY = 1 << 20


def compile_pattern(pattern: str) -> Any:
    """Return a compiled RE2 pattern, which runs in linear time on any text.

    Raises
    ------
    ValueError
        If RE2 refuses it; the message says why.
    """
    import re2

    options = re2.Options()
    options.log_errors = False  # the error is ours to report
    options.max_mem = _MOST_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(error.args[0].decode("utf-8", "replace")) from error


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be true of one part of an item, or of what the task measures of it.

    Parameters
    ----------
    part : str
        The part; empty for what the task measures.
    pattern : str
        Regular expression in RE2 syntax that it must hold; empty where a predicate is given.
    predicate : Predicate or None
        What must be true of its text, or of what was measured.
    negated : bool
        Whether it must not be so instead.
    """

    part: str
    pattern: str = ""
    predicate: Predicate | None = None
    negated: bool = False

    def __str__(self) -> str:
        said = str(self.predicate) if self.predicate else f"/{self.pattern}/"
        where = f"{self.part} " if self.part else ""
        return f"{'not ' if self.negated else ''}{where}{said}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a person noticed: it fits where all of its conditions hold.

    Parameters
    ----------
    name : str
        Short, unique, in capitals.
    description : str
        What it looks for, in words.
    conditions : tuple of Condition
        One or more.
    weight : float
        What a hit adds to the log-odds of the positive label, or of its own where there are many.
    source : {"shipped", "local"}
        Whose rule it is.
    weighed : {"shipped", "fitted", "local"}
        Where its weight stands.
    fitted_from : float or None
        The weight that a person gave it, where the one in force was fitted.
    label : str
        The label of many that it speaks for, or against where its weight is negative.
    """

    name: str
    description: str
    conditions: tuple[Condition, ...]
    weight: float
    source: str = "shipped"
    weighed: str = "shipped"
    fitted_from: float | None = None
    label: str = ""

    @property
    def by_hand(self) -> float:
        """The weight that a person gave it."""
        return self.weight if self.fitted_from is None else self.fitted_from


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force, and the log-odds of an item that fits none.

    Parameters
    ----------
    intercept : float
        Log-odds of the positive label where no rule fits.
    rules : tuple of Rule
        In the order of their files, the shipped first.
    disabled : tuple of str
        Names of shipped rules that a local file switched off.
    fitted_from : float or None
        The intercept that a person gave, where the one in force was fitted.
    """

    intercept: float
    rules: tuple[Rule, ...]
    disabled: tuple[str, ...] = field(default=())
    fitted_from: float | None = None

    @property
    def intercept_by_hand(self) -> float:
        """The intercept that a person gave."""
        return self.intercept if self.fitted_from is None else self.fitted_from

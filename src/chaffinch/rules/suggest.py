"""Suggest rules: few, short ones that a person can read, accept, edit or refuse."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chaffinch.errors import InputError
from chaffinch.explain.ranking import rank
from chaffinch.explain.table import TermTable
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.rules.hits import Hits
from chaffinch.rules.mining import Literal, mine
from chaffinch.rules.plain import Plain, plain_of_term
from chaffinch.rules.rule import Rule, RuleSet
from chaffinch.task import Task
from chaffinch.types import Example, Interval

# Conditions that are tried: so many that speak for each label.
_CANDIDATES = (500, 150)
# Kinds whose absence a person can make sense of; that a word is missing tells little.
_MAY_LACK = frozenset(("there", "type", "ending", "header"))
_STRONGEST = 5.0
_SLUG = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule found in the earlier items, and what it does on the later ones.

    Parameters
    ----------
    rule : Rule
        The rule; its weight is that of the counts below, shrunk.
    conditions : tuple of Plain
        Its conditions in plain words.
    hits : tuple of int
        How many later items it fits: of the negative label, of the positive.
    shares : tuple of Interval
        The same as shares of all later items of the label, in [0, 1], with 95% intervals.
    together : tuple of float
        Shares of later items, of either label, that this rule or one before it fits.
    """

    rule: Rule
    conditions: tuple[Plain, ...]
    hits: tuple[int, int]
    shares: tuple[Interval, Interval]
    together: tuple[float, float]


def suggest(
    task: Task, examples: Sequence[Example], *, most: int = 10, refused: Sequence[str] = ()
) -> list[Suggestion]:
    """Return suggested rules, each the best beside those before it.

    Candidates for conditions are the terms most unusually frequent under each label in the earlier
    half of the items, as far as other programs can look for the same (`chaffinch.rules.plain`).
    What they make together is searched there (`chaffinch.rules.mining`). The later half is only
    measured on: nothing is chosen by it, and what does badly there is shown as it is.

    Parameters
    ----------
    task : Task
        The task.
    examples : sequence of Example
        In order of arrival, of both labels in either half.
    most : int
        How many to return at most.
    refused : sequence of str
        Names of rules that are not to be suggested again.
    """
    half = len(examples) // 2
    table = TermTable.of(task, examples[:half])
    plains = _candidates(table)
    singles = as_rules([(plain,) for plain in plains])
    # The table keeps the newest items only where there are very many.
    earlier = Hits.of(task, examples[half - len(table) : half], singles).matrix
    firsts = table.truth & table.first_copies
    found = mine(
        earlier[firsts],
        earlier[~table.truth],
        may_lack=list(map(_may_lack, plains)),
        most=most + len(refused),
    )
    rules = [_conditions(plains, literals) for literals in found]
    rules = [rule for rule in rules if name_of(rule) not in refused][:most]
    return _measured(task, examples[half:], rules)


def check_halves(task: Task, examples: Sequence[Example], what: str) -> None:
    """Refuse items of which either half lacks a label.

    Raises
    ------
    InputError
        The message says which label, and what to do.
    """
    half = len(examples) // 2
    for part, items in (("earlier", examples[:half]), ("later", examples[half:])):
        for label in (task.positive, task.negative):
            if not any(example.label == label for example in items):
                raise InputError(
                    f"the {part} half of {what} holds no {label}: rules are found in the one half "
                    "and measured on the other, so flag more, or name other data"
                )


def _candidates(table: TermTable) -> list[Plain]:
    """Return conditions to try, each once: the most telling of each label.

    What speaks for the negative label can only be asked for in its absence.
    """
    chosen: dict[Plain, None] = {}
    for these, wanted in zip((table.truth, ~table.truth), _CANDIDATES, strict=True):
        full = len(chosen) + wanted
        for pattern in rank(table, these, ~these, least=0.0):
            plain = plain_of_term(pattern.term)
            if plain is not None and (these is table.truth or _may_lack(plain)):
                chosen[plain] = None
            if len(chosen) == full:
                break
    return list(chosen)


def _may_lack(plain: Plain) -> bool:
    return plain.kind in _MAY_LACK and plain.where != "from"


def _conditions(plains: Sequence[Plain], literals: Sequence[Literal]) -> tuple[Plain, ...]:
    """Return a mined rule's conditions, what must be there before what must not."""
    found = [replace(plains[one.column], negated=one.negated) for one in literals]
    needed = [one for one in found if not any(_implies(other, one) for other in found)]
    return tuple(sorted(needed, key=lambda plain: plain.negated))


def _implies(one: Plain, other: Plain) -> bool:
    """Return whether a condition can only hold where another one does, too."""
    if one == other or one.where != other.where or one.negated or other.negated:
        return False
    if other.kind == "there":
        return one.kind == "header"
    return one.kind == other.kind and other.text in one.text


def _measured(
    task: Task, later: Sequence[Example], found: Sequence[tuple[Plain, ...]]
) -> list[Suggestion]:
    hits = Hits.of(task, later, as_rules(found))
    sizes = (int((~hits.truth).sum()), int(hits.truth.sum()))
    sides = (hits.matrix[~hits.truth], hits.matrix[hits.truth])
    suggestions = []
    for column, plains in enumerate(found):
        counts = (int(sides[0][:, column].sum()), int(sides[1][:, column].sum()))
        so_far = [float(side[:, : column + 1].any(axis=1).mean()) for side in sides]
        suggestions.append(
            Suggestion(
                replace(hits.rules.rules[column], weight=_weight(counts, sizes)),
                plains,
                counts,
                (clopper_pearson(counts[0], sizes[0]), clopper_pearson(counts[1], sizes[1])),
                (so_far[0], so_far[1]),
            )
        )
    return suggestions


def as_rules(found: Sequence[tuple[Plain, ...]]) -> RuleSet:
    """Return rules of these conditions, that weigh nothing yet."""
    return RuleSet(
        0.0,
        tuple(
            Rule(
                name_of(plains),
                " and ".join(map(str, plains)),
                tuple(plain.condition for plain in plains),
                0.0,
                "local",
                "local",
            )
            for plains in found
        ),
    )


def name_of(plains: Sequence[Plain]) -> str:
    """Return the name of a rule of these conditions, always the same.

    Examples
    --------
    >>> name_of([Plain("contains", "subject", "4u")])
    '4U_E5A9'
    """
    words = [f"{'no ' if one.negated else ''}{one.text or one.where or one.kind}" for one in plains]
    whole = "\n".join(map(str, plains))
    digest = hashlib.sha256(whole.encode()).hexdigest()[:4].upper()
    return f"{_SLUG.sub('_', ' '.join(words).upper())[:24].strip('_')}_{digest}"


def _weight(counts: tuple[int, int], sizes: tuple[int, int]) -> float:
    """Return the log-odds that a hit says by these counts, each half an item more (Haldane)."""
    shares = [(count + 0.5) / (size + 1.0) for count, size in zip(counts, sizes, strict=True)]
    return round(min(_STRONGEST, max(0.0, math.log(shares[1] / shares[0]))), 2)

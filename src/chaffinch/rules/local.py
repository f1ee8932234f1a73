"""The rules in force: those that ship, as this installation's own files change them."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from chaffinch.errors import did_you_mean
from chaffinch.rules.conditions import Sayable
from chaffinch.rules.files import RuleFiles
from chaffinch.rules.read import Found, RuleFile, read_rules
from chaffinch.rules.rule import Rule, RuleSet


def load_rules(files: RuleFiles, sayable: Sayable | Collection[str]) -> RuleSet:
    """Return the rules in force.

    A local file adds its rules to those that ship, puts one of the same name in another's place,
    re-weights or disables; with ``replace = true`` the shipped ones are left out. Weights that were
    fitted count more than shipped ones, and a person's word counts most.

    Parameters
    ----------
    files : RuleFiles
        The files.
    sayable : Sayable or collection of str
        What rules may speak of, as in `chaffinch.rules.read.read_rules`.

    Raises
    ------
    InputError
        If a file is not what it should be; the message names line, column, rule and remedy.
    """
    shipped = read_rules(files.shipped / "rules.toml", sayable)
    apart = files.shipped / "weights.toml"
    # Where no such file ships the weights stand beside what they are of.
    weights = read_rules(apart, sayable) if apart.exists() else shipped
    fitted = read_rules(files.fitted, sayable) if files.fitted else None
    local = read_rules(files.local, sayable) if files.local else None
    found: dict[str, tuple[Found, str]] = {}
    if local is None or not local.replace:
        found = {rule.name: (rule, "shipped") for rule in shipped.rules}
    if local is not None:
        found |= {rule.name: (rule, "local") for rule in local.rules}
        _check_names(local, list(found))
    disabled = local.disable if local else ()
    said = _Said(
        _own_weights(shipped) | weights.weights,
        _own_weights(local) if local else {},
        fitted.weights if fitted else {},
        local.weights if local else {},
    )
    rules = [
        _weighed(rule, source, said, local if source == "local" and local else shipped)
        for name, (rule, source) in found.items()
        if name not in disabled
    ]
    by_hand = _first_intercept(local, weights)
    intercept = _first_intercept(local, fitted, weights)
    fitted_from = by_hand if intercept != by_hand else None
    return RuleSet(intercept, tuple(rules), disabled, fitted_from)


def _first_intercept(*files: RuleFile | None) -> float:
    given = (file.intercept for file in files if file is not None)
    return next((intercept for intercept in given if intercept is not None), 0.0)


def _own_weights(file: RuleFile) -> dict[str, float]:
    return {rule.name: rule.weight for rule in file.rules if rule.weight is not None}


class _Said(NamedTuple):
    """Weights by the names of rules, those that count more behind those that count less."""

    shipped: dict[str, float]
    own: dict[str, float]
    fitted: dict[str, float]
    local: dict[str, float]


def _weighed(rule: Found, source: str, said: _Said, file: RuleFile) -> Rule:
    name = rule.name
    by_hand = said.own.get(name, said.shipped.get(name))
    weighed = "local" if name in said.own else "shipped"
    if name in said.local:
        by_hand, weighed = said.local[name], "local"
    if by_hand is None:
        place = [one.name for one in file.rules].index(name)
        raise file.wrong(
            file.places.of_rule(place),
            f"rule {name} has no weight: give it one, as in `weight = 1.5`",
        )
    weight, fitted_from = by_hand, None
    if name in said.fitted and name not in said.local:
        weight, weighed, fitted_from = said.fitted[name], "fitted", by_hand
    return Rule(
        name, rule.description, rule.conditions, weight, source, weighed, fitted_from, rule.label
    )


def _check_names(local: RuleFile, known: list[str]) -> None:
    """Refuse names that no rule has: a typing error would silently do nothing."""
    for name in local.disable:
        if name not in known:
            raise local.wrong(
                local.places.of_key("", "disable"),
                f"no rule '{name}'{did_you_mean(name, known)} to disable",
            )
    for name in local.weights:
        if name not in known:
            raise local.wrong(
                local.places.of_key("weights", name),
                f"no rule '{name}'{did_you_mean(name, known)} to weigh",
            )

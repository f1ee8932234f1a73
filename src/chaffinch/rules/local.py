"""The rules in force: those that ship, as this installation's own files change them."""

from __future__ import annotations

from collections.abc import Collection

from chaffinch.errors import did_you_mean
from chaffinch.rules.files import RuleFiles
from chaffinch.rules.read import Found, RuleFile, read_rules
from chaffinch.rules.rule import Rule, RuleSet


def load_rules(files: RuleFiles, parts: Collection[str]) -> RuleSet:
    """Return the rules in force.

    A local file adds its rules to those that ship, puts one of the same name in another's place,
    re-weights or disables; with ``replace = true`` the shipped ones are left out. Weights that were
    fitted count more than shipped ones, and a person's word counts most.

    Parameters
    ----------
    files : RuleFiles
        The files.
    parts : collection of str
        The names of the parts that rules may look in.

    Raises
    ------
    InputError
        If a file is not what it should be; the message names line, column, rule and remedy.
    """
    shipped = read_rules(files.shipped / "rules.toml", parts)
    weights = read_rules(files.shipped / "weights.toml", parts)
    fitted = read_rules(files.fitted, parts) if files.fitted else None
    local = read_rules(files.local, parts) if files.local else None
    found: dict[str, tuple[Found, str]] = {}
    if local is None or not local.replace:
        found = {rule.name: (rule, "shipped") for rule in shipped.rules}
    if local is not None:
        found |= {rule.name: (rule, "local") for rule in local.rules}
        _check_names(local, list(found))
    disabled = local.disable if local else ()
    said = {"shipped": weights.weights, "fitted": {}, "local": {}}
    if fitted is not None:
        said["fitted"] = fitted.weights
    if local is not None:
        own = {rule.name: rule.weight for rule in local.rules if rule.weight is not None}
        said["local"] = own | local.weights
    rules = [
        _weighed(rule, source, said, weights if source == "shipped" or not local else local)
        for name, (rule, source) in found.items()
        if name not in disabled
    ]
    intercept = next(
        file.intercept
        for file in (local, fitted, weights)
        if file is not None and file.intercept is not None
    )
    return RuleSet(intercept, tuple(rules), disabled)


def _weighed(rule: Found, source: str, said: dict[str, dict[str, float]], file: RuleFile) -> Rule:
    for weighed in ("local", "fitted", "shipped"):
        if rule.name in said[weighed]:
            weight = said[weighed][rule.name]
            return Rule(rule.name, rule.description, rule.conditions, weight, source, weighed)
    raise file.wrong(
        file.places.of_key("", ""),
        f"rule {rule.name} has no weight: give it one, under [weights] or as `weight` of the rule",
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

"""Rules as Chaffinch's own files have them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from chaffinch.rules.export.written import Written
from chaffinch.rules.rule import Condition, Rule, RuleSet


def export(rules: RuleSet) -> Written:
    """Return rules as a file that `chaffinch.rules.read.read_rules` reads, each with its weight."""
    head = f"# Rules of Chaffinch: see docs/rules.md.\n\nintercept = {rules.intercept!r}\n"
    return Written(head + blocks(rules.rules), rules.rules, ())


def blocks(rules: Sequence[Rule]) -> str:
    r"""Return rules as tables that can be appended to a file of rules.

    Examples
    --------
    >>> print(blocks([Rule("A", "Subject says 4U", (Condition("subject", "(?i)4u"),), 1.5)]))
    <BLANKLINE>
    [[rule]]
    name = "A"
    description = "Subject says 4U"
    part = "subject"
    pattern = "(?i)4u"
    weight = 1.5
    <BLANKLINE>
    """
    return "".join(f"\n[[rule]]\n{_block(rule)}" for rule in rules)


def _block(rule: Rule) -> str:
    lines = [f"name = {_text(rule.name)}", f"description = {_text(rule.description)}"]
    if rule.label:
        lines.append(f"label = {_text(rule.label)}")
    first, *others = rule.conditions
    if not others and not first.negated:
        lines += [f"{key} = {value}" for key, value in _keys(first)]
    else:
        inline = (
            ", ".join(f"{key} = {value}" for key, value in _keys(one)) for one in rule.conditions
        )
        lines += ["all = [", *(f"  {{ {keys} }}," for keys in inline), "]"]
    return "\n".join([*lines, f"weight = {rule.weight!r}"]) + "\n"


def _inline(condition: Condition) -> str:
    return f"{{ {', '.join(f'{key} = {value}' for key, value in _keys(condition))} }}"


def _keys(condition: Condition) -> list[tuple[str, str]]:
    keys = [("part", _text(condition.part))] if condition.part else []
    if condition.predicate is None:
        keys.append(("pattern", _text(condition.pattern)))
    else:
        keys.append(("predicate", _text(str(condition.predicate))))
    return [*keys, ("not", "true")] if condition.negated else keys


def _text(text: str) -> str:
    # A basic string of TOML is a string of JSON, but for this one character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

"""Rules as a configuration file of SpamAssassin."""

from __future__ import annotations

import re

from chaffinch.rules.export.written import Written, comment, said_left_out
from chaffinch.rules.plain import plain_of
from chaffinch.rules.rule import Condition, Rule, RuleSet

_HEAD = """\
# Rules of Chaffinch for mail, as SpamAssassin has them: a file like local.cf.
# Points are log-odds in the scale in which a rule that makes junk alone has 5, SpamAssassin's own
# required_score.
"""
_REQUIRED = 5.0
_NAME = re.compile(r"[^A-Z0-9_]")
# How SpamAssassin looks into the parts of a mail that it has, too.
_PARTS = {
    "subject": "header {name} Subject =~ /{pattern}/",
    "from_name": "header {name} From:name =~ /{pattern}/",
    "from_address": "header {name} From:addr =~ /{pattern}/",
    "to": "header {name} To =~ /{pattern}/",
    "visible": "body {name} /{pattern}/",
    "urls": "uri {name} /{pattern}/",
    "headers": "header {name} ALL =~ /{pattern}/",
}
# RE2 knows these, Perl does not, or takes them for something else.
_FOREIGN = re.compile(r"\\[pP]N|\\C|\(\?P?<|\[\[:\^?word:|(?<!\\)\{(?!\d)")


def export(rules: RuleSet, *, least: float) -> Written:
    """Return the rules of a set that SpamAssassin can say, as a configuration file.

    Parameters
    ----------
    rules : RuleSet
        The rules.
    least : float
        Log-odds from which a mail is junk: a rule that reaches them from the intercept gets 5
        points.
    """
    scale = _REQUIRED / max(least - rules.intercept, 1e-9)
    lines = [_HEAD]
    written: list[Rule] = []
    left_out: list[tuple[Rule, str]] = []
    names: set[str] = set()
    for rule in rules.rules:
        name = f"CHAFFINCH_{_NAME.sub('_', rule.name.upper())}"[:120]
        parts = [_test(f"__{name}_{place}", one) for place, one in enumerate(rule.conditions)]
        if name in names:
            left_out.append((rule, f"another rule is called {name} there"))
        elif any(part is None for part in parts):
            lacking = [one for one, part in zip(rule.conditions, parts, strict=True) if not part]
            left_out.append((rule, f"SpamAssassin cannot say: {lacking[0]}"))
        else:
            names.add(name)
            written.append(rule)
            lines += [line for part in parts if part for line in part]
            joined = " && ".join(
                f"{'!' if one.negated else ''}__{name}_{place}"
                for place, one in enumerate(rule.conditions)
            )
            lines += [
                f"meta {name} ({joined})",
                f"describe {name} {comment(rule.description, 50).replace('#', ' ')}",
                f"score {name} {rule.weight * scale:.2f}",
                "",
            ]
    lines += said_left_out(tuple(left_out))
    return Written("\n".join(lines).rstrip("\n") + "\n", tuple(written), tuple(left_out))


def _test(name: str, condition: Condition) -> list[str] | None:
    """Return the lines of a sub-rule for a condition, negated or not; None where there is none."""
    plain = plain_of(condition)
    if plain is not None and plain.kind in ("there", "header", "type", "ending"):
        text = _literal(plain.text)
        if plain.kind == "there":
            return [f"header {name} exists:{plain.where}"]
        if plain.kind == "header":
            return [f"header {name} {plain.where} =~ /{text}/i"]
        if plain.kind == "type":
            return [f"mimeheader {name} Content-Type =~ /^{text}\\b/i"]
        # Either header may name the file.
        return [
            f"mimeheader {name}_A Content-Disposition =~ /name\\*?=.*\\.{text}\\b/i",
            f"mimeheader {name}_B Content-Type =~ /name\\*?=.*\\.{text}\\b/i",
            f"meta {name} ({name}_A || {name}_B)",
        ]
    if condition.predicate is not None or condition.part not in _PARTS:
        return None
    if _FOREIGN.search(condition.pattern) or not condition.pattern.isprintable():
        return None
    pattern = _delimited(condition.pattern)
    if condition.part == "headers":
        # ALL has the headers with their folds; ours are one line each.
        pattern = pattern.replace("\\z", "\\s*\\z")
    lines = [_PARTS[condition.part].format(name=name, pattern=pattern)]
    if condition.part == "visible":
        # What SpamAssassin calls the body begins with the subject.
        lines.append(f"tflags {name} nosubject")
    return lines


def _literal(text: str) -> str:
    return _delimited(re.sub(r"([^A-Za-z0-9 ])", r"\\\1", text))


def _delimited(pattern: str) -> str:
    r"""Return a pattern in which neither a slash nor a number sign ends anything.

    Examples
    --------
    >>> _delimited("a/b \\/ #")
    'a\\/b \\/ \\#'
    """
    escaped = re.sub(r"\\.|[/#]", lambda met: met[0] if len(met[0]) > 1 else f"\\{met[0]}", pattern)
    # Such letters make a variable of what follows, in Perl.
    return re.sub(r"\\.|@", lambda met: met[0] if len(met[0]) > 1 else "\\@", escaped)

"""Rules as a Sieve script, which a mail server runs when a mail is delivered."""

from __future__ import annotations

from chaffinch.rules.export.written import Written, comment, said_left_out
from chaffinch.rules.plain import Plain, plain_of
from chaffinch.rules.rule import Rule, RuleSet

_HEAD = """\
# Rules of Chaffinch for mail, as a Sieve script (RFC 5228).
# What one of them fits goes to the mailbox {mailbox}; change it below as you like.
"""
# How each extension is needed for: RFC 5173, RFC 5703.
_NEEDS = {"contains": "body", "number": "body", "type": "mime", "ending": "mime"}
_DIGITS = "0123456789"


def export(rules: RuleSet, *, least: float, mailbox: str = "Junk") -> Written:
    """Return the rules of a set that Sieve can say, as a script.

    Sieve adds no weights up, so only rules are written of which one alone is enough, and whose
    conditions need no patterns. Words in texts are looked for in the text of the body (``body
    :text``), links in its source.

    Parameters
    ----------
    rules : RuleSet
        The rules.
    least : float
        Log-odds from which a mail is junk: what a rule and the intercept must reach.
    mailbox : str
        Where junk goes.
    """
    written: list[tuple[Rule, list[Plain]]] = []
    left_out: list[tuple[Rule, str]] = []
    for rule in rules.rules:
        plains = [plain for one in rule.conditions if (plain := plain_of(one)) is not None]
        if rule.weight < 0:
            left_out.append((rule, "it speaks for ham, and Sieve adds nothing up"))
        elif rules.intercept + rule.weight < least:
            left_out.append((rule, "it is too weak alone, and Sieve adds nothing up"))
        elif len(plains) < len(rule.conditions):
            left_out.append((rule, "it takes a pattern, a predicate or a fact"))
        else:
            written.append((rule, plains))
    needed = {"fileinto"} | {
        _NEEDS[plain.kind]
        for _, plains in written
        for plain in plains
        if plain.kind in _NEEDS and plain.where != "subject"
    }
    lines = [_HEAD.format(mailbox=comment(mailbox))]
    lines.append(f"require [{', '.join(map(_quoted, sorted(needed)))}];")
    for rule, plains in written:
        lines += [
            "",
            f"# {comment(rule.name, 80)}: {comment(rule.description)}",
            f"if allof ({_joined(plains)}) {{",
            f"    fileinto {_quoted(mailbox)};",
            "    stop;",
            "}",
        ]
    lines += said_left_out(tuple(left_out))
    return Written("\n".join(lines) + "\n", tuple(rule for rule, _ in written), tuple(left_out))


def _joined(plains: list[Plain]) -> str:
    tests = [f"not {_test(plain)}" if plain.negated else _test(plain) for plain in plains]
    # Of one test allof would do as well, and some servers warn.
    return ",\n          ".join(tests)


def _test(plain: Plain) -> str:
    text = _quoted(plain.text)
    if plain.kind == "contains":
        if plain.where == "subject":
            return f'header :contains "subject" {text}'
        place = ":text" if plain.where == "visible" else ':content "text"'
        return f"body {place} :contains {text}"
    if plain.kind == "number":
        numbers = ", ".join(_quoted(f"://{digit}") for digit in _DIGITS)
        return f'body :content "text" :contains [{numbers}]'
    if plain.kind == "header":
        return f"header :contains {_quoted(plain.where)} {text}"
    if plain.kind == "there":
        return f"exists {_quoted(plain.where)}"
    if plain.kind == "type":
        return f'header :mime :anychild :contenttype :is "content-type" {text}'
    names = '["content-disposition", "content-type"]'
    ending = _quoted(f"*.{plain.text}")
    return f'header :mime :anychild :param ["filename", "name"] :matches {names} {ending}'


def _quoted(text: str) -> str:
    # RFC 5228, section 2.4.2: only these two are special in a quoted string.
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

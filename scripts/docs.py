"""Write the generated pages of docs/ from code and results, or check that they are current."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import typer.main

from chaffinch import errors
from chaffinch.cli import app
from chaffinch.rules.files import RuleFiles
from chaffinch.rules.local import load_rules
from chaffinch.servers.imap.accounts import ACCOUNT
from chaffinch.settings import SETTINGS
from chaffinch.tasks import mail
from chaffinch.tasks.mail.parts import RULE_PARTS

DOCS = Path(__file__).parent.parent / "docs"
RESULTS = DOCS.parent / "benchmarks" / "results"
FILTER_CODES = (
    "`chaffinch filter` exits with 0 whenever the mail was passed on, judged or not, with 75 if it "
    "was not, and with bogofilter's codes under `--bogofilter-codes`. Where standard input is a "
    "folder Python ends with 1, before anything of ours runs."
)
PRECEDENCE = (
    "A setting is read from its environment variable, else from `settings.toml` in the home "
    "folder, else its default holds.\n"
)
ABOUT_MAILBOXES = """\
[`chaffinch imap`](recipes/imap.md) guards each mailbox that has a table in `settings.toml`, under a
name of your choice:

```toml
[imap.home]
host = "imap.example.org"
user = "you@example.org"
```
"""
EXAMPLE = "Example: "
# Examples that tests/docs cannot run: they go on for ever, ask a person, or need what only that
# person has, or a network.
UNRUN = (
    "--watch",
    " serve",
    " imap",
    " watch ",
    "--answer",
    " review ",
    "ffmpeg ",
    " NAME",
    "get mnist",
    "mnist:",
)
GENERATED = "<!-- Written by `make docs` from the code: change it there. -->\n"
ABOUT_RULES = """\
{rules} rules; where none fits, the log-odds of spam are {intercept:g}. [Rules](rules.md) says how
to change them and how to write more.

A rule's *catch* is the share of spam that it fits, its *false alarms* the share of ham, on the
{spam:,} spam and {ham:,} ham of the SpamAssassin corpus (`benchmarks/accuracy/rules.py`). All
together they take {ham_lost_percent:.2f}% of the ham for spam and miss {spam_missed_percent:.2f}%
of the spam, with a 1-ROCA of {one_minus_roca_percent:.2f}%. The rules were written while looking at
these mails of 2002 and 2003, so the numbers flatter them; and what came up later, such as false
parcel notices and mail that confirms an order, is weighed by what is known of it, not by
these mails.

On the visible text of Enron's mails ({other[n]:,}, no headers), for which no rule was written and
only a few weights were lowered, they take {other[ham_lost_percent]:.2f}% of the ham for spam and
miss {other[spam_missed_percent]:.2f}% of the spam, with a 1-ROCA of
{other[one_minus_roca_percent]:.2f}%. That is what rules are like: they know what their writers
looked at.
"""


def cli() -> str:
    """Return the page of the command line."""
    lines = [GENERATED, "# Command line\n"]
    lines += ["Every verb that reports takes `--json`. `chaffinch VERB --help` says the same.\n"]
    for path, command in _commands("chaffinch", typer.main.get_command(app)):
        lines += _verb(path, command)
    lines += ["## Exit codes\n", "| code | meaning |", "| --- | --- |", "| 0 | all is well |"]
    kinds: list[type[errors.ChaffinchError]] = [errors.ChaffinchError]
    kinds += errors.ChaffinchError.__subclasses__()
    lines += [f"| {kind.exit_code} | {kind.meaning} |" for kind in kinds]
    lines += [
        "| 130 | interrupted from the keyboard; what was stored stays stored |",
        "",
        FILTER_CODES,
    ]
    return "\n".join(lines) + "\n"


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from _commands(f"{path} {name}", child)


def _verb(path: str, command: Any) -> list[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    names = " ".join(_argument(one) for one in arguments)
    told = (command.help or "").strip().split("\n\n")
    examples = [one.removeprefix(EXAMPLE) for one in told if one.startswith(EXAMPLE)]
    lines = [f"## {path}\n", f"```text\n{path} {names} [OPTIONS]\n```\n".replace("  ", " ")]
    lines += [f"{part}\n" for part in told if part and not part.startswith(EXAMPLE)]
    for unrun, some in groupby(examples, key=lambda one: any(what in one for what in UNRUN)):
        lines.append("\n".join(["```sh unrun" if unrun else "```sh", *some, "```\n"]))
    rows = [(f"`{_argument(one)}`", one.help or "") for one in arguments]
    rows += [(f"`{', '.join(one.opts)}`", one.help or "") for one in options]
    lines += ["| argument or option | meaning |", "| --- | --- |"]
    lines += [
        f"| {name} | {' '.join(text.split())} |".replace("PATH|", "PATH\\|")
        for name, text in rows
        if name != "`--help`"
    ]
    return [*lines, ""]


def _argument(argument: Any) -> str:
    name = str(argument.metavar or argument.name.upper())
    return name if argument.required or name.startswith("[") else f"[{name}]"


def settings() -> str:
    """Return the page of the settings."""
    lines = [
        GENERATED,
        "# Settings\n",
        PRECEDENCE,
        "| name | environment | default | what it does |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{one.name}` | `{one.variable}` | {one.default or 'none'} | {one.help} |"
        for one in SETTINGS
    ]
    lines += ["", "## Mailboxes\n", ABOUT_MAILBOXES, "| name | default | what it does |"]
    lines.append("| --- | --- | --- |")
    lines += [f"| `{one.name}` | {one.default or 'none'} | {one.help} |" for one in ACCOUNT]
    return "\n".join(lines) + "\n"


def rules() -> str:
    """Return the page of the rules for mail that ship, with what was measured of them."""
    shipped = load_rules(RuleFiles(Path(mail.__file__).parent), RULE_PARTS)
    measured = json.loads((RESULTS / "mail_rules.json").read_text(encoding="utf-8"))
    data = {key: measured["data"][key] for key in ("spam", "ham")}
    together = measured["together"]
    lines = [
        GENERATED,
        "# The rules for mail that ship\n",
        ABOUT_RULES.format(
            rules=len(shipped.rules),
            intercept=shipped.intercept,
            other=measured["elsewhere"],
            **data,
            **together,
        ),
        "| rule | what it looks for | part | weight | catch % | false alarms % |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    for rule in shipped.rules:
        found = measured["rules"].get(rule.name)
        shares = (
            [f"{found[key]:.2f}" for key in ("catch_percent", "false_alarms_percent")]
            if found
            else ["", ""]
        )
        parts = ", ".join(dict.fromkeys(one.part for one in rule.conditions))
        cells = [f"`{rule.name}`", rule.description, parts, f"{rule.weight:+g}", *shares]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the pages, or with --check return 1 if one is not current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    check = parser.parse_args().check
    stale = []
    pages = (("cli.md", cli()), ("settings.md", settings()), ("rules_table.md", rules()))
    for name, text in pages:
        path = DOCS / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"not current: {', '.join(stale)}: run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The command line: one file a group of verbs; heavy imports wait until a verb needs them."""

from __future__ import annotations

import errno
import sys
from itertools import chain
from typing import Any

import typer
from typer.core import TyperGroup

from chaffinch.cli import (
    adapt,
    ask,
    compare,
    data,
    diary,
    explain,
    flag,
    forget,
    imap,
    judge,
    learn,
    listen,
    measure,
    models,
    review,
    rules,
    serve,
    store,
    study,
    watch,
)
from chaffinch.errors import ChaffinchError, StorageError, UsageError

# What people take for a verb, and what it is.
_MEANT = {
    "undo": "`chaffinch flag TASK LABEL ITEM --undo` takes a flag back",
    "rollback": "`chaffinch launch TASK --rollback` brings back the model before",
}


class _Verbs(TyperGroup):
    """The verbs, and what to say where something else was meant."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the verb that was given, as any group does."""
        if args and args[0] in _MEANT:
            raise UsageError(f"there is no verb {args[0]}: {_MEANT[args[0]]}")
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="chaffinch",
    cls=_Verbs,
    help="Learns to sort what comes in from the flags people give it, and keeps learning.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(study.study)
app.command()(learn.learn)
app.command()(judge.predict)
app.command()(listen.listen)
app.command(name="filter", cls=judge.FilterCommand)(judge.filter_mail)
app.command()(flag.flag)
app.command()(review.review)
app.command()(measure.evaluate)
app.command()(compare.compare)
app.command()(explain.explain)
app.command()(ask.ask)
app.command()(diary.diary)
app.command()(models.launch)
app.command()(forget.forget)
app.command()(adapt.adapt)
app.command()(serve.serve)
app.command()(imap.imap)
app.command()(watch.watch)
app.command()(store.export)
app.command()(store.verify)
app.add_typer(rules.app, name="rules")
app.add_typer(data.app, name="data")


def _unfolded(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


# Each paragraph in one line, which a terminal folds as wide as it is.
for _one in chain(*(one.registered_commands for one in (app, rules.app, data.app))):
    _one.help = _unfolded(_one.help or (_one.callback and _one.callback.__doc__) or "")


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if version:
        from chaffinch import __version__

        print(f"chaffinch {__version__}")
        raise typer.Exit
    from chaffinch.settings import misspelt_variables

    for warning in misspelt_variables():
        print(f"chaffinch: warning: {warning}", file=sys.stderr)


def run() -> int:
    """Run the command line; return its exit code.

    An error that a person can act on is one line on stderr and a code of docs/cli.md.
    """
    try:
        app(standalone_mode=True)
    except ChaffinchError as error:
        return _report(error)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _report(
                StorageError(
                    f"no space left while writing {error.filename or 'output'}"
                    ": free some space and try again"
                )
            )
        raise
    return 0


def _report(error: ChaffinchError) -> int:
    print(f"chaffinch: {error}", file=sys.stderr)
    return error.exit_code

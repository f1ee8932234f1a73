"""Shows what is found in mailboxes, and what was done there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from chaffinch.cli.common import console
from chaffinch.cli.tables import row, say
from chaffinch.explain.readable import counted, printable
from chaffinch.servers.guard.guard import Done

if TYPE_CHECKING:
    from chaffinch.errors import ChaffinchError
    from chaffinch.servers.imap.accounts import Account
    from chaffinch.servers.imap.check import Found

_NAMES = 12


def show_found(account: Account, found: Found | None, trouble: ChaffinchError | None) -> None:
    """Show what is found in an account, and what would happen there."""
    out = console()
    out.print(f"{account.name}: {printable(str(account))}, {account.security}", markup=False)
    if found is None:
        row("trouble", str(trouble))
        return
    row("judges", _names([*found.judged, *(f"{name} (missing)" for name in found.missing)]))
    named = f"{printable(account.junk)} (missing)" if account.junk else ""
    row("junk", _names(found.junk) or named or "no folder for it: make one, or name one as junk")
    row("trash", _names(found.trash) or "none")
    row("sent", _names(found.sent) or "none: answers are told by their mark alone")
    row("watches", counted(found.others, "other folder"))
    row("waits", "is told at once" if found.tells else f"asks every {account.every} seconds")
    row("moves by", found.moves)
    if found.junk and found.log_only:
        said = "only writes down what would be junk; log_only = false moves it"
    elif found.junk:
        said = f"moves new junk to {printable(found.junk[0])}"
    else:
        said = "moves nothing, as there is no folder for junk"
    owner = f" as {printable(account.owner)}" if account.owner else ""
    row("so it", f"{said}; learns{owner} from what you move and answer")


def show_done(done: dict[str, Done]) -> None:
    """Show what was done in each account; where nothing was, to a person alone, not to cron."""
    for name, one in done.items():
        if one == Done() and not sys.stdout.isatty():
            continue
        told = [f"{counted(one.judged, 'mail')} judged"]
        if one.would_move:
            told.append(f"{one.would_move:,} would be moved to junk (log_only)")
        if one.moved:
            told.append(f"{one.moved:,} moved to junk")
        if one.spam or one.ham:
            told.append(f"{one.spam:,} learned as spam and {one.ham:,} as ham")
        say(f"{name}: {', '.join(told)}.")
        if one.trouble is not None:
            say(f"{name}: not done: {one.trouble}")


def _names(names: list[str]) -> str:
    shown = [printable(name) for name in names[:_NAMES]]
    more = [f"and {len(names) - _NAMES:,} more"] if len(names) > _NAMES else []
    return ", ".join(shown + more)

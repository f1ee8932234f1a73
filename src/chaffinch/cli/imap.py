"""The verb that guards mailboxes on servers of others: imap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import Json, print_json
from chaffinch.errors import ChaffinchError, InputError, UsageError

if TYPE_CHECKING:
    from chaffinch.servers.imap.accounts import Account

Once = Annotated[
    bool, typer.Option("--once", help="Look once and return, as for cron, and do not wait.")
]
Backlog = Annotated[
    int,
    typer.Option(
        "--backlog",
        help="Judge the newest mails of each folder, too, that were there before: so many.",
        min=0,
        max=50_000,
        metavar="N",
    ),
]


def imap(
    account: Annotated[
        list[str] | None,
        typer.Option(
            "--account", help="An account of the settings; all by default.", metavar="NAME"
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Log in, say what is found and what would happen, and do nothing."
        ),
    ] = False,
    once: Once = False,
    backlog: Backlog = 0,
    json: Json = False,
) -> None:
    """Guard mailboxes on IMAP servers: judge new mail, move junk, learn from what you move.

    The settings name the accounts. Until log_only = false is written there nothing is moved: the
    log and the diary tell what would be. Mail moved into the junk folder, or a folder inside of it,
    is flagged spam; mail moved out of it to any folder but the trash is flagged ham, and so is mail
    that is answered. Deleting teaches nothing. What was in a folder when it was first seen is left
    as it is.

    The log, a line of JSON for each mail and each failure, goes to stderr and holds no text of any
    mail. SIGTERM and Ctrl-C stop it when what was begun is done.

    Example: chaffinch imap --check

    Example: chaffinch imap --once --backlog 100
    """
    from chaffinch.servers.imap.accounts import read_accounts
    from chaffinch.servers.imap.source import guard
    from chaffinch.settings import SETTINGS, home_folder, read_settings

    if json and not (check or once):
        raise UsageError("--json tells what was done when it is done: add --once or --check")
    home = home_folder()
    default = {one.name: one.parse(one.default) for one in SETTINGS if one.name == "largest_mail"}
    largest = (default | read_settings(home))["largest_mail"] << 20
    accounts = read_accounts(home, largest, account or ())
    if check:
        _check(accounts, json=json)
        return
    done = guard(home, accounts, once=once, backlog=backlog)
    if not once:
        return
    from chaffinch.cli.show_imap import show_done

    if json:
        print_json({name: one.as_json() for name, one in done.items()})
    else:
        show_done(done)
    _exit_with([one.trouble for one in done.values()])


def _check(accounts: list[Account], *, json: bool) -> None:
    from chaffinch.cli.show_imap import show_found
    from chaffinch.servers.imap.check import Found, look

    troubles: list[ChaffinchError | None] = []
    told: dict[str, Found | None] = {}
    for one in accounts:
        try:
            found = told[one.name] = look(one)
            lacks = found.missing or (one.junk and not found.junk)
            # What is shown says which.
            troubles.append(InputError("a folder is missing") if lacks else None)
        except ChaffinchError as error:
            if len(accounts) == 1:
                raise
            told[one.name] = None
            troubles.append(error)
        if not json:
            show_found(one, told[one.name], troubles[-1])
    if json:
        print_json(
            {
                name: found.as_json() if found else {"trouble": str(trouble)}
                for (name, found), trouble in zip(told.items(), troubles, strict=True)
            }
        )
    _exit_with(troubles)


def _exit_with(troubles: list[ChaffinchError | None]) -> None:
    """Exit with the code of the first that went wrong; what is wrong was told."""
    for trouble in troubles:
        if trouble is not None:
            raise typer.Exit(trouble.exit_code)

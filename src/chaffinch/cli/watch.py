"""The verb that guards a Maildir: watch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chaffinch.cli.common import Json, Owner, print_json
from chaffinch.cli.imap import Backlog, Once
from chaffinch.errors import UsageError


def watch(
    maildir: Annotated[
        Path, typer.Argument(help="The folder that holds new, cur and tmp.", metavar="MAILDIR")
    ],
    move: Annotated[
        bool,
        typer.Option(
            "--move", help="Move junk; without it is only written down what would be moved."
        ),
    ] = False,
    junk: Annotated[
        str,
        typer.Option(
            "--junk",
            help="The folder for junk, without its dot; by default the one called Junk or Spam.",
            metavar="FOLDER",
        ),
    ] = "",
    folder: Annotated[
        list[str] | None,
        typer.Option(
            "--folder",
            help="A folder whose new mail is judged; by default INBOX.",
            metavar="FOLDER",
        ),
    ] = None,
    once: Once = False,
    backlog: Backlog = 0,
    owner: Owner = "",
    json: Json = False,
) -> None:
    """Guard a Maildir on this machine: judge new mail, move junk, learn from what you move.

    Folders inside of it are those of Maildir++, such as .Junk, which has to be there. Nothing is
    moved without --move: the log and the diary tell what would be. Mail moved into the junk folder,
    or a folder inside of it, by whichever program, is flagged spam; mail moved out of it to any
    folder but the trash is flagged ham, and so is mail that is answered. Deleting teaches nothing.
    What was in a folder when it was first seen is left as it is.

    The log, a line of JSON for each mail and each failure, goes to stderr and holds no text of any
    mail. SIGTERM and Ctrl-C stop it when what was begun is done; whatever comes between, no mail is
    lost, and it goes on where it was.

    Example: chaffinch watch ~/Maildir

    Example: chaffinch watch ~/Maildir --move
    """
    from chaffinch.servers.guard.run import guard_all
    from chaffinch.servers.maildir.source import Maildir, MaildirSource, opened
    from chaffinch.settings import SETTINGS, home_folder, read_settings

    if json and not once:
        raise UsageError("--json tells what was done when it is done: add --once")
    home = home_folder()
    default = {one.name: one.parse(one.default) for one in SETTINGS if one.name == "largest_mail"}
    largest = (default | read_settings(home))["largest_mail"] << 20
    account = Maildir(
        maildir.resolve(),
        largest,
        owner=owner,
        folders=tuple(folder or ("INBOX",)),
        junk=junk.removeprefix("."),
        log_only=not move,
    )
    # What is no Maildir is told before anything is begun.
    MaildirSource(account)
    done = guard_all(home, [account], opened, "watch", once=once, backlog=backlog)
    if not once:
        return
    from chaffinch.cli.show_imap import show_done

    if json:
        print_json(done[account.name].as_json())
    else:
        show_done({str(maildir): done[account.name]})
    trouble = done[account.name].trouble
    if trouble is not None:
        raise typer.Exit(trouble.exit_code)

"""The verb that stands in the mail's way: serve."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    check: Annotated[
        bool,
        typer.Option("--check", help="Read the settings, say what they open, and open nothing."),
    ] = False,
) -> None:
    """Open doors for mail programs, as the settings say, and keep them open.

    The setting spamd says where spamc and its kin find the protocol of SpamAssassin's spamd, milter
    where Postfix and Sendmail find a milter, and smtp and lmtp where mail comes in on its way to
    next_hop. What is flagged or launched meanwhile counts within a second. The log, a line of JSON
    for each mail and each failure, goes to stderr and holds no text of any mail. A setting that no
    open door reads is warned of. SIGTERM and Ctrl-C stop it: who waits already is let in, nobody
    else, and all have 20 seconds to finish. SIGHUP does nothing, as settings are read once.

    Example: chaffinch serve --check
    """
    from chaffinch.servers.serve import Plan
    from chaffinch.servers.serve import serve as open_doors
    from chaffinch.settings import home_folder

    if check:
        plan = Plan.read(home_folder())
        typer.echo("\n".join(plan.told()))
        for why in plan.unread.values():
            typer.echo(f"chaffinch: warning: {why}", err=True)
    else:
        open_doors(home_folder())

"""The verb that stands in the mail's way: serve."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffinch.cli.common import note


def serve(
    check: Annotated[
        bool,
        typer.Option("--check", help="Read the settings, say what they decide, and open nothing."),
    ] = False,
) -> None:
    """Open doors for mail programs, as the settings say, and keep them open.

    The setting spamd says where spamc and its kin find the protocol of SpamAssassin's spamd, milter
    where Postfix and Sendmail find a milter, and smtp and lmtp where mail comes in on its way to
    next_hop. What is flagged or launched meanwhile counts within a second. The log, a line of JSON
    for each mail and each failure, goes to stderr and holds no text of any mail. A setting that no
    open door reads is warned of. SIGTERM and Ctrl-C stop it: who waits already is let in, nobody
    else, and all have 20 seconds to finish. SIGHUP has the settings read again: where serve could
    do what they say, new processes take over, and those before serve whom they have let in to the
    end; else the log says why not and nothing changes.

    With --check it is refused what serve would refuse, but for an address that is in use: there
    serve itself may run. A model that cannot be loaded is warned of.

    Example: chaffinch serve --check
    """
    from chaffinch.settings import home_folder

    if not check:
        from chaffinch.servers.serve import serve as open_doors

        open_doors(home_folder())
        return
    from chaffinch.cli.show_serve import show_plan
    from chaffinch.errors import ChaffinchError
    from chaffinch.predictor import Predictor
    from chaffinch.servers.plan import ANYBODY, Plan

    plan = Plan.read(home_folder())
    show_plan(plan)
    try:
        Predictor.load("mail", home=plan.home).close()
    except ChaffinchError as error:
        note(f"warning: nothing can be judged: {error}")
    for why in plan.unread.values():
        note(f"warning: {why}")
    for door, address in plan.taught_by_anybody:
        note(f"warning: {door.name} = {address}: {ANYBODY}")

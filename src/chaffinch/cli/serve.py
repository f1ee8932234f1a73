"""The verb that stands in the mail's way: serve."""

from __future__ import annotations


def serve() -> None:
    """Open doors for mail programs, as the settings say, and keep them open.

    The setting spamd says where spamc and its kin find the protocol of SpamAssassin's spamd, milter
    where Postfix and Sendmail find a milter, and smtp and lmtp where mail comes in on its way to
    next_hop. What is flagged or launched meanwhile counts within a second. The log, a line of JSON
    for each mail and each failure, goes to stderr and holds no text of any mail. SIGTERM and Ctrl-C
    stop it when begun connections are served.

    Example: chaffinch serve
    """
    from chaffinch.servers.serve import serve as open_doors
    from chaffinch.settings import home_folder

    open_doors(home_folder())

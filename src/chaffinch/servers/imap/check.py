"""Says what is found in an account, and what would happen there; changes nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from chaffinch.servers.guard.roles import junk_folder, roles_of
from chaffinch.servers.imap.accounts import Account
from chaffinch.servers.imap.session import Session


@dataclass(frozen=True, slots=True)
class Found:
    """What is found in an account.

    Parameters
    ----------
    judged : list of str
        The folders whose new mail is judged.
    missing : list of str
        Those that are to be, and are not there.
    junk : list of str
        The folder for junk first, then those inside of it.
    trash, sent : list of str
        The others that mean something to the guard.
    others : int
        How many more are watched for what is moved to them.
    moves : str
        How the server moves mail: ``"MOVE"``, ``"COPY and UID EXPUNGE"``, ``"COPY and EXPUNGE"``.
    tells : bool
        Whether it tells at once what happens.
    log_only : bool
        Whether nothing is moved.
    """

    judged: list[str]
    missing: list[str]
    junk: list[str]
    trash: list[str]
    sent: list[str]
    others: int
    moves: str
    tells: bool
    log_only: bool

    def as_json(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return asdict(self)


def look(account: Account) -> Found:
    """Log in and return what is found.

    Raises
    ------
    ChaffinchError
        If that fails.
    """
    with Session(account) as session:
        listed = session.folders()
        roles = roles_of(listed, account.junk, account.folders)
        moves = "COPY and UID EXPUNGE" if session.has_uidplus else "COPY and EXPUNGE"
        if session.has_move:
            moves = "MOVE"
        tells = session.has_idle
    judged = [name for name in account.folders if roles.get(name) == "kept"]
    junk = junk_folder(listed, account.junk)
    of = {kind: [name for name, role in roles.items() if role == kind] for kind in roles.values()}
    return Found(
        judged,
        [name for name in account.folders if name not in judged],
        [junk, *(name for name in of.get("junk", []) if name != junk)] if junk else [],
        of.get("trash", []),
        of.get("sent", []),
        len(of.get("kept", [])) - len(judged),
        moves,
        tells,
        account.log_only,
    )

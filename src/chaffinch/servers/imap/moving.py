"""Moves mail to junk so that nothing is lost, and no move of ours is ever taken for a person's.

That a mail is about to be moved is written down first, and crossed out when it has been: whatever
comes between, the next look finds what was begun, and settles it by where the mail is.
"""

from __future__ import annotations

from chaffinch.experience.mailbox import Folder, Place
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.servers.guard.source import RefusedError
from chaffinch.servers.imap.session import Session
from chaffinch.servers.log import say


def move_to_junk(session: Session, mailboxes: Mailboxes, place: Place, junk: str) -> None:
    """Move a mail to the folder for junk.

    Raises
    ------
    RefusedError
        If the server does not move it: it is where it was.
    ServerError
        If the connection is lost; `settle_moves` finds out what was done.
    """
    account = session.account.name
    mailboxes.begin_move(account, place)
    try:
        session.open(place.folder)
        if session.has_move:
            session.move(place.uid, junk)
            mailboxes.finish_move(account, place)
            return
        _copy(session, place, junk)
    except RefusedError:
        mailboxes.give_up_move(account, place)
        raise
    _take_out(session, mailboxes, place)


def settle_moves(session: Session, mailboxes: Mailboxes) -> None:
    """Settle what was begun and not finished, after a look at all folders.

    Where the mail is where it was and nowhere in junk, it was not moved, and is judged again. Where
    it is in both, its copy is there and only the original has to go. Where it is not where it was,
    it was moved, whatever a person did with it since.
    """
    account = session.account.name
    for begun in mailboxes.moves(account):
        places = mailboxes.places(account, begun.key)
        source = [one for one in places if (one.folder.id, one.uid) == (begun.folder.id, begun.uid)]
        in_junk = any(one.folder.role == "junk" and not one.deleted for one in places)
        if source and in_junk:
            session.open(source[0].folder)
            _take_out(session, mailboxes, source[0])
        elif source and not source[0].deleted:
            mailboxes.give_up_move(account, begun)
        else:
            mailboxes.finish_move(account, begun, left=bool(source))
        say("move settled", account=account, moved=not source or in_junk)


def _copy(session: Session, place: Place, junk: str) -> None:
    """Copy a mail to junk, and make sure that it is there before anything is taken away."""
    target = session.status(Folder(junk, "junk"))
    session.open(place.folder)
    session.copy(place.uid, junk)
    session.look(target)
    fresh = [uid for uid in session.search("UID", f"{target.uidnext}:*") if uid >= target.uidnext]
    if not any(one.sighting.key == place.key for one in session.glimpses(sorted(fresh))):
        raise RefusedError(f"account {session.account.name}: a copied mail is not in {junk}")
    session.open(place.folder)


def _take_out(session: Session, mailboxes: Mailboxes, place: Place) -> None:
    gone = session.remove(place.uid)
    mailboxes.finish_move(session.account.name, place, left=not gone)

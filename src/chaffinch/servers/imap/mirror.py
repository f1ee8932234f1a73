"""Brings what is known of an account's folders to what the server says they hold."""

from __future__ import annotations

from dataclasses import replace

from chaffinch.experience.mailbox import Changes, Folder, Role, Sighting
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.explain.readable import printable
from chaffinch.servers.guard.roles import junk_folder, roles_of
from chaffinch.servers.guard.source import RefusedError, Swept
from chaffinch.servers.imap.answers import Glimpse, all_of
from chaffinch.servers.imap.session import Session
from chaffinch.servers.log import say

# Mails of a folder that are looked at when it is seen first: the newest.
_MOST = 50_000


def sweep(session: Session, mailboxes: Mailboxes) -> Swept:
    """Look at all folders of an account and write down what has changed.

    What a folder holds when it is seen first is taken as it is. A folder whose numbers mean other
    mails, or that goes by another name, is known again by the mails in it.

    Raises
    ------
    ServerError
        If the connection is lost; the next look goes on where this one was.
    """
    account = session.account
    listed = session.folders()
    roles = roles_of(listed, account.junk, account.folders)
    known = {one.name: one for one in mailboxes.folders(account.name)}
    new = [name for name in roles if name not in known]
    # What may go by another name now.
    lost = [one for one in known.values() if one.name not in roles]
    if new:
        lost += [one for one in known.values() if one.name in roles and _is_other(session, one)]
    folders = []
    for name in (*new, *(name for name in roles if name in known)):
        role = roles[name]
        try:
            before = known.get(name)
            if before is None:
                folders.append(_first(session, mailboxes, Folder(name, role), known, lost))
            else:
                folders.append(_again(session, mailboxes, before, role))
        except RefusedError as error:
            if name == "INBOX":
                raise
            say("folder left out", level="warning", account=account.name, reason=str(error))
    for folder in lost:
        if folder.name not in roles:
            mailboxes.drop(account.name, folder)
    return Swept(folders, junk_folder(listed, account.junk))


def look_again(session: Session, mailboxes: Mailboxes, swept: Swept) -> None:
    """Look at the folder for junk after mail was moved there, so that it is known where it is."""
    for folder in swept.folders:
        if folder.name == swept.junk:
            _again(session, mailboxes, folder, folder.role)


def _is_other(session: Session, folder: Folder) -> bool:
    try:
        return session.status(folder).uidvalidity != folder.uidvalidity
    except RefusedError:
        return False


def _first(
    session: Session,
    mailboxes: Mailboxes,
    folder: Folder,
    known: dict[str, Folder],
    lost: list[Folder],
) -> Folder:
    """Look at a folder that was not there before, or went by another name."""
    account = session.account
    now = session.look(folder)
    added = _all(session, now)
    keys = {one.key for one in added}
    for other in lost:
        inside = set(mailboxes.uids(other.id).values())
        # Most of what the other held: it is the same folder.
        if inside and 2 * len(inside & keys) >= len(inside):
            lost.remove(other)
            # Another one may have its name now.
            del known[other.name]
            mailboxes.rename(account.name, other, folder.name, folder.role)
            judged = _is_judged(session, folder)
            changes = Changes(added, again=True, judged=judged, belongs=True)
            say(
                "folder renamed",
                account=account.name,
                folder=printable(folder.name),
                before=printable(other.name),
            )
            return mailboxes.note(account.name, replace(now, id=other.id), changes)
    say(
        "folder first seen",
        account=account.name,
        folder=printable(folder.name),
        role=folder.role,
        mails=now.messages,
    )
    return mailboxes.note(account.name, now, Changes(added, first=True))


def _again(session: Session, mailboxes: Mailboxes, before: Folder, role: Role) -> Folder:
    """Look at what has changed in a folder since it was seen last."""
    account = session.account.name
    belongs = before.role != role
    if belongs:
        before = mailboxes.rename(account, before, before.name, role)
    now = session.status(before)
    judged = _is_judged(session, before)
    # A server that numbers no changes does not tell that a mail was answered, or marked as deleted.
    if now == before and (now.modseq or not (judged or role == "junk")):
        return before
    now = session.look(before)
    if now.uidvalidity != before.uidvalidity or now.uidnext < before.uidnext:
        say("folder renumbered", account=account, folder=printable(before.name))
        changes = Changes(_all(session, now), again=True, judged=judged, belongs=belongs)
        return mailboxes.note(account, now, changes)
    glimpses: list[Glimpse] = []
    if now.uidnext > before.uidnext:
        fresh = session.search("UID", f"{before.uidnext}:*")
        # The last mail is in every range that has no end.
        uids = sorted(uid for uid in fresh if before.uidnext <= uid < now.uidnext)
        glimpses = list(session.glimpses(uids))
    if role == "sent":
        # Before it is noted that they were seen: seen twice does no harm.
        mailboxes.answer(account, {id_ for one in glimpses for id_ in one.answers})
    gone: set[int] = set()
    inside: dict[int, str] = {}
    if now.messages != before.messages + len(glimpses) or not now.modseq:
        inside = mailboxes.uids(before.id)
    if inside and now.messages != before.messages + len(glimpses):
        gone = set(inside) - session.search("UID", all_of(inside))
    deleted, restored, answered = _marks(session, before, now, set(inside) - gone)
    changes = Changes(
        [one.sighting for one in glimpses],
        gone,
        deleted,
        restored,
        answered if role == "kept" else (),
        judged=judged,
        belongs=belongs,
    )
    return mailboxes.note(account, now, changes)


def _marks(
    session: Session, before: Folder, now: Folder, inside: set[int]
) -> tuple[set[int], set[int], set[int]]:
    """Return which mails are marked as deleted, which not any more, and which as answered."""
    if before.modseq and now.modseq:
        if now.modseq == before.modseq:
            return set(), set(), set()
        since = ("MODSEQ", str(before.modseq + 1))
        deleted = session.search(*since, "DELETED")
        return deleted, session.search(*since, "UNDELETED"), session.search(*since, "ANSWERED")
    if not inside:
        return set(), set(), set()
    among = ("UID", all_of(inside))
    deleted = session.search(*among, "DELETED")
    return deleted, inside - deleted, session.search(*among, "ANSWERED")


def _all(session: Session, now: Folder) -> list[Sighting]:
    # What has come in since is new at the next look.
    uids = sorted(uid for uid in session.search("ALL") if uid < now.uidnext)[-_MOST:]
    return [one.sighting for one in session.glimpses(uids)]


def _is_judged(session: Session, folder: Folder) -> bool:
    return folder.role == "kept" and folder.name in session.account.folders

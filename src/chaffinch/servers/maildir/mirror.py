"""Brings what is known of a Maildir to what is in its folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaffinch.experience.mailbox import Changes, Folder, Role
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.explain.readable import printable
from chaffinch.servers.guard.roles import junk_folder, roles_of
from chaffinch.servers.guard.source import Swept
from chaffinch.servers.log import say
from chaffinch.servers.maildir.folders import INBOX, File, Seen, files_of, folders_of, path_of

if TYPE_CHECKING:
    from chaffinch.servers.maildir.source import MaildirSource


def sweep(source: MaildirSource, mailboxes: Mailboxes) -> Swept:
    """Look at all folders of a Maildir and write down what has changed.

    What a folder holds when it is seen first is taken as it is. One that goes by another name is
    known again by the mails in it.

    Raises
    ------
    OSError
        If the Maildir cannot be read.
    """
    account = source.account
    listed = folders_of(account.root)
    roles = roles_of(listed, account.junk, account.folders)
    known = {one.name: one for one in mailboxes.folders(account.name)}
    lost = [one for one in known.values() if one.name not in roles]
    folders = []
    for name in sorted(roles, key=known.__contains__):
        try:
            if name in known:
                folder = _again(source, mailboxes, known[name], roles[name])
            else:
                folder = _first(source, mailboxes, Folder(name, roles[name]), lost)
        except OSError as error:
            if name == INBOX:
                raise
            say("folder left out", level="warning", account=account.name, reason=error.strerror)
            continue
        folders.append(folder)
    for folder in lost:
        mailboxes.drop(account.name, folder)
        source.seen.pop(folder.name, None)
    return Swept(folders, junk_folder(listed, account.junk))


def look_again(source: MaildirSource, mailboxes: Mailboxes, swept: Swept) -> None:
    """Look at the folder for junk after mail was moved there, so that it is known where it is."""
    for folder in swept.folders:
        if folder.name == swept.junk:
            _again(source, mailboxes, folder, folder.role)


def _first(
    source: MaildirSource, mailboxes: Mailboxes, folder: Folder, lost: list[Folder]
) -> Folder:
    """Look at a folder that was not there before, or went by another name."""
    account = source.account.name
    files = _looked(source, folder.name)
    # All of them: what is not known then would be taken for new at the next look.
    added = [sighting for sighting, _ in source.sightings(folder, files)]
    for other in lost:
        inside = mailboxes.uids(other.id)
        # Most of what the other held: it is the same folder.
        if inside and 2 * len(inside.keys() & files.keys()) >= len(inside):
            lost.remove(other)
            renamed = mailboxes.rename(account, other, folder.name, folder.role)
            source.seen.pop(folder.name)
            return _again(source, mailboxes, renamed, renamed.role)
    say(
        "folder first seen",
        account=account,
        folder=printable(folder.name),
        role=folder.role,
        mails=len(files),
    )
    return mailboxes.note(account, folder, Changes(added, first=True))


def _again(source: MaildirSource, mailboxes: Mailboxes, before: Folder, role: Role) -> Folder:
    """Look at what has changed in a folder since it was seen last."""
    account = source.account.name
    belongs = before.role != role
    if belongs:
        before = mailboxes.rename(account, before, before.name, role)
    if not (belongs or source.is_changed(before.name)):
        return before
    # Marks may have changed before this was started: then all are written down once.
    seen = source.seen.get(before.name, Seen()).files
    files = _looked(source, before.name)
    inside = mailboxes.uids(before.id)
    sighted = source.sightings(before, [uid for uid in files if uid not in inside])
    if role == "sent":
        # Before it is noted that they were seen: seen twice does no harm.
        mailboxes.answer(account, {id_ for _, answers in sighted for id_ in answers})
    stayed = inside.keys() & files.keys()
    changed = {uid for uid in stayed if seen.get(uid) != files[uid]}
    changes = Changes(
        [sighting for sighting, _ in sighted],
        inside.keys() - files.keys(),
        {uid for uid in changed if "T" in files[uid].flags},
        {uid for uid in changed if "T" not in files[uid].flags},
        {uid for uid in changed if "R" in files[uid].flags} if role == "kept" else (),
        judged=role == "kept" and before.name in source.account.folders,
        belongs=belongs,
    )
    return mailboxes.note(account, before, changes)


def _looked(source: MaildirSource, name: str) -> dict[int, File]:
    """Return what is in a folder, and remember it together with when that was."""
    # Before the look: what comes in meanwhile is looked at again.
    stamp = source.stamp(name)
    files = files_of(path_of(source.account.root, name))
    source.seen[name] = Seen(stamp, files)
    return files

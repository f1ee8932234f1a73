"""Which folder is for what: as the settings say, else the server, else its name."""

from __future__ import annotations

from collections.abc import Sequence

from chaffinch.experience.mailbox import Role
from chaffinch.servers.guard.source import Listed

# By RFC 6154: views of what is elsewhere, and what is not mail yet.
_LEFT_OUT = {"\\all", "\\drafts", "\\flagged", "\\important"}
_NAMES: dict[Role, tuple[str, ...]] = {
    "junk": ("junk", "spam", "junk e-mail", "junk email", "bulk mail"),
    "trash": ("trash", "deleted items", "deleted messages", "bin"),
    "sent": ("sent", "sent items", "sent messages", "sent mail"),
}
_MOST = 500


def junk_folder(listed: Sequence[Listed], named: str) -> str:
    """Return the folder for junk; empty where there is none.

    Parameters
    ----------
    listed : sequence of Listed
        The folders there are.
    named : str
        The one that the settings name; empty where they do not.

    Examples
    --------
    >>> listed = [Listed("INBOX", frozenset(), "/"), Listed("Spam", frozenset(), "/")]
    >>> junk_folder(listed, "")
    'Spam'
    >>> junk_folder(listed, "Junk")
    ''
    """
    if named:
        return named if any(one.name == named for one in listed) else ""
    return _folder_for("junk", listed)


def roles_of(listed: Sequence[Listed], named: str, wanted: Sequence[str] = ()) -> dict[str, Role]:
    """Return what each folder is to the guard; those that it has no business in are left out.

    Of more than 500 folders the others are left out, too.

    Parameters
    ----------
    listed : sequence of Listed
        The folders there are.
    named : str
        The folder for junk that the settings name; empty where they do not.
    wanted : sequence of str
        Folders that are never among those others.
    """
    special: dict[Role, str] = {
        "junk": junk_folder(listed, named),
        "trash": _folder_for("trash", listed),
        "sent": _folder_for("sent", listed),
    }
    roles: dict[str, Role] = {}
    # First what the guard cannot do without.
    first = ("INBOX", *special.values(), *wanted)
    for one in sorted(listed, key=lambda one: one.name not in first)[:_MOST]:
        if one.attributes & _LEFT_OUT:
            continue
        roles[one.name] = "kept"
        for role, name in special.items():
            # What is inside of the trash is trash, and what is inside of junk is junk.
            if name and (
                one.name == name
                or (role != "sent" and one.delimiter and one.name.startswith(name + one.delimiter))
            ):
                roles[one.name] = role
    return roles


def _folder_for(role: Role, listed: Sequence[Listed]) -> str:
    for one in listed:
        if f"\\{role}" in one.attributes:
            return one.name
    for wanted in _NAMES[role]:
        for one in listed:
            last = one.name.rpartition(one.delimiter)[2] if one.delimiter else one.name
            if last.lower() == wanted:
                return one.name
    return ""

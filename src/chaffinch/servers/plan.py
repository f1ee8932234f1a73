"""What the settings say is to be served: all that `serve` needs, and `serve --check` shows."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaffinch.errors import UsageError
from chaffinch.experience.store import check_owner
from chaffinch.servers.access import Access, Address, Network, reached_by_all
from chaffinch.servers.dkim import Signatures
from chaffinch.servers.door import Door
from chaffinch.servers.milter import Milter
from chaffinch.servers.next_hop import NextHop
from chaffinch.servers.proxy import Lmtp, Proxy, Smtp
from chaffinch.servers.sockets import look_at
from chaffinch.servers.spamd import Spamd
from chaffinch.settings import AT_UNIX, OVER_TCP, SETTINGS, read_settings

#: What is wrong where anybody may teach.
ANYBODY = (
    'users = "believed", and whoever reaches it, as every user of this machine does, may come in '
    'and teach for anybody: listen only at unix:/PATH with socket_mode = "660", in a folder of '
    'mode 2750 and of the group that may, or set users = "checked"'
)
#: The doors there are; the setting of a door's name says where it listens.
DOORS: tuple[type[Door], ...] = (Spamd, Milter, Smtp, Lmtp)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the settings say is to be served.

    Parameters
    ----------
    home : Path
        The folder of the installation.
    doors : list of (Door, Address)
        Which doors listen where.
    access : Access
        Who may come in.
    mode : int
        The mode of UNIX sockets.
    workers : int
        How many processes judge.
    largest : int
        Bytes that a mail may have.
    monitor : list of Address
        Where it is told how they are.
    signatures : Signatures or None
        What verifies DKIM signatures, where that is asked for.
    reasons : str
        Of which mail headers tell why.
    log_only : bool
        Whether everything is delivered whatever the verdict.
    believed : tuple of str
        Under which names results of SPF, DKIM and DMARC are believed.
    busy : dict of Address to str
        Where nobody could listen just now, and why.
    unread : dict of str to str
        Which settings make no difference to what is opened, and why.
    """

    home: Path
    doors: list[tuple[Door, Address]]
    access: Access
    mode: int
    workers: int
    largest: int
    monitor: list[Address]
    signatures: Signatures | None
    reasons: str
    log_only: bool
    believed: tuple[str, ...]
    busy: dict[Address, str]
    unread: dict[str, str]

    @property
    def places(self) -> list[tuple[str, Address]]:
        """All that is listened at, each with the setting that names it."""
        doors = [(door.name, address) for door, address in self.doors]
        return doors + [("monitor", address) for address in self.monitor]

    @property
    def taught_by_anybody(self) -> list[tuple[Door, Address]]:
        """Where every user of this machine may teach for every other."""
        if self.access.users != "believed":
            return []
        # Of all doors that of spamd alone learns.
        return [
            (door, address)
            for door, address in self.doors
            if isinstance(door, Spamd) and reached_by_all(address, self.mode)
        ]

    @classmethod
    def read(cls, home: Path) -> Plan:
        """Return what the settings of a home folder say, where all of it could be done.

        Raises
        ------
        UsageError
            If they cannot be read, open no door, open one further than may be, or one where nobody
            can ever listen.
        UnavailableError
            If nobody can listen at an address now.
        StorageError
            If the home folder is somebody else's and we are root.
        """
        check_owner(home)
        settings = {one.name: one.parse(one.default) for one in SETTINGS if one.default}
        written = read_settings(home)
        settings |= written
        doors = [
            (door.of(settings), address)
            for door in DOORS
            for address in _addresses(door.name, settings.get(door.name, []))
        ]
        if not doors:
            names = ", ".join(door.name for door in DOORS)
            raise UsageError(
                f"no door is to be opened: say where one of them listens ({names}) in "
                f'{home / "settings.toml"}, as in spamd = "127.0.0.1:783"'
            )
        for door, _ in doors:
            if isinstance(door, Proxy):
                _no_circle(door.next_hop, doors)
        monitor = _addresses("monitor", settings.get("monitor", []))
        for address in monitor:
            if address.path or not address.is_local:
                raise UsageError(f"monitor = {address}: it listens on loopback: 127.0.0.1:PORT")
        access = Access(_networks(settings.get("allow", [])), settings["users"])
        plan = cls(
            home,
            doors,
            access,
            settings["socket_mode"],
            settings["workers"],
            settings["largest_mail"] << 20,
            monitor,
            Signatures.wanted(settings),
            settings["reasons"],
            settings["log_only"],
            tuple(settings.get("authserv_id", ())),
            {},
            unread(written, {word for one in doors for word in _known_as(*one)}),
        )
        plan.busy.update(look_at(plan.places, access))
        if plan.log_only and any(decided(door).get("junk", "tag") != "tag" for door, _ in doors):
            plan.unread["junk"] = (
                f'junk = "{settings["junk"]}" has no effect, as log_only = true delivers everything'
            )
        return plan


def decided(door: Door) -> dict[str, str]:
    """Return by setting what a door does with mail."""
    names = ("junk", "unjudged", "next_hop")
    return {name: str(getattr(door, name)) for name in names if hasattr(door, name)}


def unread(values: Mapping[str, Any], opened: Collection[str]) -> dict[str, str]:
    """Return which settings make no difference to `serve`, and why.

    Parameters
    ----------
    values : mapping
        What is set, by name.
    opened : collection of str
        The doors that are open, as `Setting.read_by` tells them.

    Examples
    --------
    >>> unread({"next_hop": "smtp:127.0.0.1:10026"}, {"spamd", OVER_TCP})["next_hop"]
    'next_hop has no effect, as no door that reads it is open: smtp, lmtp'
    >>> unread({"next_hop": "smtp:127.0.0.1:10026"}, {"smtp", OVER_TCP})
    {}
    """
    return {
        one.name: f"{one.name} has no effect, as no door that reads it is open: "
        + ", ".join(one.read_by)
        for one in SETTINGS
        if one.name in values
        and one.read_by
        and not any(door in opened for door in one.read_by)
        # Who writes down what is so without it misses nothing.
        and values[one.name] != one.parse(one.default)
    }


def _known_as(door: Door, address: Address) -> tuple[str, str]:
    return door.name, AT_UNIX if address.path else OVER_TCP


def _addresses(name: str, words: list[str]) -> list[Address]:
    found = []
    for word in words:
        try:
            found.append(Address.parse(word))
        except ValueError as error:
            if word.startswith("inet:"):
                raise UsageError(
                    f"{name} = {word} is no address: write it without inet:, as in "
                    f"{word.removeprefix('inet:')}"
                ) from error
            raise UsageError(
                f"{name} = {word} is no address: write it like 127.0.0.1:783, [::1]:783 or "
                "unix:/run/chaffinch/spamd.sock"
            ) from error
    return found


def _no_circle(next_hop: NextHop, doors: list[tuple[Door, Address]]) -> None:
    for door, address in doors:
        if next_hop.is_at(address):
            raise UsageError(
                f"next_hop = {next_hop} is where the door {door.name} listens, and mail would go "
                "round for ever: name who takes it from there"
            )


def _networks(words: list[str]) -> tuple[Network, ...]:
    found: list[Network] = []
    for word in words:
        try:
            found.append(ipaddress.ip_network(word))
        except ValueError as error:
            raise UsageError(
                f"allow = {word} is no network ({error}): write it like 192.0.2.0/24"
            ) from error
    return tuple(found)

"""The sockets of a plan, kept from one plan to the next."""

from __future__ import annotations

import socket
from pathlib import Path

from chaffinch.errors import ChaffinchError
from chaffinch.servers.access import Address
from chaffinch.servers.entrance import refuse_new
from chaffinch.servers.plan import Plan
from chaffinch.servers.sockets import file_of, open_socket, remove_file

_Place = tuple[str, Address]


class Listening:
    """The sockets that are listened at: one for each place of a plan."""

    def __init__(self) -> None:
        self._open: dict[_Place, socket.socket] = {}
        # Whose file is gone, or is another's, is not found by clients any more.
        self._files: dict[_Place, tuple[int, int] | None] = {}

    def at(self, name: str, address: Address) -> socket.socket:
        """Return the one of a place."""
        return self._open[_place(name, address)]

    def follow(self, plan: Plan) -> None:
        """Listen wherever a plan says and nowhere else; where that fails all is as it was."""
        new: dict[_Place, socket.socket] = {}
        found = {place for place, one in self._open.items() if self._has_file(place, one)}
        try:
            for name, address in plan.places:
                if _place(name, address) not in found:
                    new[_place(name, address)] = open_socket(name, address, plan.mode)
            for _, address in found:
                if address.path:
                    Path(address.path).chmod(plan.mode)
        except (ChaffinchError, OSError):
            for one in new.values():
                _end(one)
            raise
        found &= {_place(*one) for one in plan.places}
        for place, one in self._open.items():
            if place not in found:
                _end(one, with_file=self._has_file(place, one))
        self._open = {place: one for place, one in self._open.items() if place in found} | new
        self._files = {place: file_of(one) for place, one in self._open.items()}

    def close(self) -> None:
        """Listen nowhere; processes that share them can still let in who waits."""
        for place, one in self._open.items():
            _end(one, with_file=self._has_file(place, one))
        self._open = {}

    def _has_file(self, place: _Place, one: socket.socket) -> bool:
        return file_of(one) == self._files[place]


def _place(name: str, address: Address) -> _Place:
    """Return by what a socket is known; one whose port the system chose is its door's alone."""
    return ("" if address.path or address.port else name), address


def _end(listening: socket.socket, *, with_file: bool = True) -> None:
    refuse_new(listening)
    if with_file:
        remove_file(listening)
    listening.close()

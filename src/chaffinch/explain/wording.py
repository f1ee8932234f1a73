"""How a task's parts are told to people: what a task says of them, beside its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

#: Turns the words of a part into what each of them says; what says the same is one reason.
Tell = Callable[[Sequence[str]], Sequence[str]]


@dataclass(frozen=True)
class Wording:
    """What people call the parts of an item.

    Parameters
    ----------
    names : mapping of str to str
        What a part is called, where that is not its own name; of a named line, such as a header,
        the name in small letters stands for the part.
    prose : collection of str
        Named lines whose words are shown as those of a text, never the line as one.
    tell : mapping of str to callable
        For a part that is no text: what each of its words says.
    sender : tuple of str
        The parts of the task's vocabulary that tell who sent an item.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    prose: frozenset[str] = frozenset()
    tell: Mapping[str, Tell] = field(default_factory=dict)
    sender: tuple[str, ...] = ()


def tell_links(links: Sequence[str]) -> list[str]:
    """Return links as people know them by: the host, and the beginning of the path.

    Examples
    --------
    >>> tell_links(["http://a.example/offers/today/cheap/17?id=5", "b.example"])
    ['http://a.example/offers/today/…', 'b.example']
    """
    return [_short(link) for link in links]


def _short(link: str) -> str:
    scheme, slashes, rest = link.rpartition("://") if "://" in link[:12] else ("", "", link)
    place, mark, _ = rest.replace("#", "?").partition("?")
    host, *path = place.split("/")
    kept = [host[-_LONGEST_HOST:] if len(host) > _LONGEST_HOST else host, *path[:2]]
    whole = len(path) <= _STEPS and not mark and len(host) <= _LONGEST_HOST
    short = scheme + slashes + "/".join(step[:_LONGEST_STEP] for step in kept)
    if whole and max(map(len, path), default=0) <= _LONGEST_STEP:
        return short
    return short.rstrip("/") + ("…" if len(path) <= _STEPS else "/…")


_LONGEST_HOST, _LONGEST_STEP, _STEPS = 40, 40, 2

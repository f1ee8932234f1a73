"""Which text of a page a person can see, from what its elements and style sheets say of looks."""

from __future__ import annotations

from collections.abc import Iterable

from chaffinch.compiled import or_compiled
from chaffinch.readers.html.elements import TABLE_PARTS, WALLS
from chaffinch.readers.html.looks import NO_CHANGE, Change, Look, change_look, same_colour
from chaffinch.readers.html.stylesheet import change_of
from chaffinch.readers.html.tags import Tag

_LINK = Change(ink=0x0000EE)
_MOST_COLOURS = 400
#: Elements remembered to be open; half of them are forgotten at one more.
MOST_OPEN = 128


def may_hide(tags: Iterable[Tag], rules: dict[str, Change]) -> bool:
    """Tell whether any text among these tags can be hidden; a quick look that spares most pages."""
    changes = [tag.change for tag in tags if tag.change is not NO_CHANGE]
    changes += rules.values()
    if not changes:
        return False
    if any(change.gone or change.unseen or change.tiny for change in changes):
        return True
    inks = {change.ink for change in changes if change.ink is not None} | {Look().ink}
    papers = {change.paper for change in changes if change.paper is not None} | {Look().paper}
    if len(inks) * len(papers) > _MOST_COLOURS:
        return True
    return any(same_colour(ink, paper) for ink in inks for paper in papers)


def paint(tags: list[Tag], texts: list[str], rules: dict[str, Change]) -> tuple[str, str]:
    """Part the text of a page into what is seen and what is hidden.

    Parameters
    ----------
    tags : list of Tag
        The page's tags.
    texts : list of str
        The text behind each.
    rules : dict of str to Change
        The style sheets' rules, by selector.

    Returns
    -------
    (str, str)
        The text seen and the text hidden, with what stands in each tag's place.
    """
    visible: list[str] = []
    hidden: list[str] = []
    places = _Places(rules)
    paint_on(visible, hidden, tags, texts, places)
    places.part()
    return "".join(visible), "".join(hidden)


@or_compiled("chaffinch.readers.html._kernel")
def paint_on(
    visible: list[str], hidden: list[str], tags: list[Tag], texts: list[str], places: _Places
) -> None:
    """Write each text, and what stands in each tag's place, where it belongs."""
    # The open elements, innermost last; the first stands for the page, so that one always is.
    names = [""]
    place = places.of(Look())
    # How many elements those stand in that changed the look, innermost last, and the place outside
    # of each.
    changed_at = 0
    outer: list[tuple[int, _Place]] = []
    ruled = places.ruled
    write = visible.append
    for tag, text in zip(tags, texts, strict=True):
        name = tag.name
        if tag.ends:
            if name == names[-1]:
                names.pop()
            elif name in names:
                unwind(names, name)
        elif name:
            while names[-1] in tag.closes:
                names.pop()
        if len(names) <= changed_at:
            while len(names) <= changed_at:
                changed_at, place = outer.pop()
            write = (hidden if place.hidden else visible).append
        if name and not tag.ends:
            new = place
            if tag.change is not NO_CHANGE or ruled or (place.hidden and tag.targets):
                new = place.inside.get(tag) or places.learn(place, tag)
            if tag.void:
                (hidden if new.hidden else visible).append(tag.mark)
                write(text)
                continue
            if new is not place:
                outer.append((changed_at, place))
                changed_at = len(names)
                place = new
                write = (hidden if place.hidden else visible).append
            names.append(name)
            if len(names) > MOST_OPEN:
                changed_at = forget(names, changed_at, outer)
        write(tag.mark + text)


def unwind(names: list[str], name: str) -> None:
    """Close the innermost open element of this name, unless a wall stands before it."""
    for place in range(len(names) - 1, -1, -1):
        if names[place] == name:
            del names[place:]
            return
        if names[place] in WALLS and name not in TABLE_PARTS:
            return


def forget(names: list[str], changed_at: int, outer: list[tuple[int, _Place]]) -> int:
    """Take the outermost elements for never to be closed; what they look like stays."""
    count = MOST_OPEN // 2
    del names[1 : count + 1]
    outer[:] = [(max(0, at - count), place) for at, place in outer]
    # Of those that are never gone back to, only the innermost is needed.
    last = sum(at == 0 for at, _ in outer) - 1
    del outer[: max(0, last)]
    return max(0, changed_at - count)


class _Place:
    """Where text looks one way: how, whether that hides it, and the places known inside of it."""

    __slots__ = ("hidden", "inside", "look")

    def __init__(self, look: Look) -> None:
        self.look = look
        self.hidden = look.hidden
        self.inside: dict[Tag, _Place] = {}


class _Places:
    """One place for each look on a page, and how a tag leads from one to another, told once."""

    def __init__(self, rules: dict[str, Change]) -> None:
        self.ruled = bool(rules)
        self._rules = rules
        self._known: dict[Look, _Place] = {}
        self._changes: dict[Tag, Change] = {}

    def of(self, look: Look) -> _Place:
        """Return the place of a look."""
        place = self._known.get(look)
        if place is None:
            place = self._known[look] = _Place(look)
        return place

    def learn(self, place: _Place, tag: Tag) -> _Place:
        """Return the place inside of an element that begins in another."""
        change = self._change_of(tag) if self.ruled else tag.change
        look = place.look if change is NO_CHANGE else change_look(place.look, change)
        if look.hidden and tag.name == "a" and tag.targets and change.ink is None:
            # A link does not take on the colour of the text around it.
            look = change_look(look, _LINK)
        new = place.inside[tag] = self.of(look)
        return new

    def part(self) -> None:
        """Part the places, which hold each other, so that they go when the page does."""
        for place in self._known.values():
            place.inside.clear()

    def _change_of(self, tag: Tag) -> Change:
        change = self._changes.get(tag)
        if change is None:
            change = self._changes[tag] = change_of(tag, self._rules)
        return change

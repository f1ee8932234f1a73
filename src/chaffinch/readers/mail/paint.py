"""Which text of a page a person can see, from what its elements and style sheets say of looks."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, pairwise

from chaffinch.readers.mail.looks import NO_CHANGE, Change, Look, same_colour
from chaffinch.readers.mail.stylesheet import change_of
from chaffinch.readers.mail.tags import TABLE_PARTS, WALLS, Tag

_LINK_INK = 0x0000EE
_MOST_OPEN = 128
_MOST_COLOURS = 400


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
    canvas = _Canvas(rules)
    canvas.paint(tags, _telling(tags, rules))
    # What stands in a tag's place, then the text behind it, for one tag after another.
    marks = [tag.mark for tag in tags]
    pieces = list(chain.from_iterable(zip(marks, texts, strict=True)))
    edges = [0, *canvas.turns, len(pieces)]
    runs = ["".join(pieces[start:end]) for start, end in pairwise(edges)]
    return "".join(runs[::2]), "".join(runs[1::2])


def _telling(tags: list[Tag], rules: dict[str, Change]) -> list[int]:
    """Return the places of the tags that say something about looks, or where such elements end."""
    changing = {tag for tag in set(tags) if tag.change is not NO_CHANGE}
    if rules or any(tag.change.gone or tag.change.unseen or tag.change.tiny for tag in changing):
        return [place for place, tag in enumerate(tags) if tag.name]
    # Colours alone: most pages have some, so that the other elements in a line are left out here.
    names = {tag.name for tag in changing} | {"a"}
    return [place for place, tag in enumerate(tags) if tag.block or tag.name in names]


class _Canvas:
    """The elements that are open, and how text looks inside of them."""

    def __init__(self, rules: dict[str, Change]) -> None:
        #: Where hidden text begins and ends in turns: twice a tag's place, and one behind the tag.
        self.turns: list[int] = []
        self._rules = rules
        # Innermost last; the first stands for the page, so that there always is one.
        self._names = [""]
        self._look = Look()
        # How many elements those stand in that changed the look, innermost last, and the look
        # outside of each.
        self._changed_at = 0
        self._outer: list[tuple[int, Look]] = []
        self._changes: dict[Tag, Change] = {}
        self._known: dict[tuple[Look, Tag], Look] = {}

    def paint(self, tags: list[Tag], places: list[int]) -> None:
        """Go through the tags at these places."""
        names, turns, rules = self._names, self.turns, self._rules
        hidden = False
        for place in places:
            tag = tags[place]
            name = tag.name
            if tag.ends:
                if name == names[-1]:
                    names.pop()
                elif name in names:
                    self._unwind(name)
                if len(names) <= self._changed_at:
                    self._restore()
            else:
                if names[-1] in tag.closes:
                    self._close_for(tag)
                look = self._look
                if tag.change is not NO_CHANGE or rules or (look.hidden and tag.targets):
                    look = self._look_of(tag)
                if tag.void:
                    if look.hidden is not hidden:
                        turns += (2 * place, 2 * place + 1)
                    continue
                if look is not self._look:
                    self._outer.append((self._changed_at, self._look))
                    self._changed_at = len(names)
                    self._look = look
                names.append(name)
                if len(names) > _MOST_OPEN:
                    self._forget(_MOST_OPEN // 2)
            if self._look.hidden is not hidden:
                hidden = not hidden
                turns.append(2 * place)

    def _restore(self) -> None:
        """Look as before the elements that are open no more."""
        while len(self._names) <= self._changed_at:
            self._changed_at, self._look = self._outer.pop()

    def _look_of(self, tag: Tag) -> Look:
        key = (self._look, tag)
        look = self._known.get(key)
        if look is None:
            change = self._change_by(tag)
            look = self._known[key] = self._look if change is NO_CHANGE else change.on(self._look)
        return look

    def _change_by(self, tag: Tag) -> Change:
        change = self._changes.get(tag)
        if change is None:
            change = change_of(tag, self._rules) if self._rules else tag.change
            if tag.name == "a" and tag.targets and change.ink is None:
                # A link does not take on the colour of the text around it.
                change = change._replace(ink=_LINK_INK)
            self._changes[tag] = change
        return change

    def _close_for(self, tag: Tag) -> None:
        """End the elements that a start tag cannot stand in."""
        while self._names[-1] in tag.closes:
            self._names.pop()
        self._restore()

    def _unwind(self, name: str) -> None:
        """Close the innermost open element of this name, unless a wall stands before it."""
        for place in range(len(self._names) - 1, -1, -1):
            if self._names[place] == name:
                del self._names[place:]
                return
            if self._names[place] in WALLS and name not in TABLE_PARTS:
                return

    def _forget(self, count: int) -> None:
        """Take the outermost elements for never to be closed; what they look like stays."""
        del self._names[1 : count + 1]
        self._changed_at = max(0, self._changed_at - count)
        outer = [(max(0, place - count), look) for place, look in self._outer]
        # Of those that are never gone back to, only the innermost is needed.
        last = sum(place == 0 for place, _ in outer) - 1
        self._outer = outer[max(0, last) :]

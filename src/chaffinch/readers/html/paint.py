"""Which text of a page a person can see, from what its elements and style sheets say of looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chaffinch.readers.html.looks import NO_CHANGE, Change, Look, change_look, same_colour
from chaffinch.readers.html.stylesheet import change_of
from chaffinch.readers.html.tags import TABLE_PARTS, WALLS, Tag

_LINK = Change(ink=0x0000EE)
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
    canvas.paint(tags, texts)
    return "".join(canvas.visible), "".join(canvas.hidden)


class _Canvas:
    """The elements that are open, and how text looks inside of them."""

    def __init__(self, rules: dict[str, Change]) -> None:
        self.visible: list[str] = []
        self.hidden: list[str] = []
        self._rules = rules
        # The open elements, innermost last; the first stands for the page, so that one always is.
        self._names = [""]
        self._look = Look()
        # How many elements those stand in that changed the look, innermost last, and the look
        # outside of each.
        self._changed_at = 0
        self._outer: list[tuple[int, Look]] = []
        self._changes: dict[Tag, Change] = {}

    def paint(self, tags: list[Tag], texts: list[str]) -> None:
        """Write each text, and what stands in each tag's place, where it belongs."""
        names = self._names
        write = self.visible.append
        for tag, text in zip(tags, texts, strict=True):
            name = tag.name
            if tag.ends:
                if name == names[-1]:
                    names.pop()
                elif name in names:
                    self._unwind(name)
                if len(names) <= self._changed_at:
                    write = self._restore()
            elif name:
                if names[-1] in tag.closes:
                    write = self._close_for(tag)
                look = self._look
                if tag.change is not NO_CHANGE or self._rules or (look.hidden and tag.targets):
                    look = self._look_of(tag)
                if tag.void:
                    (self.hidden if look.hidden else self.visible).append(tag.mark)
                    write(text)
                    continue
                if look != self._look:
                    write = self._change(look)
                names.append(name)
                if len(names) > _MOST_OPEN:
                    self._forget(_MOST_OPEN // 2)
            write(tag.mark + text)

    def _change(self, look: Look) -> Callable[[str], None]:
        """Look like this until the element that begins here ends."""
        self._outer.append((self._changed_at, self._look))
        self._changed_at = len(self._names)
        return self._wear(look)

    def _wear(self, look: Look) -> Callable[[str], None]:
        """Look like this from here on; return what writes text that does."""
        self._look = look
        return (self.hidden if look.hidden else self.visible).append

    def _restore(self) -> Callable[[str], None]:
        """Look as before the elements that are open no more."""
        look = self._look
        while len(self._names) <= self._changed_at:
            self._changed_at, look = self._outer.pop()
        return self._wear(look)

    def _look_of(self, tag: Tag) -> Look:
        change = self._change_of(tag) if self._rules else tag.change
        look = self._look if change is NO_CHANGE else change_look(self._look, change)
        if look.hidden and tag.name == "a" and tag.targets and change.ink is None:
            # A link does not take on the colour of the text around it.
            return change_look(look, _LINK)
        return look

    def _change_of(self, tag: Tag) -> Change:
        change = self._changes.get(tag)
        if change is None:
            change = self._changes[tag] = change_of(tag, self._rules)
        return change

    def _close_for(self, tag: Tag) -> Callable[[str], None]:
        """End the elements that a start tag cannot stand in."""
        while self._names[-1] in tag.closes:
            self._names.pop()
        return self._restore()

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

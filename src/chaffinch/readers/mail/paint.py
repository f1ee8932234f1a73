"""Which text of a page a person can see, from what its elements and style sheets say of looks."""

from __future__ import annotations

from collections.abc import Iterable

from chaffinch.compiled import or_compiled
from chaffinch.readers.mail.looks import NO_CHANGE, Change, Look, change_look, same_colour
from chaffinch.readers.mail.stylesheet import change_of
from chaffinch.readers.mail.tags import TABLE_PARTS, WALLS, Tag

_LINK = Change(ink=0x0000EE)
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
    paint_on(canvas, tags, texts)
    return "".join(canvas.visible), "".join(canvas.hidden)


@or_compiled("chaffinch.readers.mail._kernel")
def paint_on(canvas: _Canvas, tags: list[Tag], texts: list[str]) -> None:
    """Write each text, and what stands in each tag's place, where it belongs."""
    names = canvas.names
    write = canvas.page().append
    for tag, text in zip(tags, texts, strict=True):
        name = tag.name
        if tag.ends:
            if name == names[-1]:
                names.pop()
            elif name in names:
                canvas.unwind(name)
            if len(names) <= canvas.changed_at:
                canvas.restore()
                write = canvas.page().append
        elif name:
            if names[-1] in tag.closes:
                canvas.close_for(tag)
                write = canvas.page().append
            look = canvas.look
            if tag.change is not NO_CHANGE or canvas.rules or (look.hidden and tag.targets):
                look = canvas.look_of(tag)
            if tag.void:
                (canvas.hidden if look.hidden else canvas.visible).append(tag.mark)
                write(text)
                continue
            if look != canvas.look:
                canvas.change(look)
                write = canvas.page().append
            names.append(name)
            if len(names) > canvas.MOST_OPEN:
                canvas.forget()
        write(tag.mark + text)


class _Canvas:
    """The elements that are open, and how text looks inside of them."""

    MOST_OPEN = 128

    def __init__(self, rules: dict[str, Change]) -> None:
        self.visible: list[str] = []
        self.hidden: list[str] = []
        self.rules = rules
        # The open elements, innermost last; the first stands for the page, so that one always is.
        self.names = [""]
        self.look = Look()
        # How many elements those stand in that changed the look, innermost last, and the look
        # outside of each.
        self.changed_at = 0
        self._outer: list[tuple[int, Look]] = []
        self._changes: dict[Tag, Change] = {}

    def page(self) -> list[str]:
        """Return where text goes that looks as it does now."""
        return self.hidden if self.look.hidden else self.visible

    def change(self, look: Look) -> None:
        """Look like this until the element that begins here ends."""
        self._outer.append((self.changed_at, self.look))
        self.changed_at = len(self.names)
        self.look = look

    def restore(self) -> None:
        """Look as before the elements that are open no more."""
        while len(self.names) <= self.changed_at:
            self.changed_at, self.look = self._outer.pop()

    def look_of(self, tag: Tag) -> Look:
        """Return how text looks inside of an element that begins here."""
        change = self._change_of(tag) if self.rules else tag.change
        look = self.look if change is NO_CHANGE else change_look(self.look, change)
        if look.hidden and tag.name == "a" and tag.targets and change.ink is None:
            # A link does not take on the colour of the text around it.
            return change_look(look, _LINK)
        return look

    def _change_of(self, tag: Tag) -> Change:
        change = self._changes.get(tag)
        if change is None:
            change = self._changes[tag] = change_of(tag, self.rules)
        return change

    def close_for(self, tag: Tag) -> None:
        """End the elements that a start tag cannot stand in."""
        while self.names[-1] in tag.closes:
            self.names.pop()
        self.restore()

    def unwind(self, name: str) -> None:
        """Close the innermost open element of this name, unless a wall stands before it."""
        for place in range(len(self.names) - 1, -1, -1):
            if self.names[place] == name:
                del self.names[place:]
                return
            if self.names[place] in WALLS and name not in TABLE_PARTS:
                return

    def forget(self) -> None:
        """Take the outermost elements for never to be closed; what they look like stays."""
        count = self.MOST_OPEN // 2
        del self.names[1 : count + 1]
        self.changed_at = max(0, self.changed_at - count)
        outer = [(max(0, place - count), look) for place, look in self._outer]
        # Of those that are never gone back to, only the innermost is needed.
        last = sum(place == 0 for place, _ in outer) - 1
        self._outer = outer[max(0, last) :]

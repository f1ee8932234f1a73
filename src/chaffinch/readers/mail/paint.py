"""Which text of a page a person can see, from what its elements and style sheets say of looks."""

from __future__ import annotations

from collections.abc import Iterable

from chaffinch.compiled import or_compiled
from chaffinch.readers.mail.elements import TABLE_PARTS, WALLS
from chaffinch.readers.mail.looks import NO_CHANGE, Change, Look, change_look, same_colour
from chaffinch.readers.mail.stylesheet import change_of
from chaffinch.readers.mail.tags import Tag

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
    paint_on(visible, hidden, tags, texts, _Looks(rules))
    return "".join(visible), "".join(hidden)


@or_compiled("chaffinch.readers.mail._kernel")
def paint_on(
    visible: list[str], hidden: list[str], tags: list[Tag], texts: list[str], looks: _Looks
) -> None:
    """Write each text, and what stands in each tag's place, where it belongs."""
    # The open elements, innermost last; the first stands for the page, so that one always is.
    names = [""]
    look, inside = Look(), looks.inside(Look())
    # How many elements those stand in that changed the look, innermost last, and the look outside
    # of each.
    changed_at = 0
    outer: list[tuple[int, Look]] = []
    ruled = looks.ruled
    write = visible.append
    for tag, text in zip(tags, texts, strict=True):
        name = tag.name
        new = look
        if tag.ends:
            if name == names[-1]:
                names.pop()
            elif name in names:
                unwind(names, name)
        elif name:
            while names[-1] in tag.closes:
                names.pop()
        while len(names) <= changed_at:
            changed_at, new = outer.pop()
        if new is not look:
            look, inside = new, looks.inside(new)
            write = (hidden if look.hidden else visible).append
        if name and not tag.ends:
            if tag.change is not NO_CHANGE or ruled or (look.hidden and tag.targets):
                new = inside.get(tag) or looks.learn(look, tag)
            if tag.void:
                (hidden if new.hidden else visible).append(tag.mark)
                write(text)
                continue
            if new != look:
                outer.append((changed_at, look))
                changed_at = len(names)
                look, inside = new, looks.inside(new)
                write = (hidden if look.hidden else visible).append
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


def forget(names: list[str], changed_at: int, outer: list[tuple[int, Look]]) -> int:
    """Take the outermost elements for never to be closed; what they look like stays."""
    count = MOST_OPEN // 2
    del names[1 : count + 1]
    outer[:] = [(max(0, place - count), look) for place, look in outer]
    # Of those that are never gone back to, only the innermost is needed.
    last = sum(place == 0 for place, _ in outer) - 1
    del outer[: max(0, last)]
    return max(0, changed_at - count)


class _Looks:
    """How text looks inside of elements, told once of each tag in each look around it."""

    def __init__(self, rules: dict[str, Change]) -> None:
        self.ruled = bool(rules)
        self._rules = rules
        self._inside: dict[Look, dict[Tag, Look]] = {}
        self._changes: dict[Tag, Change] = {}

    def inside(self, look: Look) -> dict[Tag, Look]:
        """Return what was learned of tags where text looks like this."""
        return self._inside.setdefault(look, {})

    def learn(self, look: Look, tag: Tag) -> Look:
        """Return how text looks inside of an element that begins where it looks like this."""
        change = self._change_of(tag) if self.ruled else tag.change
        new = look if change is NO_CHANGE else change_look(look, change)
        if new.hidden and tag.name == "a" and tag.targets and change.ink is None:
            # A link does not take on the colour of the text around it.
            new = change_look(new, _LINK)
        self.inside(look)[tag] = new
        return new

    def _change_of(self, tag: Tag) -> Change:
        change = self._changes.get(tag)
        if change is None:
            change = self._changes[tag] = change_of(tag, self._rules)
        return change

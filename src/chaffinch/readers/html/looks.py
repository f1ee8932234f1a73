"""How CSS and old HTML attributes make text look, as far as that hides it from a person."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

# Colours are 0xRRGGBB; below zero stand those that are no colour.
_CLEAR, _UNKNOWN = -1, -2

# Two colours whose red, green and blue each differ by no more than this look the same.
_ALIKE = 16

_NAMED = {
    "aliceblue": 0xF0F8FF,
    "azure": 0xF0FFFF,
    "beige": 0xF5F5DC,
    "black": 0x000000,
    "blue": 0x0000FF,
    "cyan": 0x00FFFF,
    "floralwhite": 0xFFFAF0,
    "ghostwhite": 0xF8F8FF,
    "gray": 0x808080,
    "green": 0x008000,
    "grey": 0x808080,
    "honeydew": 0xF0FFF0,
    "ivory": 0xFFFFF0,
    "lime": 0x00FF00,
    "magenta": 0xFF00FF,
    "maroon": 0x800000,
    "mintcream": 0xF5FFFA,
    "navy": 0x000080,
    "olive": 0x808000,
    "orange": 0xFFA500,
    "purple": 0x800080,
    "red": 0xFF0000,
    "seashell": 0xFFF5EE,
    "silver": 0xC0C0C0,
    "snow": 0xFFFAFA,
    "teal": 0x008080,
    "transparent": _CLEAR,
    "white": 0xFFFFFF,
    "whitesmoke": 0xF5F5F5,
    "yellow": 0xFFFF00,
}
_SIX_DIGITS = re.compile("#?([0-9a-f]{6})(?:ff)?")
_THREE_DIGITS = re.compile("#([0-9a-f])([0-9a-f])([0-9a-f])")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/]\s*([\d.]{1,9}))?")
_NUMBER = re.compile(r"[+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})")
_SIZE = re.compile(
    r"(?<![\w.#-])(?:(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(px|pt|em|rem|%)|0+(?:\.0*)?(?![\w.%]))"
)
_TINY = {"px": 1.0, "pt": 1.0, "em": 0.1, "rem": 0.1, "%": 10.0}
_SIDES = ("height", "max-height", "width", "max-width")
_PROPERTIES = frozenset(
    "background background-color color display font font-size opacity overflow visibility".split()
).union(_SIDES)
_MOST_OF_A_STYLE = 4000
_MOST_OF_A_COLOUR = 60
_LONGEST_REMEMBERED = 200


class Look(NamedTuple):
    """How text looks at one place of a page.

    Parameters
    ----------
    gone : bool
        Not displayed, transparent, or in a box without room: nothing inside can be seen.
    unseen : bool
        Invisible, though parts inside may be made visible again.
    tiny : bool
        In letters of at most a pixel.
    ink, paper : int
        Colours of letters and background.
    hidden : bool
        What it comes to: whether a person cannot see text that looks like this.
    """

    gone: bool = False
    unseen: bool = False
    tiny: bool = False
    ink: int = 0x000000
    paper: int = 0xFFFFFF
    hidden: bool = False


def same_colour(ink: int, paper: int) -> bool:
    """Tell whether letters of this colour cannot be told from this background.

    Examples
    --------
    >>> same_colour(0xFEFEFE, 0xFFFFFF), same_colour(0xCCCCCC, 0xFFFFFF)
    (True, False)
    """
    if ink < 0 or paper < 0:
        return ink == _CLEAR
    return (
        abs((ink >> 16) - (paper >> 16)) <= _ALIKE
        and abs((ink >> 8 & 255) - (paper >> 8 & 255)) <= _ALIKE
        and abs((ink & 255) - (paper & 255)) <= _ALIKE
    )


class Change(NamedTuple):
    """What a style changes of a look; None is no change."""

    gone: bool | None = None
    unseen: bool | None = None
    tiny: bool | None = None
    ink: int | None = None
    paper: int | None = None

    def after(self, other: Change) -> Change:
        """Return both changes as one, of which this is the stronger."""
        if other is NO_CHANGE or self is NO_CHANGE:
            return other if self is NO_CHANGE else self
        pairs = zip(self, other, strict=True)
        return Change._make(theirs if ours is None else ours for ours, theirs in pairs)


NO_CHANGE = Change()


@lru_cache(4096)
def change_look(look: Look, change: Change) -> Look:
    """Return the look that a change makes of another; remembers the latest.

    Examples
    --------
    >>> change_look(Look(), Change(ink=0xFFFFFF)).hidden
    True
    """
    gone = look.gone or bool(change.gone)
    unseen = look.unseen if change.unseen is None else change.unseen
    tiny = look.tiny if change.tiny is None else change.tiny
    ink = look.ink if change.ink is None else change.ink
    paper = look.paper if change.paper is None else change.paper
    hidden = gone or unseen or tiny or same_colour(ink, paper)
    return Look(gone, unseen, tiny, ink, paper, hidden)


def parse_colour(text: str) -> int | None:
    """Return a colour, or None where the text says that the parent's holds.

    Examples
    --------
    >>> [parse_colour(text) for text in ("white", "#ffF", "rgb(255, 255, 255)", "inherit")]
    [16777215, 16777215, 16777215, None]
    """
    return _parse_short_colour(text[:_MOST_OF_A_COLOUR].strip().lower())


@lru_cache(1024)
def _parse_short_colour(text: str) -> int | None:
    if text in _NAMED:
        return _NAMED[text]
    if match := _SIX_DIGITS.fullmatch(text):
        return int(match[1], 16)
    if match := _THREE_DIGITS.fullmatch(text):
        return int("".join(digit * 2 for digit in match.groups()), 16)
    if match := _RGB.match(text):
        if match[4] and not match[4].strip("0."):
            return _CLEAR
        red, green, blue = (min(255, int(part)) for part in match.group(1, 2, 3))
        return red << 16 | green << 8 | blue
    return None if text in ("", "inherit", "initial", "unset", "currentcolor") else _UNKNOWN


def parse_style(style: str) -> Change:
    """Return what CSS declarations change of a look.

    Examples
    --------
    >>> parse_style("color: #fff; DISPLAY: none")
    Change(gone=True, unseen=None, tiny=None, ink=16777215, paper=None)
    """
    if len(style) <= _LONGEST_REMEMBERED:
        return _parse_short_style(style)
    return _parse_declarations(style)


@lru_cache(1024)
def _parse_short_style(style: str) -> Change:
    return _parse_declarations(style)


def _parse_declarations(style: str) -> Change:
    said: dict[str, str] = {}
    for declaration in style[:_MOST_OF_A_STYLE].lower().split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip()
        if name in _PROPERTIES:
            said[name] = value.replace("!important", "").strip()
    if not said:
        return NO_CHANGE
    visibility = said.get("visibility")
    paper = said.get("background-color", said.get("background"))
    return Change(
        _is_gone(said),
        None if visibility is None else visibility in ("hidden", "collapse"),
        _is_tiny(said.get("font-size", said.get("font", ""))),
        parse_colour(said["color"]) if "color" in said else None,
        None if paper is None else parse_paper(paper),
    )


def parse_paper(text: str) -> int | None:
    """Return the colour of a background; behind a picture's it cannot be known."""
    if "url(" in text or "gradient(" in text:
        return _UNKNOWN
    colour = parse_colour(text if "(" in text else text.partition(" ")[0])
    return None if colour == _CLEAR else colour


def parse_attributes(said: dict[str, str]) -> Change:
    """Return what an element's attributes other than ``style`` change, by lower-case name."""
    ink = said.get("color") or said.get("text")
    paper = "url()" if said.get("background") else said.get("bgcolor")
    hidden = "hidden" in said
    if not (ink or paper or hidden):
        return NO_CHANGE
    if len(ink or "") + len(paper or "") <= _LONGEST_REMEMBERED:
        return _short_colours(ink, paper, hidden)
    return _colours(ink, paper, hidden)


@lru_cache(1024)
def _short_colours(ink: str | None, paper: str | None, hidden: bool) -> Change:
    return _colours(ink, paper, hidden)


def _colours(ink: str | None, paper: str | None, hidden: bool) -> Change:
    return Change(
        hidden or None,
        None,
        None,
        parse_colour(ink) if ink else None,
        parse_paper(paper) if paper else None,
    )


def _is_gone(said: dict[str, str]) -> bool | None:
    if said.get("display") == "none" or _is_zero(said.get("opacity", "")):
        return True
    if "hidden" in said.get("overflow", "") and any(
        _is_zero(said.get(side, "")) for side in _SIDES
    ):
        return True
    return False if "display" in said else None


def _is_zero(value: str) -> bool:
    match = _NUMBER.match(value)
    return match is not None and not match[0].strip("+-0.")


def _is_tiny(value: str) -> bool | None:
    match = _SIZE.search(value)
    if match is None:
        return False if value else None
    return match[1] is None or float(match[1]) <= _TINY[match[2]]

"""A diary as Markdown that can be read as it is, in a terminal of 80 columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from rich.cells import cell_len

from chaffinch.explain.diary.entries import Diary, Evidence, Line, Quote
from chaffinch.explain.diary.intro import intro
from chaffinch.pages.page import plain

_WIDTH = 80
# Columns of a quote; longer ones are cut.
_QUOTE = 48
# What begins or ends something in Markdown wherever it stands, HTML included.
_MARKS = re.compile(r"[\\`*_<>&~|#]|!(?=\[)|\](?=[(\[:])")
# What begins a block where it stands first on a line, as each word may after wrapping.
_BLOCK = re.compile(r"(?<!\S)(?:[-+=](?=[-=]*(?:\s|$))|\d{1,9}(?=[.)](?:\s|$)))")
# What some readers of Markdown make a link of without being asked.
_ADDRESS = re.compile(r"(?i)(https?|ftp|mailto|xmpp)(?=:)|www(?=\.)|@")
#: What makes of a text what can stand in a line.
Said = Callable[[str], str]
# Stands for a space at which a line must not be broken.
_TIED = "\x00"


def markdown(diary: Diary, *, terminal: bool = False) -> str:
    """Return a diary as CommonMark, or as a terminal shows it.

    Each line ends with its evidence, as links to a list at the end. What others wrote stands in
    code spans, where nothing is a link, an image or HTML; in all other text what Markdown would
    take for more than text is escaped.

    Parameters
    ----------
    diary : Diary
        The diary.
    terminal : bool
        Whether to leave away what is for readers of Markdown alone: escapes, and what makes links
        of keys. A terminal would show them as if they were more.

    Examples
    --------
    >>> print(markdown(Diary("mail", "2026-11-01", "2026-11-25", "day", (), ())))
    # Diary of mail, 2026-11-01 to 2026-11-25
    <BLANKLINE>
    Nothing has happened yet: nothing was judged, flagged, learned or launched.
    <BLANKLINE>
    """
    said = _shown if terminal else _escaped
    lines = [f"# Diary of {diary.task}, {diary.since} to {diary.until}", ""]
    for paragraph in intro(diary):
        lines += [*_wrapped(said(paragraph)), ""]
    for entry in diary.entries:
        lines += [f"## {entry.title}", ""]
        for line in entry.lines:
            lines += _wrapped(_line(line, said), bullet=True)
        lines.append("")
    if diary.evidence:
        lines += ["## Evidence", ""]
        for one in diary.evidence:
            place = "" if terminal else f'<a{_TIED}id="{anchor(one.key)}"></a>'
            lines += _wrapped(place + _evidence(one, said), bullet=True)
        if not terminal:
            lines += ["", *(f"[{one.key}]: #{anchor(one.key)}" for one in diary.evidence)]
        lines.append("")
    return "\n".join(lines)


def anchor(key: str) -> str:
    """Return the name of the place in a document where evidence stands.

    Examples
    --------
    >>> anchor("flags 12-57")
    'flags-12-57'
    """
    return key.replace(" ", "-")


def _line(line: Line, said: Said) -> str:
    keys = "".join(f" [{key.replace(' ', _TIED)}]" for key in line.evidence)
    first, *rest = line.parts
    if line.worst:
        worst = first.rstrip()
        return f"**{said(worst)}**{first[len(worst) :]}{_parts(rest, said)}{keys}"
    return _parts(line.parts, said) + keys


def _evidence(one: Evidence, said: Said) -> str:
    command = f" {_code(plain(one.command))}" if one.command else ""
    return f"**{one.key}**: {_parts(one.parts, said)}.{command}"


def _parts(parts: Iterable[str], said: Said) -> str:
    return "".join(
        _code(_cut(plain(part))) if isinstance(part, Quote) else said(part) for part in parts
    )


def _code(text: str) -> str:
    # A backtick would end the span; the two look alike.
    return f"`{text.replace('`', chr(0x2CB)).strip() or '·'}`".replace(" ", _TIED)


def _cut(text: str) -> str:
    """Return the beginning of a text that takes no more columns than a quote may."""
    columns = 0
    for place, letter in enumerate(text):
        columns += cell_len(letter)
        if columns > _QUOTE:
            return text[: place - 1].rstrip() + "…"
    return text


def _shown(text: str) -> str:
    return plain(text).replace(_TIED, " ")


def _escaped(text: str) -> str:
    text = _MARKS.sub(r"\\\g<0>", _shown(text))
    text = _BLOCK.sub(_harmless, text)
    # An empty comment shows nothing, and what it stands in is no address any more.
    return _ADDRESS.sub(rf"\g<0><!--{_TIED}-->", text)


def _harmless(match: re.Match[str]) -> str:
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def _wrapped(text: str, *, bullet: bool = False) -> Iterator[str]:
    """Yield the lines of a text, broken at spaces that are not tied; letters may be two wide."""
    line, columns = ("-", 1) if bullet else ("", -1)
    for tied in text.split():
        word = tied.replace(_TIED, " ")
        wide = cell_len(word)
        if columns + 1 + wide > _WIDTH and columns > 1:
            yield line
            line, columns = (" ", 1) if bullet else ("", -1)
        line = f"{line} {word}" if columns >= 0 else word
        columns += 1 + wide
    yield line

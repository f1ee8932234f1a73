"""Pages of HTML, and the blocks that they are built of.

Every block takes plain text and escapes it; only what a block returned passes as it is. So a page
cannot be made to say in HTML what a mail says in its subject.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chaffinch.whole import written_whole

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"
# Characters of one piece of text; a page shows words, not whole mails.
_LONGEST = 5_000
_UNSHOWN = re.compile(r"[^\x20-\x7e]")
_NOT_OF_A_NAME = re.compile(r"[^a-z0-9]+")

Tone = Literal["", "positive", "negative"]


class Markup(str):
    """HTML that may stand in a page as it is: what the blocks of this room return.

    Whatever else is put together from it is a plain string again, and is escaped.
    """

    __slots__ = ()


def plain(text: str) -> str:
    r"""Return text of which nothing is unseen: what has no shape of its own stands as its number.

    Control characters, those that turn the direction of writing round, those of no width and
    halves of surrogate pairs are named as ``[U+202E]``. White space becomes a space each, and what
    is longer than 5,000 characters is cut.

    Examples
    --------
    >>> plain("invoice\u202egpj.exe\n\x1b[2J")
    'invoice[U+202E]gpj.exe [U+001B][2J'
    """
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    return _UNSHOWN.sub(_seen, text)


def _seen(match: re.Match[str]) -> str:
    character = match[0]
    if character.isprintable():
        return character
    return " " if character.isspace() else f"[U+{ord(character):04X}]"


def escaped(text: str) -> Markup:
    """Return text as HTML that shows it; what is markup already stays as it is.

    Examples
    --------
    >>> escaped('<script>"')
    '&lt;script&gt;&quot;'
    >>> escaped(strong("4U"))
    '<strong>4U</strong>'
    """
    return text if isinstance(text, Markup) else Markup(html.escape(plain(text)))


def together(*pieces: str) -> Markup:
    """Return texts and blocks, one after the other, as one."""
    return Markup("".join(map(escaped, pieces)))


def heading(text: str, *, level: int = 2, anchor: str = "") -> Markup:
    """Return a heading that `link` can lead to by its anchor.

    Parameters
    ----------
    text : str
        What it says.
    level : int
        From 2 to 4; a page's title is the only one of level 1.
    anchor : str
        What to call the place; by default the text.
    """
    level = min(4, max(2, level))
    return Markup(f'<h{level} id="{_name(anchor or text)}">{escaped(text)}</h{level}>\n')


def paragraph(*pieces: str, soft: bool = False) -> Markup:
    """Return a paragraph; a soft one is set back, as remarks are."""
    return Markup(f"<p{_class('soft' if soft else '')}>{together(*pieces)}</p>\n")


def strong(text: str) -> Markup:
    """Return text that stands out."""
    return Markup(f"<strong>{escaped(text)}</strong>")


def code(text: str) -> Markup:
    """Return text as it is typed: a command, a name."""
    return Markup(f"<code>{escaped(text)}</code>")


def link(text: str, anchor: str = "") -> Markup:
    """Return a link to the heading of this anchor in the same page: no page leads elsewhere."""
    return Markup(f'<a href="#{_name(anchor or text)}">{escaped(text)}</a>')


def bullets(pieces: Iterable[str]) -> Markup:
    """Return a list."""
    return Markup("<ul>\n" + "".join(f"<li>{escaped(one)}</li>\n" for one in pieces) + "</ul>\n")


def figures(pairs: Iterable[tuple[str, str]]) -> Markup:
    """Return a few numbers that sum it up, large: (number, what it counts) pairs."""
    rows = "".join(
        f"<div><dt>{escaped(what)}</dt><dd>{escaped(number)}</dd></div>\n" for number, what in pairs
    )
    return Markup(f'<dl class="figures">\n{rows}</dl>\n')


def details(summary: str, *blocks: str) -> Markup:
    """Return blocks that are shown when their summary is clicked."""
    return Markup(
        f"<details><summary>{escaped(summary)}</summary>\n{together(*blocks)}</details>\n"
    )


def figure(chart: Markup, *, caption: str) -> Markup:
    """Return a chart of `chaffinch.pages.charts` under what it shows."""
    return Markup(
        f"<figure><figcaption>{escaped(caption)}</figcaption>\n{escaped(chart)}</figure>\n"
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A cell of a table that holds a number, and a bar under it.

    Parameters
    ----------
    share : float
        How long the bar is, from 0 to 1 of the cell.
    text : str
        The number as people read it.
    tone : {"", "positive", "negative"}
        Whose colour it has: neither label's, the positive label's or the negative's.
    """

    share: float
    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    title : str
        What is in it.
    number : bool
        Whether its cells are numbers, to be set flush right.
    """

    title: str
    number: bool = False


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[str | Bar]], *, caption: str = ""
) -> Markup:
    """Return a table.

    Parameters
    ----------
    columns : sequence of Column
        From left to right.
    rows : iterable of sequence of str or Bar
        A cell for each column.
    caption : str
        What the table shows, where its heading does not say it.

    Examples
    --------
    >>> print(table([Column("word"), Column("mails", number=True)], [["free", "7"]]))
    <div class="wide"><table>
    <thead><tr><th scope="col">word</th><th scope="col" class="number">mails</th></tr></thead>
    <tbody>
    <tr><td>free</td><td class="number">7</td></tr>
    </tbody></table></div>
    <BLANKLINE>
    """
    title = f"<caption>{escaped(caption)}</caption>\n" if caption else ""
    head = "".join(
        f'<th scope="col"{_class("number" if one.number else "")}>{escaped(one.title)}</th>'
        for one in columns
    )
    body = "".join(
        "<tr>" + "".join(map(_cell, columns, row)) + "</tr>\n"
        for row in (tuple(row) for row in rows)
    )
    return Markup(
        f'<div class="wide"><table>\n{title}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table></div>\n"
    )


def _cell(column: Column, cell: str | Bar) -> str:
    if isinstance(cell, Bar):
        share = min(1.0, max(0.0, cell.share))
        return (
            f'<td class="bars">{escaped(cell.text)}'
            f'<span class="bar {cell.tone}" style="width:{100 * share:.1f}%"></span></td>'
        )
    return f"<td{_class('number' if column.number else '')}>{escaped(cell)}</td>"


def page(title: str, *blocks: str, lead: str = "", footer: str = "") -> Markup:
    """Return a whole page.

    Parameters
    ----------
    title : str
        What it is called.
    *blocks : str
        What is in it, from top to bottom.
    lead : str
        What it is about, in a sentence under the title.
    footer : str
        What made it, when, out of what.
    """
    style = Path(__file__).with_name("style.css").read_text("utf-8")
    return Markup(
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(plain(title))}</title>\n"
        f"<style>\n{style}</style></head>\n"
        f"<body>\n<h1>{escaped(title)}</h1>\n"
        + (f'<p class="lead">{escaped(lead)}</p>\n' if lead else "")
        + together(*blocks)
        + (f"<footer>{escaped(footer)}</footer>\n" if footer else "")
        + "</body></html>\n"
    )


def write_page(path: Path, markup: Markup) -> None:
    """Write a page: whole or not at all, for its owner's eyes only.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    with written_whole(path, private=True) as file:
        file.write(markup.encode("utf-8"))


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _name(text: str) -> str:
    return "at-" + _NOT_OF_A_NAME.sub("-", text[:100].lower()).strip("-")

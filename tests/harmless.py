"""Text as an enemy would send it, and a reader of pages that notices if it does anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

HOSTILE = (
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "' onmouseover='alert(1)",
    "</td></table><img src=x onerror=alert(1)>",
    "</style><svg onload=alert(1)>",
    "</title></head><body onload=alert(1)>",
    "javascript:alert(1)",
    "]]><!--",
    "&lt;script&gt;&#60;script&#62;",
    "invoice\u202egpj.exe\u2066\u200b",
    "\x00\x1b[2J\x7f\x9b\ud800\ufeff",
    '"]; datum; ["',
    "x" * 500,
)
# What people cannot see, or what turns the direction of what they read.
_UNSEEN = "\x00\x1b\x7f\x9b\ud800\ufeff\u200b\u202a\u202b\u202d\u202e\u2066\u2067"
_FORBIDDEN = {
    "script",
    "iframe",
    "object",
    "embed",
    "base",
    "form",
    "link",
    "video",
}
# What a page may show and play: what it holds itself.
_HELD = ("data:image/png;base64,", "data:audio/wav;base64,")


@dataclass
class ReadPage(HTMLParser):
    """The tags, attributes and text of a page."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def unseen(self) -> str:
        """What of a page is not seen as what it is."""
        everything = self.text + "".join(value for _, value in self.attributes)
        return "".join(letter for letter in everything if letter in _UNSEEN)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def read_page(markup: str) -> ReadPage:
    """Read a page, and hold that nothing in it runs, loads or leads away."""
    read = ReadPage()
    read.feed(markup)
    read.close()
    assert not _FORBIDDEN & set(read.tags)
    for name, value in read.attributes:
        assert not name.startswith("on"), name
        assert "javascript:" not in value.lower() or name == "aria-label", value
        assert name != "src" or value.startswith(_HELD), value
        assert name != "href" or value.startswith("#"), value
    return read

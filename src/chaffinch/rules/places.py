"""Where things stand in a TOML file: tomllib tells it of syntax errors alone."""

from __future__ import annotations

import re

_RULE = re.compile(r"\s*\[\[\s*rule\s*\]\]")
_TABLE = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]")
_KEY = re.compile(r"""\s*(?:([A-Za-z0-9_-]+)|"([^"]*)"|'([^']*)')\s*=""")
_QUOTES = re.compile(r"\"\"\"|'''")


class Places:
    r"""Line and column of each key of a rules file.

    Parameters
    ----------
    text : str
        The file's text, which is valid TOML.

    Examples
    --------
    >>> places = Places("intercept = 1\n[[rule]]\nname = 'A'\n[weights]\n  A = 2\n")
    >>> places.of_rule(0, "name"), places.of_rule(0, "part"), places.of_key("weights", "A")
    ((3, 1), (2, 1), (5, 3))
    """

    def __init__(self, text: str) -> None:
        self._found: dict[tuple[str, int, str], tuple[int, int]] = {}
        table, number, open_quotes = "", -1, ""
        for line, words in enumerate(text.splitlines(), start=1):
            if open_quotes:
                open_quotes = "" if open_quotes in words else open_quotes
                continue
            if _RULE.match(words):
                table, number = "rule", number + 1
                self._note(table, number, "", line, words)
            elif header := _TABLE.match(words):
                table = header[1]
                self._note(table, 0, "", line, words)
            elif key := _KEY.match(words):
                name = next(filter(None, key.groups()), "")
                self._note(table, number if table == "rule" else 0, name, line, words)
                opened = _QUOTES.findall(words)
                open_quotes = opened[-1] if len(opened) % 2 else ""

    def _note(self, table: str, number: int, key: str, line: int, words: str) -> None:
        column = len(words) - len(words.lstrip()) + 1
        self._found.setdefault((table, number, key), (line, column))

    def of_rule(self, number: int, key: str = "") -> tuple[int, int]:
        """Return line and column of a rule's key, or of the rule where the key is not there."""
        begins = self._found.get(("rule", number, ""), (1, 1))
        return self._found.get(("rule", number, key), begins)

    def of_key(self, table: str, key: str = "") -> tuple[int, int]:
        """Return line and column of a table's key; the empty name is the file's own table."""
        begins = self._found.get((table, 0, ""), (1, 1))
        return self._found.get((table, 0, key), begins)

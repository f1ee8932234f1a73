"""What every export is made of: the text, and the rules that it leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from chaffinch.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Written:
    """Rules in the language of a program.

    Parameters
    ----------
    text : str
        A whole file.
    written : tuple of Rule
        The rules that are in it.
    left_out : tuple of (Rule, str)
        Those that are not, and why; the file says so, too.
    """

    text: str
    written: tuple[Rule, ...]
    left_out: tuple[tuple[Rule, str], ...]


def comment(text: str, most: int = 300) -> str:
    r"""Return a text that cannot end the one line that it is a comment on.

    Examples
    --------
    >>> comment("free\nstop;")
    'free stop;'
    """
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:most]


def said_left_out(left_out: tuple[tuple[Rule, str], ...]) -> list[str]:
    """Return comment lines that say what was left out and why."""
    if not left_out:
        return []
    lines = ["", "# Left out:"]
    return lines + [f"# {comment(rule.name, 80)}: {comment(why)}" for rule, why in left_out]

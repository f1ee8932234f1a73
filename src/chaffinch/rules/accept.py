"""Accept a suggested rule, or refuse it for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from chaffinch.errors import InputError
from chaffinch.rules.export.toml import blocks
from chaffinch.rules.files import local_path
from chaffinch.rules.rule import Rule
from chaffinch.whole import written_whole

# Bytes of a file that are read.
_MOST = 1 << 20


def accept(home: Path, task: str, rules: Sequence[Rule]) -> Path:
    """Append rules to what an installation's people wrote, and leave that as it is.

    Parameters
    ----------
    home : Path
        The folder of the installation.
    task : str
        The task's name.
    rules : sequence of Rule
        What was accepted.

    Returns
    -------
    Path
        The file, where the rules can be edited.

    Raises
    ------
    InputError
        If the file cannot be read.
    StorageError
        If it cannot be written; then it is as it was.
    """
    path = local_path(home, task)
    before = _read(path)
    if before and not before.endswith("\n"):
        before += "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as file:
        file.write((before + blocks(rules)).encode())
    return path


def refused_path(home: Path, task: str) -> Path:
    """Return where the names of refused rules stand, one a line; a line deleted is forgotten."""
    return home / "rules" / f"{task}.refused"


def refused(home: Path, task: str) -> list[str]:
    """Return the names of the rules that are not to be suggested again."""
    lines = _read(refused_path(home, task)).splitlines()
    return [words[0] for line in lines if (words := line.split()) and not line.startswith("#")]


def refuse(home: Path, task: str, rules: Iterable[Rule]) -> Path:
    """Remember that rules are not to be suggested again; return the file that says so.

    Raises
    ------
    StorageError
        If it cannot be written; then it is as it was.
    """
    path = refused_path(home, task)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{rule.name}  {' '.join(rule.description.split())}\n" for rule in rules]
    text = _read(path) + "".join(lines)
    with written_whole(path) as file:
        file.write(text.encode())
    return path


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST:
            raise InputError(f"rules file {path} is larger than {_MOST:,} bytes: divide it")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"rules file {path} cannot be read: {error}") from error

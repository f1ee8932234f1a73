"""Where a task's rules stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """The files that a task's rules stand in, later ones over earlier.

    Parameters
    ----------
    shipped : Path
        The folder of the task's ``rules.toml``, what is looked for, and ``weights.toml``, how much
        it says.
    fitted : Path or None
        Weights that were learned: ``[weights]`` and ``intercept`` alone.
    local : Path or None
        What people of this installation wrote.
    """

    shipped: Path
    fitted: Path | None = None
    local: Path | None = None


def files_of(home: Path, task: str, shipped: Path) -> RuleFiles:
    """Return the files of a task's rules, given an installation's folder."""
    fitted, local = fitted_path(home, task), local_path(home, task)
    return RuleFiles(
        shipped, fitted if fitted.exists() else None, local if local.exists() else None
    )


def local_path(home: Path, task: str) -> Path:
    """Return where people of an installation write rules of their own."""
    return home / "rules" / f"{task}.toml"


def fitted_path(home: Path, task: str) -> Path:
    """Return where the weights stand that were fitted to an installation's experience."""
    return home / "rules" / f"{task}.fitted.toml"

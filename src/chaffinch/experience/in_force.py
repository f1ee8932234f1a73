"""The model in force in an installation, kept up with what is flagged and launched there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from chaffinch.errors import ChaffinchError, ExperienceError
from chaffinch.experience.champion import Champion, follow, load_champion
from chaffinch.experience.known import known
from chaffinch.experience.light import LightExperience, open_for_requests
from chaffinch.settings import read_settings
from chaffinch.task import Task
from chaffinch.types import Example, Item, Verdict

# Seconds for which a model is served without looking whether it is still the one in force.
_LOOKS_EVERY = 0.25


class InForce:
    """The model in force in an installation, and where it remembers what it judged.

    Parameters
    ----------
    task : Task
        What is judged.
    home : Path
        The folder of the installation.

    Attributes
    ----------
    champion : Champion
        The launched model, with every flag learned that was known at the last look.
    log_only : bool
        Whether the installation delivers everything, and only writes verdicts down.

    Raises
    ------
    ModelError
        If no model is launched and no starter ships, or a file is missing or damaged.
    """

    def __init__(self, task: Task, home: Path) -> None:
        settings = read_settings(home)
        self.task, self.home = task, home
        self.log_only: bool = settings.get("log_only", False)
        self._remembers: bool = settings.get("remember", True)
        self._store = open_for_requests(home)
        if self._store is None and self._remembers:
            self._store = _begun(home)
        try:
            # Before the champion: what comes in between is looked at again.
            self._place = self._store.place() if self._store is not None else (0, 0)
            self.champion = load_champion(task, home, self._store)
        except BaseException:
            self.close()
            raise
        self._looked = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether it is time to look again what is in force: four times a second."""
        return time.monotonic() - self._looked > _LOOKS_EVERY

    def refresh(self) -> Champion:
        """Return what is in force now, with what was flagged and launched by any process.

        Where it fails the model before stays in force here.

        Raises
        ------
        ChaffinchError
            If the experience cannot be read at present, or the newly launched model cannot.
        """
        self._looked = time.monotonic()
        self._store = self._store or open_for_requests(self.home)
        if self._store is not None and (place := self._store.place()) != self._place:
            self.champion = follow(self.champion, self.task, self.home, self._store)
            self._place = place
        return self.champion

    def remember(self, judged: Sequence[tuple[Item, Verdict]], *, door: str) -> None:
        """Keep items and their verdicts, where the installation does.

        Raises
        ------
        ChaffinchError
            If it cannot be kept; then nothing of it is.
        """
        if self._remembers and judged:
            if self._store is None:
                raise ExperienceError(f"there can be no experience in {self.home}")
            self._store.remember(self.task.name, judged, door=door)

    def known(self, item: Item) -> Item:
        """Return the item that is meant: see `chaffinch.experience.known.known`."""
        return item if self._store is None else known(self.task, self._store, item)

    def flagged(self, most: int) -> list[Example]:
        """Return the examples whose flags stand, of so many of the newest flags of any task."""
        if self._store is None:
            return []
        newest, _ = self._store.place()
        return list(self._store.examples(self.task.name, after=max(0, newest - most)))

    def close(self) -> None:
        """Let the experience go."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def reopen(self) -> None:
        """Open the experience again, in a process that was forked after it was closed.

        Raises
        ------
        ChaffinchError
            If the experience cannot be opened.
        """
        self._store = open_for_requests(self.home)
        self._looked = 0.0


def _begun(home: Path) -> LightExperience | None:
    """Begin an experience to remember in, where there may be one."""
    from chaffinch.experience.store import Experience

    try:
        Experience.open(home).close()
        return open_for_requests(home)
    except (ChaffinchError, OSError):
        return None

"""The evidence of a diary, looked up as its lines name it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

from chaffinch.experience.history import History
from chaffinch.experience.rows import to_item
from chaffinch.explain.diary.entries import Evidence, Quote
from chaffinch.explain.readable import counted, quoted_label, short_id
from chaffinch.explain.table import title_of
from chaffinch.scheme import Binary
from chaffinch.task import Task

# Flags that are named where a line speaks of many.
_ITEMS = 3


class Evidences:
    """The evidence that was named so far.

    Parameters
    ----------
    task : Task
        The task.
    history : History
        Where it is looked up.
    """

    def __init__(self, task: Task, history: History) -> None:
        self._task = task
        self._history = history
        self._known: dict[str, Evidence] = {}
        self._titles: dict[str, Quote] = {}
        self._models: dict[str, str] = {}

    def of(self, keys: Iterable[str]) -> tuple[Evidence, ...]:
        """Return the evidence of these keys, each once."""
        return tuple(self._known[key] for key in dict.fromkeys(keys))

    def flags(self, first: int, last: int) -> str:
        """Return the key of rows of the log."""
        key = f"flag {first}" if first == last else f"flags {first}-{last}"
        if key not in self._known:
            rows = self._history.logged(first, last, _ITEMS)
            items = ", ".join(f"{short_id(row.item)} as {quoted_label(row.label)}" for row in rows)
            more = " and more" if last - first >= _ITEMS else ""
            said = f"by their places in the log: {items}{more}"
            self._name(key, (said,), f"chaffinch export {self._task.name}")
        return key

    def launch(self, row: Any) -> str:
        """Return the key of a launch, a row of `History.launches`."""
        before = f" in place of {row.replaced}" if row.replaced else ""
        said = f"{moment(row.launched)}: {row.model}{before}"
        return self._name(f"launch {row.seq}", (said,), self._list)

    def refusal(self, row: Any) -> str:
        """Return the key of a refusal, a row of `History.refusals`."""
        said = f"{moment(row.refused)}: {row.model}; live instead: {row.champion}"
        trials = json.loads(row.evidence).get("trials", [])
        for trial in trials:
            said += (
                f"; {counted(trial['items'], 'flag')} judged by it and {trial['rival']} before "
                f"they were learned, {trial['differing']:,} otherwise by one than by the other"
            )
        return self._name(f"refusal {row.seq}", (said,))

    @property
    def _list(self) -> str:
        return f"chaffinch launch {self._task.name} --list"

    def model(self, id_: str) -> str:
        """Return the key of a model."""
        if id_ in self._models:
            return self._models[id_]
        self._models[id_] = key = self._model(id_)
        return key

    def _model(self, id_: str) -> str:
        model = self._history.model(id_)
        if model is None:
            return self._name(id_, ("a starter, which ships with Chaffinch",))
        key = f"{model.rung} {id_[-4:]}"
        titles = {rung.name: rung.title for rung in self._task.rungs}
        title = titles.get(model.rung, model.rung)
        said = f"{id_}: {title}, made {moment(model.made)} from {counted(model.examples, 'flag')}"
        if key in self._known and self._known[key].parts != (said,):
            key = id_
        return self._name(key, (said,), self._list)

    def item(self, owner: str, id_: str) -> str:
        """Return the key of an item."""
        key = f"{self._task.name} {short_id(id_)}"
        if key not in self._known:
            row = self._history.item(owner, id_)
            parts: tuple[str, ...] = ("an item that was not kept",)
            if row is not None:
                content = self._task.reader(to_item(row).data)
                title = title_of(words for _, words in self._task.vocabulary(content))
                # What has no words is called by its key.
                name: str = self._task.medium.name if self._task.medium else ""
                if not name:
                    name = self._titles[key] = Quote(title or "(no words)")
                parts = (name, *self._said_of(row))
            if owner:
                parts = (*parts, ", of ", Quote(owner))
            self._name(key, parts, f"chaffinch predict {self._task.name} {id_}")
        return key

    def title(self, key: str) -> Quote | None:
        """Return the title of an item by its key; None where it has no words."""
        return self._titles.get(key, None if self._task.medium else Quote("(not kept)"))

    def _said_of(self, row: Any) -> list[str]:
        parts = []
        if row.label:
            parts.append(f"; flagged {quoted_label(row.label)} on {moment(row.flagged)}")
            parts += [" by ", Quote(row.by)] if row.by else []
        if row.judged_label:
            of = f" of {self._task.positive}" if isinstance(self._task.scheme, Binary) else ""
            said = f"probability{of} {row.probability:.4f}, {row.action}"
            parts.append(
                f"; judged {quoted_label(row.judged_label)} on {moment(row.judged)}, {said}, "
                f"by {row.model}"
            )
        return parts

    def _name(self, key: str, parts: tuple[str, ...], command: str = "") -> str:
        self._known.setdefault(key, Evidence(key, parts, command))
        return key


def moment(when: float) -> str:
    """Return a time as people read it.

    Examples
    --------
    >>> moment(0.0)
    '1970-01-01 00:00 UTC'
    """
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(when))

"""Telling of single images and recordings why they were given their labels: explain TASK PATH."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from chaffinch.cli.common import SkippedRecords, path_of, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaffinch.experience.store import Experience
    from chaffinch.task import Task
    from chaffinch.types import Item, Part


def is_item(given: str) -> bool:
    """Return whether this means an item: a path that there is, an id, or - for stdin."""
    from chaffinch.cli.judge import ITEM_ID

    return given == "-" or bool(ITEM_ID.fullmatch(given)) or path_of(given).exists()


def explain_items(
    task: Task,
    given: str,
    *,
    owner: str,
    top: int,
    png: Path | None,
    html: Path | None,
    json: bool,
) -> None:
    """Tell of images or recordings what each is, why, and what it is like.

    Nothing is remembered by it.

    Raises
    ------
    UsageError
        If there are more than 64, or the task's items are text.
    """
    from chaffinch.cli.show_item import show_item, show_written
    from chaffinch.errors import UsageError
    from chaffinch.experience.champion import load_champion
    from chaffinch.experience.store import Experience
    from chaffinch.explain.item import as_json, item_account
    from chaffinch.explain.nearest import MOST, Neighbours
    from chaffinch.predictor import Predictor

    if task.medium is None:
        raise UsageError(
            f"of one {task.name} `chaffinch predict {task.name} {given}` tells why: explain tells "
            "what was learned of all"
        )
    with Experience.look() as experience, SkippedRecords() as skipped:
        predictor = Predictor.of(task, load_champion(task, experience.home, experience))
        since = max(0, experience.log.last_seq(task.name) - MOST)
        neighbours = Neighbours(predictor, experience.examples(task.name, after=since))
        told = [
            item_account(predictor, neighbours, name, item, part=part, top=top)
            for name, part, item in _few(task, experience, given, owner, skipped)
        ]
    if png is not None:
        from chaffinch.pages.heat import draw

        draw(told, png)
    if html is not None:
        from chaffinch.pages.item import item_page
        from chaffinch.pages.page import write_page

        write_page(html, item_page(told))
    if json:
        print_json([as_json(one) for one in told])
        return
    for one in told:
        show_item(one, predictor.policy)
    show_written(len(told), [str(path) for path in (png, html) if path is not None])


def _few(
    task: Task, experience: Experience, given: str, owner: str, skipped: SkippedRecords
) -> Iterator[tuple[str, Part | None, Item]]:
    """Yield the items that are meant, or their parts where they have several, with names.

    Raises
    ------
    UsageError
        If there are more than can be drawn; then before any is told.
    """
    from chaffinch.cli.judge import items_of, parts_of
    from chaffinch.experience.known import known
    from chaffinch.pages.heat import check_number
    from chaffinch.pages.sheet import MOST as MOST_DRAWN

    meant = (
        (whole, known(task, experience.items, item))
        for whole, item in items_of(task, given, owner, None, skipped)
    )
    parts = (
        found
        for whole, item in meant
        for found in parts_of(whole, item, task.parts(item.data) if task.parts else [])
    )
    few = list(islice(parts, MOST_DRAWN + 1))
    check_number(len(few))
    yield from few

"""Flag: a person says what an item is; the log keeps it, and the champion learns it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from chaffinch.errors import InputError, ModelError
from chaffinch.experience.known import known
from chaffinch.experience.store import Experience
from chaffinch.explain.readable import counted
from chaffinch.loop.labels import refuse_unknown
from chaffinch.loop.launch import launch
from chaffinch.loop.lock import training_turn
from chaffinch.loop.past import MADE_AGAIN
from chaffinch.loop.self_label import self_label
from chaffinch.loop.train import champions_recipe, disturbed
from chaffinch.loop.watch import look, train_trusted
from chaffinch.settings import read_settings
from chaffinch.task import Task
from chaffinch.types import Flag, Item, Launch

_CHECKPOINT = 50


def flag(
    task: Task,
    item: Item,
    label: str,
    *,
    home: Path,
    by: str = "",
    door: str = "flag",
    new: bool = False,
) -> Flag:
    """Store a flag and see to it that the next verdict knows of it.

    Parameters
    ----------
    task : Task
        The task.
    item : Item
        What is flagged.
    label : str
        Its true label.
    home : Path
        The folder of the installation.
    by, door : str
        Who said so, and through which door.
    new : bool
        Whether the label may be one that nobody has heard of.

    Returns
    -------
    Flag
        As it is stored; held for review where who said so is not trusted, known where it was
        stored before.

    Raises
    ------
    UsageError
        If it is no label of the task, or a new one that is not said to be new.
    InputError
        If the item can be no example, as a picture that shows nothing, or several signs.
    """
    label = task.label(label)
    if reason := task.unfit(task.uncut(item.data)) if task.unfit else "":
        raise InputError(f"the item {reason}")
    with Experience.open(home) as experience:
        if not new:
            refuse_unknown(task, experience, [label])
        before = experience.log.last_seq(task.name)
        given = store_flag(task, experience, item, label, by=by, door=door)
        given = replace(given, known=given.seq <= before)
        looked = look(task, experience, by=by, given=1)
        if keep_up(task, experience) or looked:
            waiting = {one.seq for one in experience.review.held(task.name)}
            given = replace(given, held=given.seq in waiting)
    return given


def store_flag(
    task: Task, experience: Experience, item: Item, label: str, *, by: str = "", door: str = "flag"
) -> Flag:
    """Store a flag, once more where the one that stands is left out since a roll back.

    Where the item was judged or flagged before something was put on its top, it is that one's flag;
    where reading it cut one part into several, it is that part's.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags are kept.
    item : Item
        What is flagged.
    label : str
        Its label.
    by, door : str
        Who said so, and through which door.

    Returns
    -------
    Flag
        The flag that now stands, or is held.
    """
    item = known(task, experience.items, replace(item, data=task.uncut(item.data)))
    given = experience.flag(task.name, item, label, by=by, door=door)
    champion = experience.champion(task.name)
    if champion is None or given.held or given.seq > champion.flags_from:
        return given
    recipe = champions_recipe(task, experience)
    if not recipe.leaves_out(given.seq):
        return given
    # Whoever says again what was left out wants it learned.
    return experience.flag(task.name, item, label, by=by, door=door, gaps=recipe.gaps)


def take_back(
    task: Task, item: Item, *, home: Path, by: str = "", everything: bool = False
) -> Flag:
    """Take back the flag that stands on an item, as if it had never been given.

    What was said of the item before, with another label, stands again.

    Parameters
    ----------
    task : Task
        The task.
    item : Item
        What was flagged.
    home : Path
        The folder of the installation.
    by : str
        Who takes it back.
    everything : bool
        Whether to take back what was said before, too, so that nothing is known of the item.

    Returns
    -------
    Flag
        The flag that was taken back; the last that was given, of several.

    Raises
    ------
    InputError
        If no flag stands on the item, or this flagger may not take it back.
    """
    with Experience.open(home) as experience:
        item = known(task, experience.items, item)
        taken = experience.undo(task.name, item.id, owner=item.owner, by=by)
        while everything:
            try:
                experience.undo(task.name, item.id, owner=item.owner, by=by)
            except InputError:
                break
        keep_up(task, experience)
    return taken


def keep_up(
    task: Task,
    experience: Experience,
    *,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Launch | None:
    """Store and launch a model where the champion has fallen behind the log.

    Whoever loads the champion learns the flags after it on the way. That is exact while the log
    only grows, and quick while it grew little; otherwise the ladder is trained and launched here,
    without the flags of those who cannot be trusted: they are held for review.

    Returns
    -------
    Launch or None
        The new launch, where there was need of one; its reason tells of whom flags were held.

    Raises
    ------
    ModelError
        If the champion cannot be read. What was flagged is stored all the same.
    """
    try:
        return _brought_up(task, experience, progress)
    except ModelError as error:
        raise ModelError(
            f"what was flagged is stored, and counts once this is mended: {error}"
        ) from error


def _brought_up(
    task: Task, experience: Experience, progress: Callable[[int, int], None]
) -> Launch | None:
    if not _behind(task, experience):
        return None
    with training_turn(experience.home):
        # Another process may have done it while we waited.
        occasion = _behind(task, experience)
        if not occasion:
            return None
        if read_settings(experience.home).get("self_label", False):
            self_label(task, experience)
        trained, choice, _ = train_trusted(task, experience, occasion=occasion, progress=progress)
        return launch(task, experience, trained, choice, {})


def _behind(task: Task, experience: Experience) -> str:
    """Return in what the champion has fallen behind the log; empty where it has not."""
    champion = experience.champion(task.name)
    if champion is None:
        return "the first"
    if disturbed(task, experience, champions_recipe(task, experience), champion.flags_from):
        return MADE_AGAIN
    later = sum(experience.log.count(task.name, after=champion.flags_from).values())
    due = later >= read_settings(experience.home).get("checkpoint", _CHECKPOINT)
    return f"stored since {counted(later, 'flag')} came in" if due else ""

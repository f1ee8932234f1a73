"""Train: bring every rung of the ladder up to the experience there is, judging as it learns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from chaffinch.errors import ModelError
from chaffinch.experience.store import Experience
from chaffinch.explain.readable import counted
from chaffinch.loop.fitting import fitted
from chaffinch.loop.recipe import Recipe
from chaffinch.loop.trained import Again, Trained, restored, taught
from chaffinch.loop.tune import tuned_again
from chaffinch.models.files import ModelCard, model_path, read_model
from chaffinch.performance.record import Record, read_record
from chaffinch.task import Rung, Task
from chaffinch.types import Launch

#: A model is not made again where more than this share of what it knows is forgotten.
FORGOTTEN = 0.1


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """A stored model of a rung, as training could go on from it."""

    path: Path
    card: ModelCard
    recipe: Recipe
    since: int


def train(
    task: Task,
    experience: Experience,
    *,
    afresh: bool = False,
    upto: int | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Trained]:
    """Bring every rung up to all flags that stand, each judged before it is learned.

    A rung goes on from its stored model, the champion if the champion stands on it. Where a flag
    that the stored model has learned was taken back or changed, the rung goes on from the newest
    model before it that is kept and never saw that flag, or else begins again: afterwards it is
    the model that never saw it. But where more than a tenth of what the stored model knows would
    be lost, since it was forgotten, the rung goes on from there: what was taken back stays learned.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags and models are kept.
    afresh : bool
        Whether to begin again in any case, on all flags.
    upto : int, optional
        The place in the log to train up to; by default its end. What was trained further stays so.
    progress : callable
        Is told how many examples have been judged, and how many there are.

    Returns
    -------
    list of Trained
        One for each rung, in the ladder's order.
    """
    ids = cache(lambda: experience.log.item_ids(task.name))
    # Before anything is read: what comes in meanwhile is left to the next training.
    upto = experience.log.last_seq(task.name) if upto is None else upto
    champion = experience.champion(task.name)
    # What was launched by request goes on learning.
    ladder = (task.asking(champion.rung) if champion else task).ladder
    trained = [_begin(task, rung, experience, afresh, ids) for rung in ladder]
    # Rungs that stand at the same place go through the experience together, and read it once.
    for since in sorted({one.since for one in trained}):
        together = [one for one in trained if one.since == since]
        total = sum(experience.log.count(task.name, after=since).values())
        examples = experience.examples(task.name, after=since, upto=upto)
        learned = taught(task, together, examples, upto, again=again_from(task, experience))
        for judged, _ in enumerate(learned, start=1):
            progress(judged, total)
    behind = [one for one in trained if one.trained_to > one.since]
    again = again_from(task, experience)
    fitted(task, behind, upto, again)
    for one in behind:
        # What went on from a stored model has its net.
        if one.rung.learner.tunes and one.since == one.recipe.since:
            tuned_again(task, one, upto, again)
    return trained


def again_from(task: Task, experience: Experience) -> Again:
    """Return what gives the examples of a log once more, for models fitted to all at once."""
    return lambda after, upto: experience.examples(task.name, after=after, upto=upto)


def afresh_by(rung: Rung, recipe: Recipe, ids: list[str]) -> Trained:
    """Return a rung's model as it is before it learns anything by a recipe.

    Parameters
    ----------
    rung : Rung
        The rung.
    recipe : Recipe
        What it is to learn.
    ids : list of str
        The items of the experience, of which its starter must not have learned.
    """
    learner, starter = rung.begin(ids)
    return Trained(
        rung, learner, Record.empty(), recipe, recipe.since, since=recipe.since, starter=starter
    )


def disturbed(task: Task, experience: Experience, recipe: Recipe, upto: int) -> bool:
    """Return whether a flag that a model has learned was taken back or changed since.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags are kept.
    recipe : Recipe
        What the model has learned.
    upto : int
        Up to which place in the log.
    """
    return experience.log.disturbed(task.name, upto, after=recipe.since, gaps=recipe.gaps)


def champion_record(task: Task, experience: Experience) -> Record:
    """Return what the champion said of each flag before it learned it; empty where none is.

    Raises
    ------
    ModelError
        If its file is missing or damaged.
    """
    launch = experience.champion(task.name)
    if launch is None:
        return Record.empty()
    return read_record(model_path(experience.home, launch.model))


def champions_recipe(task: Task, experience: Experience) -> Recipe:
    """Return how the model in force was made; that of all flags where nothing was launched."""
    launch = experience.champion(task.name)
    if launch is None:
        return Recipe()
    card, _ = read_model(model_path(experience.home, launch.model), ())
    return Recipe.of(card.recipe).without(card.trained_to, launch.flags_from)


def live_model(task: Task, experience: Experience, launch: Launch) -> Trained | None:
    """Return the model in force with all flags judged and learned that came after it.

    Returns
    -------
    Trained or None
        None where it was made for other features.
    """
    rung = task.rung(launch.rung)
    kept = _checkpoint(experience, launch.model, launch.flags_from)
    if kept.card.features != rung.features.signature:
        return None
    one = restored(kept.path, rung, kept.recipe, kept.since)
    upto = experience.log.last_seq(task.name)
    for _ in taught(task, [one], experience.examples(task.name, after=kept.since, upto=upto), upto):
        pass
    return one


def made_again(task: Task, experience: Experience, launch: Launch) -> tuple[Trained, int] | None:
    """Return the model of a launch as it would be without flags that were taken back or changed.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags and models are kept.
    launch : Launch
        Whose model; its file is kept.

    Returns
    -------
    tuple of (Trained, int) or None
        The model, and how many flags it has learned no more; None where nothing has changed of
        what it has learned.

    Raises
    ------
    ModelError
        If its file is missing or damaged, or too much of what it knows was forgotten for another.
    """
    path = model_path(experience.home, launch.model)
    card, _ = read_model(path, ())
    kept = _Checkpoint(path, card, Recipe.of(card.recipe), card.trained_to)
    gone = experience.log.disturbed_places(
        task.name, kept.since, after=kept.recipe.since, gaps=kept.recipe.gaps
    )
    rung = task.rung(launch.rung)
    if not gone or not rung.learner.learns:
        return None
    one = _undisturbed(task, rung, experience, kept, lambda: experience.log.item_ids(task.name))
    begun = one.since
    if begun < kept.since:
        again = again_from(task, experience)
        for _ in taught(task, [one], again(begun, kept.since), kept.since, again=again):
            pass
        fitted(task, [one], kept.since, again)
        if rung.learner.tunes and begun == one.recipe.since:
            tuned_again(task, one, kept.since, again)
    if card.examples - len(gone) - one.examples > FORGOTTEN * card.examples:
        were = f"{counted(len(gone), 'flag')} that {'were' if len(gone) > 1 else 'was'}"
        raise ModelError(
            f"{launch.model}, live before, has learned {were} taken back or changed since, and "
            "cannot be made again without, for too much of what it knows was forgotten: "
            f"`chaffinch learn {task.name} --afresh` trains on what is left"
        )
    return one, len(gone)


def left_out(task: Task, experience: Experience) -> int:
    """Return how many flags that stand the model in force leaves out since it was brought back."""
    gaps = champions_recipe(task, experience).gaps
    if not gaps:
        return 0
    recipe = Recipe(gaps=gaps)
    return sum(map(recipe.leaves_out, experience.log.places(task.name, upto=gaps[-1][1])))


def learned_to(task: Task, experience: Experience) -> int | None:
    """Return the place in the log that all rungs with a stored model have learned up to.

    Returns
    -------
    int or None
        None where no model is stored.
    """
    newest = [next(_checkpoints(task, rung, experience), None) for rung in task.ladder]
    return min((one.since for one in newest if one is not None), default=None)


def _begin(
    task: Task, rung: Rung, experience: Experience, afresh: bool, ids: Callable[[], list[str]]
) -> Trained:
    newest = None if afresh else next(_checkpoints(task, rung, experience), None)
    if newest is None:
        return afresh_by(rung, Recipe(), ids())
    base = _undisturbed(task, rung, experience, newest, ids)
    if base.since == newest.since or newest.card.features != rung.features.signature:
        return base
    return _kept_on(task, rung, experience, newest, base) or base


def _undisturbed(
    task: Task,
    rung: Rung,
    experience: Experience,
    model: _Checkpoint,
    ids: Callable[[], list[str]],
) -> Trained:
    """Return what a stored model can be made again from: the newest that never saw what is gone."""
    for kept in _checkpoints(task, rung, experience):
        if (
            kept.since <= model.since
            and kept.card.features == rung.features.signature
            and kept.recipe.begins_like(model.recipe, kept.since)
            and not disturbed(task, experience, kept.recipe, kept.since)
        ):
            return restored(kept.path, rung, model.recipe, kept.since)
    return afresh_by(rung, model.recipe, ids())


def _kept_on(
    task: Task, rung: Rung, experience: Experience, newest: _Checkpoint, base: Trained
) -> Trained | None:
    """Return the newest model to go on from, where too much it knows is forgotten for another."""
    recipe = newest.recipe
    gone = experience.log.disturbed_places(
        task.name, newest.since, after=recipe.since, gaps=recipe.gaps
    )
    left = sum(
        base.since < place and recipe.learns(place)
        for place in experience.log.places(task.name, upto=newest.since)
    )
    known = newest.card.examples
    if known - len(gone) - base.examples - left <= FORGOTTEN * known:
        return None
    kept = restored(newest.path, rung, recipe, newest.since)
    # What is known to be wrong is no evidence of the model's worth.
    kept.record = kept.record.among(np.setdiff1d(kept.record.seq, gone))
    kept.unlearned = len(gone)
    return kept


def _checkpoints(task: Task, rung: Rung, experience: Experience) -> Iterator[_Checkpoint]:
    """Yield the rung's stored models: the champion if it stands on it, then newest first."""
    champion = experience.champion(task.name)
    first = None
    if champion is not None and champion.rung == rung.name:
        first = champion.model
        yield _checkpoint(experience, first, champion.flags_from)
    for kept in experience.models.all(task.name, rung=rung.name):
        if kept.id != first:
            yield _checkpoint(experience, kept.id, kept.trained_to)


def _checkpoint(experience: Experience, id_: str, since: int) -> _Checkpoint:
    path = model_path(experience.home, id_)
    card, _ = read_model(path, ())
    recipe = Recipe.of(card.recipe).without(card.trained_to, since)
    return _Checkpoint(path, card, recipe, since)

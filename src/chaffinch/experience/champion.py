"""The model in force, ready to judge."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from chaffinch.errors import ModelError
from chaffinch.experience.light import RequestStore
from chaffinch.models.base import Learner
from chaffinch.models.files import ModelCard, model_path, read_model
from chaffinch.performance.record import Record, read_record
from chaffinch.settings import read_settings
from chaffinch.task import Rung, Task
from chaffinch.types import Example, Policy


@dataclass(frozen=True, slots=True)
class Champion:
    """A launched model.

    Parameters
    ----------
    model : str
        Its id.
    rung : Rung
        The rung of the ladder that it stands on.
    learner : Learner
        The model itself.
    launch : int
        The place of its launch in the history; 0 for a starter that nobody launched.
    learned : tuple of int
        The places in the log of the flags that were learned on top of the model as launched.
    policy : Policy
        What to do at which of its scores.
    """

    model: str
    rung: Rung
    learner: Learner
    launch: int = 0
    learned: tuple[int, ...] = ()
    policy: Policy = field(default_factory=Policy)


def load_champion(task: Task, home: Path, store: RequestStore | None) -> Champion:
    """Return the launched model of a task, with every flag learned that was given since.

    Where nothing was launched yet it is what the task's starter makes of its first rung.

    Parameters
    ----------
    task : Task
        The task.
    home : Path
        The folder of the installation.
    store : RequestStore or None
        Where the experience is kept; None where there is none.

    Raises
    ------
    ModelError
        If no model is launched and no starter ships, or its file is missing, damaged or made for
        other features.
    """
    launch = store.champion(task.name) if store is not None else None
    if store is None or launch is None:
        learner, starter = task.first.begin()
        if not starter:
            raise nothing_launched(task, home)
        policy = Record.empty().policy(task, ham_loss(task, home), task.first.measured())
        return Champion(starter, task.first, learner, policy=policy)
    rung = task.rung(launch.rung)
    path = model_path(store.home, launch.model)
    if not rung.learner.learns:
        # People change these weights, in files: the model is what stands there now.
        policy = _policy(task, home, path, read_model(path, ())[0], rung)
        return Champion(launch.model, rung, rung.start(), launch.seq, policy=policy)
    # What was stored in bulk waits for its training, which can take longer than a mail may.
    later = list(store.examples(task.name, after=launch.flags_from, bulk=False))
    card, tensors = read_model(path, None if later else rung.learner.tensors_to_judge)
    if card.features != rung.features.signature:
        raise ModelError(
            f"model file {path} was made for other features ({card.features}) than this "
            f"Chaffinch's ({rung.features.signature}): make it again with `chaffinch learn "
            f"{task.name} --afresh`"
        )
    learner = rung.learner(card.params, tensors)
    _learn(task, rung, learner, later)
    seqs = tuple(example.seq for example in later)
    return Champion(
        launch.model, rung, learner, launch.seq, seqs, _policy(task, home, path, card, rung)
    )


def _policy(task: Task, home: Path, path: Path, card: ModelCard, rung: Rung) -> Policy:
    """Return the policy that was settled when a model was stored, or what is promised by now."""
    rate = ham_loss(task, home)
    if card.policy.get("ham_loss") == rate:
        return Policy(**card.policy)
    return read_record(path).policy(task, rate, rung.measured())


def ham_loss(task: Task, home: Path) -> float:
    """Return which share of the negatives may be lost, or of accepted labels may be wrong."""
    rate: float = read_settings(home).get("ham_loss", task.scheme.may_lose)
    return rate


def follow(champion: Champion, task: Task, home: Path, store: RequestStore) -> Champion:
    """Return the model in force now, given the one that was in force before.

    Where flags were added and nothing else has changed, the model before learns them: the numbers
    are those of `load_champion`, which is called where a flag was taken back or another model
    launched.

    Parameters
    ----------
    champion : Champion
        What was loaded, and perhaps followed, before; its learner may be changed.
    task, home, store
        As for `load_champion`.

    Raises
    ------
    ModelError
        If another model was launched and its file is missing or damaged.
    """
    launch = store.champion(task.name)
    if launch is None:
        return champion
    if launch.seq != champion.launch:
        return load_champion(task, home, store)
    if not champion.rung.learner.learns:
        return champion
    later = list(store.examples(task.name, after=launch.flags_from, bulk=False))
    seqs = tuple(example.seq for example in later)
    known = len(champion.learned)
    if seqs == champion.learned:
        return champion
    # A model that had nothing to learn was loaded without what learning takes.
    if not known or seqs[:known] != champion.learned:
        return load_champion(task, home, store)
    _learn(task, champion.rung, champion.learner, later[known:])
    return replace(champion, learned=seqs)


def _learn(task: Task, rung: Rung, learner: Learner, examples: list[Example]) -> None:
    for example in examples:
        row = rung.features.row(task.reader(example.item.data), example.item.owner)
        learner.learn(row, task.target(example.label))


def nothing_launched(task: Task, home: Path) -> ModelError:
    """Return the error for a task that nobody has taught yet."""
    return ModelError(
        f"no model of {task.name} is launched in {home}: teach one first, as in `chaffinch learn "
        f"{task.name} --label {task.labels[-1]}=PATH --label {task.labels[0]}=PATH`"
    )

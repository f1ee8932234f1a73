"""Labels that people make up: a class that never was before begins only where it is meant to."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from chaffinch.errors import UsageError, did_you_mean
from chaffinch.experience.store import Experience
from chaffinch.task import Task

#: The label of what is none of the others, by which `ask` has it flagged.
NONE = "none"
_MOST_NAMED = 5


def unknown(task: Task, experience: Experience, labels: Iterable[str]) -> list[str]:
    """Return which labels nobody has heard of: not the task, and no flag that stands.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags are.
    labels : iterable of str
        Labels of the task, as `Task.label` returns them.

    Returns
    -------
    list of str
        In order, each once.
    """
    made_up = sorted(set(labels) - set(task.labels))
    flagged = experience.log.count(task.name) if made_up else {}
    return [label for label in made_up if label not in flagged]


def described(task: Task, experience: Experience, labels: list[str]) -> str:
    """Return what is to be told of labels that nobody has heard of, with those that are near.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags are.
    labels : list of str
        What `unknown` returned.
    """
    known = [*task.labels, *sorted(set(experience.log.count(task.name)) - set(task.labels))]
    named = ", ".join(f"'{label}'{_near(label, known)}" for label in islice(labels, _MOST_NAMED))
    more = f" and {len(labels) - _MOST_NAMED} more" if len(labels) > _MOST_NAMED else ""
    be = "is" if len(labels) == 1 else "are"
    return f"{named}{more} {be} new to {task.name}, which knows {', '.join(known)}"


def refuse_unknown(
    task: Task, experience: Experience, labels: Iterable[str], *, said_by: str = "new=True"
) -> None:
    """Refuse labels that nobody has heard of, where nobody said that they are meant to be new.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags are.
    labels : iterable of str
        Labels of the task, as `Task.label` returns them.
    said_by : str
        How it is said, at the door that they came by, that they are meant.

    Raises
    ------
    UsageError
        The message names the labels, and what they may have been meant to be.
    """
    strange = unknown(task, experience, labels)
    if strange:
        raise UsageError(
            f"{described(task, experience, strange)}: nothing was flagged; if that is meant, say "
            f"so by {said_by}"
        )


def _near(label: str, known: list[str]) -> str:
    """Return `` (did you mean …?)`` for the label that is meant most likely; empty without one."""
    if label.casefold() == NONE and NONE not in known:
        return ""  # it is near to one, and means what it says
    value = _number(label)
    same = [one for one in known if value is not None and _number(one) == value]
    return f" (did you mean '{same[0]}'?)" if same else did_you_mean(label, known)


def _number(label: str) -> float | None:
    try:
        return float(label)
    except ValueError:
        return None

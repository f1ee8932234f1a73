"""Review: what is held, what may be wrong, and how far each flagger is to be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from chaffinch.errors import InputError
from chaffinch.experience.champion import load_champion
from chaffinch.experience.review import Decision
from chaffinch.experience.store import Experience
from chaffinch.loop.train import champion_record, live_model
from chaffinch.loop.trust import Evidence, Standing, likely_wrong, standings
from chaffinch.loop.watch import gather_evidence, named
from chaffinch.models.base import sigmoid
from chaffinch.predictor import Predictor
from chaffinch.task import Task
from chaffinch.types import Flag, Item, Verdict

# Held flags whose items are read: the newest.
_MOST_READ = 1_000
# Flaggers whom an error names.
_MOST_NAMED = 30


@dataclass(frozen=True, slots=True)
class Flagger:
    """How one flagger stands.

    Parameters
    ----------
    by : str
        The flagger.
    flags, held : int
        How many flags stand, and how many are held for review.
    standing : Standing
        How many agreed with a model that had not learned them, and what follows for trust.
    decision : Decision or None
        What was decided last.
    """

    by: str
    flags: int
    held: int
    standing: Standing
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Doubted:
    """A flag that is held, or likely wrong.

    Parameters
    ----------
    flag : Flag
        The flag.
    title : str
        The first words of its item, or what it is.
    probability : float
        Of the positive label, or of many of the one said, by a model that has not learned the flag.
    said : str
        Of many labels the one that this model gave.
    name : str
        What its item is called where it came from, where that is known.
    """

    flag: Flag
    title: str
    probability: float
    said: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is to review.

    Parameters
    ----------
    flaggers : tuple of Flagger
        The least trusted first.
    held : tuple of Doubted
        The newest held flags, in the order of the log.
    held_count : int
        How many are held in all.
    likely_wrong : tuple of Doubted
        Flags that stand and are likely label errors, the likeliest first.
    wrong_count : int
        How many are in all.
    """

    flaggers: tuple[Flagger, ...]
    held: tuple[Doubted, ...]
    held_count: int
    likely_wrong: tuple[Doubted, ...]
    wrong_count: int


def overview(task: Task, experience: Experience, *, top: int = 20) -> Overview:
    """Return what there is to review.

    Of flags that stand the live model's verdict before it learned them counts, of held ones its
    verdict now: it has not learned them either.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Flags, held flags and the live model.
    top : int
        How many held flags, and how many likely wrong ones, to return at most.

    Raises
    ------
    ModelError
        If the live model's file is missing or damaged.
    """
    review = experience.review
    waiting = review.held(task.name)
    champion = experience.champion(task.name)
    live = live_model(task, experience, champion) if champion else None
    record = live.record if live else champion_record(task, experience)
    measured = live.rung.measured() if live else None
    evidence, known = gather_evidence(task, experience, record, measured)
    held = _judged(task, experience, waiting[-_MOST_READ:])
    wrong = likely_wrong(evidence)
    said = dict(zip(record.seq.tolist(), record.guess.tolist(), strict=False))
    shown = []
    for row in wrong[:top]:
        flag = known[row]
        item = experience.items.get(flag.item, owner=flag.owner)
        score, label = float(evidence.score[row]), said.get(flag.seq, "")
        shown.append(Doubted(flag, _title(task, item), sigmoid(score), label, item.source))
    standing = Counter(flag.by for flag in review.standing(task.name))
    return Overview(
        _flaggers(
            _with_held(task, evidence, held),
            standing,
            Counter(flag.by for flag in waiting),
            review.decisions(task.name),
        ),
        tuple(one for one, _ in held[-top:]),
        len(waiting),
        tuple(shown),
        int(wrong.size),
    )


def check_flaggers(task: Task, experience: Experience, names: Collection[str]) -> None:
    """Check that these have flagged something, or were decided on.

    Raises
    ------
    InputError
        If one of them has not.
    """
    review = experience.review
    given = {flag.by for flag in (*review.standing(task.name), *review.held(task.name))}
    known = sorted(given | review.decisions(task.name).keys())
    for name in names:
        if name not in known:
            some = ", ".join(map(named, known[:_MOST_NAMED])) or "nobody yet"
            raise InputError(f"'{named(name)}' has flagged no {task.name}: these have: {some}")


def _judged(
    task: Task, experience: Experience, waiting: list[Flag]
) -> list[tuple[Doubted, Verdict]]:
    if not waiting:
        return []
    champion = load_champion(task, experience.home, experience)
    predictor = Predictor.of(task, champion)
    found = []
    for flag in waiting:
        item = experience.items.get(flag.item, owner=flag.owner)
        verdict = predictor.predict(item, reasons=0)
        said = verdict.label if verdict.second else ""
        title, p = _title(task, item), verdict.probability
        found.append((Doubted(flag, title, p, said, item.source), verdict))
    return found


def _title(task: Task, item: Item) -> str:
    return task.title(task.reader(item.data))


def _with_held(task: Task, evidence: Evidence, held: list[tuple[Doubted, Verdict]]) -> Evidence:
    """Return the evidence with held flags at its end."""
    names = tuple(sorted({*evidence.names, *(one.flag.by for one, _ in held)}))
    place = {name: number for number, name in enumerate(names)}
    by = [place[evidence.names[number]] for number in evidence.by.tolist()]
    count = len(held)
    sure = evidence.sure
    if sure is not None:
        now = [verdict.score >= task.policy.junk for _, verdict in held]
        sure = np.append(sure, np.array(now, np.bool_))
    return replace(
        evidence,
        sure=sure,
        names=names,
        seq=np.append(evidence.seq, np.array([one.flag.seq for one, _ in held], np.int64)),
        by=np.array(by + [place[one.flag.by] for one, _ in held], np.int64),
        truth=np.append(
            evidence.truth,
            np.array(
                [task.scheme.is_so(one.flag.label, verdict.label) for one, verdict in held],
                np.bool_,
            ),
        ),
        score=np.append(
            evidence.score, np.array([verdict.score for _, verdict in held], np.float64)
        ),
        flagged=np.append(evidence.flagged, np.array([one.flag.flagged for one, _ in held])),
        bulk=np.append(evidence.bulk, np.zeros(count, np.bool_)),
        settled=np.append(evidence.settled, np.zeros(count, np.bool_)),
    )


def _flaggers(
    evidence: Evidence,
    standing: Counter[str],
    held: Counter[str],
    decisions: dict[str, Decision],
) -> tuple[Flagger, ...]:
    judged = standings(evidence)
    unjudged = sorted({*standing, *held, *decisions} - {one.by for one in judged})
    blank = standings(_nobody(tuple(unjudged)))
    return tuple(
        Flagger(one.by, standing[one.by], held[one.by], one, decisions.get(one.by))
        # Of whom nothing was looked at nothing is known: they come after those of whom there is.
        for one in (*judged, *blank)
    )


def _nobody(names: tuple[str, ...]) -> Evidence:
    """Return no evidence about some flaggers."""
    whole, part, yes = np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_)
    return Evidence(whole, names, whole, yes, part, part, yes, yes)

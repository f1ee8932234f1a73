"""Watch: hold the flags of those who cannot be trusted, before a model is launched on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from chaffinch.experience.light import BULK_DOOR
from chaffinch.experience.review import ACCEPTED_DOOR
from chaffinch.experience.store import Experience
from chaffinch.explain.readable import counted, printable
from chaffinch.explain.similar import NearCopies
from chaffinch.loop.launch import Choice, choose
from chaffinch.loop.train import FORGOTTEN, live_model, train
from chaffinch.loop.trained import Trained
from chaffinch.loop.trust import LEAST, BoolArray, Copies, Evidence, IntArray, suspicions
from chaffinch.performance.record import Record
from chaffinch.scheme import Binary
from chaffinch.task import Task
from chaffinch.types import Flag, Launch

# Of the flags that are held against one flagger, as many are looked at for near-copies.
_LOOKED_AT = 500
_CHUNK = 500
# Letters of a flagger's name that are shown.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Held:
    """A flagger who is no longer trusted.

    Parameters
    ----------
    by : str
        The flagger.
    flags : int
        How many flags that stood are held now.
    reason : str
        Why, in words.
    """

    by: str
    flags: int
    reason: str


def named(by: str) -> str:
    r"""Return what to call a flagger where people read it.

    Examples
    --------
    >>> named("ada"), named(""), named("m\x1b[2J")
    ('ada', '(no name)', 'm·[2J')
    """
    return printable(by)[:_LONGEST] or "(no name)"


def train_trusted(
    task: Task,
    experience: Experience,
    *,
    afresh: bool = False,
    occasion: str = "",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[list[Trained], Choice, list[Held]]:
    """Train every rung and choose the champion, without the flags of those who cannot be trusted.

    The flaggers are watched when the ladder was trained, by what the rung chosen said of each flag
    before it learned it. Where flags were held the ladder is trained once more: the models are then
    those that never saw them.

    Parameters
    ----------
    task, experience, afresh, progress
        As `chaffinch.loop.train.train` takes them.
    occasion : str
        What gave rise to it, for the reason of the choice.

    Returns
    -------
    list of Trained
        One for each rung, in the ladder's order.
    Choice
        Which of them is to be champion; its reason tells of whom flags were held, and what the
        model before knew that this one does not.
    list of Held
        Those whose flags are held now, and were not before.
    """
    champion = experience.champion(task.name)
    rung = champion.rung if champion else None
    trained = train(task, experience, afresh=afresh, progress=progress)
    choice = choose(task, trained, champion=rung, occasion=occasion)
    held = watch_flaggers(task, experience, choice.trained)
    if held:
        trained = train(task, experience, afresh=afresh, progress=progress)
        choice = choose(task, trained, champion=rung, occasion=occasion)
    reasons = [choice.reason, *_forgotten(task, experience, choice.trained, champion)]
    if held:
        told = ", ".join(f"{one.flags} by {named(one.by)}" for one in held)
        reasons.append(f"flags held for review: {told}")
    return trained, replace(choice, reason="; ".join(reasons)), held


def _forgotten(
    task: Task, experience: Experience, one: Trained, champion: Launch | None
) -> Iterator[str]:
    """Yield what forgetting did to a model: what it cannot unlearn, or no longer knows."""
    if one.untuned:
        yield one.untuned
    if one.unlearned:
        left = sum(experience.log.count(task.name).values())
        yield (
            f"{counted(one.unlearned, 'flag')} taken back, held or changed since cannot be "
            f"unlearned, as much of what it has learned is forgotten: `chaffinch learn {task.name} "
            f"--afresh` trains on the {left:,} left"
        )
        return
    known = experience.models.get(champion.model).examples if champion else 0
    if known - one.examples > FORGOTTEN * known:
        yield f"the model before had learned {known:,}"


def gather_evidence(
    task: Task, experience: Experience, record: Record, measured: Record | None = None
) -> tuple[Evidence, list[Flag]]:
    """Return the flags that stand with the verdicts before them, and the flags themselves.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where the flags are.
    record : Record
        What a model said of each before it learned it; flags that it does not speak of are left
        out.
    measured : Record, optional
        What was measured elsewhere of what the model began from.
    """
    given = experience.review.standing(task.name)
    spoken_of = set(record.seq.tolist())
    standing = [flag for flag in given if flag.seq in spoken_of]
    said = record.among(np.array([flag.seq for flag in standing], np.int64))
    decisions = experience.review.decisions(task.name)
    trusted = {by: one.decided for by, one in decisions.items() if not one.held}
    names = tuple(sorted({flag.by for flag in standing}))
    number = {name: place for place, name in enumerate(names)}
    (most, count), *_ = Counter(flag.by for flag in given).most_common(1) or [("", 0)]
    evidence = Evidence(
        said.seq,
        names,
        np.array([number[flag.by] for flag in standing], np.int64),
        said.so,
        said.score,
        np.array([flag.flagged for flag in standing], np.float64),
        np.array([flag.door == BULK_DOOR for flag in standing], np.bool_),
        np.array(
            [
                flag.door == ACCEPTED_DOOR or flag.flagged <= trusted.get(flag.by, -np.inf)
                for flag in standing
            ],
            np.bool_,
        ),
        most=most if 2 * count > len(given) else "",
    )
    if not isinstance(task.scheme, Binary):
        evidence = _of_many(task, evidence, standing, given, record, measured)
    return evidence, standing


def _of_many(
    task: Task,
    evidence: Evidence,
    standing: list[Flag],
    given: list[Flag],
    record: Record,
    measured: Record | None,
) -> Evidence:
    """Return evidence of many labels: with calibrated scores, and what they are sure of."""
    if not standing:
        return replace(evidence, sure=np.empty(0, np.bool_))
    # By what nobody who is watched has said, where there is such.
    policy = (measured or record).calibrated(task)
    score = policy.slope * evidence.score + policy.offset
    flaggers: dict[str, set[str]] = {}
    for flag in given:
        flaggers.setdefault(flag.label, set()).add(flag.by)
    # Of a label that nobody else has given nobody else can say that it is wrong.
    common = [flag.label in task.labels or len(flaggers[flag.label]) > 1 for flag in standing]
    sure = (score >= policy.junk) & np.array(common, np.bool_)
    if measured is None:
        return replace(evidence, score=score, sure=sure)
    mistaken = policy.slope * measured.score[measured.wrong] + policy.offset
    believed = int((mistaken >= policy.junk).sum()), int(mistaken.size)
    return replace(evidence, score=score, sure=sure, mistakes=believed)


def watch_flaggers(task: Task, experience: Experience, model: Trained) -> list[Held]:
    """Hold the flags of those who contradict what all others taught, beyond doubt.

    Where the change was sudden only what was flagged since is held. Whoever is held stays so for
    all that they flag from now on, until somebody trusts them again: that settles what they have
    flagged until then, and only what they flag later can be held against them.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where the flags are, and are held.
    model : Trained
        The model whose verdicts, each before it learned the flag, they are watched by.

    Returns
    -------
    list of Held
        Those who were trusted until now.
    """
    evidence, _ = gather_evidence(task, experience, model.record, model.rung.measured())
    return [
        Held(
            one.by,
            experience.review.distrust(task.name, one.by, one.reason, since=one.since),
            one.reason,
        )
        for one in suspicions(evidence, _copies(task, experience, evidence.seq))
    ]


def look(
    task: Task, experience: Experience, *, by: str | None = None, given: int = 0
) -> list[Held]:
    """Look whether flaggers can be trusted, between two models, where enough was flagged for it.

    The live model judges each flag that came after it, and learns it: some tenths of a second. So
    a flagger is looked at with every tenth flag.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where the flags are, and are held.
    by : str, optional
        Who flagged just now; by default everybody is looked at who has flagged ten.
    given : int
        How many flags those were.

    Returns
    -------
    list of Held
        Those who were trusted until now.
    """
    champion = experience.champion(task.name)
    if champion is None:
        return []
    counts = experience.log.by_flagger(task.name, after=champion.flags_from)
    if by is None:
        due = max(counts.values(), default=0) >= LEAST
    else:
        now = counts.get(by, 0)
        due = now // LEAST > max(0, now - given) // LEAST
    live = live_model(task, experience, champion) if due else None
    return watch_flaggers(task, experience, live) if live else []


def _copies(task: Task, experience: Experience, seq: IntArray) -> Copies:
    def first(rows: IntArray) -> BoolArray:
        looked_at = seq[rows[-_LOOKED_AT:]].tolist()
        groups = NearCopies()
        met: set[int] = set()
        firsts: set[int] = set()
        for at, text in _texts(task, experience, looked_at):
            group = groups.group(text)
            if group not in met:
                met.add(group)
                firsts.add(at)
        return np.array([at in firsts for at in seq[rows].tolist()], np.bool_)

    return first


def _texts(task: Task, experience: Experience, seqs: list[int]) -> Iterator[tuple[int, str]]:
    for start in range(0, len(seqs), _CHUNK):
        for example in experience.examples(task.name, among=seqs[start : start + _CHUNK]):
            content = task.reader(example.item.data)
            yield example.seq, "\n".join(text for _, text in task.vocabulary(content))

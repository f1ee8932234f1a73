"""A long stream whose source changes in the middle: a frozen model against one that adapts.

Every second mail of Enron, then the SpamAssassin corpus, each label in order of date and both
labels mixed evenly, of the visible text alone: Enron's ham is years older than its spam, and its
headers and tags give the label away. The adapting side is the product, begun without a starter, in
an experience of its own: flags come in 250 at a time, and after each 250 the loop looks once.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from adapting.chart import main as draw_all
from results_file import write
from streams import Message, make_stream
from tables import markdown

from chaffinch.experience.champion import load_champion
from chaffinch.experience.store import Experience
from chaffinch.loop.adapt import adapt
from chaffinch.loop.flag import keep_up
from chaffinch.loop.recipe import Recipe
from chaffinch.loop.train import afresh_by, champions_recipe
from chaffinch.loop.trained import Trained, restored, taught
from chaffinch.loop.trial import tried
from chaffinch.models.files import model_path
from chaffinch.performance.promise import HAM_LOSS
from chaffinch.performance.record import Record, read_record
from chaffinch.task import Task, get_task
from chaffinch.types import Policy

_STEP, _FROZEN_AFTER, _AFTER_LAUNCH, _POINTS = 250, 1_000, 500, 100
_ADAPTING, _LEARNING, _FROZEN = "adapting", "the committee, learning alone", "frozen after 1,000"


def by_date(data: str, every: int = 1) -> list[Message]:
    """Return mails, each label in order of date, the labels mixed evenly."""
    messages = make_stream(data, order="date", cut="visible").messages[::every]
    placed = []
    for label in ("ham", "spam"):
        own = [one for one in messages if one.label == label]
        placed += [((number + 0.5) / len(own), one) for number, one in enumerate(own)]
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


def run(task: Task, stream: Sequence[Message], home: Path) -> dict[str, Any]:
    """Let each side go through the stream, and return what went into junk, and what the loop did.

    The first two mails are learned before anything is judged.
    """
    junk: dict[str, list[bool]] = {_ADAPTING: [], _LEARNING: [], _FROZEN: []}
    rounds: list[dict[str, Any]] = []
    launches: list[dict[str, Any]] = []
    with Experience(home) as experience:
        experience.add(task.name, [one.example for one in stream[:2]])
        keep_up(task, experience)
        alone = afresh_by(task.ladder[-1], Recipe(), [])
        stopped: Trained | None = None
        for start in range(2, len(stream), _STEP):
            chunk = stream[start : start + _STEP]
            champion = load_champion(task, home, experience)
            before, recipe = experience.log.last_seq(task.name), champions_recipe(task, experience)
            policy = alone.record.policy(task, HAM_LOSS)
            experience.add(task.name, [one.example for one in chunk])
            upto = experience.log.last_seq(task.name)
            for _ in taught(
                task, [alone], experience.examples(task.name, after=before, upto=upto), upto
            ):
                pass
            junk[_LEARNING] += _junked(alone.record.later_than(before), policy)
            keep_up(task, experience)
            said = _record(experience, task, champion.rung.name).later_than(before)
            junk[_ADAPTING] += _junked(said, champion.policy)
            if stopped is None:
                junk[_FROZEN] += junk[_ADAPTING][-len(chunk) :]
            else:
                junk[_FROZEN] += _frozen(task, stopped, chunk)
            if stopped is None and start + _STEP >= _FROZEN_AFTER:
                stopped = _champion(task, experience, upto)
            done = adapt(task, experience)
            if done is None:
                continue
            at = start + len(chunk)
            kinds = [one.kind for one in done.triggers]
            print(at, done.outcome, kinds, done.reason, flush=True)
            rounds.append({"at": at, "outcome": done.outcome, "noticed": kinds})
            if done.outcome == "launched":
                launches.append(
                    {
                        "at": at,
                        "reason": done.reason,
                        "afterwards": (upto, recipe, champions_recipe(task, experience)),
                    }
                )
        for one in launches:
            one["afterwards"] = _afterwards(task, experience, *one["afterwards"])
    return {"junk": junk, "rounds": rounds, "launches": launches}


def _junked(record: Record, policy: Policy) -> list[bool]:
    junk: list[bool] = (policy.slope * record.score + policy.offset >= policy.junk).tolist()
    return junk


def _frozen(task: Task, stopped: Trained, chunk: Sequence[Message]) -> list[bool]:
    policy, features = stopped.record.policy(task, HAM_LOSS), stopped.rung.features
    scores = [stopped.learner.score(features.row(task.reader(one.data))) for one in chunk]
    return [policy.action(policy.calibrated(score)) == "junk" for score in scores]


def _champion(task: Task, experience: Experience, upto: int) -> Trained:
    launch = experience.champion(task.name)
    assert launch is not None
    path = model_path(experience.home, launch.model)
    return restored(path, task.rung(launch.rung), Recipe(), upto)


def _record(experience: Experience, task: Task, rung: str) -> Record:
    """Return what the model of a rung said of each flag before it learned it."""
    launch = experience.champion(task.name)
    assert launch is not None
    newest = experience.models.all(task.name, rung=rung)[0].id
    model = launch.model if launch.rung == rung else newest
    return read_record(model_path(experience.home, model))


def _afterwards(
    task: Task, experience: Experience, place: int, was: Recipe, now: Recipe
) -> dict[str, Any]:
    """Set what was launched against what it replaced, over the mails that came next."""
    places = experience.log.places(task.name, upto=experience.log.last_seq(task.name))
    later = [one for one in places if one > place][:_AFTER_LAUNCH]
    if not later:
        return {}
    both = [afresh_by(task.ladder[-1], recipe, []) for recipe in (now, was)]
    for _ in taught(task, both, experience.examples(task.name, upto=later[-1]), later[-1]):
        pass
    return tried(task, *both, since=place).as_json()


def summary(task: Task, stream: Sequence[Message], found: dict[str, Any]) -> dict[str, Any]:
    """Return what is written of a run."""
    spam = np.array([one.label == "spam" for one in stream[2:]])
    sides = {}
    for name, junk in found["junk"].items():
        lost, missed = np.array(junk) & ~spam, ~np.array(junk) & spam
        cost = np.cumsum(
            task.binary.cost_false_positive * lost + task.binary.cost_false_negative * missed
        )
        every = max(1, len(cost) // _POINTS)
        sides[name] = {
            "cost": float(cost[-1]),
            "ham_lost": int(lost.sum()),
            "spam_missed": int(missed.sum()),
            "curve": [[at + 1, float(cost[at])] for at in range(every - 1, len(cost), every)],
        }
    return {
        "mails": len(stream),
        "ham": int((~spam).sum()),
        "sides": sides,
        "rounds": found["rounds"],
        "launches": found["launches"],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="take the first so many mails only, for a trial")
    options = parser.parse_args()
    task = get_task("mail")
    # The starter was made of the SpamAssassin corpus.
    task = replace(task, ladder=tuple(replace(rung, starter=None) for rung in task.ladder))
    enron, other = by_date("enron", 2), by_date("spamassassin")
    stream = list({one.id: one for one in enron + other}.values())[: options.limit]
    with tempfile.TemporaryDirectory() as home:
        found = run(task, stream, Path(home))
    measured = summary(task, stream, found) | {"switch": len(enron)}
    rows = [
        [name, f"{one['cost']:.0f}", str(one["ham_lost"]), str(one["spam_missed"])]
        for name, one in measured["sides"].items()
    ]
    print(markdown(["side", "cost", "ham lost", "spam missed"], rows))
    write("adapting_year", measured)
    draw_all()

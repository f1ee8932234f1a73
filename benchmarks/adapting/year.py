"""A long stream whose source changes in the middle: a frozen model against one that adapts.

Every second mail of Enron, then the SpamAssassin corpus, each label in order of date and both
labels mixed evenly, of the visible text alone: Enron's ham is years older than its spam, and its
headers and tags give the label away. The adapting side is the product, in an experience of its own:
flags come in 250 at a time, and after each the loop looks once.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from streams import Message, make_stream

from chaffinch.experience.champion import load_champion
from chaffinch.experience.store import Experience
from chaffinch.loop.adapt import adapt
from chaffinch.loop.flag import keep_up
from chaffinch.loop.recipe import Recipe
from chaffinch.loop.train import afresh_by, champions_recipe
from chaffinch.loop.trained import Trained, restored, taught
from chaffinch.loop.trial import tried
from chaffinch.models.files import model_path, read_model
from chaffinch.performance.record import RECORD_TENSORS, Record
from chaffinch.task import Task, get_task
from chaffinch.types import Policy

STEP = 250
FROZEN_AFTER = 1_000
AFTER_LAUNCH = 500


@dataclass
class Arm:
    """What one side did with each mail: whether it went into junk.

    Parameters
    ----------
    junk : list of bool
        In order of arrival.
    """

    junk: list[bool] = field(default_factory=list)

    def costs(self, task: Task, truth: list[bool]) -> np.ndarray:
        """Return the cumulative cost."""
        return np.cumsum(
            [
                task.cost_false_positive
                if junk and not spam
                else task.cost_false_negative
                if spam and not junk
                else 0.0
                for junk, spam in zip(self.junk, truth, strict=True)
            ]
        )


def by_date(data: str, every: int = 1) -> list[Message]:
    """Return mails, each label in order of date, the labels mixed evenly."""
    messages = make_stream(data, order="date", cut="visible").messages[::every]
    placed = []
    for label in ("ham", "spam"):
        own = [one for one in messages if one.label == label]
        placed += [((number + 0.5) / len(own), one) for number, one in enumerate(own)]
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


def junked(record: Record, policy: Policy) -> list[bool]:
    """Return which of a record's items the policy would have put into junk."""
    return (policy.slope * record.score + policy.offset >= policy.junk).tolist()


def run(task: Task, stream: list[Message], home: Path) -> dict[str, Any]:
    """Let the product go through the stream, and return what it did."""
    adapting, learning, frozen = Arm(), Arm(), Arm()
    launches: list[dict[str, Any]] = []
    rounds: list[dict[str, Any]] = []
    with Experience(home) as experience:
        # Beside it: the same rung, learning every flag, never tried anew; and one that stops.
        steady = afresh_by(task.ladder[-1], Recipe(), [one.id for one in stream])
        stopped: Trained | None = None
        for start in range(0, len(stream), STEP):
            chunk = stream[start : start + STEP]
            if start == 0:
                # Rules judge before there is a flag.
                experience.add(task.name, [one.example for one in chunk[:2]], by="owner")
                keep_up(task, experience)
            champion = load_champion(task, home, experience)
            recipe = champions_recipe(task, experience)
            before = experience.last_seq(task.name)
            chunk = chunk[2:] if start == 0 else chunk
            policy = steady.record.policy(task, 0.001)
            experience.add(task.name, [one.example for one in chunk], by="owner")
            upto = experience.last_seq(task.name)
            new = lambda: experience.examples(task.name, after=before, upto=upto)
            for _ in taught(task, [steady], new(), upto):
                pass
            learning.junk += junked(steady.record.later_than(before), policy)
            # What the live model said of each flag before it learned it, of its own recipe.
            keep_up(task, experience)
            said = live_record(experience, task, champion.rung.name).later_than(before)
            adapting.junk += junked(said, champion.policy)
            if stopped is not None:
                rung, settled = stopped.rung, stopped.record.policy(task, 0.001)
                for one in chunk:
                    score = stopped.learner.score(rung.features.row(task.reader(one.data)))
                    frozen.junk.append(settled.action(settled.calibrated(score)) == "junk")
            else:
                frozen.junk += learning.junk[-len(chunk) :]
            if stopped is None and start + STEP >= FROZEN_AFTER:
                launch = experience.champion(task.name)
                stopped = restored(
                    model_path(home, launch.model), task.rung(launch.rung), Recipe(), upto
                )
            done = adapt(task, experience)
            if done is not None:
                rounds.append(
                    {
                        "at": start + len(chunk),
                        "outcome": done.outcome,
                        "noticed": [one.kind for one in done.triggers],
                    }
                )
                print(
                    start + len(chunk),
                    done.outcome,
                    [one.kind for one in done.triggers],
                    done.reason[:160],
                    flush=True,
                )
                if done.outcome == "launched":
                    launches.append(
                        {
                            "at": start + len(chunk),
                            "place": upto,
                            "was": recipe,
                            "is": champions_recipe(task, experience),
                            "reason": done.reason,
                        }
                    )
        truth = [one.label == "spam" for one in stream[2:]]
        for one in launches:
            one |= afterwards(task, experience, one)
    return {
        "costs": {
            name: arm.costs(task, truth)
            for name, arm in (
                ("adapting", adapting),
                ("learning, never tried anew", learning),
                ("frozen", frozen),
            )
        },
        "ham_lost": {
            name: int(sum(j and not t for j, t in zip(arm.junk, truth)))
            for name, arm in (("adapting", adapting), ("learning", learning), ("frozen", frozen))
        },
        "launches": launches,
        "rounds": rounds,
    }


def live_record(experience: Experience, task: Task, rung: str) -> Record:
    """Return the record of the model that was in force, on this rung."""
    launch = experience.champion(task.name)
    newest = launch.model if launch.rung == rung else experience.models(task.name, rung=rung)[0].id
    _, tensors = read_model(model_path(experience.home, newest), RECORD_TENSORS)
    return Record.of(tensors)


def afterwards(task: Task, experience: Experience, launch: dict[str, Any]) -> dict[str, Any]:
    """Return what the model launched cost less than the one before over the next 500 mails."""
    places = experience.places(task.name, upto=experience.last_seq(task.name))
    later = [place for place in places if place > launch["place"]][:AFTER_LAUNCH]
    if not later:
        return {}
    both = [
        afresh_by(task.ladder[-1], launch[key], experience.item_ids(task.name))
        for key in ("was", "is")
    ]
    for _ in taught(task, both, experience.examples(task.name, upto=later[-1]), later[-1]):
        pass
    was, new = both
    trial = tried(task, new, was, since=launch["place"])
    return {
        "after": trial.as_json(),
        "was": launch["was"].said(places),
        "is": launch["is"].said(places),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="take the first so many mails only, for a trial")
    options = parser.parse_args()
    task = get_task("mail")
    # The starter was made of the SpamAssassin corpus.
    task = replace(task, ladder=tuple(replace(rung, starter=None) for rung in task.ladder))
    stream = list({one.id: one for one in by_date("enron", 2) + by_date("spamassassin")}.values())
    stream = stream[: options.limit]
    with tempfile.TemporaryDirectory() as home:
        found = run(task, stream, Path(home))
    import pickle

    pickle.dump(found, open("/tmp/year.pkl", "wb"))
    for name, cost in found["costs"].items():
        print(name, cost[-1], [float(cost[i]) for i in range(999, len(cost), 1000)])
    print(found["ham_lost"], found["launches"])

"""What several owners of one model gain by each other, and can do to each other."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import Stream, make_stream
from tables import markdown

from chaffinch.features.rows import Row
from chaffinch.models.base import Learner
from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import accuracy, one_minus_roca_percent, value
from chaffinch.performance.progressive import Run, progressive
from chaffinch.types import Example, Item

SEED = 1  # a shuffle that settings may be chosen on
OWNERS = 20
NO_BOUND = 1e9
ALLOWANCES = (1.0, 5.0, 20.0, 100.0, NO_BOUND)
#: Owners that take the part of the one who differs, one after another.
PLAYERS = (0, 10)
#: A mailing list, by its List-Id, whose mails one owner wants as spam: 10% of the ham.
LIST = "freshrpms.net"

Scores = dict[str, NDArray[np.float64]]
#: Whether an owner's mail of this truth, of the list or not, is flagged as spam.
Flagging = Callable[[bool, bool], bool]


@dataclass(frozen=True)
class Dealt:
    """A stream whose mails belong to owners in turns.

    Parameters
    ----------
    stream : Stream
        The mails, in judged order.
    started : Learner
        The model that all begin with.
    owner : ndarray of int, shape (n,)
        Whose each is.
    spam : ndarray of bool, shape (n,)
        The true labels.
    listed : ndarray of bool, shape (n,)
        Which are ham of the mailing list.
    """

    stream: Stream
    started: Learner
    owner: NDArray[np.int64]
    spam: NDArray[np.bool_]
    listed: NDArray[np.bool_]

    def begun(self, allowance: float) -> Learner:
        """Return a copy of the model that all begin with, of this allowance."""
        tensors = {name: tensor.copy() for name, tensor in self.started.tensors.items()}
        params = self.started.params | {"allowance": allowance}
        if allowance == NO_BOUND:
            params["at_once"] = NO_BOUND
        return type(self.started)(params, tensors)

    def examples(self, flagging: Flagging | None, player: int, *, owned: bool) -> Iterator[Example]:
        """Yield the mails as flagged where one owner flags otherwise, or not at all."""
        task = self.stream.task
        for k, message in enumerate(self.stream.messages):
            label = message.label
            if self.owner[k] == player and flagging is not None:
                label = task.labels[flagging(bool(self.spam[k]), bool(self.listed[k]))]
            owner = f"owner {self.owner[k]}" if owned else ""
            yield Example(Item(message.data, task.name, owner), label)


def dealt(stream: Stream, before: int) -> Dealt:
    """Deal the mails of a stream to owners; the first ``before`` are nobody's, and learned."""
    rung = stream.task.rung("committee")
    run = Run(rung, rung.start())
    examples = [message.example for message in stream.messages[:before]]
    for _ in progressive(stream.task, [run], examples):
        pass
    stream = replace(stream, messages=stream.messages[before:])
    spam = np.array([message.label == stream.task.positive for message in stream.messages])
    contents = (stream.task.reader(message.data) for message in stream.messages)
    listed = np.array([LIST in content.header("list-id") for content in contents])
    return Dealt(stream, run.learner, np.arange(spam.size) % OWNERS, spam, listed & ~spam)


def judged(
    data: Dealt, flagging: Flagging | None, player: int = -1, *, absent: bool = False
) -> Scores:
    """Return every mail's score before it was learned, by arm.

    The arms are one model that knows no owners, and one that does for each allowance. An absent
    player's mails are judged by nobody: their scores are NaN.
    """
    rung = data.stream.task.rung("committee")
    present = data.owner != player if absent else np.ones(data.owner.size, np.bool_)
    found: Scores = {}
    for owned, allowances in ((False, (NO_BOUND,)), (True, ALLOWANCES)):
        runs = [Run(rung, data.begun(allowance)) for allowance in allowances]
        examples = data.examples(flagging, player, owned=owned)
        kept = (example for example, here in zip(examples, present, strict=True) if here)
        for _ in progressive(data.stream.task, runs, kept):
            pass
        for allowance, run in zip(allowances, runs, strict=True):
            scores = np.full(present.size, np.nan)
            scores[present] = run.scores
            found[named(allowance) if owned else SHARED] = scores
    return found


SHARED = "one model for all"


def named(allowance: float) -> str:
    """Return what an arm with owners is called."""
    return "owners, no bound" if allowance == NO_BOUND else f"owners, {allowance:g}"


def among(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> dict[str, float]:
    """Return the two measures of some mails, in percent."""
    verdicts = Judgements(truth, score, score > 0)
    return {
        "accuracy_percent": 100 * value(accuracy, verdicts),
        "one_minus_roca_percent": value(one_minus_roca_percent, verdicts),
    }


def clean(data: Dealt) -> tuple[Scores, dict[str, Any]]:
    """Measure every arm where all owners flag what is true."""
    scores = judged(data, None)
    return scores, {arm: among(data.spam, score) for arm, score in scores.items()}


def dissent(data: Dealt, honest: Scores) -> dict[str, Any]:
    """Measure every arm where one owner wants the mails of a list as spam."""
    found: dict[str, dict[str, list[float]]] = {}
    for player in PLAYERS:
        scores = judged(data, lambda spam, listed: spam or listed, player)
        mine = data.owner == player
        listed, rest, others = mine & data.listed, mine & ~data.listed, ~mine
        later = np.flatnonzero(listed)[listed.sum() // 2 :]
        for arm, score in scores.items():
            measured = {
                "list_judged_spam_percent": 100 * float((score[listed] > 0).mean()),
                "list_judged_spam_percent_later_half": 100 * float((score[later] > 0).mean()),
                "rest_accuracy_percent": 100 * float(((score > 0) == data.spam)[rest].mean()),
                "others_list_lost_percent": 100 * float((score[others & data.listed] > 0).mean()),
                "others_one_minus_roca_percent": roca(data, score, others),
                "others_one_minus_roca_percent_before": roca(data, honest[arm], others),
            }
            _note(found, arm, measured)
    return _means(found)


def malice(data: Dealt, honest: Scores) -> dict[str, Any]:
    """Measure every arm where one owner flags the contrary of the truth throughout."""
    found: dict[str, dict[str, list[float]]] = {}
    for player in PLAYERS:
        scores = judged(data, lambda spam, _: not spam, player)
        without = judged(data, None, player, absent=True)
        others = data.owner != player
        for arm, score in scores.items():
            shift = np.abs(score - without[arm])[others]
            measured = {
                "others_one_minus_roca_percent": roca(data, score, others),
                "others_one_minus_roca_percent_honest": roca(data, honest[arm], others),
                "others_one_minus_roca_percent_absent": roca(data, without[arm], others),
                "others_largest_shift": float(shift.max()),
                "others_median_shift": float(np.median(shift)),
            }
            _note(found, arm, measured)
    return _means(found)


def assault(data: Dealt) -> dict[str, Any]:
    """Measure how far one owner's flags, five times the contrary of all its mails, move others'.

    Nobody else flags anything meanwhile: all that moves is that owner's doing.
    """
    task = data.stream.task
    features = task.rung("committee").features
    mine = np.flatnonzero(data.owner == PLAYERS[0]).tolist()
    watched = np.flatnonzero(data.owner != PLAYERS[0])[:1500].tolist()

    def row(k: int, owner: str) -> Row:
        return features.row(task.reader(data.stream.messages[k].data), owner)

    rows = [row(k, f"owner {data.owner[k]}") for k in watched]
    found = {}
    for owned, allowances in ((False, (NO_BOUND,)), (True, ALLOWANCES)):
        flagged = [row(k, f"owner {PLAYERS[0]}" if owned else "") for k in mine]
        for allowance in allowances:
            learner = data.begun(allowance)
            before = np.array([learner.score(one) for one in rows])
            for one, spam in list(zip(flagged, data.spam[mine], strict=True)) * 5:
                learner.learn(one, not spam)
            shift = np.abs(np.array([learner.score(one) for one in rows]) - before)
            found[named(allowance) if owned else SHARED] = {
                "others_largest_shift": float(shift.max()),
                "others_median_shift": float(np.median(shift)),
            }
    return found


def roca(data: Dealt, score: NDArray[np.float64], which: NDArray[np.bool_]) -> float:
    """Return 1-ROCA% of some of the mails, by their true labels."""
    return among(data.spam[which], score[which])["one_minus_roca_percent"]


def _note(found: dict[str, dict[str, list[float]]], arm: str, measured: dict[str, float]) -> None:
    for name, number in measured.items():
        found.setdefault(arm, {}).setdefault(name, []).append(number)


def _means(found: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    """Return the mean over the players, but of the largest shift the largest."""
    return {
        arm: {
            name: max(numbers) if "largest" in name else float(np.mean(numbers))
            for name, numbers in measured.items()
        }
        for arm, measured in found.items()
    }


def shown(found: dict[str, Any], columns: dict[str, str]) -> str:
    """Return a table of some measures, one row an arm."""
    rows = [[arm, *(f"{one[name]:.3g}" for name in columns)] for arm, one in found.items()]
    return markdown(["arm", *columns.values()], rows)


_TABLES: Sequence[tuple[str, str, dict[str, str]]] = (
    (
        "clean",
        "All flag what is true",
        {"one_minus_roca_percent": "1-ROCA %", "accuracy_percent": "accuracy %"},
    ),
    (
        "dissent",
        f"One of {OWNERS} wants the mails of a list as spam",
        {
            "list_judged_spam_percent": "its list as it wants %",
            "list_judged_spam_percent_later_half": "later half",
            "rest_accuracy_percent": "its other mails %",
            "others_list_lost_percent": "others lose of the list %",
            "others_one_minus_roca_percent": "others' 1-ROCA %",
            "others_one_minus_roca_percent_before": "without it",
        },
    ),
    (
        "malice",
        f"One of {OWNERS} flags the contrary of the truth",
        {
            "others_one_minus_roca_percent": "others' 1-ROCA %",
            "others_one_minus_roca_percent_honest": "if honest",
            "others_one_minus_roca_percent_absent": "if absent",
            "others_largest_shift": "largest shift",
            "others_median_shift": "median shift",
        },
    ),
    (
        "assault",
        f"One of {OWNERS} flags the contrary of the truth five times over, nobody else anything",
        {"others_largest_shift": "largest shift", "others_median_shift": "median shift"},
    ),
)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="the first so many mails only; writes no results")
    limit = parser.parse_args().limit
    began = time.monotonic()
    stream = make_stream("spamassassin", seed=SEED, limit=limit)
    results: dict[str, Any] = {}
    for name, before in (("from nothing", 0), ("started", len(stream.messages) // 2)):
        data = dealt(stream, before)
        honest, measured = clean(data)
        found = {
            "clean": measured,
            "dissent": dissent(data, honest),
            "malice": malice(data, honest),
            "assault": assault(data),
        }
        for key, title, columns in _TABLES:
            print(f"\n{title}, {name}\n\n{shown(found[key], columns)}", flush=True)
        results[name] = {"learned_before": before, **data.stream.about, **found}
    print(f"\n{time.monotonic() - began:.0f} s", file=sys.stderr)
    if limit is None:
        write("mail_owners", {"owners": OWNERS, "players": PLAYERS, **results})


if __name__ == "__main__":
    main()

"""P against the number of flags, from the first to the thousandth, beside other filters."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from accuracy.goals import begun_elsewhere, means
from adapting.ways import Promise
from peers.bogofilter import Bogofilter
from peers.chaffinch_arm import Chaffinch
from peers.peer import NO_OPINION, Judgement, Peer
from peers.play import judge, learn
from peers.spamassassin import SpamAssassinBayes
from results_file import write
from streams import SEED, Message, make_stream
from tables import markdown

from chaffinch.performance.judged import Judgements
from chaffinch.performance.measure import measure
from chaffinch.task import get_task

FLAGS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
HELD_OUT = 2000  # the last mails, judged after so many flags, of which nothing is learned
SHUFFLES = (SEED, 101, 102)
_SECONDS = 60.0
SILENT_BELOW = 200  # of either class: SpamAssassin's own setting, bayes_min_ham_num and _spam_num
SILENT = "SpamAssassin's Bayes as it comes"
MEASURES = ("one_minus_roca_percent", "accuracy", "ham_lost_percent", "spam_missed_percent")


class FromStarter(Chaffinch):
    """The top rung, begun from a starter that is made of other data."""

    name = "chaffinch-starter"
    title = "Chaffinch, with a starter"
    note = "its starter is made of what people see of Enron's mails, and of English SMS"

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        streams = (
            partial(make_stream, "enron", cut="visible"),
            partial(make_stream, "sms"),
        )
        self._learner = begun_elsewhere(get_task("mail"), *streams)


class Promised(Chaffinch):
    """The top rung, of which counts as judged spam what an installation puts into junk."""

    name = "chaffinch-promise"
    title = "Chaffinch, put into junk"
    note = "by a policy that promises to lose no more than 0.1% of the ham, on the flags so far"

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self._promise = Promise(self._task)

    def judge(self, data: bytes) -> Judgement:
        """Judge a mail."""
        score = super().judge(data).score
        return Judgement(self._promise.action(score) == "junk", score)

    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail."""
        self._promise.flagged(self._task.is_positive(label), super().judge(data).score)
        super().learn(data, label)


PEERS: tuple[type[Peer], ...] = (Chaffinch, Promised, FromStarter, Bogofilter, SpamAssassinBayes)


def played(peer: Peer, messages: Sequence[Message]) -> list[list[Judgement]]:
    """Return what a filter says of the held-out mails after so many flags, for each number."""
    held, learned, said = messages[-HELD_OUT:], 0, []
    for flags in FLAGS:
        for message in messages[learned:flags]:
            learn(peer, message)
        learned = flags
        said.append([judge(peer, message) for message in held])
    return said


def silent(messages: Sequence[Message], said: list[list[Judgement]]) -> list[list[Judgement]]:
    """Return what SpamAssassin's Bayes would have said by its own settings."""
    found = []
    for flags, judgements in zip(FLAGS, said, strict=True):
        counts = Counter(message.label for message in messages[:flags])
        speaks = min(counts["spam"], counts["ham"]) >= SILENT_BELOW
        found.append(judgements if speaks else [NO_OPINION] * len(judgements))
    return found


def performance(messages: Sequence[Message], said: list[list[Judgement]]) -> list[dict[str, Any]]:
    """Return P after each number of flags."""
    task, held = get_task("mail"), messages[-HELD_OUT:]
    found = []
    for flags, judgements in zip(FLAGS, said, strict=True):
        measured = measure(
            Judgements(
                [task.is_positive(message.label) for message in held],
                [one.score for one in judgements],
                [one.spam for one in judgements],
            ),
            cost_ham_lost=task.binary.cost_false_positive,
            cost_spam_missed=task.binary.cost_false_negative,
        )
        counts = Counter(message.label for message in messages[:flags])
        told = {name: asdict(measured[name]) for name in MEASURES}
        found.append({"flags": flags, "spam": counts["spam"], "ham": counts["ham"], **told})
    return found


def shuffle(seed: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Return P of each filter on one shuffle, and their versions."""
    stream = make_stream("spamassassin", seed=seed)
    found: dict[str, Any] = {}
    versions: dict[str, str] = {}
    for kind in PEERS:
        missing = kind.missing()
        if missing:
            print(f"{kind.title} is left out: install {', '.join(missing)}")
            continue
        began = time.monotonic()
        with TemporaryDirectory() as folder, kind(Path(folder), _SECONDS) as peer:
            said = played(peer, stream.messages)
            versions |= peer.versions()
        found[kind.title] = performance(stream.messages, said)
        if kind is SpamAssassinBayes:
            found[SILENT] = performance(stream.messages, silent(stream.messages, said))
        seconds = time.monotonic() - began
        print(f"  {stream.name}, {kind.title}: {seconds:.0f} s", file=sys.stderr, flush=True)
    return {"stream": stream.about, "filters": found}, versions


def averaged(shuffles: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of each measure over the shuffles, with Student's interval."""
    mean = {}
    for title in shuffles[0]["filters"]:
        rows = [one["filters"][title] for one in shuffles]
        mean[title] = [
            {
                "flags": flags,
                **{
                    name: asdict(means([{name: row[place][name]["value"]} for row in rows])[name])
                    for name in MEASURES
                },
            }
            for place, flags in enumerate(FLAGS)
        ]
    return mean


def shown(filters: dict[str, list[dict[str, Any]]]) -> str:
    """Return a table for each measure."""
    tables = []
    for name in MEASURES:
        percent = 100 if name == "accuracy" else 1
        rows = [
            [title, *(f"{percent * row[name]['value']:.3g}" for row in rows)]
            for title, rows in filters.items()
        ]
        head = [name.replace("_", " "), *(f"{flags:,}" for flags in FLAGS)]
        tables.append(markdown(head, rows))
    return "\n\n".join(tables)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="this shuffle alone; writes no results")
    seed = parser.parse_args().seed
    shuffles: dict[str, Any] = {}
    results: dict[str, Any] = {}
    for number in SHUFFLES if seed is None else (seed,):
        shuffles[str(number)], versions = shuffle(number)
        print(f"\nshuffle {number}\n\n{shown(shuffles[str(number)]['filters'])}\n", flush=True)
        if seed is None:
            about = {"flags": FLAGS, "held_out": HELD_OUT, "versions": versions}
            notes = {kind.title: kind.note for kind in PEERS if kind.note}
            results = {**about, "notes": notes, "shuffles": shuffles}
            if len(shuffles) > 1:
                results["mean"] = averaged(list(shuffles.values()))
            write("adapting_from_nothing", results)
    if len(shuffles) > 1:
        print(f"\nmean of {len(shuffles)}\n\n{shown(results['mean'])}")


if __name__ == "__main__":
    main()

"""Ten people flag a stream; some err, one lies: is he found, and what does it cost?"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import SEED, Stream, make_stream
from tables import markdown

from chaffinch.explain.similar import NearCopies
from chaffinch.features.rows import Row
from chaffinch.loop.trust import BoolArray, Copies, Evidence, IntArray, suspicions
from chaffinch.models.base import Learner
from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import one_minus_roca_percent, value

FLAGGERS = tuple("flagger " + letter for letter in "abcdefghij")
LIAR = 3
NOISE = (0.0, 0.05, 0.2)
#: Who flags which mail, and who errs where, is drawn so often.
DRAWS = 5
#: Flags between two looks, as an installation has it.
CHECKPOINT = 50
_MINUTES = 10


@dataclass(frozen=True)
class Mails:
    """A stream, read once.

    Parameters
    ----------
    stream : Stream
        The mails, in judged order.
    rows : list of Row
        Their features.
    spam : ndarray of bool, shape (n,)
        Their true labels.
    group : ndarray of int64, shape (n,)
        Equal for near-copies.
    """

    stream: Stream
    rows: list[Row]
    spam: BoolArray
    group: IntArray

    @classmethod
    def of(cls, stream: Stream) -> Mails:
        """Read a stream."""
        task, copies = stream.task, NearCopies()
        rows, group = [], []
        for message in stream.messages:
            content = task.reader(message.data)
            rows.append(task.ladder[-1].features.row(content))
            group.append(copies.group("\n".join(text for _, text in task.vocabulary(content))))
        spam = np.array([message.label == task.positive for message in stream.messages])
        return cls(stream, rows, spam, np.array(group, np.int64))

    def begun(self) -> Learner:
        """Return the model of a new installation."""
        return self.stream.task.ladder[-1].begin([one.id for one in self.stream.messages])[0]

    def percent(self, scores: Sequence[float]) -> float:
        """Return 1-ROCA % by the true labels."""
        score = np.array(scores)
        return value(one_minus_roca_percent, Judgements(self.spam, score, score > 0))

    def copies(self, seq: IntArray) -> Copies:
        """Return what tells near-copies among flags at these places."""

        def first(rows: IntArray) -> BoolArray:
            mask = np.zeros(rows.size, np.bool_)
            mask[np.unique(self.group[seq[rows]], return_index=True)[1]] = True
            return mask

        return first


@dataclass
class Played:
    """What came of one run.

    Parameters
    ----------
    scores : list of float
        What was said of each mail before its flag.
    held_at : dict of int to int
        After how many of their flags a flagger was held.
    held : set of int
        The flags that are held.
    """

    scores: list[float] = field(default_factory=list)
    held_at: dict[int, int] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)


def play(mails: Mails, by: IntArray, said: BoolArray, *, watched: bool) -> Played:
    """Judge and learn the stream as it is flagged, as an installation does.

    Where flaggers are watched they are looked at after every 50 flags, and where flags are held the
    model is made again without them.
    """
    played = Played()
    learner = mails.begun()
    learned: list[int] = []
    before: list[float] = []
    for at, row in enumerate(mails.rows):
        score = learner.score(row)
        played.scores.append(score)
        if by[at] in played.held_at:
            played.held.add(at)
            continue
        learned.append(at)
        before.append(score)
        learner.learn(row, bool(said[at]))
        if not watched or (at + 1) % CHECKPOINT:
            continue
        seq = np.array(learned, np.int64)
        evidence = _evidence(seq, by, said, np.array(before))
        found = suspicions(evidence, mails.copies(seq))
        if not found:
            continue
        for one in found:
            who = FLAGGERS.index(one.by)
            played.held_at[who] = int((by[: at + 1] == who).sum())
            doubted = (place for place in learned if by[place] == who and place >= one.since)
            played.held.update(doubted)
        learned = [place for place in learned if place not in played.held]
        learner, before = _again(mails, said, learned)
    return played


def _evidence(
    seq: IntArray, by: IntArray, said: BoolArray, before: NDArray[np.float64]
) -> Evidence:
    none = np.zeros(seq.size, np.bool_)
    when = np.asarray(seq * 60.0 * _MINUTES, np.float64)
    return Evidence(seq, FLAGGERS, by[seq], said[seq], before, when, none, none)


def _again(mails: Mails, said: BoolArray, learned: Sequence[int]) -> tuple[Learner, list[float]]:
    learner, before = mails.begun(), []
    for at in learned:
        before.append(learner.score(mails.rows[at]))
        learner.learn(mails.rows[at], bool(said[at]))
    return learner, before


def measured(mails: Mails, noise: float, clean: float) -> dict[str, Any]:
    """Return what becomes of flags that are wrong so often, of a liar, and of one taken over."""
    found: dict[str, list[Any]] = {}

    def note(name: str, what: Any) -> None:
        found.setdefault(name, []).append(what)

    for draw in range(DRAWS):
        random = np.random.default_rng(1000 * draw + round(100 * noise))
        by = random.integers(0, len(FLAGGERS), mails.spam.size)
        said = mails.spam ^ (random.random(mails.spam.size) < noise)
        own = np.flatnonzero(by == LIAR)
        changed = own[own.size // 2 :]
        lied, taken = said.copy(), said.copy()
        lied[own] = ~mails.spam[own]
        taken[changed] = ~mails.spam[changed]
        for arm, flags, since in (
            ("all honest", said, own[:0]),
            ("one lies", lied, own),
            ("one taken over", taken, changed),
        ):
            for watched in (False, True):
                played = play(mails, by, flags, watched=watched)
                name = f"{arm}, {'held' if watched else 'not held'}"
                note(f"1-ROCA %: {name}", mails.percent(played.scores))
                if not watched:
                    continue
                note(f"honest held: {arm}", sum(who != LIAR for who in played.held_at))
                if since.size:
                    wrong = int((own < since[0]).sum())
                    at = played.held_at.get(LIAR)
                    note(f"found after: {arm}", None if at is None else at - wrong)
                    note(
                        f"good flags of his held: {arm}",
                        len(played.held & set(own[:wrong].tolist())),
                    )
    return {
        "noise": noise,
        **found,
        "times clean": {
            name.partition(": ")[2]: float(np.mean(numbers)) / clean
            for name, numbers in found.items()
            if name.startswith("1-ROCA")
        },
    }


def shown(results: Sequence[dict[str, Any]]) -> str:
    """Return a table, one row an arm and share of wrong flags."""
    rows = []
    for one in results:
        for arm in ("all honest", "one lies", "one taken over"):
            after = one.get(f"found after: {arm}", [])
            said = " ".join("never" if at is None else str(at) for at in after)
            rows.append(
                [
                    f"{100 * one['noise']:.0f}%, {arm}",
                    *(
                        f"{np.mean(one[f'1-ROCA %: {arm}, {how}']):.4f}"
                        for how in ("not held", "held")
                    ),
                    f"{one['times clean'][f'{arm}, held']:.2f}",
                    said,
                    str(sum(one[f"honest held: {arm}"])),
                ]
            )
    head = ["flags wrong", "1-ROCA % not held", "held", "times clean", "found after", "honest held"]
    return markdown(head, rows)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="the first so many mails only; writes no results")
    parser.add_argument("--seed", type=int, default=SEED, help="another shuffle; writes no results")
    options = parser.parse_args()
    began = time.monotonic()
    stream = make_stream("spamassassin", seed=options.seed, limit=options.limit)
    mails = Mails.of(stream)
    everything = np.zeros(mails.spam.size, np.int64)
    clean = mails.percent(play(mails, everything, mails.spam, watched=False).scores)
    print(f"clean flags: 1-ROCA {clean:.4f}%, {time.monotonic() - began:.0f} s", flush=True)
    results = [measured(mails, noise, clean) for noise in NOISE]
    print(shown(results))
    print(f"\n{time.monotonic() - began:.0f} s", file=sys.stderr)
    if options.limit is None and options.seed == SEED:
        about = {**stream.about, "flaggers": len(FLAGGERS), "checkpoint": CHECKPOINT}
        write("mail_flaggers", {**about, "clean_one_minus_roca_percent": clean, "arms": results})


if __name__ == "__main__":
    main()

"""What flags teach that `chaffinch ask` asks for, against as many at random."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import SEED, Stream, make_stream
from tables import markdown

from chaffinch.explain.ask import evenly
from chaffinch.explain.batch import pick
from chaffinch.explain.similar import NearCopies
from chaffinch.explain.unsure import SURE
from chaffinch.features.rows import Row
from chaffinch.models.base import Learner
from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import one_minus_roca_percent, value
from chaffinch.task import Task

BATCH, FLAGS = 5, 100
TOLD = (10, 20, 30, 50, 100)
#: How each asks: what it gives to `pick`, None where it is chance that asks.
ARMS: dict[str, dict[str, float] | None] = {
    "ask": {},
    "least sure": {"typical": 0.0, "unlike": 0.0, "same_side": 1.0},
    "at random": None,
}
DRAWS = 8


@dataclass(frozen=True)
class Pool:
    """Mails of a stream as features, made once.

    Parameters
    ----------
    rows : list of Row, length n
        Their features on the top rung.
    spam : ndarray of bool, shape (n,)
        The true labels.
    group : ndarray of int, shape (n,)
        Equal for near-copies.
    """

    rows: list[Row]
    spam: NDArray[np.bool_]
    group: NDArray[np.int64]


def read(stream: Stream) -> Pool:
    """Read a stream."""
    task, copies = stream.task, NearCopies()
    rows, spam, group = [], [], []
    for message in stream.messages:
        content = task.reader(message.data)
        rows.append(task.ladder[-1].features.row(content))
        spam.append(task.is_positive(message.label))
        group.append(copies.group("\n".join(text for _, text in task.vocabulary(content))))
    return Pool(rows, np.array(spam), np.array(group, np.int64))


def scores(learner: Learner, rows: Sequence[Row]) -> NDArray[np.float64]:
    """Return the scores of some rows."""
    return np.array([learner.score(row) for row in rows])


def asked(
    pool: Pool, left: NDArray[np.int64], learner: Learner, how: dict[str, float]
) -> list[int]:
    """Return what is asked of the mails that are left, as the product does."""
    said = scores(learner, [pool.rows[at] for at in left])
    order = np.argsort(np.abs(said), kind="stable")
    order = order[np.abs(said[order]) < SURE]
    groups: dict[int, list[int]] = {}
    for place in order.tolist():
        groups.setdefault(int(pool.group[left[place]]), []).append(place)
    candidates = evenly(list(groups.values()))
    firsts = [members[0] for members in candidates]
    sizes = [1 if how else len(members) for members in candidates]
    chosen = pick(said[firsts], sizes, [pool.rows[left[at]] for at in firsts], BATCH, **how)
    return [int(left[firsts[at]]) for at in chosen]


def curve(
    task: Task, pool: Pool, arm: str, order: NDArray[np.int64], draw: np.random.Generator
) -> Iterator[tuple[int, float, int, int]]:
    """Teach a model batch by batch; yield flags, 1-ROCA%, errors and spam flagged after each."""
    half = order.size // 2
    left, held_out = order[:half], order[half:]
    rows = [pool.rows[at] for at in held_out]
    learner = task.ladder[-1].start()
    flags = spam = 0
    how = ARMS[arm]
    while flags < FLAGS:
        if how is None:
            chosen = draw.choice(left, BATCH, replace=False).tolist()
        else:
            chosen = asked(pool, left, learner, how)
        for at in chosen:
            learner.learn(pool.rows[at], bool(pool.spam[at]))
        left = left[~np.isin(left, chosen)]
        flags += BATCH
        spam += int(pool.spam[chosen].sum())
        said = scores(learner, rows)
        judged = Judgements(pool.spam[held_out], said, said > 0)
        yield flags, value(one_minus_roca_percent, judged), int(judged.wrong.sum()), spam
        if not chosen:
            return


def measured(task: Task, pool: Pool, draws: int) -> dict[str, Any]:
    """Return each arm's curve, a mean over some splits into pool and held-out half."""
    found: dict[str, Any] = {}
    for arm in ARMS:
        curves = []
        for seed in range(draws):
            order = np.random.default_rng(seed).permutation(len(pool.rows))
            curves.append(list(curve(task, pool, arm, order, np.random.default_rng(100 + seed))))
        each = np.array(curves)
        mean = each.mean(axis=0)
        found[arm] = [
            {
                "flags": int(one[0]),
                "one_minus_roca_percent": round(one[1], 4),
                "errors": round(one[2], 1),
                "spam_flagged": round(one[3], 1),
                "draws": [
                    {"one_minus_roca_percent": round(draw[1], 4), "errors": int(draw[2])}
                    for draw in each[:, place]
                ],
            }
            for place, one in enumerate(mean)
        ]
    return found


def shown(found: dict[str, Any], held_out: int) -> str:
    """Return the curves as a table."""
    head = ["flags", *(f"{arm}: 1-ROCA %, errors of {held_out:,}" for arm in found)]
    rows = []
    for place, first in enumerate(next(iter(found.values()))):
        if first["flags"] not in TOLD:
            continue
        cells = [
            f"{one[place]['one_minus_roca_percent']:.3g}, {one[place]['errors']:.0f}"
            for one in found.values()
        ]
        rows.append([str(first["flags"]), *cells])
    return markdown(head, rows)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--seed", type=int, default=SEED, help="of the shuffle; 1 to 3 write no results")
    add("--draws", type=int, default=DRAWS, help="splits into pool and held-out half")
    add("--limit", type=int, help="the first so many mails only; writes no results")
    options = parser.parse_args()
    began = time.monotonic()
    stream = make_stream("spamassassin", seed=options.seed, limit=options.limit)
    found = measured(stream.task, read(stream), options.draws)
    half = len(stream.messages) - len(stream.messages) // 2
    print(shown(found, half))
    print(f"\n{time.monotonic() - began:.0f} s", file=sys.stderr)
    if options.limit is None and options.seed == SEED:
        write(
            "mail_ask",
            {"data": stream.about, "held_out": half, "draws": options.draws, "arms": found},
        )


if __name__ == "__main__":
    main()

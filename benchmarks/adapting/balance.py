"""Whether verdicts stay calibrated where one label is a hundred times rarer than the other."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import SEED, Message, Stream, make_stream
from tables import markdown

from chaffinch.performance.calibration import Bin, calibration_curve
from chaffinch.performance.judged import Judgements
from chaffinch.performance.measure import measure
from chaffinch.performance.progressive import Run, progressive
from chaffinch.performance.promise import calibrated
from chaffinch.performance.proportions import clopper_pearson

SHUFFLES = (1, 2, 3, SEED)
TIMES = 100  # so many of the common label come to one of the rare one
DRAWS = 5  # of which mails of the rare label stay
RARE = {"as it is": None, "spam is rare": "spam", "ham is rare": "ham"}


def thinned(messages: Sequence[Message], rare: str, draw: int) -> tuple[Message, ...]:
    """Return a stream of which all mails of one label stay, and so few of the other.

    Examples
    --------
    >>> mails = [Message(b"%d" % k, "spam" if k % 2 else "ham") for k in range(1000)]
    >>> few = thinned(mails, "spam", 0)
    >>> len(few), sum(mail.label == "spam" for mail in few)
    (505, 5)
    """
    places = [place for place, mail in enumerate(messages) if mail.label == rare]
    common = len(messages) - len(places)
    kept = set(random.Random(draw).sample(places, common // TIMES))
    return tuple(mail for place, mail in enumerate(messages) if mail.label != rare or place in kept)


def looked_at(stream: Stream, messages: Sequence[Message]) -> dict[str, Any]:
    """Return what was said of the second half beside what was, calibrated on the first."""
    rung = stream.task.ladder[-1]
    run = Run(rung, rung.start())
    for _ in progressive(stream.task, [run], (mail.example for mail in messages)):
        pass
    truth, score = np.array(run.truth, np.bool_), np.array(run.scores)
    half = truth.size // 2
    calibrated_on = {"spam": int(truth[:half].sum()), "mails": half}
    policy = calibrated(stream.task.policy, truth[:half], score[:half], later_half=True)
    truth, raw = truth[half:], score[half:]
    score = policy.slope * raw + policy.offset
    measured = measure(
        Judgements(truth, score, score > 0),
        cost_ham_lost=stream.task.binary.cost_false_positive,
        cost_spam_missed=stream.task.binary.cost_false_negative,
    )
    share, said = clopper_pearson(int(truth.sum()), truth.size), mean_probability(score)
    return {
        "calibrated_on": calibrated_on,
        "spam": int(truth.sum()),
        "ham": int((~truth).sum()),
        "slope": policy.slope,
        "offset": policy.offset,
        "share": asdict(share),
        "said": said,
        "holds": share.low <= said <= share.high,
        "said_before_calibration": mean_probability(raw),
        "bins": [asdict(one) | {"holds": holds(one)} for one in calibration_curve(truth, score)],
        "one_minus_roca_percent": asdict(measured["one_minus_roca_percent"]),
    }


def mean_probability(score: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Return the mean probability of spam that these log-odds say."""
    return float(np.exp(-np.logaddexp(0.0, -score)).mean())


def holds(one: Bin) -> bool:
    """Return whether what was said lies in the interval of what was."""
    return one.were.low <= one.said <= one.were.high


def shown(found: dict[str, list[dict[str, Any]]]) -> str:
    """Return the tables of one shuffle: each draw, then the bins of the first."""
    rows, bins = [], []
    for name, draws in found.items():
        for number, one in enumerate(draws):
            share, rank = one["share"], one["one_minus_roca_percent"]
            rows.append(
                [
                    f"{name} ({number + 1})",
                    f"{one['spam']:,} : {one['ham']:,}",
                    f"{percent(share['value'])} {interval(share)}",
                    percent(one["said"]) + ("" if one["holds"] else " (outside)"),
                    percent(one["said_before_calibration"]),
                    f"{sum(each['holds'] for each in one['bins'])} of {len(one['bins'])}",
                    f"{rank['value']:.3f} [{rank['low']:.3f}-{rank['high']:.3f}]",
                ]
            )
        bins += [
            [
                name,
                f"{100 * one['low']:g} to {100 * one['high']:g}",
                str(one["items"]),
                percent(one["said"]),
                f"{percent(one['were']['value'])} {interval(one['were'])}",
            ]
            for one in draws[0]["bins"]
        ]
    head = ["(draw)", "spam : ham", "were spam, %", "said, %", "uncalibrated", "bins", "1-ROCA %"]
    return (
        f"{markdown(head, rows)}\n\n"
        f"{markdown(['first draw', 'said, %', 'mails', 'mean', 'were spam, %'], bins)}"
    )


def percent(share: float) -> str:
    """Return a share in percent, as tables show it."""
    return f"{100 * share:.2f}"


def interval(one: dict[str, float]) -> str:
    """Return the bounds of a share, in percent."""
    return f"[{percent(one['low'])}-{percent(one['high'])}]"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="this shuffle alone; writes no results")
    seed = parser.parse_args().seed
    shuffles: dict[str, Any] = {}
    for number in SHUFFLES if seed is None else (seed,):
        began = time.monotonic()
        stream = make_stream("spamassassin", seed=number)
        found = {}
        for name, rare in RARE.items():
            streams = (
                [stream.messages]
                if rare is None
                else [thinned(stream.messages, rare, draw) for draw in range(DRAWS)]
            )
            found[name] = [looked_at(stream, messages) for messages in streams]
        print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        print(f"\nshuffle {number}\n\n{shown(found)}\n", flush=True)
        shuffles[str(number)] = {"stream": stream.about, "balances": found}
    if seed is None:
        write("mail_balance", {"times": TIMES, "draws": DRAWS, "shuffles": shuffles})


if __name__ == "__main__":
    main()

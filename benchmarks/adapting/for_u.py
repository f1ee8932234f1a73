"""How many flags it takes when a spammer rewrites a campaign: "4U", then "For U", then worse."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from accuracy.goals import means
from adapting.ways import BogofilterWay, Judged, RungWay, Way
from peers.bogofilter import Bogofilter
from results_file import write
from streams import CUTS, SEED, Message, Stream, make_stream
from tables import markdown

from chaffinch.datasets.campaign import STEPS, Campaign
from chaffinch.performance.proportions import clopper_pearson

SEEDS = range(1000, 1010)
FLAGS = 10  # of each step
ORDINARY = 9  # mails of the stream before each mail of the campaign
FRESH = 40  # mails of a step that are judged after each flag, and never learned
CAUGHT = 0.95
FIRST = 2000  # mails that are learned before the first campaign begins
_LATER = 399  # mails after which the next campaign begins, in a copy that met no other
_SENT = 1_030_000_000.0  # 2002-08-22, as the corpus; by its date nothing is to be told
_FIRST_FRESH = 1000
MEASURES: dict[str, Callable[[Judged], bool]] = {
    "spam": lambda judged: judged.spam,
    "junk": lambda judged: judged.action == "junk",
    "unsure": lambda judged: judged.action == "unsure",
    "junk as promised": lambda judged: judged.promised == "junk",
    "unsure as promised": lambda judged: judged.promised == "unsure",
}
#: What counts as caught, of ham as lost: by the verdict, at the task's costs, and by the policy of
#: an installation, which promises that no more than 0.1% of the ham is lost.
CATCHES = ("spam", "junk", "junk as promised")


@dataclass
class Played:
    """What became of one campaign under one way.

    Parameters
    ----------
    caught : dict of str to list of list of float
        By measure and step: the share of fresh mails after 0, 1, 2 … flags of the step.
    ham : dict of str to list of bool
        By measure: what was said of each ordinary ham that came meanwhile.
    """

    caught: dict[str, list[list[float]]] = field(default_factory=lambda: {m: [] for m in MEASURES})
    ham: dict[str, list[bool]] = field(default_factory=lambda: {m: [] for m in MEASURES})

    def meet(self, judged: Judged) -> None:
        """Note what was said of an ordinary ham."""
        for name, is_it in MEASURES.items():
            self.ham[name].append(is_it(judged))

    def probe(self, judged: Sequence[Judged]) -> None:
        """Note what was said of the fresh mails of the step that was begun last."""
        for name, is_it in MEASURES.items():
            self.caught[name][-1].append(float(np.mean([is_it(one) for one in judged])))


def of_campaign(seed: int, step: int, number: int, cut: str) -> Message:
    """Return one mail of a campaign, as spam."""
    sent = _SENT + 600.0 * (1000 * step + number)
    return Message(CUTS[cut](Campaign(seed).mail(step, number, sent=sent)), "spam")


def play(way: Way, ordinary: Sequence[Message], seed: int, cut: str) -> Played:
    """Let a campaign come into a stream, and return what became of both."""
    played, coming = Played(), iter(ordinary)
    for step in range(len(STEPS)):
        fresh = [of_campaign(seed, step, _FIRST_FRESH + k, cut) for k in range(FRESH)]
        for shares in played.caught.values():
            shares.append([])
        played.probe(way.judge(fresh))
        for number in range(FLAGS):
            for _ in range(ORDINARY):
                meet(way, next(coming), played)
            flagged = of_campaign(seed, step, number, cut)
            way.judge([flagged])
            way.learn(flagged)
            played.probe(way.judge(fresh))
    return played


def meet(way: Way, mail: Message, played: Played) -> None:
    """Let an ordinary mail be judged, then flagged."""
    judged = way.judge([mail])[0]
    if mail.label == "ham":
        played.meet(judged)
    way.learn(mail)


def measure(way: Way, stream: Stream, cut: str) -> dict[str, Any]:
    """Return what becomes of each campaign under a way, against the stream without any."""
    length = len(STEPS) * FLAGS * ORDINARY
    begins = {FIRST + _LATER * k: seed for k, seed in enumerate(SEEDS)}
    played: dict[int, Played] = {}
    without = {seed: Played() for seed in SEEDS}
    for place, mail in enumerate(stream.messages):
        if place in begins:
            seed = begins[place]
            ordinary = stream.messages[place : place + length]
            played[seed] = play(way.branch(), ordinary, seed, cut)
        if mail.label == "ham" and place >= FIRST:
            judged = way.judge([mail])[0]
            for begin, seed in begins.items():
                if begin <= place < begin + length:
                    without[seed].meet(judged)
        way.learn(mail)
    return {
        "steps": {step: told(played, k) for k, step in enumerate(STEPS)},
        "ham": {name: lost(played, without, name) for name in CATCHES},
        "campaigns": {str(seed): one.caught for seed, one in played.items()},
    }


def needed(shares: Sequence[float]) -> int:
    """Return after how many flags enough was caught first; one more than given where it never was.

    Examples
    --------
    >>> needed([0.2, 0.95, 0.9])
    1
    """
    enough = (flags for flags, share in enumerate(shares) if share >= CAUGHT)
    return next(enough, FLAGS + 1)


def told(played: dict[int, Played], step: int) -> dict[str, Any]:
    """Return what became of one step, over all campaigns."""
    found: dict[str, Any] = {}
    for name in MEASURES:
        curves = np.array([one.caught[name][step] for one in played.values()])
        found[name] = {
            "percent_after_flags": [
                asdict(means([{"": 100 * share} for share in column])[""]) for column in curves.T
            ]
        }
        if name in CATCHES:
            flags = [needed(curve) for curve in curves.tolist()]
            found[name] |= {
                "flags_needed": flags,
                "flags_needed_mean": asdict(means([{"": float(one)} for one in flags])[""]),
                "flags_needed_median": float(np.median(flags)),
                "flags_needed_most": max(flags),
            }
    return found


def lost(played: dict[int, Played], without: dict[int, Played], name: str) -> dict[str, Any]:
    """Return how much ham was lost, with the campaigns and without, and what was lost to them."""
    with_it = np.concatenate([one.ham[name] for one in played.values()])
    alone = np.concatenate([without[seed].ham[name] for seed in played])
    to_it = clopper_pearson(int((with_it & ~alone).sum()), alone.size)
    return {
        "ham": int(alone.size),
        "lost": int(with_it.sum()),
        "lost_without": int(alone.sum()),
        "lost_to_it": int((with_it & ~alone).sum()),
        "saved_by_it": int((~with_it & alone).sum()),
        "lost_to_it_percent": {key: 100 * value for key, value in asdict(to_it).items()},
    }


def shown(found: dict[str, dict[str, Any]]) -> str:
    """Return the tables of one stream."""
    rows, of_ham = [], []
    for title, one in found.items():
        for name in CATCHES:
            if title == BogofilterWay.title and name != "spam":
                continue
            cells = []
            for step in one["steps"].values():
                flags = step[name]
                at_once = flags["percent_after_flags"][0]["value"]
                three = flags["percent_after_flags"][3]["value"]
                cells.append(
                    f"{number(flags['flags_needed_median'])}, {number(flags['flags_needed_most'])}"
                    f" ({at_once:.0f} › {three:.0f})"
                )
            rows.append([f"{title}: {name}", *cells])
            ham = one["ham"][name]
            keys = ("lost_without", "lost", "lost_to_it", "saved_by_it")
            of_ham.append([f"{title}: {name}", str(ham["ham"]), *(str(ham[key]) for key in keys)])
    head = ["ham judged spam", "of", "without it", "with it", "lost to it", "saved by it"]
    return (
        "Flags until 95% is caught, median and most of ten campaigns (% at once › after three)\n\n"
        f"{markdown(['', *STEPS], rows)}\n\n{markdown(head, of_ham)}"
    )


def number(flags: float) -> str:
    """Return a number of flags, as tables show it."""
    return f">{FLAGS}" if flags > FLAGS else f"{flags:g}"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="another shuffle; writes no results")
    seed = parser.parse_args().seed
    results: dict[str, Any] = {}
    versions: dict[str, str] = {}
    for cut in ("none", "headers"):
        stream = make_stream("spamassassin", seed=seed, cut=cut)
        with TemporaryDirectory() as folder:
            ladder = stream.task.ladder
            rungs = [ladder[-1], *(rung for rung in ladder if rung.name in ("bayes", "rules"))]
            ways: list[Way] = [RungWay(stream.task, rung) for rung in rungs]
            if not Bogofilter.missing():
                peer = BogofilterWay(Path(folder))
                versions |= peer.versions()
                ways.append(peer)
            found = {}
            for way in ways:
                began = time.monotonic()
                found[way.title] = measure(way, stream, cut)
                seconds = time.monotonic() - began
                print(f"  {cut}, {way.title}: {seconds:.0f} s", file=sys.stderr, flush=True)
        print(f"\n{stream.name}\n\n{shown(found)}\n", flush=True)
        results[cut] = {"stream": stream.about, "ways": found}
    if seed == SEED:
        about = {"campaigns": list(SEEDS), "flags": FLAGS, "ordinary": ORDINARY, "fresh": FRESH}
        write("adapting_for_u", {**about, "versions": versions, "streams": results})


if __name__ == "__main__":
    main()

"""Spam filters on one stream, under the protocol of the TREC Spam Track, and Chaffinch beside them.

Whatever is installed is run; what is missing is named with the Debian package that holds it.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from peers.bogofilter import Bogofilter
from peers.chaffinch_arm import Chaffinch
from peers.crm114 import Crm114Osb, Crm114Osbf
from peers.peer import FAILURES, PROTOCOLS, Peer
from peers.play import parts, play
from peers.rspamd import RspamdBayes, RspamdFull
from peers.spamassassin import SpamAssassinBayes, SpamAssassinFull
from peers.spamprobe import SpamProbe
from results_file import write
from streams import Message, Stream, add_options, digest, from_options
from tables import COLUMNS, markdown

from chaffinch.performance.compare import paired_difference
from chaffinch.performance.judged import Judgements
from chaffinch.performance.measure import measure
from chaffinch.performance.metrics import one_minus_roca_percent
from chaffinch.performance.scores import ScoresWriter
from chaffinch.task import get_task
from chaffinch.types import Interval

PEERS: tuple[type[Peer], ...] = (
    Chaffinch,
    Bogofilter,
    SpamAssassinBayes,
    Crm114Osbf,
    Crm114Osb,
    SpamProbe,
    RspamdBayes,
    RspamdFull,
    SpamAssassinFull,
)
_ROCA = "one_minus_roca_percent"
_VERDICTS = ("ham_lost_percent", "spam_missed_percent", "lam_percent")
_ENOUGH_TO_DOUBT = 3  # filters
_TOLD_EVERY = 20.0  # seconds


@dataclass(frozen=True)
class Outcome:
    """How a filter did.

    Parameters
    ----------
    peer : type of Peer
        The filter.
    judged : Judgements
        What it said.
    cpu_seconds, wall_seconds : float
        Processor time of judging and learning; time on the clock, its start included.
    crashes : int
        How many of its processes crashed.
    versions : dict
        Of what.
    """

    peer: type[Peer]
    judged: Judgements
    cpu_seconds: float
    wall_seconds: float
    crashes: int
    versions: dict[str, str]

    @property
    def told(self) -> str:
        """What to say when it is done."""
        crashed = f", crashes: {self.crashes}" if self.crashes else ""
        return f"{self.wall_seconds:.0f} s{crashed}"

    @property
    def measured(self) -> dict[str, Interval]:
        """Every measure, with the verdicts as the filter gave them."""
        return _measure(self.judged)

    @property
    def at_half(self) -> dict[str, Interval]:
        """The measures of verdicts, with spam from a probability of one half on."""
        if not self.peer.log_odds:
            return {}
        cut = Judgements(self.judged.truth, self.judged.score, self.judged.score > 0)
        measured = _measure(cut)
        return {name: measured[name] for name in _VERDICTS}


def _measure(judged: Judgements) -> dict[str, Interval]:
    task = get_task("mail")
    return measure(
        judged,
        cost_ham_lost=task.binary.cost_false_positive,
        cost_spam_missed=task.binary.cost_false_negative,
    )


def outcome(
    peer: type[Peer], stream: Stream, protocol: str, delay: int, timeout: float, scores: Path
) -> Outcome:
    """Run a filter and write its scores.

    Raises
    ------
    PeerError
        If it fails.
    """
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix=f"{peer.name}-") as folder,
        peer(Path(folder), timeout) as filter_,
        ScoresWriter(scores) as writer,
    ):
        messages = stream.messages
        judged = play(filter_, messages, protocol, delay, writer, _teller(peer, len(messages)))
        return Outcome(
            peer,
            judged,
            filter_.cpu_seconds(),
            time.monotonic() - started,
            filter_.crashes,
            filter_.versions(),
        )


def _teller(peer: type[Peer], total: int) -> Callable[[int], None]:
    next_time = time.monotonic() + _TOLD_EVERY

    def tell(number: int) -> None:
        nonlocal next_time
        if time.monotonic() >= next_time:
            next_time = time.monotonic() + _TOLD_EVERY
            print(f"    {peer.title}: {number:,} of {total:,} mails", file=sys.stderr)

    return tell


def differences(outcomes: Sequence[Outcome]) -> dict[str, Interval]:
    """Return each filter's 1-ROCA% less that of Chaffinch, where Chaffinch was run."""
    ours = next((one.judged for one in outcomes if one.peer is Chaffinch), None)
    if ours is None:
        return {}
    return {
        one.peer.name: paired_difference(one.judged, ours, one_minus_roca_percent)
        for one in outcomes
        if one.peer is not Chaffinch
    }


def wrong_by_all(outcomes: Sequence[Outcome], judged: Sequence[Message]) -> list[str] | None:
    """Return the ids of the mails that every filter got wrong, whose labels deserve a look.

    None where so few filters were run that it says nothing of a mail.
    """
    if len(outcomes) < _ENOUGH_TO_DOUBT:
        return None
    wrong = np.all([one.judged.wrong for one in outcomes], axis=0)
    return [message.id for message, doubtful in zip(judged, wrong, strict=True) if doubtful]


def table(outcomes: Sequence[Outcome], less_ours: dict[str, Interval]) -> str:
    """Return the outcomes as a Markdown table."""
    head = ["filter", *COLUMNS.values(), "CPU s", "1-ROCA % less Chaffinch's"]
    rows = []
    for one in outcomes:
        measured, at_half = one.measured, one.at_half
        rows.append(
            [
                one.peer.title,
                *(str(measured[name]) for name in COLUMNS),
                f"{one.cpu_seconds:.1f}",
                str(less_ours.get(one.peer.name, "")),
            ]
        )
        if any(at_half[name] != measured[name] for name in at_half):
            cells = [str(at_half.get(name, "")) for name in COLUMNS]
            rows.append([f"{one.peer.title}, cut at one half", *cells, "", ""])
    return markdown(head, rows)


def to_json(one: Outcome, less_ours: dict[str, Interval]) -> dict[str, Any]:
    """Return what a results file says of a filter."""
    difference = less_ours.get(one.peer.name)
    return {
        "title": one.peer.title,
        "versions": one.versions,
        "note": one.peer.note,
        "measured": _plain(one.measured),
        "cut at one half": _plain(one.at_half),
        f"{_ROCA} less Chaffinch's": None if difference is None else asdict(difference),
        "cpu_seconds": round(one.cpu_seconds, 2),
        "wall_seconds": round(one.wall_seconds, 1),
        "crashes": one.crashes,
    }


def _plain(measured: dict[str, Interval]) -> dict[str, Any]:
    return {name: asdict(interval) for name, interval in measured.items()}


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0] if __doc__ else "",
        epilog="Filters: " + ", ".join(peer.name for peer in PEERS),
    )
    add_options(parser)
    add = parser.add_argument
    add("--protocol", choices=PROTOCOLS, default="immediate")
    add("--delay", type=int, default=100, help="for --protocol delayed (default: %(default)s)")
    add("--only", metavar="NAMES", help="filters to run, parted by commas (default: all)")
    add("--timeout", type=float, default=60.0, help="seconds that one mail may take")
    add("--out", type=Path, help="a folder for the scores files (default: a temporary one)")
    add("--no-results", action="store_true", help="write no results file, as for a trial")
    options = parser.parse_args()
    known = {peer.name for peer in PEERS}
    options.only = known if options.only is None else set(options.only.split(","))
    if unknown := options.only - known:
        parser.error(f"no filter is called {', '.join(sorted(unknown))}")
    return options


def main() -> None:
    """Run the filters, print the table and write the results."""
    # Ends what was started, as an error does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    options = parse()
    stream = from_options(options)
    out = options.out or Path(tempfile.mkdtemp(prefix="chaffinch-peers-"))
    out.mkdir(parents=True, exist_ok=True)
    print(f"{stream.name}: {len(stream.messages):,} mails, {options.protocol}; scores in {out}")
    outcomes: list[Outcome] = []
    failed: dict[str, str] = {}
    packages: set[str] = set()
    for peer in PEERS:
        if peer.name not in options.only or options.protocol not in peer.protocols:
            continue
        if missing := peer.missing():
            failed[peer.name] = f"not installed: {', '.join(missing)}"
            packages.update(package for _, package in peer.needs)
        else:
            scores = out / f"{stream.name}.{options.protocol}.{peer.name}.tsv"
            try:
                outcomes.append(
                    outcome(peer, stream, options.protocol, options.delay, options.timeout, scores)
                )
            except FAILURES as error:
                failed[peer.name] = f"failed: {error}"
        told = failed.get(peer.name) or outcomes[-1].told
        print(f"  {peer.title}: {told}", flush=True)
    if packages:
        names = " ".join(sorted(packages))
        print(f"To run them too, on Debian: apt install --no-install-recommends {names}")
    less_ours = differences(outcomes)
    print(f"\n{table(outcomes, less_ours)}\n")
    judged = parts(stream.messages, options.protocol)[1]
    doubtful = wrong_by_all(outcomes, judged)
    if doubtful is not None:
        print(f"Every filter got these {len(doubtful)} wrong: {' '.join(doubtful)}")
    if not options.no_results:
        write(
            f"peers_{stream.name}_{options.protocol}",
            {
                "stream": stream.about,
                "protocol": options.protocol,
                "delay": options.delay if options.protocol == "delayed" else None,
                "judged_hash": digest(judged),
                "filters": {one.peer.name: to_json(one, less_ours) for one in outcomes},
                "not run": failed,
                "wrong_by_all": doubtful,
            },
        )


if __name__ == "__main__":
    main()

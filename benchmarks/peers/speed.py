"""Mails judged and learned per CPU second by spam filters at their fastest, and peak memory.

Every filter learns and judges the same mails, slice by slice, the filters taking turns.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parent.parent))

from peers.bogofilter import PROGRAM as BOGOFILTER
from peers.bogofilter import Bogofilter
from peers.chaffinch_arm import Chaffinch
from peers.peer import FAILURES, DaemonPeer, Peer, PeerError, environment, peak_bytes
from peers.rspamd import RspamdBayes
from peers.spamassassin import SpamAssassinBayes
from peers.spamprobe import PROGRAM as SPAMPROBE
from peers.spamprobe import SpamProbe
from results_file import write
from streams import Message, add_options, from_options
from tables import markdown

from chaffinch.predictor import Predictor
from chaffinch.task import get_task

_SAMPLED_EVERY = 0.005  # seconds
_LONGEST = 600.0  # seconds of one slice
_WORKS = ("learned", "judged")


class Arm(ABC):
    """A filter at its fastest."""

    peer: ClassVar[type[Peer]]
    #: How it is run.
    how: ClassVar[str]

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.peak = 0
        self._stack = stack

    @abstractmethod
    def learned(self, messages: Sequence[Message], files: Sequence[Path]) -> float:
        """Learn some mails, which also lie in files, and return the CPU seconds that took."""

    @abstractmethod
    def judged(self, messages: Sequence[Message], files: Sequence[Path]) -> float:
        """Judge some mails, which also lie in files, and return the CPU seconds that took."""


class _ProcessArm(Arm):
    """A program that takes many mails at once."""

    def run(self, command: Sequence[str], names: bytes = b"") -> float:
        """Run a command and return its CPU seconds; note its peak memory."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with tempfile.TemporaryFile() as listed:
            listed.write(names)
            listed.seek(0)
            with subprocess.Popen(
                command,
                stdin=listed,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self.folder,
                env=environment(self.folder),
            ) as process:
                until = time.monotonic() + _LONGEST
                while process.poll() is None:
                    self.peak = max(self.peak, peak_bytes(process.pid))
                    if time.monotonic() > until:
                        process.kill()
                        raise PeerError(f"{command[0]} took over {_LONGEST:g} s")
                    time.sleep(_SAMPLED_EVERY)
        if process.returncode not in (0, 1, 2):  # of which some are verdicts
            raise PeerError(f"{command[0]} exited with {process.returncode}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _labelled(messages: Sequence[Message], files: Sequence[Path], label: str) -> list[str]:
    return [
        str(file) for message, file in zip(messages, files, strict=True) if message.label == label
    ]


class BogofilterArm(_ProcessArm):
    """bogofilter in bulk mode."""

    peer = Bogofilter
    how = "bulk mode (-b), files named on standard input"

    def learned(self, messages: Sequence[Message], files: Sequence[Path]) -> float:
        """Learn the spam, then the ham."""
        return sum(
            self.run([*BOGOFILTER, option, "-b"], _lines(_labelled(messages, files, label)))
            for option, label in (("-s", "spam"), ("-n", "ham"))
        )

    def judged(self, messages: Sequence[Message], files: Sequence[Path]) -> float:
        """Judge all."""
        del messages
        return self.run([*BOGOFILTER, "-b", "-t"], _lines([str(file) for file in files]))


class SpamProbeArm(_ProcessArm):
    """SpamProbe with many files at once."""

    peer = SpamProbe
    how = "files named on the command line"

    def learned(self, messages: Sequence[Message], files: Sequence[Path]) -> float:
        """Learn the spam, then the ham."""
        return sum(
            self.run([*SPAMPROBE, command, *_labelled(messages, files, label)])
            for command, label in (("spam", "spam"), ("good", "ham"))
        )

    def judged(self, messages: Sequence[Message], files: Sequence[Path]) -> float:
        """Judge all."""
        del messages
        return self.run([*SPAMPROBE, "score", *map(str, files)])


def _lines(names: Sequence[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


class _DaemonArm(Arm):
    """A filter that runs all the time; its memory is looked at after each slice."""

    peer: ClassVar[type[DaemonPeer]]

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        super().__init__(folder, stack)
        self._daemon = stack.enter_context(self.peer(folder, _LONGEST))

    def learned(self, messages: Sequence[Message], files: Sequence[Path]) -> float:
        """Learn one after the other."""
        del files
        before = self._daemon.cpu_seconds()
        for message in messages:
            self._daemon.learn(message.data, message.label)
        self.peak = max(self.peak, self._daemon.memory_bytes())
        return self._daemon.cpu_seconds() - before

    def judged(self, messages: Sequence[Message], files: Sequence[Path]) -> float:
        """Judge one after the other."""
        del files
        before = self._daemon.cpu_seconds()
        for message in messages:
            self._daemon.judge(message.data)
        self.peak = max(self.peak, self._daemon.memory_bytes())
        return self._daemon.cpu_seconds() - before


class SpamAssassinArm(_DaemonArm):
    """SpamAssassin's Bayes in one process."""

    peer = SpamAssassinBayes
    how = "one Perl process, its start left out"


class _RspamdUnlogged(RspamdBayes):
    exact = False


class RspamdArm(_DaemonArm):
    """Rspamd's Bayes."""

    peer = _RspamdUnlogged
    how = "daemon and Redis, their start left out"


class ChaffinchArm(Arm):
    """Chaffinch in a process of its own, whose memory is its own."""

    peer = Chaffinch
    how = "Predictor.predict(reasons=0) and learning, from bytes in memory"

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        super().__init__(folder, stack)
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,))
        process.start()
        theirs.close()
        stack.callback(process.join)
        stack.callback(self._ours.close)

    def _ask(self, what: str, asked: object) -> Any:
        self._ours.send((what, asked))
        answer, self.peak = self._ours.recv()
        return answer

    def learned(self, messages: Sequence[Message], files: Sequence[Path]) -> float:
        """Learn one after the other."""
        del files
        return float(self._ask("learn", messages))

    def judged(self, messages: Sequence[Message], files: Sequence[Path]) -> float:
        """Judge one after the other."""
        del files
        return float(self._ask("judge", [message.data for message in messages]))

    def two_processes(self, messages: Sequence[Message], rounds: int) -> list[float]:
        """Return how many times as fast two forked processes judge as one does, by the clock."""
        ratios: list[float] = self._ask("two", ([message.data for message in messages], rounds))
        return ratios


class _Served:
    """The predictor inside the process of a `ChaffinchArm`."""

    def __init__(self) -> None:
        task = get_task("mail")
        rung = task.ladder[-1]
        self.predictor = Predictor(task, rung, rung.start(), "benchmark")

    def learn(self, messages: Sequence[Message]) -> float:
        predictor = self.predictor
        task, features = predictor.task, predictor.rung.features
        started = time.process_time()
        for message in messages:
            row = features.row(task.reader(message.data))
            predictor.learner.learn(row, task.is_positive(message.label))
        return time.process_time() - started

    def judge(self, mails: Sequence[bytes]) -> float:
        predictor = self.predictor
        started = time.process_time()
        for data in mails:
            predictor.predict(data, reasons=0)
        return time.process_time() - started

    def two(self, asked: tuple[Sequence[bytes], int]) -> list[float]:
        mails, rounds = asked
        ratios = []
        for _ in range(rounds):
            started = time.perf_counter()
            self.judge(mails)
            alone = time.perf_counter() - started
            started = time.perf_counter()
            # Forked, so that both share the model's memory and nothing is copied to them.
            half = len(mails) // 2
            children = [self._forked(part) for part in (mails[:half], mails[half:])]
            for child in children:
                os.waitpid(child, 0)
            ratios.append(alone / (time.perf_counter() - started))
        return ratios

    def _forked(self, mails: Sequence[bytes]) -> int:
        child = os.fork()
        if child == 0:
            self.judge(mails)
            os._exit(0)
        return child


def _serve(connection: Connection) -> None:
    served = _Served()
    works: dict[str, Callable[[Any], object]] = {
        "learn": served.learn,
        "judge": served.judge,
        "two": served.two,
    }
    while True:
        try:
            what, asked = connection.recv()
        except EOFError:
            return
        answer = works[what](asked)
        connection.send((answer, peak_bytes("self")))


ARMS: tuple[type[Arm], ...] = (
    BogofilterArm,
    ChaffinchArm,
    SpamProbeArm,
    RspamdArm,
    SpamAssassinArm,
)


def measure(
    messages: Sequence[Message], folder: Path, rounds: int, stack: ExitStack
) -> dict[str, Any]:
    """Let every filter that is installed learn and judge, and return rates and memory."""
    files = []
    (folder / "mails").mkdir()
    for number, message in enumerate(messages):
        files.append(folder / "mails" / f"{number:06}.eml")
        files[-1].write_bytes(message.data)
    arms: dict[str, Arm] = {}
    failed: dict[str, str] = {}
    for kind in ARMS:
        name = kind.peer.name
        (folder / name).mkdir()
        if missing := kind.peer.missing():
            failed[name] = f"not installed: {', '.join(missing)}"
            continue
        try:
            arms[name] = kind(folder / name, stack)
        except FAILURES as error:
            failed[name] = f"failed: {error}"
    rates: dict[str, dict[str, list[float]]] = {name: {w: [] for w in _WORKS} for name in arms}
    for work in _WORKS:
        for number in range(rounds):
            part = slice(number * len(messages) // rounds, (number + 1) * len(messages) // rounds)
            # Forth and back, so that none always comes after the same one.
            for name in list(arms)[:: -1 if number % 2 else 1]:
                try:
                    seconds = getattr(arms[name], work)(messages[part], files[part])
                except FAILURES as error:
                    failed[name] = f"failed: {error}"
                    del arms[name]
                else:
                    rates[name][work].append(len(messages[part]) / max(seconds, 1e-9))
            print(f"  {work}, round {number + 1} of {rounds}", file=sys.stderr)
    result: dict[str, Any] = {"filters": _summary(arms, rates), "not run": failed}
    ours = arms.get(Chaffinch.name)
    if isinstance(ours, ChaffinchArm):
        processors = len(os.sched_getaffinity(0))
        result["two processes against one"] = {
            "times as fast by the clock": _spread(ours.two_processes(messages, rounds)),
            "processors": processors,
        }
    return result


def _summary(
    arms: dict[str, Arm], rates: dict[str, dict[str, list[float]]]
) -> dict[str, dict[str, Any]]:
    base = rates.get(Bogofilter.name) if Bogofilter.name in arms else None
    summary: dict[str, dict[str, Any]] = {}
    for name, arm in arms.items():
        about: dict[str, Any] = {"title": arm.peer.title, "how": arm.how}
        for work in _WORKS:
            about[f"{work}, mails per CPU second"] = _spread(rates[name][work])
            if base:
                ratios = [a / b for a, b in zip(rates[name][work], base[work], strict=True)]
                about[f"{work}, times bogofilter's rate"] = _spread(ratios)
        about["peak memory, MiB"] = round(arm.peak / 2**20, 1)
        summary[name] = about
    return summary


def _spread(values: Sequence[float]) -> dict[str, float]:
    spread = {
        "median": statistics.median(values),
        "lowest": min(values),
        "highest": max(values),
    }
    return {name: float(f"{value:.4g}") for name, value in spread.items()}


def table(measured: dict[str, Any]) -> str:
    """Return what was measured as a Markdown table."""
    head = ["filter"]
    for work in _WORKS[::-1]:
        head += [f"{work} per CPU s", "times bogofilter"]
    rows = []
    for about in measured["filters"].values():
        row = [about["title"]]
        for work in _WORKS[::-1]:
            row += [
                _shown(about[f"{work}, mails per CPU second"]),
                _shown(about.get(f"{work}, times bogofilter's rate")),
            ]
        rows.append([*row, f"{about['peak memory, MiB']:.0f}"])
    return markdown([*head, "peak MiB"], rows)


def _shown(spread: dict[str, float] | None) -> str:
    if spread is None:
        return ""
    digits = ",.0f" if spread["median"] >= 20 else ".3g"
    middle, low, high = (format(spread[name], digits) for name in ("median", "lowest", "highest"))
    return f"{middle} [{low}–{high}]"


def main() -> None:
    """Measure, print and write."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    add_options(parser)
    parser.add_argument("--rounds", type=int, default=5, help="slices (default: %(default)s)")
    parser.add_argument("--no-results", action="store_true", help="write no results file")
    options = parser.parse_args()
    stream = from_options(options)
    with tempfile.TemporaryDirectory(prefix="chaffinch-speed-") as folder, ExitStack() as stack:
        measured = measure(stream.messages, Path(folder), options.rounds, stack)
    print(f"\n{table(measured)}\n")
    for name, reason in measured["not run"].items():
        print(f"{name}: {reason}")
    if two := measured.get("two processes against one"):
        print(f"two processes: {_shown(two['times as fast by the clock'])} times as fast as one")
    if not options.no_results:
        write("peers_speed", {"stream": stream.about, "rounds": options.rounds, **measured})


if __name__ == "__main__":
    main()

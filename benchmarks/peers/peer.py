"""What every filter is to the benchmark: something that judges, learns and costs time."""

from __future__ import annotations

import math
import os
import resource
import shutil
import subprocess
from abc import ABC, abstractmethod
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import ClassVar, NamedTuple, Self

PROTOCOLS = ("immediate", "delayed", "batch")

# Within two units in the last place of 1 a double can tell no probabilities apart any more.
_EDGE = 36.0
_LOG_2 = math.log(2)


class PeerError(Exception):
    """A filter that failed, and why."""


class CrashError(PeerError):
    """A filter's process that a signal ended, at one mail: the next may go well."""


#: All that a filter's failure can look like: what it prints may be cut short or something else.
FAILURES = (PeerError, OSError, ValueError, LookupError, subprocess.SubprocessError)


class Judgement(NamedTuple):
    """What a filter said of a mail.

    Parameters
    ----------
    spam : bool
        Its verdict by its defaults.
    score : float
        Higher for spam; log-odds of spam (natural logarithm) where the filter has a probability.
    """

    spam: bool
    score: float


#: What is said of a mail by a filter that has learned nothing yet, or that crashed.
NO_OPINION = Judgement(spam=False, score=0.0)


class Peer(ABC):
    """A filter that has learned nothing yet, in a folder of its own.

    Parameters
    ----------
    folder : Path
        An empty folder, for all that the filter keeps.
    timeout : float
        Seconds that one mail may take.
    """

    #: What it is called on the command line.
    name: ClassVar[str]
    #: What it is called in tables.
    title: ClassVar[str]
    #: The programs it needs, and the Debian package of each.
    needs: ClassVar[tuple[tuple[str, str], ...]] = ()
    protocols: ClassVar[tuple[str, ...]] = PROTOCOLS
    #: Whether a score above 0 says that spam is the more probable label.
    log_odds: ClassVar[bool] = True
    #: What to know of how it was run.
    note: ClassVar[str] = ""

    def __init__(self, folder: Path, timeout: float) -> None:
        self.folder = folder
        self.timeout = timeout
        #: How many of its processes crashed at one mail.
        self.crashes = 0
        # What has to be closed or stopped in the end, even if starting fails halfway.
        self._open = ExitStack()

    @classmethod
    def missing(cls) -> list[str]:
        """Return what has to be installed first, in words."""
        return [
            f"{program} (Debian package {package})"
            for program, package in cls.needs
            if shutil.which(program) is None
        ]

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._open.close()
            raise
        return self

    def start(self) -> None:
        """Start what has to run before the first mail; by default nothing.

        Raises
        ------
        PeerError
            If it does not start.
        """
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    @abstractmethod
    def judge(self, data: bytes) -> Judgement:
        """Judge a mail, learning nothing."""

    @abstractmethod
    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail with its true label."""

    @abstractmethod
    def cpu_seconds(self) -> float:
        """Return the processor time of judging and learning, children and daemons included."""

    @abstractmethod
    def versions(self) -> dict[str, str]:
        """Return the version of each program."""


class ProcessPeer(Peer):
    """A filter that is a new process for each mail.

    Its database lies in ``folder``, which is also the home that its processes see.
    """

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self._cpu = 0.0

    def run(self, *command: str, data: bytes = b"", allowed: tuple[int, ...] = (0,)) -> bytes:
        """Run a command to its end and return what it printed.

        Raises
        ------
        PeerError
            If it takes too long, or its exit status is not an allowed one.
        CrashError
            If a signal ends it.
        """
        before = _children()
        try:
            done = subprocess.run(
                command,
                input=data,
                capture_output=True,
                timeout=self.timeout,
                cwd=self.folder,
                env=environment(self.folder),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PeerError(f"{command[0]} took over {self.timeout:g} s for one mail") from error
        finally:
            self._cpu += _children() - before
        said = done.stderr.decode("utf-8", "replace").strip()[-200:]
        if done.returncode < 0:
            self.crashes += 1
            raise CrashError(f"{command[0]} was ended by signal {-done.returncode}: {said}")
        if done.returncode not in allowed:
            raise PeerError(f"{command[0]} exited with {done.returncode}: {said}")
        return done.stdout

    def cpu_seconds(self) -> float:
        """Return the processor time of all processes run."""
        return self._cpu


class DaemonPeer(Peer):
    """A filter whose processes run from the first mail to the last."""

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._cpu_at_start = 0.0

    def __enter__(self) -> Self:
        super().__enter__()
        self._cpu_at_start = self._cpu_so_far()
        return self

    def launch(self, *command: str, talk: int = subprocess.DEVNULL) -> None:
        """Start a process, which is stopped when the peer is.

        Parameters
        ----------
        command : str
            The command. What it complains of is kept in a file: see `said`.
        talk : int
            The file descriptor that it reads and writes.
        """
        program = Path(command[0]).name
        with (self.folder / f"{program}.txt").open("wb") as said:
            process = subprocess.Popen(
                command,
                stdin=talk,
                stdout=talk,
                stderr=said,
                cwd=self.folder,
                env=environment(self.folder),
            )
        self._processes.append(process)
        self._open.callback(stop, process)

    def said(self, program: str) -> str:
        """Return the end of what a process complained of."""
        text = (self.folder / f"{program}.txt").read_text(encoding="utf-8", errors="replace")
        return text.strip()[-200:]

    def cpu_seconds(self) -> float:
        """Return the processor time of all processes since they had started."""
        return self._cpu_so_far() - self._cpu_at_start

    def _cpu_so_far(self) -> float:
        return sum(tree_cpu_seconds(process.pid) for process in self._processes)

    def memory_bytes(self) -> int:
        """Return the memory of all processes now."""
        return sum(tree_bytes(process.pid) for process in self._processes)


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a filter's processes: nothing of the user's own."""
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "HOME": str(home), "TMPDIR": str(home), "LC_ALL": "C"}


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tree_cpu_seconds(root: int) -> float:
    """Return the processor time of a process, its children that run and those it waited for."""
    ticks = 0
    for _, fields in _tree(root):
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def tree_bytes(root: int) -> int:
    """Return the memory of a process and of its children now, what they share counted once."""
    kibibytes = 0
    for pid, _ in _tree(root):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii", errors="replace")
        except OSError:  # it ended in between
            continue
        pss = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
        kibibytes += int(pss[0]) if pss else 0
    return 1024 * kibibytes


def peak_bytes(pid: int | str) -> int:
    """Return the peak memory of a process since it began its program; 0 once it has ended.

    What ``wait`` reports of a child counts the memory of the parent that it was forked from.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    found = [line.split() for line in status.splitlines() if line.startswith("VmHWM")]
    return 1024 * int(found[0][1]) if found else 0


def _tree(root: int) -> list[tuple[int, list[str]]]:
    """List a process and its descendants, each with the fields of its stat behind its name."""
    stats: dict[int, list[str]] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = place.read_text(encoding="ascii", errors="replace")
        except OSError:  # it ended in between
            continue
        stats[int(place.parent.name)] = text.rpartition(")")[2].split()
    tree = [root] if root in stats else []
    for parent in tree:  # which grows meanwhile
        tree += [pid for pid, fields in stats.items() if int(fields[1]) == parent]
    return [(pid, stats[pid]) for pid in tree]


def stop(process: subprocess.Popen[bytes], patience: float = 5.0) -> None:
    """End a process that this program started."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def logit(probability: float) -> float:
    """Return the log-odds of a probability.

    Examples
    --------
    >>> logit(0.5), logit(0.0), logit(1.0)
    (0.0, -inf, inf)
    """
    if probability in (0.0, 1.0):
        return math.copysign(math.inf, probability - 0.5)
    return math.log(probability / (1 - probability))


def fisher_log_odds(
    of_spam: float, of_ham: float, log_for_ham: float, log_for_spam: float
) -> float:
    """Return the log-odds of Fisher's method as spam filters use it, without ties at its ends.

    The indicator is (1 + for_spam - for_ham) / 2, of two tail probabilities. Rounding makes it 0
    or 1 where one of them is below 1e-16; that one still ranks the mails there, beyond all others.

    Parameters
    ----------
    of_spam, of_ham : float
        The indicator and its complement, as exact as the program gives them.
    log_for_ham, log_for_spam : float
        Natural logarithms of the tail probabilities: the first vanishes for spam, the second for
        ham.

    Examples
    --------
    >>> fisher_log_odds(0.5, 0.5, -1.0, -1.0)
    0.0
    >>> fisher_log_odds(1.0, 0.0, -1000.0, 0.0) > fisher_log_odds(1.0, 0.0, -999.0, 0.0)
    True
    """
    if of_spam > 0 and of_ham > 0:
        score = math.log(of_spam) - math.log(of_ham)
    else:
        score = math.copysign(math.inf, of_spam - of_ham)
    if score >= _EDGE:
        return _EDGE + _LOG_2 - log_for_ham
    if score <= -_EDGE:
        return -_EDGE - _LOG_2 + log_for_spam
    return score


def log_tail(half: float, count: int) -> float:
    """Return the logarithm of the chance that chi-squared of 2 * `count` exceeds 2 * `half`.

    In the sum of exp(-half) * half ** i / i! over i below `count`, everything relative to the last
    term, which is the largest where the chance is small.
    """
    log_last = (count - 1) * math.log(half) - math.lgamma(count) - half
    term = total = 1.0
    for i in range(count - 1, 0, -1):
        term *= i / half
        total += term
    return log_last + math.log(total)

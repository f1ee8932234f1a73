"""Counters that several processes keep, and one of them reads: in memory that they share."""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

#: Upper bounds of the buckets of seconds that a request takes, from its last byte to its answer.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
#: What is said to be done with junk that does not go on, by the setting that has it so.
KEPT_BACK = {"reject": "refused", "quarantine": "set aside"}
_HELP = {
    "connections_total": ("counter", "connections that came in"),
    "connections_open": ("gauge", "connections that are open"),
    "requests_total": ("counter", "requests by what came of them"),
    "verdicts_total": (
        "counter",
        "verdicts by what is to be done, and with log_only by what would be",
    ),
    "kept_back_total": (
        "counter",
        "junk that did not go on: refused, or set aside by the mail server",
    ),
    "not_remembered_total": ("counter", "mails whose verdict stands and could not be remembered"),
    "request_seconds": ("histogram", "seconds from a request's last byte to its answer"),
    "worker_starts_total": ("counter", "worker processes that were started"),
    "ready": ("gauge", "workers that have a model and listen"),
}
_OUTCOMES = (
    "judged",
    "taught",
    "answered",
    "unjudged",
    "refused",
    "invalid",
    "timeout",
    "deferred",
    "gone",
    "cut off",
    "failed",
)
_DONE: tuple[dict[str, object], ...] = (
    {"action": "junk"},
    {"action": "unsure"},
    {"action": "deliver"},
    # Where everything is delivered whatever the verdict, and is only written down.
    {"action": "deliver", "would_be": "junk"},
    {"action": "deliver", "would_be": "unsure"},
)


class Counters:
    """What happened, by worker process; each adds to its own row, so that nothing is lost.

    Parameters
    ----------
    workers : int
        How many processes count. They must be forked after this was made.
    doors : sequence of str
        The doors' names.

    Examples
    --------
    >>> counters = Counters(2, ["spamd"])
    >>> counters.worker = 1
    >>> counters.add("requests_total", door="spamd", outcome="judged")
    >>> counters.total("requests_total", door="spamd", outcome="judged")
    1
    """

    def __init__(self, workers: int, doors: Sequence[str]) -> None:
        #: The row of this process.
        self.worker = 0
        # By counter first, as Prometheus wants all of one together.
        each: dict[str, tuple[dict[str, object], ...]] = {
            "connections_total": ({},),
            "connections_open": ({},),
            "requests_total": tuple({"outcome": one} for one in _OUTCOMES),
            "verdicts_total": _DONE,
            "kept_back_total": tuple({"done": one} for one in KEPT_BACK.values()),
            "not_remembered_total": ({},),
            "request_seconds": tuple({"le": one} for one in (*SECONDS, "+Inf", "sum")),
        }
        keys = [("ready", ""), ("worker_starts_total", "")]
        for name, kinds in each.items():
            keys += [(name, _labels(door=door, **kind)) for door in doors for kind in kinds]
        self._place = {key: place for place, key in enumerate(keys)}
        memory = mmap.mmap(-1, workers * len(keys) * 8)
        self._values = np.frombuffer(memory, np.float64).reshape(workers, len(keys))

    def add(self, name: str, count: float = 1, **labels: object) -> None:
        """Add to a counter of this process."""
        self._values[self.worker, self._place[name, _labels(**labels)]] += count

    def set(self, name: str, value: float, **labels: object) -> None:
        """Set a gauge of this process."""
        self._values[self.worker, self._place[name, _labels(**labels)]] = value

    def took(self, door: str, seconds: float) -> None:
        """Count how long a request took."""
        bucket = bisect_left(SECONDS, seconds)
        self.add("request_seconds", door=door, le=(*SECONDS, "+Inf")[bucket])
        self.add("request_seconds", seconds, door=door, le="sum")

    def forget(self, worker: int) -> None:
        """Reset the gauges of a process that has ended."""
        for (name, _), place in self._place.items():
            if _HELP[name][0] == "gauge":
                self._values[worker, place] = 0

    def total(self, name: str, **labels: object) -> int:
        """Return the sum over all processes."""
        return int(self._values[:, self._place[name, _labels(**labels)]].sum())

    def text(self) -> str:
        """Return all of them as Prometheus reads them (exposition format 0.0.4)."""
        lines, said, below = [], set(), 0.0
        totals = self._values.sum(axis=0)
        for (name, labels), place in self._place.items():
            kind, what = _HELP[name]
            if name not in said:
                said.add(name)
                lines += [f"# HELP chaffinch_{name} {what}", f"# TYPE chaffinch_{name} {kind}"]
            value = float(totals[place])
            if kind != "histogram":
                lines.append(f"chaffinch_{name}{labels} {value:g}")
            elif 'le="sum"' in labels:
                rest = labels.replace(',le="sum"', "")
                lines.append(f"chaffinch_{name}_sum{rest} {value:g}")
                lines.append(f"chaffinch_{name}_count{rest} {below:.0f}")
                below = 0.0
            else:
                below += value
                lines.append(f"chaffinch_{name}_bucket{labels} {below:.0f}")
        return "\n".join(lines) + "\n"


def _labels(**labels: object) -> str:
    told = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""

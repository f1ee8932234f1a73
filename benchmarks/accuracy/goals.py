"""The top rung of each task's ladder on every stream that numbers are promised for."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy.special import stdtrit

sys.path.insert(0, str(Path(__file__).parent.parent))

from accuracy.cross import FOLDS, SHUFFLES, cross_validated, verdicts
from accuracy.ladder import judged, plain
from results_file import write
from streams import Stream, make_stream
from tables import COLUMNS, markdown

from chaffinch.loop.evaluate import report
from chaffinch.loop.starter import make_starter
from chaffinch.models.base import Learner
from chaffinch.performance.progressive import Run
from chaffinch.task import Task, get_task
from chaffinch.types import Interval

FIRST = 200  # how many a person may have judged before giving up on a filter that has to learn
_FIRST_ROCA = f"one_minus_roca_percent_of_first_{FIRST}"
_COLUMNS = {
    "one_minus_roca_percent": COLUMNS["one_minus_roca_percent"],
    _FIRST_ROCA: f"of the first {FIRST}",
    **COLUMNS,
    "calibration_error_percent": "calibration error %",
}
_CROSS_COLUMNS = {
    "f1_percent": "F1 %",
    "ham_lost_percent": "hm %",
    "f1_percent_at_junk": "F1 % at junk",
    "ham_lost_percent_at_junk": "hm % at junk",
}


@dataclass(frozen=True)
class Arm:
    """A model as it begins, and what it has to judge.

    Parameters
    ----------
    name : str
        What it is called on the command line and in tables.
    begin : callable
        Returns the model of the top rung that judges and learns.
    stream : callable
        Returns what is judged.
    protocol : {"immediate", "batch", "frozen", "cross-validation"}
        When what is learned.
    group : str
        Arms of one group are told as their mean, too.
    chosen_on : bool
        Whether settings were chosen while looking at it.
    """

    name: str
    begin: Callable[[], Learner]
    stream: Callable[[], Stream]
    protocol: str = "immediate"
    group: str = ""
    chosen_on: bool = False


def from_nothing(task: Task) -> Learner:
    """Return the top rung as it is before any experience."""
    return task.ladder[-1].start()


def from_starter(task: Task) -> Learner:
    """Return the top rung as a new installation has it."""
    learner, starter = task.ladder[-1].begin()
    if not starter:
        raise SystemExit(f"no starter of {task.name}: make it with scripts/starters.py")
    return learner


def begun_elsewhere(task: Task, *streams: Callable[[], Stream]) -> Learner:
    """Return the top rung begun from a starter that is made here, of these streams alone."""
    examples = [
        [replace(message, kind=task.name).example for message in stream().messages]
        for stream in streams
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "starter.safetensors"
        make_starter(task, examples, path, name="elsewhere")
        return replace(task.ladder[-1], starter=path).begin()[0]


def promised() -> list[Arm]:
    """Return the arms that numbers are promised for."""
    mail, message = (partial(from_nothing, get_task(name)) for name in ("mail", "message"))
    shipped = partial(from_starter, get_task("mail"))
    corpus = partial(make_stream, "spamassassin")
    arms = [
        Arm("immediate", mail, corpus),
        Arm("batch", mail, corpus, "batch"),
        Arm("headers", mail, partial(corpus, cut="headers")),
        Arm("enron", mail, partial(make_stream, "enron", order="date", cut="visible")),
    ]
    visible = partial(make_stream, "enron", cut="visible")
    english, indonesian = partial(make_stream, "sms"), partial(make_stream, "sms_indonesian")
    # A starter must not have seen what it is measured on: here none has.
    elsewhere = partial(begun_elsewhere, get_task("mail"), visible, english)
    others = get_task("message")
    arms += [
        Arm("starter", elsewhere, corpus),
        Arm("starter-headers", elsewhere, partial(corpus, cut="headers")),
        Arm("starter-enron", shipped, visible),
        Arm("starter-enron-from-nothing", mail, visible),
        Arm("starter-enron-alone", shipped, visible, "frozen"),
        Arm("starter-sms", partial(begun_elsewhere, others, indonesian), english),
        Arm("starter-sms-from-nothing", message, english),
        Arm("starter-sms_indonesian", partial(begun_elsewhere, others, english), indonesian),
        Arm("starter-sms_indonesian-from-nothing", message, indonesian),
    ]
    arms += [
        Arm(f"other-{seed}", mail, partial(corpus, seed=seed), group="other")
        for seed in range(101, 106)
    ]
    for title, cut in (("whole", "none"), ("headers", "headers"), ("visible", "visible")):
        group = f"development-{title}"
        for seed in (1, 2, 3):
            stream = partial(corpus, seed=seed, cut=cut)
            arms.append(Arm(f"{group}-{seed}", mail, stream, group=group, chosen_on=True))
    for data, stream in (("sms", english), ("sms_indonesian", indonesian)):
        arms.append(Arm(data, message, stream, "cross-validation", chosen_on=True))
    return arms


def in_order(arm: Arm) -> tuple[dict[str, Any], dict[str, Interval]]:
    """Measure an arm whose stream is judged once, in its order.

    Returns
    -------
    about : dict
        What the results file says of it.
    measured : dict of str to Interval
        Its measures.
    """
    stream = arm.stream()
    run = Run(stream.task.ladder[-1], arm.begin())
    whole = judged(run, stream, arm.protocol)
    measured = dict(whole.metrics)
    about = plain(whole)
    if arm.protocol == "immediate":
        first = report(
            stream.task,
            run.rung.name,
            run.truth[:FIRST],
            run.scores[:FIRST],
            cpu_seconds=0.0,
            protocol=arm.protocol,
            data=stream.name,
        )
        measured[_FIRST_ROCA] = first.metrics["one_minus_roca_percent"]
        about[f"first_{FIRST}"] = plain(first)
    return about, measured


def over_shuffles(arm: Arm) -> tuple[dict[str, Any], dict[str, Interval]]:
    """Measure an arm by cross-validation: the same as `in_order`."""
    stream = arm.stream()
    values = [verdicts(stream.task, one) for one in cross_validated(stream, arm.begin)]
    measured = means(values)
    about = {
        "stream": stream.about,
        "rung": stream.task.ladder[-1].name,
        "shuffles": SHUFFLES,
        "folds": FOLDS,
        "mean": {name: asdict(interval) for name, interval in measured.items()},
        "of each shuffle": values,
    }
    return about, measured


def means(values: Sequence[Mapping[str, float]]) -> dict[str, Interval]:
    """Return the mean of each measure over two trials or more, with Student's 95% interval.

    It says how far other shuffles would move the mean: nothing of how other data would.

    Examples
    --------
    >>> str(means([{"a": 1.0}, {"a": 2.0}, {"a": 3.0}])["a"])
    '2 [-0.484–4.48]'
    """
    found = {}
    for name in values[0]:
        numbers = np.array([value[name] for value in values])
        middle = float(numbers.mean())
        error = float(numbers.std(ddof=1)) / math.sqrt(numbers.size)
        reach = float(stdtrit(numbers.size - 1, 0.975)) * error
        found[name] = Interval(middle, middle - reach, middle + reach)
    return found


def shown(columns: Mapping[str, str], rows: Mapping[str, Mapping[str, Interval]]) -> str:
    """Return the measures of these columns as a table, one row an arm or group."""
    cells = [
        [name, *(str(measured.get(column, "")) for column in columns)]
        for name, measured in rows.items()
    ]
    return markdown(["stream", *columns.values()], cells)


def main() -> None:
    """Measure, print and write."""
    arms = promised()
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0] if __doc__ else "",
        epilog="Streams: " + ", ".join(arm.name for arm in arms),
    )
    parser.add_argument(
        "--only", metavar="NAMES", help="names or patterns, parted by commas; writes no results"
    )
    only = parser.parse_args().only
    patterns = ["*"] if only is None else only.split(",")
    arms = [arm for arm in arms if any(fnmatchcase(arm.name, pattern) for pattern in patterns)]
    if not arms:
        parser.error(f"no stream is called {only}")
    results: dict[str, Any] = {}
    groups: dict[str, list[dict[str, float]]] = {}
    rows: dict[str, dict[str, Interval]] = {}
    cross_rows: dict[str, dict[str, Interval]] = {}
    for arm in arms:
        started = time.monotonic()
        title = f"{arm.name}, settings chosen on it" if arm.chosen_on else arm.name
        if arm.protocol == "cross-validation":
            results[arm.name], cross_rows[title] = over_shuffles(arm)
        else:
            results[arm.name], rows[title] = measured = in_order(arm)
            values = {name: interval.value for name, interval in measured[1].items()}
            groups.setdefault(arm.group, []).append(values)
        print(f"  {arm.name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    groups.pop("", None)
    group_means = {group: means(values) for group, values in groups.items() if len(values) > 1}
    rows |= {f"{group}, mean": measured for group, measured in group_means.items()}
    for columns, table in ((_COLUMNS, rows), (_CROSS_COLUMNS, cross_rows)):
        if table:
            print(f"\n{shown(columns, table)}")
    if only is None:
        write(
            "goals",
            {
                "streams": results,
                "means": {
                    group: {name: asdict(interval) for name, interval in measured.items()}
                    for group, measured in group_means.items()
                },
            },
        )


if __name__ == "__main__":
    main()

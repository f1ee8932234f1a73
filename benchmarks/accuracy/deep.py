"""Whether a deep rung would earn its place on the ladders of the tasks mail and message.

Two deep models and their fusion with the top rung, against the rungs of the ladder, on the same
items: the first half of each stream is learned, the second half judged.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import Stream, make_stream

from chaffinch.features.text import lay_out
from chaffinch.performance.compare import paired_difference
from chaffinch.performance.judged import BoolArray, FloatArray, Judgements
from chaffinch.performance.measure import measure
from chaffinch.performance.metrics import (
    Metric,
    Sample,
    cost_per_1000,
    one_minus_roca_percent,
    value,
)
from chaffinch.performance.progressive import Run, progressive
from chaffinch.task import Task, get_task
from chaffinch.types import Example, Interval, Item

try:
    import torch
    from accuracy.byte_cnn import ByteCnn
    from accuracy.calibration import calibration
    from accuracy.sentence import CHARACTERS, Encoder, SentenceModel
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is missing: run `.venv/bin/pip install --editable '.[deep]'`. "
        "On Linux that brings gigabytes of CUDA, unless a CPU build of torch is there already."
    )

SEED = 1  # a development shuffle, not the reported one
_HELD_OUT = 0.15
# Bytes of a part that the network sees; the ladder's grams are counted on up to 6,000.
_BYTES = 2000
_TIMED = 100  # items judged one by one, to see how long one takes
_LEAST_DIFFERING = 6  # verdicts; fewer prove nothing, as in chaffinch.loop.launch
_BEST = "cost_per_1000_at_best_cut"
_COLD = ("chaffinch.predictor", "torch", "sentence_transformers")  # imports that are timed
_COLUMNS = {
    "one_minus_roca_percent": "1-ROCA %",
    "ham_lost_percent": "ham judged spam %",
    "spam_missed_percent": "spam missed %",
    "spam_missed_percent_at_ham_lost_0_5": "sm % at hm .5",
    "cost_per_1000": "cost per 1,000",
}


@dataclass(frozen=True)
class Case:
    """A stream for a task, in two halves.

    Parameters
    ----------
    task : Task
        Whose ladder and costs count.
    stream : Stream
        What is learned and judged.
    """

    task: Task
    stream: Stream

    @property
    def examples(self) -> list[Example]:
        """The items of the stream, as the task takes them."""
        return [
            Example(Item(message.data, self.task.name), message.label)
            for message in self.stream.messages
        ]


@dataclass
class Model:
    """What was measured of a model.

    Parameters
    ----------
    title : str
        What it is.
    score : ndarray of float64, shape (judged,)
        Log-odds of the judged half.
    held_out : ndarray of float64, shape (held_out,)
        Log-odds of the end of the training half, given before it was learned.
    train_seconds : float
        Processor time of learning, features and choice of settings included.
    megabytes : float
        What judging keeps in memory or on disk.
    milliseconds : float
        Processor time of judging one item by itself, from its bytes.
    settings : dict
        What was chosen.
    """

    title: str
    score: FloatArray
    held_out: FloatArray
    train_seconds: float
    megabytes: float
    milliseconds: float
    settings: dict[str, object] = field(default_factory=dict)


def cases(seed: int, limit: int | None) -> list[Case]:
    """Return the streams to be measured on."""
    mail, message = get_task("mail"), get_task("message")
    spamassassin = partial(make_stream, "spamassassin", seed=seed, limit=limit)
    return [
        Case(message, deduplicated(make_stream("sms", seed=seed), limit)),
        Case(mail, spamassassin()),
        Case(mail, spamassassin(cut="visible")),
    ]


def deduplicated(stream: Stream, limit: int | None) -> Stream:
    """Return a stream without messages that only differ from an earlier one in case or space."""
    first = {b" ".join(message.data.lower().split()): message for message in stream.messages[::-1]}
    kept = {id(message) for message in first.values()}
    messages = tuple(message for message in stream.messages if id(message) in kept)
    return Stream(f"{stream.name}_deduplicated", stream.task, messages[:limit])


def network_text(task: Task, data: bytes) -> bytes:
    """Return what the network sees: the beginnings of the parts that the ladder's grams see."""
    parts = import_module(f"chaffinch.tasks.{task.name}.parts").gram_parts(task.reader(data))
    return lay_out(part._replace(limit=min(part.limit, _BYTES)) for part in parts).text


def encoder_text(task: Task, data: bytes) -> str:
    """Return what the encoder sees: subject and text."""
    shown = [
        text
        for where, text in task.vocabulary(task.reader(data))
        if where not in ("from", "address", "hidden")
    ]
    return " ".join("\n".join(shown)[: 4 * CHARACTERS].split())[:CHARACTERS]


def rungs(task: Task, learned: Sequence[Example], judged: Sequence[Example]) -> list[Model]:
    """Teach every rung of the ladder the first half and let it judge the second."""
    runs = [Run(rung, rung.start()) for rung in task.ladder]
    for _ in progressive(task, runs, learned):
        pass
    first, kept = _split(len(learned)), []
    for run in runs:
        kept.append((np.array(run.scores[first:]), run.cpu_seconds))
        run.forget_record()
    for _ in progressive(task, runs, judged, delay=None):
        pass
    return [
        Model(
            run.rung.title,
            np.array(run.scores),
            held_out,
            seconds,
            sum(run.learner.tensors[name].nbytes for name in run.learner.tensors_to_judge) / 1e6,
            1000 * run.cpu_seconds / len(judged),
        )
        for run, (held_out, seconds) in zip(runs, kept, strict=True)
    ]


def calibrated(title: str, model: Model, truth: BoolArray) -> Model:
    """Return a model with log-odds that are calibrated on the held-out end of what it learned."""
    line = calibration(model.held_out, truth)
    return Model(
        title,
        line(model.score),
        line(model.held_out),
        model.train_seconds,
        model.megabytes,
        model.milliseconds,
        model.settings,
    )


def fused(title: str, truth: BoolArray, *models: Model) -> Model:
    """Return the mean of calibrated log-odds, calibrated again: a mean of two is too modest."""
    mean = Model(
        title,
        np.mean([model.score for model in models], axis=0),
        np.mean([model.held_out for model in models], axis=0),
        sum(model.train_seconds for model in models),
        sum(model.megabytes for model in models),
        sum(model.milliseconds for model in models),
    )
    return calibrated(title, mean, truth)


def network(
    task: Task, learned: Sequence[Example], judged: Sequence[Example], truth: BoolArray
) -> Model:
    """Teach and measure the network: once without the held-out end, then with it."""
    started = time.process_time()
    texts = [network_text(task, example.item.data) for example in learned]
    first = _split(len(learned))
    model = ByteCnn()
    model.fit(texts[:first], truth[:first])
    held_out = model.scores(texts[first:])
    model = ByteCnn()
    model.fit(texts, truth)
    train_seconds = time.process_time() - started
    score = model.scores([network_text(task, example.item.data) for example in judged])

    def judge(example: Example) -> None:
        model.scores([network_text(task, example.item.data)])

    return Model(
        "network on bytes",
        score,
        held_out,
        train_seconds,
        model.megabytes,
        _milliseconds(judge, judged),
        model.settings,
    )


def sentences(
    task: Task,
    learned: Sequence[Example],
    judged: Sequence[Example],
    truth: BoolArray,
    encoder: Encoder,
) -> Model:
    """Teach and measure logistic regression on the encoder's embeddings."""
    texts = [encoder_text(task, example.item.data) for example in learned]
    embeddings = encoder.embed(texts)
    started = time.process_time()
    first = _split(len(learned))
    model = SentenceModel()
    model.fit(embeddings[:first], truth[:first])
    held_out = model.scores(embeddings[first:])
    model.fit(embeddings, truth)
    regression_seconds = time.process_time() - started
    score = model.scores(
        encoder.embed([encoder_text(task, example.item.data) for example in judged])
    )

    def judge(example: Example) -> None:
        model.scores(encoder.embed([encoder_text(task, example.item.data)], keep=False))

    milliseconds = _milliseconds(judge, judged)
    return Model(
        "sentence encoder",
        score,
        held_out,
        # Embeddings may have been kept from another stream: what they took is counted all the same.
        regression_seconds + len(learned) * milliseconds / 1000,
        encoder.megabytes,
        milliseconds,
        model.settings,
    )


def measure_case(case: Case, encoder: Encoder) -> dict[str, Any]:
    """Measure everything on a stream, print a table and return what a results file says."""
    task, examples = case.task, case.examples
    half = len(examples) // 2
    learned, judged = examples[:half], examples[half:]
    truth = np.array([task.is_positive(example.label) for example in examples])
    held_truth = truth[_split(half) : half]
    ladder = rungs(task, learned, judged)
    top = calibrated("top rung, calibrated", ladder[-1], held_truth)
    cnn = calibrated("network on bytes", network(task, learned, judged, truth[:half]), held_truth)
    encoded = calibrated(
        "sentence encoder", sentences(task, learned, judged, truth[:half], encoder), held_truth
    )
    others = [
        top,
        cnn,
        fused("network + top rung", held_truth, cnn, top),
        encoded,
        fused("encoder + top rung", held_truth, encoded, top),
        fused("network + encoder + top rung", held_truth, cnn, encoded, top),
    ]
    told = [_told(task, model, ladder[-1], truth[half:]) for model in (*ladder, *others)]
    print(f"\n{case.stream.name}: {half:,} learned, {len(judged):,} judged\n\n{_table(told)}\n")
    for one, model in zip(told[len(ladder) :], others, strict=True):
        one["verdict"] = _verdict(task, model, ladder, truth[half:])
        print(f"{model.title}: {one['verdict']}", flush=True)
    return {
        "task": task.name,
        "stream": case.stream.about,
        "learned": half,
        "judged": len(judged),
        "top rung": task.ladder[-1].name,
        "models": told,
    }


def _split(learned: int) -> int:
    """Return where the held-out end of the training half begins."""
    return round(learned * (1 - _HELD_OUT))


def _milliseconds(judge: Callable[[Example], None], judged: Sequence[Example]) -> float:
    timed = judged[:_TIMED]
    started = time.process_time()
    for example in timed:
        judge(example)
    return 1000 * (time.process_time() - started) / len(timed)


def _judgements(task: Task, model: Model, truth: BoolArray) -> Judgements:
    """Return verdicts as the task's policy makes them, as when a rung is launched."""
    junk = task.policy.junk
    return Judgements(truth, model.score, model.score >= np.log(junk / (1 - junk)))


def _costs(task: Task) -> dict[str, float]:
    return {
        "cost_ham_lost": task.binary.cost_false_positive,
        "cost_spam_missed": task.binary.cost_false_negative,
    }


def cost_at_best_cut(*, cost_ham_lost: float, cost_spam_missed: float) -> Metric:
    """Return the metric: cost per 1,000 with the threshold that hindsight shows to be cheapest.

    It tells a better order of the items from a luckier threshold.
    """

    def metric(judged: Judgements, sample: Sample) -> FloatArray:
        counts = np.zeros((len(sample.positives), len(judged)))
        counts[:, judged.truth] = sample.positives * -cost_spam_missed
        counts[:, ~judged.truth] = sample.negatives * cost_ham_lost
        order = np.argsort(-judged.score, kind="stable")
        # A threshold can not part equal scores, and may be above them all.
        cuts = np.diff(judged.score[order], append=-np.inf) != 0
        spent = np.cumsum(counts[:, order], axis=1)[:, cuts].min(axis=1)
        all_missed = cost_spam_missed * judged.positives.score.size
        return np.asarray(1000 * (all_missed + np.minimum(spent, 0)) / len(judged))

    return metric


def _told(task: Task, model: Model, top: Model, truth: BoolArray) -> dict[str, Any]:
    judged, tops = _judgements(task, model, truth), _judgements(task, top, truth)
    measured = measure(judged, **_costs(task))
    metrics: dict[str, Metric] = {
        "one_minus_roca_percent": one_minus_roca_percent,
        "cost_per_1000": cost_per_1000(**_costs(task)),
        _BEST: cost_at_best_cut(**_costs(task)),
    }
    return {
        "title": model.title,
        **{name: asdict(measured[name]) for name in _COLUMNS},
        _BEST: value(metrics[_BEST], judged),
        "less the top rung's": {
            name: asdict(paired_difference(judged, tops, metric))
            for name, metric in metrics.items()
        },
        "train_cpu_seconds": round(model.train_seconds, 1),
        "megabytes": round(model.megabytes, 2),
        "milliseconds": round(model.milliseconds, 2),
        "settings": model.settings,
    }


def _verdict(task: Task, model: Model, ladder: Sequence[Model], truth: BoolArray) -> str:
    """Return in a sentence whether the ladder's rule would launch a model."""
    judged = _judgements(task, model, truth)
    gains = []
    for rival in reversed(ladder):
        theirs = _judgements(task, rival, truth)
        difference = paired_difference(judged, theirs, cost_per_1000(**_costs(task)))
        differing = int((judged.predicted != theirs.predicted).sum())
        gains.append(f"{_signed(difference)} per 1,000 against {rival.title}")
        if difference.high >= 0 or differing < _LEAST_DIFFERING:
            return f"does not earn its place: its cost differs by {gains[-1]}"
    return f"earns its place: its cost differs by {', '.join(gains)}"


def _signed(difference: Interval) -> str:
    return f"{difference.value:+.3g} [{difference.low:+.3g} to {difference.high:+.3g}]"


def _table(told: Sequence[dict[str, Any]]) -> str:
    """Return what was measured as a Markdown table."""
    less = {
        "one_minus_roca_percent": "1-ROCA % less top's",
        "cost_per_1000": "cost less top's",
        _BEST: "at best cut less top's",
    }
    rows = [["model", *_COLUMNS.values(), "at best cut", *less.values(), "train s", "MB", "ms"]]
    rows += [
        [
            one["title"],
            *(str(Interval(**one[name])) for name in _COLUMNS),
            f"{one[_BEST]:.3g}",
            *(_signed(Interval(**one["less the top rung's"][name])) for name in less),
            f"{one['train_cpu_seconds']:.1f}",
            f"{one['megabytes']:.2f}",
            f"{one['milliseconds']:.2f}",
        ]
        for one in told
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"
        for row in rows
    )


def _import_seconds(module: str) -> float:
    """Return how long a fresh process takes to import a module, its own start included."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return round(time.monotonic() - started, 2)


def main() -> None:
    """Measure on every stream; print and write what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--seed", type=int, default=SEED, help="of the shuffle (default: %(default)s)"
    )
    parser.add_argument("--limit", type=int, help="take the first so many items, for a trial")
    options = parser.parse_args()
    torch.set_num_threads(1)
    encoder = Encoder()
    imports = {name: _import_seconds(name) for name in _COLD}
    print("Seconds to import:", ", ".join(f"{name} {took}" for name, took in imports.items()))
    measured: dict[str, Any] = {}
    for case in cases(options.seed, options.limit):
        measured[case.stream.name] = measure_case(case, encoder)
        # Each stream takes minutes: what was measured is kept, should the next one be stopped.
        if options.limit is None:
            about = {"torch": torch.__version__, "import seconds": imports, "held out": _HELD_OUT}
            name = "deep" if options.seed == SEED else f"deep_seed{options.seed}"
            write(name, {"deep": about, "streams": measured})


if __name__ == "__main__":
    main()

"""What each part of the mail task's top rung adds, on the streams that it was chosen on."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import Stream, make_stream
from tables import markdown

from chaffinch.features.grams import GramFeatures, View
from chaffinch.models.base import Learner
from chaffinch.models.bayes import BayesLearner
from chaffinch.models.committee import CommitteeLearner
from chaffinch.models.linear import LinearLearner
from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import one_minus_roca_percent, value
from chaffinch.performance.progressive import Run, progressive
from chaffinch.task import get_task

TASK = get_task("mail")
RUNG = TASK.ladder[-1]
FEATURES = cast("GramFeatures", RUNG.features)
WHOLE = replace(FEATURES, views=())
ALONE = replace(FEATURES, views=None)
VIEWS = FEATURES.views or ()
SEEDS = (1, 2, 3)
#: Features, and what begins a learner on so many of them.
Variant = tuple[GramFeatures, Callable[..., Learner]]


def changed(features: GramFeatures = FEATURES, **settings: float) -> Variant:
    """Return the top rung's features and what begins its learner, with some settings changed."""
    begin: Callable[..., Learner] = CommitteeLearner.blank
    return features, partial(begin, **settings)


VARIANTS: dict[str, Variant] = {
    "the top rung": changed(),
    "naive Bayes": (ALONE, BayesLearner.blank),
    "logistic regression, AdaGrad": (ALONE, LinearLearner.blank),
    "one view: the whole": changed(WHOLE),
    "views: whole, headers, body": changed(
        replace(FEATURES, views=(View(("headers", "sender")), View(("body",))))
    ),
    "4-grams": changed(replace(FEATURES, n=4)),
    "6-grams": changed(replace(FEATURES, n=6)),
    "half the slots": changed(replace(FEATURES, bits=FEATURES.bits - 1)),
    "nothing from naive Bayes": changed(lean=0.0),
    "all of naive Bayes' log-odds": changed(lean=1.0),
    "learn from every mail": changed(margin=0.0),
    "learn from doubtful mails only": changed(margin=0.05),
    "no patience: bold from the first mail": changed(patience=0.0),
    "smaller steps": changed(rate=0.3),
    "larger steps": changed(rate=0.8),
    "smaller first steps": changed(epsilon=1e-2),
}


def streams() -> dict[str, list[Stream]]:
    """Return the streams by kind."""
    corpus = partial(make_stream, "spamassassin")
    kinds = {
        name: [corpus(seed=seed, cut=cut) for seed in SEEDS]
        for name, cut in (("whole", "none"), ("headers cut", "headers"), ("visible", "visible"))
    }
    return kinds | {"Enron, visible, by date": [make_stream("enron", order="date", cut="visible")]}


def ranked(
    stream: Stream, features: GramFeatures, begin: Callable[..., Learner]
) -> tuple[float, float]:
    """Return the 1-ROCA % of a run from nothing: over all, and over the first 200."""
    run = Run(replace(RUNG, features=features), begin(features.n_features))
    for _ in progressive(TASK, [run], (message.example for message in stream.messages)):
        pass
    truth, scores = run.truth, run.scores
    judged = Judgements(truth, scores, np.array(scores) > 0)
    first = Judgements(truth[:200], scores[:200], judged.predicted[:200])
    return value(one_minus_roca_percent, judged), value(one_minus_roca_percent, first)


def main() -> None:
    """Measure, print and write."""
    kinds = streams()
    results: dict[str, dict[str, dict[str, float]]] = {}
    for name, (features, begin) in VARIANTS.items():
        started = time.monotonic()
        results[name] = {}
        for kind, some in kinds.items():
            found = np.mean([ranked(stream, features, begin) for stream in some], axis=0)
            results[name][kind] = {"all": float(found[0]), "first 200": float(found[1])}
        print(f"  {name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    top = results["the top rung"]
    rows = []
    for name, measured in results.items():
        ratio = math.exp(np.mean([math.log(measured[k]["all"] / top[k]["all"]) for k in kinds]))
        numbers = [f"{measured[kind]['all']:.3g}" for kind in kinds]
        first = np.mean([measured[kind]["first 200"] for kind in kinds])
        rows.append([name, *numbers, f"{first:.3g}", f"{ratio:.2f}"])
    print(markdown(["variant", *kinds, "first 200, mean", "times the top rung's"], rows))
    write("mail_ablation", {"seeds": SEEDS, "one_minus_roca_percent": results})


if __name__ == "__main__":
    main()

"""Whether data without labels teach anything: they are judged, twice, and P is measured again."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import Message, Stream, make_stream
from tables import markdown

from chaffinch.errors import InputError
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import open_source
from chaffinch.experience.store import Experience
from chaffinch.loop.launch import choose, launch
from chaffinch.loop.train import train
from chaffinch.models.base import Learner
from chaffinch.performance.compare import paired_difference
from chaffinch.performance.judged import Judgements
from chaffinch.performance.measure import measure
from chaffinch.performance.metrics import Metric, accuracy, one_minus_roca_percent
from chaffinch.predictor import Predictor
from chaffinch.task import Rung

FLAGGED = 1000  # mails that are learned first, with their labels
HELD_OUT = 2000  # mails that P is measured on, the last ones
TIMES = 2
MEASURES: dict[str, Metric] = {
    "one_minus_roca_percent": one_minus_roca_percent,
    "accuracy": accuracy,
}


def learned(stream: Stream, home: Path) -> tuple[Predictor, Learner]:
    """Return the model that is live after the first flags, as it judges and as it learns."""
    with Experience.open(home) as experience:
        flagged = [message.example for message in stream.messages[:FLAGGED]]
        experience.add(stream.task.name, flagged, by="benchmark")
        trained = train(stream.task, experience)
        launch(stream.task, experience, trained, choose(stream.task, trained, champion=None), {})
    predictor = Predictor.load(stream.task.name, home=home)
    return predictor, next(one.learner for one in trained if one.rung.name == predictor.rung.name)


def judged(predictor: Predictor, messages: Sequence[Message]) -> Judgements:
    """Return what the installation says of mails."""
    scores = [predictor.predict(message.data, reasons=0).score for message in messages]
    return of_scores(messages, scores)


def of_scores(messages: Sequence[Message], scores: Sequence[float]) -> Judgements:
    """Return judgements of the mails whose scores these are."""
    score = np.array(scores)
    return Judgements([message.label == "spam" for message in messages], score, score > 0)


def state(learner: Learner, home: Path) -> str:
    """Return a digest of a model in memory and of all that are stored."""
    whole = hashlib.sha256()
    for name in sorted(learner.tensors):
        whole.update(name.encode() + learner.tensors[name].tobytes())
    for file in sorted(path for path in (home / "models").rglob("*") if path.is_file()):
        whole.update(file.name.encode() + file.read_bytes())
    return whole.hexdigest()


def refusal(stream: Stream, messages: Sequence[Message], folder: Path) -> str:
    """Return what ``learn`` says of these mails where they come without labels."""
    folder.mkdir()
    for number, message in enumerate(messages):
        (folder / f"{number:05}.eml").write_bytes(message.data)
    try:
        for _ in gather(stream.task, [open_source(folder)], skipped=print):
            raise SystemExit("mails without labels were learned")
    except InputError as error:
        return str(error).replace(str(folder), folder.name)
    raise SystemExit("mails without labels were passed over in silence")


def with_labels(stream: Stream, rung: Rung, learner: Learner) -> Judgements:
    """Return what the model says when it has learned the same mails with their labels."""

    def row(message: Message) -> Any:
        return rung.features.row(stream.task.reader(message.data))

    for message in stream.messages[FLAGGED:-HELD_OUT]:
        learner.learn(row(message), stream.task.is_positive(message.label))
    held = stream.messages[-HELD_OUT:]
    return of_scores(held, [learner.score(row(message)) for message in held])


def told(stream: Stream, judgements: Judgements, before: Judgements) -> dict[str, Any]:
    """Return performance P, and its difference from that before."""
    task = stream.task
    measured = measure(
        judgements,
        cost_ham_lost=task.binary.cost_false_positive,
        cost_spam_missed=task.binary.cost_false_negative,
    )
    return {
        "measured": {name: asdict(interval) for name, interval in measured.items()},
        "more_than_before": {
            name: asdict(paired_difference(judgements, before, metric))
            for name, metric in MEASURES.items()
        },
        "scores_that_differ": int((judgements.score != before.score).sum()),
    }


def main() -> None:
    """Measure, print and write."""
    stream = make_stream("spamassassin")
    unlabelled, held = stream.messages[FLAGGED:], stream.messages[-HELD_OUT:]
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        os.environ["CHAFFINCH_HOME"] = str(home)
        predictor, learner = learned(stream, home)
        with predictor:
            before, state_before = judged(predictor, held), state(predictor.learner, home)
            said = refusal(stream, unlabelled, Path(folder) / "unlabelled")
            for _ in range(TIMES):
                judged(predictor, unlabelled)
            after, state_after = judged(predictor, held), state(predictor.learner, home)
            with Experience.open(home) as experience:
                flags = sum(experience.log.count(stream.task.name).values())
            contrast = with_labels(stream, predictor.rung, learner)
    arms = {
        f"after {FLAGGED:,} flags": told(stream, before, before),
        f"and {len(unlabelled):,} mails without labels, judged {TIMES} times": told(
            stream, after, before
        ),
        f"had {len(unlabelled) - HELD_OUT:,} of them been flagged": told(stream, contrast, before),
    }
    rows = []
    for name, arm in arms.items():
        roca = arm["measured"]["one_minus_roca_percent"]
        more = arm["more_than_before"]["one_minus_roca_percent"]
        rows.append(
            [
                name,
                f"{roca['value']:.4f} [{roca['low']:.4f}-{roca['high']:.4f}]",
                f"{more['value']:+.4f} [{more['low']:+.4f} to {more['high']:+.4f}]",
                f"{100 * arm['measured']['accuracy']['value']:.2f}",
                str(arm["scores_that_differ"]),
            ]
        )
    head = ["", "1-ROCA %", "more than before", "accuracy %", "scores that differ"]
    same = state_before == state_after
    print(f"\n{markdown(head, rows)}\n\nlearn says: {said}")
    print(
        f"the model's state is {'the same, to the last bit' if same else 'ANOTHER'}; flags: {flags}"
    )
    verdict = "P did not rise: nothing was learned, however much data it holds"
    rose = arms[list(arms)[1]]["scores_that_differ"] > 0 or not same or flags != FLAGGED
    print("SOMETHING CHANGED" if rose else verdict)
    write(
        "adapting_unlabelled",
        {
            "stream": stream.about,
            "rung": predictor.rung.name,
            "flagged": FLAGGED,
            "held_out": HELD_OUT,
            "unlabelled": len(unlabelled),
            "times": TIMES,
            "learn_says": said,
            "flags_after": flags,
            "state_before": state_before,
            "state_after": state_after,
            "said": "something changed" if rose else verdict,
            "arms": arms,
        },
    )


if __name__ == "__main__":
    main()

"""Whether it helps against wrong flags that one which contradicts a sure verdict weighs less.

Always, or only where flags contradict sure verdicts of both labels often, as the committee does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from adapting.feedback import CLEAN, Feedback, read, run
from results_file import write
from streams import make_stream
from tables import markdown

from chaffinch.features.rows import Row
from chaffinch.models.committee import CommitteeLearner
from chaffinch.performance.metrics import one_minus_roca_percent, value

DEVELOPMENT = (1, 2, 3)
DRAWS = 2
WRONG = Feedback("5% wrong", wrong=0.05)
#: Error from which on a flag always weighs less, how much it weighs at least, and the committee's
#: own doubt.
SETTINGS = (
    (1.0, 1.0, 0.0),
    (0.99, 0.1, 0.0),
    (0.9, 0.1, 0.0),
    (1.0, 1.0, 4.0),
)
_FIRST = 20.0  # items of the rarer label, before which no verdict is sure


class Surprised(CommitteeLearner):
    """The committee, on which flags that contradict what it is sure of make smaller steps.

    A step is multiplied by ``(1 - error) / (1 - sure)``, and by ``least`` at least, where the error
    of the whole committee's probability is more than ``sure``, whether or not others are wrong.
    """

    def learn(self, row: Row, positive: bool) -> None:
        """Learn a row, by smaller steps where its label is a surprise."""
        error = abs(self._lacking(row.slots, row.values, positive))
        usual = self.params
        sure, least = usual["sure"], usual["least"]
        if error > sure and self._rarer >= _FIRST:
            weight = max(least, (1.0 - error) / (1.0 - sure))
            self.params = usual | {name: weight * usual[name] for name in ("rate", "lean")}
        super().learn(row, positive)
        self.params = usual


def begun(n_features: int, sure: float, least: float, doubt: float) -> Surprised:
    """Return a committee that has learned nothing."""
    learner = Surprised.blank(n_features, doubt=doubt)
    learner.params |= {"sure": sure, "least": least}
    return learner


def measure(data: str, seed: int) -> list[dict[str, float]]:
    """Return 1-ROCA% with clean and with wrong flags, for each setting."""
    stream = make_stream(data, seed=seed)
    items = read(stream)
    n_features = stream.task.ladder[-1].features.n_features
    found = []
    for sure, least, doubt in SETTINGS:
        told = {"sure": sure, "least": least, "doubt": doubt}
        for name, feedback, draws in (("clean", CLEAN, 1), ("wrong", WRONG, DRAWS)):
            values = [
                value(
                    one_minus_roca_percent,
                    run(items, begun(n_features, sure, least, doubt), feedback, draw),
                )
                for draw in range(draws)
            ]
            told[name] = sum(values) / draws
        found.append(told)
    return found


def called(sure: float, least: float, doubt: float) -> str:
    """Return what a setting is called."""
    if doubt:
        return f"where many are wrong: doubt {doubt:g}"
    return "all believed" if sure == 1.0 else f"always, error above {sure:g}: at least {least:g}"


def main() -> None:
    """Measure, print and write."""
    results: dict[str, Any] = {}
    for data in ("spamassassin", "sms"):
        by_seed = {str(seed): measure(data, seed) for seed in DEVELOPMENT}
        rows = []
        for place, setting in enumerate(SETTINGS):
            ones = [found[place] for found in by_seed.values()]
            clean = sum(one["clean"] for one in ones) / len(ones)
            wrong = sum(one["wrong"] for one in ones) / len(ones)
            rows.append([called(*setting), f"{clean:.4f}", f"{wrong:.4f}", f"{wrong / clean:.1f}"])
        head = ["1-ROCA %, mean of the shuffles", "clean", "5% wrong", "times"]
        print(f"\n{data}\n\n{markdown(head, rows)}\n", flush=True)
        results[data] = by_seed
    write("adapting_surprise", {"draws": DRAWS, "streams": results})


if __name__ == "__main__":
    main()

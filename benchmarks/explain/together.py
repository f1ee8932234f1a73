"""How many items it takes until two words are found together, and how often chance is found."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown

from chaffinch.explain.table import Entry, TermTable
from chaffinch.explain.terms import Term
from chaffinch.explain.together import together
from chaffinch.task import get_task

BOTH = (10, 14, 20, 24, 30, 36)
WORDS, SEEDS = 110, 20
_PLANTED = {"quorum", "velvet"}


@dataclass(frozen=True)
class Design:
    """Made-up mails among which two words are planted: together only in spam.

    Parameters
    ----------
    spam, ham : int
        How many mails there are.
    spam_alone, ham_alone : int
        How many have the one without the other, and how many the other without the one.
    signs : float
        Standard deviation of the log-odds of the other words; given the label, each is by itself.
    """

    spam: int
    ham: int
    spam_alone: int
    ham_alone: int
    signs: float = 0.0

    def table(self, seed: int, both: int, *, shuffled: bool = False) -> TermTable:
        """Return the mails, of which so many have both words; with labels that mean nothing."""
        draw = np.random.default_rng((seed, both))
        size = self.spam + self.ham
        truth = np.arange(size) < self.spam
        base = draw.uniform(0.1, 0.35, WORDS)
        shift = np.where(truth[:, None], draw.normal(0.0, self.signs, WORDS), 0.0)
        chance = 1.0 / (1.0 + (1.0 / base - 1.0) * np.exp(-shift))
        counts = np.zeros((size, WORDS + 2), np.int32)
        counts[:, 2:] = draw.random((size, WORDS)) < chance
        spam, ham = draw.permutation(self.spam), self.spam + draw.permutation(self.ham)
        counts[spam[:both], :2] = 1
        for word in (0, 1):
            counts[spam[both:][word * self.spam_alone :][: self.spam_alone], word] = 1
            counts[ham[word * self.ham_alone :][: self.ham_alone], word] = 1
        return _table(counts, draw.permutation(truth) if shuffled else truth)


DESIGNS = {
    "300 spam, 300 ham; either alone in 60 of each": Design(300, 300, 60, 60),
    "the same; other words are signs": Design(300, 300, 60, 60, signs=1.0),
    "the same; either alone in 90 spam, 60 ham": Design(300, 300, 90, 60),
    "60 spam, 540 ham; either alone in 10 and 90": Design(60, 540, 10, 90),
    "1,500 spam, 1,500 ham; either alone in 300 of each": Design(1500, 1500, 300, 300),
}


def _table(counts: NDArray[np.int32], truth: NDArray[np.bool_]) -> TermTable:
    size, words = counts.shape
    names = [*sorted(_PLANTED), *(f"word{number}" for number in range(words - 2))]
    entries = [Entry(f"{at:032x}", f"{at}", f"{at}", at + 1, float(at)) for at in range(size)]
    terms = [Term("body", name) for name in names]
    return TermTable(
        get_task("mail"), entries, truth, np.arange(size, dtype=np.int64), terms, csr_array(counts)
    )


def measured(design: Design, seeds: int) -> dict[str, Any]:
    """Return how often the pair is found, how many others are, and what chance alone makes."""
    answer: dict[str, Any] = {"seeds": seeds, "planted": {}}
    for both in BOTH:
        if both + 2 * design.spam_alone > design.spam:
            continue
        hits, false = 0, []
        for seed in range(seeds):
            found = together(design.table(seed, both), top=1000)
            # That a term of the pair is told in another pair first would hide it.
            told = [{pair.first.text, pair.second.text} for pair in found.pairs]
            hits += _PLANTED in told
            false.append((found.found - (_PLANTED in told)) / max(1, found.found))
        answer["planted"][str(both)] = {"found": hits, "false_share": float(np.mean(false))}
    answer["tested"] = found.tested
    chance = [together(design.table(seed, BOTH[0], shuffled=True)).found for seed in range(seeds)]
    answer["shuffled_with_any"] = sum(one > 0 for one in chance)
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--no-results", action="store_true")
    options = parser.parse_args()
    results = {name: measured(design, options.seeds) for name, design in DESIGNS.items()}
    print(f"found in % of {options.seeds} draws, by how many spam have both words\n")
    head = ("mails", "pairs", *map(str, BOTH), "false %", "shuffled: any %")
    rows = [
        (
            name,
            f"{of['tested']:,}",
            *(
                f"{100 * of['planted'][str(both)]['found'] / options.seeds:.0f}"
                if str(both) in of["planted"]
                else ""
                for both in BOTH
            ),
            f"{100 * np.mean([one['false_share'] for one in of['planted'].values()]):.1f}",
            f"{100 * of['shuffled_with_any'] / options.seeds:.0f}",
        )
        for name, of in results.items()
    ]
    print(markdown(head, rows))
    if not options.no_results:
        write("mail_together", {"designs": results})


if __name__ == "__main__":
    main()

"""What is taken for a new word after ten flags of it.

In one voice: espeak-ng says 29 words sixteen times each, faster or slower, higher or lower, in six.
Of each word ten are flagged, five more should be accepted, and none of the others, four of each.
And of many voices, where ``--recordings`` names a folder or archive of words that the starter has
not learned: of each word ten are flagged, three times over, by whoever says them; all others of it
should be accepted, and no other word.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown
from words.corpora import clips_at

from chaffinch.features.rows import Row
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.task import get_task

WORDS = (
    "tea coffee sugar milk lamp door light garage music volume higher lower kitchen heating stop "
    "go left right open close sixty fix fine see key tree sheila marvin happy"
).split()
VOICES = "en-us+m3 en-gb+f2 en-gb-scotland+m1 en-us+f4 en-029+m7 en-gb-x-rp+f5".split()
FLAGS, ASKED, OTHERS, TIMES, ROUNDS = 10, 5, 4, 16, 3
_NEW = "a new word"

Said = dict[str, list[Row]]


class Count(NamedTuple):
    """How many of what was judged were called the new word, and how many of those for sure."""

    judged: int = 0
    called: int = 0
    accepted: int = 0

    def plus(self, called: bool, sure: bool) -> Count:
        """Return the count with one more."""
        return Count(self.judged + 1, self.called + called, self.accepted + (called and sure))


def spoken(voice: str, draw: random.Random) -> Said:
    """Return what espeak-ng says in one voice, by word."""
    said: Said = defaultdict(list)
    for word in WORDS:
        for _ in range(TIMES):
            way = ["-s", str(draw.randrange(120, 190)), "-p", str(draw.randrange(30, 70))]
            command = ["espeak-ng", "-v", voice, *way, "--stdout", word]
            said[word] += heard(subprocess.run(command, capture_output=True, check=True).stdout)
    return said


def heard(data: bytes) -> list[Row]:
    """Return what the starter makes of a recording; nothing where it hears no word."""
    task = get_task("words")
    content = task.reader(data)
    return [] if content.blank else [task.rung("net").features.row(content)]


def taught(flags: list[Row], own: list[Row], others: list[Row], counts: list[Count]) -> None:
    """Flag a new word, and count what is taken for it: of its own, and of other words."""
    task = get_task("words")
    rung = task.rung("net")
    record = rung.measured()
    assert record is not None, "a starter brings what its twin said"
    policy = task.scheme.promised(record.truth, record.score, record.guess, task.scheme.may_lose)
    learner = rung.start()
    for row in flags:
        learner.learn(row, _NEW)
    for place, rows in enumerate((own, others)):
        for row in rows:
            said = task.scheme.said(learner, row, policy)
            sure = task.scheme.action(policy, said.score) == "accept"
            counts[place] = counts[place].plus(said.label == _NEW, sure)


def one_voice(draw: random.Random) -> list[Count]:
    """Return what is taken for words that one voice was flagged with."""
    counts = [Count(), Count()]
    for voice in VOICES:
        said = spoken(voice, draw)
        for word, rows in said.items():
            others = [row for other in WORDS if other != word for row in said[other][:OTHERS]]
            taught(rows[:FLAGS], rows[FLAGS : FLAGS + ASKED], others, counts)
    return counts


def many_voices(path: Path, draw: random.Random) -> list[Count]:
    """Return what is taken for words that many people were flagged with."""
    said: Said = defaultdict(list)
    for clip in clips_at(path):
        said[clip.label] += heard(clip.data)
    counts = [Count(), Count()]
    for word, rows in said.items():
        others = [row for other, some in said.items() if other != word for row in some]
        for _ in range(ROUNDS):
            draw.shuffle(rows)
            taught(rows[:FLAGS], rows[FLAGS:], others, counts)
    return counts


def told(counts: list[Count]) -> dict[str, Any]:
    """Return counts as percentages, with the interval of what is accepted."""
    found: dict[str, Any] = {}
    for kind, count in zip(("the word", "other words"), counts, strict=True):
        share = clopper_pearson(count.accepted, count.judged)
        found[kind] = {
            "judged": count.judged,
            "called_percent": round(100 * count.called / count.judged, 2),
            "accepted_percent": round(100 * share.value, 2),
            "accepted_percent_95": [round(100 * share.low, 2), round(100 * share.high, 2)],
        }
    return found


def main() -> None:
    """Measure; print the table, and write what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--recordings", type=Path, help="of words that the starter has not learned")
    recordings = parser.parse_args().recordings
    found = {"in one voice": told(one_voice(random.Random(0)))}
    if recordings is not None:
        found["by many people"] = told(many_voices(recordings, random.Random(0)))
    rows = [
        [how, kind, f"{one['judged']:,}", str(one["called_percent"]), str(one["accepted_percent"])]
        for how, kinds in found.items()
        for kind, one in kinds.items()
    ]
    print(markdown(["flagged", "judged", "items", "called so, %", "accepted, %"], rows))
    write("words_new", {"flags": FLAGS, "found": found})


if __name__ == "__main__":
    main()

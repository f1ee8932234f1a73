"""Feed parsers what no client sends, for as long as is wished; what runs new code is built upon.

python tests/fuzz/run.py --seconds 3600 [--target milter] [--seed 1]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import FrameType
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzz.target import Target, targets

# Bytes of an input, and how many are built upon.
_LARGEST, _MOST = 20_000, 4_000
# CPU seconds that an input may take.
_SLOW = 5.0
_EDGES = (b"\0", b"\xff", b"\r", b"\n", b"\r\n", b" ", b":", b"\x7f\xff\xff\xff", b"\x80")


class FoundError(Exception):
    """An input for which a promise does not hold; it is written down, to be made a seed."""

    def __init__(self, target: Target, what: str, data: bytes) -> None:
        with NamedTemporaryFile(prefix=f"fuzz-{target.name}-", delete=False) as file:
            file.write(data)
        super().__init__(f"{target.name}: {what} of {data[:200]!r}: the input is in {file.name}")


@dataclass
class Fuzzing:
    """Fuzzes one target.

    Parameters
    ----------
    target : Target
        What is fuzzed.
    draw : random.Random
        The same one makes the same inputs.
    """

    target: Target
    draw: random.Random
    #: How many inputs were tried.
    tried: int = 0
    #: The seeds, and what ran something new.
    corpus: list[bytes] = field(default_factory=list)
    _steps: set[tuple[int, int, int]] = field(default_factory=set)

    def run(self, seconds: float) -> None:
        """Try inputs for so long, the seeds first and whole.

        Raises
        ------
        FoundError
            If a promise does not hold.
        """
        until = time.monotonic() + seconds
        self.corpus = [b"", *self.target.seeds]
        for seed in self.corpus:
            self._try(seed)
        while time.monotonic() < until:
            self._try(self._made())

    def _try(self, data: bytes) -> None:
        begun = time.process_time()
        before = len(self._steps)
        former = sys.gettrace()
        sys.settrace(_tracer([str(one.__file__) for one in self.target.modules], self._steps))
        try:
            self.target.check(data, self.draw)
        except Exception as error:
            raise FoundError(self.target, repr(error), data) from error
        finally:
            sys.settrace(former)
        if time.process_time() - begun > _SLOW:
            raise FoundError(self.target, f"more than {_SLOW} seconds", data)
        self.tried += 1
        if len(self._steps) > before and data not in self.corpus and len(self.corpus) < _MOST:
            self.corpus.append(data)

    def _made(self) -> bytes:
        draw = self.draw
        data = bytearray(draw.choice(self.corpus))
        for _ in range(draw.choice((1, 1, 2, 3, 5, 10))):
            at = draw.randrange(len(data) + 1)
            end = at + draw.choice((0, 1, 2, 4, 16, 200))
            match draw.randrange(7):
                case 0:
                    data[at:end] = draw.randbytes(draw.choice((1, 2, 4, 16)))
                case 1:
                    data[at:at] = draw.choice(self.target.words)
                case 2:
                    data[at:end] = draw.choice(_EDGES)
                case 3:
                    del data[at:end]
                case 4:
                    data[at:at] = data[at:end] * draw.choice((1, 2, 50))
                case 5:
                    other = draw.choice(self.corpus)
                    data[at:] = other[draw.randrange(len(other) + 1) :]
                case _:
                    # A length that is nearly right.
                    number = int.from_bytes(data[at : at + 4]) + draw.randrange(-3, 4)
                    data[at : at + 4] = (number % 2**32).to_bytes(4)
        return bytes(data[:_LARGEST])


def _tracer(files: list[str], steps: set[tuple[int, int, int]]) -> Any:
    """Return what notes each step from one line to another in these files."""

    def called(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        place, last = id(frame.f_code), 0

        def ran(frame: FrameType, event: str, _: object) -> Any:
            nonlocal last
            steps.add((place, last, frame.f_lineno))
            last = frame.f_lineno
            return ran

        return ran

    return called


def main() -> None:
    """Fuzz, and say how much was tried."""
    known = targets()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=60.0, help="for all (default: 60)")
    parser.add_argument("--target", choices=sorted(known), help="one alone")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    options = parser.parse_args()
    chosen = [known[options.target]] if options.target else list(known.values())
    print(f"seed {options.seed}")
    for target in chosen:
        one = Fuzzing(target, random.Random(f"{target.name} {options.seed}"))
        try:
            one.run(options.seconds / len(chosen))
        except FoundError as error:
            raise SystemExit(str(error)) from error
        print(f"{target.name}: {one.tried:,} inputs, {len(one.corpus):,} of them new: no fault")


if __name__ == "__main__":
    main()

"""Let free synthesisers speak words, to train nets on that tell words.

Usage: ``python scripts/voices.py [ENGINE ...]``, of all engines if none is named. ``sh
scripts/voices.sh`` installs them on Debian and its kin.

Writes ``voices.npz`` to the cache (`chaffinch.datasets.cache.place`) and tells where. It holds, for
each clip:

``samples`` (int16, 8 kHz) and ``starts`` (int64, one more than there are clips)
    All sound, and where each clip begins in it.
``words``, ``engines``, ``voices``, ``accents``, ``sexes``
    What is said, and by whom. A mixture of voices has all of their names, with ``+`` between; an
    accent or a sex that is not known is an empty string.

and ``about``, a JSON object: versions, licences, and how many clips were left out. With the same
versions on the same kind of processor it holds the same bytes, however many processes spoke.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

# Before numpy is imported: each process has one core.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from chaffinch.datasets import cache
from chaffinch.errors import ChaffinchError, MissingExtraError, UsageError, did_you_mean
from speech import espeak, festival, flite, kokoro, pico
from speech.orders import finished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from speech.orders import Engine, Order

    Clip = NDArray[np.int16]

ENGINES: dict[str, Engine] = {
    engine.NAME: engine for engine in (espeak, festival, flite, kokoro, pico)
}
_SEED = 20261127
_AT_ONCE = 50  # orders that one process is given


def main() -> int:
    """Let speak, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", nargs="*", help=f"{', '.join(ENGINES)}; all if none is named")
    try:
        engines = _chosen(parser.parse_args().engine)
        path = cache.keep(cache.place("voices"), partial(_build, engines), " ".join(engines))
    except ChaffinchError as error:
        print(f"voices: {error}", file=sys.stderr)
        return error.exit_code
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


def _chosen(names: list[str]) -> dict[str, Engine]:
    for name in names:
        if name not in ENGINES:
            hint = did_you_mean(name, list(ENGINES))
            raise UsageError(f"no engine is called {name!r}{hint}: there are {', '.join(ENGINES)}")
    chosen = {name: ENGINES[name] for name in names or ENGINES}
    lacking = {name: engine.missing() for name, engine in chosen.items() if engine.missing()}
    if lacking:
        said = "; ".join(f"{name} lacks {what}" for name, what in lacking.items())
        there = " ".join(name for name in chosen if name not in lacking)
        remedy = f", or name those that are there: {there}" if there else ""
        raise MissingExtraError(f"{said}: sh scripts/voices.sh installs all{remedy}")
    return chosen


def _build(engines: dict[str, Engine], folder: Path) -> None:
    kept: list[tuple[str, Order, Clip]] = []
    left_out: dict[str, int] = {}
    for name, engine in engines.items():
        orders = engine.orders(np.random.default_rng([_SEED, *name.encode()]))
        said = [(order, clip) for order, clip in _spoken(name, orders) if clip is not None]
        kept += [(name, order, clip) for order, clip in said]
        left_out[name] = len(orders) - len(said)
        print(f"{name}: {len(said):,} clips, {left_out[name]} left out", flush=True)
    clips = [clip for _, _, clip in kept]
    about = {
        "seed": _SEED,
        "versions": {name: engine.version() for name, engine in engines.items()},
        "licences": {name: engine.LICENCE for name, engine in engines.items()},
        "left_out": left_out,
    }
    np.savez_compressed(
        folder / "voices.npz",
        allow_pickle=False,
        samples=np.concatenate(clips),
        starts=np.cumsum([0, *map(len, clips)]),
        words=np.array([order.word for _, order, _ in kept]),
        engines=np.array([name for name, _, _ in kept]),
        voices=np.array([order.voice for _, order, _ in kept]),
        accents=np.array([order.accent for _, order, _ in kept]),
        sexes=np.array([order.sex for _, order, _ in kept]),
        about=np.array(json.dumps(about)),
    )


def _spoken(name: str, orders: list[Order]) -> Iterator[tuple[Order, Clip | None]]:
    """Yield each order of an engine with its clip, in order, from as many processes as cores."""
    parts = [orders[start : start + _AT_ONCE] for start in range(0, len(orders), _AT_ONCE)]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as processes:
        for part, clips in zip(parts, processes.map(partial(_clips, name), parts), strict=True):
            yield from zip(part, clips, strict=True)


def _clips(name: str, orders: list[Order]) -> list[Clip | None]:
    said = ENGINES[name].speak(orders)
    return [
        finished(sound, order.word, order.tract) for order, sound in zip(orders, said, strict=True)
    ]


if __name__ == "__main__":
    sys.exit(main())

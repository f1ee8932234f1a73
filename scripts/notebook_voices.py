"""Write notebooks/data/*.zip: words that free synthesisers say, for the notebooks on sound."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import soundfile

from chaffinch.readers.audio import RATE
from speech import espeak, flite
from speech.orders import Engine, Order, finished

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parent.parent / "notebooks" / "data"
#: Who speaks: engine, voice, accent, pitch. Of each language's people some are high, some low.
SPEAKERS: dict[str, tuple[Engine, str, str, float]] = {
    "anna": (espeak, "f2", "en-gb", 1.1),
    "bella": (espeak, "linda", "en-us", 1.0),
    "carl": (espeak, "m3", "en-gb-scotland", 0.9),
    "dan": (espeak, "Andy", "en-us", 1.0),
    "eve": (flite, "slt", "", 1.0),
    "fred": (flite, "rms", "", 1.0),
    "gavin": (flite, "awb", "", 1.0),
}
PACES = (0.9, 1.05, 1.25)
ONE_TWO = ("one", "two")
# Samples are rounded to this: to 12 bits, which nobody hears, and which makes the files smaller.
_STEP = 16
TABLE = ("apple", "bread", "coffee", "milk", "water")


def said(words: tuple[str, ...], paces: tuple[float, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield names and FLAC files: each word, by each speaker, at each pace."""
    for speaker, (engine, voice, accent, pitch) in SPEAKERS.items():
        for word in words:
            orders = [Order(word, voice, accent, "", word, pace, pitch) for pace in paces]
            for take, (order, sound) in enumerate(
                zip(orders, engine.speak(orders), strict=True), start=1
            ):
                samples = finished(sound, word, order.tract)
                if samples is None:
                    raise SystemExit(f"{engine.NAME} could not say {word} as {speaker}")
                file = io.BytesIO()
                soundfile.write(file, _STEP * (samples // _STEP), RATE, format="FLAC")
                yield f"{word}/{speaker}_{take}.flac", file.getvalue()


def pack(path: Path, files: Iterator[tuple[str, bytes]]) -> None:
    """Write files into a zip whose bytes depend on nothing else."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), data)


def main() -> None:
    """Let them speak."""
    for engine in (espeak, flite):
        if lacks := engine.missing():
            raise SystemExit(f"{lacks} is not installed: scripts/voices.sh installs it")
    DATA.mkdir(exist_ok=True)
    pack(DATA / "one-two.zip", said(ONE_TWO, PACES))
    pack(DATA / "table.zip", said(TABLE, PACES[1:2]))


if __name__ == "__main__":
    main()

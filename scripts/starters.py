"""Train the starter models that ship with the package, each from public data sets.

Usage: ``python scripts/starters.py [TASK ...]``. Afterwards measure them (benchmarks/accuracy) and
bring the model cards beside them up to date.

Those of ``digits`` and ``words`` are nets: they need the extra ``train`` (``pip install -e
'.[train]'``) and half an hour of a core each, so they are made when asked for by name; that of
``words`` also learns from what scripts/voices.py wrote.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import chaffinch.tasks
from chaffinch.datasets import get
from chaffinch.datasets.cache import place
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import open_source
from chaffinch.experience.importers.idx import read_array
from chaffinch.features.mel import seen_of
from chaffinch.features.net import (
    PictureNetFeatures,
    first_of_each,
    measured_by,
    net_of,
    write_beside,
)
from chaffinch.features.spoken import SpokenNetFeatures
from chaffinch.loop.starter import make_starter
from chaffinch.readers.audio import read_audio
from chaffinch.readers.image.pnm import write_pgm
from chaffinch.task import get_task
from chaffinch.types import Example, Item

#: What may be learned from and shipped, by task: see the model cards.
SOURCES = {"mail": ("spamassassin",), "message": ("sms_indonesian", "sms")}
#: Which starter of each task this makes.
_VERSIONS = {"mail": "1", "message": "1", "digits": "3", "words": "1"}
# Recordings of a label that the words' net learns from, of each corpus.
_OF_EACH = 500
# Images of MNIST that the twin of the digits' net is taught, and its seed.
_FITTED, _TWIN = 50_000, 5
# Of what a net that is trained on is to go on thinking what it thinks: images of each digit, and
# some that are none.
_DIGITS_KEPT, _STRANGERS_KEPT = 50, 150


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n\n")[0])
    known = [*SOURCES, *_NETS]
    which = f"{', '.join(known)}; by default {' and '.join(SOURCES)}"
    parser.add_argument("task", nargs="*", help=f"whose starter: {which}")
    wanted = parser.parse_args().task or list(SOURCES)
    for name in wanted:
        if name not in known:
            parser.error(f"no starter of {name} is trained here: name {' or '.join(known)}")
    for name in wanted:
        if name in _NETS:
            _NETS[name]()
            continue
        task = get_task(name)
        path = task.ladder[-1].starter
        if path is None:
            raise SystemExit(f"the top rung of {name} takes no starter")
        streams = [
            list(gather(task, [open_source(get(source))], skipped=print))
            for source in SOURCES[name]
        ]
        count = make_starter(task, streams, path, name=f"{name}-starter-{_VERSIONS[name]}")
        path.chmod(0o644)  # models of people's own mail are private, this one is not
        print(f"starter of {name}: {count:,} items, {path.stat().st_size / 1e6:.1f} MB")


def _digits() -> None:
    from chaffinch.nets.digits import ONE, one_net
    from chaffinch.nets.digits import make_starter as make_net
    from chaffinch.nets.export import export
    from chaffinch.nets.strangers import strangers

    folder = get("mnist")
    images, labels = (
        read_array(folder / f"train-{part}-ubyte.gz") for part in ("images-idx3", "labels-idx1")
    )
    path = Path(chaffinch.tasks.__path__[0]) / "digits" / "starter.onnx"
    name = f"digits-starter-{_VERSIONS['digits']}"
    make_net(images, labels, path, name=name)
    seen = [Item(write_pgm(image), "digits").id for image in images]
    named = [str(label) for label in labels]
    digits = tuple("0123456789")
    pixels = (images / 255).astype(np.float32)
    with TemporaryDirectory() as folder_of_twin:
        # What it can promise is measured on its like: of its own images it knows the answers.
        twin = Path(folder_of_twin) / "twin.onnx"
        shorter = tuple(replace(one, epochs=round(0.6 * one.epochs)) for one in ONE)
        net = one_net(images[:_FITTED], labels[:_FITTED], shorter, seed=_TWIN)
        # It looks once, so that what is promised is rather too little.
        export(net, twin, about={"name": "twin", "labels": " ".join(digits)})
        logits, _ = net_of(twin)(pixels[_FITTED:, np.newaxis])
        measured = measured_by(digits, logits, named[_FITTED:])
    features = PictureNetFeatures(path, digits)
    none = strangers(images, labels, _STRANGERS_KEPT)
    kept = np.concatenate((images[first_of_each(named, _DIGITS_KEPT)], none))
    write_beside(
        features,
        "digits",
        name,
        pixels,
        named,
        seen,
        kept=(kept / 255).astype(np.float32),
        measured=measured,
    )
    print(f"starter of digits: {len(images):,} items, {path.stat().st_size / 1e6:.1f} MB")


def _words() -> None:
    from chaffinch.nets.export import export
    from chaffinch.nets.words import beside, kept_of, recorded, synthesised, word_net

    task = get_task("words")
    labels = task.labels
    path = Path(chaffinch.tasks.__path__[0]) / "words" / "starter.onnx"
    name = f"words-starter-{_VERSIONS['words']}"
    people, crowd = (
        _some_of_each(gather(task, [open_source(get(corpus))], skipped=print))
        for corpus in ("fsdd", "speech_commands")
    )
    found = people + crowd
    heard = [one for one in found if one.label in labels]
    strange = [one for one in found if one.label not in labels]
    truth = [one.label for one in heard]
    sounds, unlike = (recorded(one.item.data for one in some) for some in (heard, strange))
    codes = np.array([labels.index(label) for label in truth])
    said = synthesised(place("voices") / "voices.npz", labels)
    features = SpokenNetFeatures(path, labels)
    inputs = seen_of(np.stack([features.spectrum(read_audio(one.item.data)) for one in heard]))

    def teach(speakers: set[str], where: Path, called: str) -> None:
        among, others = (
            np.array([one.speaker in speakers for one in some], np.bool_)
            for some in (heard, strange)
        )
        lessons = beside(sounds[among], codes[among], said)
        net = word_net(
            lessons.words,
            lessons.codes,
            len(labels),
            strangers=np.concatenate((unlike[others], lessons.others)),
            report=lambda epoch, _: print(f"{called}: {epoch} epochs", flush=True),
        )
        about = {"name": called, "labels": " ".join(labels)}
        export(net, where, shape=inputs.shape[1:], about=about)

    speakers = sorted({one.speaker for one in found})
    teach(set(speakers), path, name)
    # What it can promise is measured on speakers whom its like has never heard.
    logits = np.zeros((len(heard), len(labels)), np.float32)
    judged = np.zeros(len(heard), np.bool_)
    with TemporaryDirectory() as folder:
        for speaker in sorted({one.speaker for one in people}):
            twin = Path(folder) / f"{speaker}.onnx"
            teach(set(speakers) - {speaker}, twin, f"without {speaker}")
            own = np.array([one.speaker == speaker for one in heard])
            logits[own], _ = net_of(twin)(inputs[own, np.newaxis])
            judged |= own
    known = np.flatnonzero(judged)
    measured = measured_by(labels, logits[known], [truth[one] for one in known])
    ids = [one.item.id for one in found]
    kept = kept_of(sounds, codes, said)
    write_beside(features, "words", name, inputs, truth, ids, kept=kept, measured=measured)
    print(f"starter of words: {len(found):,} recordings, {path.stat().st_size / 1e6:.1f} MB")


def _some_of_each(examples: Iterable[Example]) -> list[Example]:
    """Return the first examples of each label; recordings come in an order as good as any."""
    found: Counter[str] = Counter()
    kept = []
    for one in examples:
        found[one.label] += 1
        if found[one.label] <= _OF_EACH:
            kept.append(one)
    return kept


_NETS = {"digits": _digits, "words": _words}

if __name__ == "__main__":
    main()

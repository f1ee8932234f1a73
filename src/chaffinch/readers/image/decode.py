"""From a file's bytes to grey pixels, upright and not too many, through Pillow where it needs one.

What a header claims is checked before a pixel is decoded. Pillow's own limit of pixels is no help:
it warns where it should stop, and knows nothing of scans and of canvases that frames lie on.
"""

from __future__ import annotations

import io
import math
import warnings
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.errors import MissingExtraError
from chaffinch.readers.image.pnm import is_pnm, read_pnm
from chaffinch.readers.image.raster import Raster, factor, reduced

if TYPE_CHECKING:
    from PIL.Image import Image

    from chaffinch.readers.image.content import ImageLimits
    from chaffinch.readers.image.raster import Pixels
    from chaffinch.readers.notes import Notes

# How files begin, and what Pillow calls their format.
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)
_RUN_LENGTH = (1, 2)  # compressions of BMP
_DEEP = (255, 1023, 4095, 65535)  # the largest values that cameras and scanners write
_REMEDY = "pip install 'chaffinch[digits]'"


def image_format(data: bytes) -> str | None:
    """Return which format bytes are of, by how they begin; None for what is no image known here.

    Examples
    --------
    >>> image_format(b"P5 1 1 255 A"), image_format(b"GIF89a"), image_format(b"Subject: tea")
    ('PNM', 'GIF', None)
    """
    if is_pnm(data):
        return "PNM"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0":  # a text may begin with these letters
        return "BMP"
    return next((name for begins, name in _BEGINNINGS if data.startswith(begins)), None)


def require_pillow(name: str = "PNG") -> None:
    """Make sure that images of a format can be read.

    Parameters
    ----------
    name : str
        The format, as `image_format` calls it; of portable anymaps nothing is needed.

    Raises
    ------
    MissingExtraError
        If Pillow is not installed.
    """
    if name == "PNM":
        return
    try:
        import PIL.Image  # noqa: F401 - whether it is there is the question
    except ImportError as error:
        raise MissingExtraError(
            f"PNG, JPEG and other images are read by Pillow, which is not here ({error}): "
            f"`{_REMEDY}`"
        ) from error


def decode(data: bytes, limits: ImageLimits, notes: Notes) -> Raster | None:
    """Return an image's grey pixels, upright.

    Parameters
    ----------
    data : bytes
        The file.
    limits : ImageLimits
        How much is read.
    notes : Notes
        Where it is said what could not be read, and why.

    Returns
    -------
    Raster or None
        None if it could not be read.
    """
    if len(data) > limits.raw:
        notes.add(f"{len(data):,} bytes are more than are read of an image ({limits.raw:,})")
        return None
    name = image_format(data)
    if name is None:
        notes.add(
            "no image: it begins as none of PNG, JPEG, GIF, TIFF, BMP, WebP, PGM and PPM does"
        )
        return None
    if name == "PNM":
        return read_pnm(data, limits, notes)
    trap = _trap(data, name, limits)
    if trap:
        notes.add(trap)
        return None
    try:
        require_pillow()
    except MissingExtraError as error:
        notes.add(str(error))
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on damage in parts of a file that nobody needs
            return _decode(data, name, limits, notes)
    except Exception:  # noqa: BLE001 - whatever hostile bytes make of a decoder
        # What a decoder says of it speaks of its own insides, and to nobody who sent a file.
        notes.add(f"{name} that cannot be decoded: damaged or cut off")
        return None


def _trap(data: bytes, name: str, limits: ImageLimits) -> str:
    """Return why a file is not given to Pillow at all; empty where it is."""
    if name == "JPEG" and (scans := data.count(b"\xff\xda")) > limits.scans:
        return f"JPEG of {scans} scans: more than are read ({limits.scans})"
    if name == "BMP" and int.from_bytes(data[30:34], "little") in _RUN_LENGTH:
        return "BMP with run-length compression is not read: save it as PNG"
    if name == "WEBP":
        width, height = _canvas(data)
        return limits.too_large(width, height, limits.pixels)
    return ""


def _canvas(data: bytes) -> tuple[int, int]:
    """Return what a WebP's header claims: Pillow makes room for it when it opens the file."""
    kind = data[12:16]
    if kind == b"VP8X":
        ends = data[24:27], data[27:30]
        return int.from_bytes(ends[0], "little") + 1, int.from_bytes(ends[1], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    ends = data[26:28], data[28:30]
    return int.from_bytes(ends[0], "little") & 0x3FFF, int.from_bytes(ends[1], "little") & 0x3FFF


def _decode(data: bytes, name: str, limits: ImageLimits, notes: Notes) -> Raster | None:
    from PIL import Image

    try:
        opened = Image.open(io.BytesIO(data), formats=(name,))
    except Image.DecompressionBombError:
        notes.add(f"{name} whose header claims more pixels than are read ({limits.pixels:,})")
        return None
    with opened as image:
        width, height = image.size
        trap = limits.too_large(width, height, limits.jpeg if name == "JPEG" else limits.pixels)
        if trap:
            notes.add(trap)
            return None
        if name == "JPEG" and width * height > limits.work:
            # Decoded at a half, a quarter or an eighth: as small as still suffices.
            share = math.sqrt(limits.work / (width * height))
            image.draft("L", (math.ceil(width * share), math.ceil(height * share)))
        image.load()
        grey = _grey(image, limits)
        orientation = image.getexif().get(0x0112, 1)  # after loading, as TIFF turns itself
        turned = _upright(grey, orientation)
        if name in ("GIF", "PNG", "TIFF", "WEBP") and _has_more(image):
            notes.add("only the first of its frames or pages was read", doubt=True)
    if orientation in (5, 6, 7, 8):
        width, height = height, width
    return Raster(turned, (width, height))


def _has_more(image: Image) -> bool:
    # Looks at the next frame alone: counting them would go through the whole file.
    try:
        image.seek(image.tell() + 1)
    except (EOFError, OSError, SyntaxError, ValueError):
        return False
    return True


def _grey(image: Image, limits: ImageLimits) -> Pixels:
    width, height = image.size
    by = factor(width, height, limits.work)
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        return reduced(_deep(np.asarray(image)), by)
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        whole = image.convert("RGBA")
        whole = whole.reduce(by) if by > 1 else whole
        return _on_paper(np.asarray(whole.convert("L")), np.asarray(whole.getchannel("A")))
    if image.mode not in ("1", "L", "P", "RGB"):
        image = image.convert("RGB")
    image = image.convert("L")
    image = image.reduce(by) if by > 1 else image
    return np.asarray(image).astype(np.float32) / np.float32(255)


def _deep(values: np.ndarray) -> Pixels:
    """Scale samples of more than 8 bits by the largest value that their kind writes."""
    values = np.nan_to_num(values.astype(np.float32), nan=0, posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    if low < 0 or high <= 1 or high > _DEEP[-1]:
        span = high - low if low < 0 or high > 1 else 1.0
        return np.asarray((values - min(low, 0.0)) / span, dtype=np.float32)
    most = next(most for most in _DEEP if high <= most)
    return np.asarray(values / np.float32(most), dtype=np.float32)


def _on_paper(grey: np.ndarray, alpha: np.ndarray) -> Pixels:
    """Lay what is partly transparent on paper that it can be read on."""
    opaque = alpha.astype(np.float32) / np.float32(255)
    shade = grey.astype(np.float32) / np.float32(255)
    seen = float(opaque.mean())
    mean = float((shade * opaque).mean()) / seen if seen else 0.0
    # A sheet with cut corners is continued; strokes on nothing are laid on what they stand out of.
    paper = mean if seen > 0.5 else float(mean < 0.5)
    return np.asarray(shade * opaque + paper * (1 - opaque), dtype=np.float32)


def _upright(grey: Pixels, orientation: int) -> Pixels:
    """Turn pixels as Exif's tag 0x0112 says."""
    if orientation in (2, 5, 7):
        grey = grey[:, ::-1]
    elif orientation == 4:
        grey = grey[::-1]
    quarters = {3: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(grey, quarters))

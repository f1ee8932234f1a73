"""Augmentation: what a digit might have looked like, written once more by somebody else.

A batch at a time, so that a core warps some 100,000 images a second. Each image gets a random
affine map (rotation, size, slant, place), a smooth random field that bends it (elastic: a coarse
grid of displacements, interpolated), and a pen that is broader or finer.

References
----------
P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural networks applied to
visual document analysis", ICDAR 2003 (elastic distortion).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator, Tensor


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far images are changed, each drawn evenly between minus and plus.

    Parameters
    ----------
    rotation : float
        Degrees.
    scale : float
        Share of the size, each of width and height by itself half as much again.
    shear : float
        Pixels to the side for each pixel down.
    shift : float
        Pixels.
    elastic : float
        Standard deviation of the displacements on the coarse grid, in half widths of the image.
    grid : int
        Points of the coarse grid a side.
    pen : float
        Greatest share by which an image becomes what is the darkest, or the lightest, of the
        3 × 3 pixels around each: a broader or a finer pen.
    """

    rotation: float = 15.0
    scale: float = 0.12
    shear: float = 0.2
    shift: float = 2.0
    elastic: float = 0.06
    grid: int = 6
    pen: float = 0.4

    def __call__(self, images: Tensor, generator: Generator) -> Tensor:
        """Return images as a net sees them, each changed by its own random map.

        Parameters
        ----------
        images : Tensor of shape (n, height, width), uint8
            255 is ink.
        generator : Generator
            Where the random numbers come from.

        Returns
        -------
        Tensor of shape (n, 1, height, width), float32 in [0, 1]
            1 is ink.
        """
        return augment(images[:, None].float() / 255, self, generator)


def augment(images: Tensor, how: Augmentation, generator: Generator) -> Tensor:
    """Return each image changed by its own random map.

    Parameters
    ----------
    images : Tensor of shape (n, 1, height, width), float32 in [0, 1]
        1 is ink.
    how : Augmentation
        How far.
    generator : Generator
        Where the random numbers come from.

    Returns
    -------
    Tensor of shape (n, 1, height, width), float32 in [0, 1]
        The changed images.
    """
    from torch.nn.functional import grid_sample

    where = _places(images, how, generator)
    warped: Tensor = grid_sample(images, where, align_corners=False)
    return _pen(warped, how.pen, generator) if how.pen else warped


def _places(images: Tensor, how: Augmentation, generator: Generator) -> Tensor:
    """Return where each new pixel looks in the old image, in [-1, 1]: (n, height, width, 2)."""
    import torch
    from torch.nn.functional import affine_grid, interpolate

    n, _, height, width = images.shape
    device = images.device

    def drawn(reach: float) -> Tensor:
        return (torch.rand(n, generator=generator, device=device) * 2 - 1) * reach  # (n,)

    angle = drawn(how.rotation * pi / 180)
    both = drawn(how.scale)
    across, down = torch.exp(both + drawn(how.scale / 2)), torch.exp(both + drawn(how.scale / 2))
    slant = drawn(how.shear)
    cos, sin = torch.cos(angle), torch.sin(angle)
    affine = torch.stack(
        [
            torch.stack([cos * across, slant * cos - sin, drawn(how.shift * 2 / width)], 1),
            torch.stack([sin, (slant * sin + cos) * down, drawn(how.shift * 2 / height)], 1),
        ],
        1,
    )  # (n, 2, 3)
    where: Tensor = affine_grid(affine, [n, 1, height, width], align_corners=False)
    if how.elastic:
        field = (n, 2, how.grid, how.grid)
        coarse = torch.randn(field, generator=generator, device=device) * how.elastic
        bend = interpolate(coarse, size=(height, width), mode="bicubic", align_corners=True)
        where = where + bend.permute(0, 2, 3, 1)  # (n, height, width, 2)
    return where


def _pen(images: Tensor, reach: float, generator: Generator) -> Tensor:
    """Return a third of the images with a broader pen, a third with a finer one."""
    import torch
    from torch.nn.functional import max_pool2d

    drawn = torch.rand(len(images), generator=generator, device=images.device)
    share = (drawn * 3 - 1.5).clamp(-1, 1) * reach
    fine = share.abs()[:, None, None, None]  # (n, 1, 1, 1)
    broad = (share > 0)[:, None, None, None]
    darkest = max_pool2d(images, 3, 1, 1)
    lightest = -max_pool2d(-images, 3, 1, 1)
    return torch.lerp(images, torch.where(broad, darkest, lightest), fine)

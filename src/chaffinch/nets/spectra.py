"""Augmentation of mel spectra: what a word might have looked like to the ear, said once more.

What `voices` does to sound, as far as a spectrum lets it be done, at a tenth of the cost: a net
that is only taught a little more goes on from what it learned of sound itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from chaffinch.features.mel import DEEPEST
from chaffinch.nets import torch_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Generator, Tensor

    Draw = Callable[..., Tensor]

_POINTS = 6  # at which a microphone, and the colour of noise, are drawn
_NATURAL = log(10) / 10  # of a decibel: logarithm of a power


@dataclass(frozen=True, slots=True)
class Spectra:
    """How far spectra are changed, each drawn evenly between minus and plus, or as it says.

    Parameters
    ----------
    tract : float
        Logarithm of the factor by which all bands lie higher.
    stretch : float
        Logarithm of the factor by which a word is slower.
    shift : float
        Share of the window by which it is said earlier or later.
    microphone : float
        Decibels by which a microphone favours some bands.
    noise : (float, float)
        Decibels by which the loudest moment of a word is louder than noise, which differs by up to
        ``microphone`` from band to band.
    masks : int
        Bands, and as often moments, that are covered.
    band, moment : int
        The greatest height of a band and length of a moment, in bands and frames.
    """

    tract: float = 0.06
    stretch: float = 0.1
    shift: float = 0.05
    microphone: float = 4.0
    noise: tuple[float, float] = (10.0, 70.0)
    masks: int = 1
    band: int = 4
    moment: int = 8

    def __call__(self, seen: Tensor, generator: Generator) -> Tensor:
        """Return each spectrum changed.

        Parameters
        ----------
        seen : Tensor of shape (n, bands, frames), uint8
            255 for the loudest, 0 for 80 decibels below it.
        generator : Generator
            Where the random numbers come from.

        Returns
        -------
        Tensor of shape (n, 1, bands, frames), float32 in [0, 1]
        """
        torch = torch_module()
        n, bands, _ = seen.shape

        def drawn(*shape: int) -> Tensor:
            """Evenly between -1 and 1."""
            numbers: Tensor = torch.rand((n, *shape), generator=generator, device=seen.device)
            return numbers * 2 - 1

        def curve() -> Tensor:
            """Decibels by band, (n, bands, 1)."""
            points = drawn(1, _POINTS) * self.microphone
            smooth: Tensor = torch.nn.functional.interpolate(
                points, size=bands, mode="linear", align_corners=True
            )
            return smooth.transpose(1, 2)

        moved = self._moved(seen[:, None].float() / 255, drawn(3))[:, 0]
        levels = (moved - 1) * DEEPEST + curve()
        least, most = self.noise
        loudness = least + (most - least) * (drawn(1, 1) + 1) / 2
        # Power of noise in one band at one moment is spread as waiting times are.
        grain = ((1 - drawn(*levels.shape[1:])) / 2).clamp(min=1e-6)
        noise = curve() - loudness + (-grain.log()).log() / _NATURAL
        both = torch.logaddexp(levels * _NATURAL, noise * _NATURAL) / _NATURAL
        heard = 1 + (both - both.amax((1, 2), keepdim=True)) / DEEPEST
        return covered(
            heard.clamp(min=0)[:, None],
            lambda *shape: (drawn(*shape) + 1) / 2,
            self.masks,
            self.band,
            self.moment,
        )

    def _moved(self, seen: Tensor, drawn: Tensor) -> Tensor:
        """Return spectra stretched and moved; beyond an edge lies what lies before it, mirrored."""
        torch = torch_module()
        higher, slower = (drawn[:, 0] * self.tract).exp(), (drawn[:, 1] * self.stretch).exp()
        none = torch.zeros_like(higher)
        maps = torch.stack(
            [
                torch.stack([1 / slower, none, drawn[:, 2] * 2 * self.shift], 1),
                # The lowest band, at -1, stays where it is.
                torch.stack([none, 1 / higher, 1 / higher - 1], 1),
            ],
            1,
        )
        where = torch.nn.functional.affine_grid(maps, list(seen.shape), align_corners=True)
        moved: Tensor = torch.nn.functional.grid_sample(
            seen, where, padding_mode="reflection", align_corners=True
        )
        return moved


def covered(seen: Tensor, drawn: Draw, masks: int, band: int, moment: int) -> Tensor:
    """Return spectra with some bands and some moments at their mean.

    Parameters
    ----------
    seen : Tensor of shape (n, 1, bands, frames)
        The spectra.
    drawn : callable
        Gives random numbers between 0 and 1, (n, …).
    masks : int
        Bands, and as often moments, that are covered.
    band, moment : int
        The greatest height of a band and length of a moment.
    """
    torch = torch_module()
    mean = seen.mean((2, 3), keepdim=True)
    for axis, longest in ((2, band), (3, moment)):
        size = seen.shape[axis]
        here = torch.arange(size, device=seen.device)
        for _ in range(masks):
            length = (drawn(1) * (longest + 1)).floor()
            start = (drawn(1) * (size - length)).floor()
            hidden = (here >= start) & (here < start + length)  # (n, size)
            shape = (len(seen), 1, size, 1) if axis == 2 else (len(seen), 1, 1, size)
            seen = torch.where(hidden.view(shape), mean, seen)
    return seen

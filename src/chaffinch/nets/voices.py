"""Augmentation of words: what a word might have sounded like, said once more by somebody else.

A batch at a time. Each word gets another speed and vocal tract, another place, room, microphone and
noise, all drawn at random; then it becomes a mel spectrum in which some bands and moments are
covered.

References
----------
N. Jaitly and G. Hinton, "Vocal tract length perturbation (VTLP) improves speech recognition", ICML
workshop 2013. T. Ko and others, "Audio augmentation for speech recognition", Interspeech 2015
(speed). D. Park and others, "SpecAugment", Interspeech 2019 (covered bands and moments).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING

from chaffinch.features.mel import DEEPEST, mel_filters
from chaffinch.nets import torch_module
from chaffinch.nets.spectra import covered
from chaffinch.readers.audio.content import RATE
from chaffinch.readers.audio.spectrum import FRAME, HOP

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Generator, Tensor

    Draw = Callable[..., Tensor]

_FAINTEST = 1e-10
_VOICES = 5  # that talk at once in babble
_TONES = 6  # of music
_EQ = 7  # points between 0 and 4 kHz at which a microphone is drawn


@dataclass(frozen=True, slots=True)
class Voices:
    """How far words are changed, each drawn evenly between minus and plus, or by chance.

    Parameters
    ----------
    speed : float
        Logarithm of the factor by which a word is faster and higher.
    tract : float
        Logarithm of the factor by which a vocal tract is shorter: all resonances move.
    stretch : float
        Logarithm of the factor by which a word is slower, its pitch the same.
    shift : float
        Seconds by which it is said earlier or later.
    microphone : float
        Decibels by which a microphone favours some pitches.
    telephone, room : float
        Shares of the words that are heard over a telephone's band, and in a room.
    noise : (float, float)
        Decibels by which words are louder than noise; white, pink or brown.
    babble, music : float
        Shares of the words whose noise are other voices, or tones.
    doubled : int
        How often these voices may become twice as many: from five on.
    cut : float
        Share of the words that are cut close, as recordings are.
    depth : (float, float)
        Decibels below the loudest moment of a word at which it is cut.
    masks : int
        Bands, and as often moments, that are covered.
    band, moment : int
        The greatest height of a band and length of a moment, in bands and frames.
    """

    speed: float = 0.15
    tract: float = 0.17
    stretch: float = 0.2
    shift: float = 0.1
    microphone: float = 8.0
    telephone: float = 0.15
    room: float = 0.25
    noise: tuple[float, float] = (-3.0, 60.0)
    babble: float = 0.2
    music: float = 0.1
    doubled: int = 0
    cut: float = 0.5
    depth: tuple[float, float] = (10.0, 45.0)
    masks: int = 1
    band: int = 6
    moment: int = 15

    def __call__(self, words: Tensor, generator: Generator) -> Tensor:
        """Return each word changed, as `heard` gives it.

        Parameters
        ----------
        words : Tensor of shape (n, samples), int16
            At 8 kHz, each in the middle, silence around it.
        generator : Generator
            Where the random numbers come from.

        Returns
        -------
        Tensor of shape (n, 1, bands, frames), float32 in [0, 1]
        """
        torch = torch_module()
        n, device = len(words), words.device

        def drawn(*shape: int) -> Tensor:
            """Evenly between 0 and 1."""
            numbers: Tensor = torch.rand((n, *shape), generator=generator, device=device)
            return numbers

        clean = words.float() / 32768
        again = self._said_again(clean, drawn)
        noisy = self._in_noise(self._filtered(again, drawn), drawn)
        power = spectra(self._cut(noisy, again, drawn))
        power = _stretched(power, self._factor(drawn, self.tract), axis=2)
        power = _stretched(power, self._factor(drawn, self.stretch), axis=1)
        return covered(heard(power), drawn, self.masks, self.band, self.moment)

    def _factor(self, drawn: Draw, reach: float) -> Tensor:
        factors: Tensor = ((drawn() * 2 - 1) * reach).exp()
        return factors

    def _said_again(self, words: Tensor, drawn: Draw) -> Tensor:
        """Return words faster or slower, and earlier or later (cubic interpolation)."""
        torch = torch_module()
        length = words.shape[1]
        middle = (length - 1) / 2
        late = (drawn() * 2 - 1) * self.shift * RATE
        here = torch.arange(length, device=words.device) - middle
        at = (here - late[:, None]) * self._factor(drawn, self.speed)[:, None] + middle
        whole = at.floor()
        t = at - whole
        # Each sample with its neighbours, silence beyond the edges: rows are looked up faster than
        # single numbers.
        padded = torch.nn.functional.pad(words, (4, 4))
        rows = padded.unfold(1, 4, 1).reshape(-1, 4)
        begins = torch.arange(len(words), device=words.device)[:, None] * (length + 5)
        place = whole.long().add(3).clamp(0, length + 4) + begins
        a, b, c, d = rows.index_select(0, place.flatten()).view(*place.shape, 4).unbind(2)
        # Catmull and Rom's spline
        curve: Tensor = b + t / 2 * (
            c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))
        )
        return curve

    def _filtered(self, words: Tensor, drawn: Draw) -> Tensor:
        """Return words as a microphone, a telephone or a room makes them."""
        torch = torch_module()
        length = words.shape[1]
        size = 2 * length
        points = (drawn(_EQ) * 2 - 1) * self.microphone / 20 * 2.302585
        response = torch.nn.functional.interpolate(
            points[:, None], size=size // 2 + 1, mode="linear", align_corners=True
        )[:, 0].exp()
        hertz = torch.linspace(0, RATE / 2, size // 2 + 1, device=words.device)
        low, high = 250 + 150 * drawn(1), 3000 + 500 * drawn(1)
        carried = 1 / (1 + (low / (hertz + 1)) ** 8) / (1 + (hertz / high) ** 16)
        response = torch.where(drawn(1) < self.telephone, response * carried, response)
        spectrum = torch.fft.rfft(words, size) * response
        in_room = torch.nonzero(drawn() < self.room)[:, 0]
        # A room: noise that dies away, after what comes straight.
        seconds = torch.arange(length, device=words.device) / RATE
        dying = (-6.9 * seconds / (0.1 + 0.5 * drawn(1)[in_room])).exp()
        echoes = (drawn(length)[in_room] - 0.5) * dying
        loudness = 0.3 + 1.2 * drawn(1)[in_room]
        echoes = echoes / echoes.norm(dim=1, keepdim=True) * loudness
        echoes[:, 0] = 1
        if len(in_room):  # MKL transforms nothing only with an error
            spectrum[in_room] *= torch.fft.rfft(echoes, size)
        changed: Tensor = torch.fft.irfft(spectrum, size)[:, :length]
        return changed

    def _in_noise(self, words: Tensor, drawn: Draw) -> Tensor:
        """Return words with noise in the whole window, as loud as it is drawn."""
        torch = torch_module()
        length = words.shape[1]
        hiss = torch.fft.rfft(drawn(length) - 0.5)
        fall = torch.arange(1, hiss.shape[1] + 1, device=words.device)
        noise = torch.fft.irfft(hiss * fall ** -drawn(1), length)
        kind = drawn()
        voices = torch.nonzero(kind < self.babble)[:, 0]
        noise[voices] = _babble(words, len(voices), drawn, self.doubled)
        tones = torch.nonzero((kind >= self.babble) & (kind < self.babble + self.music))[:, 0]
        noise[tones] = _music(length, drawn(2, _TONES)[tones])
        decibels = _between(self.noise, drawn)
        # A word's loudness is that of the moments that are not silent.
        loud = words.square()
        spoken = loud.sum(1, keepdim=True) / (loud > 1e-4 * loud.amax(1, keepdim=True)).sum(
            1, keepdim=True
        ).clamp(min=1)
        power = noise.square().mean(1, keepdim=True) + _FAINTEST
        louder = (spoken + _FAINTEST) / power / 10 ** (decibels / 10)
        mixed: Tensor = words + noise * louder.sqrt()
        return mixed

    def _cut(self, noisy: Tensor, words: Tensor, drawn: Draw) -> Tensor:
        """Return some words with silence around what of them is loud, as recorders cut them.

        They often take a faint s or f, at the beginning or the end, for silence.
        """
        torch = torch_module()
        length = noisy.shape[1]
        here = torch.arange(length, device=noisy.device)
        power = torch.nn.functional.avg_pool1d(words.square()[:, None], 2 * HOP, HOP)[:, 0]
        least = power.amax(1, keepdim=True) * 10 ** (-_between(self.depth, drawn) / 10)
        loud = ((power > least) & (power > 0)).int()  # (n, moments)
        first = HOP * loud.argmax(1, keepdim=True) - 0.1 * RATE * drawn(1).square()
        last = length - HOP * loud.flip(1).argmax(1, keepdim=True) + 0.1 * RATE * drawn(1).square()
        kept = ((here >= first) & (here < last)) | (drawn(1) >= self.cut)
        cut: Tensor = noisy * kept
        return cut


def _between(ends: tuple[float, float], drawn: Draw) -> Tensor:
    """Return a number for each word, evenly between two."""
    least, most = ends
    numbers: Tensor = least + (most - least) * drawn(1)
    return numbers


def spectra(sound: Tensor) -> Tensor:
    """Return the power at each frequency, moment by moment, as `power_spectra` does.

    Parameters
    ----------
    sound : Tensor of shape (n, samples), float32
        At 8 kHz.

    Returns
    -------
    Tensor of shape (n, frames, bins)
    """
    torch = torch_module()
    window = torch.hann_window(FRAME, device=sound.device)
    padded = torch.nn.functional.pad(sound, (FRAME // 2, FRAME // 2))
    bins = torch.fft.rfft(padded.unfold(1, FRAME, HOP) * window)
    power: Tensor = bins.real.square() + bins.imag.square()
    return power


def heard(power: Tensor) -> Tensor:
    """Return mel spectra, 1 for the loudest moment and 0 for 80 decibels below it.

    As `chaffinch.features.mel.seen_of` does for a net that judges.

    Parameters
    ----------
    power : Tensor of shape (n, frames, bins)
        As `spectra` gives it.

    Returns
    -------
    Tensor of shape (n, 1, bands, frames), in [0, 1]
    """
    torch = torch_module()
    filters = torch.tensor(mel_filters(), device=power.device)
    levels = 10 * (power @ filters.T).clamp(min=_FAINTEST).log10()
    below = levels.amax((1, 2), keepdim=True) - levels
    seen: Tensor = (1 - below / DEEPEST).clamp(min=0).transpose(1, 2)[:, None]
    return seen


def _stretched(power: Tensor, factors: Tensor, *, axis: int) -> Tensor:
    """Return spectra whose frequencies (axis 2) or moments (axis 1) lie further apart.

    Frequencies begin at the lowest, moments lie around the middle one. What lies beyond an edge is
    what lies before it, mirrored: silence would tell that something was changed.
    """
    torch = torch_module()
    size = power.shape[axis]
    here = torch.arange(size, device=power.device, dtype=torch.float32)
    middle = (size - 1) / 2 if axis == 1 else 0.0
    at = (here - middle) / factors[:, None] + middle  # (n, size)
    at = (size - 1) - ((size - 1) - at.abs()).abs()
    first = at.floor().clamp(0, size - 2)
    share = at - first
    place = first.long()
    shape = (-1, -1, power.shape[2]) if axis == 1 else (-1, power.shape[1], -1)
    across = 3 - axis

    def at_place(k: int) -> Tensor:
        found: Tensor = power.gather(axis, (place + k).unsqueeze(across).expand(shape))
        return found

    low, high = at_place(0), at_place(1)
    moved: Tensor = low + (high - low) * share.unsqueeze(across)
    return moved


def _babble(words: Tensor, count: int, drawn: Draw, doubled: int) -> Tensor:
    """Return several of the words at once, each beginning anywhere, so many times.

    By chance it is up to so often made twice as many.
    """
    torch = torch_module()
    length = words.shape[1]
    here = torch.arange(length, device=words.device)
    mixed = words.new_zeros((count, length))
    for _ in range(_VOICES):
        other = words[drawn().argsort()[:count]]
        other = other / (other.norm(dim=1, keepdim=True) + _FAINTEST)
        begin = (drawn(1)[:count] * length).long()
        mixed = mixed + other.gather(1, (here + begin) % length)
    if doubled and count:
        times = (drawn(1)[:count] * (doubled + 1)).floor()
        for done in range(doubled):
            begin = (drawn(1)[:count] * length).long()
            later = mixed[drawn()[:count].argsort()].gather(1, (here + begin) % length)
            mixed = torch.where(times > done, mixed + later, mixed)
    return mixed


def _music(length: int, drawn: Tensor) -> Tensor:
    """Return chords of tones with overtones, each dying away.

    Parameters
    ----------
    length : int
        Samples.
    drawn : Tensor of shape (m, 2, tones), in [0, 1]
        Of each tone which it is, and when it begins.

    Returns
    -------
    Tensor of shape (m, length)
    """
    torch = torch_module()
    pitch = 110 * 2 ** ((drawn[:, 0] * 36).floor() / 12)  # half tones over three octaves
    seconds = torch.arange(length, device=pitch.device) / RATE
    since = seconds - drawn[:, 1, :, None] * length / RATE  # (m, tones, samples)
    loud = (since > 0) * (-3 * since.clamp(min=0)).exp()
    turns = 2 * pi * pitch[:, :, None] * since
    chords: Tensor = ((turns.sin() + 0.5 * (2 * turns).sin()) * loud).sum(1)
    return chords

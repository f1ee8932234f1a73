"""Where a chart's axis begins and ends, and the round numbers that it is marked with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of values, evenly spaced or by powers of ten.

    Parameters
    ----------
    low, high : float
        Where it begins and ends; ``low < high``, and above 0 where it is logarithmic.
    log : bool
        Whether equal lengths are equal ratios.
    """

    low: float
    high: float
    log: bool

    def fraction(self, value: float) -> float:
        """Return how far along the axis a value stands, from 0 to 1.

        What lies outside the axis stands at its end: so does 0 where the axis is logarithmic.
        """
        value = min(max(value, self.low), self.high)
        if self.log:
            # Differences of logarithms, for a ratio of two numbers can be beyond all numbers.
            length = math.log10(self.high) - math.log10(self.low)
            return (math.log10(value) - math.log10(self.low)) / length
        return (value - self.low) / (self.high - self.low)

    def ticks(self, at_most: int) -> list[float]:
        """Return round numbers on the axis, in rising order."""
        return self._log_ticks(at_most) if self.log else self._even_ticks(at_most)

    def _even_ticks(self, at_most: int) -> list[float]:
        step = _round_up((self.high - self.low) / max(1, at_most - 1))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        # Multiplying by a step like 0.1 leaves 0.30000000000000004.
        return [float(f"{count * step:.12g}") for count in range(first, last + 1)]

    def _log_ticks(self, at_most: int) -> list[float]:
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for leading in ((1, 2, 5), (1,)):
            ticks = [float(f"{lead}e{decade}") for decade in decades for lead in leading]
            ticks = [tick for tick in ticks if self.low <= tick <= self.high]
            # A chart over many powers of ten is read by those alone.
            if len(ticks) <= min(at_most, 7):
                return ticks
        return ticks[:: math.ceil(len(ticks) / at_most)]


def fitting(values: Iterable[float], *, log: bool, rounded: bool = True) -> Axis:
    """Return an axis that holds all the values.

    Parameters
    ----------
    values : iterable of float
        Finite numbers. On a logarithmic axis those at or below 0 are left out.
    log : bool
        Whether equal lengths are to be equal ratios.
    rounded : bool
        Whether it begins and ends with a round number, or just where the values do.

    Examples
    --------
    >>> fitting([3, 88], log=False)
    Axis(low=0.0, high=100.0, log=False)
    >>> fitting([0, 1, 6046], log=True, rounded=False)
    Axis(low=1, high=6046, log=True)
    """
    kept = [value for value in values if value > 0] if log else list(values)
    if not kept:
        return Axis(1, 10, log) if log else Axis(0, 1, log)
    low, high = min(kept), max(kept)
    if rounded and log:
        low, high = _round_down(low), _round_up(high)
    elif rounded:
        low, high = _rounded_ends(low, high)
    largest = max(abs(low), abs(high))
    if high - low > 1e-9 * largest:  # less cannot be told apart, let alone divided by
        return Axis(low, high, log)
    margin = max(0.5, largest / 2)
    return Axis(low / 2, high * 2, log) if log else Axis(low - margin, high + margin, log)


def _rounded_ends(low: float, high: float) -> tuple[float, float]:
    # Heights are compared with the eye, so an axis that comes near 0 begins there.
    if low >= 0 and (low <= high / 2 or low == high):
        low, high = 0.0, high or 1.0
    step = _round_up((high - low) / 4) if high > low else 1.0
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def _round_up(value: float) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, 50 … that is not below a positive value."""
    decade = math.floor(math.log10(value))
    steps = (float(f"{lead}e{decade}") for lead in (1, 2, 5))
    return next((step for step in steps if step >= value * (1 - 1e-9)), float(f"1e{decade + 1}"))


def _round_down(value: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20, 50 … that is not above a positive value."""
    decade = math.floor(math.log10(value))
    steps = (float(f"{lead}e{decade}") for lead in (5, 2, 1))
    return next((step for step in steps if step <= value * (1 + 1e-9)), float(f"1e{decade}"))


def tick_label(value: float) -> str:
    """Return a short name of a round number.

    Examples
    --------
    >>> [tick_label(value) for value in (0, 0.05, 20, 1000, 2500, 1e6)]
    ['0', '0.05', '20', '1k', '2.5k', '1M']
    """
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:g}{letter}"
    return f"{value:g}"

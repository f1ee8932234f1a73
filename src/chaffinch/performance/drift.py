"""Whether a stream of numbers, such as a model's errors, has changed."""

from __future__ import annotations

import math

# As published: how many buckets of one size are kept before two of them become one.
_BUCKETS = 5
# Neither part of a cut holds fewer values, and no cut is looked for in as few or fewer.
_LEAST_PART = 5
_LEAST = 10
# What the Page-Hinkley test takes.
_LARGEST = 1e100


class Adwin:
    """Adaptive windowing: a window that holds as much of a stream as has one mean.

    Every few values, all cuts of the window in an older and a newer part are looked at. Where their
    means differ by more than chance allows, the stream has changed, and the oldest values are let
    go until no cut shows a change any more. What is left is the new regime, and often some of the
    old one before it, which are too few to stand out: `width` says how many values that are, and
    `mean` what they are on average. The next value begins a new window.

    A look at a stream that has not changed finds a change with a chance of about `delta` at most.
    Values are held as sums of 1, 2, 4 … of them, at most six of a size, so that a window of a
    million values takes some hundred sums.

    Parameters
    ----------
    delta : float
        The chance of a false alarm, above 0 and below 1.
    clock : int
        A change is looked for after so many values, 1 or more.

    Raises
    ------
    ValueError
        If `delta` or `clock` is out of its range.

    See Also
    --------
    PageHinkley : has no window, and takes other numbers, too.

    References
    ----------
    A. Bifet and R. Gavaldà, "Learning from time-changing data with adaptive windowing", SIAM
    International Conference on Data Mining, 2007: ADWIN2, with the bound that knows the variance.
    A window ends with its detection, as in the library river; the paper keeps what is left of it.

    B. Babcock, M. Datar, R. Motwani and L. O'Callaghan, "Maintaining variance and k-medians over
    data stream windows", PODS 2003.

    Examples
    --------
    A model that was wrong once in ten times is right once in ten times from value 500 on:

    >>> adwin = Adwin()
    >>> errors = [number % 10 == 0 for number in range(500)]
    >>> errors += [number % 10 != 0 for number in range(500)]
    >>> for number, error in enumerate(errors):
    ...     if adwin.update(error):
    ...         print(f"seen at {number}: the change is in the last {adwin.width} values")
    seen at 543: the change is in the last 80 values
    """

    def __init__(self, delta: float = 0.002, *, clock: int = 32) -> None:
        if not 0.0 < delta < 1.0:
            raise ValueError(f"delta is {delta}: give a chance above 0 and below 1, such as 0.002")
        if clock < 1:
            raise ValueError(f"clock is {clock}: give a number of values, 1 or more")
        self._delta = delta
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._detected = False
        self._width = 0
        self._total = 0.0
        # Of the whole window: the sum of squared distances from its mean.
        self._squares = 0.0
        # Buckets of 1, 2, 4 … values, the oldest of a size first: sum, squared distances.
        self._rows: list[list[tuple[float, float]]] = [[]]

    @property
    def width(self) -> int:
        """How many values are in the window: those since the change and some before it."""
        return self._width

    @property
    def mean(self) -> float:
        """The mean of the values in the window; NaN before the first."""
        return self._total / self._width if self._width else math.nan

    def update(self, value: float) -> bool:
        """Take the next value, and return whether the stream is found to have changed.

        Parameters
        ----------
        value : float
            From 0 to 1: a rate, a loss that is bounded so, or False and True.

        Raises
        ------
        ValueError
            If the value is not from 0 to 1; nothing is changed then.
        """
        value = float(value)
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"Adwin takes values from 0 to 1, not {value}: scale them first")
        if self._detected:
            self._begin()
        self._add(value)
        if self._width % self._clock == 0 and self._width > _LEAST:
            while self._differs():
                self._detected = True
                self._drop()
        return self._detected

    def _add(self, value: float) -> None:
        before = self._width
        self._width += 1
        if before:
            apart = value - self._total / before
            self._squares += before * apart * apart / self._width
        self._total += value
        self._rows[0].append((value, 0.0))
        self._merge()

    def _merge(self) -> None:
        """Make one bucket of the two oldest of a size where there are too many."""
        size = 1
        for row in self._rows:
            if len(row) <= _BUCKETS:
                return
            (first, of_first), (second, of_second) = row[:2]
            del row[:2]
            apart = first - second
            merged = first + second, of_first + of_second + apart * apart / (2 * size)
            size *= 2
            place = size.bit_length() - 1
            if place == len(self._rows):
                self._rows.append([])
            self._rows[place].append(merged)

    def _differs(self) -> bool:
        """Return whether some cut of the window lies between parts of different means."""
        chance = math.log(2.0 * math.log(self._width) / self._delta)
        # Rounding can leave a little less than nothing.
        spread = 2.0 * max(0.0, self._squares) / self._width * chance
        older, of_older = 0, 0.0
        size = 1 << len(self._rows)
        for row in reversed(self._rows):
            size >>= 1
            for total, _ in row:
                older += size
                of_older += total
                newer = self._width - older
                if newer < _LEAST_PART:
                    return False
                if older < _LEAST_PART:
                    continue
                # The reciprocal of the harmonic mean of both lengths.
                rarity = 1.0 / (older - _LEAST_PART + 1) + 1.0 / (newer - _LEAST_PART + 1)
                apart = of_older / older - (self._total - of_older) / newer
                if abs(apart) > math.sqrt(spread * rarity) + 2.0 / 3.0 * chance * rarity:
                    return True
        return False

    def _drop(self) -> None:
        """Let go of the oldest bucket."""
        total, squares = self._rows[-1].pop(0)
        size = 1 << (len(self._rows) - 1)
        if not self._rows[-1]:
            self._rows.pop()
        self._width -= size
        self._total -= total
        apart = total / size - self._total / self._width
        self._squares -= squares + size * self._width * apart * apart / (size + self._width)


class PageHinkley:
    """The test of Page and Hinkley: whether the mean of a stream has risen, or fallen.

    How far each value lies from the mean of all so far, less what is allowed, is summed up. Where
    the sum has climbed by more than the threshold from its lowest place, the mean has risen. After
    a detection the test begins anew with the next value.

    Parameters
    ----------
    min_instances : int
        Nothing is detected before so many values, 1 or more.
    delta : float
        How far values may lie from the mean and add nothing, in units of the values; 0 or more.
    threshold : float
        How far the sum has to climb, in units of the values, above 0. Higher is slower and surer.
    alpha : float
        Which part of the sum is kept at each value, above 0 and up to 1; at 1 nothing fades, as
        published.
    mode : {'up', 'down', 'both'}
        What is looked for: a mean that rises, one that falls, or either.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    Adwin : says how long ago the change is, and bounds the chance of a false alarm.

    References
    ----------
    E. Page, "Continuous inspection schemes", Biometrika 41, 1954.

    D. Hinkley, "Inference about the change-point from cumulative sum tests", Biometrika 58, 1971.

    Examples
    --------
    >>> test = PageHinkley(threshold=5)
    >>> [number for number, value in enumerate([1.0] * 100 + [3.0] * 50) if test.update(value)]
    [102]
    """

    def __init__(
        self,
        min_instances: int = 30,
        delta: float = 0.005,
        threshold: float = 50.0,
        alpha: float = 0.9999,
        mode: str = "up",
    ) -> None:
        if min_instances < 1:
            raise ValueError(f"min_instances is {min_instances}: give a number of values, 1 up")
        if not 0.0 <= delta < math.inf:
            raise ValueError(f"delta is {delta}: give a distance, 0 or more")
        if not 0.0 < threshold < math.inf:
            raise ValueError(f"threshold is {threshold}: give a sum above 0, such as 50")
        if not 0.0 < alpha <= 1.0:
            raise ValueError(f"alpha is {alpha}: give a part above 0, up to 1, such as 0.9999")
        if mode not in ("up", "down", "both"):
            raise ValueError(f"mode is {mode!r}: give 'up', 'down' or 'both'")
        self._least = min_instances
        self._delta = delta
        self._threshold = threshold
        self._alpha = alpha
        self._up, self._down = mode != "down", mode != "up"
        self._begin()

    def _begin(self) -> None:
        self._detected = False
        self._count = 0
        self._mean = 0.0
        self._rise, self._lowest = 0.0, math.inf
        self._fall, self._highest = 0.0, -math.inf

    def update(self, value: float) -> bool:
        """Take the next value, and return whether the mean is found to have changed.

        Parameters
        ----------
        value : float
            From -1e100 to 1e100.

        Raises
        ------
        ValueError
            If the value is larger, or no number; nothing is changed then.
        """
        value = float(value)
        # Sums of these stay finite, and NaN is none of them.
        if not -_LARGEST <= value <= _LARGEST:
            raise ValueError(
                f"PageHinkley takes numbers up to {_LARGEST:g}, not {value}: leave it out"
            )
        if self._detected:
            self._begin()
        self._count += 1
        self._mean += (value - self._mean) / self._count
        apart = value - self._mean
        self._rise = self._alpha * self._rise + apart - self._delta
        self._fall = self._alpha * self._fall + apart + self._delta
        self._lowest = min(self._lowest, self._rise)
        self._highest = max(self._highest, self._fall)
        if self._count >= self._least:
            risen = self._up and self._rise - self._lowest > self._threshold
            fallen = self._down and self._highest - self._fall > self._threshold
            self._detected = risen or fallen
        return self._detected

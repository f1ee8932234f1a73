# cython: language_level=3, boundscheck=True, wraparound=False, nonecheck=True
"""Scoring and learning a row, compiled: what has the same name in Python is its equal."""

cimport cython
from libc.math cimport sqrtf
from libc.stdint cimport int64_t, uint16_t


def weighted_sum(
    const float[::1] weights not None,
    const int64_t[::1] slots not None,
    const double[::1] values not None,
):
    """Equal of ``base.weighted_sum``, to rounding."""
    cdef Py_ssize_t at, size = slots.shape[0], room = weights.shape[0]
    cdef int64_t slot
    cdef double total = 0.0
    if values.shape[0] != size:
        raise ValueError(f"{size} slots with {values.shape[0]} values: give one for each")
    with cython.boundscheck(False):  # the one index that comes from outside is checked by hand
        for at in range(size):
            slot = slots[at]
            if not 0 <= slot < room:
                raise IndexError(f"slot {slot} of {room} weights")
            total += weights[slot] * values[at]
    return total


def take_step(
    dict tensors not None,
    const int64_t[::1] slots not None,
    const double[::1] values not None,
    double error,
    bint positive,
    double rate,
    double epsilon,
    double lean,
    const float[::1] odds not None,
    double guessed,
    double items,
):
    """Equal of ``committee.take_step``, to rounding."""
    cdef float[::1] weights = tensors["weights"], squares = tensors["squares"]
    cdef uint16_t[:, ::1] counts = tensors["counts"]
    cdef Py_ssize_t at
    cdef int64_t slot
    cdef int label = positive
    cdef uint16_t seen
    cdef float gradient, total, moved
    cdef double had, common = 0.0
    cdef float pace = rate, least = epsilon, push = lean if positive else -lean
    if values.shape[0] != slots.shape[0]:
        raise ValueError(f"{slots.shape[0]} slots with {values.shape[0]} values: give one for each")
    for at in range(slots.shape[0]):
        slot = slots[at]
        gradient = <float> (error * values[at])
        total = squares[slot] + gradient * gradient
        squares[slot] = total
        seen = counts[slot, label]
        moved = pace * gradient / (sqrtf(total) + least) + push * odds[seen]
        weights[slot] += moved
        had = <double> counts[slot, 0] + <double> counts[slot, 1] + guessed
        common += moved * values[at] * (had / items if had < items else 1.0)
        if seen < 65535:
            counts[slot, label] = seen + 1
    return common

# cython: language_level=3, boundscheck=True, wraparound=False, nonecheck=True
"""Putting words together to reasons, compiled: what has the same name in Python is its equal."""

from libc.math cimport fabs, fmax, fmin
from libc.stdint cimport int64_t

import numpy as np

# As in ``reasons``.
cdef double BESIDE = 0.25
cdef Py_ssize_t PHRASE = 4
cdef enum:
    PHRASES = 1
    ONE = 2
cdef str EDGES = " \t\r\n.,;:!?\"'()[]{}<>*_|=-"
cdef str STOPS = '.,;:!?)"'
cdef tuple LINK = ("http://", "https://", "www.")


def keys_of(list words not None):
    """Equal of ``reasons.keys_of``."""
    cdef str word
    cdef Py_UCS4 first, last
    cdef list keys = "\n".join(words).lower().split("\n")
    cdef Py_ssize_t at
    for at in range(len(keys)):
        word = keys[at]
        if word:
            first, last = word[0], word[len(word) - 1]
            if not (is_inner(first) and is_inner(last)):
                keys[at] = word.strip(EDGES)
    return keys


cdef inline bint is_inner(Py_UCS4 sign):
    """Tell whether a sign is none that stands at the edges of words."""
    return sign > 127 or 97 <= sign <= 122 or 48 <= sign <= 57


def put_together(shares not None, list keys not None, list joins not None):
    """Equal of ``reasons.put_together``."""
    cdef list words = shares.words, lines = shares.lines
    cdef const double[::1] weights = shares.weights, own = shares.own
    cdef Py_ssize_t count = len(keys), found = 0, pieces = 0, number = 0, at, start, first, behind
    cdef Py_ssize_t end, name, place
    if not (len(words) == weights.shape[0] == own.shape[0] == count) or len(joins) != len(lines):
        raise ValueError("each word has a key and two weights, and each line says how words join")
    cdef int64_t[::1] ids = np.empty(count, np.int64), times = np.zeros(count, np.int64)
    cdef dict numbers = {}, groups = {}, names = {}
    for at in range(count):
        ids[at] = numbers.setdefault(keys[at], len(numbers))
        times[ids[at]] += 1
    totals, owns = np.zeros(count), np.zeros(count)
    told, group = np.empty(count, np.int64), np.empty(count, np.int64)
    starts, ends, of = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    cdef double[::1] total = totals, owned = owns
    cdef int64_t[::1] told_by = told, group_of = group, from_ = starts, to = ends, line_of = of
    cdef int joined
    cdef bint named
    for number in range(len(lines)):
        where, first, behind, named = lines[number]
        joined = joins[number]
        name = names.setdefault(where, len(names))
        start = first
        while start < behind:
            end = start + 1
            while end < behind and (joined == ONE or (joined == PHRASES and end - start < PHRASE)):
                if joined == PHRASES and (
                    (named and end - 1 == first)
                    or times[ids[end - 1]] != times[ids[end]]
                    or not are_beside(weights[end - 1], weights[end])
                    or is_parted(words, keys, end)
                ):
                    break
                end += 1
            if end == start + 1:
                # Nearly always; a number is found sooner than a tuple.
                key = name * count + ids[start]
            else:
                key = (name, *[ids[at] for at in range(start, end)])
            place = groups.setdefault(key, found)
            if place == found:
                told_by[found] = pieces
                found += 1
            group_of[pieces], from_[pieces], to[pieces] = place, start, end
            line_of[pieces] = number
            pieces += 1
            for at in range(start, end):
                total[place] += weights[at]
                owned[place] += own[at]
            start = end
    return (
        totals[:found], owns[:found], told[:found],
        group[:pieces], starts[:pieces], ends[:pieces], of[:pieces],
    )


cdef bint are_beside(double one, double other):
    """Tell whether two weights push the same way, about as strongly."""
    return one * other > 0.0 and fmin(fabs(one), fabs(other)) >= BESIDE * fmax(fabs(one), fabs(other))


cdef bint is_parted(list words, list keys, Py_ssize_t at):
    """Tell whether something stands between a word and the one before it."""
    cdef str key = keys[at - 1], beside = keys[at], word = words[at - 1]
    if not key or not beside or word[len(word) - 1] in STOPS:
        return True
    return key.startswith(LINK) or beside.startswith(LINK)

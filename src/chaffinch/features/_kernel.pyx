# cython: language_level=3, boundscheck=True, wraparound=False, nonecheck=True
"""Folding and hashing text, compiled: what has the same name in Python is its equal."""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.math cimport sqrt
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memset

import numpy as np

cdef uint64_t MULTIPLIER = 0xBF58476D1CE4E5B9ULL
cdef enum:
    EVEN = 0
    ODD = 1
    ANY = 2

# A hash table of grams, kept from call to call, as getting memory would cost more than filling it:
# one more than a gram's slot, for 0 is an empty place; above it the section it was last met in.
cdef uint32_t[::1] kept_table = np.empty(1 << 14, np.uint32)
cdef enum:
    KEY_BITS = 26
    MOST_SECTIONS = 63
# The slots found, and those of sections, before they are put together.
cdef int64_t[::1] kept_slots = np.empty(1 << 14, np.int64)
cdef int64_t[::1] kept_aside = np.empty(1 << 14, np.int64)


def hash_spans(bytes text not None, list spans not None, int n, int bits):
    """Equal of ``hashing.hash_spans``, but for the order within a span."""
    global kept_slots, kept_aside
    if not (1 <= n <= 8 and 2 <= bits <= 26):
        raise ValueError(f"grams of {n} bytes in 2^{bits} slots: give 1 to 8 bytes, and 2 to 26")
    cdef const unsigned char[::1] data = text
    cdef Py_ssize_t size = data.shape[0], room = 1, count = 0, at = 0, start, end
    cdef int lane
    cdef uint64_t salt
    spans = within(spans, size)
    for start, end, lane, salt in spans:
        room += max(0, end - start)
    if room > kept_slots.shape[0]:
        kept_slots = np.empty(room, np.int64)
        kept_aside = np.empty(room, np.int64)
    cdef int64_t[::1] out = kept_slots
    sections = [(start, end) for start, end, lane, _ in spans if lane == ODD]
    tiled = len(sections) <= MOST_SECTIONS and spans[:1] == [(0, size, EVEN, 0)]
    for start, end in sections:
        tiled = tiled and start == at
        at = end
    held = []
    if tiled and sections and at == size:
        # The whole and the sections that it consists of are hashed in one go.
        held = hash_tiles(data, n, bits, sections, out, kept_aside)
    ends = []
    at = 0
    for start, end, lane, salt in spans:
        if held and lane == EVEN:
            count = held[0]
        elif held and lane == ODD:
            end = held[len(held) - len(sections)]
            sections.pop()
            out[count : count + end - at] = kept_aside[at:end]
            count += end - at
            at = end
        elif end - start >= n:
            count = hash_span(data[start:end], n, bits, lane, salt, out, count)
        if count > (ends[len(ends) - 1] if ends else 0):
            ends.append(count)
    slots = np.empty(count, np.int64)
    values = np.empty(count)
    cdef double[::1] shares = values
    cdef double share
    cdef int64_t[::1] copied = slots
    copied[:] = out[:count]
    at = 0
    for end in ends:
        share = 1.0 / (len(ends) * sqrt(end - at))
        shares[at:end] = share
        at = end
    return slots, values, tuple(ends)


cdef Py_ssize_t places_for(Py_ssize_t grams):
    """Return the size of a table for so many: a power of two, and never more than half full."""
    cdef Py_ssize_t places = 256
    while places < 2 * grams:
        places *= 2
    return places


cdef inline int64_t slot_of(uint64_t gram, int bits, int lane, uint64_t salt):
    """Return the slot of a gram in a lane."""
    if lane == ANY:
        return <int64_t> (((gram ^ salt) * MULTIPLIER) >> (64 - bits))
    return <int64_t> ((gram * MULTIPLIER) >> (65 - bits)) * 2 + (lane & 1)


cdef list within(list spans, Py_ssize_t size):
    """Return spans cut to a text of this size, and have a table that is large enough for each."""
    global kept_table
    if places_for(size) > kept_table.shape[0]:
        kept_table = np.empty(places_for(size), np.uint32)
    cdef Py_ssize_t start, end
    cdef int lane
    cdef uint64_t salt
    return [(max(0, start), min(size, end), lane, salt) for start, end, lane, salt in spans]


# No index is checked here: grams are at most as many as bytes, and a place lies within
# the table by its mask.
@cython.boundscheck(False)
cdef list hash_tiles(
    const unsigned char[::1] data,
    int n,
    int bits,
    list sections,
    int64_t[::1] whole,
    int64_t[::1] aside,
):
    """Write the slots of the whole, and those of its sections; return where each of them ends."""
    cdef uint32_t[::1] table = kept_table
    cdef Py_ssize_t at, start, end, count = 0, others = 0
    cdef int shift = 8 * (n - 1)
    cdef uint64_t gram = 0
    cdef uint32_t key, there, place, last = <uint32_t> (places_for(data.shape[0]) - 1)
    cdef uint32_t section = 0, known
    cdef bint inside
    memset(&table[0], 0, (last + 1) * sizeof(uint32_t))
    ends = [0]
    for start, end in sections:
        section += 1 << KEY_BITS
        for at in range(start, end):
            gram = gram >> 8 | <uint64_t> data[at] << shift
            if at < n - 1:
                continue
            key = <uint32_t> ((gram * MULTIPLIER) >> (65 - bits)) + 1
            place = key & last
            there = table[place]
            known = there & ((1 << KEY_BITS) - 1)
            # Chance decides whether a gram is new: no branch must depend on it.
            while (known != 0) & (known != key):
                place = (place + 1) & last
                there = table[place]
                known = there & ((1 << KEY_BITS) - 1)
            # A gram that reaches over two sections is in neither.
            inside = at - start >= n - 1
            whole[count] = <int64_t> (key - 1) * 2
            aside[others] = <int64_t> (key - 1) * 2 + 1
            count += known == 0
            others += inside & (there - known != section)
            table[place] = key | (section if inside else there - known)
        ends.append(others)
    ends[0] = count
    return ends


# No index is checked here: grams are at most as many as bytes, and a place lies within
# the table by its mask.
@cython.boundscheck(False)
cdef Py_ssize_t hash_span(
    const unsigned char[::1] data,
    int n,
    int bits,
    int lane,
    uint64_t salt,
    int64_t[::1] out,
    Py_ssize_t count,
) except -1:
    """Write the slots of a span behind those before; return where they end."""
    cdef uint32_t[::1] table = kept_table
    cdef Py_ssize_t at
    cdef int shift = 8 * (n - 1)
    cdef uint64_t gram = 0
    cdef int64_t slot
    cdef uint32_t key, there, place, last = <uint32_t> (places_for(data.shape[0]) - 1)
    memset(&table[0], 0, (last + 1) * sizeof(uint32_t))
    for at in range(data.shape[0]):
        gram = gram >> 8 | <uint64_t> data[at] << shift
        if at < n - 1:
            continue
        slot = slot_of(gram, bits, lane, salt)
        key = <uint32_t> slot + 1
        place = <uint32_t> (slot >> 1) & last
        there = table[place]
        while (there != 0) & (there != key):
            place = (place + 1) & last
            there = table[place]
        out[count] = slot
        count += there == 0
        table[place] = key
    return count


def share_out(
    bytes text not None, list spans not None, int n, int bits, weigh, const int64_t[::1] starts not None
):
    """Equal of ``hashing.share_out``, to rounding."""
    if not (1 <= n <= 8 and 2 <= bits <= 32):
        raise ValueError(f"grams of {n} bytes in 2^{bits} slots: give 1 to 8 bytes, and 2 to 32")
    cdef const unsigned char[::1] data = text
    cdef Py_ssize_t size = data.shape[0], room = 1, at = 0, first = 0, count = 0, start, end
    cdef int lane
    cdef uint64_t salt
    spans = within(spans, size)
    for start, end, lane, salt in spans:
        room += max(0, end - start)
    # Of this call alone: while weights are looked up another thread may come here.
    slots = np.empty(room, np.int64)
    cdef int64_t[::1] each_slot = slots
    # Which of the slots each gram has, and how often each of them occurs.
    cdef uint32_t[::1] numbers = np.empty(room, np.uint32), times = np.empty(room, np.uint32)
    ends = []
    for start, end, lane, salt in spans:
        if end - start >= n:
            count = number_span(
                data[start:end], n, bits, lane, salt, each_slot, numbers[at:], times, count
            )
            at += end - start
        ends.append(count)
    shares = np.zeros((len(spans), starts.shape[0]))
    if not count or not starts.shape[0]:
        return shares
    each = np.array(weigh(slots[:count]), np.float64)
    cdef double[::1] weights = each
    if weights.shape[0] != count:
        raise ValueError(f"{weights.shape[0]} weights of {count} slots")
    cdef double[:, ::1] out = shares
    cdef double scale, spread = n * sum(end - start >= n for start, end, _, _ in spans)
    cdef Py_ssize_t place, number = 0
    at = first = 0
    for start, end, _, _ in spans:
        count = ends[number]
        if end - start >= n:
            scale = 1.0 / (spread * sqrt(count - first))
            for place in range(first, count):
                weights[place] *= scale / times[place]
            add_up(numbers[at : at + end - start], n, weights, starts, start, out[number])
            at += end - start
        first = count
        number += 1
    return shares


# No index is checked here: grams are at most as many as bytes, and a place lies within
# the table by its mask.
@cython.boundscheck(False)
cdef Py_ssize_t number_span(
    const unsigned char[::1] data,
    int n,
    int bits,
    int lane,
    uint64_t salt,
    int64_t[::1] slots,
    uint32_t[::1] numbers,
    uint32_t[::1] times,
    Py_ssize_t count,
) except -1:
    """Number the slots of a span, behind those before; count how often each occurs."""
    cdef uint32_t[::1] table = kept_table
    cdef Py_ssize_t at
    cdef int shift = 8 * (n - 1)
    cdef uint64_t gram = 0
    cdef int64_t slot
    cdef uint32_t there, place, last = <uint32_t> (places_for(data.shape[0]) - 1)
    memset(&table[0], 0, (last + 1) * sizeof(uint32_t))
    for at in range(data.shape[0]):
        gram = gram >> 8 | <uint64_t> data[at] << shift
        if at < n - 1:
            continue
        slot = slot_of(gram, bits, lane, salt)
        # In the table stands one more than a slot's number, for 0 is an empty place.
        place = <uint32_t> (slot >> 1) & last
        there = table[place]
        while there != 0 and slots[there - 1] != slot:
            place = (place + 1) & last
            there = table[place]
        if there == 0:
            slots[count] = slot
            times[count] = 0
            count += 1
            table[place] = there = <uint32_t> count
        numbers[at - n + 1] = there - 1
        times[there - 1] += 1
    return count


# No index is checked here: there are n - 1 fewer grams than bytes, and a stretch is never behind
# the last.
@cython.boundscheck(False)
cdef int add_up(
    const uint32_t[::1] numbers,
    int n,
    const double[::1] each,
    const int64_t[::1] starts,
    Py_ssize_t first,
    double[::1] out,
) except -1:
    """Add what each byte of a span has of the grams that reach over it to the stretch it is in."""
    cdef Py_ssize_t at, stretch = 0, last = starts.shape[0] - 1, grams = numbers.shape[0] - n + 1
    cdef double share = 0.0
    for at in range(numbers.shape[0]):
        if at < grams:
            share += each[numbers[at]]
        while stretch < last and starts[stretch + 1] <= first + at:
            stretch += 1
        out[stretch] += share
        if at >= n - 1:
            share -= each[numbers[at - n + 1]]
    return 0


def words_of(bytes text not None):
    """Equal of ``text.words_of``."""
    cdef const unsigned char[::1] data = text
    cdef Py_ssize_t size = data.shape[0], at, start = 0, count = 0
    for at in range(size):
        count += (data[at] == 32) | (data[at] == 10)
    starts = np.empty(count, np.int64)
    cdef int64_t[::1] first = starts
    cdef list words = []
    count = 0
    for at in range(size):
        if data[at] == 32 or data[at] == 10:
            if at > start:
                words.append(PyUnicode_DecodeUTF8(<const char*> &data[start], at - start, "replace"))
            else:
                words.append("")
            first[count] = start
            count += 1
            start = at + 1
    return words, starts


cdef inline bint is_space(unsigned char sign):
    return sign == 32 or 9 <= sign <= 13


def fold(bytes text not None, Py_ssize_t most):
    """Equal of ``text.fold``."""
    cdef const unsigned char[::1] data = text
    cdef Py_ssize_t size = data.shape[0], at, count = 0
    if most <= 0:
        return b""
    folded = bytearray(min(size, most))
    cdef unsigned char[::1] out = folded
    cdef Py_ssize_t room = out.shape[0]
    cdef bint space = False
    for at in range(size):
        if is_space(data[at]):
            space = count > 0
            continue
        if space:
            if count == room:
                break
            out[count] = 32
            count += 1
            space = False
        if count == room:
            break
        out[count] = data[at]
        count += 1
    if count and out[count - 1] == 32:
        count -= 1
    return PyBytes_FromStringAndSize(<char*> &out[0], count) if count else b""


def fold_lines(bytes text not None, Py_ssize_t most):
    """Equal of ``text.fold_lines``."""
    cdef const unsigned char[::1] data = text
    cdef Py_ssize_t size = data.shape[0], at, count = 0
    if most <= 0:
        return b""
    folded = bytearray(min(size, most))
    cdef unsigned char[::1] out = folded
    cdef Py_ssize_t room = out.shape[0]
    cdef unsigned char sign, before = 0
    for at in range(size):
        sign = data[at]
        if sign == 9:
            sign = 32
        if sign == 32 and before == 32:
            continue
        if count == room:
            break
        out[count] = before = sign
        count += 1
    return PyBytes_FromStringAndSize(<char*> &out[0], count) if count else b""

# cython: language_level=3, boundscheck=True, wraparound=False, nonecheck=True
"""Cutting header blocks and finding URLs, compiled: what has the same name in Python is its equal.

What comes in here is hostile. Memory is reached through objects alone, by indices that Cython
checks.
"""

from cpython.unicode cimport Py_UNICODE_ISALNUM, Py_UNICODE_ISSPACE


def block_end(bytes data not None):
    """Equal of ``headers.block_end``."""
    cdef const unsigned char[::1] signs = data
    cdef Py_ssize_t at
    for at in range(signs.shape[0]):
        if signs[at] == c"\n" and not goes_on(signs, at + 1):
            return at
    return -1


cdef bint goes_on(const unsigned char[::1] signs, Py_ssize_t at) except -1:
    """Tell whether a line goes on with a field, or starts one or an mbox separator."""
    cdef Py_ssize_t size = signs.shape[0], start = at, end
    if at == size:
        return False
    if signs[at] == c" " or signs[at] == c"\t":
        return True
    if signs[at] == c">":
        at += 1
    if (
        at + 5 <= size
        and signs[at] == c"F"
        and signs[at + 1] == c"r"
        and signs[at + 2] == c"o"
        and signs[at + 3] == c"m"
        and signs[at + 4] == c" "
    ):
        return True
    at, end = start, min(size, start + 1000)
    while at < end and (signs[at] == 0 or c"!" <= signs[at] <= c"~" and signs[at] != c":"):
        at += 1
    if at == start:
        return False
    end = min(size, at + 1000)
    while at < end and (signs[at] == c" " or signs[at] == c"\t"):
        at += 1
    return at < size and signs[at] == c":"


def cut_fields(bytes block not None, Py_ssize_t most):
    """Equal of ``headers.cut_fields``."""
    if b"\0" in block:
        block = block.replace(b"\0", b"")
    cdef const unsigned char[::1] data = block
    cdef Py_ssize_t size = data.shape[0]
    cdef Py_ssize_t start, end = -1, colon, stop, at
    cdef unsigned char sign
    cdef bint spaced = False, folded, odd
    cdef str name, value
    cdef list fields = []
    for at in range(1, size):
        if data[at] == c":" and (data[at - 1] == c" " or data[at - 1] == c"\t"):
            spaced = True
            break
    for _ in range(most):
        start = end + 1
        end = start
        colon = -1
        folded = False
        while end < size:
            sign = data[end]
            if sign == c"\n":
                if end + 1 == size or (data[end + 1] != c" " and data[end + 1] != c"\t"):
                    break
                folded = True
            elif sign == c":" and colon < 0:
                colon = end
            end += 1
        if colon >= 0 or not spaced:
            stop = end if colon < 0 else colon
            if spaced:
                while stop > start and (data[stop - 1] == c" " or data[stop - 1] == c"\t"):
                    stop -= 1
            odd = False
            for at in range(start, stop):
                odd |= data[at] == c" "
            if not odd:
                name = block[start:stop].decode("latin-1")
                value = ""
                if colon >= 0:
                    at, stop = colon + 1, end
                    while at < stop and Py_UNICODE_ISSPACE(data[at]):
                        at += 1
                    while stop > at and Py_UNICODE_ISSPACE(data[stop - 1]):
                        stop -= 1
                    value = block[at:stop].decode("latin-1")
                if folded:
                    name = name.replace("\n", "")
                    value = value.replace("\n", "")
                fields.append((name, value))
        if end == size:
            return fields, False
    return fields, True


def find_written(str text not None, str mark not None, Py_ssize_t most):
    """Equal of ``links.find_written``."""
    cdef list spans = []
    cdef Py_ssize_t size = len(text), length = len(mark), at = 0, end, begin
    cdef Py_UCS4 first = mark[0]
    cdef Py_ssize_t looked = 0
    while looked < most:
        # One character is found far faster than several.
        at = text.find(first, at)
        if at < 0 or at + length > size:
            break
        if not is_at(text, mark, at):
            at += 1
            continue
        looked += 1
        end = at + length
        if end < size and (Py_UNICODE_ISALNUM(text[end]) or text[end] in u"_%@["):
            end += 1
            while end < size and text[end] not in u"<>\"" and not Py_UNICODE_ISSPACE(text[end]):
                end += 1
            begin = begin_of(text, at)
            if begin >= 0:
                spans.append((begin, end))
        at = end
    return spans


cdef bint is_at(str text, str mark, Py_ssize_t at):
    cdef Py_ssize_t place
    for place in range(len(mark)):
        if text[at + place] != mark[place]:
            return False
    return True


cpdef Py_ssize_t begin_of(str text, Py_ssize_t at) except -2:
    """Equal of ``links.begin_of``."""
    cdef str before
    cdef Py_UCS4 sign
    if text[at] == u":":
        before = text[max(0, at - 5) : at].lower()
        if before.endswith("http"):
            return at - 4
        if before.endswith("https"):
            return at - 5
        return at - 3 if before.endswith("ftp") else -1
    if at == 0:
        return at
    before = text[at - 1 : at].lower()
    sign = before[len(before) - 1]
    return -1 if Py_UNICODE_ISALNUM(sign) or sign in u"/.@-_" else at

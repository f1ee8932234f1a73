# cython: language_level=3, boundscheck=True, wraparound=False
"""The reader's inner loops, compiled: each function equals one of the same name in Python.

What comes in here is hostile. Memory is reached through bytes, str and list alone, whose bounds
Cython checks, but for the buffers of `fold`, whose bounds are told there.
"""


def cut_fields(bytes block not None, Py_ssize_t most):
    """Equal of ``headers.cut_fields``."""
    cdef str text = block.decode("latin-1")
    if "\0" in text:
        text = text.replace("\0", "")
    cdef bint spaced = " :" in text or "\t:" in text
    cdef Py_ssize_t size = len(text)
    cdef Py_ssize_t start = 0, end, colon
    cdef str name
    cdef list fields = []
    if "\n " in text or "\n\t" in text:
        text = text.replace("\n ", " ").replace("\n\t", "\t")
        size = len(text)
    for _ in range(most):
        end = text.find("\n", start)
        if end < 0:
            end = size
        colon = text.find(":", start, end)
        if colon >= 0:
            name = text[start:colon]
            if spaced:
                name = name.rstrip(" \t")
            if " " not in name:
                fields.append((name, text[colon + 1 : end].strip()))
        elif not spaced and text.find(" ", start, end) < 0:
            fields.append((text[start:end], ""))
        if end == size:
            return fields, False
        start = end + 1
    return fields, True

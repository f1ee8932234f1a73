# cython: language_level=3, boundscheck=True, wraparound=False
"""The reader's inner loops, compiled: what has the same name in Python is its equal.

What comes in here is hostile. Memory is reached through objects alone, by indices that Cython
checks, but for the two buffers of `fold`, where their bounds are explained.
"""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FromKindAndData,
    PyUnicode_KIND,
    PyUnicode_New,
    PyUnicode_READ,
    PyUnicode_WRITE,
    Py_UNICODE_ISSPACE,
)

from chaffinch.readers.mail.looks import NO_CHANGE as _NO_CHANGE

cdef object NO_CHANGE = _NO_CHANGE
cdef frozenset NOTHING = frozenset()


def cut_fields(bytes block not None, Py_ssize_t most):
    """Equal of ``headers.cut_fields``."""
    cdef str text = block.decode("latin-1")
    if "\0" in text:
        text = text.replace("\0", "")
    cdef bint spaced = " :" in text or "\t:" in text
    if "\n " in text or "\n\t" in text:
        text = text.replace("\n ", " ").replace("\n\t", "\t")
    cdef Py_ssize_t size = len(text)
    cdef Py_ssize_t start = 0, end, colon
    cdef str name
    cdef list fields = []
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


cdef class Tag:
    """Equal of ``tags.Tag``; its fields are read without a look-up by the functions below."""

    cdef readonly str name, mark, classes, identity
    cdef readonly bint ends, void
    cdef readonly frozenset closes
    cdef readonly object change
    cdef readonly tuple targets

    def __init__(
        self,
        str name not None,
        str mark not None,
        bint ends=False,
        bint void=True,
        frozenset closes not None=NOTHING,
        change=NO_CHANGE,
        tuple targets not None=(),
        str classes not None="",
        str identity not None="",
    ):
        self.name = name
        self.mark = mark
        self.ends = ends
        self.void = void
        self.closes = closes
        self.change = change
        self.targets = targets
        self.classes = classes
        self.identity = identity


def is_whole(str head not None):
    """Equal of ``tags.is_whole``."""
    cdef Py_ssize_t size = len(head), at = 0
    cdef Py_UCS4 sign
    if at < size and head[at] == u"/":
        at += 1
    if at == size or not (u"a" <= head[at] <= u"z" or u"A" <= head[at] <= u"Z"):
        return False
    for _ in range(201):
        at += 1
        while at < size and head[at] not in u">\"'=":
            at += 1
        if at >= size:
            return True
        sign = head[at]
        if sign == u">":
            return False
        if sign == u"=":
            while at + 1 < size and Py_UNICODE_ISSPACE(head[at + 1]):
                at += 1
            if at + 1 < size and head[at + 1] in u"\"'":
                at = head.find(head[at + 1], at + 2)
                if at < 0:
                    return False
    return False


cdef inline bint _parts_attributes(Py_UCS4 sign):
    return sign in u"=/>\"'" or Py_UNICODE_ISSPACE(sign)


def attributes(str head not None, Py_ssize_t start, frozenset known not None):
    """Equal of ``tags.attributes``."""
    cdef dict said = {}
    cdef Py_ssize_t size = len(head), at = start, begin, close
    cdef str key, value
    while at < size:
        if _parts_attributes(head[at]):
            at += 1
            continue
        begin = at
        while at < size and not _parts_attributes(head[at]):
            at += 1
        key = head[begin:at].lower()
        value = ""
        begin = at
        while begin < size and Py_UNICODE_ISSPACE(head[begin]):
            begin += 1
        if begin < size and head[begin] == u"=":
            begin += 1
            while begin < size and Py_UNICODE_ISSPACE(head[begin]):
                begin += 1
            close = -1
            if begin < size and head[begin] in u"\"'":
                close = head.find(head[begin], begin + 1)
            if close >= 0:
                value = head[begin + 1 : close]
                at = close + 1
            else:
                at = begin
                while at < size and head[at] != u">" and not Py_UNICODE_ISSPACE(head[at]):
                    at += 1
                value = head[begin:at]
                if value == '"' or value == "'":
                    value = ""
        if key in known and key not in said:
            said[key] = value
    return said


def cut_tags(list pieces not None, remembered, Tag odd not None, Py_ssize_t longest):
    """Equal of ``html.cut_tags``."""
    cdef list tags = [], texts = [], places = []
    cdef Py_ssize_t place, end
    cdef str piece, head
    cdef Tag tag
    for place in range(len(pieces)):
        piece = pieces[place]
        end = piece.find(">")
        head = piece[:end] if 0 <= end <= longest else ""
        tag = remembered[head]
        tags.append(tag)
        texts.append(piece[end + 1 :] if end >= 0 else "")
        if tag is odd:
            places.append(place)
    return tags, texts, places


def flow(list tags not None, list texts not None):
    """Equal of ``html.flow``."""
    cdef list parts = []
    cdef Py_ssize_t place
    cdef Tag tag
    for place in range(len(tags)):
        tag = tags[place]
        if tag.mark:
            parts.append(tag.mark)
        parts.append(texts[place])
    return "".join(parts)


def paint_on(canvas, list tags not None, list texts not None):
    """Equal of ``paint.paint_on``."""
    cdef list names = canvas.names, seen = canvas.visible, hidden = canvas.hidden
    cdef list page = canvas.page()
    cdef Py_ssize_t changed_at = canvas.changed_at, most_open = canvas.MOST_OPEN
    cdef bint ruled = bool(canvas.rules), hides = canvas.look.hidden, turned
    cdef Py_ssize_t place
    cdef str name, text
    cdef Tag tag
    for place in range(len(tags)):
        tag = tags[place]
        text = texts[place]
        name = tag.name
        turned = False
        if tag.ends:
            if name == names[len(names) - 1]:
                names.pop()
            elif name in names:
                canvas.unwind(name)
            if len(names) <= changed_at:
                canvas.restore()
                turned = True
        elif name:
            if tag.closes and names[len(names) - 1] in tag.closes:
                canvas.close_for(tag)
                page = canvas.page()
                changed_at = canvas.changed_at
                hides = canvas.look.hidden
            look = None
            if tag.change is not NO_CHANGE or ruled or (hides and tag.targets):
                look = canvas.look_of(tag)
            if tag.void:
                if tag.mark:
                    (page if look is None else hidden if look.hidden else seen).append(tag.mark)
                page.append(text)
                continue
            if look is not None and look != canvas.look:
                canvas.change(look)
                turned = True
            names.append(name)
            if len(names) > most_open:
                canvas.forget()
                changed_at = canvas.changed_at
        if turned:
            page = canvas.page()
            changed_at = canvas.changed_at
            hides = canvas.look.hidden
        if tag.mark:
            page.append(tag.mark)
        page.append(text)


def fold(str text not None):
    """Equal of ``html.fold``."""
    cdef Py_ssize_t size = len(text)
    cdef int kind = PyUnicode_KIND(text)
    # A buffer of the text's own size and width, never seen as a str: what is written are the text's
    # own characters, and before each at most one more, which stands for at least one left out. So
    # `end` is never above `place`, and `place` never at `size` or above.
    cdef str buffer = PyUnicode_New(size, 0x7F if kind == 1 else 0xFFFF if kind == 2 else 0x10FFFF)
    cdef void *source = PyUnicode_DATA(text)
    cdef void *target = PyUnicode_DATA(buffer)
    cdef Py_ssize_t place, end = 0
    cdef Py_UCS4 sign, gap = 0
    for place in range(size):
        sign = PyUnicode_READ(kind, source, place)
        if sign == 0:
            gap = u"\n"
        elif Py_UNICODE_ISSPACE(sign):
            if gap == 0:
                gap = u" "
        else:
            if gap != 0 and end > 0:
                PyUnicode_WRITE(kind, target, end, gap)
                end += 1
            gap = 0
            PyUnicode_WRITE(kind, target, end, sign)
            end += 1
    return PyUnicode_FromKindAndData(kind, target, end)

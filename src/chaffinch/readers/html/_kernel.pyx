# cython: language_level=3, boundscheck=True, wraparound=False, nonecheck=True
"""The inner loops of reading HTML, compiled: what has the same name in Python is its equal.

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


cdef extern from "Python.h":
    Py_ssize_t PyUnicode_FindChar(
        object text, Py_UCS4 sign, Py_ssize_t start, Py_ssize_t end, int direction
    ) except -2


from chaffinch.readers.html import elements, looks
from chaffinch.readers.html.references import unescape

cdef object NO_CHANGE = looks.NO_CHANGE, Look = looks.Look
cdef object parse_attributes = looks.parse_attributes, parse_style = looks.parse_style
cdef dict ELEMENTS = elements.ELEMENTS
cdef tuple UNKNOWN = elements.UNKNOWN
cdef frozenset NOTHING = elements.NOTHING, RAW = elements.RAW
cdef frozenset TARGETS = elements.TARGETS, TELLING = elements.TELLING


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


def tell_tag(str head not None, Tag odd not None):
    """Equal of ``tags.tell_tag``."""
    if not is_whole(head):
        return odd
    cdef Tag tag = parse_tag(head)
    return tag if tag.ends or tag.name not in RAW else odd


cdef bint is_whole(str head) except -1:
    """Tell whether these characters are a tag whose quotations all end, as ``tags`` has it."""
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


# The first letters, as bits, of the names of this length that are looked at.
cdef unsigned int FIRSTS[16]
for _length in range(16):
    FIRSTS[_length] = 0
for _name in TELLING:
    FIRSTS[len(_name)] |= 1u << (ord(_name[0]) - 97)


cdef bint may_tell(unsigned int first, Py_ssize_t length):
    """Tell at a glance whether a name may be looked at; no other sign is an ASCII letter's case."""
    first |= 32
    return length < 16 and 97 <= first <= 122 and FIRSTS[length] >> (first - 97) & 1


cdef dict attributes(str head, Py_ssize_t start):
    """Return what a tag says by attributes that are looked at; of one name the first holds."""
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
        key = head[begin:at].lower() if may_tell(<Py_UCS4>head[begin], at - begin) else ""
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
                if key:
                    value = head[begin + 1 : close]
                at = close + 1
            else:
                at = begin
                while at < size and head[at] != u">" and not Py_UNICODE_ISSPACE(head[at]):
                    at += 1
                if key:
                    value = head[begin:at]
                if value == '"' or value == "'":
                    value = ""
        if key in TELLING and key not in said:
            said[key] = unescape(value) if "&" in value else value
    return said


cpdef Tag parse_tag(str head):
    """Equal of ``tags.parse_tag``."""
    cdef bint ends = head[0] == u"/"
    cdef Py_ssize_t size = len(head), begin = ends, at = begin
    cdef str name, mark, value
    cdef bint void
    cdef frozenset closes
    cdef list targets = []
    while at < size and head[at] not in u"/>" and not Py_UNICODE_ISSPACE(head[at]):
        at += 1
    name = head[begin:at].lower()
    mark, void, closes = ELEMENTS.get(name, UNKNOWN)
    if ends:
        return Tag(name, mark, True)
    # Names may change their length in lower case; the Python does it so.
    cdef dict said = attributes(head, len(name))
    if not said:
        return Tag(name, mark, False, void, closes)
    for key, value in said.items():
        if value and key in TARGETS:
            targets.append(value)
    change = NO_CHANGE
    if len(said) > len(targets):
        mark += said.get("alt", "")
        change = parse_attributes(said)
        if "style" in said:
            change = parse_style(said["style"]).after(change)
    return Tag(
        name,
        mark,
        False,
        void,
        closes,
        change,
        tuple(targets),
        said.get("class", "").lower(),
        said.get("id", "").lower(),
    )


def cut_tags(
    str page not None, remembered, Tag no_tag not None, Tag odd not None, Py_ssize_t longest
):
    """Equal of ``page.cut_tags``."""
    cdef list tags = [no_tag], texts = [], places = []
    cdef Py_ssize_t size = len(page), start = next_sign(page, u"<", 0, size), end, stop
    cdef str head
    cdef Tag tag
    texts.append(page[:start])
    while start < size:
        start += 1
        stop = next_sign(page, u"<", start, size)
        end = next_sign(page, u">", start, stop)
        head = ""
        # What starts with an exclamation mark is odd in any case, and seldom met again.
        if end < stop and end - start <= longest and page[start] != u"!":
            head = page[start:end]
        tag = remembered[head]
        if tag is odd:
            places.append((len(tags), start))
        tags.append(tag)
        texts.append(page[end + 1 : stop] if end < stop else "")
        start = stop
    return tags, texts, places


cdef Py_ssize_t next_sign(str text, Py_UCS4 sign, Py_ssize_t start, Py_ssize_t end) except -2:
    """Return where a character stands next, or the end."""
    cdef Py_ssize_t found = PyUnicode_FindChar(text, sign, start, end, 1)
    return end if found < 0 else found


def telling(list tags not None):
    """Equal of ``page.telling``."""
    cdef dict found = {}
    cdef Tag tag
    for tag in tags:
        if tag.change is not NO_CHANGE or tag.targets:
            found[tag] = None
    return list(found)


def flow(list tags not None, list texts not None):
    """Equal of ``page.flow``."""
    cdef list parts = []
    cdef Py_ssize_t place
    cdef Tag tag
    for place in range(len(tags)):
        tag = tags[place]
        if tag.mark:
            parts.append(tag.mark)
        parts.append(texts[place])
    return "".join(parts)


def paint_on(
    list visible not None, list hidden not None, list tags not None, list texts not None, places
):
    """Equal of ``paint.paint_on``, where it is explained."""
    from chaffinch.readers.html.paint import MOST_OPEN, forget, unwind

    cdef list names = [""], outer = [], page = visible
    cdef Py_ssize_t changed_at = 0, most_open = MOST_OPEN, at
    cdef bint ruled = places.ruled, hides = False
    cdef object place = places.of(Look()), new
    cdef str name, text
    cdef Tag tag
    for at in range(len(tags)):
        tag = tags[at]
        text = texts[at]
        name = tag.name
        if tag.ends:
            if name == names[len(names) - 1]:
                names.pop()
            elif name in names:
                unwind(names, name)
        elif name and tag.closes:
            while names[len(names) - 1] in tag.closes:
                names.pop()
        if len(names) <= changed_at:
            while len(names) <= changed_at:
                changed_at, place = outer.pop()
            hides = place.hidden
            page = hidden if hides else visible
        if name and not tag.ends:
            new = place
            if tag.change is not NO_CHANGE or ruled or (hides and tag.targets):
                new = (<dict?>place.inside).get(tag)
                if new is None:
                    new = places.learn(place, tag)
            if tag.void:
                if tag.mark:
                    (hidden if new.hidden else visible).append(tag.mark)
                page.append(text)
                continue
            if new is not place:
                outer.append((changed_at, place))
                changed_at = len(names)
                place = new
                hides = place.hidden
                page = hidden if hides else visible
            names.append(name)
            if len(names) > most_open:
                changed_at = forget(names, changed_at, outer)
        if tag.mark:
            page.append(tag.mark)
        page.append(text)


def fold(str text not None):
    """Equal of ``page.fold``."""
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

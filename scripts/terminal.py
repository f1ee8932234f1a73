"""Draw docs/terminal.svg: a terminal in which Chaffinch is used, as it really answers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "terminal.svg"
#: What is typed, and what of the answer is shown: whole, or its first lines.
SCENES = (
    ("chaffinch predict mail examples/2-for-u.eml --reasons 3", 20),
    ("chaffinch flag mail spam examples/1-4u.eml", 1),
    ("chaffinch predict mail examples/2-for-u.eml --reasons 3", 20),
    ("chaffinch predict digits examples/4-postcode.png --reasons 2", 4),
)
# Seconds: for a character typed, between a command and its answer, and to read a line of it.
_TYPING, _WAITING, _READING = 0.035, 0.5, 0.45
# Seconds in which all stands there, at first, which is what a still viewer shows, and at last.
_FIRST, _LAST = 3.0, 1.0
_TOLD = (
    "Chaffinch in a terminal: a mail is judged and left unsure; one like it is flagged; the "
    "verdict on the first is surer; digits of a postcode are read"
)
# Pixels.
_WIDTH, _ROW, _LETTER, _LEFT, _TOP = 760, 19, 7.83, 20, 58
_STYLE = """\
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;\
white-space:pre;fill:#d6dae0}
.typed{fill:#fff;font-weight:600}.prompt{fill:#7fb069}.spam{fill:#f0907a}.ham{fill:#8fb8e0}
.line{animation:show DURs step-end infinite}
@media (prefers-reduced-motion:reduce){.line{animation:none!important}}
"""


@dataclass(frozen=True)
class Line:
    """A line of the terminal.

    Parameters
    ----------
    text : str
        What stands there.
    begin : float
        When it begins to be there, in seconds; 0 where it always is.
    typed : bool
        Whether it is a command, which appears letter by letter.
    """

    text: str
    begin: float
    typed: bool = False


def play() -> tuple[list[Line], float]:
    """Run the scenes in a new home folder.

    Returns
    -------
    list of Line
        What the terminal shows.
    float
        How long it takes, in seconds.
    """
    lines, now = [], 0.0
    with TemporaryDirectory() as home:
        environment = os.environ | {"CHAFFINCH_HOME": home, "COLUMNS": "88"}
        for command, shown in SCENES:
            lines.append(Line(command, now, typed=True))
            if now:
                now += len(command) * _TYPING + _WAITING
            words = [sys.executable, "-m", "chaffinch", *command.split()[1:]]
            said = subprocess.run(
                words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
            )
            answer = said.stdout.splitlines()[:shown]
            for text in answer:
                lines.append(Line(text, now))
                now += 0.06 if now else 0
            # The first scene never goes, so that the terminal is at no time empty.
            now = now + len(answer) * _READING if now else _FIRST + 0.5
    return lines, now + _LAST


def draw(lines: list[Line], seconds: float) -> str:
    """Return the picture, which moves where people want pictures to move."""
    height = _TOP + _ROW * len(lines) + 14
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{_TOLD}</title>",
        f"<style>{_STYLE.replace('DUR', f'{seconds:.1f}')}",
    ]
    moments = sorted({line.begin for line in lines if line.begin})
    for number, begin in enumerate(moments):
        empty, share = 100 * _FIRST / seconds, 100 * begin / seconds
        parts.append(
            f"@keyframes k{number}{{0%{{opacity:1}}{empty:.2f}%{{opacity:0}}"
            f"{share:.2f}%{{opacity:1}}}}"
            f".m{number}{{animation-name:k{number}}}"
        )
    parts.append("</style>")
    parts.append(f'<rect width="{_WIDTH}" height="{height}" rx="10" fill="#1d2127"/>')
    dots = zip((20, 38, 56), ("#c8644a", "#d9a441", "#7fb069"), strict=True)
    parts += [f'<circle cx="{x}" cy="20" r="5.5" fill="{colour}"/>' for x, colour in dots]
    for row, line in enumerate(lines):
        y = _TOP + row * _ROW
        moves = f' class="line m{moments.index(line.begin)}"' if line.begin else ""
        parts.append(f"<g{moves}>{_row(line, y, seconds)}</g>")
    return "\n".join([*parts, "</svg>"]) + "\n"


def _row(line: Line, y: int, seconds: float) -> str:
    if not line.typed:
        text = escape(line.text)
        label = re.search(r": (spam|ham)\b", text)
        if label:
            before, after = text[: label.start(1)], text[label.end(1) :]
            text = f'{before}<tspan class="{label[1]}">{label[1]}</tspan>{after}'
        return f'<text x="{_LEFT}" y="{y}" xml:space="preserve">{text}</text>'
    typed = (
        f'<text x="{_LEFT}" y="{y}" xml:space="preserve"><tspan class="prompt">$</tspan> '
        f'<tspan class="typed">{escape(line.text)}</tspan></text>'
    )
    if not line.begin:
        return typed
    # A cover of the ground's colour goes to the right, a letter at a time.
    count, left = len(line.text), _LEFT + 2 * _LETTER
    begin, end = line.begin / seconds, (line.begin + count * _TYPING) / seconds
    empty = 100 * _FIRST / seconds
    width = count * _LETTER + 8
    return (
        f'{typed}<rect class="cover" x="{left:.1f}" y="{y - 13}" width="{width:.1f}" height="18" '
        f'fill="#1d2127" style="transform-origin:{left + width:.1f}px 0;transform:scaleX(0);'
        f'animation:c{y} {seconds:.1f}s infinite"/>'
        f"<style>@keyframes c{y}{{0%{{transform:scaleX(0);animation-timing-function:step-end}}"
        f"{empty:.2f}%,{100 * begin:.2f}%{{transform:scaleX(1);"
        f"animation-timing-function:steps({count})}}{100 * end:.2f}%,100%{{transform:scaleX(0)}}}}"
        "@media (prefers-reduced-motion:reduce){.cover{display:none}}</style>"
    )


def main() -> None:
    """Draw it."""
    PICTURE.write_text(draw(*play()), encoding="utf-8")


if __name__ == "__main__":
    main()

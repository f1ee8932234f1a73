"""A spam campaign that is rewritten as it gets caught: "4U", then "For U", then worse.

The text is made up, the tricks are not: each is one that spammers have turned to (Graham-Cumming,
"The spammers' compendium", MIT Spam Conference 2003).
"""

from __future__ import annotations

import html
import random
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime

from chaffinch.types import Item

#: What the spammer writes, step by step, each after the one before it was caught.
STEPS = ("4U", "For U", "F0r U", "invisible and look-alike letters", "words split by hidden HTML")

_HOOKS = ("4U", "For U", "F0r U", "For U", "For U")
_LEET = str.maketrans("oOeEaAiIsS", "0033441155")
_LIKE = str.maketrans("aceopxyAEHKMOPTX", "асеорхуАЕНКМОРТХ")
_INVISIBLE = "\u200b\u200c\u2060"
_PRODUCTS = (
    ("garden lamps", "light the whole yard", "lamp", "glow"),
    ("leather wallets", "hold every card", "wallet", "hide"),
    ("tea samplers", "taste forty gardens", "tea", "leaf"),
    ("piano lessons", "play your first song", "lesson", "note"),
    ("running shoes", "fly over the road", "shoe", "pace"),
    ("bath towels", "feel hotel comfort", "towel", "spa"),
    ("phone cases", "survive any fall", "case", "shell"),
    ("coffee grinders", "wake up to fresh beans", "grinder", "roast"),
)
_FIRST = "Ada Ben Cleo Dora Emil Finn Gus Hana Ivo June Karl Lena Milo Nora Otto Pia".split()
_LAST = "Ashby Brook Cole Dunn Ellis Frost Gray Holt Irwin Joyce Kerr Lowe Marsh North".split()
_DOMAINS = ("example.com", "example.net", "example.org")
_SUBJECTS = (
    "{product} {hook}",
    "{hook}: {product}",
    "Only {hook}, {product}",
    "{product}, picked {hook}",
    "Made {hook} - {product}",
)
_GREETINGS = ("Hello,", "Good day,", "Dear reader,", "Hi there,", "")
_OFFERS = (
    "We made these {product} {hook}, and they {promise}.",
    "These {product} are {hook}: they {promise}.",
    "They {promise}. All of our {product}, {hook}.",
    "{hook}, at last: {product} that {promise}.",
)
_PRESSES = (
    "The price {hook} is {price} until {day}.",
    "{price} {hook}, but only until {day}.",
    "Until {day} it is {price}, just {hook}.",
    "Ask for the {price} {item} before {day}.",
)
_FILLERS = (
    "Our shop has been in the same street since {year}.",
    "A neighbour told us that the first {item} lasted {count} years.",
    "We pack on {day} and send on the morning after.",
    "The colours are those of the season, {count} in all.",
    "Each {item} comes in a plain box with a card.",
    "People in {count} towns have written to us about theirs.",
    "There is a list of what others said on the page.",
)
_CALLS = (
    "See them at http://{host}/{code}",
    "Have a look: http://{host}/{code}",
    "The page is http://{host}/{code} - go there now",
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@dataclass(frozen=True, slots=True)
class Campaign:
    """One spammer, with one thing to sell.

    Every mail is worded anew, from another sender, with a link of its own; what stays is what is
    sold, and how the spammer spells the hook at each of the five `STEPS`.

    Parameters
    ----------
    seed : int
        Which campaign: what is sold, and how.

    Examples
    --------
    >>> campaign = Campaign(7)
    >>> b"4U" in campaign.mail(0, 1), b"4U" in campaign.mail(1, 1)
    (True, False)
    >>> campaign.mail(0, 1) == campaign.mail(0, 2)
    False
    """

    seed: int

    def mail(self, step: int, number: int, *, sent: float = 1.7e9) -> bytes:
        """Return one mail of the campaign.

        Parameters
        ----------
        step : int
            Which of the five `STEPS` the spammer is at, from 0.
        number : int
            Which mail of the step.
        sent : float
            When it was sent, in seconds since 1970-01-01 UTC.

        Raises
        ------
        IndexError
            If there is no such step.
        """
        from datetime import UTC, datetime

        draw = self._draw(step, number)
        subject, text = self._words(draw, step)
        first, last = draw.choice(_FIRST), draw.choice(_LAST)
        domain = draw.choice(_DOMAINS)
        sender = f"{first} {last} <{first.lower()}.{last.lower()}@mail.{domain}>"
        kind, body = ("html", _split(text, draw)) if step == 4 else ("plain", text)
        date = format_datetime(datetime.fromtimestamp(sent, UTC))
        headers = (
            f"Received: from mail.{domain} by mx.example.org; {date}\n"
            f"From: {sender}\nTo: reader@example.org\nSubject: {_encoded(subject)}\n"
            f"Date: {date}\nMessage-ID: <{draw.getrandbits(64):x}@mail.{domain}>\n"
            f"MIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\n"
            "Content-Transfer-Encoding: 8bit\n\n"
        )
        return f"{headers}{body}\n".encode()

    def message(self, step: int, number: int) -> bytes:
        """Return one short message of the campaign; the last step splits words by HTML.

        Parameters
        ----------
        step, number
            As `mail` takes them.
        """
        draw = self._draw(step, number)
        subject, text = self._words(draw, step)
        short = f"{subject}.\n{text.splitlines()[-1]}"
        return (_split(short, draw) if step == 4 else short).encode()

    def item(self, kind: str, step: int, number: int) -> Item:
        """Return one item of the campaign, for the task whose items are of this kind.

        Parameters
        ----------
        kind : {"mail", "message"}
            What to write.
        step, number
            As `mail` takes them.
        """
        if kind == "mail":
            return Item(self.mail(step, number), kind)
        return Item(self.message(step, number), kind)

    def _draw(self, step: int, number: int) -> random.Random:
        seed = f"campaign {self.seed} step {step} number {number}"
        return random.Random(seed)  # noqa: S311 (nothing secret)

    def _words(self, draw: random.Random, step: int) -> tuple[str, str]:
        product, promise, item, word = _PRODUCTS[self.seed % len(_PRODUCTS)]
        said: dict[str, object] = {
            "product": product,
            "promise": promise,
            "item": item,
            "hook": _HOOKS[step],
        }

        def say(choices: tuple[str, ...]) -> str:
            return draw.choice(choices).format(
                **said,
                price=f"${draw.randrange(9, 60)}.{draw.randrange(10, 100)}",
                day=draw.choice(_DAYS),
                year=draw.randrange(1950, 2000),
                count=draw.randrange(3, 40),
                host=f"{word}{draw.randrange(100, 1000)}.{draw.choice(_DOMAINS)}",
                code=f"{draw.getrandbits(40):x}",
            )

        lines = [say(_OFFERS), say(_PRESSES), *(say((line,)) for line in draw.sample(_FILLERS, 3))]
        draw.shuffle(lines)
        text = "\n".join(filter(None, [say(_GREETINGS), *lines, say(_CALLS)]))
        subject = say(_SUBJECTS).capitalize() if draw.random() < 0.3 else say(_SUBJECTS)
        disguise = _DISGUISES[step]
        return disguise(subject, draw), "\n".join(
            line if "http" in line else disguise(line, draw) for line in text.splitlines()
        )


def _as_it_is(text: str, _: random.Random) -> str:
    return text


def _leet(text: str, draw: random.Random) -> str:
    """Write some words in digits; the hook is written so already."""
    return " ".join(
        word.translate(_LEET) if word.isalpha() and draw.random() < 0.4 else word
        for word in text.split(" ")
    )


def _unlike(text: str, draw: random.Random) -> str:
    """Write most words with Cyrillic letters that look alike, or with letters that do not show."""

    def written(word: str) -> str:
        if draw.random() < 0.2 or len(word) < 2:
            return word
        if draw.random() < 0.5:
            return word.translate(_LIKE)
        at = draw.randrange(1, len(word))
        return word[:at] + draw.choice(_INVISIBLE) + word[at:]

    return " ".join(map(written, text.split(" ")))


def _split(text: str, draw: random.Random) -> str:
    """Split most words by elements that a browser shows nothing of."""

    def noise() -> str:
        letters = "".join(draw.choices("bcdfghjklmnpqrstvwxz", k=draw.randrange(2, 6)))
        return draw.choice(
            (
                f'<span style="display:none">{letters}</span>',
                f'<font style="font-size:0">{letters}</font>',
                f"<!-- {letters} -->",
                "<b></b>",
            )
        )

    def written(word: str) -> str:
        if len(word) < 3 or draw.random() < 0.2:
            return html.escape(word)
        at = draw.randrange(1, len(word))
        return html.escape(word[:at]) + noise() + html.escape(word[at:])

    lines = []
    for line in text.splitlines():
        if "http" in line:
            words, _, url = line.partition("http")
            lines.append(f'<p><a href="http{html.escape(url.split()[0])}">{html.escape(words)}</a>')
        else:
            lines.append("<p>" + " ".join(map(written, line.split(" "))))
    return "\n".join(lines)


_DISGUISES: tuple[Callable[[str, random.Random], str], ...] = (
    _as_it_is,
    _as_it_is,
    _leet,
    _unlike,
    _as_it_is,
)


def _encoded(text: str) -> str:
    from email.header import Header

    return text if text.isascii() else Header(text, "utf-8", maxlinelen=900).encode()

"""The mail of a village that does not exist: ham and spam, made up for the notebooks.

Nobody's mail is in it. It is made of phrases, drawn by a seeded chance, so that everybody gets the
same mails. That makes it easier than real mail: the first notebooks say so, and say what Chaffinch
does on real mail.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import Header
from email.policy import default
from email.utils import format_datetime
from pathlib import Path

from chaffinch.datasets.campaign import Campaign
from chaffinch.types import Example, Item

#: When the first mail came.
BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

_FIRST = "Ada Ben Cleo Dora Emil Finn Gus Hana Ivo June Karl Lena Milo Nora Otto Pia".split()
_LAST = "Ashby Brook Cole Dunn Ellis Frost Gray Holt Irwin Joyce Kerr Lowe Marsh North".split()
_SLOTS = {
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "hour": "nine|ten|half past three|four|six|seven|eight".split("|"),
    "place": "the library|the mill|the school hall|the allotment|the old bakery|our kitchen".split(
        "|"
    ),
    "thing": "the handcart|the blue tent|the pump|the seed box|the big pot|the kettle".split("|"),
    "piece": "the Bach|the second song|the round|the carol|the lullaby|the march".split("|"),
    "crop": "beans tomatoes leeks pumpkins lettuce potatoes raspberries".split(),
    "goods": "pills watches handbags sunglasses perfume software".split(),
    "sum": "$500|$1,000|$2,500|$5,000|$1,000,000".split("|"),
    "prize": "a new phone|a holiday for two|a gift card|a television".split("|"),
    "count": [str(number) for number in range(2, 30)],
}

# (subjects, sentences) of each kind, the commonest first.
_Kind = tuple[tuple[str, ...], tuple[str, ...]]
_HAM: tuple[_Kind, ...] = (
    (
        ("Choir on {day}", "Re: {piece}", "The altos and {piece}"),
        (
            "Rehearsal is on {day} at {hour}, in {place}.",
            "Please look at {piece} before, page {count} above all.",
            "The tenors are short of voices, so bring a friend.",
            "Last time {piece} was lovely, thank you all.",
            "We sing for the school in {count} days.",
        ),
    ),
    (
        ("{crop} to spare", "Re: {crop}", "The allotment on {day}"),
        (
            "We have far too many {crop} this year, take some.",
            "The {crop} like more water than I thought.",
            "I left {count} of them by the gate 4U, free of course.",
            "Could you lend me {thing} on {day}?",
            "{name} says slugs hate coffee. We shall see.",
        ),
    ),
    (
        ("Mill bakery: this week's offers", "Offers of {day}", "Only this week"),
        (
            # What a shop that one knows sends looks like spam, and is wanted.
            "This week's offer: two loaves for the price of one.",
            "Order now and the delivery on {day} is free.",
            "Click here for the whole list: http://bakery.example.org/{count}",
            "You get this since you are a customer of ours; to be removed, write to us.",
        ),
    ),
    (
        ("Lunch on {day}?", "Re: {day}", "Running late", "Pictures of {day}"),
        (
            "Shall we meet at {hour} in {place}?",
            "I can bring soup, you bring the bread.",
            "The train is late, I will be there at {hour}.",
            "Call me when you are home, or after {hour}.",
        ),
    ),
    (
        ("Minutes of {day}", "Draft, part {count}", "Budget for {place}"),
        (
            "Here are the minutes, with the three open points.",
            "{name} will ask the council about {place}.",
            "I changed chapter {count} as you asked, please read it again.",
            "The roof costs {sum}, which the council pays half of.",
        ),
    ),
    (
        ("Order {count}{count}", "Your order is on its way", "Receipt {count}-{count}"),
        (
            "Thank you for your order number {count}{count}.",
            "We have charged {sum} to your credit card.",
            "It comes on {day}; the parcel has the number {count}{count}.",
            "Seeds of {crop} are out of stock until {day}.",
        ),
    ),
    (
        ("Class {count}: {day}", "School outing", "Parents' evening"),
        (
            "The class goes to {place} on {day}, rain or shine.",
            "Please give each child {count} crowns and a lunch.",
            "Parents' evening begins at {hour}.",
            "Two children have lost a jacket, it hangs by the door.",
        ),
    ),
    (
        ("A photograph", "You have won!", "The raffle"),
        (
            "Congratulations! Your number was drawn in our raffle for the roof.",
            "Fetch the prize, a pot of honey, in {place} on {day}.",
            "{name} drew the numbers, with eyes shut.",
        ),
    ),
)
_SPAM: tuple[_Kind, ...] = (
    (
        ("A credit card 4U", "4U: instant approval", "No fees 4U"),
        (
            "Your credit card is approved, picked 4U.",
            "A limit of {sum}, without any question asked.",
            "Bad credit? No credit? No problem!",
            "Click here now: http://cards.example.net/{count}",
            "This offer ends on {day}, act now.",
        ),
    ),
    (
        ("Cheap {goods}", "{goods} at {count}% off", "Amazing {goods} inside"),
        (
            "Genuine {goods} at unbelievable prices.",
            "Save up to {count}% and pay nothing today.",
            "No questions, guaranteed.",
            "Order now: http://{goods}.example.com/{count}",
        ),
    ),
    (
        ("You have WON", "Claim {prize}", "Winner number {count}"),
        (
            "Congratulations! You have been selected to win {prize}.",
            "Claim it within {count} hours or lose it.",
            "Just pay the shipping, all else is free.",
            "Send your name and your bank account.",
        ),
    ),
    (
        ("Your parcel is waiting", "Your account is locked", "Action required"),
        (
            "Dear customer, we could not deliver your parcel on {day}.",
            "Confirm your address and pay a small fee: http://post.example.net/{count}",
            "Your account will be closed within {count} hours.",
            "Verify your password here: http://login.example.com/{count}",
        ),
    ),
    (
        # Friendly spam has few of the words that rules look for.
        ("Hello", "Re: our talk", "A question"),
        (
            "We have not met, but {name} gave me your address.",
            "I represent a client who left {sum} without an heir.",
            "You may keep half if you help me to move it.",
            "Please answer in confidence, and soon.",
        ),
    ),
    (
        ("Work from home", "Your second income", "{sum} a week"),
        (
            "I earn {sum} a week at my kitchen table; so can you.",
            "No boss, no hours, no experience.",
            "Only {count} places are left for beginners.",
            "Tell me on {day} whether you are in.",
        ),
    ),
    (
        ("Your page on the web", "First in every search", "More customers"),
        (
            "I looked at your page and found {count} mistakes in it.",
            "We bring you to the first place of every search for {sum} a month.",
            "Shall I send you an offer on {day}?",
        ),
    ),
    (
        ("She saw your picture", "Lonely on {day}?", "{name} wrote to you"),
        (
            "{name} lives near you and likes your picture.",
            "See who is waiting: http://hearts.example.com/{count}",
            "You have {count} unread letters of the heart.",
        ),
    ),
)
# Anybody may say these.
_ANYBODY = (
    "I hope this finds you well.",
    "It has rained here since {day}.",
    "Please let me know what you think.",
    "Sorry that this comes so late.",
    "There is more to say, but it can wait.",
    "Have a good week.",
    "I tried to call on {day}.",
    "Thank you for your time.",
    "Let us talk on {day}.",
    "With best wishes from {name}, too.",
    "The days are getting longer.",
    "I will be away until {day}.",
)
_PLAIN = ("Hello", "A short note", "About {day}", "Re: your letter", "News", "From {name}")


#: What each kind of spam is about, the commonest first.
SPAM = ("cards", "goods", "prizes", "accounts", "heirs", "work", "searches", "hearts")


def mail(label: str, number: int, *, about: Sequence[str] = SPAM) -> bytes:
    """Return a mail, the same for the same arguments.

    Parameters
    ----------
    label : str
        "spam" or "ham".
    number : int
        Which mail.
    about : sequence of str
        Of which kinds it may be, if it is spam.

    Examples
    --------
    >>> mail("ham", 1) == mail("ham", 1), mail("ham", 1) == mail("ham", 2)
    (True, False)
    """
    draw = random.Random(f"village {label} {number}")  # noqa: S311 (nothing secret)
    kinds = _HAM if label == "ham" else tuple(_SPAM[SPAM.index(kind)] for kind in about)
    often = [1 / rank for rank in range(1, len(kinds) + 1)]
    subjects, sentences = draw.choices(kinds, often)[0]
    if draw.random() < 0.3:
        subjects = _PLAIN
    name, family = draw.choice(_FIRST), draw.choice(_LAST)
    said = draw.sample(sentences, draw.choice((1, 2, 2))) + draw.sample(_ANYBODY, 2)
    draw.shuffle(said)
    text = " ".join(_filled(one, draw) for one in said)
    return _sent(
        name, family, _filled(draw.choice(subjects), draw), f"{text}\n\n{name}", draw, number
    )


def _sent(
    name: str, family: str, subject: str, text: str, draw: random.Random, number: int
) -> bytes:
    """Return a mail whose headers tell nothing of its label."""
    host = f"mx{draw.randrange(12)}.example.net"
    sent = format_datetime(BEGIN + timedelta(minutes=37 * number))
    head = (
        f"Received: from {host} by mx.example.org; {sent}\n"
        f"From: {name} {family} <{name.lower()}.{family.lower()}@{host}>\n"
        f"To: reader@example.org\nSubject: {subject}\nDate: {sent}\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    )
    return f"{head}\n{text}\n".encode()


def campaign(step: int, number: int, *, when: int = 0) -> Example:
    """Return a mail of a spammer who rewrites what is caught.

    Parameters
    ----------
    step : int
        How the spammer writes by now, as in `chaffinch.datasets.campaign.STEPS`: 0 is "4U", 1 is
        "For U", 2 is "F0r U", 3 has look-alike letters.
    number : int
        Which mail of the step; each is worded anew.
    when : int
        The number of the village's mail with which it comes.
    """
    written = message_from_bytes(Campaign(3).mail(step, number), policy=default)
    draw = random.Random(f"campaign {step} {number}")  # noqa: S311 (nothing secret)
    subject = Header(str(written["Subject"]), "utf-8" if step == 3 else None).encode()
    name, family = draw.choice(_FIRST), draw.choice(_LAST)
    data = _sent(name, family, subject, written.get_content(), draw, when)
    return Example(Item(data, "mail"), "spam", name=f"campaign {step}.{number}")


def _filled(phrase: str, draw: random.Random) -> str:
    chosen = {slot: draw.choice(words) for slot, words in _SLOTS.items()}
    return phrase.format(name=draw.choice(_FIRST), **chosen)


def mails(
    count: int, *, first: int = 0, spam: float = 0.4, about: Sequence[str] = SPAM
) -> list[Example]:
    """Return mails in the order in which they come, each with its true label.

    Parameters
    ----------
    count : int
        How many.
    first : int
        The number of the first; other numbers, other mails.
    spam : float
        How many of them are spam, as a share.
    about : sequence of str
        Of which kinds the spam may be.

    Examples
    --------
    >>> [example.label for example in mails(5)]
    ['ham', 'ham', 'ham', 'ham', 'spam']
    """
    found = []
    for number in range(first, first + count):
        chance = random.Random(f"label {number}").random()  # noqa: S311 (nothing secret)
        label = "spam" if chance < spam else "ham"
        found.append(
            Example(Item(mail(label, number, about=about), "mail"), label, name=f"mail {number}")
        )
    return found


def folders(examples: list[Example], path: Path) -> str:
    """Write mails into a folder for each label; return how the command line is told of them.

    Parameters
    ----------
    examples : list of Example
        The mails.
    path : Path
        The folder that shall hold both.
    """
    for number, example in enumerate(examples):
        folder = path / example.label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:05}.eml").write_bytes(example.item.data)
    return f"--label ham={path / 'ham'} --label spam={path / 'spam'}"

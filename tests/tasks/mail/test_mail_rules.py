"""Each rule has a mail that it fits, and one that is near and does not fit."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from chaffinch.features.rules import RuleFeatures
from chaffinch.task import get_task

TASK = get_task("mail")


def mail(
    text: str = "Here it is.",
    *,
    html: str = "",
    file: str = "",
    subject: str = "Garden",
    sender: str = "Ann <ann@example.org>",
    to: str = "bob@example.com",
    date: str = "Mon, 02 Nov 2026 10:00:00 +0100",
    head: str = "",
) -> bytes:
    """Write a mail: plain text, or a page with no plain text, perhaps with a file or a header."""
    made = EmailMessage()
    named = (("From", sender), ("To", to), ("Subject", subject), ("Date", date))
    for name, value in named:
        if value:
            made[name] = value
    made.set_content(html or text, subtype="html" if html else "plain")
    if file:
        made.add_attachment(b"x", maintype="application", subtype="octet-stream", filename=file)
    return (f"{head}\n".encode() if head else b"") + made.as_bytes()


def texts(fits: str, near: str) -> tuple[bytes, bytes]:
    return mail(fits), mail(near)


def subjects(fits: str, near: str) -> tuple[bytes, bytes]:
    return mail(subject=fits), mail(subject=near)


def heads(fits: str, near: str) -> tuple[bytes, bytes]:
    return mail(head=fits), mail(head=near)


def files(fits: str, near: str) -> tuple[bytes, bytes]:
    return mail(file=fits), mail(file=near)


def senders(fits: str, near: str) -> tuple[bytes, bytes]:
    return mail(sender=fits), mail(sender=near)


IMAGE = '<img src="http://www.example.com/a.gif">'

#: By rule: a mail that it fits, and one that it does not.
SAMPLES = {
    "FOR_YOU_SHORT": subjects("A car 4U", "A car for Ulla"),
    "FREE_SUBJECT": subjects("Free shoes", "Freedom of the press"),
    "YOUR_SUBJECT": subjects("About your house", "About our house"),
    "OFFER_SUBJECT": subjects("Lowest rates of all", "The low wall"),
    "MONEY_SUBJECT": subjects("Need cash?", "The cashier"),
    "ADVERT_SUBJECT": subjects("ADV: Shoes", "Advice on shoes"),
    "SHOUTING_SUBJECT": subjects("BUY OUR SHOES", "BUY our shoes"),
    "EXCLAIMING_SUBJECT": subjects("Shoes!! Look", "Shoes? Look"),
    "TRACKED_SUBJECT": subjects("Shoes        8812", "Shoes 8812"),
    "FALSE_ANSWER": (
        mail(subject="Re: the shoes"),
        mail(subject="Re: the shoes", head="In-Reply-To: <1@example.org>"),
    ),
    "NO_SUBJECT": subjects("", "a"),
    "DRUGS": texts("Viagra by post", "Via Agra by train"),
    "BODY_CARE": texts("Lose 20 pounds", "I lost 20 pencils"),
    "DEBT_AND_LOANS": texts("Good even with bad credit", "She gets the credit"),
    "INSURANCE": texts("Cheap car insurance", "I insure you it is so"),
    "EASY_MONEY": texts("Work from home", "Walk home from work"),
    "INVESTMENT_TIP": texts("A strong buy", "A strong boy"),
    "CRYPTO": texts("Buy bitcoin", "Buy a coin"),
    "CASINO": texts("The best online casino", "The best online cinema"),
    "ADULT": texts("Horny girls", "Corny jokes"),
    "DATING": texts("Meet local singles", "Meet the local baker"),
    "DEGREES": texts("Buy diplomas", "The diplomats are here"),
    "REPLICAS": texts("Swiss replica watches", "A Swiss watch and its replica"),
    "GOODS": texts("New toner cartridges", "The printer is new"),
    "VISITORS_FOR_SITES": texts("We do bulk e-mail", "We buy in bulk"),
    "CREDIT_CARD": texts("No credit card", "A card on credit"),
    "AMAZING": texts("It is risk-free", "It is risky"),
    "FREE_OFFER": texts("There is no obligation", "I am obliged"),
    "CLICK_HERE": texts("Click here", "It clicks when I stand here"),
    "REMOVE_ME": texts("To be removed, write back", "The snow was cleared"),
    "NOT_SPAM": texts("This is not spam", "This is no ham"),
    "ORDER_NOW": texts("Act now", "The act begins"),
    "TOLL_FREE": texts("Call 1-800-555-0100", "Call 1-212-555-0100"),
    "FORM_TO_FILL": texts("Please fill this in", "I was filled with joy"),
    "DEAR_FRIEND": texts("Dear friend,", "Dear Bob,"),
    "MANY_DOLLARS": texts("It is $5,000,000", "It is $50"),
    "URGENT": texts("It is urgent", "There is an urge"),
    "ADVANCE_FEE": texts("You are next of kin to him", "Next to the kiln"),
    "FORTUNE_ABROAD": texts(
        "I need assistance with 5 million dollars of my father, who died",
        "The film cost 5 million dollars",
    ),
    "LOTTERY": texts("You have won a car", "We won the match"),
    "ACCOUNT_TROUBLE": texts("Please verify your account", "On account of the weather"),
    "PARCEL_TROUBLE": texts("Your parcel is on hold", "A parcel came for you"),
    "INVOICE_FILE": (
        mail("See the attached invoice", file="a.html"),
        mail("See the attached invoice", file="a.pdf"),
    ),
    "BLACKMAIL": texts("I hacked your computer", "I like your computer"),
    "WORD_IN_DISGUISE": texts("Get v1agra", "Version v1 is here"),
    "LETTERS_APART": texts("Buy C.A.S.H now", "The C.A. of S.H."),
    "LOOKALIKE_LETTERS": texts("ca\u200bsh for all", "\u043a\u0430\u0448\u0430 for all"),
    "HIDDEN_TEXT": (
        mail(html="Nice<b style='display:none'>pills</b>"),
        mail(html="Nice <b>pills</b>"),
    ),
    "CODES_SHOWN": texts("<font color=red>Shoes", "5 < font size"),
    "SHOUTING_TEXT": texts("COME AND SEE OUR SHOES " * 5, "Come and see our shoes " * 5),
    "EXCLAIMING_TEXT": texts("Shoes!! Come", "Shoes! Come"),
    "HTML_ONLY": (mail(html="<p>Here"), mail()),
    "ONE_IMAGE": (mail(html=IMAGE), mail(html=IMAGE + "Here is the plan of the garden. " * 6)),
    "HIGH_PRIORITY": heads("X-Priority: 1 (Highest)", "X-Priority: 3 (Normal)"),
    "BULK_PROGRAM": heads("X-Mailer: Group Mail 4", "X-Mailer: Mailbird 4"),
    "IMPOSSIBLE_ZONE": (
        mail(date="Mon, 02 Nov 2026 10:00:00 -1900"),
        mail(date="Mon, 02 Nov 2026 10:00:00 +1300"),
    ),
    "NO_DATE": (mail(date=""), mail()),
    "DANGEROUS_FILE": files("plan.exe", "exe.pdf"),
    "TWO_ENDINGS": files("plan.pdf.exe", "plan.v2.pdf"),
    "WEB_PAGE_FILE": files("plan.html", "plan.pdf"),
    "NUMERIC_LINK": texts("http://203.0.113.7/a", "http://a203.example.com/113"),
    "LINK_WITH_AT": texts("http://bank.example@shop.example/", "http://shop.example/@bank"),
    "ODD_LINK": texts("http://www.example.com:8123/", "http://www.example.com/8123"),
    "SHORT_LINK": texts("http://bit.ly/x1", "http://rabbit.example/x1"),
    "CHEAP_LINK": texts("http://shoes.example.xyz/a", "http://xyz.example.com/a"),
    "REMOVAL_LINK": texts("http://www.example.com/remove.html", "http://www.example.com/move"),
    "SENDER_DIGITS": senders("Ann <ann8812x@example.org>", "Ann <ann.b@example.org>"),
    "SENDER_UNNAMED": senders("ann@example.org", "Ann <ann@example.org>"),
    "SENDER_SELLS": senders("Great Deals <a@example.org>", "Greta Dealer <a@example.org>"),
    "SENDER_POSES": senders(
        '"pay@bank.example" <a@example.org>', '"ann@mail.example.org" <a@example.org>'
    ),
    "REPLIES_ELSEWHERE": heads("Reply-To: x@example.net", "Reply-To: x@lists.example.org"),
    "FREE_MAIL": (
        mail(sender="Ann <ann@yahoo.com>"),
        mail(sender="Ann <ann@yahoo.com>", head="References: <1@example.org>"),
    ),
    "NO_RECIPIENT": (mail(to=""), mail()),
    "TO_SENDER": (mail(to="ann@example.org"), mail(to="nan@example.org")),
    "ANSWERS_A_MAIL": heads("In-Reply-To: <1@example.org>", "X-In-Reply-To: <1@example.org>"),
    "QUOTES_A_MAIL": texts("> shall we?", "2 > 1"),
    "MAILING_LIST": heads("List-Id: <a.example.org>", "X-List: a"),
    "SIGNED": (
        mail(head="Content-Type: multipart/signed; boundary=b").replace(
            b"Here it is.", b"--b\n\nHi\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--"
        ),
        mail("application/pgp-signature"),
    ),
    "WRITTEN_BY_HAND": heads("User-Agent: Mutt/2.2", "X-Mailer: Shop 2.2"),
    "CODE": texts("diff --git a/x b/x", "It makes a difference"),
    "OPINION": texts("I think so", "They think so"),
    "CHEERS": texts("Here.\n\nCheers,\nAnn", "He cheers us up"),
    "NEWSLETTER": texts("Our weekly newsletter", "A letter with news"),
    "CONFIRMS": texts("Thank you for your order", "Order in the garden"),
    "LEAVES_OPEN": heads("List-Unsubscribe: <mailto:a@example.org>", "X-Unsubscribe: a"),
    "SHORT_AND_PLAIN": texts("Here is the plan.", "See http://www.example.com/plan"),
    "PLAIN_TEXT": (mail(), mail(html="<p>Here")),
    "MAKES_A_DATE": texts("See you at the gate", "I see your gate"),
}


def hits(data: bytes) -> set[str]:
    features = TASK.ladder[0].features
    assert isinstance(features, RuleFeatures)
    return {features.rules.rules[slot].name for slot in features.row(TASK.reader(data)).slots}


def test_every_rule_has_its_samples() -> None:
    features = TASK.ladder[0].features
    assert isinstance(features, RuleFeatures)
    assert [rule.name for rule in features.rules.rules] == list(SAMPLES)


def test_every_description_is_its_rule_s_own() -> None:
    features = TASK.ladder[0].features
    assert isinstance(features, RuleFeatures)
    described = [rule.description for rule in features.rules.rules]
    assert len(set(described)) == len(described)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_rule_fits_what_it_is_for(name: str) -> None:
    fits, near = SAMPLES[name]
    assert name in hits(fits)
    assert name not in hits(near)


@pytest.mark.parametrize(
    ("label", "data"),
    [
        (
            "spam",
            mail(
                "Dear customer,\nyour account has been suspended. Click here within 24 hours: "
                "http://203.0.113.7/login",
                subject="Verify your account!",
                sender='"service@bank.example" <x8812y@example.net>',
            ),
        ),
        (
            "spam",
            mail(
                "Dear friend, I am the next of kin of the late president. I need your assistance "
                "with US$ 5,000,000. Strictly confidential, urgent.",
                subject="URGENT ASSISTANCE",
                to="undisclosed-recipients:;",
            ),
        ),
        (
            "spam",
            mail(
                html="<p>Lose 20 pounds! No obligation! Click here: "
                "http://pills.example.xyz/remove.html To be removed, reply.",
                subject="Lose weight, it is free",
            ),
        ),
        ("ham", mail("Shall we meet at the gate tomorrow? I think it will rain.\n\nCheers,\nAnn")),
        ("ham", mail("On Monday Ann wrote:\n> shall we?\nYes.", head="In-Reply-To: <1@a.example>")),
        (
            "ham",
            mail(
                html="<p>Thank you for your order 8812. It ships on Friday. <a "
                "href='https://shop.example.com/orders/8812'>View your order</a>",
                subject="Your order 8812 is confirmed",
                sender="Bicycles <orders@shop.example.com>",
            ),
        ),
        (
            "spam",
            mail(
                html="<p>Your parcel could not be delivered. <a href='http://p.example.xyz'>Pay</a>",
                subject="Delivery failed",
            ),
        ),
        ("ham", mail("Treffen wir uns morgen um zehn am Tor? Ich bringe den Plan mit.")),
        ("ham", mail("\u3042\u3057\u305f\u306e\u5341\u6642\u306b\u9580\u3067\u3002")),
        ("ham", mail()),
    ],
)  # fmt: skip
def test_what_they_say_together(label: str, data: bytes) -> None:
    rung = TASK.ladder[0]
    score = rung.start().score(rung.features.row(TASK.reader(data)))
    assert (score > 0) == TASK.is_positive(label)

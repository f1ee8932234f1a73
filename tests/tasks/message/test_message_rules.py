"""Each rule has a message that it fits, and one that is near and does not fit."""

from __future__ import annotations

import pytest

from chaffinch.features.rules import RuleFeatures
from chaffinch.task import get_task

TASK = get_task("message")

#: By rule: a message that it fits, and one that it does not.
SAMPLES = {
    "PRIZE": ("You are the winner of our draw", "The window is open"),
    "CONGRATULATIONS": ("Congratulations, all of you!", "I sent her a card"),
    "CLAIM": ("Redeem your points today", "She explained it well"),
    "FREE": ("FREE entry on Friday", "I feel freedom"),
    "URGENT": ("Act now, it is nearly over", "No need to run"),
    "LONG_NUMBER": ("Ring 08001234567", "See you at 10:30 in room 4021"),
    "SHORT_CODE": ("Txt to 81234", "Text to Anna at 4"),
    "SERVICE_CODE": ("Dial *123*45#", "It is #1 and 2*3"),
    "REPLY_WITH_WORD": ("Reply YES today", "Please reply soon"),
    "STOP": ("To end it reply: text STOP", "The bus will stop here"),
    "PREMIUM_RATE": ("Calls cost 150ppm", "Buy a loaf and 2 pears"),
    "TERMS": ("T&Cs apply", "The cat sat by the tea"),
    "MONEY": ("Only £3 a day", "Only three a day"),
    "LARGE_SUM": ("You may get £5,000", "It was £5 in all"),
    "LINK": ("See www.example.com", "See you there"),
    "SHORTENED_LINK": ("Look: bit.ly/2xyz", "Look: example.com/bit"),
    "CHEAP_LINK": ("http://pills.example.xyz/a", "http://www.example.com/xyz"),
    "CLICK_OR_VISIT": ("Click to see more", "A visit from grandma"),
    "ACCOUNT_TROUBLE": ("Your account is suspended", "On my account you need not wait"),
    "LOAN": ("Loans for everybody", "Alone at home"),
    "EASY_MONEY": ("Earn up to $900 weekly", "I earned it"),
    "ADULT": ("Hot singles near you", "A single ticket, it is hot"),
    "PROMOTE_SELF": ("Check out my channel", "I checked the oven"),
    "CONTACT_ELSEWHERE": ("Whatsapp: +1 555 0100", "She is on the phone"),
    "OFFER": ("A discount on shoes", "She is off today"),
    "CALL_NOW": ("Call us now", "I will knock"),
    "SHOUTING": ("COME AND SEE OUR NEW SHOP", "Come AND see"),
    "SOME_SHOUTING": ("The BEST shoes at LOW prices, BUY them", "The BBC and the NHS"),
    "EXCLAIMING": ("Great!! Come", "Great! Come"),
    "SPACED_LETTERS": ("get F R E E stuff, C-A-S-I-N-O", "plan A or B"),
    "DISGUISED": ("ca\u200bsh for all", "cash for all"),
    "HIDDEN_TEXT": ("Nice<b style='display:none'>pills</b>", "Nice <b>pills</b>"),
    "NO_NUMBER_NO_LINK": ("Meet at 4 or 5", "Meet at 14"),
    "SHORT": ("Meet at 4", "Meet at the corner by the old bakery when the rain has stopped again"),
    "CHAT": ("lol ok", "The meeting begins"),
    "FIRST_PERSON": ("I think so", "They think so"),
}


def hits(text: str) -> set[str]:
    features = TASK.ladder[0].features
    assert isinstance(features, RuleFeatures)
    row = features.row(TASK.reader(text.encode()))
    return {features.rules.rules[slot].name for slot in row.slots}


def test_every_rule_has_its_samples() -> None:
    features = TASK.ladder[0].features
    assert isinstance(features, RuleFeatures)
    assert [rule.name for rule in features.rules.rules] == list(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_rule_fits_what_it_is_for(name: str) -> None:
    fits, near = SAMPLES[name]
    assert name in hits(fits)
    assert name not in hits(near)


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("spam", "WINNER! You have been selected for a £1000 prize. Call 09001234567 to claim now"),
        ("spam", "URGENT: your parcel is on hold. Confirm your address at http://post.example.top/x"),
        ("spam", "Congrats! Earn $500 weekly from home, whatsapp +1 555 0100 100 or bit.ly/3xyz"),
        ("ham", "Running late, save me a seat?"),
        ("ham", "I am at the station, see you at 10:30. Thanks for waiting!"),
        ("ham", "Your code for the library is 481920"),
        ("ham", ""),
    ],
)  # fmt: skip
def test_what_they_say_together(label: str, text: str) -> None:
    rung = TASK.ladder[0]
    score = rung.start().score(rung.features.row(TASK.reader(text.encode())))
    assert (score > 0) == TASK.is_positive(label)

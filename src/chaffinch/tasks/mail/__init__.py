"""The task ``mail``: spam or ham."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from chaffinch.features.grams import GramFeatures
from chaffinch.features.rules import RuleFeatures
from chaffinch.models.bayes import BayesLearner
from chaffinch.models.committee import CommitteeLearner
from chaffinch.models.linear import LinearLearner
from chaffinch.models.weighted import WeightedLearner
from chaffinch.readers.mail import (
    MailContent,
    before_delivery,
    read_mail,
    received_time,
    strip_own_headers,
)
from chaffinch.readers.mail.authentication import METHODS
from chaffinch.rules.files import RuleFiles
from chaffinch.scheme import Binary
from chaffinch.task import Rung, Task
from chaffinch.tasks.mail.facts import facts
from chaffinch.tasks.mail.parts import RULE_PARTS, VIEWS, gram_parts, vocabulary
from chaffinch.tasks.mail.wording import WORDING

_RULES = RuleFeatures(RuleFiles(Path(__file__).parent), RULE_PARTS)
_STARTER = Path(__file__).with_name("starter.safetensors")
_GRAMS = GramFeatures(gram_parts)
_VIEWS = GramFeatures(gram_parts, views=VIEWS)


def reading(settings: Mapping[str, Any]) -> Callable[[bytes], MailContent]:
    """Return the reader that believes what an installation's own servers found out of senders."""
    hosts: dict[str, Collection[str]] = dict.fromkeys(settings.get("authserv_id", ()), METHODS)
    # We verify nothing else: what is more there is forged.
    hosts |= dict.fromkeys(settings.get("verify_dkim", ()), ("dkim",))
    return partial(read_mail, hosts=hosts) if hosts else read_mail


TASK = Task(
    name="mail",
    # A lost ham costs its reader far more than a spam that came through.
    scheme=Binary("ham", "spam", cost_false_positive=10.0, cost_false_negative=1.0),
    reader=read_mail,
    reading=reading,
    ladder=(
        Rung("rules", "hand-written rules", _RULES, WeightedLearner),
        Rung("bayes", "naive Bayes", _GRAMS, BayesLearner),
        Rung("linear", "online logistic regression", _GRAMS, LinearLearner),
        Rung("committee", "committee of views", _VIEWS, CommitteeLearner, _STARTER),
    ),
    received=received_time,
    clean=strip_own_headers,
    earlier=before_delivery,
    vocabulary=vocabulary,
    facts=facts,
    wording=WORDING,
)

"""The task ``message``: spam or ham in short plain texts, such as SMS, comments, chat and forms."""

from __future__ import annotations

from pathlib import Path

from chaffinch.features.grams import GramFeatures
from chaffinch.features.rules import RuleFeatures
from chaffinch.models.bayes import BayesLearner
from chaffinch.models.committee import CommitteeLearner
from chaffinch.models.linear import LinearLearner
from chaffinch.models.weighted import WeightedLearner
from chaffinch.readers.message import MessageContent, read_message
from chaffinch.rules.files import RuleFiles
from chaffinch.scheme import Binary
from chaffinch.task import Rung, Task
from chaffinch.tasks.message.facts import facts
from chaffinch.tasks.message.parts import RULE_PARTS, gram_parts, vocabulary
from chaffinch.tasks.message.wording import WORDING

_RULES = RuleFeatures(RuleFiles(Path(__file__).parent), RULE_PARTS)
_STARTER = Path(__file__).with_name("starter.safetensors")
# Messages are short: grams of 4 bytes, one fewer than for mail, say more of them.
_GRAMS = GramFeatures(gram_parts, n=4)
# Views of parts of a message were tried and gained nothing dependable.
_WHOLE = GramFeatures(gram_parts, n=4, views=())


def _never(message: MessageContent) -> None:
    """Return when a message arrived: its bytes do not tell."""
    del message


def _as_it_is(data: bytes) -> bytes:
    """Return a message as it came in: nothing of ours is ever added to one."""
    return data


TASK = Task(
    name="message",
    # A lost message of a friend costs its reader far more than a spam that came through.
    scheme=Binary("ham", "spam", cost_false_positive=10.0, cost_false_negative=1.0),
    reader=read_message,
    ladder=(
        Rung("rules", "hand-written rules", _RULES, WeightedLearner),
        Rung("bayes", "naive Bayes", _GRAMS, BayesLearner),
        Rung("linear", "online logistic regression", _GRAMS, LinearLearner),
        Rung("committee", "committee of views", _WHOLE, CommitteeLearner, _STARTER),
    ),
    received=_never,
    clean=_as_it_is,
    vocabulary=vocabulary,
    facts=facts,
    wording=WORDING,
)

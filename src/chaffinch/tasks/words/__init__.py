"""The task ``words``: which word is said in a recording."""

from __future__ import annotations

from pathlib import Path

from chaffinch.explain.sounds import by_sounds
from chaffinch.explain.written import by_rules
from chaffinch.features.onset import FACTS, sound_facts
from chaffinch.features.rules import Measured, RuleFeatures
from chaffinch.features.sounds import CepstralFeatures
from chaffinch.features.spoken import SpokenFeatures, SpokenNetFeatures, TunableSpokenFeatures
from chaffinch.medium import Medium
from chaffinch.models.forest import ForestLearner
from chaffinch.models.head import HeadLearner
from chaffinch.models.logistic import LogisticLearner
from chaffinch.models.soundnet import SoundnetLearner, TunedSoundnetLearner
from chaffinch.models.svm import SVMLearner
from chaffinch.models.warping import WarpingLearner
from chaffinch.models.written import WrittenLearner
from chaffinch.readers.audio import audio_format, read_audio, require_decoder
from chaffinch.rules.files import RuleFiles
from chaffinch.scheme import Multiclass
from chaffinch.task import Rung, Task
from chaffinch.tasks.words.portrait import PORTRAIT
from chaffinch.tasks.words.utterances import listened, unfit, utterances
from chaffinch.wordless import as_it_is, never, no_words

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_RULES = RuleFeatures(
    RuleFiles(Path(__file__).parent),
    {},
    measured=Measured(sound_facts, FACTS),
    labels=_DIGITS,
)
_NET = Path(__file__).parent / "starter.onnx"
_CEPSTRA = CepstralFeatures(_DIGITS)


TASK = Task(
    name="words",
    # A word misheard goes on unnoticed; one in doubt costs to ask again.
    scheme=Multiclass(_DIGITS, cost_error=1.0, cost_unsure=0.1),
    reader=read_audio,
    ladder=(
        Rung(
            "rules",
            "a hand-written rule",
            _RULES,
            WrittenLearner,
            worth="hears whether a word begins as two does; says nothing of other words",
            why=by_rules,
        ),
        Rung(
            "logistic",
            "logistic regression",
            _CEPSTRA,
            LogisticLearner,
            worth="small and quick; hears each moment of a word by itself",
        ),
        Rung(
            "forest",
            "random forest",
            _CEPSTRA,
            ForestLearner,
            worth="nothing to set, and good from few examples; large, and seldom sure",
        ),
        Rung(
            "svm",
            "support vector machine",
            _CEPSTRA,
            SVMLearner,
            worth="errs less on voices that it knows; grows with the examples",
        ),
        Rung(
            "warping",
            "dynamic time warping",
            _CEPSTRA,
            WarpingLearner,
            worth="a word from one example of it; slower with each example more",
        ),
        Rung(
            "net",
            "convolutional network",
            SpokenNetFeatures(_NET, _DIGITS),
            HeadLearner,
            _NET,
            worth="knows sounds whenever they come, in noise, too, from the first recording",
        ),
    ),
    on_request=(
        Rung(
            "soundnet",
            "convolutional network, own",
            SpokenFeatures(_DIGITS),
            SoundnetLearner,
            worth="knows sounds from your recordings alone; takes many, and long",
            below="net",
        ),
        Rung(
            "tuned",
            "convolutional network, fine-tuned",
            TunableSpokenFeatures(_NET, _DIGITS),
            TunedSoundnetLearner,
            worth="learns voices and words of its own from dozens of flags; a net for each model",
        ),
    ),
    received=never,
    clean=as_it_is,
    vocabulary=no_words,
    facts=no_words,
    why=by_sounds,
    parts=utterances,
    listen=listened,
    unfit=unfit,
    # As the Free Spoken Digit Dataset writes them.
    spellings={str(digit): word for digit, word in enumerate(_DIGITS)},
    medium=Medium("recording", audio_format, require_decoder, "silenced", PORTRAIT),
)

"""The task ``digits``: which digit is written in a picture."""

from __future__ import annotations

from pathlib import Path

from chaffinch.explain.pixels import by_pixels
from chaffinch.explain.written import by_rules
from chaffinch.features.net import PictureNetFeatures, TunablePictureFeatures
from chaffinch.features.pixels import PixelFeatures
from chaffinch.features.rules import Measured, RuleFeatures
from chaffinch.features.strokes import FACTS, picture_facts
from chaffinch.medium import Medium
from chaffinch.models.boosting import BoostingLearner
from chaffinch.models.convnet import ConvnetLearner, TunedConvnetLearner
from chaffinch.models.dbn import DBNLearner
from chaffinch.models.forest import ExtraTreesLearner, ForestLearner
from chaffinch.models.head import HeadLearner
from chaffinch.models.perceptron import PerceptronLearner
from chaffinch.models.softmax import SoftmaxLearner
from chaffinch.models.svm import SVMLearner
from chaffinch.models.written import WrittenLearner
from chaffinch.readers.image import image_format, require_pillow
from chaffinch.rules.files import RuleFiles
from chaffinch.scheme import Multiclass
from chaffinch.task import Rung, Task
from chaffinch.tasks.digits.portrait import PORTRAIT
from chaffinch.tasks.digits.reading import NET, read_digits
from chaffinch.tasks.digits.signs import signs, uncut, unfit
from chaffinch.wordless import as_it_is, never, no_words

_DIGITS = tuple("0123456789")
_RULES = RuleFeatures(
    RuleFiles(Path(__file__).parent),
    {},
    measured=Measured(picture_facts, FACTS),
    labels=_DIGITS,
)
_PIXELS = PixelFeatures(_DIGITS)


TASK = Task(
    name="digits",
    # A digit misread goes on unnoticed; one in doubt costs a look.
    scheme=Multiclass(_DIGITS, cost_error=1.0, cost_unsure=0.1),
    reader=read_digits,
    ladder=(
        Rung(
            "rules",
            "hand-written rules",
            _RULES,
            WrittenLearner,
            worth="says what it looks at; people have to find what that should be",
            why=by_rules,
        ),
        Rung(
            "softmax",
            "online logistic regression",
            _PIXELS,
            SoftmaxLearner,
            worth="learns each flag in no time; blind to how pixels belong together",
        ),
        Rung(
            "forest",
            "random forest",
            _PIXELS,
            ForestLearner,
            worth="nothing to set, and good from few examples; large, and seldom sure",
        ),
        Rung(
            "trees",
            "extremely randomised trees",
            _PIXELS,
            ExtraTreesLearner,
            worth="a little better than the forest, and twice as large",
        ),
        Rung(
            "boosting",
            "gradient boosting",
            _PIXELS,
            BoostingLearner,
            worth="errs less than forests at a fraction of their size; slow to fit",
        ),
        Rung(
            "svm",
            "support vector machine",
            _PIXELS,
            SVMLearner,
            worth="fewest errors of all that see mere pixels; grows with the examples",
        ),
        Rung(
            "perceptron",
            "multilayer perceptron",
            _PIXELS,
            PerceptronLearner,
            worth="fastest to judge; needs many examples",
        ),
        Rung(
            "net",
            "convolutional network",
            PictureNetFeatures(NET, _DIGITS),
            HeadLearner,
            NET,
            worth="knows strokes wherever they stand, from the first picture",
        ),
    ),
    on_request=(
        Rung(
            "dbn",
            "deep belief net (2006)",
            _PIXELS,
            DBNLearner,
            worth="learns much without labels; blind to how pixels belong together",
            below="net",
        ),
        Rung(
            "convnet",
            "convolutional network, own",
            _PIXELS,
            ConvnetLearner,
            worth="knows strokes from your pictures alone; takes many, and long",
            below="net",
        ),
        Rung(
            "tuned",
            "convolutional network, fine-tuned",
            TunablePictureFeatures(NET, _DIGITS),
            TunedConvnetLearner,
            worth="learns a hand of its own from hundreds of flags; a net for each model",
        ),
    ),
    received=never,
    clean=as_it_is,
    vocabulary=no_words,
    facts=no_words,
    why=by_pixels,
    parts=signs,
    unfit=unfit,
    uncut=uncut,
    medium=Medium("image", image_format, require_pillow, "wiped out, or inked", PORTRAIT),
)

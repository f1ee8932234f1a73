"""Contract suites that every estimator, transformer and learner must pass, found by discovery.

They are part of the package so that a learner written elsewhere can be held to them, too.
"""

from chaffinch.checks.discovery import estimators, learners, multiclass_learners
from chaffinch.checks.learner import LEARNER_CHECKS, examples_of
from chaffinch.checks.multiclass import MULTICLASS_CHECKS

__all__ = [
    "LEARNER_CHECKS",
    "MULTICLASS_CHECKS",
    "estimators",
    "examples_of",
    "learners",
    "multiclass_learners",
]

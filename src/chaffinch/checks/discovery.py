"""Find what the contracts are for, so that nothing can be forgotten."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from types import ModuleType
from typing import Any

import chaffinch


def _modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(chaffinch.__path__, "chaffinch.")
    return [import_module(module.name) for module in found if module.name != "chaffinch.__main__"]


def _concrete(base: type[Any]) -> list[type[Any]]:
    classes = {
        value
        for module in _modules()
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, base)
        and value.__module__.startswith("chaffinch.")
        and not inspect.isabstract(value)
    }
    return sorted(classes, key=lambda found: (found.__module__, found.__name__))


def estimators() -> list[type[Any]]:
    """Return every scikit-learn estimator and transformer of the package."""
    from sklearn.base import BaseEstimator

    return _concrete(BaseEstimator)


def learners() -> list[type[Any]]:
    """Return every learner of two labels of the package."""
    from chaffinch.models.base import BinaryLearner

    return _concrete(BinaryLearner)


def multiclass_learners() -> list[type[Any]]:
    """Return every learner of many labels of the package."""
    from chaffinch.models.multiclass import MulticlassLearner

    return _concrete(MulticlassLearner)

"""What goes wrong at a door by who is at its other end, not by us; each message may be logged."""

from __future__ import annotations

from typing import ClassVar


class FaultError(Exception):
    """What keeps a client from being answered as it wishes.

    Its message is in our words and those of the protocol: nothing of the mail.
    """

    #: What it is counted and logged as.
    outcome: ClassVar[str]


class InvalidError(FaultError):
    """It does not speak the protocol, or says more than may be said."""

    outcome = "invalid"


class RefusedError(FaultError):
    """It asks for what is not its own, or comes when there is no room."""

    outcome = "refused"


class LateError(FaultError):
    """It took too long to say what it had begun to."""

    outcome = "timeout"


class DeferredError(FaultError):
    """The next hop does not take a mail now: whoever sent it is told to try again."""

    outcome = "deferred"


class CutOffError(FaultError):
    """It was not over when it had to be."""

    outcome = "cut off"

"""The decisions that file a case once. Pure: :mod:`elements_procura.procura._create` acts.

The server gives its back office ten seconds and then answers 500, while the back office goes on and
stores the case all the same. It looks whether a reference is taken and stores afterwards; nothing
guards the time in between. So a case that is not found yet must not be sent again before that time
has surely passed, and a case that was sent twice is looked for until it has passed again.
"""

import enum
import sys
from typing import Final

from elements_procura.errors import (
    AlreadyExists,
    AmbiguousReference,
    BadRequest,
    ConfigError,
    ElementsProcuraError,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    ProtocolError,
)

ATTEMPTS: Final = 2
SETTLE: Final = 12.0
"""Seconds after which a sent case is stored, or never will be: the server itself waits ten."""
_EARLY: Final = (0.5, 2.0, 5.0, 8.0)
_LATE: Final = (3.0, 10.0, 30.0)
_DONE: Final = 2


class PostOutcome(enum.Enum):
    """The outcome of sending a case."""

    FILED = "the server says that it is filed"
    REFUSED = "the server refuses this case"
    TAKEN = "an id or reference of it is taken"
    SEVERAL = "several cases have an id or reference of it"
    STOPPED = "it was not sent, or not let in"
    UNKNOWN = "nobody knows"


class LookupOutcome(enum.Enum):
    """The outcome of looking up a reference."""

    OURS = "the case is there"
    FOREIGN = "another case has the reference"
    SEVERAL = "several cases have it"
    ABSENT = "there is none"
    UNCLEAR = "the server cannot be asked"


class Step(enum.Enum):
    """The next step of a filing."""

    RAISE = "raise what was told"
    LOOK = "look for the reference"
    SEND = "send it once more"
    TAKE = "return what was found"
    TAKEN = "raise that the reference is taken"
    SEVERAL = "raise that several cases have the reference"
    UNKNOWN = "raise that nobody knows"


def after_post(posted: PostOutcome, *, attempt: int, is_made: bool) -> Step:
    """Decide the next step after the case was sent for the ``attempt``-th time.

    Args:
        posted: The outcome of sending it.
        attempt: From 1.
        is_made: Whether the reference was made for this very call, so that nobody else has it.
    """
    match posted:
        case PostOutcome.FILED:  # what was sent before may be stored yet: then there are two
            return Step.TAKE if attempt == 1 else Step.LOOK
        case PostOutcome.REFUSED:  # the same body was refused before, if it ever arrived
            return Step.RAISE
        case PostOutcome.STOPPED:  # an earlier one may still be on its way
            return Step.RAISE if attempt == 1 else Step.UNKNOWN
        case PostOutcome.TAKEN:  # by an earlier attempt, perhaps
            return Step.LOOK if attempt > 1 or is_made else Step.RAISE
        case PostOutcome.SEVERAL:
            return Step.RAISE if attempt == 1 else Step.SEVERAL
        case PostOutcome.UNKNOWN:
            return Step.LOOK


def after_look(
    seen: LookupOutcome, *, posted: PostOutcome, attempt: int, is_settled: bool, is_last: bool
) -> Step:
    """Decide the next step after a lookup of the reference.

    Args:
        seen: The outcome of the lookup.
        posted: The outcome of the attempt before it.
        attempt: How often the case was sent.
        is_settled: Whether whatever was sent must be stored by now.
        is_last: Whether no further look follows.
    """
    match seen:
        case LookupOutcome.OURS if attempt == 1 or is_settled:
            return Step.TAKE
        case LookupOutcome.FOREIGN:
            return Step.TAKEN
        case LookupOutcome.SEVERAL:
            return Step.SEVERAL
        case LookupOutcome.ABSENT if posted is PostOutcome.TAKEN and attempt == 1:
            return Step.RAISE  # it was the dossier's id that is taken
        case LookupOutcome.ABSENT if is_settled:
            is_free = posted is PostOutcome.UNKNOWN and attempt < ATTEMPTS
            return Step.SEND if is_free else Step.UNKNOWN
        case _:
            return Step.UNKNOWN if is_last else Step.LOOK


def looks(settle: float) -> tuple[float, ...]:
    """The times of lookups, in seconds after an attempt has ended.

    Early, since most cases are stored soon; when every case must be stored; and later only if that
    lookup was not answered.
    """
    early = (each for each in _EARLY if each < settle)
    return (*early, settle, *(settle + each for each in _LATE))


def settle_of(seconds: object) -> float:
    """The seconds after which a case that was sent must be stored.

    Raises:
        ConfigError: It is not such a number.
    """
    if (
        not isinstance(seconds, int | float)
        or isinstance(seconds, bool)
        or not 0 <= seconds <= sys.float_info.max
    ):
        raise ConfigError(
            "settle must be a number of seconds of 0 or more",
            hint="Give more than the ten seconds that the server waits for its back office",
        )
    return float(seconds)


def posted_of(error: ElementsProcuraError) -> PostOutcome:
    """Derive from an exception whether a case was filed."""
    match error:
        case AlreadyExists():
            return PostOutcome.TAKEN
        case AmbiguousReference():
            return PostOutcome.SEVERAL
        case OutcomeUnknown():
            return PostOutcome.UNKNOWN
        case ProtocolError() if error.status // 100 == _DONE:
            return PostOutcome.UNKNOWN  # it was carried out, but the answer is not to be read
        case BadRequest() | Forbidden() | NotFound():
            return PostOutcome.REFUSED
        case _:
            return PostOutcome.STOPPED

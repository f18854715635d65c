"""Sorting failures: their cause is known once another request has succeeded or failed."""

import contextlib
import enum
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus

import attrs

from elements_procura.errors import (
    AuthenticationError,
    ElementsProcuraError,
    Forbidden,
    NotFound,
    NotSent,
    RefusedToken,
    RequestError,
    StatusError,
)
from elements_procura.harvest.patience import is_final
from elements_procura.spec.source import Work

IN_A_ROW = 4
"""The number of failures in a row that are blamed on the server."""
ASKED_AT_MOST = 3
"""The number of attempts before a resource counts as broken."""
_ASKED_IN_A_RUN = 2
"""The number of attempts before one of many refusals in a row is believed."""
_USUAL = 4
_USUAL_WEIGHT = 1 / 16
_CONFIRMED = 2
_PER_REFUTED = 8
_CLIENT_ERRORS = range(400, 500)
_LONGEST_WAIT = 60.0


class Sign(enum.Enum):
    """The reaction that a series of failures requires."""

    AWAY = "the server is taken to be away"
    DOUBTFUL = "a control has to be asked"


@attrs.frozen
class HeldFailure:
    """A failure whose cause is still open.

    Attributes:
        work: The resource.
        error: The exception.
        asked: How often it was requested.
        arrived: The moment when the answer arrived.
        is_own: Whether it may be the API's own answer, to be believed once a control succeeds.
        not_before: When it may be asked for again, on the clock.
        in_outage: Whether it failed while the server was away.
        in_a_run: Whether it was one of many in a row: what stood before the API may have gone
            again, so it is asked for once more before it is believed.
    """

    work: Work
    error: RequestError | AuthenticationError
    asked: int
    arrived: int
    is_own: bool
    not_before: float = 0.0
    in_outage: bool = False
    in_a_run: bool = False


@attrs.frozen
class Verdict:
    """The classification of earlier failures after a success.

    Attributes:
        facts: Failures that are the API's own answers.
        broken: Resources that failed repeatedly while others succeeded.
        again: Resources to fetch once more.
    """

    facts: tuple[HeldFailure, ...] = ()
    broken: tuple[HeldFailure, ...] = ()
    again: tuple[Work, ...] = ()


_NOTHING = Verdict()


class Manners:
    """Undocumented forms of refusal of a host, learned while it answers other requests.

    A refusal in an unknown form that comes again and again while controls succeed is the host's
    own manner; one that was followed by the resource itself was something in front of it.

    Args:
        known: How often each form was confirmed and refuted, as :attr:`known` returned it.

    Attributes:
        known: The same, up to date.
    """

    def __init__(self, known: Mapping[str, tuple[int, int]]) -> None:
        self.known = dict(known)

    def knows(self, error: StatusError | RefusedToken) -> bool:
        """Whether such a refusal is the host's own."""
        confirmed, refuted = self.known.get(_form(error), (0, 0))
        return confirmed >= _CONFIRMED + _PER_REFUTED * refuted

    def note(self, error: StatusError | RefusedToken, *, is_own: bool) -> None:
        """Record whether a form of refusal was confirmed or refuted."""
        confirmed, refuted = self.known.get(_form(error), (0, 0))
        self.known[_form(error)] = (confirmed + is_own, refuted + (not is_own))


class FailureTriage:
    """Holds failures back, and classifies them when another request has succeeded.

    Args:
        manners: How the host refuses.
        now: The clock's seconds.
    """

    def __init__(self, manners: Manners, now: Callable[[], float]) -> None:
        self.manners = manners
        self._suspensions = 0
        self._now = now
        self._held: dict[int, HeldFailure] = {}
        self._asked_before: dict[int, HeldFailure] = {}
        self._undecided: dict[int, HeldFailure] = {}
        self._moment = 0
        self._run_ended = 0  # requests that left by this moment may have met what gave a run
        self._suspects_in_a_row = 0
        self._own_in_a_row = 0.0
        self._usual: Counter[tuple[str, int]] = Counter()

    @contextlib.contextmanager
    def suspended(self) -> Iterator[None]:
        """Inside, a success proves nothing about failures.

        So it is while the server is away, and while controls are asked: what stands in front of the
        API may go at any moment, and what is read next says nothing about what was said before.
        """
        self._suspensions += 1
        try:
            yield
        finally:
            self._suspensions -= 1

    @property
    def holds(self) -> bool:
        """Whether anything is held back."""
        return bool(self._held or self._undecided)

    @property
    def own_in_a_row(self) -> float:
        """The number of possible answers of the API itself with no success between."""
        return self._own_in_a_row

    @property
    def waits_until(self) -> float:
        """The time when all held failures may be tried again, on the clock."""
        return max((each.not_before for each in self._held.values()), default=0.0)

    def suspect(self) -> HeldFailure | None:
        """A failure that cannot be the API's own answer, if any."""
        return next((each for each in self._held.values() if not each.is_own), None)

    def any(self) -> HeldFailure | None:
        """Any failure, if there is one."""
        return next(iter(self._held.values()), None)

    def are_all_rights(self) -> bool:
        """Whether all held failures are missing rights, possibly answered by the API itself."""
        return self.holds and all(
            each.is_own and isinstance(each.error, Forbidden)
            for each in (*self._held.values(), *self._undecided.values())
        )

    def paths(self) -> set[str]:
        """The paths of all held failures."""
        return {each.work.path for each in (*self._held.values(), *self._undecided.values())}

    def leave(self) -> int:
        """Note that a request leaves; return the moment, for :meth:`succeed`."""
        self._moment += 1
        return self._moment

    def hold(
        self, work: Work, error: RequestError | AuthenticationError, began: int | None = None
    ) -> Sign | None:
        """Hold a failure back; return the required reaction.

        Args:
            work: The resource.
            error: The exception.
            began: The moment when the request left; None for now.
        """
        before = self._asked_before.pop(work.id, None)
        asked = (0 if before is None else before.asked) + (not is_unreachable(error))
        is_own = self.is_own(error)
        wait = min(getattr(error, "retry_after", None) or 0.0, _LONGEST_WAIT)
        held = HeldFailure(
            work, _bare(error), asked, self.leave(), is_own, self._now() + wait if wait else 0.0
        )
        is_in_a_run = self._suspensions and any(each.in_a_run for each in self._held.values())
        if is_in_a_run or (began is not None and began <= self._run_ended):
            held = self._in_a_run(held)  # its tail, whenever that arrives
        self._held[work.id] = held
        if is_own or isinstance(error, RefusedToken):
            # A token that was just given is refused by the API or for it: a control tells which.
            self._own_in_a_row += _USUAL_WEIGHT if self._is_usual(held) else 1
        else:
            self._suspects_in_a_row += 1
        if self._suspects_in_a_row >= IN_A_ROW:
            return Sign.AWAY
        if self._suspects_in_a_row + self._own_in_a_row >= IN_A_ROW:
            self._doubt_run()
            return Sign.DOUBTFUL
        return None

    def _doubt_run(self) -> None:
        for number, each in self._held.items():
            self._held[number] = self._in_a_run(each)

    def _in_a_run(self, held: HeldFailure) -> HeldFailure:
        if held.is_own and held.asked < _ASKED_IN_A_RUN and not self._is_usual(held):
            return attrs.evolve(held, in_a_run=True)
        return held

    def succeed(self, began: int, work: Work | None = None) -> Verdict:
        """Classify held failures after a success.

        Args:
            began: The moment when the request left.
            work: Its resource; None for a control.
        """
        self._suspects_in_a_row, self._own_in_a_row = 0, 0.0
        if work is not None and (self._asked_before or self._held):
            self._held.pop(work.id, None)
            before = self._asked_before.pop(work.id, None)
            if before is not None and not before.in_outage:
                self._note_manner(before, is_own=False)
        elif any(each.in_a_run for each in self._held.values()):
            self._run_ended = self._moment
        if not self._held or self._suspensions:
            return _NOTHING
        told = [
            each
            for each in self._held.values()
            if each.arrived < began and each.not_before <= self._now()
        ]
        for each in told:
            del self._held[each.work.id]
        return self._sort(told)

    def take(self) -> list[HeldFailure]:
        """Remove and return all failures of an interruption, which prove nothing."""
        taken = list(self._held.values())
        self._held.clear()
        self._suspects_in_a_row, self._own_in_a_row = 0, 0.0
        for each in taken:
            # Once more, and it is broken if it fails while a control succeeds.
            asked = ASKED_AT_MOST - 1 if each.asked else 0
            self._asked_before[each.work.id] = attrs.evolve(each, asked=asked, in_outage=True)
        return taken

    def put_back(self, held: Iterable[HeldFailure]) -> None:
        """Put back failures that were not tried again."""
        for each in held:
            self._asked_before.pop(each.work.id, None)
            self._held[each.work.id] = each

    def resolve_at_end(self) -> tuple[HeldFailure, ...]:
        """Return failures refused in an unknown form, which count as broken."""
        undecided = tuple(self._undecided.values())
        self._undecided.clear()
        return undecided

    # -- inside ------------------------------------------------------------------------------

    def _sort(self, told: Iterable[HeldFailure]) -> Verdict:
        facts: list[HeldFailure] = []
        broken: list[HeldFailure] = []
        again: list[Work] = []
        for each in told:
            if each.is_own and not each.in_a_run:
                facts.append(each)
            elif each.is_own or each.asked < ASKED_AT_MOST:
                self._asked_before[each.work.id] = each
                again.append(each.work)
            elif self._note_manner(each, is_own=True):
                self._undecided[each.work.id] = each
            else:
                broken.append(each)
        known = [each for each in self._undecided.values() if self.is_own(each.error)]
        facts += [self._undecided.pop(each.work.id) for each in known]
        for each in facts:
            self._usual[each.work.kind, getattr(each.error, "status", 0)] += 1
        return Verdict(tuple(facts), tuple(broken), tuple(again))

    def _note_manner(self, held: HeldFailure, *, is_own: bool) -> bool:
        """Count a refusal's form if it is not documented; return whether it was counted."""
        error = held.error
        if isinstance(error, StatusError):
            if error.is_proven or error.status not in _CLIENT_ERRORS:
                return False
        elif not isinstance(error, RefusedToken):
            return False
        self.manners.note(error, is_own=is_own)
        return True

    def _is_usual(self, held: HeldFailure) -> bool:
        return self._usual[held.work.kind, getattr(held.error, "status", 0)] >= _USUAL

    def is_own(self, error: ElementsProcuraError) -> bool:
        """Whether a failure may be the API's own answer about the resource."""
        if isinstance(error, RefusedToken):
            return self.manners.knows(error)
        if not isinstance(error, StatusError):
            return False
        # Procura says with a 500 that something is not there.
        if not isinstance(error, NotFound | Forbidden) and error.status not in _CLIENT_ERRORS:
            return False
        return error.is_proven or self.manners.knows(error)


def is_unreachable(error: ElementsProcuraError) -> bool:
    """Whether a failure is unrelated to the resource: no connection, or no token."""
    if isinstance(error, RefusedToken):
        return not error.template  # several in a row, whatever they were sent with
    return isinstance(error, NotSent) or (
        isinstance(error, AuthenticationError) and not is_final(error)
    )


def is_missing_right(error: ElementsProcuraError) -> bool:
    """Whether a failure, once proven, means a missing right."""
    # Some servers say 401 where others say 403, and so does what stands in front of one.
    return isinstance(error, Forbidden | RefusedToken) or (
        isinstance(error, StatusError) and error.status == HTTPStatus.UNAUTHORIZED
    )


def _form(error: StatusError | RefusedToken) -> str:
    return f"{error.status} {error.manner}"


def _bare(error: RequestError | AuthenticationError) -> RequestError | AuthenticationError:
    """Return an exception without its traceback, whose frames would keep data alive."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)

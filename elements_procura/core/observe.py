"""Watching a session: what it calls while requests wait, leave, are answered and are repeated.

Only what may be seen anywhere: method and template, never an address, a query, a body or a token.
"""

import logging
from collections.abc import Callable, Iterable

import attrs

from elements_procura.scheduler import Limit, Usage

log: logging.Logger = logging.getLogger("elements_procura.observe")


@attrs.frozen(eq=False)
class Call:
    """One request and all its attempts; the same object in everything that is reported of it.

    Attributes:
        method: ``GET``, ``POST``, …
        template: The path with names in place of its ids.
        tenant: Whose: the client's ``tenant``, or its host.
        host: The server's name.
        port: The server's port.
        is_token: Whether it asks for a token.
    """

    method: str
    template: str
    tenant: str
    host: str = ""
    port: int | None = None
    is_token: bool = False


class Observer:
    """Base of an observer: override the methods that are of interest.

    They are plain methods, called on the event loop's thread, so they must return quickly. Which
    of them are overridden, in the class or in the object, is seen when a client is made. What they
    raise is logged once per method and never reaches the call. Later versions may add methods
    and keyword arguments: accept ``**more`` where that matters.
    """

    def attached(self, tenant: str, *, quota: Callable[[], tuple[Usage, ...]]) -> None:
        """Report that a client was made.

        Args:
            tenant: Whose.
            quota: Returns how full its windows are; for the event loop's thread only.
        """

    def detached(self, tenant: str) -> None:
        """Report that a client was closed.

        Args:
            tenant: Whose.
        """

    def queued(self, call: Call, *, attempt: int) -> None:
        """Report that an attempt waits for the quota.

        Args:
            call: The request.
            attempt: Number of the attempt, from 1.
        """

    def sent(self, call: Call, *, attempt: int, waited: float) -> None:
        """Report that an attempt leaves.

        Args:
            call: The request.
            attempt: Number of the attempt, from 1.
            waited: Seconds it waited for the quota.
        """

    def answered(
        self,
        call: Call,
        *,
        attempt: int,
        status: int | None,
        seconds: float,
        size: int,
        error: str = "",
    ) -> None:
        """Report that an attempt has ended; called once for every ``sent``.

        Args:
            call: The request.
            attempt: Number of the attempt, from 1.
            status: HTTP status; None if no answer came.
            seconds: From leaving to the end of the answer, or to the failure.
            size: Bytes of the body, decompressed, as far as it was read.
            error: What went wrong, in words without values; empty if nothing did.
        """

    def repeated(self, call: Call, *, attempt: int, why: str, after: float) -> None:
        """Report that a request will be sent again.

        Args:
            call: The request.
            attempt: Number of the attempt that failed.
            why: In words without values.
            after: Seconds until it is queued again.
        """

    def throttled(self, call: Call, *, limit: Limit | None, retry_after: float | None) -> None:
        """Report an answer of 429.

        Args:
            call: The request.
            limit: Which limit the server named; None if it did not say.
            retry_after: Seconds of its ``Retry-After``, if it sent one.
        """

    def renewed(self, tenant: str, *, is_granted: bool) -> None:
        """Report the outcome of a request for a token.

        Args:
            tenant: Whose.
            is_granted: Whether there is a new token.
        """

    def interrupted(self, tenant: str, *, reason: str) -> None:
        """Report that a harvest pauses, because nothing that answers is the API.

        Args:
            tenant: Whose.
            reason: In words without values.
        """

    def resumed(self, tenant: str, *, seconds: float) -> None:
        """Report that the API answers again.

        Args:
            tenant: Whose.
            seconds: How long the interruption was.
        """


Observers = Observer | tuple[Observer, ...] | None
"""What is given as ``observer=``."""
METHODS = tuple(name for name in vars(Observer) if not name.startswith("_"))


class _Observers(Observer):
    """Passes everything on to some observers, and keeps what they raise from the call."""

    def __init__(self, observers: tuple[Observer, ...]) -> None:
        self.observers = observers
        # Most methods of most observers are the base's, which do nothing.
        self.hearers: dict[str, tuple[Observer, ...]] = {
            method: tuple(each for each in observers if _hears(each, method)) for method in METHODS
        }
        self._failed: set[tuple[int, str]] = set()  # by identity: it need not be hashable

    def _fail(self, observer: Observer, method: str, error: BaseException) -> None:
        if (id(observer), method) not in self._failed:
            self._failed.add((id(observer), method))
            log.warning(
                "%s.%s failed with %s; further failures of it are not logged",
                type(observer).__name__,
                method,
                type(error).__name__,
                exc_info=error,
            )


def _hears(observer: Observer, method: str) -> bool:
    """Whether it has a method of its own, be it the class's or the object's."""
    is_own = getattr(type(observer), method, None) is not vars(Observer)[method]
    return is_own or method in getattr(observer, "__dict__", ())


def _passing(method: str) -> Callable[..., None]:
    def call(self: _Observers, *args: object, **named: object) -> None:
        for each in self.hearers[method]:
            try:
                getattr(each, method)(*args, **named)
            except (KeyboardInterrupt, SystemExit):  # of the whole process, not of the observer
                raise
            except BaseException as error:  # noqa: BLE001 - whatever it raises, the call goes on
                self._fail(each, method, error)

    return call


for _method in METHODS:
    setattr(_Observers, _method, _passing(_method))


def guarded(*observers: Observers) -> Observer | None:
    """Return one observer that passes on to all and never raises; None for nobody.

    Args:
        observers: Those to call, each once, or tuples of them; None is left out.
    """
    flat = _flat(observers)
    return _Observers(tuple(flat)) if flat else None


def newcomers(observer: Observer | None, present: Observer | None) -> Observer | None:
    """Return those of an observer's that are not called already, as :func:`guarded` does.

    Args:
        observer: Those who come.
        present: Those who are called.
    """
    known = _flat([present])
    return guarded(*(each for each in _flat([observer]) if not _is_among(each, known)))


def _flat(observers: Iterable[Observers]) -> list[Observer]:
    flat: list[Observer] = []
    for each in observers:
        inside: Iterable[Observer | None] = each if isinstance(each, tuple) else (each,)
        if isinstance(each, _Observers):
            inside = each.observers
        for one in inside:
            if one is not None and not _is_among(one, flat):
                flat.append(one)
    return flat


def _is_among(observer: Observer, others: Iterable[Observer]) -> bool:
    """Whether it is one of them: two that are equal count apart."""
    return any(observer is each for each in others)

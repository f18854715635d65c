"""Investigating failures: probe a resource that was readable before, wait, try again."""

import contextlib
from collections.abc import Awaitable, Callable

from elements_procura.errors import (
    AuthenticationError,
    DailyQuotaExceeded,
    Forbidden,
    NotFound,
    ProtocolError,
    RateLimited,
    RefusedToken,
    RequestError,
)
from elements_procura.harvest._triage import IN_A_ROW, FailureTriage, HeldFailure, is_unreachable
from elements_procura.harvest._weather import Weather
from elements_procura.harvest.patience import is_final
from elements_procura.spec.source import Answer, Source, Work

Failure = RequestError | AuthenticationError
_Refused = list[tuple[Work, Failure]]
CONTROLS = 8
"""The number of controls tried in turn, since any of them may be gone by now."""


class Outage:
    """Checks whether the server is away, and waits until it is back.

    Args:
        source: The API.
        triage: The failures so far.
        weather: Who waits.
        control: Returns a resource that was readable before, apart from some paths.
        settle: Called when a request has succeeded that began at a moment.
        take: Stores an answer if it belongs to its request.
        count: Receives the number of probes.
        ask_again: Told of requests that are sent again because they have failed.
        is_over: Whether the run is to end now.
    """

    def __init__(
        self,
        source: Source,
        triage: FailureTriage,
        weather: Weather,
        *,
        control: Callable[[set[str]], Awaitable[Work | None]],
        settle: Callable[[int], Awaitable[None]],
        take: Callable[[Work, Answer, int], Awaitable[ProtocolError | None]],
        count: Callable[[int], Awaitable[None]],
        ask_again: Callable[[int], None],
        is_over: Callable[[], bool],
        quota_is_back: Callable[[float], Awaitable[bool]],
    ) -> None:
        self._source = source
        self._triage = triage
        self._weather = weather
        self._readable = control
        self._settle = settle
        self._take = take
        self._count = count
        self._ask_again = ask_again
        self._is_over = is_over
        self._quota_is_back = quota_is_back
        self._is_asking = False
        self._failed_controls: set[str] = set()
        self._left = 0  # the moment when the latest probe left

    async def doubt(self) -> None:
        """Probe a control after many answers of "not found": if that fails, the server is away."""
        if self._is_asking or not self._weather.is_clear:
            return
        self._is_asking = True
        try:
            error = await self.inquire()
        finally:
            self._is_asking = False
        if error is not None:
            await self.sit_out(error)

    async def inquire(self) -> Failure | None:
        """Probe controls to judge the failures; return the probe's failure, None if they are facts.

        Where every right but that to the listing is withdrawn, the listing is the control. It
        proves nothing about answers of "not found": by that something might be lost.
        """
        refused: _Refused = []
        with self._triage.suspended():
            error = await self.probe(refused)
            if isinstance(error, NotFound | Forbidden | RefusedToken):  # it may be gone itself
                error = await self.probe(refused)
            if (
                isinstance(error, Forbidden)
                and self._triage.is_own(error)
                and self._triage.are_all_rights()
            ):
                error = await self._probe_listing(refused)
        if error is None:
            await self._settle(self._left)
        return error

    async def sit_out(self, error: Failure) -> None:
        """Pause all workers until the server is back and every failed resource was tried again.

        Raises:
            ServerAway: It did not come back in time.
        """
        if not self._weather.is_clear:
            return  # somebody is waiting for it already
        is_lost = True
        failed: Failure | None = error
        try:
            while failed is not None and await self.wait(failed):
                failed = await self._ask_once_more()
            is_lost = False
        finally:
            self._weather.open(is_lost=is_lost)

    async def wait(self, error: Failure) -> bool:
        """Wait until the server is back; False when the run ends before.

        Raises:
            ServerAway: It did not come back in time.
        """
        failed: Failure | None = error
        # What was said while the server was away is no fact, whatever comes after it.
        with self._triage.suspended():
            await self._weather.begin(error)
            while failed is not None:
                if not await self._weather.wait(failed):
                    return False
                failed = await self.probe()
            await self._weather.end()
        return True

    async def probe(self, refused: _Refused | None = None) -> Failure | None:
        """Request a resource that was readable before; return its failure, None if it succeeds.

        Args:
            refused: Controls that have just failed, and how; this one is added if it does.

        Raises:
            AuthenticationError: The server refuses these credentials.
        """
        control = await self._control()
        if control is None:
            return await self._probe_in_question()
        began = self._left = self._triage.leave()
        error = await self._ask(control)
        if error is None:
            self._failed_controls.clear()
            if (error := await self._passing(refused)) is None:
                await self._settle(began)
        elif isinstance(error, NotFound | Forbidden | RefusedToken):
            self._failed_controls.add(control.path)
            if refused is not None:
                refused.append((control, error))
        return error

    async def _passing(self, refused: _Refused | None) -> Failure | None:
        """The failure of an earlier control that is readable again: then it was weather.

        Whatever stood before the API may have gone between two probes.
        """
        if not refused:
            return None
        control, error = refused[-1]
        return error if await self._ask(control) is None else None

    async def _control(self) -> Work | None:
        if len(self._failed_controls) >= CONTROLS:
            self._failed_controls.clear()
        control = await self._readable(self._triage.paths() | self._failed_controls)
        if control is None and self._failed_controls:
            self._failed_controls.clear()
            control = await self._readable(self._triage.paths())
        return control

    async def _probe_in_question(self) -> Failure | None:
        """Probe with the failed resources themselves, because nothing was ever readable."""
        suspect = self._triage.suspect()
        if suspect is None:
            return await self._probe_listing() if self._triage.holds else None
        began = self._left = self._triage.leave()
        before = self._source.sent
        answer = await self._fetched(suspect.work)
        if isinstance(answer, RequestError | AuthenticationError):
            await self._count(self._source.sent - before)
            if not self._triage.is_own(answer):
                return answer
            self._triage.hold(suspect.work, answer)
            return await self._probe_listing()
        return await self._take(suspect.work, answer, began)

    async def _probe_listing(self, refused: _Refused | None = None) -> Failure | None:
        """Probe with the listing; a listing without requests proves nothing."""
        began = self._left = self._triage.leave()
        before = self._source.sent
        try:
            async with contextlib.aclosing(self._source.listing()) as rows:
                async for _ in rows:
                    break
        except RateLimited:
            raise
        except (RequestError, AuthenticationError) as error:
            return _weather_or_raise(error)
        finally:
            await self._count(self._source.sent - before)
        held = self._triage.any()
        if self._source.sent == before and held and self._triage.own_in_a_row >= IN_A_ROW:
            return held.error
        passing = await self._passing(refused)
        if passing is None:
            # Nothing is stored, so nothing can be lost by believing what is said.
            await self._settle(began)
        return passing

    async def _ask(self, control: Work) -> Failure | None:
        await self._count(1)
        answer = await self._fetched(control)
        sent = getattr(answer, "attempts", 1)
        if sent != 1:
            await self._count(sent - 1)
        if isinstance(answer, RequestError | AuthenticationError):
            return answer
        found = self._source.discover(control, answer)
        return found if isinstance(found, ProtocolError) else None

    async def _fetched(self, work: Work) -> Answer | Failure:
        try:
            return await self._source.fetch(work)
        except RateLimited:
            raise
        except DailyQuotaExceeded as error:
            # That is no weather: a probe waits for it like any other request.
            if not await self._quota_is_back(error.resets_at):
                raise
            return await self._fetched(work)
        except (RequestError, AuthenticationError) as error:
            return _weather_or_raise(error)

    async def _ask_once_more(self) -> Failure | None:
        """Fetch all failed resources, one at a time; return a failure that shows a new outage."""
        left = self._triage.take()
        try:
            while left and not self._is_over():
                error = await self._ask_one(left[0])
                if error is not None:
                    return error
                del left[0]
        finally:
            self._triage.put_back(left)
        return None

    async def _ask_one(self, held: HeldFailure) -> Failure | None:
        began = self._triage.leave()
        self._ask_again(1)
        answer = await self._fetched(held.work)
        failed = (
            answer
            if isinstance(answer, RequestError | AuthenticationError)
            else await self._take(held.work, answer, began)
        )
        if failed is None:
            return None
        if is_unreachable(failed):
            return failed
        self._triage.hold(held.work, failed)
        # Broken it is only if others can be read now.
        return await self.probe()


def _weather_or_raise(error: Failure) -> Failure:
    """Return the failure, or raise it if the server itself refuses these credentials."""
    if is_final(error):
        raise error.with_traceback(None) from None
    return error

"""A gate that several processes share: one driver per process takes turns at the store."""

import asyncio
import contextlib
import copy
import logging
import uuid
from typing import TYPE_CHECKING, Any

from elements_procura.errors import ConfigError, StoreError
from elements_procura.scheduler._grants import (
    Grant,
    SharedPermit,
    check_words,
    lanes_of,
    most,
    other_limits,
)
from elements_procura.scheduler._places import FLIGHT
from elements_procura.scheduler._quotas import Quotas
from elements_procura.scheduler._rates import Priority, Usage
from elements_procura.scheduler._store_clock import StoreClock
from elements_procura.scheduler._turns import TURN_SECONDS, Report, TurnLost

if TYPE_CHECKING:
    from elements_procura.clock import Clock
    from elements_procura.scheduler._turns import Turns
    from elements_procura.scheduler.gate import GateLimits, Line, Permit

_log = logging.getLogger(__name__)

_NOW = 1e-6
# Seconds after its moment at which a grant lapses: the process may have been stopped meanwhile.
_LAPSE = 0.25
_AGAIN = 0.25  # after a lost turn
_GIVE_UP = 60.0  # seconds of lost turns in a row after which those who wait hear of it
_FAR = 3600.0
_REPORT, _REPORT_IN_COMPANY = 0.25, 0.02
_COALESCE = 0.005
_MOST = 10  # of a lane, so many wants are said


class SharedGate:
    """Decides together with other processes, by turns at a store.

    Args:
        account: Which account of the server this is.
        site: Where this process is: processes of one site have the same way to the server.

    Raises:
        ConfigError: ``account`` is empty, or one of the two is not a text that can be written.
    """

    def __init__(self, *, account: str, site: str) -> None:
        if not account:
            raise ConfigError("account must name the account whose limits are shared")
        check_words(account=account, site=site)
        self._account = account
        self._site = site
        self._is_attached = self._closed = False
        self._driver: asyncio.Task[None] | None = None
        self._turns: Turns | None = None
        self._line: Line | None = None
        self._error: StoreError | None = None
        self._hand: list[Grant] = []
        self._held: dict[str, Grant] = {}
        self._reports: list[Report] = []
        self._owner = ""
        self._adopt: list[str] = []
        self._call = 0
        self._told = [0, 0, 0]
        self._epoch, self._turn, self._rev = "", 0, -1
        self._memory: list[list[Any]] = []
        self._next = float("inf")
        self._report_by = float("inf")
        self._company_until = float("-inf")
        self._is_interactive = False
        self._lost_since: float | None = None
        self._places: list[list[float]] = []
        self._seen = 0.0

    def _open_turns(self, clock: "Clock") -> "Turns":
        raise NotImplementedError

    def attach(self, limits: "GateLimits", clock: "Clock") -> None:
        """Begin, with the limits and the clock of the scheduler.

        Raises:
            ConfigError: The gate belongs to another scheduler, or the mode is ``"adaptive"``: its
                gears need one observer of all answers.
        """
        if self._is_attached:
            raise ConfigError(
                "This gate belongs to another scheduler",
                hint="Make one gate per scheduler, or hand one scheduler to several clients",
            )
        if limits.mode != "guarantee":
            raise ConfigError(
                "A shared gate keeps to mode='guarantee'",
                hint="Leave mode out, or share nothing: mode='adaptive' is for one process alone",
            )
        self._is_attached = True
        self._limits = limits
        self._clock = clock
        self._short = [rate for rate in limits.rates if not rate.is_quota]
        long = [rate for rate in limits.rates if rate.is_quota]
        self._quotas = Quotas(long, limits.bulk_share, clock, None)
        self._store_clock = StoreClock(clock)
        self._news = asyncio.Event()
        self._wake = asyncio.Event()

    def _new_owner(self) -> None:
        self._owner = uuid.uuid4().hex[:12]

    # ------------------------------------------------------------------ decisions

    def check(self, priority: "Priority") -> None:
        """Refuse at once a request that no window will let through soon.

        Raises:
            DailyQuotaExceeded: A long window is used up for this priority.
        """
        self._drop_lapsed(self._clock.now())
        if not self._hand and (error := self._quotas.exceeded(priority)) is not None:
            raise error

    def reserve_for_interactive(self) -> None:
        """Keep places free for a while, in all processes: somebody interactive is about."""
        self._is_interactive = True

    def try_acquire(self, priority: "Priority", *, reserve: bool) -> "Permit | float":
        """Permit one request by a grant that is there, or give the moment of the next try."""
        now = self._clock.now()
        if self._driver is None and not self._closed:
            self._driver = asyncio.get_running_loop().create_task(self._drive())
        self._drop_lapsed(now)
        if not self._hand:
            self._wake.set()  # whoever has come is in the line when the driver runs
            return now + _FAR
        if self._hand[0].at > now + _NOW:
            return self._hand[0].at
        grant = self._hand.pop(0)
        self._held[grant.name] = grant
        bulk = int(priority is Priority.BULK)
        return SharedPermit(grant, now, bulk, note=self._note, clock=self._clock)

    async def wait(self, until: float, line: "Line") -> None:
        """Return when a grant is due, or the store has said something new.

        Args:
            until: What :meth:`try_acquire` has given, in seconds of the clock.
            line: Who waits.

        Raises:
            StoreError: The store cannot be used, or has been out of reach for a minute.
        """
        self._line = line
        self._news.clear()
        self._wake.set()
        if self._error is None:
            if self._hand:
                await self._clock.sleep(max(self._hand[0].at - self._clock.now(), _NOW))
            else:
                await self._news.wait()
        if self._error is not None:
            error, self._error = self._error, None
            raise copy.copy(error)

    def _drop_lapsed(self, now: float) -> None:
        while self._hand and self._hand[0].until < now:
            self._give_back(self._hand.pop(0))

    def _give_back(self, grant: Grant) -> None:
        self._held[grant.name] = grant
        self._note(grant, "back", self._clock.now(), None, 0)

    # ------------------------------------------------------------------ what permits report

    def _note(
        self, grant: Grant, kind: str, sent: float, retry_after: float | None, bulk: int
    ) -> None:
        """Take note of the end of a grant, for the next turn."""
        if self._held.pop(grant.name, None) is None:
            return
        now = self._clock.now()
        at = max(now, sent + FLIGHT) if kind == "none" else now
        wait = -1.0 if retry_after is None else retry_after * 1000
        rtt = round((now - sent) * 1000, 3)
        self._reports.append(Report(grant.name, at, kind, rtt, wait, bulk, grant.granted))
        is_company = now < self._company_until
        soon = _REPORT_IN_COMPANY if is_company else _REPORT
        by = now + (soon if kind in ("ok", "none") else 0.0)
        if kind == "day":
            self._quotas.exhaust(retry_after)
        if by < self._report_by:
            self._report_by = by
            self._wake.set()

    # ------------------------------------------------------------------ the driver

    async def _drive(self) -> None:
        try:
            # Here, not with the gate: processes that are forked from one must not be one owner.
            if self._owner:  # this is another beginning, after a failure
                self._adopt.append(self._owner)
            self._new_owner()
            self._turns = self._open_turns(self._clock)
            while not self._closed:
                await self._until_next()
                await self._take_turn()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - nobody awaits this task; who waits must hear
            _log.exception("The shared gate has failed")
            self._fail(StoreError(f"The shared gate has failed: {type(error).__name__}"))
            self._driver = None

    def _wants(self) -> list[int]:
        if self._line is None:
            return [0, 0, 0]
        wants = [min(self._line.waiting(priority), _MOST) for priority in Priority]
        in_hand = len(self._hand)
        for lane in range(len(wants)):  # the first of the line get what is in hand
            taken = min(wants[lane], in_hand)
            wants[lane] -= taken
            in_hand -= taken
        return wants

    def _is_due(self, wants: list[int]) -> bool:
        """Whether somebody waits of whom the store has not heard."""
        return any(want and not told for want, told in zip(wants, self._told, strict=True))

    async def _until_next(self) -> None:
        """Sleep until there is a reason for a turn."""
        while True:
            now = self._clock.now()
            self._wake.clear()
            self._drop_lapsed(now)
            wants = self._wants()
            if self._lost_since is None and (self._is_due(wants) or self._memory):
                return
            is_busy = any(wants) or any(self._told) or self._held or self._hand
            due = self._next if is_busy or self._lost_since is not None else float("inf")
            if self._lost_since is None:
                due = min(due, self._report_by)
            if due <= now + _NOW:
                return
            if self._hand:
                due = min(due, self._hand[0].until + _NOW)
            seconds = None if due == float("inf") else max(due - now, _NOW)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
            # Whoever comes in the same moment is asked for together.
            await asyncio.sleep(0)

    def _ask(self, wants: list[int], *, leaves: bool = False) -> dict[str, Any]:
        now = self._clock.now()
        self._call += 1
        quotas = [
            [quota.rate.limit, quota.rate.seconds, quota.bulk_limit, f"{quota.rate.seconds:g}"]
            for quota in self._quotas.each
        ]
        min_rtt = self._limits.min_rtt
        return {
            "owner": self._owner,
            "call": self._call,
            "adopt": self._adopt,
            "held": [*self._held, *(grant.name for grant in self._hand)],
            "site": self._site,
            "epoch": self._epoch,
            "turn": self._turn,
            "rev": self._rev,
            "rates": [[rate.limit, rate.seconds * 1000] for rate in self._short],
            "quotas": quotas,
            "min_rtt": -1 if min_rtt is None else min_rtt * 1000,
            "wants": wants,
            "reports": [report.values(now) for report in self._reports],
            "company": int(self._is_interactive),
            "memory": self._memory,
            "ahead": self._store_clock.ask(),
            "leaves": int(leaves),
        }

    async def _take_turn(self) -> None:
        assert self._turns is not None  # noqa: S101 - it is opened before the first turn
        wants = self._wants()
        ask = self._ask(wants)
        self._is_interactive = False
        reported = len(self._reports)
        self._report_by = float("inf")
        started = self._clock.now()
        answer: dict[str, Any] | None
        why = f"it takes longer than {TURN_SECONDS:g} s"
        try:
            answer = await self._turns.turn(ask)
        except TurnLost as lost:
            answer, why = None, str(lost) or why
        except StoreError as error:
            answer, why = None, str(error.args[0])
            self._fail(error)
        if answer is not None and "error" in answer:
            answer, why = None, "other limits"
            self._fail(other_limits(self._account))
        elif answer is not None and not self._store_clock.agrees(answer):
            answer, why = None, "its clock was set forward"
        if answer is None or self._clock.now() - started > TURN_SECONDS:
            self._is_interactive = self._is_interactive or bool(ask["company"])
            self._lose(why)
            return
        self._lost_since = self._error = None
        del self._reports[:reported]
        self._adopt = []
        self._told = wants
        self._apply(answer, started)

    def _lose(self, why: str) -> None:
        """Go on as somebody new: what a lost turn has granted must never be used."""
        now = self._clock.now()
        if self._lost_since is None:
            self._lost_since = now
            _log.warning("Nothing leaves by the shared gate of %s: %s", self._account, why)
        elif now - self._lost_since > _GIVE_UP:
            self._lost_since = now
            self._fail(
                StoreError(
                    f"The shared gate does not answer for {_GIVE_UP:g} s: {why}",
                    hint="Is its store there? Nothing was sent meanwhile; go on when it is",
                )
            )
        self._adopt = [*self._adopt, self._owner]
        self._new_owner()
        self._told = [0, 0, 0]
        self._next = now + _AGAIN

    def _fail(self, error: StoreError) -> None:
        self._error = error
        self._news.set()

    def _apply(self, answer: dict[str, Any], started: float) -> None:
        now = self._clock.now()
        if answer["epoch"] != self._epoch and self._epoch:
            self._memory = most(self._memory, [quota.memory() for quota in self._quotas.each])
        elif self._memory:
            self._memory = []
        self._epoch, self._turn, self._rev = answer["epoch"], answer["turn"], answer["rev"]
        self._company_until = now + answer["company"] / 1000
        self._places, self._seen = answer["places"], now
        for quota, (day, full, is_whole, counts) in zip(
            self._quotas.each, answer["days"], strict=True
        ):
            quota.adopt(day, full, counts, is_whole=bool(is_whole))
        is_used_up = self._quotas.exceeded(Priority.BULK) is not None  # or of everybody
        for name, after, _, granted in answer["grants"]:
            at = now + after / 1000
            until = min(at + _LAPSE, started + TURN_SECONDS + after / 1000)
            self._hand.append(Grant(name, at, until, granted))
        self._hand.sort(key=lambda grant: grant.at)
        self._told = [
            told - given for told, given in zip(self._told, lanes_of(answer), strict=True)
        ]
        self._next = now + max(answer["next"] / 1000, _COALESCE)
        if answer["grants"] or is_used_up:
            self._news.set()

    # ------------------------------------------------------------------ the rest

    def usage(self) -> tuple[Usage, ...]:
        """Describe how full every window is, as of the last turn."""
        now, wall = self._clock.now(), self._clock.wall()
        quotas, places = iter(self._quotas.each), iter(self._places)
        usages = []
        for rate in self._limits.rates:
            if rate.is_quota:
                usages.append(next(quotas).usage(wall))
                continue
            used, free = next(places, (0, -1.0))
            resets_at = None if free < 0 else wall + self._seen - now + free / 1000
            left = rate.limit - int(used)
            usages.append(Usage(rate, int(used), left, left, rate.limit, resets_at))
        return tuple(usages)

    async def aclose(self) -> None:
        """Report what is left to report, and let go of the store."""
        if self._closed:
            return
        self._closed = True
        if self._driver is not None:
            while not self._driver.done():  # a store's library may swallow a cancellation
                self._driver.cancel()
                await asyncio.wait({self._driver}, timeout=TURN_SECONDS)
        if self._turns is None:
            return
        while self._hand:
            self._give_back(self._hand.pop())
        with contextlib.suppress(Exception):  # whoever leaves needs no answer
            async with asyncio.timeout(TURN_SECONDS):
                await self._turns.turn(self._ask([0, 0, 0], leaves=True))
        await self._turns.aclose()

"""Tracking a running harvest: its counts, speed, plan and expected end."""

import asyncio
from collections.abc import Callable

import attrs

from elements_procura.clock import Clock
from elements_procura.errors import StoreError
from elements_procura.harvest import (
    AnswerStored,
    Event,
    Harvest,
    Progress,
    ResourceGone,
    ResourceQuarantined,
)
from elements_procura.harvest.address import Where
from elements_procura.harvest.events import HarvestInterrupted, HarvestResumed, RefreshStarted
from elements_procura.harvest.policy.eta import Allowance, Eta, Speed, estimate, left_of
from elements_procura.harvest.policy.forecast import plan_of
from elements_procura.harvest.policy.plan import ENOUGH, SHARE_OF_RATE, Pace, Plan, Range
from elements_procura.harvest.store import StoreReader
from elements_procura.scheduler import Usage

PLAN_SECONDS = 60.0
"""Seconds between plans, which improve with every complete dossier."""
_MOST_SAMPLES = 200  # dossiers; a plan made anew every minute need not look at more
_DAY = 86_400.0


@attrs.frozen
class Facts:
    """The state of a harvest at one moment.

    Attributes:
        progress: Its counts.
        now: The moment, in seconds since the epoch.
        elapsed: Seconds since the run began.
        speed: Requests per second over the last minutes, if known.
        eta: The expected end, if known.
        quota: The use of the long windows.
        age: Seconds since the last answer was stored; None if this run has stored none.
        away: Seconds since the server went; None while it is there.
    """

    progress: Progress
    now: float
    elapsed: float
    speed: Range | None = None
    eta: Eta | None = None
    quota: tuple[Usage, ...] = ()
    age: float | None = None
    away: float | None = None


class Tracker:
    """Follows one run.

    Args:
        run: The run; somebody else iterates over it.
        quota: The use of its client's windows.
        clock: The time.
        where: The store's address as it was given, with how to connect; by default its identity.

    Attributes:
        plan: The last plan, or None.
    """

    def __init__(
        self,
        run: Harvest,
        quota: Callable[[], tuple[Usage, ...]],
        *,
        clock: Clock,
        where: Where | None = None,
    ) -> None:
        self.plan: Plan | None = None
        self._run = run
        self._where = run.url if where is None else where
        self._quota = quota
        self._clock = clock
        self._speed = Speed()
        self._begun = clock.now()
        self._answered: float | None = None
        self._went: float | None = None
        self._planned_at = float("-inf")
        self._requests_then = self._harvested_then = 0
        self._left_then = Range(0, 0, 0)
        self._refresh: RefreshStarted | None = None

    def saw(self, event: Event) -> None:
        """Receive an event of the run."""
        if isinstance(event, AnswerStored | ResourceGone | ResourceQuarantined):
            self._answered = self._clock.now()
        elif isinstance(event, HarvestInterrupted):
            self._went = self._clock.now()
        elif isinstance(event, HarvestResumed):
            self._went = None
        elif isinstance(event, RefreshStarted):
            self._refresh = event
            self._planned_at = float("-inf")

    @property
    def plan_is_due(self) -> bool:
        """Whether it is time for a new plan."""
        if self.plan is None:
            return False
        if not self.plan.verified:
            harvested = self._run.progress.harvested
            return harvested >= max(ENOUGH, 2 * self._harvested_then)
        return self._clock.now() - self._planned_at >= PLAN_SECONDS

    async def make_plan(self, *, most: int = _MOST_SAMPLES) -> Plan | None:
        """Plan the rest of the harvest, from the store.

        Args:
            most: How many complete dossiers to look at.

        Returns:
            None without data for a plan.
        """
        plan = await asyncio.to_thread(_read_plan, self._where, self._pace(), most)
        progress = self._run.progress
        self._planned_at = self._clock.now()
        if plan is not None:
            self.plan = plan
            self._requests_then = progress.requests
            self._harvested_then = progress.harvested
            self._left_then = _more(plan.requests, self._to_begin(progress))
        return plan

    def facts(self) -> Facts:
        """The current state of the run."""
        now, progress = self._clock.now(), self._run.progress
        self._speed.mark(now, progress.requests)
        quota = tuple(each for each in self._quota() if each.rate.is_quota)
        speed = self._speed.per_second()
        return Facts(
            progress,
            now=self._clock.wall(),
            elapsed=now - self._begun,
            speed=speed,
            eta=self._eta(progress, speed, quota),
            quota=quota,
            age=None if self._answered is None else now - self._answered,
            away=None if self._went is None else now - self._went,
        )

    def _to_begin(self, progress: Progress) -> float:
        """Requests of refreshes that have not begun and are not queued yet."""
        if self._refresh is None or not progress.to_refresh:
            return 0.0
        return self._refresh.requests * (1 - progress.refreshed / progress.to_refresh)

    def _eta(self, progress: Progress, speed: Range | None, quota: tuple[Usage, ...]) -> Eta | None:
        if self.plan is None or speed is None:
            return None
        since = progress.requests - self._requests_then
        left = left_of(self._left_then, since=since, queued=progress.queued)
        shortest = min(quota, key=lambda each: each.bulk_left, default=None)
        allowance = None if shortest is None else _allowance(shortest)
        return estimate(left, speed, now=self._clock.wall(), allowance=allowance)

    def _pace(self) -> Pace:
        windows = self._quota()
        rates = [each.rate.limit / each.rate.seconds for each in windows if not each.rate.is_quota]
        days = [
            each.bulk_limit * _DAY / each.rate.seconds for each in windows if each.rate.is_quota
        ]
        return Pace(
            per_second=SHARE_OF_RATE * min(rates, default=float("inf")),
            per_day=min(days, default=float("inf")),
        )


def _read_plan(where: Where, pace: Pace, most: int) -> Plan | None:
    """Make a plan in a thread, with its own connection."""
    try:
        with StoreReader.read(where) as reader:
            return plan_of(reader, pace=pace, most=most)
    except StoreError:
        return None  # the harvest itself will tell, if it is more than bad luck


def _more(some: Range, more: float) -> Range:
    return Range(some.low + more, some.expected + more, some.high + more)


def _allowance(usage: Usage) -> Allowance:
    return Allowance(usage.bulk_left, usage.bulk_limit, usage.rate.seconds, usage.resets_at)

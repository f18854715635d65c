"""The observer that counts a harvest's traffic."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

from elements_procura.core.client import Client
from elements_procura.core.observe import Call, Observer, guarded
from elements_procura.harvest.storage import Storage
from elements_procura.harvest.traffic import Latency, Traffic, bucket_of
from elements_procura.scheduler import Limit
from elements_procura.spec.source import Source

log = logging.getLogger("elements_procura.harvest")

_SERVER_ERROR = 500
_MANY = 8
Recall = Callable[[set[asyncio.Task[Any]]], None]


class TrafficCounter(Observer):
    """Counts attempts; for one event loop. It knows which tasks wait for the quota."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Task[Any]] = set()
        self._recall: Recall | None = None
        self._total = self._unkept = Traffic()
        self._forget()

    def _forget(self) -> None:
        self._unanswered = self._throttled = self._server_errors = self._repeated = 0
        self._waited = self._seconds = self._away = 0.0
        self._interruptions = 0
        self._buckets: dict[int, int] = {}
        self._is_new = False

    @property
    def waiting(self) -> int:
        """How many requests wait for the quota."""
        return len(self._waiting)

    @property
    def total(self) -> Traffic:
        """All that was counted since it was made."""
        return self._total + self._since() if self._is_new else self._total

    def take(self) -> Traffic | None:
        """What was counted since the last call, for somebody to keep; None if nothing was."""
        if not self._is_new:
            return None
        since, unkept = self._since(), self._unkept
        self._total += since
        self._unkept = Traffic()
        self._forget()
        return unkept + since

    def put_back(self, traffic: Traffic) -> None:
        """What was taken could not be kept: the next call gives it once more."""
        self._unkept += traffic
        self._is_new = True

    def _since(self) -> Traffic:
        return Traffic(
            unanswered=self._unanswered,
            throttled=self._throttled,
            server_errors=self._server_errors,
            repeated=self._repeated,
            waited=self._waited,
            interruptions=self._interruptions,
            away=self._away,
            latency=Latency(dict(self._buckets), self._seconds),
        )

    def recall(self, recall: Recall) -> None:
        """Call back, from now on, whatever waits for the quota.

        Args:
            recall: Cancels those of some tasks that may be cancelled.
        """
        self._recall = recall
        recall(self._waiting)

    # -- what it is called with --------------------------------------------------------------

    def queued(self, call: Call, *, attempt: int) -> None:
        """An attempt waits for the quota."""
        if task := asyncio.current_task():
            self._waiting.add(task)
        if self._recall is not None:  # once it is seen whether it has to wait at all
            asyncio.get_running_loop().call_soon(self._recall, self._waiting)

    def sent(self, call: Call, *, attempt: int, waited: float) -> None:
        """An attempt leaves."""
        if task := asyncio.current_task():
            self._waiting.discard(task)
        self._waited += waited

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
        """An attempt has ended."""
        self._is_new = True
        if status is None:
            self._unanswered += 1
            return
        self._seconds += seconds
        bucket = bucket_of(seconds)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1
        if status >= _SERVER_ERROR:
            self._server_errors += 1

    def repeated(self, call: Call, *, attempt: int, why: str, after: float) -> None:
        """A request will be sent again."""
        self._repeated += 1
        self._is_new = True

    def throttled(self, call: Call, *, limit: Limit | None, retry_after: float | None) -> None:
        """An answer of 429."""
        self._throttled += 1
        self._is_new = True

    def ask_again(self, requests: int) -> None:
        """The harvest itself sends requests again that have failed."""
        if requests:
            self._repeated += requests
            self._is_new = True

    def interrupted(self, tenant: str, *, reason: str) -> None:
        """The server has gone."""
        self._interruptions += 1
        self._is_new = True

    def resumed(self, tenant: str, *, seconds: float) -> None:
        """The server is back."""
        self.was_away(seconds)

    def was_away(self, seconds: float) -> None:
        """It was away for so long, and need not be back."""
        if seconds:
            self._away += seconds
            self._is_new = True


class TrafficWatch:
    """Whoever watches a run: its counter, the observers of the source's client, and one's own.

    Args:
        source: Whose requests are watched, if it hands out its client.
        observer: One's own, if any.
    """

    def __init__(self, source: Source, observer: Observer | None) -> None:
        client = getattr(source, "client", None)
        self._client = client if isinstance(client, Client) else None
        self._own = observer
        self.counter = TrafficCounter()

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Inside, they see the requests."""
        if self._client is None:
            yield
            return
        with self._client.observed_by(self._own), self._client.observed_by(self.counter):
            yield

    @property
    def host(self) -> str | None:
        """The server's name, if it is known."""
        return None if self._client is None else self._client.host

    def interrupted(self, reason: str) -> None:
        """The server has gone."""
        everybody, tenant = self._everybody()
        log.warning("the server is away: %s", reason, extra={"tenant": tenant})
        everybody.interrupted(tenant, reason=reason)

    def resumed(self, seconds: float) -> None:
        """The server is back."""
        everybody, tenant = self._everybody()
        log.warning("the server is back after %.0f s", seconds, extra={"tenant": tenant})
        everybody.resumed(tenant, seconds=seconds)

    def _everybody(self) -> tuple[Observer, str]:
        if self._client is None:
            return guarded(self._own, self.counter) or self.counter, ""
        return self._client.observer or self.counter, self._client.tenant

    def many_wait(self) -> bool:
        """Whether more requests wait for the quota than leave while answers wait for others."""
        return self.counter.waiting >= _MANY

    def to_keep(self, store: Storage) -> tuple[Callable[[], None], Callable[[], None]] | None:
        """The call that keeps what was counted meanwhile, and the one for when it has failed."""
        if (since := self.counter.take()) is None:
            return None
        traffic = since
        return (lambda: store.add_traffic(traffic)), (lambda: self.counter.put_back(traffic))

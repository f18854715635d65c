"""Tenants spread over the workers of a Dask cluster, by the extra ``fleet``.

Dask only says where a tenant runs. What is done stands in the stores, and who may do it in their
leases: a cluster that is lost loses nothing, and the same call goes on.
"""

import asyncio
import contextlib
import importlib
import pickle
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import attrs

from elements_procura.errors import ConfigError
from elements_procura.fleet._attended import outcome_by_store
from elements_procura.fleet._worker import ask_stop, forget, harvest_in_worker
from elements_procura.fleet.events import FleetEvent
from elements_procura.fleet.exits import Exit
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.spec import TenantSpec
from elements_procura.fleet.stop import StopSignal
from elements_procura.paths import is_loopback

__all__: list[str] = []

LOST = "fleet.scheduler"
"""The code of a tenant whose scheduler is gone, or could not be reached."""
_LOCAL = "local:"
_MOST_THREADS = 64
_CONNECT_SECONDS = 15.0
_AGAIN = 1.0  # seconds between two times that workers are asked to stop
_LOUDEST = 40  # errors; a worker that was killed is not worth a page of warnings
_DRAIN_SECONDS = 11.0  # those of a harvest, and the way there and back
_QUIET = {"logging.distributed": "error"}
_CONFIG = {
    # A worker that dies is nobody's fault until it is proven: see _worker.
    "distributed.scheduler.allowed-failures": 1_000_000,
    # One that was suspended is given up after that; its leases end on their own.
    "distributed.scheduler.worker-ttl": "60s",
}
OnEvent = Callable[[str, FleetEvent], None]


@attrs.frozen
class Cluster:
    """Where the tenants run.

    Attributes:
        address: The scheduler's; ``local:N`` for N processes on this machine.
        security: The client's, with TLS; None for what the configuration of Dask says.
    """

    address: str
    security: Any = attrs.field(default=None, repr=False)

    @classmethod
    def of(cls, given: Any, *, is_unencrypted_allowed: bool) -> "Cluster":
        """Read an address, or take that of a client.

        Args:
            given: ``local:N``, ``tcp://HOST:PORT``, ``tls://HOST:PORT``, or a client of Dask.
            is_unencrypted_allowed: Whether a scheduler may be on another machine without TLS.

        Raises:
            ConfigError: It is none of these, or unencrypted and not on this machine.
        """
        if not isinstance(given, str):
            found = cls(str(given.scheduler.address), given.security)
        else:
            found = cls(given)
        scheme, host = _parts(found.address)
        if found.workers is None and scheme not in ("tcp", "tls", "inproc"):
            raise ConfigError(
                "the Dask cluster is neither tcp://HOST:PORT, tls://HOST:PORT nor local:N",
                hint="local:4 begins four processes on this machine",
            )
        if scheme == "tcp" and not is_loopback(host) and not is_unencrypted_allowed:
            raise ConfigError(
                f"the Dask scheduler {found.address} is on another machine, without encryption",
                hint="Whoever reaches it can run anything on every worker. Use tls://, or accept "
                "that with --allow-unencrypted-scheduler (allow_unencrypted=True)",
            )
        return found

    @property
    def workers(self) -> int | None:
        """How many processes to begin; None for a cluster that is there."""
        number = self.address.removeprefix(_LOCAL)
        is_local = self.address.startswith(_LOCAL) and number.isascii() and number.isdigit()
        return int(number) if is_local and int(number) else None


async def spread(
    specs: Sequence[TenantSpec], cluster: Cluster, signal: StopSignal, on_event: OnEvent
) -> dict[str, Outcome]:
    """Harvest tenants on a cluster's workers.

    Args:
        specs: The tenants.
        cluster: Where.
        signal: Asks all of them to stop.
        on_event: Called with a tenant's name and the events that are not about single dossiers.

    Returns: The outcomes, by name.

    Raises:
        ConfigError: The extra is not installed, or a spec holds its secret itself.
    """
    given = {spec.name: _written(spec) for spec in specs}
    if not given:
        return {}
    try:
        async with connected(cluster, threads=len(given)) as client:
            return await _Run(client, specs, given, signal, on_event).outcomes()
    except OSError:  # and TimeoutError: it was never there
        return {
            spec.name: await asyncio.to_thread(_lost, spec, "cannot be reached") for spec in specs
        }


@contextlib.asynccontextmanager
async def connected(cluster: Cluster, *, threads: int) -> AsyncIterator[Any]:
    """A client of a cluster; one on this machine is begun, and ended.

    Args:
        cluster: Which.
        threads: How many tenants a worker on this machine may have at once.

    Raises:
        ConfigError: The extra is not installed.
    """
    try:
        dask = importlib.import_module("dask")
        with dask.config.set(_QUIET):  # which is read with the import, and nothing else yet
            distributed = importlib.import_module("distributed")
    except ImportError:
        raise ConfigError(
            "a Dask cluster needs an extra", hint="pip install 'elements-procura[fleet]'"
        ) from None
    with dask.config.set(_QUIET | _CONFIG):
        async with contextlib.AsyncExitStack() as stack:
            address: Any = cluster.address
            if cluster.workers is not None:
                address = await stack.enter_async_context(
                    distributed.LocalCluster(
                        n_workers=cluster.workers,
                        # A tenant waits for the network: a worker has a thread for each.
                        threads_per_worker=min(threads, _MOST_THREADS),
                        host="127.0.0.1",
                        memory_limit=0,  # a nanny would kill all tenants of a worker at once
                        dashboard_address="127.0.0.1:0",
                        preload=["elements_procura.fleet._apart"],
                        asynchronous=True,
                        silence_logs=_LOUDEST,
                    )
                )
            yield await stack.enter_async_context(
                distributed.Client(
                    address,
                    asynchronous=True,
                    set_as_default=False,
                    security=cluster.security,
                    timeout=_CONNECT_SECONDS,
                )
            )


@attrs.define
class _Run:
    """One call's tenants on a cluster."""

    client: Any
    specs: Sequence[TenantSpec]
    given: Mapping[str, dict[str, Any]]
    signal: StopSignal
    on_event: OnEvent
    topic: str = attrs.field(factory=lambda: f"elements-procura-{uuid.uuid4().hex}")
    failure: BaseException | None = None

    async def outcomes(self) -> dict[str, Outcome]:
        self.client.subscribe_topic(self.topic, self._hear)
        stopping = asyncio.create_task(self._stop_when_asked())
        tasks = [asyncio.create_task(self._outcome(spec)) for spec in self.specs]
        try:
            ends: list[asyncio.Future[Any]] = [stopping, asyncio.gather(*tasks)]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            found = [
                task.result() if task.done() else await asyncio.to_thread(_left, spec)
                for task, spec in zip(tasks, self.specs, strict=True)
            ]
        finally:
            for each in (stopping, *tasks):
                each.cancel()
            await asyncio.wait([stopping, *tasks])
            with contextlib.suppress(Exception):  # the cluster may be gone
                await self.client.unsubscribe_topic(self.topic)
                await self.client.run(forget, self.topic, on_error="ignore")
        if self.failure is not None:
            raise self.failure
        return {outcome.name: outcome for outcome in found}

    async def _outcome(self, spec: TenantSpec) -> Outcome:
        key = f"tenant-{spec.name}-{self.topic[-8:]}"
        killed = importlib.import_module("distributed").KilledWorker
        lost = importlib.import_module("concurrent.futures").CancelledError
        while True:
            future = self.client.submit(
                harvest_in_worker,
                self.given[spec.name],
                run=self.topic,
                task_key=key,
                key=key,
                pure=False,
                retries=0,
            )
            try:
                outcome: Outcome = await future
            except killed:
                # The scheduler's own count, which blames whoever was there: ours decides.
                future.release()
            except (lost, OSError):
                return await asyncio.to_thread(_lost, spec, "is gone")
            else:
                return outcome

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        said = event[1]
        try:
            # Of a worker: whoever can write there can do anything anyway.
            self.on_event(said["tenant"], pickle.loads(said["event"]))  # noqa: S301 - of our workers
        except Exception as error:  # noqa: BLE001 - whatever a function of the caller's raises
            self.failure = self.failure or error
            self.signal.set()

    async def _stop_when_asked(self) -> None:
        asked = asyncio.Event()
        with self.signal.calls(asked.set):
            await asked.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while True:
                    # Again and again: a worker may have begun since.
                    with contextlib.suppress(Exception):
                        await self.client.run(ask_stop, self.topic, on_error="ignore")
                    await asyncio.sleep(_AGAIN)


def _written(spec: TenantSpec) -> dict[str, Any]:
    """A spec as workers get it: its directory from the root, for theirs is another one."""
    try:
        return attrs.evolve(spec, out=spec.out.resolve()).to_dict()
    except TypeError as error:
        raise ConfigError(
            f"{spec.name}: its secret cannot travel to a worker",
            hint='Name where workers find it: {"env": NAME} or {"file": PATH}',
        ) from error


def _left(spec: TenantSpec) -> Outcome:
    """The outcome of a tenant whose worker did not end in time; its store is whole, as ever."""
    return outcome_by_store(spec, Exit.INTERRUPTED)


def _lost(spec: TenantSpec, what: str) -> Outcome:
    return outcome_by_store(
        spec,
        Exit.DOWN,
        error=LOST,
        message=f"the Dask scheduler {what}",
        hint="Start it, and give the same command again: every tenant goes on from its store",
    )


def _parts(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""

"""Tenants spread over the workers of a Dask cluster, by the extra ``fleet``.

Dask only says where a tenant runs. What is done stands in the stores, and who may do it in their
leases: a cluster that is lost loses nothing, and the same call goes on.
"""

import asyncio
import contextlib
import importlib
import itertools
import pickle
import pkgutil
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import attrs

from elements_procura import _version
from elements_procura.errors import ConfigError
from elements_procura.fleet._lost import distrusted, gone, idle, left, unable, unreachable
from elements_procura.fleet._worker import ask_stop, forget, harvest_in_worker
from elements_procura.fleet.events import FleetEvent
from elements_procura.fleet.exits import Exit
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.spec import TenantSpec
from elements_procura.fleet.stop import StopSignal
from elements_procura.paths import is_loopback

__all__: list[str] = []

_LOCAL = "local:"
_ENCRYPTED = {"tls", "wss", "inproc"}  # the last one stays in this process
_MOST_THREADS = 64
_CONNECT_SECONDS = 15.0
_WORKER_SECONDS = 60.0  # in which the first worker has to come: they may be starting as well
_AGAIN = 1.0  # seconds between two times that workers are asked to stop
_LOUDEST = 40  # errors; a worker that was killed is not worth a page of warnings
_DRAIN_SECONDS = 8.5  # those of a harvest, and the way there and back
# Outcomes say what has gone wrong; that a connection is gone is said with pages of frames.
_QUIET = {
    "logging": {"distributed": "error", "distributed.client": "critical", "tornado": "critical"}
}
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
            scheme, host, port = _parts(found.address)
        else:
            found = cls(given)
            scheme, host, port = _parts(given)
            if found.workers is None and not (scheme in ("tcp", "tls") and host and port):
                raise ConfigError(
                    "the Dask cluster is neither tcp://HOST:PORT, tls://HOST:PORT nor local:N",
                    hint="local:4 begins four processes on this machine",
                )
        is_open = bool(scheme) and scheme not in _ENCRYPTED
        if is_open and not is_loopback(host) and not is_unencrypted_allowed:
            raise ConfigError(
                f"the Dask scheduler {scheme}://{host}:{port} is on another machine, without "
                "encryption",
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
        ConfigError: The extra is not installed, here or on a worker, or a spec holds its secret
            itself.
    """
    given = {spec.name: _written(spec) for spec in specs}
    if not given:
        return {}
    try:
        async with connected(cluster, threads=len(given)) as client:
            if await _has_workers(client, signal):
                await _check_versions(client)
                return await _Run(client, specs, given, signal, on_event).outcomes()
            ended = left if signal.is_set else idle
    except OSError as error:  # and TimeoutError: it was never there
        ended = distrusted if "certificate" in str(error) or "SSL" in str(error) else unreachable
    return {spec.name: await asyncio.to_thread(ended, spec) for spec in specs}


async def _has_workers(client: Any, signal: StopSignal) -> bool:
    """Whether a worker is there, or comes soon; not after a stop."""
    give_up = time.monotonic() + _WORKER_SECONDS
    while not await client.nthreads():
        if time.monotonic() > give_up or not await signal.sleep(_AGAIN):
            return False
    return True


async def _check_versions(client: Any) -> None:
    """Make sure that workers have this package: one that lacks it would end at its first tenant.

    Raises:
        ConfigError: A worker lacks it, or has another version.
    """
    # A function of Python's own, which any worker has.
    asking = client.run(pkgutil.resolve_name, f"{_version.__name__}:__version__", on_error="return")
    found = list((await asking).values())
    if odd := sum(each != _version.__version__ for each in found):
        raise ConfigError(
            f"{odd} of {len(found)} Dask workers lack elements-procura {_version.__version__}",
            hint="Install the same version, with the extra fleet, here and on all workers",
        )


@contextlib.asynccontextmanager
async def connected(cluster: Cluster, *, threads: int) -> AsyncIterator[Any]:
    """A client of a cluster; one on this machine is begun, and ended.

    Args:
        cluster: Which.
        threads: How many tenants a worker on this machine may have at once.

    Raises:
        ConfigError: The extra is not installed, or TLS is asked for and not set up.
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
                address = await _begun(stack, cluster.workers, min(threads, _MOST_THREADS))
            elif cluster.security is None and _parts(cluster.address)[0] == "tls":
                _check_tls(distributed.Security)
            yield await stack.enter_async_context(
                distributed.Client(
                    address,
                    asynchronous=True,
                    set_as_default=False,
                    security=cluster.security,
                    timeout=_CONNECT_SECONDS,
                )
            )


async def _begun(stack: contextlib.AsyncExitStack, workers: int, threads: int) -> Any:
    """A cluster of processes on this machine, ended with the stack.

    Raises:
        ConfigError: They do not come up.
    """
    made = importlib.import_module("distributed").LocalCluster(
        n_workers=workers,
        # A tenant waits for the network: a worker has a thread for each.
        threads_per_worker=threads,
        host="127.0.0.1",
        memory_limit=0,  # a nanny would kill all tenants of a worker at once
        dashboard_address="127.0.0.1:0",
        preload=["elements_procura.fleet._apart"],
        asynchronous=True,
        silence_logs=_LOUDEST,
    )
    try:
        return await stack.enter_async_context(made)
    except RuntimeError:
        raise ConfigError(
            f"the processes of {_LOCAL}{workers} do not come up",
            hint="Each reads the main module first: a script calls it below "
            'if __name__ == "__main__":',
        ) from None


def _check_tls(security: Callable[[], Any]) -> None:
    """Make sure that Dask's configuration has certificates, which it would miss in its own words.

    Raises:
        ConfigError: It has none, or they cannot be read.
    """
    hint = (
        "Name them in DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__TLS__CLIENT__CERT and "
        "…__TLS__CLIENT__KEY, or in Dask's configuration"
    )
    try:
        context = security().get_connection_args("client").get("ssl_context")
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError("the certificates for tls:// cannot be read", hint=hint) from error
    if context is None:
        raise ConfigError("tls:// needs certificates, and Dask knows none", hint=hint)


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
        waiting = asyncio.create_task(asyncio.wait(tasks))
        try:
            await asyncio.wait([stopping, waiting], return_when=asyncio.FIRST_COMPLETED)
            found = [
                task.result() if task.done() else await asyncio.to_thread(left, spec)
                for task, spec in zip(tasks, self.specs, strict=True)
            ]
        finally:
            for each in (stopping, waiting, *tasks):
                each.cancel()
            await asyncio.wait([stopping, waiting, *tasks])
            with contextlib.suppress(Exception):  # the cluster may be gone
                await self.client.unsubscribe_topic(self.topic)
                await self.client.run(forget, self.topic, on_error="ignore")
        if self.failure is not None:
            raise self.failure
        return {outcome.name: outcome for outcome in found}

    async def _outcome(self, spec: TenantSpec) -> Outcome:
        killed = importlib.import_module("distributed").KilledWorker
        lost = importlib.import_module("concurrent.futures").CancelledError
        for time_ in itertools.count():
            # Another key each time: a scheduler may not have forgotten the one before.
            key = f"tenant-{spec.name}-{self.topic[-8:]}-{time_}"
            future = self.client.submit(
                harvest_in_worker,
                self.given[spec.name],
                run=self.topic,
                task_key=key,
                version=_version.__version__,
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
                return await asyncio.to_thread(gone, spec)
            except Exception as error:  # noqa: BLE001 - whatever a worker's Python raises
                return await asyncio.to_thread(unable, spec, error)
            else:
                if outcome.exit_code != Exit.INTERRUPTED or self.signal.is_set:
                    return outcome
                # Its worker has been asked to end, by whoever runs the cluster; nobody else has.
                future.release()
                await asyncio.sleep(_AGAIN)
        raise AssertionError("it counts for ever")

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        said = event[1]
        try:
            # Of a worker: whoever can write there can do anything anyway.
            found = pickle.loads(said["event"])  # noqa: S301 - of our workers
        except Exception:  # noqa: BLE001 - of a worker with another version; outcomes decide
            return
        try:
            self.on_event(said["tenant"], found)
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


def _parts(address: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; nothing of an address that holds more than these."""
    try:
        parts = urlsplit(address)
        found = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return "", "", None
    is_odd = parts.username is not None or parts.path.strip("/")
    return ("", "", None) if is_odd else found

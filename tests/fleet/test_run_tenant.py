"""`run_tenant` and `harvest_tenants`: in a thread, in a spawned process, many on one loop."""

import asyncio
import json
import multiprocessing
import pickle
import signal
import sys
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from elements_procura.demo import verify
from elements_procura.errors import ConfigError, WrongLoopError
from elements_procura.fleet import Exit, Outcome, TenantSpec, harvest_tenants, run_tenant
from elements_procura.harvest import HarvestFinished, HarvestStarted, Store
from elements_procura.observe import Call, Observer
from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox
from tests.fleet.fleet_kit import spec_of

Patch = pytest.MonkeyPatch


async def in_thread(spec: TenantSpec, **options: Any) -> Outcome:
    with ThreadPoolExecutor(1) as pool:
        return await asyncio.get_running_loop().run_in_executor(
            pool, lambda: run_tenant(spec, **options)
        )


async def test_in_a_thread_everything_is_harvested_and_told(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    async with Sandbox(dossiers=8, seed=3, limits="off") as sandbox:
        spec = spec_of(sandbox, tmp_path, monkeypatch)
        told: list[tuple[int, object]] = []
        handler = signal.getsignal(signal.SIGINT)
        outcome = await in_thread(
            spec, on_event=lambda event: told.append((threading.get_ident(), event))
        )
        assert (outcome.exit_code, outcome.error, outcome.name) == (0, None, "a")
        assert outcome.is_done
        assert outcome.progress.harvested == 8
        assert {thread for thread, _ in told} != {threading.get_ident()}
        events = [event for _, event in told]
        assert isinstance(events[0], HarvestStarted)
        assert isinstance(events[-1], HarvestFinished)
        assert signal.getsignal(signal.SIGINT) is handler
        with Store.read(spec.where) as store:
            assert verify(store, sandbox).equal
        # A store that is there is gone on with; a finished one costs nothing.
        sent = len(sandbox.log)
        again = await in_thread(spec)
        assert (again.exit_code, again.progress.harvested, len(sandbox.log)) == (0, 8, sent)


def _bare() -> None:
    """A process in which nothing of the command line can be imported."""
    for name in ("click", "rich", "platformdirs", "elements_procura.cli"):
        sys.modules[name] = cast("Any", None)


async def test_in_a_spawned_process(tmp_path: Path, monkeypatch: Patch) -> None:
    async with Sandbox(dossiers=5, seed=3, limits="off") as sandbox:
        monkeypatch.setenv("XDG_STATE_HOME", "/nonexistent")
        spec = spec_of(sandbox, tmp_path, monkeypatch, token_store="auto")
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context, initializer=_bare) as pool:
            outcome = await asyncio.get_running_loop().run_in_executor(pool, run_tenant, spec)
        assert (outcome.exit_code, outcome.progress.harvested) == (0, 5)
        with Store.read(spec.where) as store:
            assert verify(store, sandbox).equal


IN_THREADS = """
import json, sys, threading

specs, outcomes = json.loads(sys.argv[1]), {}
barrier = threading.Barrier(len(specs))

def run(given):
    barrier.wait()
    from elements_procura.fleet import TenantSpec, run_tenant

    outcomes[given["name"]] = run_tenant(TenantSpec.from_dict(given)).to_dict()

threads = [threading.Thread(target=run, args=(each,)) for each in specs]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(json.dumps(outcomes))
"""


async def test_many_threads_at_once_from_the_first_import_on(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    async with (
        Sandbox(dossiers=4, seed=1, limits="off") as sandbox,
        Sandbox(dossiers=5, seed=2, limits="off") as another,
        ProcuraSandbox(dossiers=6, seed=3) as procura,
    ):
        worlds: dict[str, Sandbox | ProcuraSandbox] = {"a": sandbox, "b": another, "m": procura}
        specs = [
            spec_of(world, tmp_path, monkeypatch, name=name).to_dict()
            for name, world in worlds.items()
        ]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", IN_THREADS, json.dumps(specs)), stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
        outcomes = json.loads(printed)
    found = {
        name: (each["exit_code"], each["progress"]["harvested"]) for name, each in outcomes.items()
    }
    assert found == {"a": (0, 4), "b": (0, 5), "m": (0, 6)}


class Watching(Observer):
    """Counts what it is called with, by tenant."""

    def __init__(self) -> None:
        self.found: Counter[tuple[str, str]] = Counter()

    def answered(self, call: Call, **_: object) -> None:
        self.found[call.tenant, "answered"] += 1

    def interrupted(self, tenant: str, *, reason: str) -> None:
        self.found[tenant, "interrupted"] += 1

    def resumed(self, tenant: str, *, seconds: float) -> None:
        self.found[tenant, "resumed"] += 1


async def test_an_observer_sees_every_request_by_tenant_and_the_store_has_as_many(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    watching = Watching()
    async with (
        Sandbox(dossiers=4, seed=1, limits="off") as sandbox,
        ProcuraSandbox(dossiers=6, seed=3) as procura,
    ):
        worlds: dict[str, Sandbox | ProcuraSandbox] = {"a": sandbox, "m": procura}
        specs = [spec_of(each, tmp_path, monkeypatch, name=name) for name, each in worlds.items()]
        outcomes = await harvest_tenants(specs, observer=watching)
        alone = Watching()
        again = await in_thread(
            spec_of(sandbox, tmp_path, monkeypatch, name="b"), observer=(alone, alone)
        )
        for outcome, calls in (
            (outcomes["a"], watching),
            (outcomes["m"], watching),
            (again, alone),
        ):
            progress, traffic = outcome.progress, outcome.progress.traffic
            # The first request for a token and a search before the run are among them.
            assert traffic.attempts == progress.requests + progress.probes
            assert calls.found[outcome.name, "answered"] == traffic.attempts
        assert len(sandbox.log) == watching.found["a", "answered"] + alone.found["b", "answered"]


async def test_a_server_that_is_away_before_the_first_run_is_observed_and_counted(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    watching = Watching()
    async with Sandbox(dossiers=4, seed=1, limits="off") as sandbox:
        spec = spec_of(sandbox, tmp_path, monkeypatch)
        await in_thread(spec)
        sandbox.add_fault(Fault(kind="status", status=503, times=4))
        spec = spec_of(sandbox, tmp_path, monkeypatch, refresh=True)
        outcome = await in_thread(spec, observer=watching)
    assert outcome.exit_code == 0
    assert watching.found["a", "interrupted"] == watching.found["a", "resumed"] == 1
    traffic = outcome.progress.traffic
    assert (traffic.interruptions, traffic.server_errors) == (1, 4)
    assert traffic.away > 0
    assert traffic.attempts == outcome.progress.requests + outcome.progress.probes


async def test_many_on_one_loop_and_what_goes_wrong_with_one_is_its_own(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    async with (
        Sandbox(dossiers=4, seed=1, limits="off") as sandbox,
        ProcuraSandbox(dossiers=6, seed=2) as procura,
    ):
        good = spec_of(sandbox, tmp_path, monkeypatch)
        other = spec_of(procura, tmp_path, monkeypatch, name="m")
        bad = spec_of(procura, tmp_path, monkeypatch, name="bad", client_id="nobody")
        told: list[str] = []
        # One for all of them: none makes threads of its own.
        monkeypatch.setattr("elements_procura.harvest._writer.StoreThreads", None)
        outcomes = await harvest_tenants(
            [good, bad, other], on_event=lambda name, _: told.append(name)
        )
    assert {name: each.exit_code for name, each in outcomes.items()} == {
        "a": Exit.DONE,
        "bad": Exit.AUTH,
        "m": Exit.DONE,
    }
    assert outcomes["bad"].error == "auth.client"
    assert outcomes["bad"].message
    assert set(told) == {"a", "m"}
    assert not bad.out.exists()
    assert outcomes["bad"].meaning == "not authenticated"


@pytest.mark.parametrize("kind", ["thread event", "function", "process event"])
async def test_it_stops_when_asked_to(tmp_path: Path, monkeypatch: Patch, kind: str) -> None:
    event = threading.Event()
    stop: Any = event
    if kind == "function":
        stop = event.is_set
    elif kind == "process event":
        stop = event = multiprocessing.get_context("spawn").Event()  # type: ignore[assignment] # it has the same methods
    async with Sandbox(dossiers=40, seed=3, limits="documented") as sandbox:
        spec = spec_of(sandbox, tmp_path, monkeypatch, per_second=5, workers=2)
        outcome = await in_thread(spec, stop=stop, on_event=lambda _: event.set())
    assert (outcome.exit_code, outcome.error) == (Exit.INTERRUPTED, None)
    assert outcome.progress.queued > 0
    # What was asked for before it began is heard as well.
    assert (await in_thread(spec, stop=stop)).exit_code == Exit.INTERRUPTED


async def test_a_cancelled_fleet_goes_on_later(tmp_path: Path, monkeypatch: Patch) -> None:
    async with Sandbox(dossiers=30, seed=3, limits="documented") as sandbox:
        spec = spec_of(sandbox, tmp_path, monkeypatch, per_second=5, workers=2)
        begun = asyncio.Event()
        task = asyncio.create_task(harvest_tenants([spec], on_event=lambda *_: begun.set()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with Store.open(spec.where, tenant=spec.settings.tenant) as store:  # and nobody holds it
            assert not store.progress().complete


async def test_a_callback_that_raises_ends_its_tenant_without_its_words(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("canarys3cret")

    async with Sandbox(dossiers=2, seed=3, limits="off") as sandbox:
        outcome = await in_thread(spec_of(sandbox, tmp_path, monkeypatch), on_event=fail)
    assert (outcome.exit_code, outcome.error) == (Exit.FAILED, "unexpected")
    assert "RuntimeError in test_run_tenant.py, line" in outcome.message
    assert "canarys3cret" not in repr(outcome)


async def test_on_a_running_loop_it_says_what_to_do(tmp_path: Path, monkeypatch: Patch) -> None:
    async with Sandbox(dossiers=2, seed=3, limits="off") as sandbox:
        with pytest.raises(WrongLoopError, match="Await harvest_tenants there"):
            run_tenant(spec_of(sandbox, tmp_path, monkeypatch))


async def test_a_stop_that_cannot_be_read_stops_and_is_said_without_its_words(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    begun = threading.Event()

    def broken() -> bool:
        if begun.is_set():
            raise ConnectionError("canarys3cret")
        return False

    async with Sandbox(dossiers=40, seed=3, limits="documented") as sandbox:
        spec = spec_of(sandbox, tmp_path, monkeypatch, per_second=5, workers=2)
        outcome = await in_thread(spec, stop=broken, on_event=lambda _: begun.set())
    assert (outcome.exit_code, outcome.error) == (Exit.FAILED, "unexpected")
    assert "ConnectionError in test_run_tenant.py, line" in outcome.message
    assert "canarys3cret" not in repr(outcome)
    assert outcome.progress.queued > 0


async def test_a_missing_secret_is_an_outcome(tmp_path: Path, monkeypatch: Patch) -> None:
    async with Sandbox(dossiers=2, seed=3, limits="off") as sandbox:
        spec = spec_of(sandbox, tmp_path, monkeypatch)
        monkeypatch.delenv("SECRET_A")
        outcome = await in_thread(spec)
        assert (outcome.exit_code, outcome.error) == (Exit.USAGE, "config")
        assert outcome.message == "the client secret is missing: the named variable is not set"
        assert not sandbox.log
        assert not spec.out.exists()


async def test_an_outcome_can_be_pickled_and_is_json(tmp_path: Path, monkeypatch: Patch) -> None:
    async with Sandbox(dossiers=3, seed=3, limits="off") as sandbox:
        outcome = await in_thread(spec_of(sandbox, tmp_path, monkeypatch))
    assert pickle.loads(pickle.dumps(outcome)) == outcome
    assert await harvest_tenants([]) == {}
    told = json.loads(json.dumps(outcome.to_dict()))
    assert (told["exit_code"], told["progress"]["harvested"]) == (0, 3)
    assert told["store"] == str(tmp_path / "a" / "elements.sqlite")


async def test_a_store_of_another_server_is_refused_before_anything_is_sent(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    """Whoever has agreed is called `me` by default: two firms would fill one store."""
    async with Sandbox(dossiers=2, seed=3, limits="off") as sandbox:
        spec = spec_of(sandbox, tmp_path, monkeypatch)
        assert (await in_thread(spec)).is_done
        sent = len(sandbox.log)
        host = sandbox.url.replace("127.0.0.1", "localhost")
        other = await in_thread(spec_of(sandbox, tmp_path, monkeypatch, host=host, refresh=True))
        assert (other.exit_code, other.error) == (Exit.USAGE, "config")
        assert other.message == "this harvest was begun with another server"
        assert len(sandbox.log) == sent


async def test_what_two_would_share_is_refused_before_anything_is_sent(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    async with Sandbox(dossiers=2, seed=3, limits="off") as sandbox:
        specs = [spec_of(sandbox, tmp_path, monkeypatch, name=name) for name in ("a", "A")]
        with pytest.raises(ConfigError) as told:
            await harvest_tenants(specs)
        assert "the same account" in str(told.value)
        assert "the same name but for its spelling" in str(told.value)
        assert not sandbox.log

"""Tenants on real Dask workers: killed, poisoned, stopped, and without a scheduler."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import attrs
import pytest

from elements_procura import _version
from elements_procura.errors import ConfigError, StoreError
from elements_procura.fleet import (
    Exit,
    FleetEvent,
    Outcome,
    ProgressReport,
    TenantSpec,
    harvest_tenants,
)
from elements_procura.fleet import dask as spreading
from elements_procura.fleet.stop import StopSignal
from elements_procura.harvest import HarvestFinished, HarvestStarted, Progress, Store
from tests.cli.cli_running import environment, run
from tests.fleet.fleet_kit import spec_of
from tests.servers.dask_kit import PLACES, cluster, deadly, scheduler, tenants

Patch = pytest.MonkeyPatch
# What a library warns of when its processes are killed decides nothing here.
pytestmark = pytest.mark.filterwarnings("ignore")


async def test_a_worker_that_is_killed_costs_what_was_under_way(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    told: list[tuple[str, FleetEvent]] = []
    async with tenants(tmp_path, monkeypatch, 6) as all_, cluster(2) as client:
        harvesting = asyncio.create_task(
            harvest_tenants(all_.specs, dask=client, on_event=lambda *each: told.append(each))
        )
        await all_.until_all_store(20)
        pids = await client.run(os.getpid)
        assert len(pids) == 2
        os.kill(min(pids.values()), signal.SIGKILL)
        outcomes = await harvesting
    assert {each.exit_code for each in outcomes.values()} == {Exit.DONE}
    all_.check()
    twice = {name: all_.twice(name) for name in all_.sandboxes}
    assert max(twice.values()) <= PLACES, twice
    assert sum(count == 0 for count in twice.values()) >= 3, "those of the other worker"
    kinds = {type(event) for _, event in told}
    assert kinds >= {HarvestStarted, ProgressReport, HarvestFinished}
    assert {name for name, _ in told} == {*all_.sandboxes}


async def test_a_tenant_that_kills_its_worker_ends_alone(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    async with tenants(tmp_path, monkeypatch, 4) as all_, deadly() as (url, ended):
        poison = spec_of(all_.sandboxes["t0"], tmp_path, monkeypatch, host=url)
        # Workers know the secrets that are in the environment when they begin.
        async with cluster(2) as client:
            outcomes = await harvest_tenants([poison, *all_.specs], dask=client)
            alive = await client.run(os.getpid)
    lost = outcomes.pop("a")
    assert (lost.exit_code, lost.error) == (Exit.FAILED, "fleet.poisoned")
    assert len(ended) == 3
    assert not {*ended} & {*alive.values()}
    assert {each.exit_code for each in outcomes.values()} == {Exit.DONE}
    all_.check()


async def test_a_stop_reaches_every_worker_and_the_next_call_goes_on(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    stop = threading.Event()
    async with tenants(tmp_path, monkeypatch, 4, per_second=2) as all_:
        harvesting = asyncio.create_task(harvest_tenants(all_.specs, dask="local:2", stop=stop))
        await all_.until_all_store(8)
        stop.set()
        outcomes = await harvesting
        assert {each.exit_code for each in outcomes.values()} == {Exit.INTERRUPTED}
        assert all(each.progress.queued for each in outcomes.values())
        specs = [spec_of(each, tmp_path, monkeypatch, name=name, per_second=300)
                 for name, each in all_.sandboxes.items()]  # fmt: skip
        outcomes = await harvest_tenants(specs, dask="local:1")
        assert {each.exit_code for each in outcomes.values()} == {Exit.DONE}
        all_.check()
        assert [all_.twice(name) for name in all_.sandboxes] == [0] * 4


async def test_whoever_is_no_longer_wanted_stops_and_frees_its_store(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    async with tenants(tmp_path, monkeypatch, 2, per_second=1) as all_, cluster(1) as client:
        harvesting = asyncio.create_task(harvest_tenants(all_.specs, dask=client))
        await all_.until_all_store(3)
        harvesting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await harvesting
        async with asyncio.timeout(120):
            for spec in all_.specs:
                while True:
                    with contextlib.suppress(StoreError):
                        Store.open(spec.where, tenant=spec.settings.tenant).close()
                        break
                    await asyncio.sleep(0.05)


async def test_a_scheduler_that_is_killed_loses_nothing(tmp_path: Path, monkeypatch: Patch) -> None:
    async with tenants(tmp_path / "out", monkeypatch, 3, per_second=2) as all_:
        lines = []
        for spec in all_.specs:
            given = {key: value for key, value in spec.to_dict().items() if key != "out"}
            name, secret = given.pop("name"), given.pop("secret")
            lines += [f"[tenants.{name}]", f'secret_env = "{secret["env"]}"']
            lines += [f"{key} = {value!r}" for key, value in given.items()]
        config = tmp_path / "tenants.toml"
        config.write_text("\n".join(lines))
        secrets = {name: os.environ[name] for name in ("SECRET_T0", "SECRET_T1", "SECRET_T2")}
        command = ("harvest", "tenants", "--config", config, "--out", tmp_path / "out")
        with scheduler(environment() | secrets) as made:
            first = asyncio.create_task(run(*command, "--dask", made.url))
            await all_.until_all_store(10)
            await asyncio.to_thread(made.kill)
            done = await first
            assert done.code == Exit.DOWN, done.err
            assert "t0: error[fleet.scheduler]: the Dask scheduler is gone" in done.err
            assert "give the same command again" in done.err
            assert "Traceback" not in done.err
            made.start()
            config.write_text(config.read_text().replace("per_second = 2.0", "per_second = 300"))
            done = await run(*command, "--dask", made.url)
        assert done.code == 0, done.err
        all_.check()
        assert max(all_.twice(name) for name in all_.sandboxes) <= PLACES


async def test_ctrl_c_on_the_command_line_stops_the_workers_it_has_begun(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    async with tenants(tmp_path / "out", monkeypatch, 2, per_second=1) as all_:
        config = tmp_path / "tenants.toml"
        given = [spec.to_dict() for spec in all_.specs]
        config.write_text("\n".join(
            f'[tenants.{each["name"]}]\napi = "elements"\nhost = "{each["host"]}"\n'
            f'client_id = "{each["client_id"]}"\norganisation = "{each["organisation"]}"\n'
            f'secret_env = "{each["secret"]["env"]}"\nper_second = 1\ntoken_store = "memory"'
            for each in given
        ))  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "elements_procura", "harvest", "tenants", "--dask", "local:2"),
            *("--config", config, "--out", tmp_path / "out", "--json"),
            start_new_session=True,  # a terminal's group, which Ctrl-C reaches as a whole
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await all_.until_all_store(3)
        os.killpg(process.pid, signal.SIGINT)
        out, err = (text.decode() for text in await process.communicate())
        assert process.returncode == Exit.INTERRUPTED, err
        assert "Traceback" not in err
        assert "stopping: finishing requests under way" in err
        assert out.count('"exit": 130') == 2, out
        assert "--dask local:2" in err.splitlines()[-1], "how to go on"
        for spec in all_.specs:
            Store.open(spec.where, tenant=spec.settings.tenant).close()


async def test_a_worker_that_lacks_a_secret_says_where(tmp_path: Path, monkeypatch: Patch) -> None:
    async with cluster(1) as client, tenants(tmp_path, monkeypatch, 1) as all_:  # set too late
        outcomes = await harvest_tenants(all_.specs, dask=client)
    (found,) = outcomes.values()
    assert (found.exit_code, found.error) == (Exit.USAGE, "config")
    assert "SECRET_T0" not in found.message
    assert "is not set on tcp://127.0.0.1:" in found.message
    assert "Workers read secrets where they run" in found.hint


async def test_a_cluster_that_cannot_do_it_is_refused(tmp_path: Path, monkeypatch: Patch) -> None:
    async with tenants(tmp_path, monkeypatch, 1) as all_:
        with pytest.raises(ConfigError, match="needs certificates") as caught:
            await harvest_tenants(all_.specs, dask="tls://127.0.0.1:1")
        assert "DASK_DISTRIBUTED__COMM__TLS__CA_FILE" in caught.value.hint
        async with cluster(0) as client:
            monkeypatch.setattr(spreading, "_WORKER_SECONDS", 0.5)
            (found,) = (await harvest_tenants(all_.specs, dask=client)).values()
            assert (found.exit_code, found.error) == (Exit.DOWN, "fleet.scheduler")
            assert found.message == "the Dask cluster has no workers"
            assert "dask worker ADDRESS" in found.hint
        monkeypatch.setattr(_version, "__version__", "0.0.1")
        with pytest.raises(ConfigError, match=r"1 of 1 Dask workers lack elements-procura 0\.0\.1"):
            await harvest_tenants(all_.specs, dask="local:1")
        assert not all_.sandboxes["t0"].log


@attrs.define
class FakeClient:
    """Workers whose answers are given."""

    answers: list[Outcome | Exception]
    keys: list[str] = attrs.field(factory=list)

    def submit(self, *_: object, key: str, **__: object) -> Any:
        self.keys.append(key)
        found: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            found.set_exception(answer)
        else:
            found.set_result(answer)
        found.release = lambda: None  # type: ignore[attr-defined] # as Dask's have it
        return found

    def subscribe_topic(self, *_: object) -> None: ...


async def test_a_worker_that_its_owner_has_ended_interrupts_nobody(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(spreading, "_AGAIN", 0.0)
    spec = TenantSpec.from_dict({
        "name": "a", "api": "elements", "out": tmp_path / "a", "host": "a", "client_id": "a",
        "organisation": 1,
    })  # fmt: skip
    done = Outcome(name="a", store="a", progress=Progress(), exit_code=0)
    left = attrs.evolve(done, exit_code=Exit.INTERRUPTED)

    async def found(*answers: Outcome | Exception, is_stopped: bool = False) -> Outcome:
        signal, client = StopSignal(), FakeClient(list(answers))
        signal.is_set = is_stopped
        run = spreading._Run(client, [spec], {"a": {}}, signal, lambda *_: None)
        outcome = await run._outcome(spec)
        assert not client.answers
        assert len({*client.keys}) == len(client.keys)
        return outcome

    assert await found(left, left, done) == done
    assert await found(left, is_stopped=True) == left
    odd = await found(ModuleNotFoundError("what it says may be anything"))
    assert (odd.exit_code, odd.error) == (Exit.FAILED, "fleet.worker")
    assert odd.message == "a worker could not begin it: ModuleNotFoundError"


async def test_an_event_of_another_version_is_left_out() -> None:
    heard: list[object] = []
    run = spreading._Run(None, [], {}, StopSignal(), lambda *each: heard.append(each))
    run._hear((0.0, {"tenant": "a", "event": b"no pickle"}))
    assert (run.failure, heard) == (None, [])

"""Tenants on a cluster, without one: addresses, the count of deaths, a process of one's own."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any, cast

import attrs
import pytest

from elements_procura.errors import ConfigError
from elements_procura.fleet import Exit, FleetEvent, Outcome, TenantSpec, harvest_tenants
from elements_procura.fleet._child import Trial, try_out
from elements_procura.fleet._worker import _Deaths, harvest_counted
from elements_procura.fleet.dask import Cluster
from elements_procura.harvest import HarvestFinished, Progress
from elements_procura.sandbox import Sandbox
from elements_procura.secret import Secret
from tests.fleet.fleet_kit import spec_of

SPEC = TenantSpec.from_dict(
    {"name": "a", "api": "elements", "out": "x", "host": "a", "client_id": "a", "organisation": 1}
)


@pytest.mark.parametrize(
    ("address", "workers"),
    [
        ("local:3", 3),
        ("tcp://127.0.0.1:8786", None),
        ("tcp://localhost:8786", None),
        ("tcp://[::1]:8786", None),
        ("tls://far.example:8786", None),
    ],
)
def test_a_cluster_on_this_machine_or_behind_tls(address: str, workers: int | None) -> None:
    assert Cluster.of(address, is_unencrypted_allowed=False).workers == workers


@pytest.mark.parametrize(
    "address",
    [
        *("", "local:", "local:0", "local:x", "local:-1", "local:2:3", "http://a", "dask"),
        *("127.0.0.1:8786", "tcp://[", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:x"),
        *("tcp://127.0.0.1:1/hidden", "tcp://me:hidden@127.0.0.1:1", "tls://me:hidden@far:1"),
    ],
)
def test_another_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="tcp://HOST:PORT") as caught:
        Cluster.of(address, is_unencrypted_allowed=False)
    assert "hidden" not in str(caught.value)


async def test_an_unencrypted_scheduler_elsewhere_has_to_be_allowed() -> None:
    far = "tcp://far.example:8786"
    client = cast("Any", attrs.make_class("C", ["scheduler", "security"]))
    at = cast("Any", attrs.make_class("At", ["address"]))
    for address in ("ws://far.example:8786", "ucx://10.0.0.1:8786"):  # only a client has those
        with pytest.raises(ConfigError, match="without encryption"):
            Cluster.of(client(at(address), None), is_unencrypted_allowed=False)
    for address in ("tls://far.example:1", "wss://far.example:1", "inproc://10.0.0.1/1/1"):
        assert Cluster.of(client(at(address), None), is_unencrypted_allowed=False).workers is None
    with pytest.raises(ConfigError, match="without encryption") as caught:
        await harvest_tenants([SPEC], dask=far)
    assert "--allow-unencrypted-scheduler" in caught.value.hint

    @attrs.frozen
    class Client:
        scheduler: Any
        security: object = None

    with pytest.raises(ConfigError, match="without encryption"):
        Cluster.of(Client(cast("Any", attrs.make_class("S", ["address"])(far))),
                   is_unencrypted_allowed=False)  # fmt: skip
    assert Cluster.of(far, is_unencrypted_allowed=True).address == far


async def test_what_cannot_travel_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="observer"):
        await harvest_tenants([SPEC], dask="local:1", observer=())
    with pytest.raises(ConfigError, match="cannot travel") as caught:
        await harvest_tenants([attrs.evolve(SPEC, secret=Secret("x"))], dask="local:1")
    assert '{"env": NAME}' in caught.value.hint
    assert await harvest_tenants([], dask="local:1") == {}
    monkeypatch.setitem(sys.modules, "dask", cast("Any", None))
    with pytest.raises(ConfigError, match="needs an extra") as caught:
        await harvest_tenants([SPEC], dask="local:1")
    assert "elements-procura[fleet]" in caught.value.hint


DONE = Outcome(name="a", store="a", progress=Progress(), exit_code=0)
DIED = Trial(None, is_cut=False)
LIVES = Trial(attrs.evolve(DONE, exit_code=130), is_cut=True)
ENDED = Trial(DONE, is_cut=False)


@pytest.mark.parametrize(
    ("before", "trials", "after"),
    [
        ((0, 0), [], ((1, 0), [], None)),
        ((1, 0), [DIED, DIED], ((3, 0), [10, 10], "fleet.poisoned")),
        ((1, 0), [LIVES], ((1, 1), [10], None)),
        ((1, 2), [LIVES], ((1, 3), [160], None)),
        ((1, 0), [DIED, LIVES], ((1, 1), [10, 10], None)),
        ((2, 1), [ENDED], ((2, 1), [40], None)),
        ((3, 0), [], ((3, 0), [], "fleet.poisoned")),
    ],
)
def test_blame_needs_proof(
    before: tuple[int, int],
    trials: list[Trial],
    after: tuple[tuple[int, int], list[float], str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left, lasted, kept = list(trials), [], [before]  # trials, their seconds, counts

    def tried(_: TenantSpec, **given: Any) -> Trial:
        lasted.append(given["seconds"])
        return left.pop(0)

    monkeypatch.setattr("elements_procura.fleet._worker.try_out", tried)
    monkeypatch.setattr("elements_procura.fleet._worker.harvest_here", lambda *_, **__: DONE)
    deaths = _Deaths(lambda: kept[-1], kept.append)
    outcome = harvest_counted(SPEC, deaths, on_event=lambda _: None, is_stopped=lambda: False)
    assert not left
    assert (kept[-1], lasted, outcome.error) == after
    assert outcome.exit_code == (Exit.FAILED if outcome.error else Exit.DONE)


async def test_a_process_of_its_own_tells_and_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Sandbox(dossiers=2, seed=3, limits="off") as sandbox:
        spec = spec_of(sandbox, tmp_path, monkeypatch, per_second=2, workers=2)
        heard: list[FleetEvent] = []

        def run(spec: TenantSpec, seconds: float) -> Trial:
            return try_out(spec, seconds=seconds, on_event=heard.append, is_stopped=lambda: False)

        cut = await asyncio.to_thread(run, spec, 0.0)
        assert cut.is_cut
        assert cut.outcome is not None
        assert cut.outcome.exit_code == Exit.INTERRUPTED
        spec = spec_of(sandbox, tmp_path, monkeypatch)
        whole = await asyncio.to_thread(run, spec, time.monotonic())
        assert not whole.is_cut
        assert whole.outcome is not None
        assert whole.outcome.progress.harvested == 2
        assert isinstance(heard[-1], HarvestFinished)

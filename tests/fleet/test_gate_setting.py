"""A harvest that shares its account's limits with a service."""

import asyncio
from pathlib import Path

import pytest

from elements_procura.fleet import harvest_tenants
from elements_procura.sandbox import Limits, ProcuraSandbox, Sandbox
from elements_procura.scheduler import FileGate, Priority, Rate, Scheduler
from tests.fleet.fleet_kit import spec_of

Patch = pytest.MonkeyPatch
LIMIT = 40


async def test_a_harvest_and_a_service_share_an_account(tmp_path: Path, monkeypatch: Patch) -> None:
    file = tmp_path / "gate.db"
    limits = Limits(rates=((LIMIT, 1.0), (100_000, 86_400.0)))
    async with Sandbox(dossiers=3, limits=limits) as sandbox:
        spec = spec_of(sandbox, tmp_path, monkeypatch, per_second=LIMIT, gate=f"{file}#office")
        rates = (Rate(LIMIT, 1), Rate(100_000, 86_400))
        scheduler = Scheduler(rates=rates, gate=FileGate(file, account="office"))
        async with sandbox.client(scheduler=scheduler) as client:
            service = client.with_options(priority=Priority.INTERACTIVE)

            async def serve() -> None:
                while True:
                    await service.klantdossiers.get(5526)

            serving = [asyncio.create_task(serve()) for _ in range(8)]
            outcome = (await harvest_tenants([spec]))["a"]
            for each in serving:
                each.cancel()
            await asyncio.wait(serving)
            used = client.quota()[-1].used
        asked = [each for each in sandbox.log if each.path.startswith("/api/")]
    assert outcome.exit_code == 0, outcome
    assert sandbox.rejected_429 == 0
    assert outcome.progress.requests < len(asked) <= used + LIMIT, "both are counted by the gate"
    assert not (spec.out / "quota.sqlite").exists(), "one count is enough"


async def test_a_harvest_of_procura_takes_a_gate(tmp_path: Path, monkeypatch: Patch) -> None:
    file = tmp_path / "gate.db"
    async with ProcuraSandbox(dossiers=3) as sandbox:
        spec = spec_of(sandbox, tmp_path, monkeypatch, gate=f"{file}#town")
        assert (await harvest_tenants([spec]))["a"].exit_code == 0
    assert file.exists()

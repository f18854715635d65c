"""Clients on one account, each with its own scheduler, by one file."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from elements_procura import ElementsClient
from elements_procura.sandbox import Sandbox
from elements_procura.scheduler import FileGate, Scheduler
from elements_procura.scheduler._grants import SharedPermit
from tests.client_kit import client_for, data_requests
from tests.clock import VirtualClock


async def settled(clients: Sequence[ElementsClient], least: int) -> int:
    """The day's count, as the one knows it that asked last; who asks for nothing hears nothing."""

    def used() -> int:
        return max(client.quota()[1].used for client in clients)

    async with asyncio.timeout(60):
        while used() < least:  # noqa: ASYNC110 - the gate reports to nobody
            await asyncio.sleep(0.1)
    await asyncio.sleep(2)  # for what should not be counted to be counted
    return used()


@pytest.mark.virtual_time
async def test_clients_that_share_a_file_are_never_refused(tmp_path: Path) -> None:
    clock = VirtualClock()
    async with Sandbox(dossiers=3, clock=clock.now) as sandbox:
        clients = [
            client_for(
                sandbox,
                clock=clock,
                scheduler=Scheduler(clock=clock, gate=FileGate(tmp_path / "g.db", account="a")),
            )
            for _ in range(3)
        ]
        reads = [
            client.dossier(5526).klanten.particulier.get(120954)
            for client in clients
            for _ in range(8)
        ]
        begun = clock.now()
        await asyncio.gather(*reads)
        took = clock.now() - begun
        used = await settled(clients, 24)
        for client in clients:
            await client.aclose()
    assert {status for _, _, status in data_requests(sandbox)} == {200}
    assert len(data_requests(sandbox)) == 24
    assert took < 10, "together as fast as one"
    assert 24 <= used <= 30, "with their tokens"


async def test_a_request_that_lost_its_leave_asks_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the process was stopped between the leave and the sending."""
    asked = []

    def has_lapsed(permit: SharedPermit) -> bool:
        asked.append(permit)
        return len(asked) == 2

    monkeypatch.setattr(SharedPermit, "has_lapsed", has_lapsed)
    async with Sandbox(dossiers=3) as sandbox:
        scheduler = Scheduler(gate=FileGate(tmp_path / "g.db", account="a"))
        async with client_for(sandbox, scheduler=scheduler) as client:
            await client.dossier(5526).klanten.particulier.get(120954)
            await client.dossier(5526).klanten.particulier.get(120954)
            used = await settled([client], 3)
    assert len(data_requests(sandbox)) == 2
    assert len(asked) == 4, "one of the token, one that had lapsed, two that were used"
    assert used == 3, "what never left does not count"

"""Writes against the sandbox, with faults: what it holds agrees with what the caller was told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from elements_procura.core.timeouts import Timeouts
from elements_procura.elements import bodies
from elements_procura.elements._api import CreatedId
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import BadRequest, ElementsProcuraError, NotFound, OutcomeUnknown
from elements_procura.sandbox import Fault, Sandbox
from tests.client_kit import client_at, client_for

WRITES = "POST /api/*"
FAULTS = [
    Fault(kind="reset", match=WRITES, times=1),
    Fault(kind="reset-after", match=WRITES, times=1),
    Fault(kind="truncate", match=WRITES, times=1),
    Fault(kind="status", status=500, match=WRITES, times=1),
    Fault(kind="status", status=503, match=WRITES, times=1),
    Fault(kind="status", status=429, match=WRITES, times=1),
    Fault(kind="status", status=401, match=WRITES, times=1),
    Fault(kind="status", status=400, match=WRITES, times=1),
    Fault(kind="stall", seconds=1.5, match=WRITES, times=1),
    Fault(kind="stall", seconds=0.01, match=WRITES, times=1),
]
ADRES = bodies.AdresBody(
    straat="Grimbergen", nummer="3", postcode="4651ME", plaatsnaam="Steenbergen", type="Algemeen"
)


@asynccontextmanager
async def open_sandbox(**options: Any) -> AsyncIterator[tuple[Sandbox, ElementsClient, int]]:
    """A sandbox, a client of it and the id of a particulier."""
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, **options) as client,
    ):
        [first, *_] = await client.dossier(5526).klanten.particulier.list()
        yield sandbox, client, first.id


async def held(client: ElementsClient, persoon: int) -> set[int]:
    """The ids of what the sandbox holds, asked for with patience."""
    client = client.with_options(timeout=Timeouts(read=5))
    return {adres.id for adres in await client.dossier(5526).particulier(persoon).adressen.list()}


@pytest.mark.virtual_time
@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: f"{each.kind}-{each.status}")
async def test_what_is_held_agrees_with_what_was_told(fault: Fault) -> None:
    entries: list[Any] = []
    async with open_sandbox(journal=entries.append) as (sandbox, client, persoon):
        before = await held(client, persoon)
        sandbox.add_fault(fault)
        told: CreatedId | ElementsProcuraError
        try:
            is_long = fault.kind == "stall" and fault.seconds > 0.1
            hasty = client.with_options(timeout=Timeouts(read=1)) if is_long else client
            told = await hasty.dossier(5526).particulier(persoon).adressen.add(ADRES)
        except ElementsProcuraError as error:
            told = error
        await asyncio.sleep(2 if fault.seconds > 0.1 else 0)
        added = await held(client, persoon) - before
    outcome = entries[-1].outcome
    assert len(entries) == 2
    if isinstance(told, CreatedId):
        assert added == {told}
        assert outcome == "done"
    elif isinstance(told, OutcomeUnknown):
        assert len(added) <= 1
        assert outcome == "unknown"
    else:
        assert isinstance(told, BadRequest)
        assert not added
        assert outcome == "refused"
    # A 201 has no body that could be cut off.
    is_known = fault.status in (429, 401, 400) or fault.seconds == 0.01 or fault.kind == "truncate"
    assert isinstance(told, OutcomeUnknown) is not is_known


async def test_what_was_lost_after_it_was_done_is_there() -> None:
    """Or the tests above would not show that nothing is sent twice."""
    async with open_sandbox() as (sandbox, client, persoon):
        before = await held(client, persoon)
        sandbox.add_fault(Fault(kind="reset-after", match=WRITES, times=1))
        with pytest.raises(OutcomeUnknown):
            await client.dossier(5526).particulier(persoon).adressen.add(ADRES)
        assert len(await held(client, persoon) - before) == 1


@pytest.mark.parametrize("read", [0, 60_000])
async def test_a_connection_that_is_dropped_while_the_body_is_on_its_way(read: int) -> None:
    """Before any of it was read, and in the middle: who sent it cannot know."""
    bodies_read = []

    async def drops(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/oauth/" in head:
            body = b'{"access_token": "t0", "expires_in": 3600}'
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
        else:
            bodies_read.append(await reader.read(read) if read else b"")
        writer.transport.abort()

    listening = await asyncio.start_server(drops, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, client_at(f"http://127.0.0.1:{port}") as client:
        with pytest.raises(OutcomeUnknown):
            await client.dossier(5526).contract(1).facturen.add({"regels": ["x" * 1000] * 8000})
    assert len(bodies_read) == 1
    assert bool(bodies_read[0]) is bool(read)


async def test_what_is_added_can_be_read_back() -> None:
    async with open_sandbox() as (_, client, persoon):
        made = await client.klantdossiers.add(
            bodies.KlantdossierBody(omschrijving="Ander dossier", dossierstatus=1, kantoor=14830)
        )
        assert (await client.klantdossiers.get(made)).omschrijving == "Ander dossier"
        adressen = client.dossier(5526).particulier(persoon).adressen
        adres = await adressen.add(ADRES)
        assert (await adressen.get(adres)).straat == "Grimbergen"
        await client.dossier(5526).klanten.particulier.update(
            persoon, bodies.CorrespondentieadresBody(standaardcorrespondentieadres=adres)
        )


async def test_what_the_server_finds_wrong_is_there_to_read() -> None:
    async with open_sandbox() as (_, client, persoon):
        adressen = client.dossier(5526).particulier(persoon).adressen
        with pytest.raises(BadRequest) as caught:
            await adressen.add({"plaatsnaam": "x"}, validate=False)
        assert caught.value.faults
        assert all(fault.message for fault in caught.value.faults)
        with pytest.raises(NotFound), contextlib.suppress(BadRequest):
            await client.dossier(1).particulier(2).adressen.add(ADRES)

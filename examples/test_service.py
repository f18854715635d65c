"""Tests of a service of one's own: ``pytest examples/test_service.py``.

The fixtures come with elements-procura; nothing has to be imported for them.
"""

from collections.abc import Callable

import pytest

from elements_procura import ElementsClient, ProcuraClient
from elements_procura.elements import KlantdossierBody
from elements_procura.errors import ServerError
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.testing import MockedWire, QuickClock

HOST = "https://kantoor.fasterforwardelements.nl"


async def describe(elements: ElementsClient, dossier_id: int) -> str:
    """Stand for the service that is tested."""
    dossier = await elements.klantdossiers.get(dossier_id)
    return f"{dossier.id}: {dossier.omschrijving}"


@pytest.mark.asyncio
async def test_a_dossier_is_described(
    elements_client: ElementsClient, elements_sandbox: Sandbox
) -> None:
    elements_sandbox.patch(
        "/api/data/klantdossiers/5526", lambda document: document | {"omschrijving": "Huis"}
    )
    assert await describe(elements_client, 5526) == "5526: Huis"


@pytest.mark.asyncio
async def test_what_was_filed_is_in_the_sandbox(
    elements_client: ElementsClient, elements_sandbox: Sandbox
) -> None:
    body = KlantdossierBody(omschrijving="Nieuw", dossierstatus=1, kantoor=14830)
    dossier_id = await elements_client.klantdossiers.add(body)
    assert dossier_id in elements_sandbox.dossier_ids
    assert [record.method for record in elements_sandbox.records] == ["POST"]


@pytest.mark.asyncio
async def test_cases_are_found(
    procura_client: ProcuraClient, procura_sandbox: ProcuraSandbox
) -> None:
    found = await procura_client.dossiers.search(dossier_ids=procura_sandbox.dossier_ids[:3])
    assert len(found.content) == 3


@pytest.mark.asyncio
async def test_a_server_that_is_down(
    elements_client: ElementsClient,
    sandbox_weather: Callable[[list[str]], None],
    virtual_clock: QuickClock,
) -> None:
    sandbox_weather(["unavailable"])  # until it is set anew
    with pytest.raises(ServerError):
        await describe(elements_client, 5526)
    assert len(virtual_clock.slept) == 2  # between three attempts, which took no time


@pytest.mark.asyncio
async def test_without_any_server(mocked_wire: MockedWire) -> None:
    mocked_wire.post(f"{HOST}/oauth/access_token", payload={"access_token": "t", "expires_in": 60})
    mocked_wire.get(
        f"{HOST}/api/data/klantdossiers/7",
        payload={"id": 7, "_links": {"self": {"href": "/api/data/klantdossiers/7"}}},
    )
    elements = ElementsClient(
        "kantoor", credentials=("id", "secret"), organisation=1, scopes=["klantdossier.read"]
    )
    async with elements:
        assert await describe(elements, 7) == "7: None"


def test_without_await(elements_sandbox: Sandbox) -> None:
    assert elements_sandbox.url.startswith("http://127.0.0.1:")

"""Every call against the sandbox, which knows the documentation from elsewhere than the client."""

from typing import Any

import pytest

from elements_procura.elements._api import CreatedId
from elements_procura.elements.client import ElementsClient
from elements_procura.sandbox import Sandbox
from elements_procura.schema.model import Model
from tests.client_kit import client_for
from tests.contract import ENDPOINTS, Documented
from tests.contract_calls import CALLS


async def owned(client: ElementsClient) -> dict[str, dict[str, int]]:
    """Ids of what hangs on the documented dossier, by the part of the path that they follow."""
    dossier = client.dossier(5526)
    producten = {each.soort: each.id for each in await dossier.producten.list()}
    [person, *_] = await dossier.klanten.particulier.list()
    [firm, *_] = await dossier.klanten.zakelijk.list()
    [adviseur, *_] = await dossier.adviseurs.list()
    return {
        "particulier": {"PERSOON_ID": person.id},
        "zakelijk": {"KLANT_ID": firm.id, "ORGANISATIE_ID": firm.id},
        "adviseurs": {"ADVISEUR_ID": adviseur.id},
    } | {str(soort): {"PRODUCT_ID": product} for soort, product in producten.items()}


async def ids_of(endpoint: Documented, client: ElementsClient, known: Any) -> dict[str, int]:
    """Ids for one call; what has none yet is added first."""
    ids = {"DOSSIER_ID": 5526}
    parts = endpoint.path.split("/")
    for name in parts:
        ids |= known.get(name, {})
    if "medewerkers" in parts and "PERSOON_ID" in endpoint.path:
        firm = client.dossier(5526).zakelijk(ids["ORGANISATIE_ID"])
        ids["PERSOON_ID"] = await firm.medewerkers.add({"achternaam": "x", "functie": [{"id": 1}]})
    if "FACTUUR_ID" in endpoint.path:
        collection = endpoint.path.rsplit("/{FACTUUR_ID}", 1)[0]
        ids["FACTUUR_ID"] = await CALLS["POST", collection](client, ids, {"naam": "x"}, {})
    own = parts[-1].strip("{}")
    if parts[-1] != own and own not in ids:
        collection = endpoint.path.rsplit("/", 1)[0]
        ids[own] = (await CALLS["GET", collection](client, ids, None, {}))[0].id
    return ids


@pytest.mark.filterwarnings("ignore:POST .*/voertuig .*:DeprecationWarning")
async def test_every_call_is_answered() -> None:
    done = []
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        known = await owned(client)
        for endpoint in ENDPOINTS:
            ids = await ids_of(endpoint, client, known)
            body = endpoint.bodies[0] if endpoint.method != "GET" else None
            query = {"rol": "partner"} if "rol" in endpoint.query else {}
            got = await CALLS[endpoint.key](client, ids, body, query)
            done.append(endpoint.key)
            if endpoint.method == "POST" and not endpoint.path.endswith("/workflows"):
                assert isinstance(got, CreatedId)
            elif endpoint.is_download:
                assert got
            elif endpoint.method == "GET":
                records = got if isinstance(got, tuple) else (got,)
                assert all(isinstance(record, Model) and not record.extra for record in records)
                assert records or endpoint.path.endswith(("codes", "socialmedia", "registraties"))
            else:
                assert got is None
    assert len(done) == 118

"""One api base and one set of client options: what both clients have from one place."""

import inspect
from typing import Any, Unpack, get_type_hints

import pytest

from elements_procura import ElementsClient, ProcuraClient, Response
from elements_procura.core.answers import JsonResponse
from elements_procura.core.api import Api, Resource
from elements_procura.core.client import Client, ClientOptions, session_of
from elements_procura.elements._api import ElementsApi
from elements_procura.errors import InputError
from elements_procura.procura._api import ProcuraApi
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.schema.body import Bodies
from tests import client_kit

CLIENTS = (ElementsClient, ProcuraClient)
SHARED = (
    *("read", "request", "with_options", "authenticate", "to_wire", "quota", "counters"),
    *("aclose", "__aenter__", "__aexit__", "_where"),
)
OF_CALLS = (
    *("request", "send", "ask", "read", "fetch", "writing", "carrying"),
    *("with_options", "objection", "outcome_unknown"),
)


def made(client: type[Any], **options: Any) -> Any:
    if client is ElementsClient:
        options = {"organisation": 1, "scopes": "klantdossier.read"} | options
    address = "https://example.com/x"
    return client(address, credentials=("an-id", "a-secret"), **options)


@pytest.mark.parametrize("name", SHARED)
def test_clients_share_their_methods(name: str) -> None:
    assert {inspect.getattr_static(client, name) for client in CLIENTS} == {
        inspect.getattr_static(Client, name)
    }


@pytest.mark.parametrize("name", OF_CALLS)
def test_apis_share_their_calls(name: str) -> None:
    assert getattr(ElementsApi, name) is getattr(ProcuraApi, name) is getattr(Api, name)


@pytest.mark.parametrize("client", CLIENTS)
def test_every_option_of_both_is_described_once(client: type[Any]) -> None:
    known = inspect.signature(session_of).parameters.keys() - {
        "manner",
        "base_url",
        "grant",
        "unknown",
    }
    described = ClientOptions.__annotations__.keys()
    assert known == described
    # Python 3.13 takes the indentation off by itself.
    text = inspect.getdoc(ClientOptions) or ""
    assert all(f"    {name}: " in text for name in described)
    parameters = inspect.signature(client).parameters
    assert get_type_hints(client.__init__)["options"] == Unpack[ClientOptions]
    assert not parameters.keys() & described


@pytest.mark.parametrize("client", CLIENTS)
def test_an_option_that_does_not_exist_is_refused(client: type[Any]) -> None:
    with pytest.raises(TypeError, match="max_bodies"):
        made(client, max_bodies=1)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("scopes", ["api", ["api"], ("api",)])
def test_one_text_is_one_scope(client: type[Any], scopes: Any) -> None:
    assert made(client, scopes=scopes)._session._grant.form()["scope"] == "api"


@pytest.mark.parametrize("client", CLIENTS)
def test_resources_and_bodies_are_of_one_kind(client: type[Any]) -> None:
    made_one = made(client)
    handle = made_one.dossier(5526)
    assert isinstance(handle, Resource)
    assert isinstance(made_one._api.bodies, Bodies)
    assert made_one.with_options(max_attempts=1)._api.options.max_attempts == 1
    assert made_one._api.options.max_attempts != 1


@pytest.mark.parametrize(
    ("client", "wrong"),
    [
        *((ElementsClient, wrong) for wrong in ("", "..", "a/b", "a.b", "%2e", True, None)),
        *((ProcuraClient, wrong) for wrong in ("", "..", " ", "a\nb", None)),
    ],
)
def test_an_id_that_leads_elsewhere_is_refused(client: type[Any], wrong: Any) -> None:
    with pytest.raises(InputError, match="identifier"):
        made(client).dossier(wrong)


def test_a_reference_of_procura_is_one_segment() -> None:
    path = made(ProcuraClient).dossier("zaak 1/2?").documents._path
    assert path.value == "/api/v1/dossiers/zaak%201%2F2%3F/documents"
    assert path.template == "/api/v1/dossiers/{dossierId}/documents"


async def test_read_answers_alike() -> None:
    async with Sandbox(dossiers=1) as sandbox, client_kit.client_for(sandbox) as elements:
        path = f"/api/data/klantdossiers/{sandbox.dossier_ids[0]}"
        found = await elements.read(path)
        raw = await elements.request("GET", path)
    assert type(found) is JsonResponse
    assert isinstance(found, Response)
    assert (found.status, found.body, found.data["id"]) == (200, raw.body, sandbox.dossier_ids[0])
    async with ProcuraSandbox(dossiers=1) as other, client_kit.client_for(other) as procura:
        path = f"/api/v1/dossiers/{other.dossier_ids[0]}/documents"
        listed = await procura.read(path)
        raw = await procura.request("GET", path)
    assert type(listed) is JsonResponse
    assert (listed.status, listed.body) == (200, raw.body)
    assert isinstance(listed.data, list)

"""What a write's answer proves: success only as it is documented, never "done" without proof."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from elements_procura.core.journal import Write
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import (
    BadRequest,
    ElementsProcuraError,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    ProtocolError,
)
from tests.client_kit import Exchange, client_at, raw_server, told

D = "/api/data/klantdossiers/5526"
LOCATION = f"Location: {D}/proposities/12"
JSON, HTML = "Content-Type: application/json", "Content-Type: text/html"
PAGE = b"<html>Onderhoud voor Jansen</html>"
OBJECTIONS = json.dumps(
    {
        "total": 1,
        "message": "Validatie fouten",
        "_embedded": {"errors": [{"path": "naam", "message": "Jansen is te kort"}]},
    }
).encode()
PHP_OBJECTIONS = OBJECTIONS.replace(b'"errors": [{', b'"errors": {"3": {').replace(b"}]}}", b"}}}}")


async def patch(client: ElementsClient) -> Any:
    body = {"standaardCorrespondentieadres": {"id": 1}}
    return await client.klantdossiers.update(5526, body)


async def patch_person(client: ElementsClient) -> Any:
    return await client.dossier(5526).klanten.particulier.update(
        7, {"achternaam": "Jansen"}, validate=False
    )


async def post(client: ElementsClient) -> Any:
    return await client.dossier(5526).proposities.add({"naam": "Jansen"}, validate=False)


async def start_workflow(client: ElementsClient) -> Any:
    workflows = client.dossier(5526).bankgarantie(8).workflows
    return await workflows.add({"id": 1}, validate=False)


Call = Callable[[ElementsClient], Awaitable[Any]]
Answer = tuple[bytes, str, tuple[str, ...]]
UNDOCUMENTED: dict[str, Answer] = {
    "a page with 200": (PAGE, "200 OK", (HTML,)),
    "an error with 200": (b'{"error": "geen rechten"}', "200 OK", (JSON,)),
    "a message with 200": (b'{"message": "ok"}', "200 OK", (JSON,)),
    "a list with 200": (b"[]", "200 OK", (JSON,)),
    "text with 200": (b"OK", "200 OK", ()),
    "202": (b"", "202 Accepted", (JSON,)),
    "206": (b"", "206 Partial Content", ()),
    "207": (b"{}", "207 Multi-Status", (JSON,)),
    "301": (b"", "301 Moved", (LOCATION,)),
    "302": (b"", "302 Found", (LOCATION,)),
    "303": (b"", "303 See Other", (LOCATION,)),
    "304": (b"", "304 Not Modified", ()),
    "307": (b"", "307 Temporary", (LOCATION,)),
    "500": (b"oops", "500 X", ()),
    "502": (PAGE, "502 X", (HTML,)),
    "503": (b"", "503 X", (JSON,)),
    "504": (b"", "504 X", ()),
}
REFUSED: dict[str, tuple[Answer, type[ElementsProcuraError]]] = {
    "objections with 200": ((OBJECTIONS, "200 OK", (JSON,)), BadRequest),
    "objections with 201": ((OBJECTIONS, "201 Created", (JSON,)), BadRequest),
    "PHP's objections with 200": ((PHP_OBJECTIONS, "200 OK", (JSON,)), BadRequest),
    "objections with 400": ((OBJECTIONS, "400 X", (JSON,)), BadRequest),
    "403": ((b"", "403 X", (JSON,)), Forbidden),
    "404": ((b"", "404 X", (JSON,)), NotFound),
    "a page with 403": ((PAGE, "403 X", (HTML,)), Forbidden),
}
WRITES: dict[str, tuple[Call, dict[str, Answer]]] = {
    "patch": (patch, {"201": (b"", "201 Created", (LOCATION,))}),
    "patch a person": (patch_person, {"201": (b"", "201 Created", (LOCATION,))}),
    "post": (
        post,
        {
            "an empty 200": (b"", "200 OK", (HTML, LOCATION)),
            "204": (b"", "204 No Content", ()),
            "a page with 201": (PAGE, "201 Created", (HTML,)),
            "an error with 201": (b'{"error": "nee"}', "201 Created", (JSON,)),
        },
    ),
    "workflow": (start_workflow, {"an empty 200": (b"", "200 OK", ())}),
}
DONE: list[tuple[str, Answer, Any]] = [
    ("patch", (b"", "200 OK", (HTML,)), None),
    ("patch", (b"", "204 No Content", (JSON,)), None),
    ("patch a person", (b"\r\n", "200 OK", (JSON,)), None),
    ("workflow", (b"", "204 No Content", (JSON,)), None),
    ("post", (b"", "201 Created", (HTML, LOCATION)), 12),
    ("post", (b"", "201 Created", (HTML, "Location: 120961")), 120961),
    ("post", (b"", "201 Created", (f"Location: https://elders.example{D}/x/12/",)), 12),
    ("post", (b'{"id": 13}', "201 Created", (JSON,)), 13),
    ("post", (b'{"id": "13"}', "201 Created", (JSON, "Location: /ergens")), 13),
    ("post", (b"Notice: x", "201 Created", (HTML, LOCATION)), 12),
]


async def written(write: str, answer: Answer) -> tuple[Any, list[Write]]:
    entries: list[Write] = []
    body, status, headers = answer

    async def handler(exchange: Exchange) -> None:
        exchange.answer(body, status, *headers)

    async with (
        raw_server(handler) as server,
        client_at(server.url, journal=entries.append) as client,
    ):
        try:
            found = await WRITES[write][0](client)
        except ElementsProcuraError as error:
            found = error
        assert len(server.asked) == 1
    return found, entries


@pytest.mark.parametrize(
    ("write", "way"),
    [(write, way) for write, (_, more) in WRITES.items() for way in (UNDOCUMENTED | more)],
)
async def test_what_proves_nothing_leaves_the_outcome_unknown(write: str, way: str) -> None:
    answer = (UNDOCUMENTED | WRITES[write][1])[way]
    error, entries = await written(write, answer)
    assert type(error) is OutcomeUnknown
    assert [entry.outcome for entry in entries] == ["sending", "unknown"]
    assert "added" not in str(error)
    assert "Jansen" not in told(error)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("way", REFUSED)
async def test_a_refusal_is_one_whatever_its_status(write: str, way: str) -> None:
    answer, kind = REFUSED[way]
    error, entries = await written(write, answer)
    assert type(error) is kind
    assert [entry.outcome for entry in entries] == ["sending", "refused"]
    if isinstance(error, BadRequest):
        (fault,) = error.faults
        assert fault == ("naam", "Jansen is te kort")
    assert "Jansen" not in told(error)


@pytest.mark.parametrize(("write", "answer", "made"), DONE)
async def test_what_is_documented_is_success(write: str, answer: Answer, made: Any) -> None:
    found, entries = await written(write, answer)
    assert found == made
    assert [entry.outcome for entry in entries] == ["sending", "done"]


async def test_a_relative_location_is_resolved() -> None:
    found, _ = await written("post", (b"", "201 Created", ("Location: 120961",)))
    assert found.location == f"{D}/proposities/120961"


async def test_what_is_added_without_a_name_is_told_so() -> None:
    """201 is the server's own word for it; only the id is missing."""
    error, entries = await written("post", (b"", "201 Created", (HTML,)))
    assert type(error) is ProtocolError
    assert [entry.outcome for entry in entries] == ["sending", "done"]

"""A server's reasons reach the caller, in attributes and nowhere else."""

import contextlib
import copy
import json
import logging
import pickle
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from elements_procura.elements.client import ElementsClient
from elements_procura.errors import (
    BadRequest,
    ConfigError,
    Forbidden,
    InputError,
    NotFound,
    OutcomeUnknown,
    PayloadTooLarge,
    StatusError,
)
from elements_procura.paths import Path
from tests.client_kit import Exchange, client_at, raw_server, told
from tests.procura import procura_kit

D = "/api/data/klantdossiers/5526"
JSON = "application/json"
NAAM = [("naam", "verplicht")]
CASES: dict[str, tuple[int, str, Any, type[StatusError], str, list[tuple[str, str]]]] = {
    "error": (400, JSON, {"error": "Kantoor 14830 bestaat niet"}, BadRequest, "Kantoor 14830", []),
    "403": (403, JSON, {"error": "geen recht op 14830"}, Forbidden, "geen recht", []),
    "404": (404, JSON, {"message": "14830 onbekend"}, NotFound, "14830 onbekend", []),
    "409": (409, JSON, {"error": {"message": "14830 bezet"}}, StatusError, "14830 bezet", []),
    "422": (422, JSON, {"errors": {"naam": ["verplicht"]}}, BadRequest, "", NAAM),
    "a map": (400, JSON, {"errors": {"naam": ["verplicht"]}}, BadRequest, "", NAAM),
    "a map of texts": (400, JSON, {"errors": {"naam": "verplicht"}}, BadRequest, "", NAAM),
    "maps": (
        400,
        JSON,
        {"errors": {"adres": {"straat": ["te lang"]}}},
        BadRequest,
        "",
        [("adres.straat", "te lang")],
    ),
    "a list": (
        400,
        JSON,
        {"message": "fout", "errors": [{"field": "naam", "defaultMessage": "verplicht"}]},
        BadRequest,
        "fout",
        NAAM,
    ),
    "a list of texts": (400, JSON, {"errors": ["verplicht"]}, BadRequest, "", [("", "verplicht")]),
    "JSON:API": (
        400,
        JSON,
        {"errors": [{"source": {"pointer": "/naam"}, "detail": "verplicht"}]},
        BadRequest,
        "",
        [("/naam", "verplicht")],
    ),
    "a problem": (
        400,
        "application/problem+json",
        {
            "title": "Ongeldig",
            "detail": "14830 bestaat niet",
            "invalid-params": [{"name": "naam", "reason": "verplicht"}],
        },
        BadRequest,
        "Ongeldig; 14830 bestaat niet",
        NAAM,
    ),
    "the vendor's": (
        400,
        JSON,
        {
            "message": "Validatie",
            "_embedded": {"errors": [{"path": "naam", "message": "verplicht"}]},
        },
        BadRequest,
        "Validatie",
        NAAM,
    ),
    "text": (400, "text/plain", b"14830 bestaat niet", BadRequest, "14830 bestaat niet", []),
    "a page": (403, "text/html", b"<html>14830</html>", Forbidden, "", []),
    "nothing": (400, JSON, b"", BadRequest, "", []),
}


@contextlib.asynccontextmanager
async def refusing(api: str, status: int, media: str, body: bytes) -> Any:
    if api == "elements":

        async def handler(exchange: Exchange) -> None:
            exchange.answer(body, f"{status} X", f"Content-Type: {media}")

        async with raw_server(handler) as server, client_at(server.url) as client:
            yield client
    else:
        answers = procura_kit.answering(body, status=status, headers={"Content-Type": media})
        async with (
            procura_kit.replaying(answers) as replay,
            procura_kit.client_at(replay.url) as other,
        ):
            yield other


async def write(api: str, client: Any) -> None:
    if api == "elements":
        await client.dossier(5526).proposities.add({"naam": "x"}, validate=False)
    else:
        await client.dossier("A-1").documents.add(filename="a.txt", content=b"a")


@pytest.mark.parametrize("api", ["elements", "procura"])
@pytest.mark.parametrize("case", CASES)
async def test_the_servers_reasons_reach_the_caller_and_nobody_else(
    api: str, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    status, media, data, kind, message, faults = CASES[case]
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    caplog.set_level(logging.DEBUG)
    async with refusing(api, status, media, body) as client:
        with pytest.raises(StatusError) as caught:
            await write(api, client)
    error = caught.value
    assert isinstance(error, kind)
    assert error.server_message.startswith(message)
    assert bool(error.server_message) == bool(message)
    assert [tuple(each) for each in error.faults] == faults
    assert ("server_message" in str(error)) == bool(message)
    assert ("faults" in str(error)) == bool(faults)
    for secret in ("14830", "verplicht", "te lang", "bezet"):
        assert secret not in told(error)
        assert secret not in caplog.text
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (twin.server_message, twin.faults) == (error.server_message, error.faults)
        assert str(twin) == str(error)


BAD_METHODS = ["bad method", "", "GET\r\nX: y", "GET\n", "G" * 30, "GÉT", None, b"GET"]


@pytest.mark.parametrize("api", ["elements", "procura"])
@pytest.mark.parametrize("method", BAD_METHODS)
async def test_a_bad_method_is_an_input_error_on_both(
    api: str, method: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with refusing(api, 200, JSON, b"{}") as client:
        with pytest.raises(InputError, match="HTTP method"):
            await client.request(method, D if api == "elements" else "/api/v1/info")
        assert client.counters.sent == 0
    assert "X: y" not in caplog.text


@pytest.mark.parametrize("api", ["elements", "procura"])
@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/api/x\r\nX: y", "*/*"),
        ("/api/x\nY", "*/*"),
        ("/api/../x", "*/*"),
        (Path("/api/x\r\nX: y", "/api/{x}"), "*/*"),
        (Path("/api/x", "/api/x\nforged line"), "*/*"),
        (Path("/api/%2E%2e/x", "/api/{x}/x"), "*/*"),
        (Path("api/x", "api/x"), "*/*"),
        (None, "a/b\r\nX: y"),
        (None, "a\x00"),
        (None, "é"),
    ],
)
async def test_a_path_or_header_with_a_line_feed_never_leaves_and_reaches_no_log(
    api: str, path: Any, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    where = path or (D if api == "elements" else "/api/v1/info")
    async with refusing(api, 200, JSON, b"{}") as client:
        with pytest.raises(InputError) as caught:
            await client.request("POST", where, body=b"{}", accept=accept)
        assert client.counters.sent == 0
    for text in ("X: y", "forged"):
        assert text not in caplog.text
        assert text not in str(caught.value)


async def test_a_closed_session_of_the_callers_has_sent_nothing() -> None:
    session = aiohttp.ClientSession()
    async with refusing("procura", 200, JSON, b"{}") as client:
        base = client._base_url
        await client.authenticate()
    await session.close()
    async with procura_kit.client_at(base, http_session=session) as given:
        with pytest.raises(Exception, match="handed in is closed") as caught:
            await given.dossier("A-1").documents.add(filename="a.txt", content=b"a")
    assert not isinstance(caught.value, OutcomeUnknown)


async def test_the_longest_body_is_a_setting() -> None:
    seen: list[int] = []

    async def handler(exchange: Exchange) -> None:
        seen.append(len(exchange.body))
        exchange.answer(b"", "204 No Content")

    big = b'"' + b"x" * (26 * 1024 * 1024) + b'"'
    async with raw_server(handler) as server:
        async with client_at(server.url) as client:
            with pytest.raises(PayloadTooLarge, match="Raise max_body"):
                await client.request("PATCH", D, body=big)
            assert seen == []
        bearer = {"token_in_query": False, "max_body": 45 * 1024 * 1024}
        async with client_at(server.url, **bearer) as client:
            assert (await client.request("PATCH", D, body=big)).status == 204
    assert seen == [len(big)]


@pytest.mark.parametrize("size", [0, -1, True, 1.5, "9"])
def test_a_limit_that_is_none_is_refused(size: Any) -> None:
    with pytest.raises(ConfigError, match="max_body"):
        ElementsClient("demo", credentials=("a", "b"), organisation=1, scopes=["x"], max_body=size)
    with pytest.raises(ConfigError, match="max_body"):
        procura_kit.client_at("http://127.0.0.1:1", max_body=size)


NAMES = ["Jansen", "de Vries", "Jansen-2024", "É. van Dam", "999993653"]


@pytest.mark.parametrize("status", [404, 403, 400, 500])
@pytest.mark.parametrize("name", NAMES)
async def test_a_name_in_an_id_or_reference_reaches_no_error_and_no_log(
    name: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    errors: list[InputError | StatusError] = []
    async with refusing("procura", status, JSON, b'{"error": "x"}') as client:
        quoted = quote(name, safe="")
        for call in (
            client.births.get(name),
            client.dossier(name).documents.list(),
            client.commitments.cancel(name),
            client.read(f"/api/v1/births/{quoted}"),
            client.read(f"/api/v1/births/{quoted}/{quoted}"),
            client.read(f"/api/v1/{quoted}"),
        ):
            try:
                await call
            except (InputError, StatusError) as error:  # a link is read more strictly than an id
                errors.append(error)
        answer = await client.request("GET", Path(f"/api/v1/births/{quoted}", "/api/v1/births/{x}"))
        assert name not in repr(answer)
    assert sum(isinstance(each, StatusError) for each in errors) >= 3
    logged = [
        each.getMessage() for each in caplog.records if each.name.startswith("elements_procura")
    ]
    assert logged
    texts = [*logged, *map(str, errors), *map(repr, errors)]
    texts += [str(getattr(each, "template", "")) for each in errors]
    for text in texts:
        assert name not in text
        assert quoted not in text

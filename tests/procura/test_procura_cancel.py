"""Cancelling looks at what it cancels; lost writes say where to look, if anywhere."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from elements_procura.errors import (
    AmbiguousReference,
    BadRequest,
    NotFound,
    OutcomeUnknown,
    ReadOnlyError,
    ServerError,
)
from elements_procura.sandbox import ProcuraSandbox
from tests.client_kit import client_for
from tests.procura.procura_kit import KINDS, answering, client_at, problem, replaying

IMPORT = {"name": "n", "type": "t", "records": [{"values": {"a": "b"}}]}


def statuses(sandbox: ProcuraSandbox) -> list[str]:
    return [case.status for case in sandbox.cases]


@pytest.mark.parametrize("message", [None, "Gaat niet door"])
async def test_a_commitment_is_looked_at_and_cancelled(message: str | None) -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        await client.commitments.add(KINDS["commitments"][1](), reference="mine")
        await client.commitments.cancel("mine", message=message)
        assert statuses(sandbox) == ["cancelled"]
        last = [f"{entry.method} {entry.path}" for entry in sandbox.log[-2:]]
        where = "/api/v1/commitments/mine"
        assert last == [f"GET {where}", f"POST {where}/cancel"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "commitments"])
async def test_a_case_of_another_kind_is_not_cancelled(kind: str) -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        of, body = KINDS[kind]
        await of(client).add(body(), reference="mine")
        with pytest.raises(BadRequest, match="of another kind; nothing was changed"):
            await client.commitments.cancel("mine", message="x")
        assert statuses(sandbox) != ["cancelled"]
        assert not any("cancel" in entry.path for entry in sandbox.log)


@contextlib.asynccontextmanager
async def telling(text: str) -> AsyncIterator[Any]:
    """A server that tells this of every case and cancels whatever it is told to."""

    def answer(request: web.Request, _: bytes) -> web.Response:
        if request.path.endswith("/cancel"):
            return web.Response(status=204)
        if request.path.endswith("/search"):
            return web.json_response({"result": {"elements": 0, "content": []}})
        return web.json_response(problem(text), status=500)

    async with replaying(answer) as server, client_at(server.url) as client:
        yield server, client


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Er is een zaak met zaak-id A-1, maar dat is van type X", BadRequest),
        ("Given zaak is of X, expected Y", BadRequest),
        ("Er is geen zaak met zaak-id 'A-1'", NotFound),
        ("Er zijn meerdere zaken met zaak-id A-1", AmbiguousReference),
        ("kapot", ServerError),
        ("Timeout on blocking read for 1 NANOSECONDS", ServerError),
    ],
)
async def test_what_cannot_be_shown_to_be_one_is_not_cancelled(text: str, error: Any) -> None:
    async with telling(text) as (server, client):
        with pytest.raises(error) as caught:
            await client.commitments.cancel("A-1")
        assert type(caught.value) is error
        assert not any(seen.path.endswith("/cancel") for seen in server.seen)


async def test_the_look_can_be_skipped() -> None:
    async with telling("kapot") as (server, client):
        await client.commitments.cancel("A-1", look=False)
        assert [seen.path for seen in server.seen] == ["/api/v1/commitments/A-1/cancel"]


async def test_a_commitment_that_the_server_cannot_tell_is_cancelled() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        sandbox.make_unreadable()
        case = await client.commitments.add(KINDS["commitments"][1](), reference="mine")
        assert case.partial
        await client.commitments.cancel("mine")
        assert statuses(sandbox) == ["cancelled"]


async def test_a_read_only_client_does_not_even_look() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox, read_only=True) as client:
        with pytest.raises(ReadOnlyError):
            await client.commitments.cancel("A-1")
        assert sandbox.log == []


@pytest.mark.parametrize("status", [500, 502, 200])
async def test_a_lost_import_hints_at_no_collection(status: int) -> None:
    answers = answering(problem(None), status=status)
    async with replaying(answers) as server, client_at(server.url) as client:
        with pytest.raises(OutcomeUnknown) as caught:
            await client.dataimport.add(IMPORT)
    assert "No endpoint lists imports" in str(caught.value)
    assert "ollection" not in str(caught.value)

"""Options of single calls: how often a read is sent, and the answers beside their records."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from elements_procura.errors import ConfigError, NotFound, ServerError
from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox
from tests import client_kit
from tests.clock import QuickClock

if TYPE_CHECKING:
    from elements_procura.core.answers import Response


@pytest.mark.parametrize("most", [1, 2, 5])
async def test_a_read_is_sent_so_often(most: int) -> None:
    fault = Fault(kind="status", status=503, match="GET */klantdossiers/*")
    async with (
        Sandbox(dossiers=1, limits="off", faults=(fault,)) as sandbox,
        client_kit.client_for(sandbox, clock=QuickClock()) as client,
    ):
        with pytest.raises(ServerError) as caught:
            await client.with_options(max_attempts=most).klantdossiers.get(sandbox.dossier_ids[0])
        assert caught.value.attempts == most
        assert sum(entry.method == "GET" for entry in sandbox.log) == most


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "3"])
async def test_a_number_of_attempts_that_makes_no_sense(wrong: Any) -> None:
    async with Sandbox(dossiers=1) as sandbox, client_kit.client_for(sandbox) as client:
        with pytest.raises(ConfigError, match="max_attempts must be a whole number"):
            client.with_options(max_attempts=wrong)


async def test_the_answer_beside_its_record() -> None:
    seen: list[Response] = []
    async with Sandbox(dossiers=2) as sandbox, client_kit.client_for(sandbox) as client:
        one, other = sandbox.dossier_ids
        watched = client.with_options(on_response=seen.append)
        dossier = await watched.klantdossiers.get(one)
        await client.klantdossiers.get(other)
        [answer] = seen
        assert (answer.status, answer.attempts) == (200, 1)
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.body == sandbox.truth(one)[f"/api/data/klantdossiers/{one}"]
        assert dossier.id == one


async def test_answers_that_raise_and_calls_at_once() -> None:
    async with Sandbox(dossiers=2) as sandbox, client_kit.client_for(sandbox) as client:

        async def status(dossier: int) -> tuple[int, list[int]]:
            seen: list[Response] = []
            watched = client.with_options(on_response=seen.append)
            try:
                await watched.dossier(dossier).adviseurs.list()
            except NotFound:
                return dossier, [each.status for each in seen]
            return dossier, [each.status for each in seen]

        ids = [*sandbox.dossier_ids, 999_999_999]
        found = dict(await asyncio.gather(*map(status, ids)))
        assert found == {ids[0]: [200], ids[1]: [200], ids[2]: [404]}


async def test_answers_of_procura_and_of_writes() -> None:
    seen: list[Response] = []
    async with ProcuraSandbox(dossiers=1) as sandbox, client_kit.client_for(sandbox) as client:
        watched = client.with_options(on_response=seen.append)
        await watched.dossier(sandbox.dossier_ids[0]).documents.list()
        await client.info()
    assert [(each.request.method, each.status) for each in seen] == [("GET", 200)]

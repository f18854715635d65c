"""What an older server, or a longer name, asks of the client."""

import pytest
from aiohttp import web

from elements_procura.errors import InputError, StatusError
from elements_procura.sandbox import ProcuraSandbox
from tests.client_kit import client_for
from tests.procura.procura_kit import answering, client_at, replaying


async def test_before_1_0_22_the_version_is_told_to_a_token_only() -> None:
    def answer(request: web.Request, _body: bytes) -> web.Response:
        if "Authorization" not in request.headers:
            return web.Response(status=401)
        return web.json_response({"version": "1.0.21", "buildTime": "01 jan. 2024 - 10:00"})

    async with replaying(answer) as server, client_at(server.url) as client:
        assert (await client.info()).version == "1.0.21"
    assert ["Authorization" in seen.headers for seen in server.seen] == [False, True]


async def test_since_then_to_everybody() -> None:
    answers = answering({"version": "1.0.22"})
    async with replaying(answers) as server, client_at(server.url) as client:
        assert (await client.info()).version == "1.0.22"
    assert ["Authorization" in seen.headers for seen in server.seen] == [False]


async def test_other_refusals_of_the_version_are_told() -> None:
    async with (
        replaying(answering(b"", status=403)) as server,
        client_at(server.url) as client,
    ):
        with pytest.raises(StatusError):
            await client.info()
    assert len(server.seen) == 1


@pytest.mark.parametrize("letters", [160, 161, 200, 900])
async def test_a_document_is_downloaded_by_the_id_that_add_returned(letters: int) -> None:
    async with ProcuraSandbox(dossiers=1) as sandbox, client_for(sandbox) as client:
        documents = client.dossier(sandbox.dossier_ids[0]).documents
        added = await documents.add(filename="a" * letters + ".pdf", content=b"%PDF-1.4")
        assert added.id is not None
        assert len(added.id) > 250
        assert await documents.list() == (added,)
        assert (await documents.download(added.id)).content == b"%PDF-1.4"


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a\nb"])
async def test_what_leads_elsewhere_is_no_id_of_a_document(name: str) -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(InputError, match="documentId"):
            await client.dossier("a-1").documents.download(name)


async def test_what_people_type_has_a_longest_length() -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(InputError, match="dossierId"):
            client.dossier("a" * 256)

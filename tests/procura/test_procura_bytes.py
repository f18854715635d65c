"""Answers that are no JSON, and what else may come in their place."""

import pytest

from elements_procura.errors import ProtocolError
from tests.procura.procura_kit import answering, client_at, replaying


async def test_a_list_that_is_left_unset_is_json_and_silence_is_not() -> None:
    async with replaying(answering(b"null")) as server, client_at(server.url) as client:
        assert (await client.read("/api/v1/dossiers/a-1/documents")).body == b"null"
        server.answers = answering(b"")
        with pytest.raises(ProtocolError, match="empty"):
            await client.read("/api/v1/dossiers/a-1/documents")


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream"])
@pytest.mark.parametrize("body", [b"<html>onderhoud</html>", b'\xef\xbb\xbf {"error": 1}', b""])
async def test_a_page_or_nothing_is_no_document_unless_it_has_a_name(
    body: bytes, kind: str
) -> None:
    headers = {"Content-Type": kind}
    answers = answering(body, headers=headers)
    async with replaying(answers) as server, client_at(server.url) as client:
        with pytest.raises(ProtocolError):
            await client.dossier("a-1").documents.download("x")
        named = headers | {"Content-Disposition": 'attachment; filename="a.html"'}
        server.answers = answering(body, headers=named)
        assert (await client.dossier("a-1").documents.download("x")).content == body

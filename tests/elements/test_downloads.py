"""Downloads: whole or not at all, never whole in memory."""

import asyncio
import contextlib
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from elements_procura.core.timeouts import Timeouts
from elements_procura.elements.client import ElementsClient
from elements_procura.elements.models.profielfoto import Profielfoto
from elements_procura.errors import (
    ElementsProcuraError,
    NotFound,
    ProtocolError,
    StoreError,
    TransportError,
)
from tests.client_kit import Exchange, client_at, raw_server
from tests.contract import BY_KEY, PICTURE, recording

OWNER = "/api/data/klantdossiers/5526/kantoor/profielfoto"
SERVED = {"status": 200, "headers": {"Content-Type": "image/png"}, "body": PICTURE}
META = BY_KEY["GET", "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/profielfoto"].answers[0]


def picture(client: ElementsClient) -> Any:
    return client.dossier(5526).kantoor.profielfoto


async def test_a_picture_becomes_a_file(tmp_path: Path) -> None:
    target = tmp_path / "foto.png"
    target.write_bytes(b"an older one")
    async with recording(SERVED) as server, client_at(server.url) as client:
        expected = Profielfoto(id=14, bestandsgrootte=len(PICTURE))
        assert await picture(client).download(target, expected=expected) == len(PICTURE)
    assert target.read_bytes() == PICTURE
    assert [each.name for each in tmp_path.iterdir()] == ["foto.png"]
    assert server.seen[0].headers["Accept"] == "*/*"


async def test_a_picture_can_be_read_in_pieces() -> None:
    async with recording(SERVED) as server, client_at(server.url) as client:
        assert b"".join([bytes(piece) async for piece in picture(client).stream()]) == PICTURE


async def test_what_is_known_of_a_picture_says_how_long_it_is(tmp_path: Path) -> None:
    """98,429 bytes are documented; another number came."""
    async with recording(META) as server, client_at(server.url) as client:
        meta = await picture(client).get()
        assert meta.bestandsgrootte == 98429
        server.answer = SERVED
        with pytest.raises(ProtocolError, match=r"76,800 bytes came, 98,429 were announced"):
            await picture(client).download(tmp_path / "foto.png", expected=meta)
    assert list(tmp_path.iterdir()) == []


async def test_no_picture_leaves_no_file_and_takes_none_away(tmp_path: Path) -> None:
    (tmp_path / "foto.png").write_bytes(b"an older one")
    answer = {"status": 404, "headers": {}, "body": b""}
    async with recording(answer) as server, client_at(server.url) as client:
        with pytest.raises(NotFound):
            await picture(client).download(tmp_path / "foto.png")
        with pytest.raises(NotFound):
            await anext(picture(client).stream())
    assert (tmp_path / "foto.png").read_bytes() == b"an older one"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("status", "kind", "body", "outcome"),
    [
        (404, "application/json", b"", None),
        (404, "text/html", b"<html>Niet gevonden</html>", NotFound),
        (404, "text/plain", b"default backend - 404", NotFound),
        (410, "text/html", b"<html>Weg</html>", NotFound),
        *((200, "application/json", body, ProtocolError) for body in (b"{}", b"[]", b"null", b"")),
        (200, "application/json", b'{"error":"invalid_token"}', ProtocolError),
        (200, "text/html", b"<html>Onderhoud</html>", ProtocolError),
    ],
)
async def test_e1_what_is_told_of_a_picture_is_proven_or_an_error(
    status: int, kind: str, body: bytes, outcome: type[ElementsProcuraError] | None
) -> None:
    answer = {"status": status, "headers": {"Content-Type": kind}, "body": body}
    async with recording(answer) as server, client_at(server.url) as client:
        if outcome is None:
            assert await picture(client).get() is None
            return
        with pytest.raises(outcome) as caught:
            await picture(client).get()
        assert not isinstance(caught.value, NotFound) or not caught.value.is_proven


async def broken_off(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 60)
    await exchange.writer.drain()
    exchange.drop()


async def test_a_picture_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    async with raw_server(broken_off) as server, client_at(server.url) as client:
        with pytest.raises(TransportError):
            await picture(client).download(tmp_path / "foto.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.virtual_time
async def test_a_cancelled_download_leaves_no_file(tmp_path: Path) -> None:
    async def stalls(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 60)
        await exchange.writer.drain()
        await asyncio.sleep(9)

    async with raw_server(stalls) as server, client_at(server.url) as client:
        task = asyncio.create_task(picture(client).download(tmp_path / "foto.png"))
        await asyncio.sleep(1)
        assert len(list(tmp_path.iterdir())) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["nowhere/foto.png", "taken"])
async def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    async with recording(SERVED) as server, client_at(server.url) as client:
        with pytest.raises(StoreError, match="the file cannot be written"):
            await picture(client).download(tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


async def test_a_long_download_is_never_whole_in_memory(tmp_path: Path) -> None:
    size = 32 * 1024 * 1024

    async def long(exchange: Exchange) -> None:
        exchange.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            for _ in range(size // 65536):
                exchange.send(bytes(65536))
                await exchange.writer.drain()

    # An answer that is read whole is capped; one that is streamed need not be.
    async with raw_server(long) as server, client_at(server.url, max_response_bytes=1024) as client:
        await client.authenticate()  # its request keeps to the client's own time limits
        client = client.with_options(timeout=Timeouts(total=0.001))  # noqa: PLW2901 - the same, less patient
        tracemalloc.start()
        try:
            assert await picture(client).download(tmp_path / "long") == size
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert (tmp_path / "long").stat().st_size == size
    assert peak < 4 * 1024 * 1024


async def test_a_link_can_be_downloaded(tmp_path: Path) -> None:
    async with recording(SERVED) as server, client_at(server.url) as client:
        assert await client.download(f"{OWNER}/download", tmp_path / "x") == len(PICTURE)
        with pytest.raises(ElementsProcuraError, match="not lead to a path of this server"):
            await client.download("https://elsewhere.example/x", tmp_path / "y")
    assert len(server.seen) == 1

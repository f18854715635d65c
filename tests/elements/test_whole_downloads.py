"""Pictures and files: compared with what is known of their size, asked for once more."""

import gzip
import json
import logging
import random
from pathlib import Path
from typing import Any

import pytest

from elements_procura.elements.models.profielfoto import Profielfoto
from elements_procura.errors import ProtocolError
from elements_procura.harvest import ElementsSource, Store, harvest
from elements_procura.harvest.events import ResourceQuarantined
from tests.client_kit import Exchange, client_at, raw_server

WHOLE = b"\xff\xd8\xff\xe0" + random.Random(7).randbytes(60_000) + b"\xff\xd9"
D = "/api/data/klantdossiers/1"
FOTO = f"{D}/kantoor/profielfoto"


def cut(body: bytes = WHOLE) -> bytes:
    """Half of a gzipped body: what is left of it is half a picture."""
    packed = gzip.compress(body, mtime=0)
    return packed[: len(packed) // 2]


TRUNCATED = (cut(), ("Content-Encoding: gzip",))
RIGHT = (WHOLE, ())
PACKED = (gzip.compress(WHOLE, mtime=0), ("Content-Encoding: gzip",))
REFRAMED = (WHOLE[:30_000], ())


class Serving:
    """Answers with each of ``answers`` in turn, and with the last one for ever."""

    def __init__(self, *answers: tuple[bytes, tuple[str, ...]]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.accepted: set[str] = set()

    async def __call__(self, exchange: Exchange) -> None:
        self.asked.append(exchange.path)
        self.accepted.add(exchange.headers["accept-encoding"])
        body, headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        exchange.answer(body, "200 OK", "Content-Type: image/jpeg", *headers)


@pytest.mark.parametrize(
    ("answers", "size", "asked"),
    [
        ((RIGHT,), len(WHOLE), 1),
        ((RIGHT,), None, 1),
        ((PACKED,), len(WHOLE), 1),
        ((PACKED,), None, 1),
        ((TRUNCATED, RIGHT), len(WHOLE), 2),
        ((TRUNCATED, PACKED), None, 2),
        ((REFRAMED, RIGHT), len(WHOLE), 2),
        ((REFRAMED, RIGHT), None, 2),
        ((RIGHT,), 98_429, 2),  # twice the same, whole by its own format: kept
    ],
)
async def test_what_is_kept(
    answers: Any, size: int | None, asked: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    serving, again = Serving(*answers), Serving(*answers)
    expected = None if size is None else Profielfoto(id=1, bestandsgrootte=size)
    with caplog.at_level(logging.WARNING, "elements_procura"):
        async with raw_server(serving) as server, client_at(server.url) as client:
            foto = client.dossier(1).kantoor.profielfoto
            assert await foto.download(tmp_path / "foto", expected=expected) == len(WHOLE)
            assert (tmp_path / "foto").read_bytes() == WHOLE
            assert server.connections == asked + 1  # each on its own, and the token's
    async with raw_server(again) as server, client_at(server.url) as client:
        assert (await client.picture(f"{FOTO}/download", size=size)).body == WHOLE
    assert len(serving.asked) == len(again.asked) == asked
    assert serving.accepted == {"identity"}
    assert bool(caplog.records) is (size == 98_429)


@pytest.mark.parametrize(
    ("answers", "size"),
    [
        ((TRUNCATED,), len(WHOLE)),
        ((TRUNCATED,), None),
        ((REFRAMED,), len(WHOLE)),
        ((RIGHT, (WHOLE + b"\xff\xd9", ())), 98_429),
        ((RIGHT, REFRAMED), 98_429),
    ],
)
async def test_what_is_not(answers: Any, size: int | None, tmp_path: Path) -> None:
    serving = Serving(*answers)
    async with raw_server(serving) as server, client_at(server.url) as client:
        expected = None if size is None else Profielfoto(id=1, bestandsgrootte=size)
        foto = client.dossier(1).kantoor.profielfoto
        with pytest.raises(ProtocolError):
            await foto.download(tmp_path / "foto", expected=expected)
    assert len(serving.asked) == 2
    assert list(tmp_path.iterdir()) == []


async def test_files_of_no_known_format_are_taken_as_they_come(tmp_path: Path) -> None:
    serving = Serving((gzip.compress(b"%PDF"), ("Content-Encoding: gzip",)))
    async with raw_server(serving) as server, client_at(server.url) as client:
        assert await client.download(f"{D}/stukken/1?versie=2", tmp_path / "x") == 4
    assert len(serving.asked) == 1


async def test_a_part_that_tells_the_whole_size_is_no_picture(tmp_path: Path) -> None:
    part = (WHOLE[:30_000], (f"Content-Range: bytes 0-29999/{len(WHOLE)}",))
    async with raw_server(Serving(part)) as server, client_at(server.url) as client:
        with pytest.raises(ProtocolError):
            await client.picture(f"{FOTO}/download")
        with pytest.raises(ProtocolError):
            await client.dossier(1).kantoor.profielfoto.download(tmp_path / "foto")
    assert list(tmp_path.iterdir()) == []


async def test_a_picture_of_unknown_size_that_stays_odd_is_kept_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    serving = Serving(REFRAMED)
    with caplog.at_level(logging.WARNING, "elements_procura"):
        async with raw_server(serving) as server, client_at(server.url) as client:
            await client.dossier(1).kantoor.profielfoto.download(tmp_path / "foto")
    assert (tmp_path / "foto").read_bytes() == REFRAMED[0]
    assert len(serving.asked) == 2
    assert "does not end well" in caplog.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>login</html>", "text/html; charset=utf-8"),
        (b'{"error": "x"}', "application/json"),
        (b'{"title": "x"}', "application/problem+json"),
        (b"", "image/jpeg"),
        (b"", ""),
        (b"<html>login</html>", "image/jpeg"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>", "application/octet-stream"),
        (b"<br />\n<b>Warning</b>" + WHOLE, "image/jpeg"),
        (b"<?xml version='1.0'?><Error/>", "application/xml"),
        (b'{"error": "x"}', "application/octet-stream"),
        (b"[]", ""),
        (b"default backend - 404", "text/plain"),
        pytest.param(PACKED[0], "image/jpeg", id="packed, and says nothing of it"),
    ],
)
async def test_what_is_no_picture(body: bytes, kind: str, tmp_path: Path) -> None:
    async def page(exchange: Exchange) -> None:
        exchange.answer(body, "200 OK", f"Content-Type: {kind}")

    async with raw_server(page) as server, client_at(server.url) as client:
        foto = client.dossier(1).kantoor.profielfoto
        with pytest.raises(ProtocolError, match="not a picture"):
            await foto.download(tmp_path / "foto")
        with pytest.raises(ProtocolError, match="not a picture"):
            assert [bytes(piece) async for piece in foto.stream()] == []
        with pytest.raises(ProtocolError, match="not a picture"):
            await client.picture(f"{FOTO}/download")
    assert list(tmp_path.iterdir()) == []


class World:
    """One dossier whose kantoor has a picture of a size that is told before."""

    def __init__(self, *pictures: tuple[bytes, tuple[str, ...]]) -> None:
        self.pictures = Serving(*pictures)

    async def __call__(self, exchange: Exchange) -> None:
        path = exchange.path
        links: dict[str, Any] = {"self": {"href": path}}
        data: dict[str, Any] = {"id": 1, "_links": links}
        if path.endswith("/download"):
            await self.pictures(exchange)
            return
        if path == D:
            links["klanten/particulier"] = {"href": f"{D}/klanten/particulier"}
        elif path.endswith("/particulier"):
            data = {"_links": links, "_embedded": {"particulier": [{"id": 7}]}}
        elif path.endswith("/profielfoto"):
            links["download"] = {"href": f"{path}/download"}
            data |= {"bestandsgrootte": len(WHOLE)}
        elif path == "/api/data/klantdossiers":
            data = {"_links": links, "_embedded": {"klantdossiers": [{"id": 1}]}}
        else:
            data = {"_links": links, "_embedded": {}}
        exchange.answer(json.dumps(data).encode(), "200 OK", "Content-Type: application/json")


@pytest.mark.parametrize(
    ("pictures", "stored"),
    [((TRUNCATED, RIGHT), True), ((REFRAMED, RIGHT), True), ((REFRAMED,), False)],
)
async def test_a_harvests_picture_is_compared_with_what_was_told_before(
    pictures: Any, stored: bool, tmp_path: Path
) -> None:
    world = World(*pictures)
    path = f"{D}/klanten/particulier/7/profielfoto/download"
    async with raw_server(world) as server, client_at(server.url) as client:
        source = ElementsSource(client)
        include = (*source.groups, "profielfotos")
        with Store.create(tmp_path / "store", tenant="t") as store:
            events = [each async for each in harvest(source, store, include=include)]
            assert store.body(path) == (WHOLE if stored else None)
    quarantined = [each.kind for each in events if isinstance(each, ResourceQuarantined)]
    assert quarantined == ([] if stored else ["particulier/profielfoto/download"])

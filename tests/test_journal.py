"""Writes that tell the truth: what the caller, the journal and the server say agrees."""

import asyncio
import copy
import hashlib
import os
import pickle
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest

from elements_procura.core.journal import FileJournal, Outcome, Write
from elements_procura.core.timeouts import Timeouts
from elements_procura.elements._api import CreatedId
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import (
    AuthenticationError,
    BadRequest,
    BodyError,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    ReadOnlyError,
    StoreError,
)
from tests.client_kit import Exchange, client_at, raw_server

BODY = {"naam": "Geheime propositie"}
DIGEST = hashlib.sha256(b'{"naam":"Geheime propositie"}').hexdigest()
PATH = "/api/data/klantdossiers/5526/proposities"
TEMPLATE = "/api/data/klantdossiers/{DOSSIER_ID}/proposities"
GENERATED = f"Location: {PATH}/1"


@attrs.define
class Records:
    """A server that adds a record for every whole write, and answers as ``ways`` say, in turn."""

    ways: list[str]
    added: int = 0
    url: str = ""
    reached: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def handle(self, exchange: Exchange) -> None:
        way = self.ways.pop(0) if self.ways else "created"
        answers: dict[str, tuple[bytes, str, str]] = {
            "refused": (b'{"total":1}', "400 Bad Request", "X: x"),
            "too many": (b'{"error":"Limit exceeded of 5 request(s) in 1 second(s)"}', "429 X", ""),
            "bad token": (b"{}", "401 Unauthorized", "Content-Type: application/json"),
            "before": (b"", "", ""),
        }
        if way in answers:
            body, status, header = answers[way]
            if status:
                exchange.answer(body, status, *([header] if header else []))
            else:
                exchange.drop()
            return
        self.added += 1
        self.reached.set()
        if way == "created":
            exchange.answer(b"", "201 Created", GENERATED)
        elif way == "changed":
            exchange.answer(b"", "204 No Content")
        elif way == "no location":
            exchange.answer(b"", "201 Created")
        elif way == "error":
            exchange.answer(b"oops", "500 Internal Server Error")
        elif way == "cut off":
            exchange.send(b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nx")
            await exchange.writer.drain()
            exchange.drop()
        elif way == "after":
            exchange.drop()
        elif way == "silent":
            await asyncio.sleep(9)


@asynccontextmanager
async def writing(
    *ways: str, **options: Any
) -> AsyncIterator[tuple[ElementsClient, Records, list[Write]]]:
    """A client with a journal, and a server that counts what was added."""
    entries: list[Write] = []
    records = Records(list(ways))
    options = {"journal": entries.append, "timeouts": Timeouts(read=2)} | options
    async with raw_server(records.handle) as server, client_at(server.url, **options) as client:
        records.url = server.url
        yield client, records, entries


async def add(client: ElementsClient) -> CreatedId:
    return await client.dossier(5526).proposities.add(BODY)


@pytest.mark.parametrize(
    ("ways", "outcome", "added"),
    [
        (["created"], "done", 1),
        (["too many", "created"], "done", 1),
        (["bad token", "created"], "done", 1),
        (["too many", "bad token", "too many", "created"], "done", 1),
    ],
)
async def test_what_is_told_to_be_added_is_added_once(
    ways: list[str], outcome: str, added: int
) -> None:
    async with writing(*ways) as (client, records, entries):
        made = await add(client)
    assert (made, made.location) == (1, f"{PATH}/1")
    assert records.added == added
    assert [entry.outcome for entry in entries] == ["sending", outcome]
    assert (entries[1].status, entries[1].location) == (201, f"{PATH}/1")


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("ways", "added"),
    [
        (["before"], 0),
        (["after"], 1),
        (["error"], 1),
        (["cut off"], 1),
        (["silent"], 1),
        (["too many", "after"], 1),
        (["bad token", "error"], 1),
    ],
)
async def test_what_nobody_knows_is_told_and_not_repeated(ways: list[str], added: int) -> None:
    async with writing(*ways) as (client, records, entries):
        with pytest.raises(OutcomeUnknown) as caught:
            await add(client)
    assert records.added == added
    assert records.ways == []
    assert caught.value.template == TEMPLATE
    assert caught.value.digest == DIGEST
    assert caught.value.sent_at >= entries[0].at
    assert [entry.outcome for entry in entries] == ["sending", "unknown"]
    assert entries[0].digest == DIGEST


@pytest.mark.parametrize(
    ("ways", "kind"),
    [
        (["refused"], BadRequest),
        (["bad token", "bad token"], AuthenticationError),
    ],
)
async def test_what_is_refused_is_not_there(ways: list[str], kind: type[Exception]) -> None:
    async with writing(*ways) as (client, records, entries):
        with pytest.raises(kind):
            await add(client)
    assert records.added == 0
    assert [entry.outcome for entry in entries] == ["sending", "refused"]


async def test_what_was_added_without_saying_where_is_not_called_failed() -> None:
    async with writing("no location") as (client, records, entries):
        with pytest.raises(ProtocolError, match="it was added, but") as caught:
            await add(client)
    assert "adding it again would add another" in str(caught.value)
    assert records.added == 1
    assert [entry.outcome for entry in entries] == ["sending", "done"]


async def test_what_found_nobody_was_not_sent() -> None:
    entries: list[Write] = []
    async with client_at("http://127.0.0.1:9", journal=entries.append) as client:
        with pytest.raises(NotSent):
            await add(client)
    assert [entry.outcome for entry in entries] == ["sending", "not sent"]


@pytest.mark.virtual_time
async def test_a_write_that_is_cancelled_is_of_unknown_outcome() -> None:
    async with writing("silent", timeouts=Timeouts(read=5)) as (client, records, entries):
        task = asyncio.create_task(add(client))
        await asyncio.wait_for(records.reached.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [entry.outcome for entry in entries] == ["sending", "unknown"]


async def test_a_write_that_is_cancelled_in_the_queue_was_not_sent() -> None:
    entries: list[Write] = []
    waits = asyncio.Event()

    def journal(write: Write) -> None:
        entries.append(write)
        waits.set()

    async with writing(journal=journal) as (client, records, _):
        await client.authenticate()
        session = client._session
        session._scheduler.acquire = never  # type: ignore[method-assign] # fails
        task = asyncio.create_task(add(client))
        await waits.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert records.added == 0
    assert [entry.outcome for entry in entries] == ["sending", "not sent"]


async def never(*_: Any, **__: Any) -> Any:
    await asyncio.Event().wait()


async def test_entries_hold_what_is_needed_and_nothing_of_the_body() -> None:
    async with writing("created", "changed") as (client, _, entries):
        await add(client)
        await client.klantdossiers.update(5526, {"standaardCorrespondentieadres": {"id": 1}})
    before, after, patch, _ = entries
    assert before.id == after.id != patch.id
    assert (before.method, before.template, before.path) == ("POST", TEMPLATE, PATH)
    assert (patch.method, patch.path) == ("PATCH", "/api/data/klantdossiers/5526")
    assert before.at <= after.at
    assert (before.status, before.location) == (None, None)
    assert "Geheime" not in repr(entries)


async def test_what_is_not_sent_by_choice_is_not_in_the_journal() -> None:
    async with writing(read_only=True) as (client, records, entries):
        with pytest.raises(ReadOnlyError):
            await add(client)
        with pytest.raises(BodyError):
            await client.dossier(5526).proposities.add({"naam": ""})
        await client.authenticate()
    assert (records.added, entries) == (0, [])


async def test_reads_are_not_in_the_journal() -> None:
    async with writing("refused") as (client, _, entries):
        with pytest.raises(BadRequest):
            await client.klantdossiers.get(5526)
    assert entries == []


async def test_a_journal_that_fails_before_keeps_the_write_from_being_sent() -> None:
    def journal(_: Write) -> None:
        raise StoreError("the journal is full")

    async with writing(journal=journal) as (client, records, _):
        with pytest.raises(StoreError, match="full"):
            await add(client)
    assert records.added == 0


async def test_a_journal_that_fails_after_does_not_hide_what_was_added(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def journal(write: Write) -> None:
        if write.outcome is not Outcome.SENDING:
            raise StoreError("the journal is full")

    async with writing(journal=journal) as (client, records, _):
        assert await add(client) == 1
    assert records.added == 1
    assert "failed to take the outcome of POST" in caplog.text


# ---------------------------------------------------------------- in a file


async def test_a_file_keeps_what_is_unfinished(tmp_path: Path) -> None:
    path = tmp_path / "writes.jsonl"
    async with writing("created", "after", "refused", journal=FileJournal(path)) as given:
        client, records, _ = given
        await add(client)
        with pytest.raises(OutcomeUnknown):
            await add(client)
        with pytest.raises(BadRequest):
            await add(client)
    assert records.added == 2
    [write] = FileJournal(path).unfinished()
    assert (write.outcome, write.path, write.digest) == (Outcome.UNKNOWN, PATH, DIGEST)
    assert len(path.read_bytes().splitlines()) == 6
    assert b"Geheime" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_crash_leaves_a_list_to_reconcile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is on disk before the request leaves; a torn last line is passed over."""
    path = tmp_path / "writes.jsonl"
    seen: list[tuple[int, bool]] = []
    synced: list[tuple[int, int]] = []

    def sync(handle: int) -> None:
        synced.append((os.fstat(handle).st_ino, os.fstat(handle).st_size))

    monkeypatch.setattr(os, "fsync", sync)

    async def handle(exchange: Exchange) -> None:
        is_synced = (path.stat().st_ino, path.stat().st_size) in synced
        seen.append((len(FileJournal(path).unfinished()), is_synced))
        exchange.answer(b"", "201 Created", GENERATED)

    async with (
        raw_server(handle) as server,
        client_at(server.url, journal=FileJournal(path)) as client,
    ):
        await add(client)
    assert seen == [(1, True)]
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:30])
    [write] = FileJournal(path).unfinished()
    assert write.outcome is Outcome.SENDING
    path.write_bytes(lines[0] + lines[1])
    assert FileJournal(path).unfinished() == ()


async def test_an_entry_after_a_torn_line_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "writes.jsonl"
    path.write_bytes(b'{"id": "torn by a power c')
    async with writing("created", "after", journal=FileJournal(path)) as (client, _, _):
        await add(client)
        with pytest.raises(OutcomeUnknown):
            await add(client)
    [write] = FileJournal(path).unfinished()
    assert write.outcome is Outcome.UNKNOWN
    assert len(path.read_bytes().splitlines()) == 5


async def test_with_a_journal_on_a_full_disk_nothing_leaves() -> None:
    async with writing(journal=FileJournal("/dev/full")) as (client, records, _):
        with pytest.raises(StoreError, match="the journal cannot be written: No space left"):
            await add(client)
    assert records.added == 0


async def test_a_journal_that_takes_half_an_entry_keeps_none_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, write = tmp_path / "writes.jsonl", os.write

    def half(descriptor: int, data: bytes) -> int:
        if path.exists() and path.stat().st_size:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[: len(data) // 2])

    async with writing(journal=FileJournal(path)) as (client, records, _):
        with monkeypatch.context() as patch:
            patch.setattr("elements_procura.disk.lines.os.write", half)
            with pytest.raises(StoreError, match="No space left"):
                await add(client)
        assert (records.added, path.read_bytes()) == (0, b"")
        await add(client)
    assert len(path.read_bytes().splitlines()) == 2


async def test_a_journal_without_a_place_is_told(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "nowhere" / "writes.jsonl")
    async with writing(journal=journal) as (client, records, _):
        with pytest.raises(StoreError, match="the journal cannot be written"):
            await add(client)
    assert records.added == 0
    with pytest.raises(StoreError, match="the journal cannot be read"):
        journal.unfinished()


async def test_many_writes_at_once_keep_their_lines_whole(tmp_path: Path) -> None:
    path = tmp_path / "writes.jsonl"
    async with writing(journal=FileJournal(path)) as (client, records, _):
        await asyncio.gather(*(add(client) for _ in range(20)))
    assert records.added == 20
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    assert len(lines) == 40
    assert len({line["id"] for line in lines}) == 20


def test_created_is_an_id_that_survives_a_copy() -> None:
    made = CreatedId(7, "/x/7")
    for twin in (copy.copy(made), pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert (twin, twin.location, type(twin)) == (7, "/x/7", CreatedId)

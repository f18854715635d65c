"""Pictures and documents: harvested when asked for, as the very bytes that are served."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from elements_procura.demo import verify, verify_procura
from elements_procura.elements.client import ElementsClient
from elements_procura.elements.kinds import GROUPS
from elements_procura.errors import ProtocolError
from elements_procura.harvest import (
    ProcuraSource,
    ResourceGone,
    ResourceQuarantined,
    Store,
    harvest,
)
from elements_procura.procura.client import ProcuraClient
from elements_procura.sandbox import Fault, ProcuraSandbox
from elements_procura.spec.source import Answer, Discovery, Row, Work
from tests.harvest.harvesting import TENANT, connect, repeated, requested, small
from tests.harvest.inside import db_of
from tests.harvest.test_procura import FIRST, LAST

WITH_PICTURES = (*GROUPS, "profielfotos")
PICTURE = "/api/data/klantdossiers/5526/klanten/particulier/120954/profielfoto/download"


async def into(path: Path, elements: ElementsClient, *include: str) -> list[Any]:
    opened = Store.open if path.exists() else Store.create
    with opened(path, tenant=TENANT) as store:
        return [event async for event in harvest(elements, store, include=include or None)]


async def test_every_picture_is_stored_as_it_is_served(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with small() as (sandbox, elements):
        await into(path, elements, *WITH_PICTURES)
        with Store.read(path) as store:
            assert verify(store, sandbox).equal
            stored = {where: body for where, body in store.bodies() if where.endswith("/download")}
            assert store.progress().harvested == 20
        assert {body[:4] for body in stored.values()} == {b"\x89PNG"}
        # Each owner's once, however many dossiers share it.
        owners = [where.split("/", 5)[5] for where in stored]
        assert len(owners) == len(set(owners))
        for owner in ("klanten/particulier", "klanten/zakelijk", "adviseurs", "kantoor"):
            assert any(each.startswith(owner) for each in owners), owner
        assert repeated(sandbox) <= 4  # controls
        # Of a klant only one that is told of is asked for.
        missed = [
            entry for entry in sandbox.log if entry.status == 404 and "download" in entry.path
        ]
        assert not [entry for entry in missed if "/klanten/" in entry.path]


async def test_a_picture_that_is_missing_or_differs_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with small(dossiers=3) as (sandbox, elements):
        await into(path, elements, *WITH_PICTURES)
        for change in ("UPDATE bodies SET body = CAST(body || 'x' AS BLOB)", "DELETE FROM bodies"):
            with Store.open(path, tenant=TENANT) as store:
                where = " WHERE resource = (SELECT id FROM resources WHERE path = ?)"
                db_of(store).execute(change + where, (PICTURE,))
                assert not verify(store, sandbox).equal


async def test_pictures_are_left_alone_unless_asked_for(tmp_path: Path) -> None:
    async with small() as (sandbox, elements):
        await into(tmp_path / "elements.sqlite", elements)
        assert not [each for each in requested(sandbox) if each.endswith("/download")]


@pytest.mark.parametrize("kind", ["html", "empty"])
async def test_what_is_no_picture_is_quarantined(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "elements.sqlite"
    async with small(dossiers=3) as (sandbox, elements):
        sandbox.add_fault(Fault(kind=kind, match=f"GET {PICTURE}"))
        events = await into(path, elements, *WITH_PICTURES)
        (quarantined,) = [event for event in events if isinstance(event, ResourceQuarantined)]
        assert quarantined.kind == "particulier/profielfoto/download"
        assert "{PERSOON_ID}" in quarantined.error
        assert "not a picture" in quarantined.error
        with Store.read(path) as store:
            assert store.body(PICTURE) is None


async def test_a_picture_that_is_gone_or_too_long_loses_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with small(dossiers=3) as (sandbox, elements):
        sandbox.add_fault(Fault(kind="status", status=404, match=f"GET {PICTURE}"))
        short = elements.with_options(max_response_bytes=20_000)
        events = await into(path, short, *WITH_PICTURES)
        gone = [event.kind for event in events if isinstance(event, ResourceGone)]
        assert "particulier/profielfoto/download" in gone
        quarantined = [event for event in events if isinstance(event, ResourceQuarantined)]
        assert {event.dossier for event in quarantined} == {5526}
        assert all("protocol.too-large" in event.error for event in quarantined)
        with Store.read(path) as store:
            assert list(store.states().values()).count("complete") == 2


# --------------------------------------------------------------------------------------- procura


async def content_into(path: Path, procura: ProcuraClient) -> list[Any]:
    source = ProcuraSource(procura, first=FIRST, last=LAST)
    include = (*source.groups, "content")
    with Store.create(path, tenant="procura") as store:
        return [event async for event in harvest(source, store, include=include)]


async def test_every_document_is_stored_as_it_is_served(tmp_path: Path) -> None:
    path = tmp_path / "procura.sqlite"
    async with ProcuraSandbox(dossiers=30, others=6, documented=0.5) as sandbox:
        sandbox.add_document(sandbox.dossier_ids[0], filename="a.html", content=b"<html>a</html>")
        async with connect(sandbox) as procura:
            await content_into(path, procura)
        documents = sum(len(case.documents) for case in sandbox.cases)
        asked = [entry.path for entry in sandbox.log if "/documents/" in entry.path]
        assert len(asked) == len(set(asked)) == documents > 20
        with Store.read(path) as store:
            verdict = verify_procura(store, sandbox)
            assert verdict.equal
            assert verdict.compared == 24 + 2 * 30 + documents  # details, rows and lists
        with Store.open(path, tenant="procura") as store:
            db_of(store).execute(
                "DELETE FROM bodies WHERE resource ="
                " (SELECT id FROM resources WHERE kind = 'content' LIMIT 1)"
            )
            assert verify_procura(store, sandbox).incomplete == 1


async def test_a_document_that_comes_as_an_error_with_200_is_gone(tmp_path: Path) -> None:
    async with ProcuraSandbox(dossiers=6, documented=1.0) as sandbox, connect(sandbox) as procura:
        first = sandbox.cases[0]
        document = first.documents[0].id
        source = ProcuraSource(procura, first=FIRST, last=LAST)
        fetch = source.fetch

        async def fetch_and_lose(work: Work) -> Answer:
            answer = await fetch(work)
            if (work.kind, work.dossier) == ("documents", first.id):
                sandbox.remove_document(first.id, document)
            return answer

        source.fetch = fetch_and_lose  # type: ignore[method-assign] # it is gone once it is listed
        with Store.create(tmp_path / "procura.sqlite", tenant="procura") as store:
            run = harvest(source, store, include=(*source.groups, "content"))
            gone = [event async for event in run if isinstance(event, ResourceGone)]
            assert [(event.kind, event.dossier) for event in gone] == [("content", first.id)]
            assert store.states()[first.id] == "complete"
            assert not [body for _, body in store.bodies() if b"foutmelding" in body]
        path = f"/api/v1/dossiers/{first.id}/documents/{quote(document, safe='')}"
        assert [entry.status for entry in sandbox.log if entry.path == path] == [200]


async def test_a_document_without_an_id_hides_no_other() -> None:
    async with ProcuraSandbox() as sandbox, connect(sandbox) as procura:
        source = ProcuraSource(procura, first=FIRST, last=LAST)
        work = Work(1, "A-1", "documents", "/api/v1/dossiers/A-1/documents")
        found = source.discover(work, Row(b'[{"id": "a"}, {"id": null}, null, {"id": "b"}]'))
        assert isinstance(found, Discovery)
        assert [want.path.rpartition("/")[2] for want in found.wants] == ["a", "b"]
        assert found.fault is not None
        assert found.fault.path == "$[1].id"


@pytest.mark.parametrize("body", [b"{}", b'[{"title": "no id"}]', b'["x"]', b'[{"id": ".."}]'])
async def test_a_list_without_usable_ids_is_never_taken_for_an_empty_one(body: bytes) -> None:
    async with ProcuraSandbox() as sandbox, connect(sandbox) as procura:
        source = ProcuraSource(procura, first=FIRST, last=LAST)
        work = Work(1, "A-1", "documents", "/api/v1/dossiers/A-1/documents")
        found = source.discover(work, Row(body))
        # Nothing is no list; a row without an id is a fault, and hides no other row.
        fault = found.fault if isinstance(found, Discovery) else found
        assert isinstance(found, Discovery) is (body != b"{}")
        assert isinstance(fault, ProtocolError)
        for empty in (b"[]", b"null"):
            assert source.discover(work, Row(empty)) == Discovery()


@pytest.mark.parametrize("kind", ["html", "empty"])
async def test_what_is_no_document_is_quarantined(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "procura.sqlite"
    async with ProcuraSandbox(dossiers=6, documented=1.0) as sandbox, connect(sandbox) as procura:
        first = sandbox.dossier_ids[0]
        sandbox.add_fault(Fault(kind=kind, match=f"GET *{first}/documents/*"))
        events = await content_into(path, procura)
        quarantined = [event for event in events if isinstance(event, ResourceQuarantined)]
        assert {event.dossier for event in quarantined} == {first}
        assert all("/documents/{documentId}" in event.error for event in quarantined)
        with Store.read(path) as store:
            assert not [body for _, body in store.bodies() if not body or b"onderhoud" in body]

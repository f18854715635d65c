"""Ids, references and texts of Procura that steer terminals or name somebody: never shown."""

import asyncio
import datetime as dt
import logging
import re
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from elements_procura.errors import ElementsProcuraError
from elements_procura.harvest import ProcuraSource, Store, StoreReader, harvest
from elements_procura.procura.models.common import ReferenceIdBody
from elements_procura.sandbox import Fault
from tests.canary_kit import NAME, NAMED, REFERENCE, STEERING, world
from tests.client_kit import client_for, libraries, told
from tests.clock import QuickClock
from tests.procura.procura_kit import birth, dossier, person

FIRST, LAST = dt.date(2020, 1, 1), dt.date(2026, 1, 1)


class Everything(logging.Handler):
    """All that is logged, as any formatter could write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [record.getMessage(), repr(record.args)]


@pytest.fixture
def logged() -> Iterator[list[str]]:
    handler, logger = Everything(), logging.getLogger("elements_procura")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    yield handler.lines
    logger.removeHandler(handler)
    logger.setLevel(before)


def check_hidden(texts: list[str]) -> None:
    for text in texts:
        assert re.findall(f".*{NAME}.*", text) == []
    assert [text for text in texts if "\x1b" in text or "\x07" in text] == []


FAULTS = (
    *(None, Fault(kind="status", status=500), Fault(kind="status", status=403)),
    *(Fault(kind="html"), Fault(kind="reset"), Fault(kind="cut-json"), Fault(kind="truncate")),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each and f"{each.kind}-{each.status}")
async def test_no_call_shows_them(fault: Fault | None, logged: list[str]) -> None:
    shown = []
    async with world() as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        if fault is not None:
            sandbox.add_fault(attrs.evolve(fault, match="* /api/*"))
        named = client.dossier(NAMED)
        body = birth(
            dossier=dossier(dossier_id=NAMED, reference_ids=(ReferenceIdBody(id=f"{NAME} 8"),))
        )
        calls: list[Awaitable[Any]] = [
            client.births.get(NAMED),
            client.births.get(STEERING),
            client.births.get(f"{REFERENCE}{NAMED}"),
            client.births.add(body),
            client.births.add(birth(declarant=person("000000048")), reference=f"{NAME} 9"),
            client.births.add(birth(), reference=REFERENCE),
            client.commitments.cancel(NAMED, message=REFERENCE),
            named.documents.list(),
            named.documents.download(f"{NAMED} x"),
            named.documents.download(STEERING),
            named.documents.add(filename=f"{NAMED}.pdf", content=NAME.encode()),
            client.read(f"/api/v1/births/{NAME}"),
            client.request("GET", f"/api/v1/{NAME}/x"),
            client.request("POST", f"/api/v1/dossiers/{NAME}/documents", body=NAME.encode()),
        ]
        results = await asyncio.gather(*calls, return_exceptions=True)
        shown += [repr(client), repr(named), repr(named.documents)]
        wire = "".join(entry.path for entry in sandbox.log)
    failed = [each for each in results if isinstance(each, BaseException)]
    assert failed
    for each in results:
        shown.append(repr(each))
        if isinstance(each, BaseException):
            assert isinstance(each, ElementsProcuraError), each
            shown.append(told(each))
            assert not libraries(each) & {"aiohttp", "yarl", "cattrs"}
    assert NAME in wire
    assert logged
    check_hidden(shown + logged)


async def test_no_harvest_shows_them(tmp_path: Path, logged: list[str]) -> None:
    async with world() as sandbox, client_for(sandbox, clock=QuickClock()) as client:
        sandbox.add_fault(Fault(kind="html", match="GET */documents"))
        source = ProcuraSource(client, first=FIRST, last=LAST)
        with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
            events = [event async for event in harvest(source, store)]
            shown = [repr(source), repr(store), *map(repr, events)]
            shown += [error for *_, error in store.quarantined()]
            shown += [repr(each) for each in store.documents()]
        with StoreReader.read(tmp_path / "s.sqlite") as reader:
            bodies = b"".join(body for _, body in reader.bodies()).decode()
    assert NAME in bodies
    check_hidden(shown + logged)

"""S3: bodies that the server takes, and a commitment that is read, changed and sent back."""

import copy
import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from elements_procura.errors import BodyError
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.commitments import (
    CommitmentBody,
    LocationBody,
    LocationOptionBody,
    NameAfterCommitmentBody,
    OfficialBody,
    OfficialsBody,
    PartnerBody,
    WitnessBody,
    WitnessesBody,
)
from elements_procura.procura.models.common import (
    ContactInformationBody,
    DossierBody,
    DossierStatusBody,
    DossierTypeBody,
)
from elements_procura.procura.models.dataimport import DataImportBody, RecordBody
from elements_procura.procura.models.dossiers import DateTimePeriod, DocumentBody
from elements_procura.procura.models.relocations import LiveInBody
from elements_procura.procura.models.tasks import CodeBody, TaskSearchBody
from elements_procura.sandbox import ProcuraSandbox
from tests.client_kit import client_for
from tests.procura.procura_kit import (
    KINDS,
    MOTHER,
    START,
    address,
    answering,
    client_at,
    commitment,
    intra,
    person,
    replaying,
)

NOW = dt.datetime(2024, 3, 1, 12, 30)
SET = {
    "description": "Huwelijk",
    "type": {"code": "B0337", "description": "Huwelijk"},
    "status": {
        "code": "created",
        "description": "Created",
        "entryDateTime": "2024-03-01T12:30:00",
        "endStatus": False,
    },
    "entryDateTime": "2024-03-01T12:30:00",
}
"""What the server sets itself; the vendor's own deaths and every gateway send it."""


@pytest.mark.parametrize("path", sorted(KINDS))
async def test_every_case_takes_what_the_server_sets_itself(path: str) -> None:
    of, made = KINDS[path]
    body = made()
    body.dossier = DossierBody(
        start_date=START,
        description="Huwelijk",
        type=DossierTypeBody(code="B0337", description="Huwelijk"),
        status=DossierStatusBody(
            code="created", description="Created", entry_date_time=NOW, end_status=False
        ),
        entry_date_time=NOW,
    )
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        filed = await of(client).add(body)
        assert filed.dossier.status.code != "Huwelijk"
        sent = client.to_wire(body)
        assert {key: sent["dossier"][key] for key in SET} == SET
        await of(client).add(sent)  # the same as JSON
        assert len(sandbox.cases) == 2


@pytest.mark.parametrize(
    ("send", "sent"),
    [
        (
            lambda client: client.commitments.add(
                commitment(
                    officials=OfficialsBody(
                        preferences=(OfficialBody(aliases=("P1",)),),
                        assigned=OfficialBody(name="J"),
                    )
                )
            ),
            {"officials": {"preferences": [{"aliases": ["P1"]}], "assigned": {"name": "J"}}},
        ),
        (
            lambda client: client.commitments.add(
                commitment(
                    partner1=PartnerBody(
                        bsn=MOTHER, name_after_commitment=NameAfterCommitmentBody(name_use_type="E")
                    )
                )
            ),
            {"partner1": {"bsn": MOTHER, "nameAfterCommitment": {"nameUseType": "E"}}},
        ),
        (
            lambda client: client.dataimport.add(
                DataImportBody(
                    name="x",
                    records=(RecordBody(values={"Achternaam": "Vries"}, remarks=("a",)),),
                    remarks=("b",),
                )
            ),
            {"records": [{"values": {"Achternaam": "Vries"}, "remarks": ["a"]}], "remarks": ["b"]},
        ),
    ],
)
async def test_fields_that_the_server_reads(
    send: Callable[[ProcuraClient], Any], sent: dict[str, Any]
) -> None:
    async with (
        replaying(
            answering({"dossier": {"dossierId": "a"}, "records": [{"values": {}}]}, status=201)
        ) as server,
        client_at(server.url) as client,
    ):
        await send(client)
    assert {key: server.seen[0].body[key] for key in sent} == sent


def test_fields_that_the_server_reads_and_ignores() -> None:
    client = ProcuraClient("https://example.com/x", credentials=("a", "b"))
    document = DocumentBody(filename="a.pdf", content="YQ==", id="x")
    tasks = TaskSearchBody(
        bsns=(MOTHER,), types=(CodeBody(code="a", description="b"),), dossier_ids=("c",)
    )
    assert client.to_wire(document)["id"] == "x"
    assert client.to_wire(tasks) == {
        "bsns": [MOTHER],
        "types": [{"code": "a", "description": "b"}],
        "dossierIds": ["c"],
    }


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (intra(new_address=address(main_occupant=person())), "$.newAddress.mainOccupant"),
        (
            intra(
                new_address=address(live_in=LiveInBody(live_in_applicable=False, consent="PENDING"))
            ),
            "$.newAddress.liveIn.consent",
        ),
        (
            intra(
                new_address=address(
                    live_in=LiveInBody(live_in_applicable=False, consenter=person())
                )
            ),
            "$.newAddress.liveIn.consenter",
        ),
        (
            commitment(
                partner1=PartnerBody(
                    bsn=MOTHER,
                    name_after_commitment=NameAfterCommitmentBody(name_use_type="E", lastname=" "),
                )
            ),
            "$.partner1.nameAfterCommitment",
        ),
    ],
)
async def test_what_the_server_takes_and_drops_is_warned_of(
    body: Any, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        resource = client.commitments if "partner" in where else client.relocations.intra
        with caplog.at_level(logging.WARNING, "elements_procura.procura"):
            await resource.add(body)
    told = [record.getMessage() for record in caplog.records]
    assert [text for text in told if where in text and "drops it" in text]
    assert not any(MOTHER in text for text in told)


async def test_bounds_of_a_period_with_an_offset_lose_it_as_the_server_does() -> None:
    bounds = dt.datetime(2024, 3, 1, tzinfo=dt.UTC), dt.datetime(2024, 3, 31, 23, 59, 59, 5, dt.UTC)
    async with (
        replaying(answering({"result": {"content": []}})) as server,
        client_at(server.url) as client,
    ):
        period = DateTimePeriod(from_=bounds[0], to=bounds[1])
        await client.dossiers.search(entry_date_time_period=period)
    assert server.seen[0].body["entryDateTimePeriod"] == {
        "from": "2024-03-01T00:00:00",
        "to": "2024-03-31T23:59:59",
    }


# -------------------------------------------------------------------- read, change, send back


def whole() -> CommitmentBody:
    """A commitment with everything that an update would lose."""
    return commitment(
        dossier=DossierBody(start_date=START),
        location=LocationBody(
            name="Stadhuis",
            aliases=("S1",),
            options=(LocationOptionBody(type="NUMBER", name="personen", value="75"),),
        ),
        officials=OfficialsBody(
            preferences=(
                OfficialBody(
                    name="Jansen", contact_information=ContactInformationBody(email="j@example.nl")
                ),
            )
        ),
        witnesses=WitnessesBody(
            number_of_municipal_witnesses=1, chosen=(WitnessBody(bsn=MOTHER, remarks="zus"),)
        ),
    )


async def test_the_record_that_get_gave_is_a_body() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        added = await client.commitments.add(whole())
        assert added.dossier is not None
        identifier = str(added.dossier.dossier_id)
        read = await client.commitments.get(identifier)
        assert await client.commitments.update(identifier, read) == read
        assert read.planning is not None
        read.planning.remarks = "Ringen niet vergeten"
        updated = await client.commitments.update(identifier, read)
        assert updated.planning is not None
        assert updated.planning.remarks == "Ringen niet vergeten"
        assert (updated.location, updated.officials, updated.witnesses) == (
            read.location,
            read.officials,
            read.witnesses,
        )


async def test_the_json_that_get_gave_is_a_body() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        added = await client.commitments.add(whole())
        assert added.dossier is not None
        identifier = str(added.dossier.dossier_id)
        path = f"/api/v1/commitments/{identifier}"
        read = orjson.loads((await client.read(path)).body)
        changed = copy.deepcopy(read)
        changed["planning"]["remarks"] = "Ringen"
        await client.commitments.update(identifier, changed)
        assert orjson.loads((await client.read(path)).body)["planning"]["remarks"] == "Ringen"
        await client.commitments.update(identifier, changed, validate=False)
        # As the real server answers it: with who is assigned.
        changed["officials"]["assigned"] = {"name": "Pieters", "aliases": ["P"]}
        await client.commitments.update(identifier, changed)


async def test_a_record_that_lacks_what_is_needed_is_refused_before_it_is_sent() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        added = await client.commitments.add(whole())
        sent = len(sandbox.log)
        added.planning = None
        with pytest.raises(BodyError, match=r"\$.planning is missing"):
            await client.commitments.update("a", added)
        assert len(sandbox.log) == sent

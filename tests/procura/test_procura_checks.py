"""What is caught before anything is sent: one row per trap."""

import datetime as dt
from typing import Any

import attrs
import pytest

from elements_procura.errors import BodyError, InputError
from elements_procura.procura._bodies import ProcuraBodies
from elements_procura.procura._bsn import normalised
from elements_procura.procura._wire import procura_wire
from elements_procura.procura.models.births import ChildBody
from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.procura.models.commitments import (
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
    CountryBody,
    MunicipalityBody,
    PersonBody,
    ReferenceIdBody,
)
from elements_procura.procura.models.dataimport import DataImportBody, RecordBody
from elements_procura.procura.models.deaths import (
    CorrespondenceBody,
    DeceasedBody,
    ExtractBody,
)
from elements_procura.procura.models.dossiers import (
    DocumentBody,
    DossierSearchBody,
    PagingBody,
)
from elements_procura.procura.models.relocations import ConsentBody, LiveInBody, RelocatorBody
from elements_procura.procura.models.tasks import CodeBody, TaskSearchBody
from elements_procura.sandbox import ProcuraSandbox
from elements_procura.schema.model import BodyModel
from tests.client_kit import client_for
from tests.procura.procura_kit import (
    FATHER,
    KINDS,
    MOTHER,
    address,
    answering,
    birth,
    client_at,
    commitment,
    death,
    discovered,
    dossier,
    intra,
    person,
    replaying,
)

MOVES_IN = LiveInBody(live_in_applicable=True, consent="PENDING", consenter=person(FATHER))
NOBODY: Any = None
BORN = BrpDate(19900100)
LATE = dt.datetime(2024, 1, 1, 23, 30, tzinfo=dt.UTC)
NOON = dt.datetime(2024, 3, 1, 12, 0)


BODIES = ProcuraBodies(procura_wire())


def faults(body: BodyModel) -> dict[str, str]:
    found = BODIES.data(body, (type(body),))
    return {fault.path: fault.message for fault in found} if isinstance(found, tuple) else {}


def witnesses(**given: Any) -> WitnessesBody:
    witness = WitnessBody(**given)
    return WitnessesBody(number_of_municipal_witnesses=1, chosen=(witness,))


def option(**given: Any) -> Any:
    return commitment(
        location=LocationBody(name="Stadhuis", options=(LocationOptionBody(**given),))
    )


def records(*values: dict[str, str]) -> DataImportBody:
    return DataImportBody(name="n", records=tuple(RecordBody(values=each) for each in values))


@pytest.mark.parametrize("kind", KINDS)
def test_good_bodies_pass(kind: str) -> None:
    assert faults(KINDS[kind][1]()) == {}


FAULTY: list[tuple[BodyModel, str, str]] = [
    # 4.3 of what is known about the server: its 500s that are the caller's mistakes
    (
        birth(children=(ChildBody(gender=NOBODY, birth_date_time=NOON),)),
        "$.children[0].gender",
        "is missing",
    ),
    (
        birth(children=(ChildBody(gender="MAN", birth_date_time=NOBODY),)),
        "$.children[0].birthDateTime",
        "is missing",
    ),
    (ConsentBody(dossier_id="a", consenter=person(), consent=NOBODY), "$.consent", "is missing"),
    (
        commitment(witnesses=witnesses(firstname="A", birthdate=BORN)),
        "$.witnesses.chosen[0].lastname",
        "needed",
    ),
    (
        commitment(witnesses=witnesses(lastname="A", birthdate=BORN)),
        "$.witnesses.chosen[0].firstname",
        "needed",
    ),
    (
        commitment(witnesses=witnesses(firstname="A", lastname="B")),
        "$.witnesses.chosen[0].birthdate",
        "needed",
    ),
    (
        commitment(officials=OfficialsBody(preferences=(OfficialBody(name="A"),) * 3)),
        "$.officials.preferences",
        "2 at most",
    ),
    (
        commitment(officials=OfficialsBody(preferences=(OfficialBody(aliases=()),))),
        "$.officials.preferences[0].name",
        "one of them is needed",
    ),
    (option(type="TEXT", value="x"), "$.location.options[0].name", "one of them is needed"),
    (option(type=NOBODY, name="x"), "$.location.options[0].type", "is missing"),
    (
        commitment(
            partner1=PartnerBody(
                bsn=MOTHER,
                name_after_commitment=NameAfterCommitmentBody(name_use_type=NOBODY, lastname="A"),
            )
        ),
        "$.partner1.nameAfterCommitment.nameUseType",
        "is missing",
    ),
    (death(time_of_death="9:10"), "$.timeOfDeath", "a time of day"),
    (discovered(time_of_finding=NOBODY), "$.timeOfFinding", "is missing"),
    (DossierSearchBody(bsns=(MOTHER, FATHER)), "$.bsns", "exactly one"),
    (DossierSearchBody(bsns=()), "$.bsns", "exactly one"),
    (DossierSearchBody(bsns=("123",)), "$.bsns[0]", "11-test"),
    (DossierSearchBody(types=("corpsefinding",)), "$.types[0]", "discovered_body"),
    (DossierSearchBody(statusses=("deleted",)), "$.statusses[0]", "incomplete"),
    (DossierSearchBody(statusses=("unknown",)), "$.statusses[0]", "must be one of"),
    (DossierSearchBody(paging=PagingBody(page_size=0)), "$.paging.pageSize", "1 or more"),
    (DossierSearchBody(paging=PagingBody(page_number=1)), "$.paging.pageNumber", "must be 0"),
    (TaskSearchBody(bsns=()), "$.bsns", "must not be empty"),
    (
        TaskSearchBody(bsns=(MOTHER,), types=(CodeBody(code="relocation_consent"),)),
        "$.types[0]",
        "relocation_lodging_consent",
    ),
    # mandatory, or dropped without a word
    (intra(dossier=dossier(), relocators=()), "$.relocators", "must not be empty"),
    (birth(children=()), "$.children", "must not be empty"),
    (intra(declarant=NOBODY), "$.declarant", "is missing"),
    (intra(new_address=address(live_in=MOVES_IN)), "$.newAddress.mainOccupant", "is needed"),
    (intra(new_address=address(postal_code="")), "$.newAddress.postalCode", "must not be empty"),
    (intra(new_address=address(house_number="1")), "$.newAddress.houseNumber", "whole number"),
    (
        intra(new_address=address(municipality=MunicipalityBody(code=""))),
        "$.newAddress.municipality.code",
        "must not be empty",
    ),
    (
        commitment(witnesses=WitnessesBody(number_of_municipal_witnesses=-1)),
        "$.witnesses.numberOfMunicipalWitnesses",
        "0 or more",
    ),
    (
        death(
            correspondence=CorrespondenceBody(communication_type="EMAIL", name="De Linde"),
            extracts=(ExtractBody(code="akt1", amount=2),),
        ),
        "$.extracts[0].amount",
        "must be 1",
    ),
    (death(extracts=NOBODY), "$.extracts", "is missing"),
    (DocumentBody(filename="", content="YQ=="), "$.filename", "must not be empty"),
    (records(), "$.records", "must not be empty"),
    (records({}), "$.records[0].values", "at least one"),
    (records({"a": "1", "b": "2"}, {"b": "2", "a": "1"}), "$.records[1].values", "other order"),
    (records({"a": "1", "b": "2"}, {"a": "1"}), "$.records[1].values", "other columns"),
    # values
    (
        intra(relocators=(RelocatorBody(bsn=MOTHER, declaration_type="I"),)),
        "$.relocators[0].declarationType",
        "REGISTERED",
    ),
    (intra(declarant=PersonBody(bsn="123456789")), "$.declarant.bsn", "11-test"),
    (intra(declarant=MOTHER), "$.declarant", "must be a PersonBody"),
    (intra(declarant={"bsn": "1"}), "$.declarant.bsn", "11-test"),
    (intra(relocators="x"), "$.relocators", "must be a list"),
    (
        intra(dossier=attrs.evolve(dossier(), start_date=LATE)),
        "$.dossier.startDate",
        "on one day in the Netherlands",
    ),
    (
        death(deceased=DeceasedBody(bsn=MOTHER, birthdate=BrpDate(19751301))),
        "$.deceased.birthdate",
        "BrpDate",
    ),
    (attrs.evolve(person(), extra={"naam": "x"}), "$.naam", "not a field"),
    (ReferenceIdBody(id=""), "$.id", "must not be empty"),
]


@pytest.mark.parametrize(
    ("body", "path", "message"), FAULTY, ids=[f"{row[1]} {row[2]}" for row in FAULTY]
)
def test_faults(body: BodyModel, path: str, message: str) -> None:
    found = faults(body)
    assert list(found) == [path]
    assert message in found[path]


FINE: list[BodyModel] = [
    commitment(witnesses=witnesses(bsn="36", remarks="x")),
    commitment(witnesses=witnesses(firstname="A", lastname="B", birthdate=BORN)),
    commitment(officials=OfficialsBody(preferences=(OfficialBody(aliases=("a",)),) * 2)),
    option(type="TEXT", aliases=("a",)),
    intra(new_address=address(live_in=MOVES_IN, main_occupant=person())),
    intra(
        new_address=address(
            live_in=LiveInBody(live_in_applicable=False, consent="NOT_APPLICABLE"),
            address_function="MAILING_ADDRESS",
        )
    ),
    death(deceased=DeceasedBody(bsn="36", birthdate=BrpDate(0), birthcountry=CountryBody())),
    death(
        correspondence=CorrespondenceBody(communication_type="EMAIL", name="De Linde"),
        extracts=(ExtractBody(code="akt1", amount=1),),
    ),
    DossierSearchBody(bsns=("36",), types=("birth",), statusses=("on_hold",)),
    TaskSearchBody(bsns=("36", "48"), statusses=(CodeBody(code="planned"),)),
    records({"a": "1", "b": ""}, {"a": "2", "b": "3"}),
    intra(declarant={"bsn": MOTHER}),  # a mapping in the place of a part
    commitment(witnesses=witnesses(firstname="A", lastname="B", birthdate=BORN)),
]


@pytest.mark.parametrize("body", FINE, ids=range(len(FINE)))
def test_what_the_server_takes(body: BodyModel) -> None:
    assert faults(body) == {}


@pytest.mark.parametrize(
    ("given", "padded"),
    [
        ("999993653", "999993653"),
        ("2458", "000002458"),
        (61, "000000061"),
        (" 36 ", "000000036"),
        ("000000024", "000000024"),
        ("000000000", None),
        ("123456789", None),
        ("9999936530", None),
        ("99999365a", None),
        ("", None),
        ("-36", None),
        (True, None),
        ("\u0663\u0666", None),  # digits, but of another script
    ],
)
def test_citizen_numbers(given: Any, padded: str | None) -> None:
    assert normalised(given) == padded


def test_one_error_tells_all_and_no_value() -> None:
    body = birth(mother=PersonBody(bsn="123456789"), children=(), name_selection=NOBODY)
    found = BODIES.data(body, (type(body),))
    error = BodyError("x", faults=found)  # type: ignore[arg-type] # on purpose
    assert {fault.path for fault in error.faults} == {
        "$.mother.bsn",
        "$.children",
        "$.nameSelection",
    }
    assert "123456789" not in str(error)


FILED = {"dossier": {"dossierId": "1"}}


async def test_numbers_are_padded_and_nothing_else_is_touched() -> None:
    body = intra(declarant=PersonBody(bsn="2458"))
    async with (
        replaying(answering(FILED, status=201)) as server,
        client_at(server.url) as client,
    ):
        await client.relocations.intra.add(body, reference=None)
        await client.relocations.intra.add(body, reference=None, validate=False)
    assert [seen.body["declarant"]["bsn"] for seen in server.seen] == ["000002458", "2458"]
    assert body.declarant.bsn == "2458"


async def test_unset_is_not_sent_and_times_are_written_as_the_server_wants() -> None:
    births = birth(
        children=(
            ChildBody(
                gender="MAN",
                birth_date_time=dt.datetime(2024, 2, 29, 7, 5, 1, 999_999),
            ),
        )
    )
    async with (
        replaying(answering(FILED, status=201)) as server,
        client_at(server.url) as client,
    ):
        await client.births.add(births, reference=None)
        await client.deaths.in_municipality.add(death(), reference=None)
    born, dead = (seen.body for seen in server.seen)
    assert born["children"] == [{"gender": "MAN", "birthDateTime": "2024-02-29T07:05:01"}]
    assert born["dossier"] == {"startDate": "2024-03-01"}
    assert dead["timeOfDeath"] == "09:10"
    assert dead["extracts"] == []
    assert "null" not in str(server.seen)
    assert not any(value is None for body in (born, dead) for value in body.values())


@pytest.mark.parametrize(
    "body",
    [
        {"dossier": {"startDate": "2024-01-01"}, "mother": {"bsn": "x"}},
        {"dossier": {"startDate": "gisteren"}},
        {"dossier": 5},
        {"dossier": {"startDate": "2024-01-01"}, "onbekend": 1},
    ],
)
async def test_mappings_are_checked_as_well(body: dict[str, Any]) -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(BodyError) as caught:
            await client.births.add(body)
    assert "gisteren" not in str(caught.value)


async def test_a_mapping_in_the_apis_spelling_is_as_good_as_a_body() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        case = await client.births.add(
            {
                "dossier": {"startDate": "2024-03-01"},
                "declarant": {"bsn": "48"},
                "mother": {"bsn": "36"},
                "children": [{"gender": "WOMAN", "birthDateTime": "2024-02-29T07:05:00"}],
                "nameSelection": {"lastname": "Vries"},
            }
        )
    assert case.mother is not None
    assert case.mother.bsn == MOTHER


@pytest.mark.parametrize("bsn", ["123456789", "", "abc"])
async def test_arguments_are_tested_too(bsn: str) -> None:
    async with client_at("http://127.0.0.1:1") as client:
        calls = (
            lambda: client.relatives.get(bsn),
            lambda: client.relocations.relatives(bsn),
            lambda: client.births.acknowledgement(bsn_mother=bsn),
            lambda: client.births.family_situation(bsn_mother=bsn, birth_date=dt.date(2024, 1, 1)),
            lambda: client.births.name_selection(bsn_mother=MOTHER, bsn_father_or_duo_mother=bsn),
        )
        for call in calls:
            with pytest.raises(InputError, match="11-test") as caught:
                await call()
            assert not bsn or bsn not in str(caught.value)


async def test_arguments_go_unchecked_when_told_so() -> None:
    async with (
        replaying(answering({"relatives": []})) as server,
        client_at(server.url) as client,
    ):
        await client.relatives.get("61", validate=False)
    assert server.seen[0].path == "/api/v1/relatives/61"

"""What the server does beyond its documentation, and what a caller gets to see of it."""

import base64
import datetime as dt
import logging
from typing import Any

import pytest
from aiohttp import web

from elements_procura.errors import (
    AlreadyExists,
    AmbiguousReference,
    BadRequest,
    BodyError,
    ImportFindings,
    NotFound,
    OutcomeUnknown,
    ProtocolError,
    ServerError,
    StatusError,
)
from elements_procura.procura import raise_for_findings
from elements_procura.procura._errors import is_settled, server_message
from elements_procura.procura._wire import procura_wire
from elements_procura.procura.dossiers import _filename
from elements_procura.procura.models.births import Birth
from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.procura.models.commitments import Witness
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.models.dataimport import (
    DataImportBody,
    Finding,
    ImportedRecord,
    ImportResult,
    RecordBody,
)
from elements_procura.procura.models.deaths import FuneralServices
from elements_procura.procura.models.enums import (
    DeclarationType,
    DossierState,
    Gender,
    Obstruction,
)
from elements_procura.procura.models.relatives import Relative
from elements_procura.sandbox import ProcuraSandbox
from tests.client_kit import client_for
from tests.elements.all_ways import AllWays
from tests.procura.procura_kit import (
    KINDS,
    MOTHER,
    answering,
    birth,
    client_at,
    commitment,
    problem,
    replaying,
)

WIRE = AllWays(procura_wire)


# -------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("status", "text", "kind", "shown"),
    [
        (404, "The requested resource could not be found", NotFound, "there is no such thing"),
        (500, "Er is geen zaak met zaak-id 'A-1'", NotFound, "no dossier with this id"),
        (500, "Document niet gevonden met DMS code ''x''", BadRequest, "code of an extract"),
        (500, "Er is al een zaak met zaak-id: A-1", AlreadyExists, "is taken"),
        (500, "Er zijn meerdere zaken met zaak-id 'A-1'", AmbiguousReference, "several dossiers"),
        (500, f"Bsn {MOTHER} is incorrect", BadRequest, "finds a BSN wrong"),
        (500, "Incorrecte BSN ingegeven.", BadRequest, "finds a BSN wrong"),
        (500, f"Geen persoon met bsn {MOTHER} gevonden", BadRequest, "nobody with this BSN"),
        (500, "Only one BSN is supported, not multiple.", BadRequest, "only one BSN"),
        (500, "Geen ambtenaar genaamd Jan Jansen gevonden", BadRequest, "the official"),
        (400, "startDate is mandatory", BadRequest, "startDate is mandatory"),
        (400, "list of children may not be empty", BadRequest, "400: list of children may not"),
        (400, "time must match HH:mm", BadRequest, "time must match HH:mm"),
        (400, "mainOccupant is mandatory if liveInApplicable is true", BadRequest, "if live"),
        (400, "No person found with the BSN of the mother", BadRequest, "of the mother"),
        (400, "JSON parse error: value 'Jansen'", BadRequest, "the server answered 400"),
        (500, "Cannot invoke Jansen.trim()", ServerError, "the server answered 500"),
        (500, None, ServerError, "the server answered 500"),
        (405, "Request method 'PUT' not supported", StatusError, "the server answered 405"),
    ],
)
async def test_refusals(status: int, text: str | None, kind: type[StatusError], shown: str) -> None:
    answers = answering(problem(text), status=status)
    async with replaying(answers) as server, client_at(server.url) as client:
        with pytest.raises(StatusError) as caught:
            await client.births.get("A-1")
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert shown in str(caught.value)
    assert caught.value.server_message == (text or "")
    assert not any(word in str(caught.value) for word in ("A-1", "Jansen", MOTHER))
    assert len(server.seen) == (3 if kind is ServerError else 1)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"cause":{"message":"a","cause":{"message":"b","cause":{}}}}', "a; b"),
        (b'{"cause":{"message":"a","cause":{"message":"a"}}}', "a"),
        (b'{"cause":{}}', ""),
        (b'{"foutmelding":"x"}', "x"),
        (b'{"cause":[1]}', ""),
        (b"[]", ""),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_the_servers_words(body: bytes, text: str) -> None:
    assert server_message(body) == text


def test_what_settles_a_5xx() -> None:
    known = b'{"cause":{"message":"Er is geen zaak met zaak-id"}}'
    other = b'{"cause":{"message":"Read timed out"}}'
    assert is_settled(500, known, is_write=False)
    assert not is_settled(500, other, is_write=False)
    assert is_settled(500, other, is_write=True)
    assert not is_settled(503, other, is_write=True)
    assert not is_settled(500, b"<html>", is_write=True)


@pytest.mark.parametrize("not_found", [404, 500])
async def test_what_does_not_exist_is_not_found(not_found: int) -> None:
    async with ProcuraSandbox(not_found=not_found) as sandbox, client_for(sandbox) as client:
        for of, _ in KINDS.values():
            with pytest.raises(NotFound):
                await of(client).get("nergens")
        with pytest.raises(NotFound):
            await client.dossier("nergens").documents.list()
        with pytest.raises(NotFound):
            await client.dossier("nergens").documents.download("x")
        with pytest.raises(NotFound):
            await client.dossier("nergens").documents.add(filename="a.txt", content=b"a")
        with pytest.raises(NotFound):
            await client.commitments.update("nergens", commitment())
        with pytest.raises(NotFound):
            await client.commitments.cancel("nergens")


async def test_no_acknowledgement_is_none_but_no_such_page_is_an_error() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        assert await client.births.acknowledgement(bsn_mother=MOTHER) is None
        found = await client.births.acknowledgement(bsn_mother="999990639")
        assert found is not None
        assert found.dossier_id == "ABC-203"
    answers = answering({"status": 404, "error": "Not Found"}, status=404)
    async with replaying(answers) as server, client_at(server.url) as client:
        with pytest.raises(NotFound):
            await client.births.acknowledgement(bsn_mother=MOTHER)


async def test_an_unknown_failure_of_a_write_keeps_the_servers_words() -> None:
    answers = answering(problem("Read timed out"), status=500)
    async with replaying(answers) as server, client_at(server.url) as client:
        with pytest.raises(OutcomeUnknown) as caught:
            await client.commitments.update("a-1", commitment())
    assert caught.value.server_message == "Read timed out"
    assert len(server.seen) == 1
    assert len(caught.value.digest) == 64


# ------------------------------------------------------------------------------------- documents


async def test_documents() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        documents = client.dossier(sandbox.dossier_ids[0]).documents
        assert await documents.list() == ()
        content = bytes(range(256))
        added = await documents.add(filename="mijn akte?.pdf", content=content, title="Akte")
        assert added.id is not None
        assert added.filename != "mijn akte?.pdf"
        assert await documents.list() == (added,)
        got = await documents.download(added.id)
        assert (got.content, got.filename) == (content, added.filename)
        assert str(len(content)) in repr(got)
        with pytest.raises(NotFound, match="no such document"):
            await documents.download("bm90aGluZw==")
        assert sandbox.log[-1].status == 200


async def test_a_reference_leads_to_the_documents_as_well() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        await client.births.add(birth(), reference="zaak/2024 nr.1")
        with pytest.raises(BadRequest):  # the server takes no encoded slash
            await client.births.get("zaak/2024 nr.1")
        await client.births.add(birth(), reference="zaak 2024 nr.1")
        await client.dossier("zaak 2024 nr.1").documents.add(filename="a.txt", content=b"a")
        [document] = await client.dossier("zaak 2024 nr.1").documents.list()
        assert document.title == "a.txt"


async def test_document_ids_are_percent_encoded() -> None:
    async with replaying(answering({"id": "eA=="})) as server, client_at(server.url) as client:
        with pytest.raises(ProtocolError):  # JSON that names no file is none
            await client.dossier("a-1").documents.download("aGk/+==")
        with pytest.raises(OutcomeUnknown):  # it is documented to answer 201
            await client.dossier("a-1").documents.add(filename="a", content=b"text")
    assert server.seen[0].path.endswith("/documents/aGk%2F%2B%3D%3D")
    assert server.seen[0].headers["Accept"].startswith("application/octet-stream")
    assert server.seen[1].body["content"] == base64.b64encode(b"text").decode()


@pytest.mark.parametrize(
    ("headers", "is_missing"),
    [
        ({"Content-Disposition": 'attachment; filename="null"'}, True),
        ({"Content-Disposition": "attachment; filename=null"}, True),
        ({"Content-Type": "application/json"}, True),
        ({"Content-Disposition": 'attachment; filename="null.txt"'}, False),
        ({"Content-Type": "application/octet-stream"}, True),
    ],
)
async def test_a_missing_document_that_comes_as_200(
    headers: dict[str, str], *, is_missing: bool
) -> None:
    answers = answering(b'{"foutmelding": "Document niet gevonden"}', headers=headers)
    async with replaying(answers) as server, client_at(server.url) as client:
        if is_missing:
            with pytest.raises(NotFound):
                await client.dossier("a-1").documents.download("x")
        else:
            got = await client.dossier("a-1").documents.download("x")
            assert got.content.startswith(b"{")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="document.txt"', "document.txt"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\temp\\\\a.txt"', "a.txt"),
        ('attachment; filename="a\x00b.txt"', "ab.txt"),
        ('attachment; filename=".."', ""),
        ("attachment; filename*=UTF-8''akte%20%C3%A9.pdf", "akte é.pdf"),
        ("", ""),
    ],
)
def test_file_names_lead_nowhere(disposition: str, name: str) -> None:
    assert _filename(disposition) == name


@pytest.mark.parametrize("body", [b"", b"null", b"[]"])
async def test_a_dossier_without_documents(body: bytes) -> None:
    async with replaying(answering(body)) as server, client_at(server.url) as client:
        assert await client.dossier("a-1").documents.list() == ()


# ------------------------------------------------------------------------------------ data import


def importing(*values: dict[str, str]) -> DataImportBody:
    return DataImportBody(
        name="Inschrijvers", records=tuple(RecordBody(values=each) for each in values)
    )


FIRST = {"voornamen": "Anna", "achternaam": "Vries", "geboortedatum": "01-02-2013"}


async def test_columns_out_of_place_are_refused_or_put_in_order() -> None:
    shuffled = importing(
        FIRST,
        {"achternaam": "Smit", "voornamen": "Bram", "geboortedatum": "19700405"},
        {"voornamen": "Chris", "geslacht": "V"},
    )
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        with pytest.raises(BodyError, match=r"records\[1\].values .*other order"):
            await client.dataimport.add(shuffled)
        assert sandbox.imports == ()
        await client.dataimport.add(shuffled, validate=False)
        result = await client.dataimport.add(shuffled, align=True)
        stored: list[dict[str, Any]] = list(sandbox.imports)
    wrong, right = stored
    assert wrong["records"][1]["values"]["Voornamen"] == "Smit"  # this is what it is refused for
    assert [record["values"]["Voornamen"] for record in right["records"]] == [
        "Anna",
        "Bram",
        "Chris",
    ]
    assert right["records"][2]["values"]["Geslacht"] == "V"
    assert result.findings == ()


async def test_remarks_are_findings() -> None:
    body = importing(FIRST, FIRST | {"geboortedatum": "111"})
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        result = await client.dataimport.add(body)
        [finding] = result.findings
        assert (finding.record, finding.column) == (1, "Geboortedatum")
        assert "formaat" in finding.text
        assert "formaat" not in repr(finding)
        assert any("bevatten fouten" in remark for remark in result.remarks)
        with pytest.raises(ImportFindings, match="1 of 2 imported records") as caught:
            raise_for_findings(result)
        assert caught.value.records == (1,)
        raise_for_findings(await client.dataimport.add(importing(FIRST)))
        assert len(sandbox.imports) == 2  # the one with a remark is stored as well


def test_a_remark_without_a_column() -> None:
    result = ImportResult(records=(ImportedRecord(remarks=("Leeg", "Naam: a: b")),))
    assert result.findings == (Finding(0, "", "Leeg"), Finding(0, "Naam", "a: b"))


async def test_an_unknown_type_of_import() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        with pytest.raises(BadRequest, match="type of import"):
            await client.dataimport.add(
                {"name": "n", "type": "iets", "records": [{"values": {"a": "b"}}]}
            )
        assert sandbox.imports == ()


async def test_aligning_what_is_no_import_is_refused() -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(BodyError):
            await client.dataimport.add({"records": 5}, align=True)
        with pytest.raises(BodyError, match="must not be empty"):
            await client.dataimport.add(importing(), align=True)


# ---------------------------------------------------------------------------------------- records


def test_unknown_values_are_kept_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    wire = procura_wire.__wrapped__()
    data = {"obstructions": ["PERSON_IS_DECEASED", "NIEUW"], "relationshipType": "NEEF"}
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            relative = wire.structure(data, Relative)
    assert relative.obstructions == (Obstruction.PERSON_IS_DECEASED, "NIEUW")
    assert relative.relationship_type == "NEEF"
    assert len(caplog.records) == 2
    assert "NIEUW" not in caplog.text
    assert "NEEF" not in caplog.text


@pytest.mark.parametrize(
    ("value", "date", "valid"),
    [
        (19750307, dt.date(1975, 3, 7), True),
        (19750300, None, True),
        (19750000, None, True),
        (0, None, True),
        (19750007, None, False),
        (19751301, None, False),
        (19750230, None, False),
        (-5, None, False),
        (123456789, None, False),
    ],
)
def test_incomplete_dates(value: int, date: dt.date | None, *, valid: bool) -> None:
    witness = WIRE.structure({"birthdate": value}, Witness)
    assert witness.birthdate == BrpDate(value)
    assert (witness.birthdate.date, witness.birthdate.is_valid) == (date, valid)
    assert WIRE.to_wire(witness) == {"birthdate": value}
    assert str(abs(value)) not in repr(witness.birthdate) or not value


def test_ways_to_a_brp_date() -> None:
    born = BrpDate(19750307)
    assert BrpDate.of(dt.date(1975, 3, 7)) == born
    assert BrpDate.of("19750307") == BrpDate.of(19750307) == BrpDate.of(born) == born
    assert (born.year, born.month, born.day, int(born)) == (1975, 3, 7, 19750307)
    with pytest.raises(ValueError, match="invalid literal"):
        BrpDate.of("7 maart")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("09:10", dt.time(9, 10)),
        ("9:10", dt.time(9, 10)),
        ("13:00:00", dt.time(13)),
        ("", None),
        (None, None),
    ],
)
def test_times_of_day(text: str | None, time: dt.time | None) -> None:
    assert WIRE.structure({"time": text}, FuneralServices).time == time


def test_times_are_the_servers_own_and_have_no_zone() -> None:
    dossier = WIRE.structure({"entryDateTime": "2020-04-28T10:11:12"}, Dossier)
    assert dossier.entry_date_time == dt.datetime(2020, 4, 28, 10, 11, 12)
    assert WIRE.to_wire(dossier) == {"entryDateTime": "2020-04-28T10:11:12"}


def test_null_and_what_is_new_do_no_harm() -> None:
    case = WIRE.structure({"dossier": None, "children": None, "nieuw": {"a": 1}}, Birth)
    assert (case.dossier, case.children, case.extra) == (None, (), {"nieuw": {"a": 1}})
    assert WIRE.to_wire(case) == {"nieuw": {"a": 1}}


def test_letters_of_dutch_forms() -> None:
    letters = "".join(kind.letter for kind in DeclarationType)
    assert letters == "ABGHIKMPO"
    assert DeclarationType.from_letter("i") is DeclarationType.REGISTERED
    assert DeclarationType.from_letter(" K ") is DeclarationType.ADULT_CHILD_LIVING_WITH_PARENTS
    for wrong in ("", "X", "AB"):
        with pytest.raises(ValueError, match="letter"):
            DeclarationType.from_letter(wrong)


def test_a_record_does_not_show_itself() -> None:
    case = WIRE.structure({"mother": {"bsn": MOTHER}, "children": [{"firstname": "Anna"}]}, Birth)
    assert repr(case) == "<Birth>"
    assert repr(case.children) == "(<Child>,)"
    assert repr(birth()) == "<BirthBody>"


async def test_all_about_relatives() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        now = await client.relatives.get("36")
        old = await client.relocations.relatives("36")
        assert [str(each.relationship_type) for each in now.relatives] == [
            "REGISTERED",
            "PARTNER",
            "CHILD",
        ]
        assert now.relatives[0].person is not None
        assert now.relatives[0].person.bsn == MOTHER
        assert now.relatives[0].obstructions == (Obstruction.EXISTING_RELOCATION_CASE,)
        assert old.relatives[0].obstructions == (Obstruction.EXISTING_RELOCATION,)
        # suitable although there is an obstruction, which the older call leaves out
        assert now.relatives[1].suitable_for_relocation is True
        assert now.relatives[1].obstructions == (Obstruction.PERSON_HAS_CONFIDENTIALITY,)
        assert old.relatives[1].obstructions == ()
        with pytest.raises(BadRequest, match="No persons found"):
            await client.relatives.get("999993653")
        situation = await client.births.family_situation(
            bsn_mother="36", birth_date=dt.date(2024, 1, 1)
        )
        assert situation.partner is not None
        names = await client.births.name_selection(
            bsn_mother="36", bsn_father_or_duo_mother=str(situation.partner.bsn)
        )
        assert names.joint_children is True


async def test_a_commitment_from_beginning_to_end() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        case = await client.commitments.add(commitment())
        assert case.dossier is not None
        identifier = str(case.dossier.dossier_id)
        changed = commitment(location=None)
        assert (await client.commitments.update(identifier, changed)).location is None
        await client.commitments.cancel(identifier)
        cancelled = (await client.commitments.get(identifier)).dossier
        assert cancelled is not None
        assert cancelled.status is not None
        assert cancelled.status.code is DossierState.CANCELLED
        other = commitment(partner1=commitment().partner2)
        with pytest.raises(BadRequest, match="partners"):
            await client.commitments.update(identifier, other)


async def test_enums_come_as_such() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        case = await client.births.add(birth())
    assert case.children[0].gender is Gender.WOMAN


async def test_the_wrong_kind_of_case_is_no_record() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        with pytest.raises(ServerError) as caught:
            await client.births.get(sandbox.dossier_ids[0])
    assert "cannot be cast" in caught.value.server_message


async def test_cookies_are_not_kept() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        await client.births.get(sandbox.dossier_ids[2])
    seen: list[Any] = []

    def note(request: web.Request, _body: bytes) -> web.Response:
        seen.append(request.headers.get("Cookie"))
        return web.json_response({"relatives": []}, headers={"Set-Cookie": "JSESSIONID=1; Path=/"})

    async with replaying(note) as server, client_at(server.url) as client:
        for _ in range(2):
            await client.relatives.get(MOTHER)
    assert seen == [None, None]

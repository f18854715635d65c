"""Cases in the Procura sandbox: what is taken, what is refused, and what becomes of it."""

import base64
import re
from typing import Any

import pytest

from tests.sandbox_procura.procura_caller import FATHER, MOTHER, OTHER, calling, documented

BLANK = {"email": "", "telephoneNumber": ""}
PATHS = [
    "relocations/intra",
    "relocations/inter",
    "births",
    "commitments",
    "deaths/in-municipality",
    "deaths/discovered-body",
]


@pytest.mark.parametrize("path", PATHS)
async def test_documented_cases_are_filed_and_found(path: str) -> None:
    async with calling(dossiers=0) as caller:
        body = documented(path)
        reply = await caller.post(path, body)
        assert reply.status == 201
        dossier = reply.json["dossier"]
        assert dossier["referenceIds"] == body["dossier"]["referenceIds"]
        for name in (dossier["dossierId"], dossier["referenceIds"][0]["id"]):
            again = await caller.get(f"{path}/{name}")
            assert (again.status, again.json) == (200, reply.json)
        truth = caller.sandbox.truth(dossier["dossierId"])
        assert truth[f"/api/v1/{path}/{dossier['dossierId']}"] == again.body


@pytest.mark.parametrize("path", PATHS)
async def test_ids_are_used_once(path: str) -> None:
    async with calling(dossiers=0) as caller:
        body = documented(path)
        body["dossier"]["dossierId"] = "EIGEN-1"
        first = await caller.post(path, body)
        assert first.json["dossier"]["dossierId"] == "EIGEN-1"
        again = await caller.post(path, body)
        assert (again.status, again.message) == (500, "Er is al een zaak met zaak-id: EIGEN-1")
        body["dossier"]["dossierId"] = "EIGEN-2"
        assert "Er is al een zaak" in str((await caller.post(path, body)).message)
        assert len(caller.sandbox.cases) == 1


def changed(path: str, where: str, value: Any) -> dict[str, Any]:
    """The documented body with one value replaced, or removed when it is ``...``."""
    body = documented(path)
    *steps, last = where.split(".")
    at: Any = body
    for step in steps:
        at = at[int(step)] if step.isdecimal() else at[step]
    if value is ...:
        del at[last]
    else:
        at[int(last) if last.isdecimal() else last] = value
    return body


INTRA, BIRTH, COMMITMENT, DEATH, BODY = PATHS[0], PATHS[2], PATHS[3], PATHS[4], PATHS[5]


@pytest.mark.parametrize(
    ("path", "where", "value", "status", "message"),
    [
        # read strictly
        (INTRA, "onbekend", 1, 400, "Unrecognized field"),
        (BODY, "declarant", {"bsn": MOTHER}, 400, "Unrecognized field"),
        (INTRA, "relocators.0.declarationType", "I", 400, "Cannot deserialize"),
        (INTRA, "newAddress.houseNumber", "een", 400, "Cannot deserialize"),
        (INTRA, "relocators", None, 400, "may not be null"),
        (INTRA, "relocators", {}, 400, "single value"),
        (INTRA, "dossier", [], 400, "Cannot deserialize"),
        (BIRTH, "children.0.birthDateTime", "2020-04-03T11:12:00Z", 400, "Cannot deserialize"),
        (BIRTH, "children.0.birthDateTime", "2020-04-03T11:12:00.5", 400, "Cannot deserialize"),
        (BIRTH, "dossier.startDate", "3 april", 400, "Cannot deserialize"),
        (BIRTH, "dossier.startDate", "2020-04-03T11:12:00", 400, "Cannot deserialize"),
        (DEATH, "dateOfDeath", "2020-04-03T11:12:00Z", 400, "Cannot deserialize"),
        (COMMITMENT, "planning.commitmentDateTime", "2020-04-03", 400, "Cannot deserialize"),
        # mandatory
        (INTRA, "dossier.startDate", ..., 400, "startDate is mandatory"),
        (INTRA, "relocators", [], 400, "list of relocators may not be empty"),
        (INTRA, "relocators.1.declarationType", ..., 400, "declarationType is mandatory"),
        (INTRA, "newAddress.postalCode", "", 400, "postalCode must not be empty"),
        (INTRA, "newAddress.mainOccupant", ..., 400, "mainOccupant is mandatory if live"),
        (BIRTH, "children", ..., 400, "children are mandatory"),
        (COMMITMENT, "location.name", "", 400, "name must not be empty"),
        (DEATH, "timeOfDeath", "23:45:22", 400, "time must match HH:mm"),
        (DEATH, "timeOfDeath", "aa:00", 400, "time must match HH:mm"),
        (BODY, "timeOfFinding", ..., 400, "time is mandatory"),
        # the caller's mistakes that come as 500
        (INTRA, "newAddress.addressFunction", None, 500, None),
        (BIRTH, "children.0.gender", ..., 500, None),
        (BIRTH, "children.0.birthDateTime", ..., 500, None),
        (BIRTH, "children.0.birthDateTime", "2999-01-01T00:00:00", 500, "toekomst"),
        (BIRTH, "mother.bsn", "123456789", 500, "Bsn 123456789 is incorrect"),
        (DEATH, "timeOfDeath", "9:10", 500, "could not be parsed"),
        (DEATH, "timeOfDeath", "25:00", 500, "could not be parsed"),
        (DEATH, "funeralServices.time", "13 uur", 500, "could not be parsed"),
        (DEATH, "correspondence.communicationType", "EMAIL", 500, "aantal altijd 1"),
        (COMMITMENT, "witnesses.chosen.0.lastname", ..., 500, None),
        (COMMITMENT, "location.options.0.type", ..., 500, None),
        (COMMITMENT, "officials.preferences", [{"name": "a"}] * 3, 500, "Only 2"),
        (COMMITMENT, "officials.preferences", [{"aliases": []}], 500, "Name or alias"),
        (COMMITMENT, "partner1.nameAfterCommitment.nameUseType", ..., 500, None),
    ],
)
async def test_what_is_refused(
    path: str, where: str, value: Any, status: int, message: str | None
) -> None:
    async with calling(dossiers=0) as caller:
        reply = await caller.post(path, changed(path, where, value))
        assert reply.status == status
        assert (message is None and reply.message is None) or str(message) in str(reply.message)
        is_bad_request = str(message).startswith("mainOccupant")
        assert reply.json["code"] == ("badRequestError" if is_bad_request else "internalError")
        assert caller.sandbox.cases == ()


@pytest.mark.parametrize(
    ("path", "where", "value"),
    [
        (INTRA, "newAddress.houseNumber", "12"),
        (INTRA, "newAddress.municipality", None),
        (INTRA, "newAddress.postalCode", " "),
        (BIRTH, "dossier.startDate", "2020-04-03+02:00"),
        (INTRA, "declarant.bsn", 61),
        (DEATH, "timeOfDeath", ...),
        (DEATH, "funeralServices.time", "13:00:00"),
        (DEATH, "extracts", []),
        (COMMITMENT, "planning.commitmentDateTime", "2020-04-02T11:12:00.193Z"),
        (COMMITMENT, "officials.preferences", [{"aliases": ["a"]}]),
        (BIRTH, "qualificationForDeclaringType", None),
    ],
)
async def test_what_is_taken(path: str, where: str, value: Any) -> None:
    async with calling(dossiers=0) as caller:
        assert (await caller.post(path, changed(path, where, value))).status == 201


async def test_how_a_relocation_comes_back() -> None:
    async with calling(dossiers=0) as caller:
        body = documented(INTRA)
        del body["newAddress"]["addressFunction"]
        case = (await caller.post(INTRA, body)).json
        address = case["newAddress"]
        assert [person["bsn"] for person in case["relocators"]][:2] == ["000002458", "000003116"]
        assert case["relocators"][2]["contactInformation"] == BLANK
        assert case["declarant"]["contactInformation"]["telephoneNumber"] == "12345"
        assert (address["postalCode"], address["addressFunction"]) == ("1234AA", "LIVING_ADDRESS")
        assert address["municipality"] == {"code": "4567"}
        assert address["mainOccupant"]["contactInformation"] == BLANK
        assert case["dossier"]["status"]["code"] == "incomplete"  # consent is pending
        body["dossier"]["referenceIds"] = []
        body["declarant"]["contactInformation"] = BLANK
        address = body["newAddress"]
        address["liveIn"] = {"liveInApplicable": False, "consent": "APPROVED"}
        case = (await caller.post(INTRA, body)).json
        assert case["newAddress"]["liveIn"] == {
            "liveInApplicable": False,
            "consent": "NOT_APPLICABLE",
        }
        assert "mainOccupant" not in case["newAddress"]
        assert "contactInformation" not in case["declarant"]
        assert "referenceIds" not in case["dossier"]
        assert case["dossier"]["status"]["code"] == "created"


async def test_how_the_others_come_back() -> None:
    async with calling(dossiers=0) as caller:
        birth = (await caller.post(BIRTH, documented(BIRTH))).json
        assert "contactInformation" in birth["declarant"]
        assert "contactInformation" not in birth["mother"]
        assert "contactInformation" not in birth["fatherDuoMother"]
        bare = documented(COMMITMENT)
        bare["officials"] = {"assigned": {"name": "x"}}
        bare["witnesses"] = {"numberOfMunicipalWitnesses": -1}
        bare["partner1"]["nameAfterCommitment"] = {"nameUseType": "N", "lastname": " "}
        commitment = (await caller.post(COMMITMENT, bare)).json
        assert "officials" not in commitment
        assert "witnesses" not in commitment
        assert "nameAfterCommitment" not in commitment["partner1"]
        death = (await caller.post(DEATH, documented(DEATH))).json
        assert "contactInformation" not in death["deceased"]


async def test_an_update_replaces_and_a_cancellation_ends() -> None:
    async with calling(dossiers=0) as caller:
        body = documented(COMMITMENT)
        await caller.post(COMMITMENT, body)
        bare = {key: body[key] for key in ("dossier", "partner1", "partner2", "planning")}
        replaced = await caller.post("commitments/commitment-1234", bare)
        assert (replaced.status, "location" in replaced.json) == (200, False)
        other = bare | {"partner1": {"bsn": OTHER}}
        assert "BSN's van de partners" in str(
            (await caller.post("commitments/commitment-1234", other)).message
        )
        cancel = "commitments/commitment-1234/cancel"
        assert (await caller.post(cancel, {})).status == 400
        assert (await caller.post(cancel, {"message": None})).status == 400
        for answer in (
            await caller.post(cancel, {"message": "x"}),
            await caller.post(cancel),
            await caller.send("POST", cancel, data=b"null"),
        ):
            assert (answer.status, answer.body) == (204, b"")
        status = (await caller.get("commitments/commitment-1234")).json["dossier"]["status"]
        assert (status["code"], status["endStatus"]) == ("cancelled", True)


@pytest.mark.parametrize("via", ["intra", "inter"])
async def test_consent_by_either_endpoint(via: str) -> None:
    async with calling(dossiers=0) as caller:
        await caller.post(INTRA, documented(INTRA))
        consent = {
            "dossierId": "intra-reloc-1234",
            "consenter": {"bsn": "36"},
            "consent": "DECLINED",
        }
        path = f"relocations/{via}/consent"
        reply = await caller.post(path, consent)
        assert (reply.status, reply.body) == (200, b"")
        live_in = (await caller.get(f"{INTRA}/intra-reloc-1234")).json["newAddress"]["liveIn"]
        assert (live_in["consent"], live_in["consenter"]["bsn"]) == ("DECLINED", MOTHER)
        assert (await caller.post(path, {**consent, "dossierId": "x"})).status == 500
        del consent["consent"]
        assert (await caller.post(path, consent)).status == 500
        await caller.post(BIRTH, documented(BIRTH))
        wrong = {"dossierId": "birth-1234", "consenter": {"bsn": FATHER}, "consent": "APPROVED"}
        assert "geen verhuizing" in str((await caller.post(path, wrong)).message)


@pytest.mark.parametrize(("not_found", "code"), [(500, "internalError"), (404, "notFoundError")])
async def test_what_is_not_there(not_found: int, code: str) -> None:
    async with calling(not_found=not_found) as caller:
        reply = await caller.get("births/nergens")
        assert (reply.status, reply.json["code"]) == (not_found, code)
        assert (await caller.get(f"births/{caller.sandbox.dossier_ids[0]}")).status == 500
        unknown = await caller.get("iets")
        assert (unknown.status, "cause" in unknown.json) == (404, False)
        assert (await caller.raw("GET", "/elders")).status == 401
        assert (await caller.get("births/a%2Fb")).status in (400, not_found)


async def test_documents_get_other_names() -> None:
    async with calling() as caller:
        path = f"dossiers/{caller.sandbox.dossier_ids[0]}/documents"
        assert (await caller.get(path)).json == []
        content = base64.b64encode(b"text").decode()
        reply = await caller.post(path, {"filename": "mijn akte.v2.txt", "content": content})
        assert reply.status == 201
        document = reply.json
        assert re.fullmatch(r"upload-mijn-akte-v2-\d{19}\.txt", document["filename"])
        assert base64.b64decode(document["id"]).decode() == document["filename"]
        assert document["title"] == "mijn akte.v2.txt"
        assert (await caller.get(path)).json == [document]
        got = await caller.get(f"{path}/{document['id']}".replace("=", "%3D"))
        assert (got.body, got.headers["Content-Type"]) == (b"text", "application/octet-stream")
        for missing in (f"{path}/bestaatniet", "dossiers/nergens/documents/x"):
            gone = await caller.get(missing)
            assert (gone.status, "foutmelding" in gone.json) == (200, True)
            assert gone.headers["Content-Disposition"] == 'attachment; filename="null"'
        only_json = {"Accept": "application/json"}
        assert (await caller.send("GET", f"{path}/x", headers=only_json)).status == 406
        for wrong in ({"filename": "", "content": content}, {"filename": "a", "content": ""}):
            assert "must not be empty" in str((await caller.post(path, wrong)).message)
        assert (await caller.post(path, {"filename": "a", "content": "%"})).status == 400


async def test_an_import_goes_by_position() -> None:
    async with calling() as caller:
        body = documented("dataimport/add")
        answer = (await caller.post("dataimport/add", body)).json
        assert answer["records"][0]["values"]["Voornamen"] == "Pietje"
        assert answer["records"][0]["remarks"] == [
            "Geboortedatum: De geboortedatum heeft geen geldig formaat"
        ]
        assert answer["records"][1]["values"]["Geboortedatum"] == "20130201"
        assert "Veld 'Leeftijd' is onbekend" in answer["remarks"]
        assert "1 van de 3 regels bevatten fouten" in answer["remarks"]
        body["records"] = [
            {"values": {"voornamen": "A", "achternaam": "B"}},
            {"values": {"achternaam": "D", "voornamen": "C"}},
        ]
        answer = (await caller.post("dataimport/add", body)).json
        assert answer["records"][1]["values"] == {"Voornamen": "D", "Achternaam": "C"}
        assert len(caller.sandbox.imports) == 2
        assert "Unknown type" in str(
            (await caller.post("dataimport/add", body | {"type": "x"})).message
        )
        assert (await caller.post("dataimport/add", body | {"records": []})).status == 400

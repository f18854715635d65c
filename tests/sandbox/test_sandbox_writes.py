"""The documented writes over HTTP: taken, refused, and told where."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.sandbox.sandbox_caller import ROOT, Caller, calling, open_sandbox

DOSSIER = f"{ROOT}/5526"
PERSON = f"{DOSSIER}/klanten/particulier/120954"
MOST = 26_214_400
REGISTRATIE = {
    "omschrijving": "x",
    "activiteit": {"id": 1},
    "registratietype": {"id": 7},
    "systeemregistratie": True,
}


@cache
def documented() -> dict[str, list[dict[str, Any]]]:
    """Request line to the documented bodies for it; some have none."""
    text = Path(__file__).with_name("elements_requests.json").read_bytes()
    requests: dict[str, list[dict[str, Any]]] = orjson.loads(text)
    return requests


def bodies(line: str) -> list[dict[str, Any]]:
    """The documented bodies, or one where the documentation refers to another page."""
    if line.endswith("/registraties"):
        return documented()[line] or [REGISTRATIE]
    return documented()[line] or [{"omschrijving": "Regel"}]


def shape(line: str) -> str:
    return re.sub(r"/\d+", "/#", line)


async def write(caller: Caller, line: str, body: Any) -> Any:
    method, _, address = line.partition(" ")
    path, _, query = address.partition("?")
    return await caller.write(method, path, body, **dict([query.split("=")] if query else []))


def test_all_requests_are_there() -> None:
    assert len(documented()) == 51
    assert sum(map(len, documented().values())) == 53


async def test_every_documented_request_is_taken_at_its_documented_place() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        count = 0
        for line in documented():
            for body in bodies(line):
                reply = await write(caller, line, body)
                assert reply.body == b""
                count += 1
                record = caller.sandbox.records[-1]
                assert f"{record.method} {record.path}" == line.partition("?")[0]
                assert record.body == body
                check(line, body, reply, record.id)
        assert len(caller.sandbox.records) == count == 53 + 12
        made = [record.id for record in caller.sandbox.records if record.id is not None]
        # One documented telephone number is given to a person, an organisation and its employee.
        existing = [number for number in made if number < 1_000_000_000]
        assert len(existing) == 11
        assert len(set(made)) == len(made) - 2


def check(line: str, body: dict[str, Any], reply: Any, made: int | None) -> None:
    """The answer is the documented one."""
    method, _, path = line.partition("?")[0].partition(" ")
    if method == "PATCH":
        html = path == DOSSIER
        assert reply.headers["Content-Type"] == ("text/html" if html else "application/json")
        assert (reply.status, made) == (200, None)
        assert "Location" not in reply.headers
        return
    if path.endswith("/workflows"):
        assert (reply.status, made) == (204, None)
        assert "Location" not in reply.headers
        return
    assert (reply.status, reply.headers["Content-Type"]) == (201, "text/html")
    location = reply.headers["Location"]
    if path.endswith("/regels"):
        assert location == path.removesuffix("/regels")
    elif "/bezittingen/" in path:
        assert location == f"{DOSSIER}/bezittingen/{made}"
    else:
        assert location == f"{path.rstrip('/')}/{made}"
    assert made == body.get("id", made)


@pytest.mark.parametrize(
    "line", sorted({shape(line.partition("?")[0]): line for line in documented()}.values())
)
async def test_an_unknown_owner_is_404_and_nothing_is_done(line: str) -> None:
    """Each id of the path in turn; the last one of a PATCH is its own."""
    async with calling(open_sandbox(dossiers=1)) as caller:
        ids = list(re.finditer(r"/(\d+)", line))
        for found in ids:
            elsewhere = f"{line[: found.start()]}/987654321{line[found.end() :]}"
            reply = await write(caller, elsewhere, bodies(line)[0])
            assert (reply.status, reply.json) == (404, {"error": "Not found"}), elsewhere
        assert caller.sandbox.records == []
        assert ids or line == f"POST {ROOT}/"


async def test_a_fault_is_refused_in_the_documented_shape() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{DOSSIER}/klanten/particulier"
        reply = await caller.post(path, {"voornaam": "Jan"}, rol="partner")
        assert (reply.status, reply.headers["Content-Type"]) == (400, "application/json")
        assert reply.json == {
            "total": 1,
            "message": "Validatie fouten",
            "_links": {
                "help": {"href": "http://api.fasterforward.nl/", "title": "Validatie informatie"}
            },
            "_embedded": {
                "errors": [{"path": "", "message": 'Required properties missing: ["achternaam"]'}]
            },
        }
        body = {"achternaam": "", "geslacht": "man", "bsn": 3}
        reply = await caller.post(path, body, rol="partner")
        errors = reply.json["_embedded"]["errors"]
        assert reply.json["total"] == len(errors) == 3
        assert [error["path"] for error in errors] == ["/achternaam", "/geslacht", "/bsn"]
        assert caller.sandbox.records == []


@pytest.mark.parametrize("line", [line for line in documented() if "facturen" not in line])
async def test_every_schema_but_the_one_that_breaks_off_stands_guard(line: str) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        for body in bodies(line):
            reply = await write(caller, line, {**body, "bestaatNiet": 1})
            assert reply.status == (201 if line.endswith("/hypotheken") else 400)
        assert len(caller.sandbox.records) == line.endswith("/hypotheken")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"naam=x", "JSON"),
        (b'{"naam": "\xff"}', "JSON"),
        (b'{"naam": NaN}', "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"[]", "object"),
        (b"null", "object"),
        (b'"x"', "object"),
    ],
)
@pytest.mark.parametrize("path", ["proposities", "bankgaranties/6736/facturen"])
async def test_what_is_no_object_of_json_is_400(path: str, body: bytes, says: str) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        reply = await caller.post(f"{DOSSIER}/{path}", body)
        ((error,),) = (reply.json["_embedded"]["errors"],)
        assert (reply.status, error["path"]) == (400, "")
        assert says in error["message"]
        assert caller.sandbox.records == []


@pytest.mark.parametrize("query", [{}, {"rol": ""}, {"rol": "Partner"}, {"rol": "oom"}])
async def test_a_person_needs_a_documented_role(query: dict[str, str]) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{DOSSIER}/klanten/particulier"
        reply = await caller.post(path, {"achternaam": "Nijs"}, **query)
        assert reply.status == 400
        assert reply.json["_embedded"]["errors"][0]["path"] == "rol"
        reply = await caller.post(path, {}, **query)
        assert reply.json["total"] == 2


async def test_an_address_that_exists_needs_no_more_than_its_id_and_type() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        body = {"id": 7793, "type": "Factuuradres"}
        assert (await caller.post(f"{PERSON}/adressen", body)).status == 201
        assert (await caller.post(f"{DOSSIER}/panden", body)).status == 201
        # Here neither schema nor example knows of it.
        zakelijk = f"{DOSSIER}/klanten/zakelijk/14835/adressen"
        assert (await caller.post(zakelijk, body)).status == 400
        reply = await caller.post(f"{PERSON}/adressen", {**body, "straat": "Kade"})
        assert reply.status == 400


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", ROOT, "GET"),
        ("POST", DOSSIER, "GET, PATCH"),
        ("PUT", DOSSIER, "GET, PATCH"),
        ("POST", f"{DOSSIER}/kantoor", "GET"),
        ("PATCH", f"{DOSSIER}/kantoor", "GET"),
        ("POST", f"{DOSSIER}/bezittingen", "GET"),
        ("DELETE", PERSON, "GET, PATCH"),
        ("DELETE", f"{PERSON}/adressen", "GET, POST"),
        ("PATCH", f"{DOSSIER}/acties", "POST"),
        ("PUT", f"{ROOT}/", "POST"),
    ],
)
async def test_a_wrong_method_is_405(method: str, path: str, allow: str) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        reply = await caller.write(method, path, {})
        assert (reply.status, reply.headers["Allow"]) == (405, allow)
        assert caller.sandbox.records == []


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/0/acties",
        f"{ROOT}/05526/acties",
        f"{ROOT}/x/acties",
        f"{DOSSIER}/acties/",
        f"{DOSSIER}/acties/1",
        f"{DOSSIER}/klanten/zakelijk/14835/kenmerken/1/x",
        f"{DOSSIER}/hypotheken/6732/taken",
        "/api/data/anders",
        "/anders",
    ],
)
async def test_writing_where_nothing_is_documented_is_404(path: str) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        assert (await caller.post(path, {})).status == 404


async def test_a_write_needs_a_token() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        caller.access_token = "stale"
        assert (await caller.post(f"{DOSSIER}/proposities", {"naam": "x"})).status == 401
        assert caller.sandbox.records == []


def facture(size: int) -> bytes:
    """A body of exactly so many bytes."""
    start, end = b'{"regels":"', b'"}'
    return start + b"x" * (size - len(start) - len(end)) + end


async def test_a_body_of_25_mib_is_taken_and_one_byte_more_is_not() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{DOSSIER}/bankgaranties/6736/facturen"
        reply = await caller.post(path, facture(MOST))
        assert reply.status == 201
        reply = await caller.post(path, facture(MOST + 1))
        assert (reply.status, reply.headers["Content-Type"]) == (400, "application/json")
        assert reply.json == {
            "error": "Request body is groter dan toegestaan",
            "toegestaan": "26214400 bytes",
            "ontvangen": "26214401 bytes",
        }
        assert len(caller.sandbox.records) == 1


async def test_the_limit_of_newer_releases_can_be_chosen() -> None:
    async with calling(open_sandbox(dossiers=1, body_limit=100)) as caller:
        path = f"{DOSSIER}/bankgaranties/6736/facturen"
        assert (await caller.post(path, facture(100))).status == 201
        reply = await caller.post(path, facture(101))
        assert reply.json["toegestaan"] == "100 bytes"


async def test_a_body_in_chunks_is_measured_too() -> None:
    async def chunks() -> Any:
        for _ in range(26):
            yield b"x" * 1_048_576

    async with calling(open_sandbox(dossiers=1)) as caller:
        query = {"access_token": caller.access_token}
        reply = await caller.send("POST", f"{DOSSIER}/acties", query, data=chunks())
        assert reply.json["ontvangen"] == f"{26 * 1_048_576} bytes"


async def test_records_hide_their_bodies_from_reprs() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        location = await caller.add(f"{DOSSIER}/proposities", {"naam": "Geheim"})
        (record,) = caller.sandbox.records
        assert repr(record) == f"<POST {DOSSIER}/proposities: {location.rpartition('/')[2]}>"


async def test_what_is_made_but_never_shown_can_be_written_to() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        employee = await caller.add(
            f"{DOSSIER}/klanten/zakelijk/14835/medewerkers",
            {"achternaam": "Groen", "functie": [{"id": 1}]},
        )
        for rel, body in (
            ("emailadressen", {"naam": "a@b.example", "type": "Prive"}),
            ("telefoonnummers", {"naam": "06", "type": "Fax"}),
            ("rekeningnummers", {"land": "NL", "type": "Algemeen"}),
        ):
            location = await caller.add(f"{employee}/{rel}", body)
            assert (await caller.get(location)).status == 404
            assert (await caller.get(f"{employee}/{rel}")).status == 404
        product = f"{DOSSIER}/bankgaranties/6736"
        facture = await caller.add(f"{product}/facturen", {"nummer": 1})
        for _ in range(2):
            assert await caller.add(f"{facture}/regels", {"bedrag": 12.5}) == facture
        shown = [record.body for record in caller.sandbox.records if record.path.endswith("regels")]
        assert shown == [{"bedrag": 12.5}] * 2
        assert (await caller.get(employee)).status == 404


async def test_a_write_that_is_repeated_is_done_twice() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        places = {await caller.add(f"{DOSSIER}/acties", {"actie": {"id": 1}}) for _ in range(3)}
        assert len(places) == len(caller.sandbox.records) == 3

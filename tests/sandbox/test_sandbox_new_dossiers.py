"""Dossiers that are added or changed show everywhere a dossier shows."""

import asyncio
import re
from typing import Any

import orjson
import pytest

from tests.sandbox.sandbox_caller import ROOT, Caller, calling, hrefs, open_sandbox

DOSSIER = f"{ROOT}/5526"
BODY = {"omschrijving": "Nieuw dossier", "dossierstatus": {"id": 2}, "kantoor": {"id": 14830}}
EMPTY = (
    "registraties",
    "adviseurs",
    "klanten",
    "klanten/particulier",
    "klanten/zakelijk",
    "bezittingen",
    "producten",
    "panden",
    "facturen",
    "documenten",
    "stukken",
    "emails",
    "taken",
)


def number(path: str) -> int:
    return int(path.rpartition("/")[2])


async def listed(caller: Caller, **query: str) -> list[int]:
    return [row["id"] for row in (await caller.get(ROOT, **query)).rows("klantdossiers")]


@pytest.mark.parametrize("listed_before", [False, True])
async def test_a_new_dossier(*, listed_before: bool) -> None:
    async with calling(open_sandbox(dossiers=2)) as caller:
        if listed_before:
            await caller.get(ROOT)
        body = {**BODY, "aanmaakdatum": "2017-01-01 10:00:00", "relatienummer": "12345"}
        path = await caller.add(f"{ROOT}/", body)
        dossier = (await caller.get(path)).json
        assert path == f"{ROOT}/{dossier['id']}"
        example = (await caller.get(DOSSIER)).json
        assert [*dossier] == [key for key in example if key != "_embedded"]
        assert (dossier["omschrijving"], dossier["relatienummer"]) == ("Nieuw dossier", "12345")
        assert (dossier["status"], dossier["deleted"]) == ("Lopend", None)
        assert dossier["aanmaakdatum"] == "2017-01-01T10:00:00+01:00"
        listing = await caller.get(ROOT)
        assert listing.body == caller.sandbox.listing()
        assert [row["id"] for row in listing.rows("klantdossiers")] == [5526, 300_001, number(path)]
        row = listing.rows("klantdossiers")[-1]
        assert {**row, "_links": 0} == {**dossier, "_links": 0}
        assert row["_links"] == {"self": {"href": path}}
        assert caller.sandbox.dossier_ids == (5526, 300_001, number(path))


async def test_a_new_dossier_has_every_relation_and_no_dead_link() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = await caller.add(f"{ROOT}/", BODY)
        truth = caller.sandbox.truth(number(path))
        for below, body in truth.items():
            assert (await caller.get(below)).body == body
            document = orjson.loads(body)
            assert document["_links"]["self"]["href"] == below
            assert set(hrefs(document)) <= set(truth)
        for rel in EMPTY:
            assert (await caller.get(f"{path}/{rel}")).rows(rel.rpartition("/")[2]) == []
        for rel in ("adressen", "emailadressen", "telefoonnummers", "codes"):
            assert (await caller.get(f"{path}/kantoor/{rel}")).rows(rel) == []


async def test_its_date_is_now_unless_it_says_otherwise() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        dossier = (await caller.get(await caller.add(f"{ROOT}/", BODY))).json
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00", dossier["aanmaakdatum"])


async def test_a_new_dossier_is_kept_by_the_kantoor_it_names() -> None:
    async with calling(open_sandbox(dossiers=2)) as caller:

        async def kantoor(identifier: int) -> tuple[str, Any]:
            body = {**BODY, "kantoor": {"id": identifier}}
            path = await caller.add(f"{ROOT}/", body)
            found = (await caller.get(f"{path}/kantoor")).json
            assert found["id"] == identifier
            return path, found

        for dossier in (5526, 300_001):
            known = f"{ROOT}/{dossier}"
            path, found = await kantoor((await caller.get(f"{known}/kantoor")).json["id"])
            one, other = (
                {
                    below.removeprefix(start): body.replace(start.encode(), b"")
                    for below, body in caller.sandbox.truth(number(start)).items()
                    if below.startswith(f"{start}/kantoor")
                }
                for start in (path, known)
            )
            assert one == other
        _, found = await kantoor(14830)
        assert found["naam"] == "Deelnemer00014830"
        assert [*found] == [*(await caller.get(f"{DOSSIER}/kantoor")).json]


async def test_a_new_dossier_is_found_by_what_is_added_to_it() -> None:
    async with calling(open_sandbox(dossiers=2)) as caller:
        path = await caller.add(f"{ROOT}/", BODY)
        made = number(path)
        assert await listed(caller, omschrijving="nieuw dossier") == [made]
        assert await listed(caller, dossierstatus="2", kantoor="14830") == [made]
        assert made not in await listed(caller, achternaam="Zzyzx")
        await caller.add(f"{path}/klanten/particulier", {"achternaam": "Zzyzx"}, rol="kind")
        assert await listed(caller, achternaam="Zzyzx") == [made]
        await caller.add(f"{path}/bezittingen/overige", {"bezittingtype": "Overige"})
        links = (await caller.get(path)).json["_links"]
        assert {"klanten/particulier", "bezittingen"} <= set(links)
        assert not {"producten", "klanten/zakelijk", "registraties"} & set(links)
        await caller.add(f"{path}/klanten/zakelijk", {"naam": "N"})
        await caller.add(f"{path}/hypotheken", {})
        registratie = {
            "omschrijving": "x",
            "activiteit": {"id": 1},
            "registratietype": {"id": 2},
            "systeemregistratie": True,
        }
        await caller.add(f"{path}/registraties", registratie)
        links = (await caller.get(path)).json["_links"]
        for rel in ("producten", "klanten/zakelijk", "registraties"):
            assert links[rel] == {"href": f"{path}/{rel}"}


async def test_a_new_dossier_may_name_the_address_for_letters() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = await caller.add(f"{ROOT}/", {**BODY, "standaardCorrespondentieadres": 12})
        for shown in (
            (await caller.get(path)).json,
            (await caller.get(ROOT)).rows("klantdossiers")[-1],
        ):
            place = shown["_embedded"]["standaardcorrespondentieadres"]
            assert (place["id"], place["straat"]) == (12, None)


async def test_dossiers_added_while_a_listing_is_drawn_are_not_lost() -> None:
    async with calling(open_sandbox(dossiers=3_000)) as caller:
        replies = await asyncio.gather(
            caller.get(ROOT), *(caller.add(f"{ROOT}/", BODY) for _ in range(3))
        )
        made = {number(reply) for reply in replies[1:] if isinstance(reply, str)}
        assert len(made) == 3
        assert made <= set(await listed(caller))


@pytest.mark.parametrize("listed_before", [False, True])
async def test_a_dossier_is_given_another_address_for_letters(*, listed_before: bool) -> None:
    async with calling(open_sandbox(dossiers=2)) as caller:
        if listed_before:
            await caller.get(ROOT)
        before = (await caller.get(DOSSIER)).json
        reply = await caller.write(
            "PATCH", DOSSIER, {"standaardCorrespondentieadres": {"id": 7790}}
        )
        assert (reply.status, reply.body) == (200, b"")
        after = (await caller.get(DOSSIER)).json
        place = {
            "id": 7790,
            "straat": "Nieuwemarkt",
            "nummer": "2",
            "toevoeging": "",
            "postcode": "3011HP",
            "plaatsnaam": "Rotterdam",
            "land": "NL",
        }
        assert after == {**before, "_embedded": {"standaardcorrespondentieadres": place}}
        assert [*after["_embedded"]["standaardcorrespondentieadres"]] == [
            *before["_embedded"]["standaardcorrespondentieadres"]
        ]
        rows = (await caller.get(ROOT)).rows("klantdossiers")
        assert [row["id"] for row in rows] == [5526, 300_001]
        assert rows[0]["_embedded"] == after["_embedded"]
        assert await listed(caller, straat="Nieuwemarkt", plaatsnaam="Rotterdam") == [5526]


async def test_a_person_is_given_another_address_for_letters() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        person = f"{DOSSIER}/klanten/particulier/120954"
        body = {"standaardCorrespondentieadres": {"id": 7793}}
        reply = await caller.write("PATCH", person, body)
        assert (reply.status, reply.body) == (200, b"")
        place = (await caller.get(f"{person}/adressen")).rows("adressen")[-1]
        assert (place["id"], place["straat"]) == (7793, "Groenhof")
        assert place["_embedded"]["types"] == [{"id": 7, "naam": "correspondentieadres"}]
        reply = await caller.write("PATCH", person, {})
        assert reply.json["_embedded"]["errors"] == [
            {
                "path": "",
                "message": 'Required properties missing: ["standaardCorrespondentieadres"]',
            }
        ]

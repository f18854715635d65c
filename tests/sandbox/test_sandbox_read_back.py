"""What was written shows in the documented reads, in the shape of the documented bodies."""

from typing import Any

import orjson
import pytest

from tests.sandbox.sandbox_caller import ROOT, Caller, calling, hrefs, open_sandbox

DOSSIER = f"{ROOT}/5526"
PERSON = f"{DOSSIER}/klanten/particulier/120954"
ORGANISATION = f"{DOSSIER}/klanten/zakelijk/14835"
ADDRESS = {
    "straat": "Grimbergen",
    "nummer": "3",
    "toevoeging": "B",
    "postcode": "4651ME",
    "plaatsnaam": "Steenbergen",
    "type": "Factuuradres",
}


def number(path: str) -> int:
    return int(path.rpartition("/")[2])


async def both(caller: Caller, path: str, body: Any, **query: str) -> tuple[Any, Any]:
    """Write and read: the last row of the collection and the item, which have the new id."""
    location = await caller.add(path, body, **query)
    collection = location.rpartition("/")[0]
    row = (await caller.get(collection)).rows(collection.rpartition("/")[2])[-1]
    item = (await caller.get(location)).json
    assert row["id"] == item["id"] == number(location)
    assert row["_links"]["self"]["href"] == item["_links"]["self"]["href"] == location
    return row, item


async def shape(caller: Caller, path: str) -> list[str]:
    """The fields of a documented body."""
    return [*(await caller.get(path)).json]


async def test_an_address() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        row, item = await both(caller, f"{PERSON}/adressen", ADDRESS)
        assert row == item
        assert [*item] == await shape(caller, f"{PERSON}/adressen/7790")
        sent = {name: item[name] for name in ADDRESS if name != "type"}
        assert {**sent, "type": "Factuuradres"} == ADDRESS
        assert (item["postcodegebied"], item["categorie"]) == ("4651", "default")
        assert item["_embedded"]["types"] == [{"id": 4, "naam": "factuuradres"}]
        postbus = {"plaatsnaam": "Huizen", "categorie": "Postbus", "type": "Bezoekadres"}
        row, item = await both(caller, f"{ORGANISATION}/adressen", postbus)
        assert (item["postcode"], item["postcodegebied"]) == (None, None)
        assert item["categorie"] == "postbus"
        assert item["_embedded"]["types"] == [{"id": 1, "naam": "bezoekadres"}]


async def test_an_address_that_exists_is_given_to_a_person() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{DOSSIER}/klanten/particulier/120955/adressen"
        added = await caller.add(f"{PERSON}/adressen", ADDRESS)
        body = {"id": number(added), "type": "Afleveradres"}
        row, item = await both(caller, path, body)
        assert row == item
        first = (await caller.get(added)).json
        assert {**item, "_links": 0, "_embedded": 0} == {**first, "_links": 0, "_embedded": 0}
        assert item["_embedded"]["types"] == [{"id": 2, "naam": "afleveradres"}]
        # Given once more, it has one more type, and is no second address.
        rows = (await caller.get(path)).rows("adressen")
        row, item = await both(caller, path, {**body, "type": "Pand"})
        assert row == item
        assert [each["naam"] for each in item["_embedded"]["types"]] == ["afleveradres", "pand"]
        assert len((await caller.get(path)).rows("adressen")) == len(rows)


async def test_what_is_not_known_of_something_that_exists_is_null() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        _, item = await both(caller, f"{PERSON}/adressen", {"id": 7797, "type": "Pand"})
        assert (item["straat"], item["plaatsnaam"]) == (None, None)
        # 3 is an id in there too: of a type, which is no e-mail address.
        _, item = await both(caller, f"{PERSON}/emailadressen", {"id": 3, "type": "Prive"})
        assert item["naam"] is None


@pytest.mark.parametrize(("owner", "known"), [(PERSON, "40555"), (ORGANISATION, "35969")])
async def test_an_email_address(owner: str, known: str) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{owner}/emailadressen"
        row, item = await both(caller, path, {"naam": "a@b.example", "type": "Prive"})
        assert row == item
        assert [*item] == await shape(caller, f"{path}/{known}")
        assert (item["naam"], item["_embedded"]["types"]) == (
            "a@b.example",
            [{"id": 2, "naam": "Prive"}],
        )
        # An address of someone else's in the same dossier.
        _, item = await both(caller, path, {"id": 40556, "type": "Algemeen"})
        assert item["naam"] == "kim-jansen@mailprovider.nl"


@pytest.mark.parametrize(("owner", "known"), [(PERSON, "76402"), (ORGANISATION, "69304")])
async def test_a_telephone_number(owner: str, known: str) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{owner}/telefoonnummers"
        row, item = await both(caller, path, {"naam": "(0164) 21-02", "type": "Mobiel"})
        assert row == item
        assert [*item] == await shape(caller, f"{path}/{known}")
        assert (item["naam"], item["weergavenaam"]) == ("(0164) 21-02", "01642102")
        assert item["_embedded"]["types"] == [{"id": 5, "naam": "mobiel"}]
        _, item = await both(caller, path, {"id": 76403, "type": "Fax"})
        assert (item["naam"], item["weergavenaam"]) == ("06123456790", "06123456790")


@pytest.mark.parametrize(
    ("owner", "known", "name"),
    [(PERSON, "1959", "Jansen, Aad (A.)"), (ORGANISATION, "1962", "AEGON")],
)
async def test_a_bank_account(owner: str, known: str, name: str) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{owner}/rekeningnummers"
        body = {"iban": "NL25RABO0136907539", "bic": "RABONL2U", "land": "BE", "type": "Incasso"}
        row, item = await both(caller, path, body)
        assert row == item
        assert [*item] == await shape(caller, f"{path}/{known}")
        country = item.get("land_iso", item.get("landIso"))
        assert (item["iban"], item["bic"], country) == (body["iban"], body["bic"], "BE")
        assert (item["nummer"], item["naam"]) == ("", name)
        # The account of an adviseur, whose country is spelled as at persons.
        _, item = await both(caller, path, {"id": 1958, "type": "Algemeen"})
        assert item["iban"] == "NL59INGB0000662632"
        assert item.get("land_iso", item.get("landIso")) == "NL"


async def test_a_characteristic() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{PERSON}/kenmerken"
        body = {"kenmerk": {"id": 3}, "vraag": {"id": 8}, "omschrijving": "Tekst"}
        row, item = await both(caller, path, body)
        assert row == item
        assert [*item] == await shape(caller, f"{path}/4")
        assert (item["naam"], item["vraag"]) == ("Kenmerk 3", "Vraag 8")
        assert item["omschrijving"] == "Tekst"
        _, item = await both(caller, path, {"kenmerk": {"id": 3}})
        assert (item["vraag"], item["omschrijving"]) == ("", "")
        assert "kenmerken" not in (await caller.get(PERSON)).json["_links"]


async def test_a_person() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{DOSSIER}/klanten/particulier"
        body = {
            "achternaam": "Nijs",
            "tussenvoegsel": "de",
            "voornaam": "Jan",
            "initialen": "J.",
            "titel": "dhr",
            "geslacht": "Man",
            "bsn": "999990019",
            "geboortedatum": "1960-02-29",
            "burgerlijkestaat": "Alleenstaand",
            "nationaliteit": "Nederlandse",
            "overleden": True,
            "datumOverleden": "2020-07-01",
        }
        row, item = await both(caller, path, body, rol="kind")
        assert row == item
        assert [*item] == await shape(caller, PERSON)
        same = ("achternaam", "tussenvoegsel", "voornaam", "initialen", "titel", "bsn")
        assert {name: item[name] for name in same} == {name: body[name] for name in same}
        assert item["weergavenaam"] == "de Nijs, Jan (J.)"
        assert (item["geslacht"], item["dossierrol"]) == ("man", "Kind")
        assert (item["nationaliteitId"], item["nationaliteit"]) == (1, "Nederlandse")
        assert (item["burgerlijkestaatId"], item["burgerlijkestaat"]) == (3, "Alleenstaand")
        assert item["geboortedatum"] == "1960-02-29T00:00:00+01:00"
        assert item["pensioendatum"] == "2027-02-28T00:00:00+01:00"
        assert (item["overleden"], item["datumOverlijden"]) == ("ja", "2020-07-01T00:00:00+02:00")
        assert (await caller.get(f"{DOSSIER}/klanten")).rows("klanten")[-1] == item


async def test_little_is_said_of_a_person() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{DOSSIER}/klanten/particulier"
        body = {"achternaam": "Nijs", "geboortedatum": "9990-01-01T00:00:00+01:00"}
        _, item = await both(caller, path, body, rol="eerste-persoon")
        assert (item["weergavenaam"], item["dossierrol"]) == ("Nijs", "Eerste persoon")
        assert item["geboortedatum"] == "9990-01-01T00:00:00+01:00"
        assert item["pensioendatum"] is None
        _, item = await both(caller, path, {"achternaam": "Bos", "initialen": "B."}, rol="partner")
        assert (item["weergavenaam"], item["geslacht"]) == ("Bos, (B.)", None)
        assert (item["nationaliteitId"], item["burgerlijkestaatId"]) == (None, None)


async def test_an_organisation() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        body = {
            "naam": "Faster",
            "statutairenaam": "Faster NV",
            "handelsnaam": "F",
            "kvknummer": "12345",
            "btwnummer": "67890",
            "type": "NV",
        }
        row, item = await both(caller, f"{DOSSIER}/klanten/zakelijk", body)
        assert row == item
        assert [*item] == await shape(caller, ORGANISATION)
        assert {name: item[name] for name in body} == body


async def test_new_owners_lead_on_and_link_to_what_they_get() -> None:
    """Every relation that owners have has a document, empty at first, and found by its link."""
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{DOSSIER}/klanten"
        person = await caller.add(f"{path}/particulier", {"achternaam": "N"}, rol="kind")
        organisation = await caller.add(f"{path}/zakelijk", {"naam": "N"})
        shared = ("adressen", "emailadressen", "rekeningnummers", "telefoonnummers", "kenmerken")
        for owner, rels in ((person, (*shared, "socialmedia")), (organisation, (*shared, "codes"))):
            for rel in rels:
                reply = await caller.get(f"{owner}/{rel}")
                assert reply.json["_links"]["self"]["href"] == f"{owner}/{rel}"
                assert reply.rows(rel) == []
            assert hrefs((await caller.get(owner)).json) == [owner]
            await caller.add(f"{owner}/emailadressen", {"naam": "x", "type": "Prive"})
            await caller.add(f"{owner}/emailadressen", {"naam": "y", "type": "Prive"})
            assert hrefs((await caller.get(owner)).json) == [owner, f"{owner}/emailadressen"]
            assert len((await caller.get(f"{owner}/emailadressen")).rows("emailadressen")) == 2


@pytest.mark.parametrize("path", ["voertuigen", "voertuig"])
async def test_a_vehicle(path: str) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        body = {
            "omschrijving": "Golf",
            "merk": "Volkswagen",
            "model": "Golf",
            "catalogusWaarde": 26000,
            "aankoopwaarde": 7500.5,
            "huidigeWaarde": 7000.07,
            "huidigeWaardeDatum": "2016-01-01",
            "datumAankoop": "2015-07-01",
            "bouwjaar": "2001-01-01",
            "kenteken": "37GLPD",
            "gewicht": 1252,
            "bezittingtype": "Auto",
            "type": "Hatchback",
        }
        row, item = await both(caller, f"{DOSSIER}/bezittingen/{path}", body)
        assert row == item
        assert [*item] == await shape(caller, f"{DOSSIER}/bezittingen/179")
        shown = ("omschrijving", "merk", "model", "kenteken", "gewicht")
        assert {name: item[name] for name in shown} == {name: body[name] for name in shown}
        assert (item["cataloguswaarde"], item["aankoopbedrag"]) == ("26000.00", "7500.50")
        assert item["huidigeWaarde"] == "7000.07"
        assert item["huidigeWaardedatum"] == "2016-01-01T00:00:00+01:00"
        assert item["aankoopdatum"] == "2015-07-01T00:00:00+02:00"
        assert item["bouwjaar"] == "2001-01-01T00:00:00+01:00"
        assert (item["type"], item["categorie"], item["soort"]) == ("car", "vehicle", "Hatchback")


async def test_a_possession_that_is_no_vehicle() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        body = {"bezittingtype": "Overige", "kostbaarheidType": "Juwelen", "type": "ring"}
        _, item = await both(caller, f"{DOSSIER}/bezittingen/overige", body)
        assert (item["type"], item["categorie"], item["soort"]) == (None, "other", "Juwelen")
        assert (item["cataloguswaarde"], item["aankoopdatum"]) == (None, None)
        body = {"bezittingtype": "Boot", "bootType": "Catamaran"}
        _, item = await both(caller, f"{DOSSIER}/bezittingen/voertuigen", body)
        assert (item["type"], item["soort"]) == ("boat", "Catamaran")


async def test_truth_follows_every_write() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        sandbox = caller.sandbox
        before = sandbox.truth(5526)
        location = await caller.add(f"{PERSON}/adressen", ADDRESS)
        truth = sandbox.truth(5526)
        assert {path for path in truth if truth[path] != before.get(path)} == {
            f"{PERSON}/adressen",
            location,
        }
        assert truth[location] == (await caller.get(location)).body
        assert orjson.loads(truth[location])["straat"] == "Grimbergen"

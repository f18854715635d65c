"""Products and registraties that were written show in the documented reads."""

from typing import Any

import pytest

from tests.sandbox.sandbox_caller import ROOT, Caller, calling, open_sandbox

DOSSIER = f"{ROOT}/5526"
# What every product asks for; each asks for more.
PRODUCT = {
    "status": {"id": 1},
    "bestaandePropositie": {"id": 3334},
    "inkoopVia": {"id": 15100},
    "correspondentieadres": {"id": 7793},
    "toonindigimap": True,
}
ADVISED = {
    **PRODUCT,
    "accountmanager": {"id": 112115},
    "accountBeheerderWorkflowgroep": {"id": 45},
    "bronvermelding": {"id": 3},
    "leverancier": {"id": 14830},
    "gearchiveerd": True,
}


def number(path: str) -> int:
    return int(path.rpartition("/")[2])


REGISTRATIE = {
    "omschrijving": "<p>Gebeld</p>",
    "onderwerp": "Bellen",
    "boekdatum": "2017-01-01 10:00:00",
    "activiteit": {"id": 1},
    "registratietype": {"id": 7},
    "systeemregistratie": False,
    "persoon": {"id": 120955},
}


@pytest.mark.parametrize(
    "owner",
    [
        DOSSIER,
        f"{DOSSIER}/bankgaranties/6736",
        f"{DOSSIER}/consumptiefkredieten/6743",
        f"{DOSSIER}/contracten/6757",
    ],
)
async def test_a_registratie(owner: str) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{owner}/registraties"
        location = await caller.add(path, REGISTRATIE)
        *before, row = (await caller.get(path)).rows("registraties")
        assert (row["id"], row["_links"]["self"]["href"]) == (number(location), location)
        assert set(row) - {"_embedded"} == set(before[0]) - {"_embedded"}
        assert (row["omschrijving"], row["onderwerp"]) == ("<p>Gebeld</p>", "Bellen")
        assert (row["boekdatum"], row["registratietype"]) == (
            "2017-01-01T10:00:00+0100",
            "E-mail/Brief",
        )
        flags = {name: row[name] for name in ("publiek", "gearchiveerd", "factureerbaar")}
        assert flags == {"publiek": False, "gearchiveerd": False, "factureerbaar": None}
        (person,) = row["_embedded"]["persoon"]
        assert person["weergavenaam"] == "Jansen - de Jong, Kim (K.)"
        documented = (await caller.get(f"{DOSSIER}/registraties")).rows("registraties")[0]
        assert [*person] == [*documented["_embedded"]["persoon"][0]]
        product = row["_links"].get("product", {}).get("href")
        assert product == (None if owner == DOSSIER else owner)
        for body in (
            {**REGISTRATIE, "persoon": {"id": 112794}},
            {k: v for k, v in REGISTRATIE.items() if k != "persoon"} | {"systeemregistratie": True},
        ):
            await caller.add(path, body)
        rows = (await caller.get(path)).rows("registraties")
        assert len(rows) == len(before) + 3
        assert rows[-2]["_embedded"]["persoon"][0]["id"] == 112794
        assert "_embedded" not in rows[-1]


async def add_product(caller: Caller, soort: str, **more: Any) -> tuple[Any, Any]:
    """A product: its row and its document."""
    needed = {
        "hypotheken": PRODUCT,
        "consumptiefkredieten": {
            **PRODUCT,
            "afgeslotenDoor": {"id": 112115},
            "dossierVerantwoordelijke": {"id": 7},
            "acceptantWorkflowgroep": {"id": 45},
            "aanvraagVerzonden": "2016-01-01",
            "aanvraagVerzondenDefinitief": True,
            "uitbetalingsdatum": "2016-02-01",
            "uitbetalingsdatumDefinitief": False,
            "financieringsdoel": "Auto",
            "maatschappij": {"id": 14876},
            "gewenstbedrag": 2000,
            "artikel": {"id": 20684},
        },
        "contracten": {
            **ADVISED,
            "eersteAanvrager": {"id": 120955},
            "contractnummer": "C-1",
            "contractDatum": "2016-01-01",
            "contractDatumDefinitief": True,
            "startdatum": "2016-01-01",
            "startdatumDefinitief": True,
        },
        "diensten": {
            **ADVISED,
            "eersteAanvrager": {"id": 120954},
            "aanvragerRol": "Particulier",
            "tekendatum": "2016-01-01",
            "tekendatumDefinitief": True,
            "opleverdatum": "2016-03-01",
            "opleverdatumDefinitief": True,
        },
    }
    location = await caller.add(f"{DOSSIER}/{soort}", {**needed[soort], **more})
    assert location.startswith(f"{DOSSIER}/{soort}/")
    row = (await caller.get(f"{DOSSIER}/producten")).rows("producten")[-1]
    document = (await caller.get(location)).json
    assert row["id"] == document["id"] == number(location)
    assert row["_links"]["self"]["href"] == document["_links"]["self"]["href"] == location
    assert row["soort"] == soort
    return row, document


@pytest.mark.parametrize(
    ("soort", "known"),
    [
        ("hypotheken", 6732),
        ("consumptiefkredieten", 6743),
        ("contracten", 6741),
        ("diensten", 6734),
    ],
)
async def test_a_product_has_the_shape_of_the_documented_one(soort: str, known: int) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        products = (await caller.get(f"{DOSSIER}/producten")).rows("producten")
        more = {"onderpand": {"id": 7790}} if soort == "hypotheken" else {}
        row, document = await add_product(
            caller, soort, aanvragersParticulier=[{"id": 120954}, {"id": 120955}], **more
        )
        (like,) = [each for each in products if each["id"] == known]
        assert set(row) == set(like)
        example = (await caller.get(f"{DOSSIER}/{soort}/{known}")).json
        assert [*document] == [*example]
        assert [*document["_embedded"]] == [*example["_embedded"]]
        assert (row["type"], row["status"]) == (like["type"], "Aanvraag nieuw")
        letters = document["_embedded"]["correspondentieadres"]
        assert letters == example["_embedded"]["correspondentieadres"]
        name = "aanvrager" if soort == "hypotheken" else "aanvragers"
        people = document["_embedded"][name]
        assert {each["id"] for each in people} == {120954, 120955}
        (aad,) = [each for each in people if each["id"] == 120954]
        expected = example["_embedded"][name][0]
        assert {**aad, "_links": 0} == {**expected, "_links": 0}
        if soort == "hypotheken":
            place, like = (each["_embedded"]["onderpandadres"] for each in (document, example))
            assert {**place, "_links": 0, "_embedded": 0} == {**like, "_links": 0, "_embedded": 0}


async def test_a_mortgage_says_what_was_sent_and_lets_through_what_no_schema_holds() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        more = {
            "hoofdsom": 250000,
            "inschrijving": 300000.5,
            "norm": "NHG",
            "maatschappij": {"id": 14831},
            "passeerdatum": "2016-01-01",
            "passeerdatumDefinitief": True,
            "offertenummer": "12345",
            "renteaanbodAangevraagd": "2016-02-01",
            "ontbindendeVoorwaarden": "2016-07-01",
        }
        row, document = await add_product(caller, "hypotheken", **more)
        assert row["renteaanbodAangevraagd"] == "2016-02-01T00:00:00+01:00"
        assert row["ontbindendeVoorwaarden"] == "2016-07-01T00:00:00+02:00"
        shown_by = ("adviseur", "acceptant", "acceptantWorkflowgroep", "behandelaar")
        assert [document[name] for name in shown_by] == [None] * 4
        assert (row["hoofdsom"], row["inschrijving"]) == ("250000.00", "300000.50")
        assert (document["norm"], row["maatschappij"]) == ("NHG", "CO00014831")
        assert (row["passeerdatum"], row["passeerdatumDefinitief"]) == (
            "2016-01-01T00:00:00+01:00",
            "ja",
        )
        assert (row["offertenummer"], row["gearchiveerd "], row["publiek"]) == (
            "12345",
            "nee",
            "ja",
        )
        odd = {"hoofdsom": "veel", "inschrijving": 1e300, "norm": 1.5, "notaris": [True]}
        odd |= {"maatschappij": {"id": 2**63}, "onderpand": {"id": True}, "correspondentieadres": 1}
        row, document = await add_product(caller, "hypotheken", **odd)
        assert (row["hoofdsom"], row["inschrijving"], document["norm"]) == (None, None, None)
        assert [*document["_embedded"]] == ["aanvrager", "productdelen"]


async def test_a_loan_comes_with_its_part() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        more = {"leenbedrag": 2000, "contractnummer": "K-1", "theoretischeLooptijd": 60}
        row, document = await add_product(caller, "consumptiefkredieten", **more)
        (part,) = document["_embedded"]["productdelen"]
        assert (part["leenbedrag"], part["contractnummer"]) == ("2000.00", "K-1")
        assert (part["theoretischeLooptijd"], part["product"]) == (60, "Artikel 20684")
        example = (await caller.get(f"{DOSSIER}/consumptiefkredieten/6743")).json
        assert [*part] == [*example["_embedded"]["productdelen"][0]]
        assert (row["gewenstBedrag"], row["ingangsdatum"]) == (
            "2000.00",
            "2016-02-01T00:00:00+01:00",
        )
        assert document["adviseur"] == "Achternaam00112115, Voornaam (I.)"
        assert (document["behandelaar"], document["acceptantWorkflowgroep"]) == (
            "Persoon 7",
            "Workflowgroep 45",
        )
        path = document["_links"]["self"]["href"]
        assert (await caller.get(f"{path}/registraties")).rows("registraties") == []


async def test_parts_are_added_to_contracts_and_diensten() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        part = {
            "artikel": {"id": 16198},
            "referentie": "R",
            "verkoopprijs": 250,
            "premietermijnverkoopprijs": "Maand",
            "betalingstermijn": "Eenmalig",
            "looptijdverplichting": 12,
            "vervaldatum": "2018-01-01",
        }
        path = f"{DOSSIER}/contracten/6741"
        location = await caller.add(f"{path}/onderdelen", part)
        assert location == f"{path}/onderdelen/{number(location)}"
        first, added = (await caller.get(path)).json["_embedded"]["productdelen"]
        assert [*added] == [*first]
        assert (added["id"], added["referentie"]) == (number(location), "R")
        assert (added["verkoopprijs"], added["premietermijn"]) == ("250.00", "maand")
        assert (added["looptijdVerplichting"], added["vervaldatum"]) == (
            12,
            "2018-01-01T00:00:00+01:00",
        )
        part = {
            "artikel": {"id": 20615},
            "omschrijving": "Dienst",
            "kostprijs": 80,
            "btw": {"id": 5},
            "aantalStuks": 1,
            "verkoopprijs": 100,
            "verkoopprijsTermijn": "Maand",
            "marge": 0,
            "betalingstermijn": "2 maanden",
            "looptijd": 1,
            "hoofdvervaldatum": "2017-02-01",
            "looptijdVerplichting": 100,
            "vervaldatum": "2017-02-01",
        }
        path = f"{DOSSIER}/diensten/6734"
        location = await caller.add(f"{path}/delen", part)
        first, _, added = (await caller.get(path)).json["_embedded"]["productdelen"]
        assert [*added] == [*first]
        assert (added["id"], added["omschrijving"]) == (number(location), "Dienst")
        assert (added["betalingstermijn"], added["btw"]) == ("2 maanden", "BTW 5")

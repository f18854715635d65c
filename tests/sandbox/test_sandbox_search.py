"""The 17 filters of the listing, and those of the collections."""

from typing import Any

import orjson
import pytest

from tests.sandbox.sandbox_caller import ROOT, calling, open_sandbox

MANY = 80


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"omschrijving": "klantdossier"}, True),
        ({"omschrijving": "KLANT"}, True),
        ({"omschrijving": "klantdossiers"}, False),
        ({"dossierstatus": "2"}, True),
        ({"dossierstatus": "lopend"}, True),
        ({"dossierstatus": "3"}, False),
        ({"relatienummer": "1"}, False),
        ({"kantoor": "16319"}, True),
        ({"kantoor": "1631"}, False),
        ({"achternaam": "jansen"}, True),
        ({"achternaam": "de Jong"}, True),
        ({"achternaam": "Achternaam00112115"}, False),  # that is the adviseur
        ({"geboortedatum": "1960-01-01"}, True),
        ({"geboortedatum": "1960-01-02"}, False),
        ({"organisatie": "aeg"}, True),
        ({"organisatie": "Deelnemer"}, False),  # that is the kantoor
        ({"kvknummer": "20128551"}, False),
        ({"straat": "nieuwemarkt"}, True),
        ({"straat": "Bagijnenstraat"}, False),
        ({"nummer": "2"}, True),
        ({"nummer": "22"}, False),
        ({"postcode": "3011 hp"}, True),
        ({"plaatsnaam": "Rotterdam"}, True),
        ({"telefoonnummer": "0612-345 6789"}, True),
        ({"telefoonnummer": "0612345678"}, True),
        ({"telefoonnummer": "0699"}, False),
        ({"emailadres": "aad-jansen@"}, True),
        ({"emailadres": "deelnemer@deelnemer.nl"}, False),
        ({"contractnummer": "ABN-001"}, True),
        ({"contractnummer": "4321ZP12"}, True),
        ({"contractnummer": "nergens"}, False),
        ({"kenteken": "11aa11"}, True),
        ({"kenteken": "ECTO-1"}, False),
        ({"zoekwaarde": "opel"}, False),  # no filter looks at makes of cars
        ({"zoekwaarde": "kim-jansen"}, True),
        ({"zoekwaarde": "11-AA-11"}, True),
        ({"achternaam": "jansen", "plaatsnaam": "Rotterdam"}, True),
        ({"achternaam": "jansen", "plaatsnaam": "Zierikzee"}, False),
        ({"omschrijving": "klantdossier", "kantoor": "1"}, False),
        ({"achternaam": ""}, True),  # an empty filter asks for nothing
        ({"onbekend": "x"}, True),
    ],
)
async def test_filters_find_the_documented_dossier_or_not(
    query: dict[str, str], *, found: bool
) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        reply = await caller.get(ROOT, **query)
        assert [row["id"] for row in reply.rows("klantdossiers")] == [5526] * found
        assert reply.json["_links"] == {"self": {"href": ROOT}}


async def test_filters_find_grown_dossiers_by_what_they_hold() -> None:
    """For each filter take a value out of some dossier: that one is found, and not all are."""
    sandbox = open_sandbox(dossiers=MANY)
    async with calling(sandbox) as caller:
        for name, (dossier_id, value) in held(sandbox).items():
            ids = [
                row["id"] for row in (await caller.get(ROOT, **{name: value})).rows("klantdossiers")
            ]
            assert dossier_id in ids, name
            assert len(ids) < MANY, name


def held(sandbox: Any) -> dict[str, tuple[int, str]]:
    """For each of the 17 filters the last dossier that has a value for it."""
    sources = {
        "relatienummer": ("", "relatienummer"),
        "omschrijving": ("", "omschrijving"),
        "dossierstatus": ("", "status"),
        "kantoor": ("/kantoor", "id"),
        "achternaam": ("/klanten/particulier", "achternaam"),
        "geboortedatum": ("/klanten/particulier", "geboortedatum"),
        "organisatie": ("/klanten/zakelijk", "naam"),
        "kvknummer": ("/klanten/zakelijk", "kvknummer"),
        "straat": ("", "straat"),
        "nummer": ("", "nummer"),
        "postcode": ("", "postcode"),
        "plaatsnaam": ("", "plaatsnaam"),
        "telefoonnummer": ("/telefoonnummers", "naam"),
        "emailadres": ("/emailadressen", "naam"),
        "contractnummer": ("/hypotheken", "hypotheeknummer"),
        "kenteken": ("/bezittingen", "kenteken"),
        "zoekwaarde": ("/klanten/particulier", "weergavenaam"),
    }
    found: dict[str, tuple[int, str]] = {}
    for dossier_id in sandbox.dossier_ids[1:]:
        prefix = f"{ROOT}/{dossier_id}"
        for path, body in sandbox.truth(dossier_id).items():
            if path.endswith("/download"):
                continue
            for name, (below, field) in sources.items():
                own = path == prefix if not below else path.startswith(prefix) and below in path
                if not own or "adviseurs" in path or (below != "/kantoor" and "kantoor" in path):
                    continue
                value = first(orjson.loads(body), field)
                if value:
                    found[name] = (dossier_id, str(value)[:10] if "datum" in name else str(value))
    found["zoekwaarde"] = (found["zoekwaarde"][0], found["zoekwaarde"][1].partition(",")[0])
    assert set(found) == set(sources)
    return found


def first(document: Any, field: str) -> Any:
    """The first value of a field, however deep."""
    if isinstance(document, dict):
        if document.get(field):
            return document[field]
        document = list(document.values())
    if isinstance(document, list):
        return next((value for each in document if (value := first(each, field))), None)
    return None


async def test_a_patch_changes_what_is_found() -> None:
    sandbox = open_sandbox(dossiers=2)
    async with calling(sandbox) as caller:
        assert (await caller.get(ROOT, kenteken="ECTO-1")).rows("klantdossiers") == []

        def rename(document: Any) -> None:
            document["_embedded"]["bezittingen"][0]["kenteken"] = "ECTO-1"

        sandbox.patch(f"{ROOT}/5526/bezittingen", rename)
        assert len((await caller.get(ROOT, kenteken="ECTO-1")).rows("klantdossiers")) == 1


@pytest.mark.parametrize(
    ("relation", "query", "rows"),
    [
        ("registraties", {}, 2),
        ("registraties", {"publiek": "1"}, 2),
        ("registraties", {"publiek": "0"}, 1),
        ("registraties", {"publiek": "1", "gearchiveerd": "0"}, 2),
        ("registraties", {"gearchiveerd": "1"}, 0),
        ("bankgaranties/6736/registraties", {"publiek": "0"}, 1),
        ("bankgaranties/6736/registraties", {"publiek": "1"}, 0),
        ("producten", {"publiek": "1"}, 14),
        ("producten", {"publiek": "0"}, 0),
        ("producten", {"gearchiveerd": "0"}, 14),
        ("producten", {"gearchiveerd": "1"}, 0),
        ("bezittingen", {"gearchiveerd": "false"}, 1),
        ("bezittingen", {"gearchiveerd": "true"}, 0),
        ("bezittingen", {"gearchiveerd": "misschien"}, 1),
    ],
)
async def test_collections_can_be_narrowed(relation: str, query: dict[str, str], rows: int) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        path = f"{ROOT}/5526/{relation}"
        reply = await caller.get(path, **query)
        assert len(reply.rows(relation.rpartition("/")[2])) == rows
        assert reply.json["_links"] == {"self": {"href": path}}


async def test_narrowed_halves_make_a_whole() -> None:
    """However a row spells its flag."""
    sandbox = open_sandbox(dossiers=MANY)
    spellings = set()
    async with calling(sandbox) as caller:
        for dossier_id in sandbox.dossier_ids[1:]:
            path = f"{ROOT}/{dossier_id}/producten"
            whole = (await caller.get(path)).rows("producten")
            halves = {
                flag: (await caller.get(path, gearchiveerd=flag)).rows("producten") for flag in "01"
            }
            archived = [
                row for row in whole if "ja" in (row.get("gearchiveerd"), row.get("gearchiveerd "))
            ]
            assert halves["1"] == archived
            assert halves["0"] == [row for row in whole if row not in archived]
            spellings |= {key for row in archived for key in row if "gearch" in key}
    assert spellings == {"gearchiveerd", "gearchiveerd "}

"""One grown dossier: a pure function of the seed and the dossier's number."""

import random
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from elements_procura.sandbox.elements import values
from elements_procura.sandbox.elements.contact import address
from elements_procura.sandbox.elements.papers import ROOT, Ids, Papers, collection, ids_from, links
from elements_procura.sandbox.elements.people import (
    adviseurs,
    kantoor,
    particulieren,
    zakelijken,
)
from elements_procura.sandbox.elements.products import Surroundings, products

FIRST_ID: Final = 300_000
MOST: Final = 600_000  # from here on ids would meet
_CONTENT_IDS: Final = 10_000_000
_BLOCK: Final = 1_000  # ids kept for the contents of one dossier
_PERSONS: Final = 3
# Neighbours share: of every 30 dossiers 2 adviseurs, of every 120 dossiers 2 kantoren.
_ADVISED: Final = 30
_KEPT: Final = 120

STATUSES: Final = {1: "Nieuw", 2: "Lopend", 3: "Afgerond", 4: "Geannuleerd"}
_LINKED_ONLY: Final = ("panden", "facturen", "documenten", "stukken", "emails", "taken")
_SUBJECTS: Final = ("Contact met klant", "Offerte besproken", "Stukken ontvangen", "Jaargesprek")
_NOTES: Final = (
    "<p>De klant belt over de voortgang &amp; de planning</p>\n",
    "<p>Afspraak gemaakt voor <strong>volgende week</strong></p>",
    "Er is een bestand geupload",
    "",
)
_CARS: Final = (("Opel", "Astra"), ("Volkswagen", "Golf"), ("Toyota", "Yaris"), ("Volvo", "V60"))


@attrs.frozen(kw_only=True)
class Head:
    """What the listing shows of a dossier, drawn apart so that a listing is cheap.

    Attributes:
        row: The row, without links.
        home: The address letters go to, with its coordinates.
        kantoor: The number of the kantoor that keeps the dossier.
    """

    row: dict[str, Any]
    home: dict[str, Any]
    kantoor: int


def head(seed: int, number: int) -> Head:
    """The head of dossier ``number``."""
    rng = values.dice(seed, "head", number)
    home = address(rng, ids_from(_CONTENT_IDS + number * _BLOCK))
    created = values.some_date(rng, 2014, 2022)
    row = {
        "omschrijving": f"Dossier {rng.choice(values.SURNAMES)} {number}",
        "aanmaakdatum": values.stamp(created, colon=rng.random() < 0.2),
        "deleted": values.stamp(created) if rng.random() < 0.02 else None,
        "relatienummer": rng.choice((None, str(100_000 + number))),
        "id": FIRST_ID + number,
        "dossiertype": "klantdossier",
        "status": values.pick(rng, tuple(zip(STATUSES.values(), (3, 5, 3, 1), strict=True))),
    }
    return Head(row=row, home=home, kantoor=2 * (number // _KEPT) + rng.randrange(2))


def listing_row(found: Head) -> dict[str, Any]:
    """The dossier's row in the listing."""
    return {
        **found.row,
        "_links": links(f"{ROOT}/{found.row['id']}"),
        "_embedded": _letters_to(found.home),
    }


def grow(seed: int, number: int) -> dict[str, bytes]:
    """Every document of dossier ``number``, by path."""
    found = head(seed, number)
    rng = values.dice(seed, "dossier", number)
    papers = Papers()
    new_id = ids_from(_CONTENT_IDS + number * _BLOCK + 1)
    path = f"{ROOT}/{found.row['id']}"

    first = number * _PERSONS
    bsns = [values.bsn(first + nth, seed=seed) for nth in range(rng.randint(1, _PERSONS))]
    persons = particulieren(papers, rng, new_id, dossier=path, bsns=bsns, home=found.home)
    names = adviseurs(papers, seed=seed, dossier=path, numbers=_adviseurs_of(rng, number))
    kantoor(papers, seed=seed, dossier=path, number=found.kantoor)
    businesses = 1 if rng.random() < 0.25 else 0

    def registraties(owner: str) -> bool:
        return _registraties(papers, rng, new_id, dossier=path, owner=owner, persons=persons)

    related = {
        "registraties": registraties(path),
        "adviseurs": bool(names),
        "kantoor": True,
        **dict.fromkeys(("klanten", "panden"), False),
        "bezittingen": _bezittingen(papers, rng, new_id, dossier=path),
        "producten": products(
            papers,
            rng,
            new_id,
            around=Surroundings(
                dossier=path,
                home=found.home,
                persons=persons,
                adviseurs=names,
                registraties=registraties,
            ),
            how_many=rng.randint(0, 6),
        ),
        **dict.fromkeys(_LINKED_ONLY[1:], False),
        "klanten/particulier": True,
        "klanten/zakelijk": zakelijken(papers, rng, new_id, dossier=path, how_many=businesses),
    }
    for rel in _LINKED_ONLY:
        papers.add(f"{path}/{rel}", collection(f"{path}/{rel}", rel, []))
        related[rel] = rng.random() < 0.5
    papers.add(f"{path}/klanten", collection(f"{path}/klanten", "klanten", persons))
    related["klanten"] = rng.random() < 0.7

    shown = links(path, [rel for rel, there in related.items() if there])
    if related["klanten"]:
        shown["klanten"]["deprecation"] = "http://api.fasterforward.nl"
    papers.add(path, {**found.row, "_links": shown, "_embedded": _letters_to(found.home)})
    return papers.documents


def _adviseurs_of(rng: random.Random, number: int) -> list[int]:
    """One adviseur of the neighbourhood, now and then both, rarely none."""
    pool = [2 * (number // _ADVISED), 2 * (number // _ADVISED) + 1]
    return rng.sample(pool, values.pick(rng, ((1, 8), (2, 1), (0, 1))))


def _letters_to(home: dict[str, Any]) -> dict[str, Any]:
    shown = {key: home[key] for key in ("id", "straat", "nummer", "toevoeging", "postcode")}
    return {
        "standaardcorrespondentieadres": {**shown, "plaatsnaam": home["plaatsnaam"], "land": "NL"}
    }


def _registraties(
    papers: Papers,
    rng: random.Random,
    new_id: Ids,
    *,
    dossier: str,
    owner: str,
    persons: list[dict[str, Any]],
) -> bool:
    """Write what was done for a dossier or a product; a person comes as a list of one."""
    rows: list[dict[str, Any]] = []
    for _ in range(rng.randint(0, 4 if owner == dossier else 2)):
        day = values.some_date(rng, 2015, 2022)
        moment = datetime(day.year, day.month, day.day) + timedelta(minutes=rng.randrange(1440))
        row: dict[str, Any] = {
            "omschrijving": rng.choice(_NOTES),
            "onderwerp": rng.choice(_SUBJECTS),
            "publiek": rng.choice((True, True, False, "ja")),
            "factureerbaar": rng.choice((True, False, None)),
            "boekdatum": values.stamp(moment, colon=rng.random() < 0.2),
            "gearchiveerd": rng.random() < 0.1,
            "verbruik": rng.choice((0, 10, None)),
            "id": new_id(),
            "registratietype": rng.choice(("Telefoongesprek", "E-mail/Brief")),
            "_links": {} if owner == dossier else {"product": {"href": owner}},
        }
        if rng.random() < 0.6:
            row["_embedded"] = {"persoon": [_mentioned(rng.choice(persons))]}
        rows.append(row)
    return papers.add_collection(f"{owner}/registraties", rows, items=False)


def _mentioned(person: dict[str, Any]) -> dict[str, Any]:
    """A person as registraties show one."""
    gone = ("nationaliteit", "burgerlijkestaat", "overleden", "datumOverlijden", "dossierrol")
    shown = {key: value for key, value in person.items() if key not in (*gone, "_links")}
    return {**shown, "bsn": "", "geboortedatum": None, "pensioendatum": None}


def _bezittingen(papers: Papers, rng: random.Random, new_id: Ids, *, dossier: str) -> bool:
    """Write possessions: vehicles, and other things that lack a vehicle's values."""
    rows: list[dict[str, Any]] = []
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        car = rng.random() < 0.7
        merk, model = rng.choice(_CARS)
        letters = "".join(rng.choice("BDFGHJKLNPRSTVXZ") for _ in range(4))
        bought = values.some_date(rng, 2005, 2018)
        rows.append(
            {
                "id": new_id(),
                "omschrijving": f"{merk} {model}" if car else "Schilderij",
                "merk": merk if car else None,
                "cataloguswaarde": values.money(500 * rng.randint(4, 90)),
                "aankoopbedrag": values.money(500 * rng.randint(1, 60)),
                "huidigeWaardedatum": values.stamp(values.years_after(bought, 3)),
                "huidigeWaarde": values.money(500 * rng.randint(1, 40)),
                "waardewisseling": "0.0000",
                "kenteken": f"{letters[:2]}-{rng.randint(10, 99)}-{letters[2:]}" if car else None,
                "bouwjaar": values.stamp(values.years_after(bought, -2)),
                "gewicht": rng.randint(800, 2200) if car else None,
                "type": "car" if car else None,
                "model": model if car else "",
                "gearchiveerd": rng.random() < 0.1,
                "categorie": "vehicle" if car else "other",
                "soort": None,
                "aankoopdatum": values.stamp(bought) if rng.random() < 0.9 else None,
            }
        )
    return papers.add_collection(f"{dossier}/bezittingen", rows)

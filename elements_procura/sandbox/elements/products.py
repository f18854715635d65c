"""Products of a dossier: a row for every kind, a document for the five kinds that have one."""

import random
from collections.abc import Callable
from typing import Final

import attrs

from elements_procura.sandbox.elements import values
from elements_procura.sandbox.elements.contact import address, with_types
from elements_procura.sandbox.elements.papers import Ids, Papers, links
from elements_procura.sandbox.elements.product_kinds import KINDS, Fields, Kind

_RARELY: Final = 0.1
STATUSES: Final = ("Aanvraag nieuw", "Aanvraag compleet", "Offerte", "Lopend", "Vervallen")


@attrs.frozen(kw_only=True)
class Surroundings:
    """What products take from the rest of their dossier.

    Args:
        dossier: The dossier's path.
        home: The address letters go to.
        persons: The rows of the persons.
        adviseurs: The names of the adviseurs.
        registraties: Writes the registraties at a path, and tells the product's.
    """

    dossier: str
    home: Fields
    persons: list[Fields]
    adviseurs: list[str]
    registraties: Callable[[str], object]


def products(
    papers: Papers, rng: random.Random, new_id: Ids, *, around: Surroundings, how_many: int
) -> bool:
    """Write so many products: whether there are any."""
    path = f"{around.dossier}/producten"
    weighted = [(soort, kind.weight) for soort, kind in KINDS.items()]
    rows = [
        _product(papers, rng, new_id, around=around, soort=values.pick(rng, weighted))
        for _ in range(how_many)
    ]
    papers.add(path, {"_links": links(path), "_embedded": {"producten": rows}})
    return bool(rows)


def _product(
    papers: Papers, rng: random.Random, new_id: Ids, *, around: Surroundings, soort: str
) -> Fields:
    kind = KINDS[soort]
    common: Fields = {
        "id": new_id(),
        "type": kind.type,
        "offertenummer": values.pick(
            rng, ((str(rng.randrange(1000, 10**8)), 8), ("", 1), (" ", 1))
        ),
        "omschrijving": kind.omschrijving if rng.random() > _RARELY else None,
        "status": rng.choice(STATUSES),
        "invoerAanvraag": values.stamp(values.some_date(rng, 2014, 2022)),
    }
    own = kind.row(rng)
    path = f"{around.dossier}/{soort}/{common['id']}"
    archived = "gearchiveerd " if rng.random() < 0.7 else "gearchiveerd"
    public = rng.random() < 0.8
    row = {
        **common,
        "soort": soort,
        archived: values.ja_nee(rng.random() < _RARELY),
        "publiek": public if rng.random() < _RARELY else values.ja_nee(public),
        **own,
        "_links": links(path),
    }
    if kind.parts is not None:
        people: list[str | None] = [*around.adviseurs] or [None]
        document = {
            **common,
            **own,
            "adviseur": rng.choice(people),
            "acceptant": rng.choice((*people, None)),
            "acceptantWorkflowgroep": None,
            "behandelaar": rng.choice(people),
            "_links": links(path),
            "_embedded": {
                **_parties(rng, new_id, around=around, kind=kind, path=path),
                "productdelen": kind.parts(rng, new_id),
            },
        }
        papers.add(path, document)
        if kind.registraties:
            around.registraties(path)
    return row


def _parties(
    rng: random.Random, new_id: Ids, *, around: Surroundings, kind: Kind, path: str
) -> Fields:
    """Addresses and applicants; what is a list in one kind is now and then none in another."""
    embedded: Fields = {}
    unusual = rng.random() < _RARELY
    if kind.onderpand is not None:
        place = address(rng, new_id)
        place["_links"] = links(f"{path}/adressen/{place['id']}")
        place = with_types(rng, place)
        embedded["onderpandadres"] = [place] if (kind.onderpand == "list") != unusual else place
    embedded["correspondentieadres"] = with_types(rng, around.home)
    if kind.aanvragers:
        name = kind.aanvragers
        if unusual:
            name = "aanvragers" if name == "aanvrager" else "aanvrager"
        embedded[name] = [_applicant(rng, around, row) for row in around.persons[:2]]
    return embedded


def _applicant(rng: random.Random, around: Surroundings, row: Fields) -> Fields:
    """A person as products show one: fewer fields, and links of the old style."""
    gone = ("nationaliteit", "burgerlijkestaat", "overleden", "datumOverlijden", "dossierrol")
    rels = ("adressen", "emailadressen", "rekeningnummers", "telefoonnummers")
    path = f"{around.dossier}/klanten/{row['id']}"
    return {
        **{key: value for key, value in row.items() if key not in gone},
        "_links": links(path, rels if rng.random() < 0.5 else ()),
    }

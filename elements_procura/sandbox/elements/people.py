"""Who appears in dossiers: klanten of one dossier, adviseurs and kantoren of many."""

import random
from typing import Any, Final

from elements_procura.sandbox.elements import values
from elements_procura.sandbox.elements.contact import Contact, address
from elements_procura.sandbox.elements.papers import Ids, Papers, ids_from, links

_ADVISEUR_IDS: Final = 2_000_000
_KANTOOR_IDS: Final = 4_000_000
_BLOCK: Final = 100  # ids kept for one adviseur or kantoor
_PENSION_AGE: Final = 67
_NATIONALITIES: Final = (
    ((1, "Nederlandse"), 90),
    ((52, "Belgische"), 4),
    ((77, "Burger van Kroati&euml;"), 2),
    ((None, None), 2),
    ((80, "Poolse"), 2),
)
_BURGERLIJKE_STAAT: Final = (
    ((1, "Gehuwd (gemeenschap van goederen)"), 5),
    ((2, "Gehuwd met huwelijkse voorwaarden"), 2),
    ((3, "Alleenstaand"), 4),
    ((4, "Samenwonend met samenlevingscontract"), 2),
    ((None, None), 1),
)
_ORGANISATION_TYPES: Final = ("BV", "NV", "VOF", "Stichting", "Eenmanszaak", "Maatschap", None)
_TRADES: Final = ("Bouw", "Techniek", "Advies", "Transport", "Bloemen", "Horeca", "Zorg")
_ROLES: Final = ("Eerste persoon", "Partner", "Kind")


def person(
    rng: random.Random, new_id: Ids, *, bsn: str, surname: tuple[str, str]
) -> dict[str, Any]:
    """The fields that klanten and adviseurs share."""
    man = rng.random() < 0.5
    prefix, family = surname
    given = rng.choice(values.MEN if man else values.WOMEN)
    initials = f"{given[0]}."
    nationality, burgerlijke_staat = (
        values.pick(rng, _NATIONALITIES),
        values.pick(rng, _BURGERLIJKE_STAAT),
    )
    born = values.some_date(rng, 1940, 2002) if rng.random() > 0.03 else None
    died = values.some_date(rng, 2010, 2022) if born and rng.random() < 0.02 else None
    full = f"{prefix} {family}".strip()
    return {
        "id": new_id(),
        "geslacht": "man" if man else "vrouw",
        "initialen": initials,
        "titel": values.pick(rng, (("", 8), ("drs.", 1), (None, 1))),
        "voornaam": given,
        "tussenvoegsel": prefix,
        "achternaam": family,
        "bsn": bsn,
        "nationaliteitId": nationality[0],
        "nationaliteit": nationality[1],
        "burgerlijkestaatId": burgerlijke_staat[0],
        "burgerlijkestaat": burgerlijke_staat[1],
        "weergavenaam": f"{full}, {given} ({initials})",
        "geboortedatum": born and values.stamp(born),
        "pensioendatum": born and values.stamp(values.years_after(born, _PENSION_AGE)),
        "overleden": values.ja_nee(died),
        "datumOverlijden": died and values.stamp(died),
    }


def surname(rng: random.Random) -> tuple[str, str]:
    """What comes before a family name, and the name."""
    if rng.random() < 0.3:
        return rng.choice(values.PREFIXED)
    return "", rng.choice(values.SURNAMES)


def particulieren(
    papers: Papers,
    rng: random.Random,
    new_id: Ids,
    *,
    dossier: str,
    bsns: list[str],
    home: dict[str, Any],
) -> list[dict[str, Any]]:
    """Write the persons of a dossier, who live at ``home``: their rows."""
    path = f"{dossier}/klanten/particulier"
    rows: list[dict[str, Any]] = []
    family = surname(rng)
    for number, bsn in enumerate(bsns):
        own = family if number != 1 else surname(rng)
        row = person(rng, new_id, bsn=bsn if rng.random() > 0.05 else "", surname=own)
        row["dossierrol"] = _ROLES[number]
        row["_links"] = links(f"{path}/{row['id']}")
        contact = Contact(
            papers=papers, rng=rng, new_id=new_id, path=f"{path}/{row['id']}", kind="particulier"
        )
        places = [home] if number == 0 or rng.random() < 0.8 else []
        if rng.random() < 0.2:
            places = [*places, address(rng, new_id)]
        related = {
            "profielfoto": contact.profielfoto(chance=0.15),
            "adressen": contact.adressen(places),
            "emailadressen": contact.emailadressen(f"{row['voornaam']}{row['achternaam']}"),
            "rekeningnummers": contact.rekeningnummers(row["weergavenaam"]),
            "telefoonnummers": contact.telefoonnummers(),
        }
        contact.kenmerken()
        contact.socialmedia()
        papers.add(contact.path, {**row, "_links": links(contact.path, _present(related))})
        rows.append(row)
    papers.add(path, {"_links": links(path), "_embedded": {"particulier": rows}})
    return rows


def zakelijken(
    papers: Papers, rng: random.Random, new_id: Ids, *, dossier: str, how_many: int
) -> bool:
    """Write the organisations of a dossier."""
    path = f"{dossier}/klanten/zakelijk"
    rows: list[dict[str, Any]] = []
    for _ in range(how_many):
        row = _organisation(rng, new_id, kind=rng.choice(_ORGANISATION_TYPES))
        row["_links"] = links(f"{path}/{row['id']}")
        contact = Contact(
            papers=papers, rng=rng, new_id=new_id, path=f"{path}/{row['id']}", kind="zakelijk"
        )
        related = {
            "adressen": contact.adressen([address(rng, new_id)]),
            "emailadressen": contact.emailadressen(row["naam"]),
            "telefoonnummers": contact.telefoonnummers(),
            "profielfoto": contact.profielfoto(chance=0.1),
            "rekeningnummers": contact.rekeningnummers(row["naam"]),
            "kenmerken": contact.kenmerken(),
        }
        contact.codes()
        papers.add(contact.path, {**row, "_links": links(contact.path, _present(related))})
        rows.append(row)
    papers.add(path, {"_links": links(path), "_embedded": {"zakelijk": rows}})
    return bool(rows)


def adviseurs(papers: Papers, *, seed: int, dossier: str, numbers: list[int]) -> list[str]:
    """Write adviseurs of the pool into a dossier: the names they are shown by.

    Everything about adviseur ``number`` follows from the seed and the number, so that only the
    dossier's id differs between the dossiers that share one.
    """
    path = f"{dossier}/adviseurs"
    rows: list[dict[str, Any]] = []
    for number in numbers:
        rng = values.dice(seed, "adviseur", number)
        new_id = ids_from(_ADVISEUR_IDS + number * _BLOCK)
        row = person(rng, new_id, bsn="", surname=surname(rng))
        row["_links"] = links(f"{path}/{row['id']}")
        contact = Contact(
            papers=papers, rng=rng, new_id=new_id, path=f"{path}/{row['id']}", kind="adviseurs"
        )
        related = {
            "profielfoto": contact.profielfoto(chance=0.3),
            "adressen": contact.adressen([address(rng, new_id)]),
            "emailadressen": contact.emailadressen(f"adviseur{row['achternaam']}"),
            "rekeningnummers": contact.rekeningnummers(row["weergavenaam"], at_most=1),
            "telefoonnummers": contact.telefoonnummers(),
        }
        papers.add(contact.path, {**row, "_links": links(contact.path, _present(related))})
        rows.append(row)
    papers.add(path, {"_links": links(path), "_embedded": {"adviseurs": rows}})
    return [row["weergavenaam"] for row in rows]


def kantoor_id(number: int) -> int:
    """The id of kantoor ``number`` of the pool."""
    return _KANTOOR_IDS + number * _BLOCK


def kantoor_number(identifier: int) -> int | None:
    """The number in the pool of the kantoor with this id, if it can be one of the pool's."""
    number, rest = divmod(identifier - _KANTOOR_IDS, _BLOCK)
    return number if number >= 0 and rest == 0 else None


def kantoor(papers: Papers, *, seed: int, dossier: str, number: int) -> str:
    """Write the kantoor of the pool that keeps a dossier: its name; shared as adviseurs are."""
    rng = values.dice(seed, "kantoor", number)
    new_id = ids_from(kantoor_id(number))
    row = _organisation(rng, new_id, kind=None)
    contact = Contact(
        papers=papers, rng=rng, new_id=new_id, path=f"{dossier}/kantoor", kind="kantoor"
    )
    related = {
        "adressen": contact.adressen([address(rng, new_id)]),
        "emailadressen": contact.emailadressen(row["naam"]),
        "profielfoto": contact.profielfoto(chance=0.5),
        "telefoonnummers": contact.telefoonnummers(),
    }
    contact.codes()
    papers.add(contact.path, {**row, "_links": links(contact.path, _present(related))})
    return str(row["naam"])


def _organisation(rng: random.Random, new_id: Ids, *, kind: str | None) -> dict[str, Any]:
    naam = f"{surname(rng)[1]} {rng.choice(_TRADES)} {rng.choice(('Groep', 'Partners', '& Zn.'))}"
    return {
        "id": new_id(),
        "type": kind,
        "naam": naam,
        "kvknummer": rng.choice(("", str(rng.randrange(10_000_000, 90_000_000)))),
        "btwnummer": rng.choice(("", f"NL999{rng.randrange(1_000_000):06}B01")),
        "statutairenaam": naam,
        "handelsnaam": rng.choice((naam, None)),
    }


def _present(related: dict[str, bool]) -> list[str]:
    return [rel for rel, there in related.items() if there]

"""Klanten added to a dossier, and the one change of theirs that is documented."""

from datetime import date, datetime
from typing import Any, Final

from elements_procura.sandbox.elements import values
from elements_procura.sandbox.elements.papers import links
from elements_procura.sandbox.elements.schema import Fault, schemas
from elements_procura.sandbox.elements.writes import contact
from elements_procura.sandbox.elements.writes.write import Done, Fields, Write, lower, moment

_ROLES: Final = {"eerste-persoon": "Eerste persoon", "partner": "Partner", "kind": "Kind"}
_PENSION_AGE: Final = 67
# The documentation gives the numbers of these; the others are made up.
_NATIONALITIES: Final = {"Nederlandse": 1, "Belgische": 52, "Poolse": 80}
_UNNUMBERED: Final = 1_000
_BELOW_PERSON: Final = (
    "adressen",
    "emailadressen",
    "rekeningnummers",
    "telefoonnummers",
    "kenmerken",
    "socialmedia",
)
_BELOW_ORGANISATION: Final = (
    "adressen",
    "emailadressen",
    "telefoonnummers",
    "rekeningnummers",
    "kenmerken",
    "codes",
)


def role_faults(query: Any) -> list[Fault]:
    """The faults of a person's role."""
    if query.get("rol") in _ROLES:
        return []
    return [Fault("rol", f"Query parameter is not one of {', '.join(_ROLES)}")]


def particulier(write: Write) -> Done:
    """Add a person."""
    body = write.body
    born = moment(body.get("geboortedatum"))
    staat, nationality = body.get("burgerlijkestaat"), body.get("nationaliteit")
    row = {
        "id": write.id,
        "geslacht": lower(body.get("geslacht")),
        **{
            name: body.get(name, "")
            for name in ("initialen", "titel", "voornaam", "tussenvoegsel", "achternaam", "bsn")
        },
        "nationaliteitId": nationality and _nationality_id(nationality),
        "nationaliteit": nationality,
        "burgerlijkestaatId": staat and _choices("burgerlijkestaat").index(staat) + 1,
        "burgerlijkestaat": staat,
        "weergavenaam": _shown_name(body),
        "geboortedatum": born,
        "pensioendatum": born and _pension(born),
        "overleden": values.ja_nee(body.get("overleden", False)),
        "datumOverlijden": moment(body.get("datumOverleden")),
        "dossierrol": _ROLES[write.query["rol"]],
    }
    _lay_down(write, row, _BELOW_PERSON)
    write.world.append(f"{write.dossier}/klanten", row)
    return write.done()


def zakelijk(write: Write) -> Done:
    """Add an organisation."""
    body = write.body
    row = {
        "id": write.id,
        "type": body.get("type"),
        "naam": body["naam"],
        "kvknummer": body.get("kvknummer", ""),
        "btwnummer": body.get("btwnummer", ""),
        "statutairenaam": body.get("statutairenaam"),
        "handelsnaam": body.get("handelsnaam"),
    }
    _lay_down(write, row, _BELOW_ORGANISATION)
    return write.done()


def change_particulier(write: Write) -> Done:
    """Give a person the address that letters go to.

    No documented body of a person shows it, so it shows as an address of that type among theirs.
    """
    number = write.reference("standaardCorrespondentieadres")
    attached = Write(
        world=write.world,
        path=f"{write.path}/adressen",
        query={},
        body={"id": number, "type": "Correspondentieadres"},
        id=write.id,
    )
    contact.adres(attached)
    return Done()


def _lay_down(write: Write, row: Fields, below: tuple[str, ...]) -> None:
    world, rel = write.world, write.path.rpartition("/")[2]
    path = f"{write.path}/{write.id}"
    row["_links"] = links(path)
    world.append(write.path, row)
    world.put(path, row)
    for name in below:
        empty = {"_links": links(f"{path}/{name}"), "_embedded": {name: []}}
        world.put(f"{path}/{name}", empty)
    world.link(write.dossier, f"klanten/{rel}")


def _choices(name: str) -> list[str]:
    found: list[str] = schemas()["particulier"]["properties"][name]["enum"]
    return found


def _nationality_id(name: str) -> int:
    return _NATIONALITIES.get(name, _UNNUMBERED + _choices("nationaliteit").index(name))


def _shown_name(body: Fields) -> str:
    """As "Jansen, Aad (A.)", as far as it is known."""
    family = f"{body.get('tussenvoegsel', '')} {body['achternaam']}".strip()
    initials = f"({body['initialen']})" if "initialen" in body else ""
    given = f"{body.get('voornaam', '')} {initials}".strip()
    return f"{family}, {given}" if given else family


def _pension(born: str) -> str | None:
    day = datetime.fromisoformat(born).date()
    try:
        return values.stamp(date(day.year + _PENSION_AGE, day.month, min(day.day, 28)))
    except ValueError:
        return None

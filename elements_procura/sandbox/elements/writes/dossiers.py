"""Adding dossiers, and their parts other than klanten and products."""

from typing import Final

import orjson

from elements_procura.sandbox.elements import examples, values
from elements_procura.sandbox.elements.dossier import STATUSES
from elements_procura.sandbox.elements.papers import ROOT, Papers, collection, links
from elements_procura.sandbox.elements.people import kantoor, kantoor_number
from elements_procura.sandbox.elements.writes.write import (
    Done,
    Fields,
    Write,
    amount,
    moment,
    now,
)

_EMPTY: Final = (
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
_KINDS: Final = {
    "Auto": "car",
    "Caravan": "caravan",
    "Brommer": "moped",
    "Motor": "motorcycle",
    "Boot": "boat",
    "Fiets": "bicycle",
    "Aanhangwagen": "trailer",
    "Vrachtwagen": "truck",
}
# The documentation shows these two names, and one number.
_REGISTRATIETYPES: Final = {1: "Telefoongesprek", 7: "E-mail/Brief"}


def klantdossier(write: Write) -> Done:
    """Add a dossier."""
    body = write.body
    path = f"{ROOT}/{write.id}"
    status = write.reference("dossierstatus") or 0
    row: Fields = {
        "omschrijving": body["omschrijving"],
        "aanmaakdatum": moment(body.get("aanmaakdatum")) or values.stamp(now()),
        "deleted": None,
        "relatienummer": body.get("relatienummer"),
        "id": write.id,
        "dossiertype": "klantdossier",
        "status": STATUSES.get(status, f"Status {status}"),
    }
    embedded: Fields = {}
    if "standaardCorrespondentieadres" in body:
        number = body["standaardCorrespondentieadres"]
        embedded["_embedded"] = {"standaardcorrespondentieadres": write.letters_to(number)}
    papers = Papers()
    for rel in _EMPTY:
        papers.add(f"{path}/{rel}", collection(f"{path}/{rel}", rel.rpartition("/")[2], []))
    _kantoor(papers, write, path)
    shown = links(path, ("kantoor", "klanten/particulier"))
    papers.add(path, {**row, "_links": shown, **embedded})
    write.world.add_dossier({**row, "_links": links(path), **embedded}, papers.documents)
    return Done(write.id, path)


def _kantoor(papers: Papers, write: Write, dossier: str) -> None:
    """Write the kantoor that keeps a dossier: a known one as it is, any other with its name."""
    number = write.reference("kantoor") or 0
    path = f"{dossier}/kantoor"
    known = f"{ROOT}/{examples.DOSSIER_ID}/kantoor"
    documents = examples.documents()
    if orjson.loads(documents[known])["id"] == number:
        for each, body in documents.items():
            if each.startswith(known):
                own = body.replace(known.encode(), path.encode())
                papers.documents[each.replace(known, path)] = own
    elif (in_pool := kantoor_number(number)) is not None:
        kantoor(papers, seed=write.world.seed, dossier=dossier, number=in_pool)
    else:
        naam = f"Deelnemer{number:08}"
        papers.add(
            path,
            {
                "id": number,
                "type": None,
                "naam": naam,
                "kvknummer": "",
                "btwnummer": "",
                "statutairenaam": naam,
                "handelsnaam": naam,
                "_links": links(path),
            },
        )
        for rel in ("adressen", "emailadressen", "telefoonnummers", "codes"):
            papers.add(f"{path}/{rel}", collection(f"{path}/{rel}", rel, []))


def change_klantdossier(write: Write) -> Done:
    """Give a dossier the address that letters go to, in its document and in the listing."""
    world = write.world
    number = write.reference("standaardCorrespondentieadres") or 0
    embedded = {"standaardcorrespondentieadres": write.letters_to(number)}
    world.patch(write.path, lambda document: {**document, "_embedded": embedded})
    found = orjson.loads(world.documents(int(write.path.rpartition("/")[2]))[write.path])
    row = world.row(found["id"])
    world.list_as({**row, "_embedded": embedded})
    return Done()


def voertuig(write: Write) -> Done:
    """Add a vehicle."""
    body = write.body
    kind = body.get("bootType") or body.get("fietsType") or body.get("type")
    return _bezitting(write, "vehicle", _KINDS[body["bezittingtype"]], kind)


def overige(write: Write) -> Done:
    """Add a possession other than a vehicle."""
    body = write.body
    return _bezitting(write, "other", None, body.get("kostbaarheidType") or body.get("type"))


def _bezitting(write: Write, category: str, type_: str | None, kind: str | None) -> Done:
    body, path = write.body, f"{write.dossier}/bezittingen"
    row = {
        "id": write.id,
        "omschrijving": body.get("omschrijving"),
        "merk": body.get("merk"),
        "cataloguswaarde": amount(body.get("catalogusWaarde")),
        "aankoopbedrag": amount(body.get("aankoopwaarde")),
        "huidigeWaardedatum": moment(body.get("huidigeWaardeDatum")),
        "huidigeWaarde": amount(body.get("huidigeWaarde")),
        "waardewisseling": "0.0000",
        "kenteken": body.get("kenteken"),
        "bouwjaar": moment(body.get("bouwjaar")),
        "gewicht": body.get("gewicht"),
        "type": type_,
        "model": body.get("model", ""),
        "gearchiveerd": False,
        "categorie": category,
        "soort": kind,
        "aankoopdatum": moment(body.get("datumAankoop")),
        "_links": links(f"{path}/{write.id}"),
    }
    write.world.append(path, row)
    write.world.put(f"{path}/{write.id}", row)
    write.world.link(write.dossier, "bezittingen")
    return Done(write.id, f"{path}/{write.id}")


def registratie(write: Write) -> Done:
    """Add what was done for a dossier or a product.

    Of diensten and hypotheken no registraties can be read.
    """
    body = write.body
    number = write.reference("registratietype") or 0
    links_ = links(f"{write.path}/{write.id}")
    if write.owner != write.dossier:
        links_["product"] = {"href": write.owner}
    booked = moment(body.get("boekdatum"), colon=False) or values.stamp(now(), colon=False)
    row: Fields = {
        "omschrijving": body["omschrijving"],
        "onderwerp": body.get("onderwerp"),
        "publiek": False,
        "factureerbaar": None,
        "boekdatum": booked,
        "gearchiveerd": False,
        "verbruik": 0,
        "id": write.id,
        "registratietype": _REGISTRATIETYPES.get(number, f"Registratietype {number}"),
        "_links": links_,
    }
    person = write.reference("persoon")
    if person is not None:
        shown = {"bsn": "", "geboortedatum": None, "pensioendatum": None}
        row["_embedded"] = {"persoon": [{**write.person(person), **shown}]}
    if "/diensten/" not in write.path:
        write.world.append(write.path, row)
    if write.owner == write.dossier:
        write.world.link(write.dossier, "registraties")
    return write.done()

"""Products added to a dossier, with their row, their document and their parts."""

from collections.abc import Callable
from typing import Final

import attrs

from elements_procura.sandbox.elements import values
from elements_procura.sandbox.elements.papers import collection, links
from elements_procura.sandbox.elements.product_kinds import KINDS
from elements_procura.sandbox.elements.products import STATUSES
from elements_procura.sandbox.elements.writes.write import (
    Done,
    Fields,
    Write,
    amount,
    lower,
    moment,
    now,
)

_BTW: Final = "BTW"
_ARTICLE: Final = "Artikel"


@attrs.frozen(kw_only=True)
class _AddRule:
    """How a kind of product is added.

    Attributes:
        number: The field that is shown as ``offertenummer``.
        own: What it adds to row and document.
        parts: The parts it has from the start.
        adviseur: The field that names the adviseur.
        behandelaar: The field that names who handles it.
        acceptant: The field that names who accepts it.
        workflowgroep: The field that names the group that accepts it.
    """

    number: str
    own: Callable[[Write], Fields]
    parts: Callable[[Write], list[Fields]] = lambda _: []
    adviseur: str = "accountmanager"
    behandelaar: str = "accountBeheerder"
    acceptant: str = "administratie"
    workflowgroep: str = "administratieWorkflowgroep"


def product(write: Write) -> Done:
    """Add a product."""
    soort = write.path.rpartition("/")[2]
    kind, adding = KINDS[soort], _KINDS[soort]
    body, path = write.body, f"{write.path}/{write.id}"
    status = write.reference("status") or 0
    common: Fields = {
        "id": write.id,
        "type": kind.type,
        "offertenummer": body.get(adding.number, ""),
        "omschrijving": body.get("omschrijving", kind.omschrijving),
        "status": dict(enumerate(STATUSES, start=1)).get(status, f"Status {status}"),
        "invoerAanvraag": values.stamp(now().date()),
    }
    own, norm = adding.own(write), body.get("norm")
    row = {
        **common,
        "soort": soort,
        "gearchiveerd ": values.ja_nee(body.get("gearchiveerd")),
        "publiek": values.ja_nee(body.get("toonindigimap")),
        **own,
        "_links": links(path),
    }
    document = {
        **common,
        **own,
        **({"norm": norm if isinstance(norm, str) else None} if soort == "hypotheken" else {}),
        "adviseur": write.person_name(adding.adviseur),
        "acceptant": write.person_name(adding.acceptant),
        "acceptantWorkflowgroep": write.numbered(adding.workflowgroep, "Workflowgroep"),
        "behandelaar": write.person_name(adding.behandelaar),
        "_links": links(path),
        "_embedded": {
            **_parties(write, path, kind.aanvragers or "aanvragers"),
            "productdelen": adding.parts(write),
        },
    }
    world = write.world
    world.append(f"{write.dossier}/producten", row)
    world.put(path, document)
    world.link(write.dossier, "producten")
    if kind.registraties:
        rel = "registraties"
        world.put(f"{path}/{rel}", collection(f"{path}/{rel}", rel, []))
    return write.done()


def _parties(write: Write, path: str, aanvragers: str) -> Fields:
    embedded: Fields = {}
    onderpand = write.reference("onderpand")
    if onderpand is not None:
        place = write.address(onderpand)
        types = place.pop("_embedded")
        place["_links"] = links(f"{path}/adressen/{onderpand}")
        embedded["onderpandadres"] = {**place, "_embedded": types}
    letters = write.reference("correspondentieadres")
    if letters is not None:
        embedded["correspondentieadres"] = write.address(letters)
    first = (write.reference("eersteAanvragerParticulier"), write.reference("eersteAanvrager"))
    named = [each["id"] for each in write.body.get("aanvragersParticulier", ())]
    numbers = dict.fromkeys([*named, *first])
    embedded[aanvragers] = [
        {**write.person(number), "_links": links(f"{write.dossier}/klanten/{number}")}
        for number in numbers
        if number is not None
    ]
    return embedded


def onderdeel(write: Write) -> Done:
    """Add a part to a contract."""
    body = write.body
    return _part(
        write,
        {
            "id": write.id,
            "product": write.numbered("artikel", _ARTICLE),
            "referentie": body.get("referentie"),
            "verkoopprijs": amount(body["verkoopprijs"]),
            "premietermijn": lower(body["premietermijnverkoopprijs"]),
            "contractduur": None,
            "hoofdvervaldatum": None,
            "looptijdVerplichting": body.get("looptijdverplichting"),
            "vervaldatum": moment(body.get("vervaldatum")),
        },
    )


def deel(write: Write) -> Done:
    """Add a part to a dienst."""
    body = write.body
    return _part(
        write,
        {
            "id": write.id,
            "product": write.numbered("artikel", _ARTICLE),
            "omschrijving": body.get("omschrijving"),
            "betalingstermijn": lower(body["betalingstermijn"]),
            "verkoopprijs": amount(body["verkoopprijs"]),
            "btw": write.numbered("btw", _BTW),
        },
    )


def _part(write: Write, part: Fields) -> Done:
    if write.world.find(write.owner) is not None:
        write.world.patch(
            write.owner, lambda document: document["_embedded"]["productdelen"].append(part)
        )
    return write.done()


def _start(write: Write, shown: str, given: str) -> Fields:
    return {
        shown: moment(write.body.get(given)),
        f"{shown}Definitief": values.ja_nee(write.body.get(f"{given}Definitief")),
    }


def _hypotheek(write: Write) -> Fields:
    body = write.body
    return {
        "maatschappij": write.organisation_name("maatschappij"),
        **_start(write, "passeerdatum", "passeerdatum"),
        "hoofdsom": amount(body.get("hoofdsom")),
        "inschrijving": amount(body.get("inschrijving")),
        "renteaanbodAangevraagd": moment(body.get("renteaanbodAangevraagd")),
        "ontbindendeVoorwaarden": moment(body.get("ontbindendeVoorwaarden")),
    }


def _krediet(write: Write) -> Fields:
    return {
        "maatschappij": write.organisation_name("maatschappij"),
        **_start(write, "ingangsdatum", "uitbetalingsdatum"),
        "gewenstBedrag": amount(write.body.get("gewenstbedrag")),
    }


def _kredietdelen(write: Write) -> list[Fields]:
    body, article = write.body, write.numbered("artikel", _ARTICLE)
    return [
        {
            "id": write.world.new_id(),
            "product": article,
            "productgroep": article,
            "leenbedrag": amount(body.get("leenbedrag")),
            "contractnummer": body.get("contractnummer"),
            "termijnbedrag": amount(body.get("termijnbedrag")),
            "theoretischeLooptijd": body.get("theoretischeLooptijd"),
            "theoretischeEinddatum": moment(body.get("theoretischeEinddatum")),
        }
    ]


_KINDS: Final = {
    "hypotheken": _AddRule(
        number="offertenummer",
        own=_hypotheek,
        adviseur="afgeslotenDoor",
        behandelaar="dossierVerantwoordelijke",
        acceptant="acceptant",
        workflowgroep="acceptantWorkflowgroep",
    ),
    "consumptiefkredieten": _AddRule(
        number="offertenummer",
        own=_krediet,
        parts=_kredietdelen,
        adviseur="afgeslotenDoor",
        behandelaar="dossierVerantwoordelijke",
        acceptant="acceptant",
        workflowgroep="acceptantWorkflowgroep",
    ),
    "contracten": _AddRule(
        number="contractnummer",
        own=lambda write: {
            "maatschappij": write.organisation_name("leverancier"),
            **_start(write, "startdatum", "startdatum"),
        },
    ),
    "diensten": _AddRule(
        number="offertenummer",
        own=lambda write: {
            "maatschappij": write.organisation_name("leverancier"),
            **_start(write, "ingangsdatum", "opleverdatum"),
        },
    ),
}

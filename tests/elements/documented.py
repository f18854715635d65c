"""The documented example bodies of what the client types, each with its model."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import orjson

from elements_procura.elements.models import (
    Bankgarantie,
    Consumptiefkrediet,
    Contract,
    Dienst,
    Hypotheek,
    Product,
)
from elements_procura.elements.models.adviseurs import Adviseur
from elements_procura.elements.models.bezittingen import Bezitting
from elements_procura.elements.models.contact import (
    Adres,
    Emailadres,
    Rekeningnummer,
    Telefoonnummer,
)
from elements_procura.elements.models.kantoor import Code, Kantoor
from elements_procura.elements.models.klantdossiers import Klantdossier
from elements_procura.elements.models.klanten import Kenmerk, Particulier, Socialmedia, Zakelijk
from elements_procura.elements.models.profielfoto import Profielfoto
from elements_procura.elements.models.registraties import Registratie
from elements_procura.schema.model import Model

_OWNER = r"(?:klanten/particulier/\d+|klanten/zakelijk/\d+|adviseurs/\d+|kantoor)"
_KINDS: tuple[tuple[str, type[Model], str | None], ...] = (
    (r"", Klantdossier, "klantdossiers"),
    (r"/\d+", Klantdossier, None),
    (r"/\d+/klanten/particulier", Particulier, "particulier"),
    (r"/\d+/klanten/particulier/\d+", Particulier, None),
    (r"/\d+/adviseurs", Adviseur, "adviseurs"),
    (r"/\d+/adviseurs/\d+", Adviseur, None),
    (r"/\d+/kantoor", Kantoor, None),
    (r"/\d+/producten", Product, "producten"),
    (r"/\d+/hypotheken/\d+", Hypotheek, None),
    (r"/\d+/bankgaranties/\d+", Bankgarantie, None),
    (r"/\d+/consumptiefkredieten/\d+", Consumptiefkrediet, None),
    (r"/\d+/contracten/\d+", Contract, None),
    (r"/\d+/diensten/\d+", Dienst, None),
    (r"/\d+/bezittingen", Bezitting, "bezittingen"),
    (r"/\d+/bezittingen/\d+", Bezitting, None),
    (r"/\d+/klanten/zakelijk", Zakelijk, "zakelijk"),
    (r"/\d+/klanten/zakelijk/\d+", Zakelijk, None),
    (r"/\d+(/\w+/\d+)?/registraties", Registratie, "registraties"),
    (rf"/\d+/{_OWNER}/kenmerken", Kenmerk, "kenmerken"),
    (rf"/\d+/{_OWNER}/kenmerken/\d+", Kenmerk, None),
    (rf"/\d+/{_OWNER}/socialmedia", Socialmedia, "socialmedia"),
    (rf"/\d+/{_OWNER}/socialmedia/\d+", Socialmedia, None),
    (rf"/\d+/{_OWNER}/codes", Code, "codes"),
    (rf"/\d+/{_OWNER}/profielfoto", Profielfoto, None),
    (rf"/\d+/{_OWNER}/adressen", Adres, "adressen"),
    (rf"/\d+/{_OWNER}/adressen/\d+", Adres, None),
    (rf"/\d+/{_OWNER}/emailadressen", Emailadres, "emailadressen"),
    (rf"/\d+/{_OWNER}/emailadressen/\d+", Emailadres, None),
    (rf"/\d+/{_OWNER}/rekeningnummers", Rekeningnummer, "rekeningnummers"),
    (rf"/\d+/{_OWNER}/rekeningnummers/\d+", Rekeningnummer, None),
    (rf"/\d+/{_OWNER}/telefoonnummers", Telefoonnummer, "telefoonnummers"),
    (rf"/\d+/{_OWNER}/telefoonnummers/\d+", Telefoonnummer, None),
)


def bodies() -> dict[str, Any]:
    """Every documented body by its path; a fresh copy."""
    data = files("elements_procura.sandbox").joinpath("data", "elements_examples.json")
    found: dict[str, Any] = orjson.loads(data.read_bytes())
    return found


def typed() -> Iterator[tuple[str, type[Model], str | None]]:
    """Path, model and relation of the bodies that the client types."""
    for path in bodies():
        for pattern, model, rel in _KINDS:
            if re.fullmatch(f"/api/data/klantdossiers{pattern}", path):
                yield path, model, rel


def records() -> Iterator[tuple[str, type[Model], dict[str, Any]]]:
    """Every record in those bodies, on its own."""
    found = bodies()
    for path, model, rel in typed():
        if rel is None:
            yield path, model, found[path]
        else:
            for number, record in enumerate(found[path]["_embedded"][rel]):
                yield f"{path}[{number}]", model, record

"""Which model a client makes of each kind of body, and how the records lie in it."""

from collections.abc import Mapping
from typing import Any

import attrs

from elements_procura import _json
from elements_procura.elements.kinds import KINDS, holds_bytes
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
from elements_procura.elements.models.producten import (
    Bankgarantie,
    Consumptiefkrediet,
    Contract,
    Dienst,
    Hypotheek,
    Product,
)
from elements_procura.elements.models.profielfoto import Profielfoto
from elements_procura.elements.models.registraties import Registratie
from elements_procura.procura.models.births import Birth
from elements_procura.procura.models.commitments import Commitment
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.models.deaths import DeathInMunicipality, DiscoveredBody
from elements_procura.procura.models.dossiers import Document
from elements_procura.procura.models.enums import DossierType
from elements_procura.procura.models.relocations import InterRelocation, IntraRelocation
from elements_procura.procura.source import CONTENT
from elements_procura.schema import hal
from elements_procura.schema.model import Model

# By the last part of a kind's name.
RECORDS: Mapping[str, type[Model]] = {
    "dossier": Klantdossier,
    "kantoor": Kantoor,
    "profielfoto": Profielfoto,
    "bankgaranties": Bankgarantie,
    "consumptiefkredieten": Consumptiefkrediet,
    "contracten": Contract,
    "diensten": Dienst,
    "hypotheken": Hypotheek,
}
COLLECTIONS: Mapping[str, type[Model]] = {
    "particulier": Particulier,
    "zakelijk": Zakelijk,
    "adviseurs": Adviseur,
    "producten": Product,
    "bezittingen": Bezitting,
    "registraties": Registratie,
    "adressen": Adres,
    "emailadressen": Emailadres,
    "rekeningnummers": Rekeningnummer,
    "telefoonnummers": Telefoonnummer,
    "kenmerken": Kenmerk,
    "socialmedia": Socialmedia,
    "codes": Code,
}
CASES: Mapping[str, type[Model]] = {
    DossierType.INTRA_MUN_RELOCATION: IntraRelocation,
    DossierType.INTER_MUN_RELOCATION: InterRelocation,
    DossierType.BIRTH: Birth,
    DossierType.COMMITMENT: Commitment,
    DossierType.DEATH_IN_MUNICIPALITY: DeathInMunicipality,
    DossierType.DISCOVERED_BODY: DiscoveredBody,
    "row": Dossier,
}


@attrs.frozen
class Shape:
    """What the bodies of a kind are.

    Attributes:
        model: Of the records in them.
        rel: The relation that holds those, if a body is a collection of Elements.
        is_list: Whether a body is the list of records itself.
        is_procura: Whose wire rules hold.
    """

    model: type[Model]
    rel: str | None = None
    is_list: bool = False
    is_procura: bool = False

    def records(self, body: bytes) -> list[Any]:
        """The records in a body, decoded and not looked at; those that are null are left out.

        Raises:
            HalError: It is no JSON, or lacks the list that it should be.
        """
        if not self.is_list:
            data = hal.document(body)
            return [data] if self.rel is None else _there(hal.relation(data, self.rel))
        try:
            rows = _json.loads(body)
        except _json.JsonError:
            rows = body
        if rows is None:
            return []
        if not isinstance(rows, list):
            raise hal.HalError("the answer is no list")
        return _there(rows)


def shape_of(kind: str) -> Shape | None:
    """What the bodies of ``kind`` are; None when there is no model of it."""
    if kind in CASES:
        return Shape(CASES[kind], is_procura=True)
    if kind == "documents":
        return Shape(Document, is_list=True, is_procura=True)
    last = kind.rpartition("/")[2]
    if kind in KINDS and last in RECORDS:
        return Shape(RECORDS[last])
    if kind in KINDS and last in COLLECTIONS:
        return Shape(COLLECTIONS[last], rel=last)
    return None


def is_binary(kind: str) -> bool:
    """Whether bodies of a kind are no JSON."""
    return kind == CONTENT or holds_bytes(kind)


def _there(rows: list[Any]) -> list[Any]:
    return [row for row in rows if row is not None]

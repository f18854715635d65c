"""Which model a client makes of each kind of body, and which links its records have."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from elements_procura._model import Model
from elements_procura.elements._wire import elements_wire
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
from elements_procura.harvest.drift.walk import Check, Walker
from elements_procura.harvest.kinds import KINDS, holds_bytes
from elements_procura.harvest.procura import CONTENT
from elements_procura.procura._wire import procura_wire
from elements_procura.procura.models.births import Birth
from elements_procura.procura.models.commitments import Commitment
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.models.deaths import DeathInMunicipality, DiscoveredBody
from elements_procura.procura.models.dossiers import Document
from elements_procura.procura.models.enums import DossierType
from elements_procura.procura.models.relocations import InterRelocation, IntraRelocation

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
# Documented links that lead to no kind of the harvest's.
_FURTHER_LINKS: Mapping[type[Model], frozenset[str]] = {
    Registratie: frozenset({"bestand", "email", "product"})
}


def is_binary(kind: str) -> bool:
    """Whether bodies of a kind are no JSON."""
    return kind == CONTENT or holds_bytes(kind)


class Checks:
    """The check of each kind, made when the first body of the kind comes."""

    def __init__(self) -> None:
        self._elements = Walker(elements_wire(), _Relations())
        self._procura = Walker(procura_wire(), lambda _model: frozenset())
        self._made: dict[str, Check | None] = {}

    def of(self, kind: str) -> Check | None:
        """How a body of ``kind`` is checked; None when there is no model of it."""
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def _make(self, kind: str) -> Check | None:
        if kind in CASES:
            return self._procura.record(CASES[kind])
        if kind == "documents":
            return self._procura.list(Document)
        last = kind.rpartition("/")[2]
        if kind in KINDS and last in RECORDS:
            return self._elements.record(RECORDS[last])
        if kind in KINDS and last in COLLECTIONS:
            return self._elements.collection(COLLECTIONS[last], last)
        return None


class _Relations:
    """Links that lead to something this package can read, by what they stand in."""

    def __init__(self) -> None:
        self._known: defaultdict[type[Model], set[str]] = defaultdict(set)
        for kind, found in KINDS.items():
            last = kind.rpartition("/")[2]
            if last in RECORDS:
                self._known[RECORDS[last]].update(_links_below(found.template))
            elif last in COLLECTIONS:
                self._known[COLLECTIONS[last]].update(_links_below(f"{found.template}/{{}}"))

    def __call__(self, model: type[Model]) -> frozenset[str]:
        """A record is embedded elsewhere as its base class, with the links that it has itself."""
        known = {"self"}
        for other, links in (*self._known.items(), *_FURTHER_LINKS.items()):
            if issubclass(other, model) or issubclass(model, other):
                known |= links
        return frozenset(known)


def _links_below(template: str) -> Iterator[str]:
    """``klanten`` and ``klanten/particulier``, out of the templates that begin with this one."""
    own = _segments(template)
    for found in KINDS.values():
        path = _segments(found.template)
        if path[: len(own)] == own:
            rest = path[len(own) :]
            names = rest[: rest.index("{}")] if "{}" in rest else rest
            yield from ("/".join(names[: end + 1]) for end in range(len(names)))


def _segments(template: str) -> list[str]:
    return ["{}" if segment.startswith("{") else segment for segment in template.split("/")]

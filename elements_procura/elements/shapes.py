"""The models of the kinds of an Elements dossier, with their details for a harvest."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from elements_procura.elements._wire import elements_wire
from elements_procura.elements.kinds import (
    EXTRA_GROUPS,
    GROUPS,
    KINDS,
    PRODUCTS_IN_FULL,
    group_of,
    hints_at,
    holds_bytes,
    is_often_missing,
    part_of,
)
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
from elements_procura.elements.source import ElementsSource
from elements_procura.schema.model import Model
from elements_procura.spec.harvest import ANY_SHAPE, HarvestSpec, KindSpec
from elements_procura.spec.shapes import Shape

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
# Documented links that lead to no kind of the harvest's.
_FURTHER_LINKS: Mapping[type[Model], frozenset[str]] = {
    Registratie: frozenset({"bestand", "email", "product"})
}


def shape_of(kind: str) -> Shape | None:
    """The shape of a kind's bodies; None where no model describes them."""
    last = kind.rpartition("/")[2]
    if last in RECORDS:
        return Shape(RECORDS[last])
    if last in COLLECTIONS:
        return Shape(COLLECTIONS[last], rel=last)
    return None


def links_of(model: type[Model]) -> frozenset[str]:
    """Links that lead to something this package can read, by the model they stand in.

    A record is embedded elsewhere as its base class, with the links that it has itself.
    """
    known = {"self"}
    for other, links in (*_links_by_model().items(), *_FURTHER_LINKS.items()):
        if issubclass(other, model) or issubclass(model, other):
            known |= links
    return frozenset(known)


@cache
def _links_by_model() -> Mapping[type[Model], set[str]]:
    known: defaultdict[type[Model], set[str]] = defaultdict(set)
    for kind, found in KINDS.items():
        last = kind.rpartition("/")[2]
        if last in RECORDS:
            known[RECORDS[last]].update(_links_below(found.template))
        elif last in COLLECTIONS:
            known[COLLECTIONS[last]].update(_links_below(f"{found.template}/{{}}"))
    return known


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


# How many of each kind, or of the persons that a kind of contact data hangs on.
_USUAL: Mapping[str, tuple[float, float, float]] = {
    "dossier": (1, 1, 1),
    "kantoor": (1, 1, 1),
    "particulier": (1, 1, 1),
    "zakelijk": (0, 0.3, 1),
    "particulier/": (1, 2, 3),
    "zakelijk/": (0, 0.3, 1),
    # These are shared: per dossier, between one for a thousand and one for every few.
    "adviseur/": (0.001, 0.02, 0.3),
    "kantoor/": (0.001, 0.005, 0.1),
    "hypotheken": (0, 1, 3),
}


def _usual(kind: str) -> tuple[float, float, float]:
    owner = f"{kind.partition('/')[0]}/" if "/" in kind else kind
    return _USUAL.get(owner, ANY_SHAPE)


HARVEST = HarvestSpec(
    source=ElementsSource,
    wire=elements_wire(),
    groups=GROUPS,
    extra_groups=EXTRA_GROUPS,
    kinds={
        name: KindSpec(
            template=kind.template,
            group=None if name == "dossier" else group_of(name),
            part=part_of(name),
            is_shown_by_row=name in PRODUCTS_IN_FULL,
            hints_at=hints_at(name),
            shape=shape_of(name),
            table="dossiers" if name == "dossier" else None,
            is_binary=holds_bytes(name),
            is_often_missing=is_often_missing(name),
            usual=_usual(name),
        )
        for name, kind in KINDS.items()
    },
    dossier_id=int,
    shared={"adviseurs": "adviseur", "kantoor": "kantoor"},
    links=links_of,
)
"""The dossiers of Elements, as harvests, exports, plans and drift reports see them."""

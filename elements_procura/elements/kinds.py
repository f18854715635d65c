"""The resources of an Elements dossier, and how one answer leads to the next requests. Pure.

Fewest requests: collections are fetched and items are not, since they carry the same fields;
a relation that the documentation links and this dossier does not link is not asked for; contact
data of an adviseur or kantoor is asked for once, however many dossiers share them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from elements_procura import evidence
from elements_procura.paths import Path
from elements_procura.schema import hal
from elements_procura.spec.source import (
    BY_ABSENT_LINK,
    BY_COLLECTION,
    Discovery,
    NamedInAnswer,
    Want,
)

DOSSIERS = "/api/data/klantdossiers"
DOSSIER_RELATIONS = {
    "particulier": "klanten/particulier",
    "zakelijk": "klanten/zakelijk",
    "adviseurs": "adviseurs",
    "kantoor": "kantoor",
    "producten": "producten",
    "bezittingen": "bezittingen",
    "registraties": "registraties",
}
CONTACT_PART, IN_FULL_PART = "contact", "productdetails"
HINTED = ("producten", IN_FULL_PART)
HINTED_BY_PRODUCT = ("producten", "registraties")
CONTACT = ("adressen", "emailadressen", "rekeningnummers", "telefoonnummers")
# No documented body links kenmerken and socialmedia of a particulier, codes of a zakelijk klant or
# kantoor, or registraties of three kinds of product: these are always asked for.
PARTICULIER_RELATIONS = (*CONTACT, "kenmerken", "socialmedia")
ZAKELIJK_RELATIONS = (*CONTACT, "kenmerken", "codes")
ADVISEUR_RELATIONS = CONTACT
KANTOOR_LINKED = ("adressen", "emailadressen", "telefoonnummers")
KANTOOR_UNLINKED = ("codes",)
PHOTO = "profielfoto"
PICTURE = f"{PHOTO}/download"
PRODUCTS_IN_FULL = (
    "bankgaranties",
    "consumptiefkredieten",
    "contracten",
    "diensten",
    "hypotheken",
)
PRODUCTS_WITH_REGISTRATIES = ("bankgaranties", "consumptiefkredieten", "contracten")
APPLICANTS = ("aanvrager", "aanvragers")
"""Who applied for a product, in it."""
NAMED = ("particulier", "zakelijk")
"""The lists that lead to them."""
# Linked but described nowhere: only fetched when asked for.
UNDOCUMENTED = ("documenten", "emails", "facturen", "panden", "stukken", "taken")
GROUPS = ("klanten", "adviseurs", "kantoor", "producten", "bezittingen", "registraties")
"""Groups that a harvest can be narrowed down to; all of them by default."""
PICTURES = "profielfotos"
EXTRA_GROUPS = (*UNDOCUMENTED, PICTURES)
"""Groups that are fetched only when asked for.

Pictures and their descriptions belong to the persons and firms of other groups. Most persons have
none, so each would cost a request for a 404.
"""

_YES = frozenset(("ja", "j", "yes", "y", "true", "1"))
# A database's zero date says that there is none.
_TIME = re.compile(r"(?!0000)\d{4}-(?!00)\d\d-\d\d", re.ASCII)

Discover = Callable[[Mapping[str, Any], str], Discovery]


@attrs.frozen
class Kind:
    """One kind of resource.

    Attributes:
        template: Its path with placeholders.
        discover: Finds the next resources from an answer and its path; raises HalError if a
            collection's answer lacks its list.
    """

    template: str
    discover: Discover


def dossier_want(dossier_id: int) -> Want:
    """The root of a dossier."""
    return Want("dossier", f"{DOSSIERS}/{dossier_id}")


def group_of(kind: str) -> str:
    """Which of :data:`GROUPS` or :data:`EXTRA_GROUPS` a kind belongs to; a dossier to none."""
    if PHOTO in kind.split("/"):
        return PICTURES
    first = kind.partition("/")[0]
    if first in PRODUCTS_IN_FULL:
        return "producten"
    return {"particulier": "klanten", "zakelijk": "klanten", "adviseur": "adviseurs"}.get(
        first, first
    )


def part_of(kind: str) -> str:
    """The part of a dossier that a kind is refreshed with.

    A group, but for the contact data of a dossier's own persons and firms, which is most of its
    requests and changes seldom, and for the products in full, which cost more than their list.
    What dossiers share comes with what leads to it.
    """
    first, _, rest = kind.partition("/")
    if first in PRODUCTS_IN_FULL:
        return IN_FULL_PART
    if first in ("particulier", "zakelijk") and rest:
        return PICTURES if PHOTO in rest.split("/") else CONTACT_PART
    return {"adviseur": "adviseurs", "kantoor": "kantoor"}.get(first) or group_of(kind)


def hints_at(kind: str) -> tuple[str, ...]:
    """The parts that may have changed where a kind has changed, or has a new row.

    What an office does with a product it registers with the dossier, and much else as well; and a
    product that has changed may be another in its list.
    """
    if kind in PRODUCTS_IN_FULL:
        return HINTED_BY_PRODUCT
    return HINTED if kind == "registraties" else ()


def holds_bytes(kind: str) -> bool:
    """Whether a kind's answers are bytes other than JSON."""
    return kind.endswith(f"/{PICTURE}")


def is_often_missing(kind: str) -> bool:
    """Whether a 404 of a kind is usual and only means that there is none, as for pictures."""
    return PHOTO in kind.split("/")


def path_of(kind: str, path: str) -> Path:
    """The path with the template that its kind has."""
    return Path(path, KINDS[kind].template)


def _dossier(data: Mapping[str, Any], path: str) -> Discovery:
    """The resources that a dossier links; without any links, all that it may have."""
    deleted = _is_deleted(data.get("deleted"))
    if not (linked := _links(data)):  # not even itself, as every documented record does
        relations = DOSSIER_RELATIONS.items()
        unsaid = tuple(Want(kind, f"{path}/{rel}") for kind, rel in relations)
        return Discovery(deleted=deleted, unsaid=unsaid)
    present = {kind: rel for kind, rel in DOSSIER_RELATIONS.items() if rel in linked}
    present |= {rel: rel for rel in UNDOCUMENTED if rel in linked}
    return Discovery(
        tuple(Want(kind, f"{path}/{rel}") for kind, rel in present.items()),
        {BY_ABSENT_LINK: len(DOSSIER_RELATIONS.keys() - present.keys())},
        deleted=deleted,
    )


def _is_deleted(value: Any) -> bool:
    """Whether a dossier says that it is deleted: by yes in any spelling, or by the time of it."""
    if isinstance(value, str):
        return value.strip().lower() in _YES or _TIME.match(value.strip()) is not None
    return value == 1 and isinstance(value, bool | int | float)


def _people(kind: str, relations: tuple[str, ...], *, shared: bool = False) -> Discover:
    """A collection of persons or firms, each with collections of its own.

    A row of the collection links only itself, so the collections of its person are unknown. A
    shared picture is asked for here, too: its description belongs to one dossier alone, and every
    dossier that shares the picture would have to wait for it.
    """
    singular = "adviseur" if kind == "adviseurs" else kind
    asked = (*relations, PHOTO, PICTURE) if shared else (*relations, PHOTO)

    def discover(data: Mapping[str, Any], path: str) -> Discovery:
        held = map(evidence.row_id, hal.relation(data, kind))
        rows = [row for row in held if row is not None]
        wants = (
            Want(
                f"{singular}/{rel}",
                f"{path}/{row}/{rel}",
                share=f"{singular}/{row}/{rel}" if shared else None,
            )
            for row in rows
            for rel in asked
        )
        return Discovery(tuple(wants), {BY_COLLECTION: len(rows)})

    return discover


def _kantoor(data: Mapping[str, Any], path: str) -> Discovery:
    linked, kantoor_id = _links(data), _id(data)
    present = [rel for rel in (*KANTOOR_LINKED, PHOTO) if rel in linked]
    picture = (PICTURE,) if PHOTO in present else ()

    def wants(*relations: str) -> tuple[Want, ...]:
        return tuple(
            Want(f"kantoor/{rel}", f"{path}/{rel}", share=f"kantoor/{kantoor_id}/{rel}")
            for rel in relations
        )

    if not linked:
        return Discovery(wants(*KANTOOR_UNLINKED), unsaid=wants(*KANTOOR_LINKED, PHOTO, PICTURE))
    return Discovery(
        wants(*present, *picture, *KANTOOR_UNLINKED),
        {BY_ABSENT_LINK: len(KANTOOR_LINKED) + 1 - len(present)},
    )


def _producten(data: Mapping[str, Any], path: str) -> Discovery:
    owner = path.rpartition("/")[0]
    wants: list[Want] = []
    unsaid: list[Want] = []
    for row in hal.relation(data, "producten"):
        product_id = evidence.row_id(row)
        if product_id is None:
            continue
        kind = _soort(row)
        if kind in PRODUCTS_IN_FULL:
            wants += _in_full(owner, kind, product_id)
        elif not kind:  # a name that is not known is of a product that has no page
            unsaid += (
                each for kind in PRODUCTS_IN_FULL for each in _in_full(owner, kind, product_id)
            )
    return Discovery(tuple(wants), unsaid=tuple(unsaid))


def _in_full(owner: str, kind: str, product_id: int) -> Iterator[Want]:
    product = f"{owner}/{kind}/{product_id}"
    yield Want(kind, product)
    if kind in PRODUCTS_WITH_REGISTRATIES:
        yield Want(f"{kind}/registraties", f"{product}/registraties")


def _soort(row: Mapping[str, Any]) -> str:
    """Which sort of product a row is, by its field or else by its own link; empty if neither."""
    soort = row.get("soort")
    if isinstance(soort, str) and soort.strip():
        return soort.strip().lower()
    link = evidence.self_link(row)
    path = "" if link is None else link.partition("?")[0].rstrip("/")
    return path.rpartition("/")[0].rpartition("/")[2].lower()


def _product(data: Mapping[str, Any], path: str) -> Discovery:
    """A product in full: it leads nowhere, and names the persons and firms who applied for it."""
    embedded = data.get("_embedded")
    held = embedded if isinstance(embedded, dict) else {}
    found = [each for name in APPLICANTS for each in _listed(held.get(name))]
    ids = (evidence.usable_id(each.get("id")) for each in found if isinstance(each, dict))
    lists = [f"{path.rsplit('/', 2)[0]}/{DOSSIER_RELATIONS[kind]}" for kind in NAMED]
    return Discovery(
        names=tuple(
            NamedInAnswer(NAMED[0], tuple(f"{each}/{number}/{CONTACT[0]}" for each in lists))
            for number in ids
            if number is not None
        )
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _photo(kind: str) -> Discover:
    """The picture behind a description that belongs to this dossier alone."""

    def discover(data: Mapping[str, Any], path: str) -> Discovery:
        there = "download" in _links(data)
        return Discovery((Want(f"{kind}/download", f"{path}/download"),) if there else ())

    return discover


def _collection(rel: str) -> Discover:
    """A collection whose rows are as complete as its items."""

    def discover(data: Mapping[str, Any], _path: str) -> Discovery:
        return Discovery((), {BY_COLLECTION: len(hal.relation(data, rel))})

    return discover


def _nothing(_data: Mapping[str, Any], _path: str) -> Discovery:
    return Discovery()


def _links(data: Mapping[str, Any]) -> Mapping[str, Any]:
    links = data.get("_links")
    return links if isinstance(links, dict) else {}


def _id(data: Mapping[str, Any]) -> int:
    identifier = evidence.usable_id(data.get("id"))
    if identifier is None:
        raise hal.HalError("a record has no id, so its own resources cannot be found", "$.id")
    return identifier


def _kinds() -> Iterator[tuple[str, Kind]]:
    root = f"{DOSSIERS}/{{DOSSIER_ID}}"
    yield "dossier", Kind(root, _dossier)
    yield "kantoor", Kind(f"{root}/kantoor", _kantoor)
    yield "producten", Kind(f"{root}/producten", _producten)
    for rel in ("bezittingen", "registraties"):
        yield rel, Kind(f"{root}/{rel}", _collection(rel))
    for rel in UNDOCUMENTED:
        yield rel, Kind(f"{root}/{rel}", _nothing)
    for kind in PRODUCTS_IN_FULL:
        product = f"{root}/{kind}/{{PRODUCT_ID}}"
        yield kind, Kind(product, _product)
        if kind in PRODUCTS_WITH_REGISTRATIES:
            yield (
                f"{kind}/registraties",
                Kind(f"{product}/registraties", _collection("registraties")),
            )
    people = (
        ("particulier", "particulier", "PERSOON_ID", PARTICULIER_RELATIONS),
        ("zakelijk", "zakelijk", "ORGANISATIE_ID", ZAKELIJK_RELATIONS),
        ("adviseurs", "adviseur", "ADVISEUR_ID", ADVISEUR_RELATIONS),
    )
    for plural, singular, placeholder, relations in people:
        path = f"{root}/{DOSSIER_RELATIONS[plural]}"
        yield plural, Kind(path, _people(plural, relations, shared=plural == "adviseurs"))
        for rel in relations:
            yield f"{singular}/{rel}", Kind(f"{path}/{{{placeholder}}}/{rel}", _collection(rel))
        told, owner = f"{singular}/{PHOTO}", f"{path}/{{{placeholder}}}"
        is_shared = singular == "adviseur"
        yield told, Kind(f"{owner}/{PHOTO}", _nothing if is_shared else _photo(told))
        yield f"{singular}/{PICTURE}", Kind(f"{owner}/{PICTURE}", _nothing)
    for rel in (*KANTOOR_LINKED, *KANTOOR_UNLINKED):
        yield f"kantoor/{rel}", Kind(f"{root}/kantoor/{rel}", _collection(rel))
    for rel in (PHOTO, PICTURE):
        yield f"kantoor/{rel}", Kind(f"{root}/kantoor/{rel}", _nothing)


KINDS: dict[str, Kind] = dict(_kinds())

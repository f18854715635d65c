"""What hangs on an Elements dossier, and how one answer leads to the next requests. Pure.

Fewest requests: collections are fetched and items are not, since they carry the same fields;
a relation that the documentation links and this dossier does not link is not asked for; contact
data of an adviseur or kantoor is asked for once, however many dossiers share them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from elements_procura import hal
from elements_procura.paths import Path

DOSSIERS = "/api/data/klantdossiers"
PERSOON_RELATIONS = ("adressen", "emailadressen", "rekeningnummers", "telefoonnummers")
KANTOOR_RELATIONS = ("adressen", "emailadressen", "telefoonnummers")
PRODUCTS_IN_FULL = ("hypotheken",)

BY_COLLECTION = "a collection instead of its items"
BY_ABSENT_LINK = "a relation that is not linked"
BY_SHARING = "contact data shared between dossiers"


@attrs.frozen
class Want:
    """A resource that has to be fetched.

    Attributes:
        kind: Name of its kind, a key of :data:`KINDS`.
        path: Where it is.
        share: What it is called whichever dossier it is reached through; None if it belongs to
            one dossier alone.
    """

    kind: str
    path: str
    share: str | None = None


@attrs.frozen
class Found:
    """What an answer leads to.

    Attributes:
        wants: The resources to fetch next.
        saved: Requests that need not be made, by reason.
    """

    wants: tuple[Want, ...] = ()
    saved: Mapping[str, int] = attrs.field(factory=dict)


@attrs.frozen
class Kind:
    """One kind of resource.

    Attributes:
        template: Its path with placeholders.
        discover: From an answer and its path to what comes next; raises HalError when the answer
            lacks the list that a collection is.
    """

    template: str
    discover: Callable[[Mapping[str, Any], str], Found]


def dossier_want(dossier_id: int) -> Want:
    """The root of a dossier."""
    return Want("dossier", f"{DOSSIERS}/{dossier_id}")


def path_of(kind: str, path: str) -> Path:
    """The path with the template that its kind has."""
    return Path(path, KINDS[kind].template)


def _dossier(data: Mapping[str, Any], path: str) -> Found:
    linked = _links(data)
    relations = {
        "particulier": "klanten/particulier",
        "adviseurs": "adviseurs",
        "kantoor": "kantoor",
        "producten": "producten",
    }
    present = {kind: rel for kind, rel in relations.items() if rel in linked}
    return Found(
        tuple(Want(kind, f"{path}/{rel}") for kind, rel in present.items()),
        {BY_ABSENT_LINK: len(relations) - len(present)},
    )


def _particulier(data: Mapping[str, Any], path: str) -> Found:
    # A row of the collection links nothing but itself, so what a person has is not known.
    rows = list(_rows(data, "particulier"))
    wants = (
        Want(f"particulier/{rel}", f"{path}/{row}/{rel}")
        for row in rows
        for rel in PERSOON_RELATIONS
    )
    return Found(tuple(wants), {BY_COLLECTION: len(rows)})


def _adviseurs(data: Mapping[str, Any], path: str) -> Found:
    rows = list(_rows(data, "adviseurs"))
    wants = (
        Want(f"adviseur/{rel}", f"{path}/{row}/{rel}", share=f"adviseur/{row}/{rel}")
        for row in rows
        for rel in PERSOON_RELATIONS
    )
    return Found(tuple(wants), {BY_COLLECTION: len(rows)})


def _kantoor(data: Mapping[str, Any], path: str) -> Found:
    linked = _links(data)
    kantoor_id = _id(data)
    present = [rel for rel in KANTOOR_RELATIONS if rel in linked]
    return Found(
        tuple(
            Want(f"kantoor/{rel}", f"{path}/{rel}", share=f"kantoor/{kantoor_id}/{rel}")
            for rel in present
        ),
        {BY_ABSENT_LINK: len(KANTOOR_RELATIONS) - len(present)},
    )


def _producten(data: Mapping[str, Any], path: str) -> Found:
    owner = path.rpartition("/")[0]
    wants = tuple(
        Want(str(row["soort"]), f"{owner}/{row['soort']}/{_id(row)}")
        for row in hal.relation(dict(data), "producten")
        if isinstance(row, dict) and row.get("soort") in PRODUCTS_IN_FULL
    )
    return Found(wants)


def _contact(rel: str) -> Callable[[Mapping[str, Any], str], Found]:
    def discover(data: Mapping[str, Any], _path: str) -> Found:
        return Found((), {BY_COLLECTION: len(hal.relation(dict(data), rel))})

    return discover


def _nothing(_data: Mapping[str, Any], _path: str) -> Found:
    return Found()


def _links(data: Mapping[str, Any]) -> Mapping[str, Any]:
    links = data.get("_links")
    return links if isinstance(links, dict) else {}


def _rows(data: Mapping[str, Any], rel: str) -> Iterator[int]:
    for row in hal.relation(dict(data), rel):
        if isinstance(row, dict):
            yield _id(row)


def _id(data: Mapping[str, Any]) -> int:
    identifier = data.get("id")
    if isinstance(identifier, str) and identifier.isdecimal():
        identifier = int(identifier)
    if not isinstance(identifier, int):
        raise hal.HalError("a record has no id, so what hangs on it cannot be found", "$.id")
    return identifier


_ROOT = f"{DOSSIERS}/{{DOSSIER_ID}}"
KINDS: dict[str, Kind] = {
    "dossier": Kind(_ROOT, _dossier),
    "particulier": Kind(f"{_ROOT}/klanten/particulier", _particulier),
    "adviseurs": Kind(f"{_ROOT}/adviseurs", _adviseurs),
    "kantoor": Kind(f"{_ROOT}/kantoor", _kantoor),
    "producten": Kind(f"{_ROOT}/producten", _producten),
    "hypotheken": Kind(f"{_ROOT}/hypotheken/{{PRODUCT_ID}}", _nothing),
    **{
        f"particulier/{rel}": Kind(
            f"{_ROOT}/klanten/particulier/{{PERSOON_ID}}/{rel}", _contact(rel)
        )
        for rel in PERSOON_RELATIONS
    },
    **{
        f"adviseur/{rel}": Kind(f"{_ROOT}/adviseurs/{{ADVISEUR_ID}}/{rel}", _contact(rel))
        for rel in PERSOON_RELATIONS
    },
    **{
        f"kantoor/{rel}": Kind(f"{_ROOT}/kantoor/{rel}", _contact(rel)) for rel in KANTOOR_RELATIONS
    },
}

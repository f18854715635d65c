"""How the bodies of each kind are checked, and which links their records have."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from elements_procura.elements._wire import elements_wire
from elements_procura.elements.kinds import KINDS
from elements_procura.elements.models.registraties import Registratie
from elements_procura.harvest.drift.walk import Check, Walker
from elements_procura.harvest.shapes import COLLECTIONS, RECORDS, shape_of
from elements_procura.procura._wire import procura_wire
from elements_procura.schema.model import Model

# Documented links that lead to no kind of the harvest's.
_FURTHER_LINKS: Mapping[type[Model], frozenset[str]] = {
    Registratie: frozenset({"bestand", "email", "product"})
}


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
        shape = shape_of(kind)
        if shape is None:
            return None
        walker = self._procura if shape.is_procura else self._elements
        if shape.is_list:
            return walker.list(shape.model)
        if shape.rel is not None:
            return walker.collection(shape.model, shape.rel)
        return walker.record(shape.model)


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

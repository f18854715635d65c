"""Which tables the kinds of resource fill, and with which keys. Pure.

A record of a dossier is one row, with the id of its dossier and of what it hangs on. An adviseur or
a kantoor is many dossiers': it is one row, and so is its contact data, and a table tells which
dossier has which. A dossier of Procura is one row of ``dossiers``, whatever its type, and its
detail one of its type's table.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from elements_procura.elements._wire import elements_wire
from elements_procura.elements.kinds import KINDS
from elements_procura.export.cells import Column, Type, Typed
from elements_procura.harvest.shapes import CASES, Shape, shape_of
from elements_procura.procura._wire import procura_wire
from elements_procura.procura.models.common import Case, Dossier
from elements_procura.procura.source import CONTENT

FIRMS = {"adviseurs": "adviseur", "kantoor": "kantoor"}
"""Kinds whose records many dossiers have, and what each of those is called."""


@attrs.frozen
class Table:
    """A table of an export."""

    name: str
    columns: tuple[Column, ...]


@attrs.frozen
class Feed:
    """What the records of one kind give to one table.

    Attributes:
        table: Its name.
        typed: Makes the cells that follow the keys.
        owner: Where in a path the id stands of what the record hangs on, split at the slashes; None
            if it hangs on the dossier itself.
        part: The record is this part of what is in the body; None for all of it.
    """

    table: str
    typed: Typed
    owner: int | None = None
    part: str | None = None

    def pick(self, raw: Any) -> Any:
        """The record, out of what is in the body."""
        return raw.get(self.part) if self.part and isinstance(raw, dict) else raw


class Layout:
    """The tables of an export.

    Args:
        kinds: Names of what is to be exported.

    Attributes:
        tables: By name.
        own: What fills them with a dossier's own records, by kind.
        firms: The same with records that many dossiers have, such as adviseurs.
        shared: The same with what hangs on those.
        left_out: Kinds that there is no model of.
    """

    def __init__(self, kinds: Iterable[str]) -> None:
        self._wires = {False: elements_wire(), True: procura_wire()}
        self.tables: dict[str, Table] = {}
        self.own: dict[str, list[Feed]] = {}
        self.firms: dict[str, Feed] = {}
        self.shared: dict[str, Feed] = {}
        self.left_out: list[str] = []
        for kind in sorted(kinds):
            shape = shape_of(kind)
            if shape is None:
                self.left_out.append(kind)
            elif kind in FIRMS:
                self._add_firm(kind, shape)
            elif (firm := kind.partition("/")[0]) in FIRMS.values():
                owner = Column(f"{firm}_id", Type.INTEGER)
                self.shared[kind] = self._feed(table_of(kind), shape, (owner,))
            elif shape.is_procura:
                self.own[kind] = self._of_procura(kind, shape)
            else:
                keys: tuple[Column, ...] = (_ELEMENTS_ID,)
                name, where = _owner_in(KINDS[kind].template)
                if name is not None:
                    keys += (Column(name, Type.INTEGER),)
                self.own[kind] = [self._feed(table_of(kind), shape, keys, owner=where)]

    def _add_firm(self, kind: str, shape: Shape) -> None:
        self.firms[kind] = self._feed(kind, shape, ())
        name = links_of(kind)
        other = Column(f"{FIRMS[kind]}_id", Type.INTEGER)
        self.tables[name] = Table(name, (_ELEMENTS_ID, other))

    def _of_procura(self, kind: str, shape: Shape) -> list[Feed]:
        if not issubclass(shape.model, Case | Dossier):
            return [self._feed(table_of(kind), shape, (_PROCURA_ID,))]
        part = "dossier" if issubclass(shape.model, Case) else None
        inner = attrs.evolve(shape, model=Dossier)
        without = frozenset({"dossier_id"})
        feeds = [self._feed("dossiers", inner, (_PROCURA_ID,), without=without, part=part)]
        if part is not None:
            without = frozenset({part})
            feeds.append(self._feed(table_of(kind), shape, (_PROCURA_ID,), without=without))
        return feeds

    def _feed(
        self,
        table: str,
        shape: Shape,
        keys: tuple[Column, ...],
        *,
        owner: int | None = None,
        without: frozenset[str] = frozenset(),
        part: str | None = None,
    ) -> Feed:
        typed = Typed(self._wires[shape.is_procura], shape.model, without=without)
        self.tables[table] = Table(table, (*keys, *typed.columns))
        return Feed(table, typed, owner, part)


def raw_tables(kinds: Iterable[str]) -> Mapping[str, Table]:
    """The tables of bodies as they came, by kind.

    A body stands in ``body`` if it is text, and else in ``base64``.
    """
    columns = tuple(Column(name, Type.TEXT) for name in ("path", "since", "body", "base64"))
    return {
        kind: Table(table_of(kind), (_ELEMENTS_ID if kind in KINDS else _PROCURA_ID, *columns))
        for kind in sorted(kinds)
    }


def table_of(kind: str) -> str:
    """What the table of a kind is called."""
    return "dossiers" if kind == "dossier" else kind.replace("/", "_")


def links_of(kind: str) -> str:
    """What the table is called that tells which dossier has which adviseur or kantoor."""
    return f"dossier_{kind}"


def known_kinds() -> frozenset[str]:
    """Every kind that a harvest may store."""
    return frozenset((*KINDS, *CASES, "documents", CONTENT))


def _owner_in(template: str) -> tuple[str | None, int | None]:
    """The name of the id that follows the dossier's in a path, and where it stands.

    A path that ends with it is the record's own: its id is among its fields.
    """
    *steps, _ = template.split("/")
    ids = [(step, where) for where, step in enumerate(steps) if step.startswith("{")]
    if len(ids) < _WITH_OWNER:
        return None, None
    step, where = ids[-1]
    return step.strip("{}").lower(), where


_ELEMENTS_ID = Column("dossier_id", Type.INTEGER)
_PROCURA_ID = Column("dossier_id", Type.TEXT)
_WITH_OWNER = 2  # ids in a path: that of the dossier and another one

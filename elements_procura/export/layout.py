"""The tables of an export as data: names, columns, types, keys, and where each column comes from.

One description for every target, made from the models and the API's SPEC. Pure.

A record of a dossier is one row, with the ids of its dossier and of its parent record. One that
many dossiers share, such as an adviseur, is one row, and so is its contact data; a table of links
tells which dossier has which. A record with several sections is one row of each section's table. A
list of records within a record is a table called after both, ``hypotheken_productdelen``.

Every table ends with the same columns: see :data:`SYSTEM`. ``row_id`` identifies a row, tonight
and on every night after it; ``parent_id`` is that of the record which a record within belongs to.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from elements_procura.export.cells import Column, NestedList, RowMaker, Type
from elements_procura.spec.harvest import HarvestSpec
from elements_procura.spec.shapes import Section, Shape

ROW, PARENT, RESOURCE = "row_id", "parent_id", "resource_id"
FETCHED, CHANGED, DELETED, MARK = "fetched_at", "changed_at", "deleted_at", "mark"
SYSTEM = (
    Column(ROW, Type.TEXT),
    Column(RESOURCE, Type.INTEGER),
    Column(FETCHED, Type.INSTANT),
    Column(CHANGED, Type.INSTANT),
    Column(DELETED, Type.INSTANT),
    Column(MARK, Type.TEXT),
)
"""The columns that every table ends with.

``resource_id`` is the number of the stored body that a row is made of, ``fetched_at`` the last time
that it was fetched, ``changed_at`` the first time that it was fetched as it is, ``deleted_at`` when
the row was found gone, ``mark`` why it may be out of date: ``doubted``, ``forbidden``,
``quarantined``, ``stale``, ``listed``.
"""
_PARENT = Column(PARENT, Type.TEXT)


@attrs.frozen
class Reference:
    """A key of another table.

    Attributes:
        column: The column that holds it.
        table: The other table.
        to: Its column there.
        is_certain: Whether the other row is always there: both come from one body. Of others, a
            right may be missing, or the other body not be read yet.
    """

    column: str
    table: str
    to: str
    is_certain: bool = False


@attrs.frozen
class Table:
    """A table of an export.

    Attributes:
        name: Its name.
        columns: In order, those of :data:`SYSTEM` last.
        references: Keys of other tables.
        kinds: The kinds of resource that its rows are made of.
        source: Where its records stand in a body, after the kind; empty for the body's own.
    """

    name: str
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()
    kinds: tuple[str, ...] = ()
    source: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row."""
        return (ROW,) if self.columns[-1].name == MARK else ()


@attrs.frozen
class Node:
    """A table with those of the lists within its records.

    Attributes:
        table: Its name.
        typed: Makes the cells between the keys and the columns of the store.
        children: One for each of ``typed.nested``.
        id_at: The position of ``id`` among the cells; None if they have none.
        keys: How many columns of keys come first.
    """

    table: str
    typed: RowMaker
    children: tuple["Node", ...] = ()
    id_at: int | None = None
    keys: int = 0


@attrs.frozen
class Feed:
    """The contribution of one kind's records to one table.

    Attributes:
        section: The part of a record that goes there.
        node: The table, with those of the lists within.
        owner: The position of the parent's id in a path, split at the slashes; None if the parent
            is the dossier itself.
        own_id: The same of the record's own id, where a path ends with one that is no dossier's.
        is_alone: Whether a body holds one record alone.
    """

    section: Section
    node: Node
    owner: int | None = None
    own_id: int | None = None
    is_alone: bool = False

    def pick(self, raw: Any) -> Any:
        """Pick the record from a record of the body."""
        return self.section.pick(raw)


class Layout:
    """The tables of an export.

    Args:
        spec: The description of the API's dossiers.
        kinds: Names of the kinds to export; None for all that are documented.

    Attributes:
        tables: By name.
        own: The feeds of a dossier's own records, by kind.
        firms: The feeds of records that many dossiers share, such as adviseurs.
        shared: The feeds of the contact data of those.
        left_out: Kinds without a model.
    """

    def __init__(self, spec: HarvestSpec, kinds: Iterable[str] | None = None) -> None:
        self._spec = spec
        self._dossier = dossier_column(spec)
        self.tables: dict[str, Table] = {}
        self.own: dict[str, list[Feed]] = {}
        self.firms: dict[str, Feed] = {}
        self.shared: dict[str, Feed] = {}
        self.left_out: list[str] = []
        for kind in sorted(spec.kinds if kinds is None else kinds):
            shape = spec.shape_of(kind)
            if shape is None:
                self.left_out.append(kind)
            elif kind in spec.shared:
                self._add_firm(kind, shape)
            elif (firm := kind.partition("/")[0]) in spec.shared.values():
                owner = Column(f"{firm}_id", Type.INTEGER)
                table = next(each for each, word in spec.shared.items() if word == firm)
                to = (Reference(owner.name, spec.table_of(table), "id"),)
                self.shared[kind] = self._feed(kind, shape.sections[0], (owner,), to)
            else:
                self._add_own(kind, shape)
        for each in [*self.tables.values()]:
            known = tuple(key for key in each.references if key.table in self.tables)
            self.tables[each.name] = attrs.evolve(each, references=known)

    def with_tables(self, tables: dict[str, Table]) -> "Layout":
        """The same, with these in the place of its tables."""
        other = copy.copy(self)
        other.tables = tables
        return other

    @property
    def kinds(self) -> set[str]:
        """The kinds of resource that rows are made of."""
        return self.own.keys() | self.firms.keys() | self.shared.keys()

    def _add_own(self, kind: str, shape: Shape) -> None:
        keys: tuple[Column, ...] = (self._dossier,)
        name, where = _owner_in(self._spec.kinds[kind].template)
        to: tuple[Reference, ...] = (Reference(self._dossier.name, "dossiers", "dossier_id"),)
        if name is not None:
            keys += (Column(name, Type.INTEGER),)
            to += (Reference(name, kind.partition("/")[0], "id"),)
        self.own[kind] = [
            self._feed(
                kind,
                section,
                keys,
                to[1:] if section.table == "dossiers" or kind == "dossier" else to,
                owner=where,
            )
            for section in shape.sections
        ]

    def _add_firm(self, kind: str, shape: Shape) -> None:
        self.firms[kind] = self._feed(kind, shape.sections[0], (), ())
        name = links_of(kind)
        other = Column(f"{self._spec.shared[kind]}_id", Type.INTEGER)
        to = (
            Reference(self._dossier.name, "dossiers", "dossier_id"),
            Reference(other.name, self._spec.table_of(kind), "id"),
        )
        self.tables[name] = Table(name, (self._dossier, other, *SYSTEM), to, (kind,))

    def _feed(
        self,
        kind: str,
        section: Section,
        keys: tuple[Column, ...],
        to: tuple[Reference, ...],
        *,
        owner: int | None = None,
    ) -> Feed:
        table = section.table or self._spec.table_of(kind)
        typed = RowMaker(self._spec.wire, section.model, without=section.without)
        ids = [*_ids_in(self._spec.kinds[kind].template)]
        is_own = self._spec.kinds[kind].template.endswith("}")
        name = ids[-1] if is_own and len(ids) >= _WITH_OWNER else f"{table}_id"
        node = self._node(kind, table, typed, keys, to, "", name)
        shape = self._spec.shape_of(kind)
        is_alone = shape is not None and shape.rel is None and not shape.is_list
        last = self._spec.kinds[kind].template.count("/") if name in ids else None
        return Feed(section, node, owner, last, is_alone)

    def _node(  # noqa: PLR0917 - a table is described by all of them
        self,
        kind: str,
        table: str,
        typed: RowMaker,
        keys: tuple[Column, ...],
        to: tuple[Reference, ...],
        source: str,
        own_id: str,
    ) -> Node:
        system = SYSTEM if not source else (SYSTEM[0], _PARENT, *SYSTEM[1:])
        before = self.tables.get(table)
        kinds = (kind,) if before is None else tuple(sorted({*before.kinds, kind}))
        self.tables[table] = Table(table, (*keys, *typed.columns, *system), to, kinds, source)
        # What hangs on a record within has that one's id, and the dossier's.
        inner = keys[:1]
        if typed.has_id:
            inner += (Column(own_id, Type.INTEGER),)
        children = [
            self._child(kind, table, each, inner, f"{source}.{each.source}".strip("."))
            for each in typed.nested
        ]
        names = [column.name for column in typed.columns]
        id_at = names.index("id") if typed.has_id else None
        return Node(table, typed, tuple(children), id_at, len(keys))

    def _child(
        self, kind: str, table: str, nested: NestedList, keys: tuple[Column, ...], source: str
    ) -> Node:
        name = f"{table}_{nested.name}"
        own = {column.name for column in nested.rows.columns}
        keys = tuple(each for each in keys if each.name not in own)
        to: tuple[Reference, ...] = (Reference(PARENT, table, ROW, is_certain=True),)
        if any(each.name == "dossier_id" for each in keys):
            to += (Reference("dossier_id", "dossiers", "dossier_id"),)
        return self._node(kind, name, nested.rows, keys, to, source, f"{name}_id")


def dossier_column(spec: HarvestSpec) -> Column:
    """The column that holds a dossier's id."""
    return Column("dossier_id", Type.INTEGER if spec.dossier_id is int else Type.TEXT)


def raw_tables(spec: HarvestSpec, kinds: Iterable[str]) -> Mapping[str, Table]:
    """The tables of bodies as they came, by kind.

    A body stands in ``body`` if it is text, and else in ``base64``.

    Args:
        spec: The description of the API's dossiers.
        kinds: Names of the kinds to export.
    """
    dossier = dossier_column(spec)
    columns = tuple(Column(name, Type.TEXT) for name in ("path", "since", "body", "base64"))
    return {kind: Table(spec.table_of(kind), (dossier, *columns)) for kind in sorted(kinds)}


def links_of(kind: str) -> str:
    """The name of the table that links dossiers to an adviseur or kantoor."""
    return f"dossier_{kind}"


def _ids_in(template: str) -> Iterator[str]:
    return (step.strip("{}").lower() for step in template.split("/") if step.startswith("{"))


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


_WITH_OWNER = 2  # ids in a path: that of the dossier and another one

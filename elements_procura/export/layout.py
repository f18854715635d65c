"""The tables of an export, and the keys of their rows. Pure.

A record of a dossier is one row, with the ids of its dossier and of its parent record. One that
many dossiers share, such as an adviseur, is one row, and so is its contact data; a table of links
tells which dossier has which. A record with several sections is one row of each section's table.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from elements_procura.export.cells import Column, RowMaker, Type
from elements_procura.spec.harvest import HarvestSpec
from elements_procura.spec.shapes import Section, Shape


@attrs.frozen
class Table:
    """A table of an export."""

    name: str
    columns: tuple[Column, ...]


@attrs.frozen
class Feed:
    """The contribution of one kind's records to one table.

    Attributes:
        section: The part of a record that goes there.
        table: Its name.
        typed: Makes the cells that follow the keys.
        owner: The position of the parent's id in a path, split at the slashes; None if the parent
            is the dossier itself.
    """

    section: Section
    table: str
    typed: RowMaker
    owner: int | None = None

    def pick(self, raw: Any) -> Any:
        """Pick the record from a record of the body."""
        return self.section.pick(raw)


class Layout:
    """The tables of an export.

    Args:
        spec: The description of the API's dossiers.
        kinds: Names of the kinds to export.

    Attributes:
        tables: By name.
        own: The feeds of a dossier's own records, by kind.
        firms: The feeds of records that many dossiers share, such as adviseurs.
        shared: The feeds of the contact data of those.
        left_out: Kinds without a model.
    """

    def __init__(self, spec: HarvestSpec, kinds: Iterable[str]) -> None:
        self._spec = spec
        self._dossier = dossier_column(spec)
        self.tables: dict[str, Table] = {}
        self.own: dict[str, list[Feed]] = {}
        self.firms: dict[str, Feed] = {}
        self.shared: dict[str, Feed] = {}
        self.left_out: list[str] = []
        for kind in sorted(kinds):
            shape = spec.shape_of(kind)
            if shape is None:
                self.left_out.append(kind)
            elif kind in spec.shared:
                self._add_firm(kind, shape)
            elif (firm := kind.partition("/")[0]) in spec.shared.values():
                owner = Column(f"{firm}_id", Type.INTEGER)
                self.shared[kind] = self._feed(kind, shape.sections[0], (owner,))
            else:
                keys: tuple[Column, ...] = (self._dossier,)
                name, where = _owner_in(spec.kinds[kind].template)
                if name is not None:
                    keys += (Column(name, Type.INTEGER),)
                self.own[kind] = [
                    self._feed(kind, section, keys, owner=where) for section in shape.sections
                ]

    def _add_firm(self, kind: str, shape: Shape) -> None:
        self.firms[kind] = self._feed(kind, shape.sections[0], ())
        name = links_of(kind)
        other = Column(f"{self._spec.shared[kind]}_id", Type.INTEGER)
        self.tables[name] = Table(name, (self._dossier, other))

    def _feed(
        self, kind: str, section: Section, keys: tuple[Column, ...], *, owner: int | None = None
    ) -> Feed:
        table = section.table or self._spec.table_of(kind)
        typed = RowMaker(self._spec.wire, section.model, without=section.without)
        self.tables[table] = Table(table, (*keys, *typed.columns))
        return Feed(section, table, typed, owner)


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

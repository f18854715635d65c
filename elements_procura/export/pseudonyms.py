"""Rows with pseudonyms in the place of what says who somebody is.

A pseudonym is the HMAC-SHA-256 of a value with a key of 32 random bytes, cut to 128 bits (63 where
a column holds numbers). Equal values get equal ones, in every table, tenant and night with one key,
so joins hold. Without the key nobody can make the table of the 10^9 citizen service numbers that
would invert a plain hash: each guess needs the key.

The treatment of a column follows from its description at the model, see :func:`action_of`; a column
that has none is left out.
"""

import datetime as dt
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import attrs

from elements_procura.disk.errors import disk_errors
from elements_procura.disk.small_file import read_small
from elements_procura.errors import ConfigError, InputError
from elements_procura.export.cells import Column, Row, Type
from elements_procura.export.layout import PARENT, ROW, SYSTEM, Table
from elements_procura.export.rows import RowTarget
from elements_procura.harvest.erasure.spellings import account, bsn, telephone
from elements_procura.schema.descriptions import Description, Personal, Sort, known_descriptions

_KEY_BYTES = 32
_OTHERS_MAY = 0o077


class Action(StrEnum):
    """The treatment of a column."""

    KEPT = "kept"
    KNOWN = "documented values kept"
    REPLACED = "replaced"
    YEAR = "year"
    DIGITS = "four digits"
    LEFT_OUT = "left out"


def make_key(path: Path) -> None:
    """Make a key file, readable by its owner alone.

    Raises:
        StoreError: It exists, or cannot be made.
    """
    with disk_errors(f"{path} cannot be made", path, hint="Choose a file that is not there"):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(_KEY_BYTES)}\n")


def read_key(path: Path) -> bytes:
    """Read a key file.

    Raises:
        StoreError: It cannot be read.
        ConfigError: It holds another thing than a key, or others may read it.
    """
    with disk_errors(f"{path} cannot be read", path, hint="Make one: elements-procura keyfile"):
        mode, text = path.stat().st_mode, read_small(path).decode("utf-8", "replace").strip()
    if os.name == "posix" and mode & _OTHERS_MAY:
        raise ConfigError(f"others may read {path}", hint=f"chmod 600 {path}")
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ConfigError(f"{path} holds another thing than a key", hint="elements-procura keyfile")
    return bytes.fromhex(text)


def action_of(table: str, column: Column, kept: Collection[str] = ()) -> Action:
    """Decide by its description how a column is treated.

    ======================= =====================================================================
    column                  action
    ======================= =====================================================================
    ids, keys, identifiers  replaced
    a day in a life         the year
    a postal code           its four digits
    other contact data      replaced where it is text, else left out
    free text, JSON, extra  left out
    undescribed             left out
    texts that fit many     kept if documented (sex, role), else left out; where any may come,
                            replaced (nationality, civil status)
    all else                kept: amounts, dates of contracts, statuses
    ======================= =====================================================================

    Args:
        table: The table's name.
        column: The column.
        kept: Columns that stay as they are, as ``table.column`` or ``column``.
    """
    if column.name in kept or f"{table}.{column.name}" in kept:
        return Action.KEPT
    if column.model is None:
        if column in SYSTEM and column.name != ROW:
            return Action.KEPT
        return Action.REPLACED if column.name.endswith("_id") else Action.LEFT_OUT
    told = known_descriptions(column.model).get(column.attribute)
    return Action.LEFT_OUT if told is None else _of_described(told, column)


def _of_described(told: Description, column: Column) -> Action:
    cells = column.type
    if told.sort is Sort.LIFEDATE:
        return Action.YEAR
    if cells is Type.JSON or told.personal is Personal.TEXT:
        return Action.LEFT_OUT
    if told.sort is Sort.POSTCODE:
        return Action.DIGITS
    if told.personal is Personal.TRAIT and cells is Type.TEXT:
        # Whatever else a server puts there may be anything.
        return Action.KNOWN if column.choices else Action.REPLACED
    if told.personal in _OF_NOBODY:
        return Action.KEPT
    is_id = told.personal is Personal.IDENTIFIER and cells is Type.INTEGER
    return Action.REPLACED if is_id or cells is Type.TEXT else Action.LEFT_OUT


_OF_NOBODY = (Personal.NONE, Personal.TRAIT, Personal.FINANCIAL)


def column_names(tables: Iterable[Table]) -> set[str]:
    """The names by which columns can be kept: ``TABLE.COLUMN`` and ``COLUMN`` of each."""
    of_tables = [(table.name, column.name) for table in tables for column in table.columns]
    return {name for table, column in of_tables for name in (column, f"{table}.{column}")}


def unknown_columns(names: Iterable[str]) -> InputError:
    """Columns that are to be kept, and are in no table."""
    return InputError(
        f"unknown columns: {', '.join(sorted(names))}", hint="Name them TABLE.COLUMN or COLUMN"
    )


class Pseudonyms:
    """Makes pseudonyms.

    Args:
        key: 32 random bytes.
        kept: Columns that stay as they are, as ``table.column`` or ``column``.
    """

    def __init__(self, key: bytes, kept: Iterable[str] = ()) -> None:
        self._mac = hmac.new(key, digestmod=hashlib.sha256)
        self.kept: frozenset[str] = frozenset(kept)

    @property
    def fingerprint(self) -> str:
        """The same for the same key; says nothing of it."""
        return self._of("key", "fingerprint").hex()[:8]

    @property
    def identity(self) -> str:
        """What the pseudonyms of a target have in common: the key, and the columns without."""
        return ",".join((self.fingerprint, *sorted(self.kept)))

    def tables(self, tables: Mapping[str, Table]) -> dict[str, Table]:
        """The tables as they are with pseudonyms.

        Raises:
            InputError: A column to be kept is not there.
        """
        if unknown := self.kept - column_names(tables.values()):
            raise unknown_columns(unknown)
        return {name: self._table(table) for name, table in tables.items()}

    def _table(self, table: Table) -> Table:
        columns = tuple(
            attrs.evolve(column, type=Type.INTEGER) if action is Action.YEAR else column
            for column, action in self.actions(table)
            if action is not Action.LEFT_OUT
        )
        left = {column.name for column in columns}
        known = tuple(each for each in table.references if each.column in left)
        return attrs.evolve(table, columns=columns, references=known)

    def actions(self, table: Table) -> list[tuple[Column, Action]]:
        """The treatment of each column of a table."""
        return [(each, action_of(table.name, each, self.kept)) for each in table.columns]

    def report(self, tables: Mapping[str, Table]) -> dict[str, dict[str, str]]:
        """What was done to each column, by table."""
        return {
            name: {column.name: str(action) for column, action in self.actions(table)}
            for name, table in sorted(tables.items())
        }

    def manifest(self, manifest: Mapping[str, Any], tables: Mapping[str, Table]) -> dict[str, Any]:
        """A manifest without ids of dossiers, with what was done to the columns of the tables."""
        concerns = [each for each in manifest["concerns"] if ":" not in str(each.get("subject"))]
        done = {"key": self.fingerprint, "columns": self.report(tables)}
        return {**manifest, "whose": {}, "concerns": concerns, "pseudonymised": done}

    def maker(self, table: Table) -> Callable[[Row], Row]:
        """Make the function that makes a row of a table with pseudonyms."""
        made = [
            (at, self._cell(column, action))
            for at, (column, action) in enumerate(self.actions(table))
            if action is not Action.LEFT_OUT
        ]
        return lambda row: tuple(row[at] if make is None else make(row[at]) for at, make in made)

    def _cell(self, column: Column, action: Action) -> Callable[[Any], Any] | None:
        if action is Action.KNOWN:
            return lambda value: value if value in column.choices else None
        if action is not Action.REPLACED:
            return _COARSER.get(action)
        told: Description | None = None
        if column.model is not None:
            told = known_descriptions(column.model)[column.attribute]
        sort = told.sort if told is not None else Sort.RECORD
        if column.name in (ROW, PARENT) and column.model is None:
            return self._texts("row", str)
        spell = _SPELL.get(sort, str.strip)
        if column.type is Type.INTEGER:
            return self._numbers(sort)
        return self._texts(sort, spell)

    def _texts(self, sort: str, spell: Callable[[str], str]) -> Callable[[Any], Any]:
        def make(value: Any) -> Any:
            return value if value in (None, "") else self._of(sort, spell(str(value))).hex()[:32]

        return make

    def _numbers(self, sort: str) -> Callable[[Any], Any]:
        def make(value: Any) -> Any:
            if value is None:
                return None
            return int.from_bytes(self._of(sort, str(value))[:8], "big") >> 1

        return make

    def _of(self, sort: str, value: str) -> bytes:
        mac = self._mac.copy()
        mac.update(f"{sort}\0{value}".encode(errors="surrogatepass"))
        return mac.digest()


def _citizen(text: str) -> str:
    return bsn(text) or text.strip()


_SPELL: dict[Sort, Callable[[str], str]] = {
    Sort.BSN: _citizen,
    Sort.EMAIL: lambda text: text.strip().casefold(),
    Sort.TELEPHONE: telephone,
    Sort.IBAN: account,
    Sort.NAME: lambda text: text.strip().casefold(),
}


def year(value: Any) -> int | None:
    """The year of a date, of an instant, of a register's number, or of a text that begins so."""
    if isinstance(value, dt.date):
        return value.year
    found = re.search(r"\d{4}", str(value)) if value is not None else None
    return int(found[0]) or None if found else None


def four_digits(value: Any) -> str | None:
    """The digits of a Dutch postal code; None of anything else."""
    found = re.match(r"\s*(\d{4})(?!\d)", str(value)) if value is not None else None
    return found[1] if found else None


_COARSER: dict[Action, Callable[[Any], Any]] = {
    Action.YEAR: year,
    Action.DIGITS: four_digits,
}


class Pseudonymous:
    """Hands rows on with pseudonyms.

    Args:
        into: Takes them.
        pseudonyms: Makes them.
        tables: As they are without.
    """

    def __init__(
        self, into: RowTarget, pseudonyms: Pseudonyms, tables: Mapping[str, Table]
    ) -> None:
        self._into = into
        self._make = {name: pseudonyms.maker(table) for name, table in tables.items()}

    def add(self, table: str, row: Row, *, is_typed: bool = True, misfits: int = 0) -> None:
        """Take a row."""
        self._into.add(table, self._make[table](row), is_typed=is_typed, misfits=misfits)

    def skip(self) -> None:
        """Count a body or a record that cannot be read."""
        self._into.skip()

    def note(self, what: str, resource: int, kind: str | None, at: dt.datetime | None) -> None:
        """Take note of a resource."""
        self._into.note(what, resource, kind, at)

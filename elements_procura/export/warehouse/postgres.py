"""Tables in a PostgreSQL database: a schema for each tenant, one transaction for each export."""

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from typing import Any, cast

import psycopg
from psycopg import sql

from elements_procura._postgres import reason_of, step_after
from elements_procura.errors import ConfigError, InputError, StoreError
from elements_procura.export.cells import Row, Type
from elements_procura.export.dictionary import comments
from elements_procura.export.layout import Layout, Table
from elements_procura.export.texts import storable
from elements_procura.export.warehouse.keeping import FoundNote
from elements_procura.export.warehouse.merging import (
    NOTES,
    endings,
    living,
    merges,
    quoted,
    stage_of,
)
from elements_procura.export.warehouse.note import schema_of
from elements_procura.harvest.address import ServerAddress

_TYPES = {
    Type.TEXT: "text",
    Type.INSTANT: "timestamptz",
    Type.INTEGER: "bigint",
    Type.DECIMAL: "numeric",
    Type.DATE: "date",
    Type.BOOLEAN: "boolean",
    Type.JSON: "json",
}
_STANDING = "_export"
_AT_ONCE = 200  # rows of a table that are held back: dozens of tables are filled at once
_TO_BUILD = "__new"
_LONGEST = 63 - len(_TO_BUILD)  # bytes of a schema's name
_PATIENCE = 30  # seconds that readers are waited for, where tables are replaced
_TRY = 500  # milliseconds of it at once: PostgreSQL looks for deadlocks after a second
_PAUSE = 0.2  # seconds in which readers go on


class PostgresTarget:
    """A database that tables are kept in.

    Args:
        url: ``postgresql://user@host/database``, without a password: libpq takes it from PGPASSWORD
            or ``~/.pgpass``.
        schema: The schema's name; by default called after API and tenant.

    Raises:
        ConfigError: The URL names something else.
        InputError: The schema's name is too long.
    """

    def __init__(self, url: str, *, schema: str | None = None) -> None:
        self.state: Any = None
        mark = "&" if "?" in url else "?"
        try:
            self._address = ServerAddress.of(f"{url}{mark}store=tables")
        except ConfigError as error:
            raise ConfigError(
                str(error.args[0]).replace("a store's URL", "the URL"),
                hint="Write postgresql://user@host/database; the password is PGPASSWORD",
            ) from None
        self._schema = schema
        if schema is not None and len(schema.encode()) > _LONGEST:
            raise InputError(f"a schema's name has at most {_LONGEST} bytes", hint="Shorten it")

    @contextlib.contextmanager
    def open(self, layout: Layout, api: str, tenant: str) -> Iterator["OpenPostgres"]:
        """Begin the transaction.

        Raises:
            StoreError: The server cannot be used, or another export into the schema is under way.
        """
        schema = self._schema or schema_of(api, tenant)
        name = f"{self._address.libpq['dbname']}/{schema}"
        with _errors(name), psycopg.connect(**{"connect_timeout": 10, **self._address.libpq}) as db:
            db.execute("SET LOCAL timezone TO 'UTC'")
            (is_free,) = cast(
                "tuple[bool]",
                db.execute(
                    "SELECT pg_try_advisory_xact_lock(hashtext('elements-procura'), hashtext(%s))",
                    (schema,),
                ).fetchone(),
            )
            if not is_free:
                raise StoreError(f"an export into {name} is under way", hint="Wait for it to end")
            yield OpenPostgres(db, layout, schema, name)


class OpenPostgres:
    """A schema inside the transaction of an export.

    Args:
        db: The connection.
        layout: The tables.
        schema: The schema's name.
        name: What people call it.
    """

    def __init__(self, db: psycopg.Connection[Any], layout: Layout, schema: str, name: str) -> None:
        self._db = db
        self._layout = layout
        self._schema = schema
        self.name = name
        self.can_erase: bool = True
        self._home = f"{quoted(schema)}."
        self._anew = self._wrote = False
        self._waiting: dict[str, list[Row]] = {each: [] for each in layout.tables}
        self._staged = dict.fromkeys(layout.tables, 0)
        self._notes: list[tuple[Any, ...]] = []
        self._kinds: set[str] = set()
        self._erased = False
        self._json = {
            name: [at for at, column in enumerate(table.columns) if column.type is Type.JSON]
            for name, table in layout.tables.items()
        }

    # -- what is there -----------------------------------------------------------------------

    def standing(self) -> FoundNote | None:
        """The note of the last export; None for a new target.

        Raises:
            StoreError: The schema is there and holds something else.
        """
        there = self._one("SELECT count(*) FROM pg_namespace WHERE nspname = %s", self._schema)
        if not there:
            return None
        if self._one("SELECT to_regclass(%s)", f"{self._home}{_STANDING}") is None:
            held = self._one("SELECT count(*) FROM pg_tables WHERE schemaname = %s", self._schema)
            if held:
                raise StoreError(
                    f"{self.name} holds tables that are no export", hint="Choose another --schema"
                )
            return None
        note = f"{self._home}{_STANDING}"
        columns = (
            "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass(%s)"
            " AND attname = 'standing' AND NOT attisdropped"
        )
        if not self._one(columns, note):
            return FoundNote("")
        return FoundNote(self._one(f"SELECT max(standing::text) FROM {note}") or "")

    def living(self) -> dict[str, int]:
        """Count the rows of each table, but for those that are deleted."""
        held = self._run(
            "SELECT table_name, string_agg(column_name || ' ' || data_type, ',' "
            "ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = '"
            + self._schema.replace("'", "''")
            + "' GROUP BY table_name"
        ).fetchall()
        there = dict(held)
        full = {"timestamptz": "timestamp with time zone"}
        for name, table in self._layout.tables.items():
            types = [_TYPES[column.type] for column in table.columns]
            own = ",".join(
                f"{column.name} {full.get(type_, type_)}"
                for column, type_ in zip(table.columns, types, strict=True)
            )
            if there.get(name) != own:
                raise StoreError(
                    f"{self.name} was altered since the last export: {name} is not as it was made",
                    hint="Say --force to write all of it anew, or choose another target",
                )
        return dict(self._run(living(self._layout, home=self._home)).fetchall())

    # -- rows --------------------------------------------------------------------------------

    def begin(self, *, anew: bool, note: str) -> None:
        """Make ready for rows."""
        del note
        self._anew, self._wrote = anew, True
        if anew:
            self._run(f"CREATE SCHEMA {quoted(self._schema + _TO_BUILD)}")
            self._run(f"SET LOCAL search_path TO {quoted(self._schema + _TO_BUILD)}")
            for table in self._layout.tables.values():
                self._run(f"CREATE TABLE {quoted(table.name)} ({_columns(table)})")
                self._run("; ".join(comments(table, quoted)))
            return
        self._run(
            f"CREATE TEMP TABLE {NOTES} (what text, resource_id bigint, kind text,"
            " moment timestamptz) ON COMMIT DROP"
        )

    def add(self, table: str, row: Row, *, is_typed: bool = True, misfits: int = 0) -> None:
        """Take a row."""
        del is_typed, misfits
        waiting = self._waiting[table]
        waiting.append(row)
        if len(waiting) >= _AT_ONCE:
            self._send(table)

    def skip(self) -> None:
        """Do nothing: whoever counts does so before."""

    def note(self, what: str, resource: int, kind: str | None, at: dt.datetime | None) -> None:
        """Take note of a resource."""
        self._notes.append((what, resource, kind, at))
        self._erased = self._erased or what == "erased"
        if kind is not None:
            self._kinds.add(kind)
        if len(self._notes) >= _AT_ONCE:
            self._send_notes()

    def _send_notes(self) -> None:
        with self._db.cursor().copy(f"COPY {NOTES} FROM STDIN") as copy:
            for note in self._notes:
                copy.write_row(note)
        self._notes.clear()

    def _send(self, name: str) -> None:
        rows, self._waiting[name] = self._waiting[name], []
        if not rows:
            return
        table = self._layout.tables[name]
        into = name if self._anew else stage_of(table)
        if not self._anew and not self._staged[name]:
            self._run(f"CREATE TEMP TABLE {quoted(into)} ({_columns(table)}) ON COMMIT DROP")
        self._staged[name] += len(rows)
        # Frozen rows of a new table are seen by whoever began to look before it was there, too:
        # without them, that one would see tables without rows.
        how = " WITH (FREEZE)" if self._anew else ""
        with self._db.cursor().copy(f"COPY {quoted(into)} FROM STDIN{how}") as copy:
            for row in rows:
                try:
                    copy.write_row(row)
                except (psycopg.DataError, UnicodeEncodeError):
                    copy.write_row([storable(cell) for cell in row])

    # -- the end -----------------------------------------------------------------------------

    def merge(self) -> dict[str, int]:
        """Bring the tables up to date; count their rows."""
        for name in self._layout.tables:
            self._send(name)
        if self._anew:
            self._replace()
        else:
            self._send_notes()
            self._run(f"CREATE INDEX ON {NOTES} (resource_id); ANALYZE {NOTES}")
            for name, table in self._layout.tables.items():
                staged = self._staged[name]
                if not staged and not self._erased and not self._kinds & {*table.kinds}:
                    continue
                if not staged:
                    stage = quoted(stage_of(table))
                    self._run(f"CREATE TEMP TABLE {stage} (row_id text) ON COMMIT DROP")
                self._run("; ".join(self._merges(table, staged)))
            self._run("; ".join(endings(self._layout, home=self._home, erased=self._erased)))
        return dict(self._run(living(self._layout, home=self._home)).fetchall())

    def _merges(self, table: Table, staged: int) -> Iterator[str]:
        yield from merges(
            self._layout,
            table,
            home=self._home,
            staged=staged,
            erased=self._erased,
            upserts=True,
        )

    def _replace(self) -> None:
        """Give the new tables keys, and put them in the place of the old ones."""
        for table in self._layout.tables.values():
            own = quoted(table.name)
            self._run(f"ALTER TABLE {own} ADD PRIMARY KEY (row_id)")
            self._run(f"CREATE INDEX ON {own} (resource_id)")
        for table in self._layout.tables.values():
            for key in table.references:
                if key.is_certain:
                    self._run(
                        f"ALTER TABLE {quoted(table.name)} ADD FOREIGN KEY ({quoted(key.column)})"
                        f" REFERENCES {quoted(key.table)} ({quoted(key.to)})"
                        " ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"
                    )
        self._run(f"CREATE TABLE {_STANDING} (standing text NOT NULL)")
        self._run("SET CONSTRAINTS ALL IMMEDIATE")
        self._run(f"CREATE SCHEMA IF NOT EXISTS {quoted(self._schema)}")
        names = [*self._layout.tables, _STANDING]
        there = self._run(
            "SELECT tablename FROM pg_tables WHERE schemaname = '"
            + self._schema.replace("'", "''")
            + "'"
        ).fetchall()
        old = [f"{self._home}{quoted(name)}" for (name,) in there if name in names]
        if old:
            self._lock(old)
            self._run(f"DROP TABLE {', '.join(old)}")
        for name in names:
            self._run(f"ALTER TABLE {quoted(name)} SET SCHEMA {quoted(self._schema)}")
        self._run(f"DROP SCHEMA {quoted(self._schema + _TO_BUILD)}")

    def _lock(self, tables: list[str]) -> None:
        """Wait until nobody reads tables, and keep others from beginning to.

        Whoever reads one of them and wants another would wait for this, and this for them: so it
        lets go of all that it has got before the server calls that a deadlock, and tries again.
        """
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                with self._db.transaction():
                    self._run(f"SET LOCAL statement_timeout = {_TRY}")
                    self._run(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
                    self._run("SET LOCAL statement_timeout TO DEFAULT")
            except psycopg.errors.QueryCanceled:
                if time.monotonic() > until:
                    raise psycopg.errors.LockNotAvailable from None
            else:
                return
            time.sleep(_PAUSE)

    def seal(self, before: Any) -> list[int]:
        """The numbers of the transactions that have written rows."""
        own = [] if not self._wrote else [self._one("SELECT pg_current_xact_id()::xid::text::int8")]
        return [*(before or []), *own]

    def broken(self, seal: Any) -> list[str]:
        """The tables with rows of other transactions."""
        numbers = ",".join(str(int(number)) for number in seal or [])
        if not numbers:
            return []
        query = " UNION ALL ".join(
            f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {self._home}{quoted(name)} AS t"
            f" WHERE t.xmin <> ALL ('{{{numbers}}}'::xid[]) AND t.deleted_at IS NULL)"
            for name in self._layout.tables
        )
        return [name for (name,) in self._run(query).fetchall()]

    def keep(self, standing: str) -> None:
        """Write the note."""
        note = f"{self._home}{_STANDING}"
        if self._anew:
            with self._db.cursor().copy(f"COPY {note} FROM STDIN WITH (FREEZE)") as copy:
                copy.write_row((standing,))
            return
        self._run(f"DELETE FROM {note}")
        self._db.execute(f"INSERT INTO {note} VALUES (%s)", (standing,))

    def _run(self, statements: str) -> psycopg.Cursor[Any]:
        # Made of names of the layout alone, quoted.
        return self._db.execute(sql.SQL(statements))

    def _one(self, query: str, *parameters: Any) -> Any:
        found = self._db.execute(query, parameters or None).fetchone()
        return None if found is None else found[0]


def _columns(table: Table) -> str:
    return ", ".join(f"{quoted(column.name)} {_TYPES[column.type]}" for column in table.columns)


@contextlib.contextmanager
def _errors(name: str) -> Iterator[None]:
    """Raise a StoreError for whatever the server raises, without a value of a row."""
    try:
        yield
    except psycopg.errors.DependentObjectsStillExist:
        raise StoreError(
            f"{name} cannot be written anew: somebody's views use its tables",
            hint="Drop them, or choose another --schema",
        ) from None
    except psycopg.errors.LockNotAvailable:
        raise StoreError(
            f"{name} cannot be written anew: somebody reads its tables in a long transaction",
            hint="Nothing was changed there: export again when that has ended",
        ) from None
    except psycopg.Error as error:
        raise StoreError(
            f"{name} cannot be used: {reason_of(error)}",
            hint=step_after(
                error, "Nothing was changed there: see to the server, then export again"
            ),
        ) from None

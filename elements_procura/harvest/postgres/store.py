"""A harvest in a schema of a PostgreSQL database: opened for looking, for writing, for a moment."""

import contextlib
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Self

import attrs
from psycopg.errors import LockNotAvailable

from elements_procura.clock import Clock, SystemClock
from elements_procura.errors import StoreError
from elements_procura.harvest.address import ServerAddress, Where
from elements_procura.harvest.erasure.storage import Erasure
from elements_procura.harvest.erasure.suppression import Mention
from elements_procura.harvest.postgres.connection import Connection, server_errors
from elements_procura.harvest.postgres.ids import marked
from elements_procura.harvest.postgres.lease import RowLease, holder_in, leased
from elements_procura.harvest.postgres.tables import SCHEMA_VERSION, make, migrate
from elements_procura.harvest.records import Settlement
from elements_procura.harvest.sql import erasing
from elements_procura.harvest.sql.origin import first_meta
from elements_procura.harvest.sql.reader import SqlReader
from elements_procura.harvest.sql.snapshot import SqlSnapshot
from elements_procura.harvest.sql.store import SqlStore
from elements_procura.spec.source import Answer, Discovery, DossierId, Root, Work

_PATIENCE, _PAUSE = 10.0, 0.1
"""Seconds to wait for others who look at what was erased."""
_OLDER = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid != pg_backend_pid() AND age(backend_xmin) > age('{}'::xid)"
)


class InServer(SqlReader):
    """What both who looks and who writes know of a store in a server.

    Args:
        db: A connection to the store.
        address: Where that is.
    """

    _db: Connection
    address: ServerAddress

    @property
    def url(self) -> str:
        """The identity of the store."""
        return self.address.url

    @property
    def name(self) -> str:
        """The store's name in its database."""
        return self.address.store

    @property
    def schema_version(self) -> int:
        """The version of the schema that it is stored in."""
        return SCHEMA_VERSION

    def shared_before(self, moment: float, dossier: DossierId) -> list[int]:
        """List what a dossier shares with others and was last fetched before ``moment``."""
        return super().shared_before(moment, marked(dossier))

    def _errors(self) -> contextlib.AbstractContextManager[None]:
        return server_errors(self.address)

    def check(self, *, oldest: int | None = None) -> int:
        """Return the version of its schema.

        Raises:
            StoreError: Nothing is there, or something else, or it is of another version.
        """
        if self._db.execute("SELECT to_regclass('meta')").fetchone()[0] is None:
            self._check_rights()
            raise StoreError(f"{self.address.url} is not there", hint="Begin a harvest to make it")
        version = int(self._meta("schema") or 0)
        if version == 0:
            raise StoreError(f"{self.address.url} is no harvest", hint="Choose another name")
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{self.address.url} was made by a later version", hint="Update elements-procura"
            )
        if version < (oldest or SCHEMA_VERSION):
            raise StoreError(
                f"{self.address.url} was made by an earlier version",
                hint="Go on with the harvest: harvest … --resume brings it up to this one",
            )
        return version

    def _check_rights(self) -> None:
        """Tables that this user may not see look as if they were not there."""
        query = "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = ?"
        found = self._db.execute(query, (self.address.schema,)).fetchone()
        if found == (False,):
            raise StoreError(
                f"{self.address.url} is there, and this user may not look into it",
                hint=f'Its owner may: GRANT USAGE ON SCHEMA "{self.address.schema}", and SELECT on'
                " all tables in it",
            )


class PostgresReader(InServer):
    """What a harvest has stored, for looking only. Open it with :meth:`read`.

    Attributes:
        address: Where it is.
    """

    def __init__(self, db: Connection, address: ServerAddress) -> None:
        self.address = address
        super().__init__(db)

    @staticmethod
    def read(where: Where, *, brief: bool = False) -> "PostgresReader":
        """Open an existing store, also while a harvest is writing it.

        Args:
            where: Its URL.
            brief: Of files only: nothing is made beside a store in a server.
        """
        del brief
        address = ServerAddress.of(where)
        with server_errors(address), contextlib.ExitStack() as undo:
            reader = PostgresReader(Connection.to(address), address)
            undo.callback(reader.close)
            reader.check()
            undo.pop_all()
        return reader


class PostgresStore(InServer, SqlStore):
    """A store that is open for one run. Open it with :meth:`create` or :meth:`open`.

    Attributes:
        address: Where it is.
        lease: The right to write it.
    """

    lease: RowLease

    def __init__(
        self, db: Connection, address: ServerAddress, lease: RowLease, clock: Clock | None
    ) -> None:
        self.address = address
        super().__init__(db, lease, clock)
        self._one_thread = lease.lock

    @staticmethod
    def read(where: Where, *, brief: bool = False) -> PostgresReader:
        """Open an existing store for looking."""
        return PostgresReader.read(where, brief=brief)

    @classmethod
    def create(
        cls,
        where: Where,
        *,
        tenant: str,
        selection: Mapping[str, str] | None = None,
        history: bool = False,
        clock: Clock | None = None,
    ) -> Self:
        """Make a new schema with a store's tables, or none."""
        address = ServerAddress.of(where)
        meta = first_meta(tenant=tenant, selection=selection, history=history)
        with server_errors(address), contextlib.ExitStack() as undo:
            db = Connection.to(address)
            undo.callback(db.close)
            make(db, address.schema, meta)
            store = cls(db, address, leased(db, address), clock)
            store.begin_line()
            undo.pop_all()
        return store

    @classmethod
    def open(cls, where: Where, *, tenant: str, clock: Clock | None = None) -> Self:
        """Open the store of an earlier run; one of an earlier version is brought up to this one."""
        address = ServerAddress.of(where)
        with server_errors(address), contextlib.ExitStack() as undo:
            db = Connection.to(address)
            undo.callback(db.close)
            version = PostgresReader(db, address).check(oldest=1)
            store = cls(db, address, leased(db, address), clock)
            undo.callback(store.close)
            if store.tenant != tenant:
                raise StoreError(
                    f"{address.url} holds the harvest of another tenant",
                    hint="Choose another store for each organisation",
                )
            if version < SCHEMA_VERSION:
                with store._transaction():
                    migrate(db, version)
            store._resources.rights.read()
            store.begin_line()
            store.finish_erasures()
            undo.pop_all()
        return store

    def close(self) -> None:
        """Let go of what was opened; without effect the second time."""
        with self._one_thread:
            self.lease.release()
            self._db.close()

    def add_dossiers(self, roots: Iterable[Root], *, listing: int = 1) -> int:
        """Queue the dossiers that are new, and note that the listing names the others still."""
        named = [attrs.evolve(each, dossier=marked(each.dossier)) for each in roots]
        return super().add_dossiers(named, listing=listing)

    def put(self, work: Work, answer: Answer, found: Discovery, *, requests: int) -> Settlement:
        """Store an answer and queue what it leads to."""
        return super().put(_marked(work), answer, found, requests=requests)

    def gone(self, work: Work, *, status: int, requests: int) -> Settlement:
        """Note that a resource does not exist, or may not be read."""
        return super().gone(_marked(work), status=status, requests=requests)

    def quarantine(self, work: Work, *, error: str, requests: int) -> Settlement:
        """Put a resource aside that cannot be read, and its dossier with it."""
        return super().quarantine(_marked(work), error=error, requests=requests)

    def begin_refresh(
        self,
        dossiers: Iterable[DossierId],
        *,
        parts: Mapping[DossierId, Collection[str]] | None = None,
        prompted: Mapping[DossierId, Collection[str]] | None = None,
    ) -> list[Work]:
        """Queue dossiers to be fetched once more; those that are under way are left as they are."""
        return super().begin_refresh(map(marked, dossiers), parts=parts, prompted=prompted)

    def erase(self, mentions: Collection[Mention], *, dossier: DossierId | None = None) -> Erasure:
        """Erase for good whatever is recognised by these, and keep it from coming back."""
        return super().erase(mentions, dossier=None if dossier is None else marked(dossier))

    def _errors(self) -> contextlib.AbstractContextManager[None]:
        self._before_looking()
        return super()._errors()

    def _scrub(self) -> bool:
        # Rows that were replaced stay in the tables' files until those are written anew, and until
        # nobody has a moment open in which they were still there.
        with self._one_thread, server_errors(self.address):
            ((mine,),) = self._db.run("SELECT pg_current_xact_id()::xid::text").fetchall()
            ends = time.monotonic() + _PATIENCE
            while self._db.run(_OLDER.format(mine)).fetchall() != [(0,)]:
                if time.monotonic() > ends:
                    return False
                time.sleep(_PAUSE)
            # Erased is what no crash of the server brings back: these wait for the disk, and so for
            # the erasure before them.
            self._db.run("SET synchronous_commit TO on")
            self._db.run(f"SET lock_timeout TO {round(_PATIENCE * 1000)}")
            try:
                for table in ("bodies", "history", "losses", "spares", "resources", "dossiers"):
                    self._db.run(f"VACUUM (FULL) {table}")
            except LockNotAvailable:
                return False
            finally:
                self._db.run("RESET lock_timeout; SET synchronous_commit TO off")
        return True

    def _begin(self) -> None:
        self.lease.begin()


def _marked(work: Work) -> Work:
    dossier = marked(work.dossier)
    return work if dossier is work.dossier else attrs.evolve(work, dossier=dossier)


@contextlib.contextmanager
def snapshot(where: Where) -> Iterator[SqlSnapshot]:
    """Hold one moment: inside, the store stays as it is now, whatever a harvest writes.

    Meanwhile the server keeps the rows of that moment beside those that have replaced them.
    """
    address = ServerAddress.of(where)
    with server_errors(address), contextlib.closing(Connection.to(address)) as db:
        reader = PostgresReader(db, address)
        reader.check()
        db.run("SET idle_in_transaction_session_timeout TO 0")
        db.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        db.run("SELECT 1 FROM meta").fetchall()  # the moment is that of the first read
        yield SqlSnapshot(db, reader)


def copy_in(where: Where, moment: SqlSnapshot) -> None:
    """Make a new schema of a moment of another store."""
    address = ServerAddress.of(where)
    with server_errors(address), contextlib.closing(Connection.to(address)) as db:
        make(db, address.schema, {}, lambda db: moment.copy_to(db, id_of=marked))


def exists(where: Where) -> bool:
    """Look for a store's schema."""
    address = ServerAddress.of(where)
    with server_errors(address), contextlib.closing(Connection.to(address)) as db:
        found = db.execute("SELECT 1 FROM pg_namespace WHERE nspname = ?", (address.schema,))
        return found.fetchone() is not None


def holder(where: Where) -> str | None:
    """Name who holds the lease of a store now; None if nobody does or nothing is there."""
    address = ServerAddress.of(where)
    with server_errors(address), contextlib.closing(Connection.to(address)) as db:
        is_there = db.execute("SELECT to_regclass('lease') IS NOT NULL").fetchone()
        return holder_in(db) if is_there == (True,) else None


def note_export(where: Where, place: str, options: str) -> None:
    """Note an export in a schema, also while a harvest writes it."""
    address = ServerAddress.of(where)
    with server_errors(address), contextlib.closing(Connection.to(address)) as db:
        erasing.note_export(db, place, options)


def note_audit(where: Where, action: str, counts: Mapping[str, int]) -> None:
    """Note what was done for a person in a schema, also while a harvest writes it."""
    address = ServerAddress.of(where)
    with server_errors(address), contextlib.closing(Connection.to(address)) as db:
        erasing.note_audit(db, action, counts, now=SystemClock().wall())

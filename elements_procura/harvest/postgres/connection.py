"""A connection that takes the statements of ``harvest/sql``, and what its errors become."""

import contextlib
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

import psycopg
from psycopg.adapt import Buffer, Dumper, Loader
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper

from elements_procura._postgres import reason_of, step_after
from elements_procura.errors import ConfigError, StoreError
from elements_procura.harvest.address import ServerAddress
from elements_procura.harvest.postgres.dialect import translated
from elements_procura.harvest.postgres.ids import NumberId, TextId, decode, encode
from elements_procura.harvest.postgres.quick import QuickStatements, number
from elements_procura.harvest.sql.database import Rows

_AT_ONCE = 200
_VARCHAR = psycopg.postgres.types["varchar"].oid
_USUAL = {
    "application_name": "elements-procura",
    "connect_timeout": 10,
    # A way that swallows everything must not hold a harvest for two hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
"""Unless the URL says otherwise."""
MARK = "elements_procura.connection"
_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR, TransactionStatus.ACTIVE)


class _IdDumper(Dumper):
    oid = _VARCHAR

    def dump(self, obj: Any) -> Buffer:
        return encode(obj).encode()


class _IdLoader(Loader):
    def load(self, data: Buffer) -> Any:
        return decode(bytes(data).decode())


class _NumberLoader(Loader):
    def load(self, data: Buffer) -> Any:
        return number(bytes(data))


class Connection:
    """A connection to one store.

    Args:
        connection: It commits by itself, and looks for tables in the store's schema.

    Attributes:
        mark: A word that stands in the setting :data:`MARK` of its session: where a pool gives each
            transaction another session, what was set there is missing, and the schema is another's.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._quick = QuickStatements(connection)
        self._names = 0
        self.mark: str = uuid.uuid4().hex

    @classmethod
    def to(cls, address: ServerAddress) -> Self:
        """Connect to a server.

        Raises:
            psycopg.Error: It does not answer, or lets nobody in.
        """
        try:
            connection = psycopg.connect(
                # Whatever the environment or the database says, texts are UTF-8 on the way.
                **{**_USUAL, **address.libpq, "client_encoding": "utf8"},
                autocommit=True,
            )
        except psycopg.ProgrammingError:
            connection = None
        if connection is None:
            raise ConfigError(
                f"{address.url} is followed by a word that libpq does not know",
                hint="Such as sslmode, sslrootcert, connect_timeout, host, port; and our lease",
            )
        adapters = connection.adapters
        adapters.register_dumper(int, Int8Dumper)  # one statement for small numbers and large
        for each in (NumberId, TextId):
            adapters.register_dumper(each, _IdDumper)
        adapters.register_loader("varchar", _IdLoader)
        adapters.register_loader("numeric", _NumberLoader)
        connection.prepared_max = 500
        # Without waiting for the disk: what a crash of the server takes was asked for just now, and
        # is in the queue again. A transaction that nobody ends must not outlive its lease.
        idle = round(address.lease * 500)
        found = cls(connection)
        connection.execute(
            f"SET {MARK} TO '{found.mark}';"
            f' SET search_path TO "{address.schema}"; SET synchronous_commit TO off;'
            f" SET idle_in_transaction_session_timeout TO {idle}; SET timezone TO 'UTC'"
        )
        return found

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        if self._quick.is_ahead:
            return True
        with self._connection.lock:  # or another thread's statement would look like one
            return self._connection.info.transaction_status in _OPEN

    @property
    def is_open(self) -> bool:
        """Whether statements can still be sent."""
        return not self._connection.closed

    def execute(self, sql: str, parameters: Any = None, /) -> Rows:
        """Execute a statement of ``harvest/sql``."""
        rows = self._quick.execute(sql, parameters or ())
        return self._connection.execute(translated(sql), parameters or ()) if rows is None else rows

    def begin(self, sql: str, parameters: Any, /, check: Callable[[Rows], None]) -> None:
        """Begin a transaction with a statement, whose outcome is checked before anything counts."""
        self._quick.begin(sql, parameters, check)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Rows:
        """Execute a statement once for each of the parameters."""
        rows: Rows | None = None
        for each in parameters:
            rows = self.execute(sql, each)
        return rows or self._connection.cursor()

    def run(self, sql: str) -> psycopg.Cursor[Any]:
        """Execute statements in PostgreSQL's own words, without parameters."""
        self._quick.catch_up()
        return self._connection.execute(sql)

    def stream(self, sql: str, parameters: Any = None, /) -> Iterator[Any]:
        """Execute a query and fetch its rows some at a time."""
        self._names += 1
        self._quick.catch_up()
        with self._connection.cursor(
            f"rows_{self._names}", withhold=not self.in_transaction
        ) as cursor:
            cursor.itersize = _AT_ONCE
            yield from cursor.execute(translated(sql), parameters or ())

    def copy(self, sql: str) -> Any:
        """Begin to write rows, as fast as that goes."""
        self._quick.catch_up()
        return self._connection.cursor().copy(sql)

    def cursor(self) -> Self:
        """Return what executes: it itself."""
        return self

    def close(self) -> None:
        """Let go of it; without effect the second time."""
        self._connection.close()


@contextlib.contextmanager
def server_errors(address: ServerAddress) -> Iterator[None]:
    """Raise a StoreError for whatever the server or the way to it raises."""
    try:
        yield
    except psycopg.errors.DuplicateSchema:
        hint = "Choose another name: what is there stays as it is"
        problem = "exists already"
    except psycopg.Error as error:
        hint = step_after(error, "What was committed is intact: see to the server, then go on")
        problem = f"cannot be used: {reason_of(error)}"
    else:
        return
    raise StoreError(f"{address.url} {problem}", hint=hint)

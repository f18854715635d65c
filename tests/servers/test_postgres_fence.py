"""The short form of ``.ci/soak postgres``, and connections and servers that end midway."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator

import psycopg
import pytest

from elements_procura.errors import ConfigError, StoreError
from elements_procura.harvest import Store
from elements_procura.harvest.store import exists
from tests.servers.fence import stop_once
from tests.servers.postgres import connected, fresh


@pytest.fixture
def where() -> Iterator[str]:
    with fresh() as found:
        yield found


@pytest.mark.parametrize("seed", range(4))
def test_a_stopped_writer_is_taken_over_and_stores_nothing_more(seed: int) -> None:
    stop = stop_once(random.Random(seed))
    assert (stop.late, stop.is_refused) == (0, True)


def test_a_connection_that_is_lost_is_said_as_that(where: str) -> None:
    """Also in the middle of a transaction, whose end can no longer be sent."""
    with Store.create(where, tenant="t") as store:
        with (  # noqa: PT012 - the whole of it is one transaction
            pytest.raises(StoreError, match=r"closed the connection|AdminShutdown|is lost"),
            store.together(),
            connected(where) as other,
        ):
            store.add_requests(1)
            other.execute("SELECT pg_terminate_backend(process) FROM lease")
            time.sleep(0.1)
            store.add_requests(1)
        for _ in range(3):
            with pytest.raises(StoreError):
                store.add_requests(1)
    with Store.open(where, tenant="t") as store:
        assert store.progress().requests == 0


def test_a_new_store_is_there_after_a_crash_of_the_server(where: str) -> None:
    """Whoever has moved a harvest there may have deleted the old one."""
    if "TEST_POSTGRES_URL" in os.environ:
        pytest.skip("it is somebody's server")
    with Store.create(where, tenant="t"), connected(where) as other:
        row = other.execute("SELECT process FROM lease").fetchone()
        assert row is not None
        os.kill(int(str(row[0])), signal.SIGKILL)  # the server then starts anew by itself
    while True:
        with contextlib.suppress(StoreError, psycopg.OperationalError):
            if not exists(where):
                pytest.fail("it is gone")
            Store.open(where, tenant="t").close()
            return
        time.sleep(0.1)


def test_a_word_that_libpq_does_not_know_is_named_as_one(where: str) -> None:
    with pytest.raises(ConfigError, match="a word that libpq does not know"):
        Store.create(f"{where}&foo=bar", tenant="t")

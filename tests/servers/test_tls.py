"""Servers behind TLS, with certificates that prove who they are, and with others."""

import socket
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from elements_procura.auth import RedisTokenStore
from elements_procura.errors import ConfigError, StoreError
from elements_procura.harvest import Store
from elements_procura.harvest.address import ServerAddress
from elements_procura.scheduler import RedisGate, Scheduler, _shared
from tests.servers import postgres
from tests.servers.tls import Authority, Front, front
from tests.servers.valkey import Valkey, valkey

PASSWORD = "a-secret-of-the-server"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Valkey]:
    with valkey(folder) as found:
        found.ask("CONFIG", "SET", "requirepass", PASSWORD)
        yield found


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority.made(folder, "ca.pem")


async def _use(url: str) -> None:
    """A request by the gate, and a lock of the token store."""
    scheduler = Scheduler(gate=RedisGate(url, account="a"))
    try:
        (await scheduler.acquire()).finish(status=200)
    finally:
        await scheduler.aclose()
    async with RedisTokenStore(url).exclusive("a"):
        pass


async def test_a_certificate_of_a_private_authority_is_enough(
    server: Valkey, authority: Authority
) -> None:
    with front(server.port, authority.side("localhost")) as way:
        url = f"rediss://:{PASSWORD}@localhost:{way.port}/0?ssl_ca_certs={authority.file}"
        await _use(url)
        assert way.passed


BAD = {
    "unknown": ("localhost", 30, "", "ssl_ca_certs=FILE"),
    "expired": ("localhost", -1, "ca.pem", "Renew it"),
    "of another": ("valkey.example", 30, "ca.pem", "as its certificate does"),
}
"""Whose certificate it is, how long it holds, the file that the client is given, and the step."""


@pytest.mark.parametrize("case", BAD)
async def test_a_certificate_that_proves_nothing_ends_it_at_once(
    server: Valkey, authority: Authority, folder: Path, case: str
) -> None:
    name, days, file, step = BAD[case]
    given = f"?ssl_ca_certs={folder / file}" if file else ""
    with front(server.port, authority.side(name, days=days)) as way:
        url = f"rediss://:{PASSWORD}@localhost:{way.port}/0{given}"
        scheduler = Scheduler(gate=RedisGate(url, account="a"))
        with pytest.raises(StoreError, match="certificate verify failed") as of_gate:
            await scheduler.acquire()
        await scheduler.aclose()
        with pytest.raises(StoreError, match="certificate verify failed") as of_tokens:
            await RedisTokenStore(url).load("a")
        assert way.begun
        assert not way.passed, "nothing leaves"
    for each in (of_gate, of_tokens):
        assert step in str(each.value.hint)
        assert PASSWORD not in "".join(traceback.format_exception(each.value))


@pytest.mark.parametrize("name", ["missing.pem", "empty.pem"])
@pytest.mark.parametrize("word", ["ssl_ca_certs", "ssl_certfile"])
def test_a_file_of_certificates_that_is_none_is_said_before_anything_is_sent(
    folder: Path, name: str, word: str
) -> None:
    """A connection would miss it as if nobody answered, which is waited for."""
    (folder / "empty.pem").write_text("")
    url = f"rediss://:{PASSWORD}@localhost:1/0?{word}={folder / name}"
    for make in (RedisTokenStore, lambda url: RedisGate(url, account="a")):
        with pytest.raises(ConfigError, match="cannot be read") as caught:
            make(url)
        assert "ssl_ca_certs" in str(caught.value.hint)
        assert caught.value.__context__ is None
        assert PASSWORD not in "".join(traceback.format_exception(caught.value))


async def test_a_server_that_says_nothing_is_named_with_the_time_that_it_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As one without TLS may do to whoever begins with it."""
    monkeypatch.setattr(_shared, "_GIVE_UP", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rediss://localhost:{silent.getsockname()[1]}/0"
        scheduler = Scheduler(gate=RedisGate(url, account="a"))
        with pytest.raises(StoreError, match=r"takes longer than 1 s"):
            await scheduler.acquire()
        await scheduler.aclose()


@pytest.fixture
def where() -> Iterator[ServerAddress]:
    with postgres.fresh() as found:
        yield ServerAddress.of(found)


def _behind(where: ServerAddress, way: Front, more: str) -> str:
    libpq = where.libpq
    place = f"{libpq['user']}@localhost:{way.port}/{libpq['dbname']}"
    return f"postgresql://{place}?store={where.store}&sslmode=verify-full{more}"


def _way_in(where: ServerAddress) -> int | str:
    host, port = where.libpq["host"], where.libpq.get("port", "5432")
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else int(port)


def test_a_store_behind_a_certificate_of_a_private_authority(
    where: ServerAddress, authority: Authority
) -> None:
    side = authority.side("localhost")
    with front(_way_in(where), side, is_postgres=True) as way:
        url = _behind(where, way, f"&sslrootcert={authority.file}")
        with Store.create(url, tenant="kantoor") as store:
            assert "ssl" not in store.url
        assert way.passed


BAD_OF_A_STORE = {
    "no file": ("localhost", 30, "nowhere.pem", "sslrootcert=FILE"),
    "of others": ("localhost", 30, "others.pem", "sslrootcert=FILE"),
    "expired": ("localhost", -1, "ca.pem", "expired"),
    "of another": ("db.example", 30, "ca.pem", "as its certificate does"),
}


@pytest.mark.parametrize("case", BAD_OF_A_STORE)
def test_a_store_behind_a_certificate_that_proves_nothing_gets_nothing(
    where: ServerAddress,
    authority: Authority,
    folder: Path,
    case: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    Authority.made(folder, "others.pem")
    name, days, file, step = BAD_OF_A_STORE[case]
    with front(_way_in(where), authority.side(name, days=days), is_postgres=True) as way:
        url = _behind(where, way, f"&sslrootcert={folder / file}")
        with pytest.raises(StoreError, match="certificate") as caught:
            Store.create(url, tenant="kantoor")
        assert not way.passed, "nothing leaves"
    assert step in str(caught.value.hint)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))

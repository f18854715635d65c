"""Many tenants of one process: they begin in turn, and their open files are counted before."""

import asyncio
import contextlib
import resource
from pathlib import Path
from typing import Any, cast

import pytest

from elements_procura.cli.work.checks import count_files
from elements_procura.errors import ConfigError
from elements_procura.fleet import Outcome, TenantSpec
from elements_procura.fleet._attended import Attending
from elements_procura.fleet._files import allow_files, check_files
from elements_procura.fleet._turns import Turns
from elements_procura.fleet.stop import StopSignal
from elements_procura.harvest import Progress, Store
from elements_procura.harvest.sqlite.database import connect, write_ahead

HARVEST: Any = None


class Attendant:
    """Looks on for a minute."""

    async def watch(self, *_: object) -> None:
        await asyncio.sleep(60)

    def note(self, _: object) -> None: ...

    def ended(self, *_: object) -> None: ...


def spec(name: str) -> TenantSpec:
    given = {"api": "elements", "out": name, "host": name, "client_id": "a", "organisation": 1}
    return TenantSpec.from_dict({"name": name, **given})


async def begun(signal: StopSignal, *, seconds: float, count: int = 40) -> list[float]:
    """When each of so many tenants began, whose starts take so long."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    first = loop.time()
    turns = Turns(signal, lambda _: contextlib.nullcontext(cast("Any", Attendant())))

    async def harvested(spec: TenantSpec, attending: Attending) -> Outcome:
        times.append(loop.time() - first)
        with attending(spec) as attendant:
            await asyncio.sleep(seconds)
            await attendant.watch(HARVEST, tuple)
        return Outcome(name=spec.name, store="", progress=Progress(), exit_code=0)

    await asyncio.gather(*(turns.take(spec(f"t{each}"), harvested) for each in range(count)))
    return times


@pytest.mark.virtual_time
async def test_a_few_begin_at_a_time() -> None:
    times = await begun(StopSignal(), seconds=0.5)
    assert [round(each, 1) for each in times] == [each // 8 * 0.5 for each in range(40)]


@pytest.mark.virtual_time
async def test_a_start_that_waits_for_its_server_holds_nobody_up() -> None:
    times = await begun(StopSignal(), seconds=600.0)
    assert [round(each, 1) for each in times] == [float(each // 8) for each in range(40)]


@pytest.mark.virtual_time
async def test_a_stop_waits_for_no_turn() -> None:
    signal = StopSignal()
    asyncio.get_running_loop().call_later(0.25, signal.set)
    times = await begun(signal, seconds=600.0)
    assert times[8:] == [0.25] * 32
    assert await begun(signal, seconds=1.0) == [0.0] * 40


@pytest.mark.virtual_time
async def test_a_turn_of_somebody_who_was_cancelled_is_not_lost() -> None:
    task = asyncio.create_task(begun(StopSignal(), seconds=5.0))
    await asyncio.sleep(0.5)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert len(await begun(StopSignal(), seconds=0.5)) == 40


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, int]]:
    found = {"now": (1024, 4096)}
    monkeypatch.setattr(resource, "getrlimit", lambda _: found["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda _, given: found.update(now=given))
    return found


def test_open_files_are_counted_before_anything_is_sent(
    limits: dict[str, tuple[int, int]],
) -> None:
    check_files(66)
    with pytest.raises(ConfigError, match="400 tenants need 5,700 open files, and 1,024") as caught:
        check_files(400)
    assert "ulimit -n 5700" in caught.value.hint
    allow_files(200)
    assert limits["now"] == (2900, 4096)
    allow_files(400)
    assert limits["now"] == (4096, 4096)
    allow_files(1)
    assert limits["now"] == (4096, 4096)
    limits["now"] = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    check_files(100_000)


@pytest.mark.parametrize(
    ("tenants", "state", "says"),
    [
        (1, "ok", "1,024 may be open: 66 tenants in one process"),
        (200, "warn", "200 need 2,900"),
        (400, "fail", "400 need 5,700"),
    ],
)
@pytest.mark.usefixtures("limits")
def test_doctor_says_how_many_files_there_must_be(tenants: int, state: str, says: str) -> None:
    found = count_files(tenants)
    assert found.state == state
    assert says in found.text
    assert (state == "ok") is (not found.hint)


def test_a_store_of_many_keeps_little_in_memory(tmp_path: Path) -> None:
    Store.create(tmp_path / "a.sqlite", tenant="t").close()
    with contextlib.closing(connect(tmp_path / "a.sqlite")) as connection:
        write_ahead(connection)
        assert connection.execute("PRAGMA cache_size").fetchone() == (-256,)

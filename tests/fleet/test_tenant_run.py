"""What comes before a run and between two: quotas, servers that are away, stops. Virtual time."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import attrs
import pytest

from elements_procura.elements.client import ElementsClient
from elements_procura.errors import (
    ConfigError,
    DailyQuotaExceeded,
    ElementsProcuraError,
    ServerAway,
    TransportError,
)
from elements_procura.fleet import Exit, FleetEvent, QuotaShort, Sleep, TenantSpec
from elements_procura.fleet._tenant_run import Quota, TenantRun
from elements_procura.fleet.stop import StopSignal
from elements_procura.harvest import (
    Discovery,
    Harvest,
    HarvestInterrupted,
    HarvestResumed,
    Root,
    Store,
    Want,
)
from elements_procura.secret import Secret
from tests.clock import VirtualClock

pytestmark = pytest.mark.virtual_time
HOUR = 3600.0


@attrs.define
class Observed:
    """Takes note of everything, and fetches nothing."""

    events: list[FleetEvent] = attrs.field(factory=list)
    runs: int = 0

    async def watch(self, run: Harvest, quota: Quota) -> None:
        self.runs += 1

    def note(self, event: FleetEvent) -> None:
        self.events.append(event)


@attrs.define
class Night:
    """A tenant's run whose first requests come to what a test says."""

    run: TenantRun
    observed: Observed
    asked_at: list[float]


@pytest.fixture
def night(
    tmp_path: Path, virtual_clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Night]:
    def made(comes_to: Iterable[ElementsProcuraError | None], **job: Any) -> Night:
        left, asked_at = list(comes_to), list[float]()

        async def authenticate(_: ElementsClient) -> None:
            asked_at.append(virtual_clock.wall() - began)
            if (error := left.pop(0)) is not None:
                raise error

        began = virtual_clock.wall()
        monkeypatch.setattr(ElementsClient, "authenticate", authenticate)
        spec = TenantSpec.from_dict(
            {
                "name": "a", "api": "elements", "out": tmp_path / "a", "host": "a",
                "client_id": "b", "organisation": 1, "secret": Secret("s"), **job,
                "token_store": "memory",
            }
        )  # fmt: skip
        observed = Observed()
        return Night(TenantRun(spec, StopSignal(), observed, virtual_clock), observed, asked_at)

    return made


def spent(clock: VirtualClock, *, seconds: float) -> DailyQuotaExceeded:
    return DailyQuotaExceeded("the day is over", resets_at=clock.wall() + seconds)


def away() -> TransportError:
    return TransportError("no answer", method="POST", template="{TOKEN_ENDPOINT}", attempts=1)


def begun(spec: TenantSpec) -> None:
    """An earlier run has listed one dossier."""
    where = Path(spec.where)
    where.parent.mkdir()
    with Store.create(where, tenant=spec.settings.tenant) as store:
        root = Root(1, Discovery((Want("dossier", "/d/1"),)))
        store.add_dossiers([root], listing=store.begin_listing(api="elements"))
        store.finish_listing(
            include=["klanten"], requests=1, listing=1, lists_all=True, accept_vanished=False
        )


async def test_a_quota_that_is_used_up_ends_a_harvest_that_does_not_wait(
    night: Callable[..., Night], virtual_clock: VirtualClock
) -> None:
    it = night([spent(virtual_clock, seconds=HOUR)])
    with pytest.raises(DailyQuotaExceeded):
        await it.run.run()
    assert (it.observed.events, it.observed.runs) == ([], 0)
    assert not it.run.spec.out.exists()


@pytest.mark.parametrize("job", [{"wait": True}, {"refresh": True}])
async def test_a_quota_that_comes_back_in_time_is_waited_for(
    night: Callable[..., Night], virtual_clock: VirtualClock, job: dict[str, Any]
) -> None:
    resets_at = virtual_clock.wall() + 2 * HOUR
    it = night([spent(virtual_clock, seconds=2 * HOUR), None], **job)
    ending = await it.run.run()
    assert it.observed.events == [Sleep(resets_at, "quota")]
    assert it.asked_at == [0, pytest.approx(2 * HOUR)]
    assert (it.observed.runs, ending.is_stopped) == (1, False)


async def test_a_refresh_whose_quota_comes_too_late_ends_without_a_request(
    night: Callable[..., Night], virtual_clock: VirtualClock
) -> None:
    resets_at = virtual_clock.wall() + 2 * HOUR
    it = night([spent(virtual_clock, seconds=2 * HOUR)], refresh=True, within="1h")
    ending = await it.run.run()
    assert it.observed.events == [QuotaShort(resets_at)]
    assert (ending.paused, ending.exit_code, it.observed.runs) == ("within", Exit.QUOTA, 0)


async def test_a_server_that_was_there_before_is_waited_for(night: Callable[..., Night]) -> None:
    it = night([away(), away(), away(), None])
    begun(it.run.spec)
    await it.run.run()
    gone, back = it.observed.events
    assert isinstance(gone, HarvestInterrupted)
    assert isinstance(back, HarvestResumed)
    assert back.probes == 3
    assert 5 < it.asked_at[-1] < 10  # after 1, 2 and 4 seconds, more or less
    assert it.observed.runs == 1


async def test_a_server_that_never_was_there_is_not_waited_for(
    night: Callable[..., Night],
) -> None:
    it = night([away()])
    with pytest.raises(TransportError):
        await it.run.run()
    assert it.observed.events == []
    assert not it.run.spec.out.exists()


async def test_patience_ends(night: Callable[..., Night]) -> None:
    it = night([away()] * 100, patience="2m")
    begun(it.run.spec)
    with pytest.raises(ServerAway):
        await it.run.run()
    assert it.asked_at[-1] == pytest.approx(120)


@pytest.mark.parametrize("waits_for", ["quota", "server", "refresh"])
async def test_a_stop_is_heard_while_it_waits(
    night: Callable[..., Night], virtual_clock: VirtualClock, waits_for: str
) -> None:
    comes_to = {"quota": [spent(virtual_clock, seconds=9 * HOUR)], "server": [away()] * 200}
    it = night(comes_to.get(waits_for, [None]), wait=True, refresh=True, patience="9h")
    begun(it.run.spec)
    task = asyncio.create_task(it.run.run())
    await virtual_clock.sleep(HOUR)
    it.run.stop.set()
    ending = await task
    assert (ending.is_stopped, ending.exit_code) == (True, Exit.INTERRUPTED)
    assert it.observed.runs == (waits_for == "refresh")


async def test_a_stop_ends_the_first_requests(
    night: Callable[..., Night], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: ElementsClient) -> None:
        await asyncio.Event().wait()

    it = night([])
    monkeypatch.setattr(ElementsClient, "authenticate", never)
    task = asyncio.create_task(it.run.run())
    await asyncio.sleep(60)
    it.run.stop.set()
    assert (await task).exit_code == Exit.INTERRUPTED
    assert it.observed.runs == 0


@pytest.mark.parametrize(
    ("job", "says"),
    [
        ({"search": ["kantoor=1"]}, "begun for all dossiers"),
        ({"history": True}, "begun without --history"),
        ({"accept": ["producten"]}, "nothing to accept of producten"),
    ],
)
async def test_a_store_that_was_begun_otherwise_is_refused_before_anything_is_sent(
    night: Callable[..., Night], job: dict[str, Any], says: str
) -> None:
    it = night([], **job)
    begun(it.run.spec)
    with pytest.raises(ElementsProcuraError, match=says) as caught:
        await it.run.run()
    assert isinstance(caught.value, ConfigError) or caught.value.code == "input"
    assert it.asked_at == []

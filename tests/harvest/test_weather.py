"""Harvests in bad weather, over real HTTP and on virtual time."""

import asyncio
import contextlib
import itertools
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path

import attrs
import orjson
import pytest

from elements_procura.elements.client import ElementsClient
from elements_procura.elements.kinds import DOSSIERS
from elements_procura.errors import (
    AuthenticationError,
    ElementsProcuraError,
    NotSent,
    RefusedToken,
    ServerAway,
)
from elements_procura.harvest import (
    DossiersListed,
    ElementsSource,
    Event,
    HarvestInterrupted,
    HarvestResumed,
    ListingIncomplete,
    Progress,
    Refresh,
    ResourceQuarantined,
    Store,
    harvest,
)
from elements_procura.harvest._listing import TRIES
from elements_procura.harvest.run import DEFAULT_WORKERS
from elements_procura.spec.source import THE_LISTING, BadRow, Gap, Root
from tests.clock import VirtualClock
from tests.harvest.weather_kit import (
    PAGES,
    TOKEN,
    Front,
    Said,
    bodies_of,
    client_of,
    small_world,
    weather,
)

pytestmark = pytest.mark.virtual_time

OUTAGES = ("refused", "reset", "503", "dns", "404 text", "403 json", "410", "404 json",
           "200 html", "400 html", "401 html", "200 empty", "502 html", "200 error")  # fmt: skip
"""E4: what happens while a server is away."""
BROKEN = f"{DOSSIERS}/7"


@attrs.define
class Ran:
    """What a run was."""

    events: list[Event]
    progress: Progress
    error: ElementsProcuraError | None
    bodies: dict[str, bytes]
    paused: str | None

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


@contextlib.asynccontextmanager
async def world(dossiers: int = 12) -> AsyncIterator[tuple[Front, ElementsClient]]:
    clock = VirtualClock()
    async with (
        weather(clock, small_world(dossiers=dossiers)) as front,
        client_of(front) as elements,
    ):
        yield front, elements


@contextlib.contextmanager
def told(path: Path, front: Front) -> Iterator[None]:
    """The server is told what the store at ``path`` holds at any moment."""
    query = "SELECT 1 FROM resources JOIN bodies ON resource = resources.id WHERE path = ?"
    with contextlib.closing(sqlite3.connect(path)) as held:
        front.stored = lambda asked: held.execute(query, (asked,)).fetchone() is not None
        try:
            yield
        finally:
            front.stored = lambda _: False


async def run(
    path: Path,
    front: Front,
    elements: ElementsClient,
    *,
    ids: list[int] | None = None,
    **how: object,
) -> Ran:
    """One run on the store at ``path``, to whatever end."""
    opened = Store.open if path.exists() else Store.create
    events: list[Event] = []
    error: ElementsProcuraError | None = None
    with opened(path, tenant="t", clock=front.clock) as store, told(path, front):
        going = harvest(
            ElementsSource(elements, dossiers=ids),
            store,
            clock=front.clock,
            **how,  # type: ignore[arg-type] # options of harvest
        )
        try:
            async for event in going:
                events.append(event)  # noqa: PERF401 - those before an error are wanted too
        except ElementsProcuraError as caught:
            error = caught
        return Ran(events, store.progress(), error, dict(store.bodies()), going.paused)


@pytest.mark.parametrize("seconds", [3.0, 60.0, 540.0])
@pytest.mark.parametrize("how", OUTAGES)
async def test_e4_a_server_away_for_a_while_costs_nothing(
    path: Path, how: str, seconds: float
) -> None:
    async with world() as (front, elements):
        front.break_down(how, after=60, seconds=seconds)
        ran = await run(path, front, elements)
        assert ran.error is None
        assert ran.progress.complete
        assert ran.progress.quarantined == 0
        assert ran.bodies == bodies_of(front.world)
        assert ran.of(HarvestInterrupted)
        assert len(ran.of(HarvestResumed)) == len(ran.of(HarvestInterrupted))
        # What was stored is never asked for but by a probe; of what had been answered, only that
        # is asked for again whose answer was on its way when everybody was called back.
        on_its_way = DEFAULT_WORKERS * len(ran.of(HarvestInterrupted))
        assert sum(each.was_stored for each in front.asked) <= ran.progress.probes
        repeated = sum(front.answered().values()) - len(front.answered())
        assert repeated <= ran.progress.probes + on_its_way
        sent, counted = len(front.asked), ran.progress.requests + ran.progress.probes
        assert how in ("refused", "dns") or sent <= counted <= sent + on_its_way


async def test_a_login_page_for_one_dossier_is_about_that_dossier(path: Path) -> None:
    """The token is good for all others: neither an outage that never ends nor a missing right."""
    async with world() as (front, elements):
        front.answering = lambda asked: PAGES["401 html"] if asked == BROKEN else None
        ran = await run(path, front, elements)
        assert ran.error is None
        assert (ran.progress.quarantined, ran.progress.harvested) == (1, 11)
        assert len(front.asked) < 2 * len(bodies_of(front.world))


@pytest.mark.parametrize("how", ["503", "refused", "200 html", "403 json"])
async def test_a_dossier_that_is_broken_anyway_is_put_aside_in_an_outage(
    path: Path, how: str
) -> None:
    async with world() as (front, elements):
        front.answering = lambda asked: PAGES["500"] if asked == BROKEN else None
        front.break_down(how, after=60, seconds=60)
        ran = await run(path, front, elements)
        assert ran.error is None
        assert (ran.progress.quarantined, ran.progress.harvested) == (1, 11)
        assert {each.dossier for each in ran.of(ResourceQuarantined)} == {7}  # type: ignore[union-attr] # of that kind
        whole = bodies_of(front.world)
        assert ran.bodies == {k: v for k, v in whole.items() if not k.startswith(BROKEN)}


@pytest.mark.parametrize("how", OUTAGES)
async def test_e4_away_for_longer_than_the_patience(path: Path, how: str) -> None:
    async with world() as (front, elements):
        front.break_down(how, after=60)
        ran = await run(path, front, elements)
        assert isinstance(ran.error, ServerAway)
        assert 600 <= front.clock.now() < 700
        assert ran.progress.quarantined == 0
        with Store.read(path) as store:
            assert store.interruption() is not None
        front.clear_up()
        await front.serving()
        before = len(front.asked)
        again = await run(path, front, elements)
        assert again.progress.complete
        assert again.progress.quarantined == 0
        assert again.bodies == bodies_of(front.world)
        probes = again.progress.probes - ran.progress.probes
        assert sum(each.was_stored for each in front.asked[before:]) <= probes
        with Store.read(path) as store:
            assert store.interruption() is None


async def test_a_retry_after_beyond_the_patience_ends_the_run_and_says_when(path: Path) -> None:
    async with world() as (front, elements):
        front.break_down(Said(503, b"", headers=("Retry-After: 3600",)), after=60)
        ran = await run(path, front, elements)
        assert isinstance(ran.error, ServerAway)
        assert front.clock.now() < 60
        assert ran.error.retry_at == pytest.approx(front.clock.wall() + 3600, abs=60)
        assert "It asks to come back at 2026-05-28 01:00" in str(ran.error)


async def test_a_retry_after_is_kept_to(path: Path) -> None:
    async with world() as (front, elements):
        front.break_down(Said(503, b"", headers=("Retry-After: 100",)), after=60, seconds=90)
        ran = await run(path, front, elements)
        assert ran.progress.complete
        asked = sorted(each.at for each in front.asked)
        gaps = [after - before for before, after in itertools.pairwise(asked)]
        assert max(gaps) >= 100
        assert ran.progress.probes <= 3


async def test_while_the_server_is_away_only_probes_leave(path: Path) -> None:
    async with world(40) as (front, elements):
        front.break_down("503", after=100, seconds=300)
        ran = await run(path, front, elements, workers=32)
        assert ran.progress.complete
        (gone,) = ran.of(HarvestInterrupted)
        (back,) = ran.of(HarvestResumed)
        failed = [each for each in front.asked if not each.is_true]
        # Those that had left before the first four failures were heard of arrive at one moment;
        # then only probes, with pauses that grow to half a minute.
        later = [each for each in failed if each.at > failed[0].at]
        assert len(later) <= back.probes  # type: ignore[union-attr] # a Resumed
        assert len(failed) - len(later) <= 3 * 32
        assert back.probes <= 18  # type: ignore[union-attr] # a Resumed
        assert 300 <= back.seconds <= 340  # type: ignore[union-attr] # a Resumed
        assert "503" in gone.reason  # type: ignore[union-attr] # an Interrupted


async def test_nothing_leaves_once_patience_is_over(path: Path) -> None:
    """Of 32 workers that waited each sent one request more, whose answer nobody stored."""
    async with world(40) as (front, elements):
        front.break_down("503", after=100, seconds=3600)
        ran = await run(path, front, elements, workers=32, patience=60.0)
        assert isinstance(ran.error, ServerAway)
        last = front.asked[-1].at
        assert last > 30
        assert len([each for each in front.asked if each.at > last - 5]) <= 3  # one probe's tries


async def test_many_real_404s_cost_next_to_no_control(path: Path) -> None:
    async with world(40) as (front, elements):  # every person's photo is not there
        ran = await run(path, front, elements, include=None)
        assert ran.progress.complete
        assert not ran.of(HarvestInterrupted)
        assert ran.progress.probes <= 4


async def test_a_run_of_real_404s_takes_one_probe_and_holds_nobody_up(path: Path) -> None:
    async with world(30) as (front, elements):
        ran = await run(path, front, elements)
        lost = [f"{DOSSIERS}/{each}" for each in range(5, 25)]
        for each in lost:
            del front.world[each]
        began = front.clock.now()
        ran = await run(path, front, elements, refresh=Refresh(), workers=4)
        assert ran.error is None
        assert not ran.of(HarvestInterrupted)
        assert front.clock.now() == began
        assert ran.progress.probes <= 8


@pytest.mark.parametrize("how", ["404 json", "403 json", "410"])
async def test_a_burst_of_refusals_that_is_over_before_the_control_is_no_fact(
    path: Path, how: str
) -> None:
    """E4: some 20 answers of a firewall in the API's own form, and the control meets the API."""
    async with world(dossiers=10) as (front, elements):
        hit = itertools.count()

        def burst(asked: str) -> Said | None:
            is_below = asked.startswith(f"{DOSSIERS}/") and asked.count("/") > DOSSIERS.count("/")
            return PAGES[how] if is_below and 30 <= next(hit) < 50 else None

        front.answering = burst
        ran = await run(path, front, elements)
        assert ran.bodies == bodies_of(front.world)
        assert not ran.progress.concerns


@pytest.mark.parametrize("media", ["text/html", "text/plain"])
async def test_a_host_with_404s_of_its_own_form_is_learned(path: Path, media: str) -> None:
    async with world(6) as (front, elements):
        front.answering = lambda asked: (
            Said(404, b"<h1>Not Found</h1>", media)
            if asked not in front.world and asked[1] == "a"
            else None
        )
        for dossier in (1, 2, 3, 4):
            del front.world[f"{DOSSIERS}/{dossier}/producten"]
        ran = await run(path, front, elements)
        assert ran.progress.complete
        assert ran.progress.quarantined == 0
        assert ran.progress.harvested == 6
        with Store.read(path) as store:
            assert any(form.startswith(f"404 {media}") for form in store.manners())
        asked = len(front.asked)
        ran = await run(path, front, elements, refresh=Refresh())
        assert ran.progress.quarantined == 0
        twice = len(front.asked) - asked - len({each.path for each in front.asked[asked:]})
        assert twice <= ran.progress.probes  # once known, it is asked once


# ---------------------------------------------------------------- beginnings


@pytest.mark.parametrize("how", ["refused", "dns"])
async def test_a_new_store_without_a_server_ends_at_once(path: Path, how: str) -> None:
    async with world() as (front, elements):
        front.break_down(how)
        ran = await run(path, front, elements)
        assert isinstance(ran.error, NotSent)
        assert not isinstance(ran.error, ServerAway)
        assert front.clock.now() < 10


@pytest.mark.parametrize("how", OUTAGES)
async def test_a_store_that_had_an_answer_waits_also_for_token_and_listing(
    path: Path, how: str
) -> None:
    async with world(4) as (front, elements):
        assert (await run(path, front, elements)).progress.complete
        front.break_down(how, seconds=200)
        async with client_of(front) as fresh:
            ran = await run(path, front, fresh, refresh=Refresh())
        assert ran.error is None
        assert ran.progress.complete
        assert ran.progress.quarantined == 0
        assert len(ran.of(DossiersListed)) == 1
        assert ran.bodies == bodies_of(front.world)
        assert ran.of(HarvestResumed)


async def test_nothing_of_a_broken_listing_counts(path: Path) -> None:
    async with world(8) as (front, elements):
        assert (await run(path, front, elements)).progress.complete
        whole = front.world[DOSSIERS]
        cut = Said(200, whole[: len(whole) // 2])
        tries = iter([cut, PAGES["503"], cut])
        front.answering = lambda asked: next(tries, None) if asked == DOSSIERS else None
        ran = await run(path, front, elements, refresh=Refresh())
        assert ran.error is None
        assert len(ran.of(DossiersListed)) == 1
        assert (ran.progress.unlisted, ran.progress.doubted, ran.progress.deleted) == (0, 0, 0)


@pytest.mark.parametrize("how", ["500", "403 json", "200 html"])
async def test_a_refresh_does_without_a_listing_that_stays_broken(path: Path, how: str) -> None:
    """What is known is refreshed and nothing is deleted; the run is not done, until it heals."""
    async with world(4) as (front, elements):
        assert (await run(path, front, elements)).progress.complete
        changed = f"{DOSSIERS}/2"
        front.world[changed] = front.world[changed].replace(b'{"id"', b'{"nieuw":1,"id"', 1)
        del front.world[f"{DOSSIERS}/3"]
        front.answering = lambda asked: PAGES[how] if asked == DOSSIERS else None
        ran = await run(path, front, elements, refresh=Refresh())
        assert ran.error is None
        listings = [each for each in front.asked if each.path == DOSSIERS]
        assert len(listings) <= 1 + 3 * (TRIES + 1)
        assert ran.of(ListingIncomplete) == [ListingIncomplete(0, (THE_LISTING,))]
        assert ran.bodies[changed] == front.world[changed]
        assert ran.progress.deleted == 0
        assert f"{DOSSIERS}/3" in ran.bodies
        told = {(each.subject, each.state): each.accepted for each in ran.progress.concerns}
        assert told["rows", "incomplete"] == 0
        front.answering = lambda _: None
        ran = await run(path, front, elements, refresh=Refresh())
        assert "rows" not in {each.subject for each in ran.progress.concerns}


async def test_dossiers_that_a_listing_made_up_are_no_loss(path: Path) -> None:
    """There was never more of them than a 404, so that no doubt is due when they are gone again."""
    made_up = 12
    async with world(8) as (front, elements):
        assert (await run(path, front, elements)).progress.complete
        fair = front.world[DOSSIERS]
        more = orjson.loads(fair)
        rows = more["_embedded"]["klantdossiers"]
        rows += [rows[0] | {"id": 900 + each, "_links": {}} for each in range(made_up)]
        front.world[DOSSIERS] = orjson.dumps(more)
        ran = await run(path, front, elements, refresh=Refresh())
        assert (ran.progress.gone, ran.progress.deleted) == (made_up, 0)
        front.world[DOSSIERS] = fair
        ran = await run(path, front, elements, refresh=Refresh())
        assert ran.error is None
        assert (ran.progress.deleted, ran.progress.doubted) == (made_up, 0)
        assert ran.progress.concerns == ()
        assert ran.bodies == bodies_of(front.world)
        # Nor do they stand beside a real loss, which is doubted as it was.
        some = orjson.loads(fair)
        del some["_embedded"]["klantdossiers"][4:]
        front.world[DOSSIERS] = orjson.dumps(some)
        ran = await run(path, front, elements, refresh=Refresh())
        assert ran.progress.doubted == 4


async def test_a_first_listing_that_fails_ends_the_run(path: Path) -> None:
    async with world(4) as (front, elements):
        front.answering = lambda asked: PAGES["500"] if asked == DOSSIERS else None
        ran = await run(path, front, elements)
        assert ran.error is not None
        assert ran.error.code == "status.server"
        assert front.clock.now() < 60


@pytest.mark.parametrize("ends", ["listing", "second control"])
async def test_a_refusal_that_ends_between_two_controls_is_no_missing_right(
    path: Path, ends: str
) -> None:
    """As a firewall's, on a machine that takes its time: what answers next proves nothing."""
    read: list[str] = []
    controls: list[str] = []
    async with world(12) as (front, elements):

        def hits(asked: str) -> bool:
            if asked in read and asked not in controls:
                controls.append(asked)
            is_over = asked == DOSSIERS if ends == "listing" else len(controls) > 1
            if is_over:
                front.clear_up()
            return not is_over

        def answering(asked: str) -> Said | None:
            read.append(asked)
            return None

        front.answering = answering
        front.break_down("403 json", after=40, hits=hits)
        ran = await run(path, front, elements)
        assert controls
        assert ran.error is None
        assert len(ran.of(HarvestInterrupted)) == 1
        assert ran.progress.concerns == ()
        assert ran.bodies == bodies_of(front.world)


async def test_a_token_that_cannot_be_renewed_in_an_outage_is_weather(path: Path) -> None:
    async with world(12) as (front, _):
        front.break_down("403 json", after=40, seconds=120)
        expired = client_of(front)
        async with expired:
            asked = iter(range(1_000))

            def answering(where: str) -> Said | None:
                # The token dies in the middle of it all.
                if where != "/oauth/access_token" and next(asked) == 39:
                    expired._session._tokens._held = None
                return None

            front.answering = answering
            ran = await run(path, front, expired)
        assert ran.error is None
        assert ran.progress.complete
        assert ran.bodies == bodies_of(front.world)


# ---------------------------------------------------------------- ends


async def test_budgets_hold_in_an_outage(path: Path) -> None:
    async with world() as (front, elements):
        front.break_down("503", after=60)
        until = front.clock.wall() + 120
        ran = await run(path, front, elements, until=until)
        assert (ran.error, ran.paused) == (None, "until")
        assert front.clock.wall() == pytest.approx(until, abs=1)
        assert ran.progress.quarantined == 0


async def test_requests_are_counted_in_an_outage_too(path: Path) -> None:
    async with world() as (front, elements):
        front.break_down("503", after=60)
        ran = await run(path, front, elements, max_requests=72, workers=4)
        assert (ran.error, ran.paused) == (None, "max-requests")
        assert len(front.asked) <= 72


async def test_a_stop_is_heard_in_an_outage(path: Path) -> None:
    async with world() as (front, elements):
        front.break_down("refused", after=60)
        with Store.create(path, tenant="t", clock=front.clock) as store:
            going = harvest(elements, store, clock=front.clock)
            async for event in going:
                if isinstance(event, HarvestInterrupted):
                    going.stop()
            assert front.clock.now() < 60
            assert store.progress().quarantined == 0
            assert store.progress().queued > 0


async def test_e4_a_stop_reaches_a_listing_that_drips(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elements_procura.harvest.engine.DRAIN_SECONDS", 0.05)
    async with world(4) as (front, elements):
        dripping = asyncio.Event()

        class Dripping(ElementsSource):
            async def listing(self) -> AsyncGenerator[Root | BadRow | Gap]:
                async for root in super().listing():
                    yield root
                    dripping.set()
                    await asyncio.Event().wait()

        with Store.create(path, tenant="t", clock=front.clock) as store:
            going = harvest(Dripping(elements), store, clock=front.clock)

            async def stop() -> None:
                await dripping.wait()
                going.stop()

            stopping = asyncio.create_task(stop())
            async for _ in going:
                pass
            await stopping
            assert not store.progress().listed
        ran = await run(path, front, elements)
        assert ran.progress.complete
        assert ran.bodies == bodies_of(front.world)


async def test_one_tenants_outage_holds_up_no_other(tmp_path: Path) -> None:
    async with world() as (front, elements):
        front.break_down("503", after=30)
        async with (
            weather(front.clock, small_world(dossiers=12)) as other,
            client_of(other) as well,
        ):
            ill, fine = await asyncio.gather(
                run(tmp_path / "a.sqlite", front, elements),
                run(tmp_path / "b.sqlite", other, well),
            )
        assert isinstance(ill.error, ServerAway)
        assert fine.progress.complete


# ---------------------------------------------------------------- refused tokens

REFUSED = ("401 json", "401 empty", "401 message")
EVERYWHERE = {"data": lambda where: where != TOKEN, "tokens too": lambda _: True}


@pytest.mark.parametrize("where", EVERYWHERE)
@pytest.mark.parametrize("seconds", [2.0, 12.0, 45.0])
@pytest.mark.parametrize("how", REFUSED)
async def test_tokens_that_are_refused_for_seconds_end_no_run(
    path: Path, how: str, seconds: float, where: str
) -> None:
    async with world() as (front, elements):
        front.break_down(how, after=60, seconds=seconds, hits=EVERYWHERE[where])
        ran = await run(path, front, elements)
        assert ran.error is None
        assert ran.progress.complete
        assert (ran.progress.quarantined, ran.progress.gone) == (0, 0)
        assert ran.bodies == bodies_of(front.world)
        assert front.clock.now() < 3 * seconds + 10
        assert len(ran.of(HarvestResumed)) == len(ran.of(HarvestInterrupted)) == 1


@pytest.mark.parametrize("where", EVERYWHERE)
@pytest.mark.parametrize("how", REFUSED)
async def test_tokens_that_stay_refused_end_the_run_as_what_they_are(
    path: Path, how: str, where: str
) -> None:
    async with world() as (front, elements):
        front.break_down(how, after=60, hits=EVERYWHERE[where])
        ran = await run(path, front, elements)
        is_weather = (how, where) == ("401 json", "tokens too")  # a word of no token endpoint
        assert isinstance(ran.error, ServerAway if is_weather else AuthenticationError)
        assert ran.progress.quarantined == 0
        assert is_weather or 60 <= front.clock.now() < 130
        assert sum(each.path == TOKEN for each in front.asked) <= 30
        front.clear_up()
        async with client_of(front) as fresh:
            again = await run(path, front, fresh)
        assert again.progress.complete
        assert again.bodies == bodies_of(front.world)


@pytest.mark.parametrize("how", REFUSED)
async def test_a_new_store_whose_first_token_is_refused_ends_at_once(path: Path, how: str) -> None:
    async with world() as (front, elements):
        front.break_down(how, hits=EVERYWHERE["data"])
        ran = await run(path, front, elements)
        assert isinstance(ran.error, RefusedToken)
        assert front.clock.now() < 1


@pytest.mark.parametrize("how", ["401 json", "401 empty", "401 html"])
async def test_a_part_that_refuses_every_token_is_a_missing_right(path: Path, how: str) -> None:
    """All else is harvested, and what was stored of that part stays."""
    async with world() as (front, elements):
        assert (await run(path, front, elements)).progress.complete
        front.clock.skip(80_000)
        began, asked = front.clock.now(), len(front.asked)
        front.answering = lambda asked: PAGES[how] if "/adressen" in asked else None
        ran = await run(path, front, elements, refresh=Refresh())
        assert ran.error is None
        assert ran.bodies == bodies_of(front.world)
        (concern,) = ran.progress.concerns
        assert (concern.subject, concern.state) == ("particulier/adressen", "forbidden")
        assert concern.is_open
        assert ran.progress.quarantined == 0
        assert front.clock.now() < began + 60
        paths = [each.path for each in front.asked[asked:]]
        # How many meet before the first is told depends on the machine; one each would be a storm.
        assert paths.count(TOKEN) * 4 <= sum("/adressen" in each for each in paths)
        front.clock.skip(80_000)
        front.answering = lambda _: None
        ran = await run(path, front, elements, refresh=Refresh())
        assert not ran.progress.concerns


async def test_one_of_two_servers_that_refuses_tokens_costs_nothing(path: Path) -> None:
    """Behind a load balancer, every other request meets the one that has an old key."""
    async with world() as (front, elements):
        turns = itertools.count()
        front.answering = lambda asked: (
            PAGES["401 json"] if asked != TOKEN and next(turns) % 2 else None
        )
        ran = await run(path, front, elements, workers=1)  # else they change turns
        assert ran.error is None
        assert ran.progress.complete
        assert ran.bodies == bodies_of(front.world)


async def test_a_listing_for_which_tokens_are_refused_is_begun_anew(path: Path) -> None:
    async with world() as (front, elements):
        assert (await run(path, front, elements)).progress.complete
        front.break_down("401 json", seconds=10, hits=EVERYWHERE["data"])
        ran = await run(path, front, elements, refresh=Refresh())
        assert ran.error is None
        assert ran.progress.complete
        assert len(ran.of(DossiersListed)) == 1

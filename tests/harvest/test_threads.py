"""Stores of one event loop are called in turn, and a slow one keeps nobody waiting."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from elements_procura.errors import StoreError, WrongLoopError
from elements_procura.harvest import Storage, Store, StoreThreads, harvest
from elements_procura.harvest._turns import LENT_SECONDS, TURN_SECONDS
from elements_procura.harvest._writer import MOST_PATIENT, PATIENCE, Writer
from elements_procura.scheduler import LocalGate, Rate, Scheduler
from tests.clock import VirtualClock
from tests.harvest.harvesting import TENANT, connect, small
from tests.harvest.inside import db_of


class Called:
    """Whoever calls a store, for as long as a test wants."""

    last: asyncio.Future[None]

    def __init__(self, *, is_slow: bool = False) -> None:
        self.is_slow = is_slow
        self.is_busy = True
        self.done: asyncio.Future[None] | None = None
        self.ends = 0

    @property
    def is_under_way(self) -> bool:
        return self.done is not None and not self.done.done()

    def begin(self) -> Callable[[], None]:
        Called.last = self.done = asyncio.get_running_loop().create_future()
        return lambda: None

    def end(self) -> None:
        self.ends += 1

    async def finish(self) -> None:
        assert self.done is not None
        self.done.set_result(None)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class Lock:
    """A lock that notes for how long it is waited for."""

    waits: ClassVar[list[float]] = []
    may_be_had: ClassVar[bool] = True

    def acquire(self, timeout: float = 0.0) -> bool:
        Lock.waits.append(timeout)
        return Lock.may_be_had

    def release(self) -> None: ...


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> StoreThreads:
    """Threads whose work the test does itself."""

    def hand_over(_loop: object, _pool: object, function: Callable[[], None]) -> Any:
        function()
        return Called.last

    monkeypatch.setattr("elements_procura.harvest._turns.Lock", Lock)
    monkeypatch.setattr(Lock, "waits", [])
    monkeypatch.setattr("tests.clock.VirtualLoop.run_in_executor", hand_over)
    return StoreThreads()


def line_up(threads: StoreThreads, *callers: Called) -> None:
    threads.turns.bind(asyncio.get_running_loop())
    for each in callers:
        threads.turns.line_up(each)


@pytest.mark.virtual_time
async def test_one_at_a_time_in_the_order_they_came(threads: StoreThreads) -> None:
    callers = [Called() for _ in range(5)]
    line_up(threads, *callers)
    for number, each in enumerate(callers):
        assert [other.is_under_way for other in callers] == [now == number for now in range(5)]
        await each.finish()
    assert [each.ends for each in callers] == [1] * 5


@pytest.mark.virtual_time
async def test_a_turn_that_lasts_too_long_is_passed_on(threads: StoreThreads) -> None:
    locked, *others = (Called() for _ in range(4))
    line_up(threads, locked)
    await asyncio.sleep(TURN_SECONDS / 2)
    line_up(threads, *others)
    assert not others[0].is_under_way
    await asyncio.sleep(TURN_SECONDS / 2 + 0.001)
    assert locked.is_under_way
    for each in others:
        assert each.is_under_way
        await each.finish()  # at once, although the first goes on
    assert locked.is_under_way
    await locked.finish()
    assert locked.ends == 1


@pytest.mark.virtual_time
async def test_a_new_turn_has_its_whole_time(threads: StoreThreads) -> None:
    first, second, third = (Called() for _ in range(3))
    line_up(threads, first, second, third)
    await asyncio.sleep(TURN_SECONDS * 0.9)
    await first.finish()
    await asyncio.sleep(TURN_SECONDS * 0.9)
    assert second.is_under_way
    assert not third.is_under_way
    await asyncio.sleep(TURN_SECONDS * 0.2)
    assert third.is_under_way


@pytest.mark.virtual_time
async def test_slow_ones_are_called_beside_but_not_all_at_once(threads: StoreThreads) -> None:
    """With a hundred milliseconds to each of a hundred stores, taking turns would take ten."""
    slow = [Called(is_slow=True) for _ in range(20)]
    quick = Called()
    line_up(threads, *slow, quick)
    assert [each.is_under_way for each in slow] == [True] * 16 + [False] * 4
    assert quick.is_under_way
    await slow[3].finish()
    assert [each.is_under_way for each in slow].index(False, 4) == 17


@pytest.mark.virtual_time
async def test_many_that_are_locked_leave_the_rest_in_line(threads: StoreThreads) -> None:
    callers = [Called() for _ in range(40)]
    line_up(threads, *callers)
    await asyncio.sleep(1)
    assert sum(each.is_under_way for each in callers) == 24
    await callers[7].finish()
    assert callers[24].is_under_way


@pytest.mark.virtual_time
async def test_who_steps_out_is_not_called(threads: StoreThreads) -> None:
    first, second, third = (Called() for _ in range(3))
    line_up(threads, first, second, third)
    threads.turns.step_out(second)
    threads.turns.step_out(first)  # it is under way
    await first.finish()
    assert (second.is_under_way, third.is_under_way) == (False, True)


@pytest.mark.virtual_time
async def test_the_loop_stands_still_for_a_store_that_makes_use_of_it(
    threads: StoreThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And for the others less and less often: they wait for somebody else than Python."""
    caller = Called()

    async def stood_still(calls: int) -> list[int]:
        found = []
        for number in range(calls):
            Lock.waits.clear()
            line_up(threads, caller)
            await caller.finish()
            if LENT_SECONDS in Lock.waits:
                found.append(number)
        return found

    assert await stood_still(5) == [0, 1, 2, 3, 4]
    caller.is_busy = False
    assert await stood_still(200) == [0, 2, 5, 10, 19, 36, 69, 134, 199]
    caller.is_busy = True
    assert await stood_still(70) == [64, 65, 66, 67, 68, 69]
    monkeypatch.setattr(Lock, "may_be_had", False)  # in time
    assert await stood_still(3) == [0, 2]
    caller.is_slow = True
    assert await stood_still(100) == []


class Anything:
    """A store of which calls take as long as a test wants."""

    def __init__(self) -> None:
        self.is_begun, self.may_end = threading.Event(), threading.Event()
        self.batches = 0
        self.seen: set[int] = set()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        self.batches += 1
        self.seen.add(threading.get_ident())
        yield

    def hold(self) -> str:
        self.is_begun.set()
        assert self.may_end.wait(60)
        return "held"


def writer(store: Anything, threads: StoreThreads | None = None, **options: Any) -> Writer:
    return Writer(cast("Storage", store), threads=threads, **options)


def test_another_loop_may_have_them_afterwards_only() -> None:
    ours = StoreThreads()

    async def call() -> int:
        return await writer(Anything(), ours)(lambda: 3)

    async def call_while_another_loop_does() -> None:
        store = Anything()
        waiting = asyncio.create_task(writer(store, ours)(store.hold))
        await asyncio.to_thread(store.is_begun.wait)
        with pytest.raises(WrongLoopError, match="another event loop"):
            await asyncio.to_thread(asyncio.run, call())
        store.may_end.set()
        assert await waiting == "held"

    with ours:
        assert [asyncio.run(call()) for _ in range(2)] == [3, 3]
        asyncio.run(call_while_another_loop_does())


async def test_who_waits_for_a_locked_store_keeps_nobody_else_waiting() -> None:
    locked, others = Anything(), [Anything() for _ in range(30)]
    with StoreThreads() as threads:
        held = asyncio.create_task(writer(locked, threads)(locked.hold))
        await asyncio.to_thread(locked.is_begun.wait)
        for _ in range(3):
            found = await asyncio.gather(*(writer(each, threads)(lambda: 1) for each in others))
            assert found == [1] * 30
        assert not held.done()
        locked.may_end.set()
        assert await held == "held"


async def test_a_store_that_was_slow_and_is_quick_again_takes_turns_again() -> None:
    store = Anything()
    with StoreThreads() as threads:
        write = writer(store, threads)
        held = asyncio.create_task(write(store.hold))
        await asyncio.to_thread(store.is_begun.wait)
        await asyncio.sleep(2 * TURN_SECONDS)
        store.may_end.set()
        await held
        found = [write.is_slow]
        while found[-1] and len(found) < 1_000:  # a busy machine makes any call slow
            await write(lambda: None)
            found.append(write.is_slow)
        assert (found[0], found[-1]) == (True, False)


@pytest.mark.virtual_time
async def test_stores_of_one_loop_share_one_thread_as_long_as_all_are_quick() -> None:
    """On virtual time no turn lasts too long."""
    stores = [Anything() for _ in range(20)]
    inside, most = 0, 0

    def call() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        inside -= 1

    with StoreThreads() as threads:
        writers = [writer(each, threads) for each in stores]
        for _ in range(5):
            await asyncio.gather(*(each(call) for each in writers))
    assert most == 1
    assert len(set().union(*(each.seen for each in stores))) <= 3, "not one for each"


# -- a writer that is closed --------------------------------------------------------------------


async def test_closing_one_makes_its_calls_in_any_state_and_leaves_the_others_theirs() -> None:
    """Under way, in line behind another, and still gathering: each is made once."""
    made: list[str] = []
    slow, mine, other = Anything(), Anything(), Anything()
    with StoreThreads() as threads:
        first, write, last = (writer(each, threads) for each in (slow, mine, other))
        held = asyncio.create_task(first(slow.hold))
        await asyncio.to_thread(slow.is_begun.wait)
        tasks = [asyncio.create_task(write(lambda: made.append("in line")))]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(write(lambda: made.append("gathering"))))
        await asyncio.sleep(0)
        write.close()
        assert made == ["in line", "gathering"]
        with pytest.raises(StoreError, match="the run has ended"):
            await write(lambda: None)
        assert await last(lambda: "goes on") == "goes on"
        slow.may_end.set()
        first.close()  # waits for what is under way
        assert await held == "held"
        await asyncio.gather(*tasks, return_exceptions=True)
    assert made == ["in line", "gathering"]


@pytest.mark.virtual_time
async def test_a_batch_that_no_thread_has_begun_is_made_by_whoever_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, later = asyncio.get_running_loop(), list[Callable[[], None]]()
    done: asyncio.Future[None] = loop.create_future()

    def hand_over(_loop: object, _pool: object, function: Callable[[], None]) -> Any:
        later.append(function)
        return done

    monkeypatch.setattr("tests.clock.VirtualLoop.run_in_executor", hand_over)
    store, made = Anything(), list[int]()
    write = writer(store, StoreThreads())
    call = asyncio.create_task(write(lambda: made.append(1)))
    for _ in range(5):
        await asyncio.sleep(0)
    write.close()
    assert made == [1]
    later[0]()  # the thread comes to it at last
    done.set_result(None)
    await call
    assert (made, store.batches) == ([1], 1)


# -- answers that wait for others ---------------------------------------------------------------


@pytest.mark.virtual_time
async def test_answers_wait_for_others_only_while_nobody_waits_for_them() -> None:
    store, loop = Anything(), asyncio.get_running_loop()
    is_time = True
    write = writer(store, can_wait=lambda: is_time)

    async def call(after: float, **options: bool) -> float:
        await asyncio.sleep(after)
        await write(lambda: None, **options)
        return loop.time() - began

    began = loop.time()
    answers = (call(each, is_answer=True) for each in (0.0, 0.2))
    assert await asyncio.gather(*answers) == pytest.approx([PATIENCE] * 2)
    assert store.batches == 1

    began = loop.time()  # as many as are asked for again after a kill
    answers = (call(0.1 * each, is_answer=True) for each in range(MOST_PATIENT))
    assert await asyncio.gather(*answers) == pytest.approx([0.1 * (MOST_PATIENT - 1)] * 3)
    assert store.batches == 2

    began = loop.time()  # anything else takes them along
    assert await asyncio.gather(call(0.0, is_answer=True), call(0.1)) == pytest.approx([0.1] * 2)
    assert store.batches == 3

    is_time, began = False, loop.time()
    assert await call(0.0, is_answer=True) == 0.0
    assert store.batches == 4
    write.close()


@pytest.mark.virtual_time
async def test_answers_that_wait_are_written_when_it_is_closed() -> None:
    store, made = Anything(), list[int]()
    write = writer(store, can_wait=lambda: True)
    call = asyncio.create_task(write(lambda: made.append(1), is_answer=True))
    await asyncio.sleep(PATIENCE / 2)
    write.close()
    assert made == [1]
    with pytest.raises(asyncio.CancelledError):
        await call


@pytest.mark.virtual_time
async def test_at_the_quotas_pace_answers_are_committed_together_and_nothing_takes_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    commits, seconds = list[int](), list[float]()
    for patience in (PATIENCE, 0.0):
        monkeypatch.setattr("elements_procura.harvest._writer.PATIENCE", patience)
        path, began = tmp_path / f"{patience}.sqlite", loop.time()
        quota = Scheduler(
            rates=(Rate(5, 1),), clock=VirtualClock(), gate=LocalGate(is_bulk_apart=True)
        )
        async with (
            small(dossiers=3) as (sandbox, _),
            connect(sandbox, rates=None, scheduler=quota) as elements,
        ):
            with Store.create(path, tenant=TENANT, clock=VirtualClock()) as store:
                statements = list[str]()
                db_of(store).set_trace_callback(statements.append)
                run = harvest(elements, store, clock=VirtualClock())
                async for _event in run:
                    pass
                assert run.progress.complete
                commits.append(statements.count("COMMIT"))
        seconds.append(loop.time() - began)
    assert commits[0] < 0.7 * commits[1]
    assert seconds[0] <= 1.01 * seconds[1]

"""A tenant's store is closed whoever is cancelled while a thread has it."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from elements_procura.errors import StoreError
from elements_procura.fleet._held import HeldStore
from elements_procura.harvest import Store


class Slow:
    """A step that a test lets end."""

    def __init__(self, step: Callable[..., Store]) -> None:
        self.step = step
        self.begun, self.may_end, self.ended = (threading.Event() for _ in range(3))

    def __call__(self, *given: Store) -> Store:
        self.begun.set()
        assert self.may_end.wait(30)
        try:
            return self.step(*given)
        finally:
            self.ended.set()


def free(path: Path) -> bool:
    """Whether nobody holds the store."""
    try:
        Store.open(path, tenant="t").close()
    except StoreError:
        return False
    return True


async def begun(
    slow: Slow, held: HeldStore, use: Callable[[Store], object]
) -> "asyncio.Task[None]":
    async def run() -> None:
        async with held:
            await held.call(use)

    task = asyncio.create_task(run())
    assert await asyncio.to_thread(slow.begun.wait, 30)
    return task


async def cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_one_that_opens_while_its_opener_is_cancelled_is_closed_again(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    slow = Slow(lambda: Store.create(path, tenant="t"))
    await cancelled(await begun(slow, HeldStore(slow), lambda _: None))
    assert not path.exists()
    slow.may_end.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert free(path)


async def test_a_step_that_is_cancelled_ends_before_the_store_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    seen: list[int] = []

    def look(store: Store) -> Store:
        seen.append(store.progress().dossiers)  # a closed one would raise
        return store

    slow = Slow(look)
    await cancelled(await begun(slow, HeldStore(lambda: Store.create(path, tenant="t")), slow))
    assert not free(path)
    slow.may_end.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert seen == [0]
    assert free(path)


async def test_it_is_closed_at_the_end_and_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    async with HeldStore(lambda: Store.create(path, tenant="t")) as held:
        assert not free(path)
        assert held.store.progress().dossiers == 0
    assert free(path)

    async def failing() -> None:
        async with HeldStore(lambda: Store.open(path, tenant="t")) as held:
            await held.call(lambda _: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        await failing()
    assert free(path)
    with pytest.raises(StoreError):
        async with HeldStore(lambda: Store.open(path, tenant="another")):
            pytest.fail("it was opened")

"""Calls of the store from an event loop: together, in order, all or nothing."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from elements_procura.elements.kinds import dossier_want
from elements_procura.errors import StoreError
from elements_procura.harvest import Store
from elements_procura.harvest._writer import Writer
from elements_procura.spec.source import Discovery, Root
from tests.harvest.inside import db_of


def add(store: Store, number: int) -> int:
    return store.add_dossiers([Root(number, Discovery((dossier_want(number),)))])


async def test_calls_that_come_meanwhile_are_one_transaction(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
        statements: list[str] = []
        begun, loop = asyncio.Event(), asyncio.get_running_loop()

        def note(statement: str) -> None:  # in the store's thread
            statements.append(statement)
            loop.call_soon_threadsafe(begun.set)

        db_of(store).set_trace_callback(note)
        write = Writer(store)
        first = asyncio.create_task(write(lambda: add(store, 20)))
        await begun.wait()
        answers = await asyncio.gather(
            *(write(lambda number=number: add(store, number)) for number in range(20))  # type: ignore[misc] # mypy knows no default of a lambda
        )
        write.close()
        assert [*answers, await first] == [1] * 21
        # The first is alone; the rest came together, whether it was written by then or not.
        assert statements.count("COMMIT") == 2
        assert sorted(store.states()) == [*range(21)]


async def test_a_batch_waits_for_what_is_arriving_and_no_longer(tmp_path: Path) -> None:
    """Calls of tasks that the loop wakes turn by turn are one transaction, as answers are."""

    async def arrive(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await write(lambda: add(store, turns))

    with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
        statements: list[str] = []
        db_of(store).set_trace_callback(statements.append)
        write = Writer(store)
        assert await asyncio.gather(*map(arrive, range(10))) == [1] * 10
        assert statements.count("COMMIT") == 1
        assert await write(lambda: add(store, 10)) == 1  # with nobody else under way
        assert statements.count("COMMIT") == 2
        write.close()


async def test_calls_that_still_gather_are_made_when_it_is_closed(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
        write = Writer(store)
        call = asyncio.create_task(write(lambda: add(store, 1)))
        await asyncio.sleep(0)
        write.close()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert list(store.states()) == [1]


async def test_what_fails_fails_together_and_the_next_call_goes_on(tmp_path: Path) -> None:
    def fail() -> None:
        raise sqlite3.OperationalError("disk full")

    with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
        write = Writer(store)
        assert await write(lambda: add(store, 1)) == 1
        outcomes = await asyncio.gather(
            write(lambda: add(store, 2)),
            write(fail),
            return_exceptions=True,
        )
        assert [type(each) for each in outcomes] == [StoreError, StoreError]
        assert await write(lambda: add(store, 3)) == 1
        write.close()
        assert list(store.states()) == [1, 3]
        assert store.progress().requests == 0


async def test_who_gives_up_waiting_does_not_undo_it(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
        write = Writer(store)
        first = asyncio.create_task(write(lambda: add(store, 1)))
        second = asyncio.create_task(write(lambda: add(store, 2)))
        await asyncio.sleep(0)
        second.cancel()
        assert await first == 1
        with pytest.raises(asyncio.CancelledError):
            await second
        assert await write(lambda: add(store, 3)) == 1
        write.close()
        assert list(store.states()) == [1, 2, 3]

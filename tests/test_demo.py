"""The demo's verdict can be bad: one byte, one missing body, one body too many."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from elements_procura.demo import Verdict, run_demo, verify
from elements_procura.harvest import Harvest, Store
from elements_procura.sandbox import Sandbox

ADRESSEN = "/api/data/klantdossiers/5526/klanten/particulier/120954/adressen"
SHARED = "/api/data/klantdossiers/%/adviseurs/%/adressen"


async def watch(run: Harvest) -> None:
    async for _ in run:
        pass


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[tuple[Sandbox, Path]]:
    async with Sandbox(dossiers=30, seed=8, limits="off") as sandbox:
        result = await run_demo(sandbox, tmp_path, name="test", watch=watch)
        assert result.ok
        assert result.sent == result.progress.requests == len(sandbox.log)
        yield sandbox, result.store


def judged(demo: tuple[Sandbox, Path], statement: str, *values: object) -> Verdict:
    """The verdict after a change in the store, which has to be one."""
    sandbox, path = demo
    with sqlite3.connect(path) as connection:
        assert connection.execute(statement, values).rowcount > 0
    connection.close()
    with Store.read(path) as store:
        return verify(store, sandbox)


async def test_one_byte_that_differs_is_seen(demo: tuple[Sandbox, Path]) -> None:
    sandbox, path = demo
    with Store.read(path) as store:
        assert verify(store, sandbox).equal
        body = store.body(ADRESSEN) or b""
    changed = body.replace(b"Nieuwemarkt", b"nieuwemarkt")
    verdict = judged(
        demo,
        "UPDATE bodies SET body = ? WHERE resource = (SELECT id FROM resources WHERE path = ?)",
        changed,
        ADRESSEN,
    )
    assert (verdict.equal, verdict.different, verdict.incomplete) == (False, 1, 0)


async def test_a_body_that_is_missing_is_seen(demo: tuple[Sandbox, Path]) -> None:
    verdict = judged(
        demo,
        "DELETE FROM bodies WHERE resource = (SELECT id FROM resources WHERE path = ?)",
        ADRESSEN,
    )
    assert (verdict.equal, verdict.different, verdict.incomplete) == (False, 0, 1)


async def test_a_shared_body_that_is_missing_is_missed_by_all_who_share_it(
    demo: tuple[Sandbox, Path],
) -> None:
    verdict = judged(
        demo,
        "DELETE FROM bodies WHERE resource IN (SELECT id FROM resources WHERE path LIKE ?)",
        SHARED,
    )
    assert verdict.incomplete > 20


async def test_a_body_that_the_sandbox_does_not_hold_is_seen(demo: tuple[Sandbox, Path]) -> None:
    verdict = judged(demo, "UPDATE resources SET path = path || '9' WHERE path = ?", f"{ADRESSEN}")
    assert verdict.different == 1
    assert not verdict.equal

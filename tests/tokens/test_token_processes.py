"""Several processes on one file store: a small version of ``.ci/soak fleet``."""

import asyncio
from pathlib import Path

from elements_procura.disk.lock import FileLock
from elements_procura.sandbox import Fault, Sandbox
from tests.tokens.fleet_kit import Fleet, fleet, grants_of, lost, nearest

LIFETIME = 2.0


async def all_have_begun(sandbox: Sandbox, calls: int) -> None:
    async with asyncio.timeout(120):
        while len(sandbox.log) < calls:  # noqa: ASYNC110 - the log tells nobody
            await asyncio.sleep(0.01)


async def test_processes_renew_once_per_expiry(tmp_path: Path) -> None:
    async with Sandbox(dossiers=1, limits="off", token_seconds=LIFETIME) as sandbox:
        async with fleet(sandbox, tmp_path / "t", members=3, pause=0.05) as running:
            await all_have_begun(sandbox, 60)
            while len(sandbox.token_events) < 3:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        events = sandbox.token_events
        assert running.failures == []
        assert running.calls > 30
        assert {each.outcome for each in events} == {"issued"}
        assert [each.grant_type for each in events] == [
            "organisation",
            *["refresh_token"] * (len(events) - 1),
        ]
        assert len(events) >= 3
        assert nearest(events) > 0.5 * LIFETIME
        assert lost(events) == []


async def test_a_process_that_is_killed_between_rotation_and_saving(tmp_path: Path) -> None:
    """The next one finds the old refresh token refused, and asks for one grant."""
    folder = tmp_path / "t"
    stall = Fault(kind="stall-after", match="POST /oauth/*", seconds=0.1)
    async with Sandbox(dossiers=1, limits="off", token_seconds=LIFETIME, faults=[stall]) as sandbox:
        async with fleet(sandbox, folder, members=3, pause=0.1) as running:
            await all_have_begun(sandbox, 20)
            for _ in range(2):
                await killed_in_the_middle(running)
            known = len(sandbox.log)
            await all_have_begun(sandbox, known + 20)
        events = sandbox.token_events
        assert running.failures == []
        assert running.kills == 2
        assert len(lost(events)) == 2
        assert len(grants_of(events)) == 1 + 2
        (path,) = folder.glob("*.json")
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(folder.glob("*.corrupt")) == []
        (locked,) = folder.glob("*.lock")
        lock = FileLock(locked)
        assert lock.acquire()
        lock.release()


async def killed_in_the_middle(running: Fleet) -> None:
    """Wait until a token was given out, and kill the one that waits for it."""
    events = running.sandbox.token_events
    known = sum(each.outcome == "issued" for each in events)
    async with asyncio.timeout(120):
        while sum(each.outcome == "issued" for each in events) == known:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
        while (process := running.holder()) is None:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.002)
    await running.kill(process)

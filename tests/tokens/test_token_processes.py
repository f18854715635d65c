"""Several processes on one file store: a small version of ``.ci/soak fleet``."""

import asyncio
from pathlib import Path

from elements_procura.disk.lock import FileLock
from elements_procura.sandbox import Fault, Sandbox
from tests.tokens.fleet_kit import Fleet, fleet, grants_of, lost

LIFETIME = 5.0  # the machine may stand still for seconds


async def all_have_begun(sandbox: Sandbox, calls: int) -> None:
    async with asyncio.timeout(120):
        while len(sandbox.log) < calls:  # noqa: ASYNC110 - the log tells nobody
            await asyncio.sleep(0.01)


async def test_processes_renew_once_per_expiry(tmp_path: Path) -> None:
    async with Sandbox(dossiers=1, limits="off", token_seconds=LIFETIME) as sandbox:
        began = asyncio.get_running_loop().time()  # the clock of the sandbox, too
        async with fleet(sandbox, tmp_path / "t", members=3, pause=0.2) as running:
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
        # However late an answer comes, a token's life begins after it was asked for.
        assert len(events) - 1 <= (events[-1].at - began) / (0.5 * LIFETIME)
        assert lost(events) == []


async def test_a_process_that_is_killed_between_rotation_and_saving(tmp_path: Path) -> None:
    """The next one finds the old refresh token refused, and asks for one grant."""
    folder = tmp_path / "t"
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        async with fleet(sandbox, folder, members=3, pause=0.1) as running:
            for _ in range(2):
                await all_have_begun(sandbox, len(sandbox.log) + 20)
                await killed_in_the_middle(running)
            await all_have_begun(sandbox, len(sandbox.log) + 20)
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
    # It waits for its answer until it is killed, however busy the machine.
    stall = Fault(kind="stall-after", match="POST /oauth/*", seconds=3600, times=1)
    running.sandbox.add_fault(stall)
    known = sum(each.outcome == "issued" for each in events)
    running.sandbox.expire_tokens()
    async with asyncio.timeout(120):
        while sum(each.outcome == "issued" for each in events) == known:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
        while (process := running.holder()) is None:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.002)
    await running.kill(process)

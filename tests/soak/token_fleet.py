"""Eight processes on one token store, tokens of two seconds, strict rotation; then 200 kills.

Run it by hand (``.ci/soak fleet``, and ``.ci/soak tokens_redis`` with a Valkey server instead of
files): it takes some six minutes. Exits 1 when anything is lost, and with a server when any refresh
token is presented twice.
"""

import argparse
import asyncio
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from elements_procura.disk.lock import FileLock
from elements_procura.sandbox import Fault, Sandbox
from elements_procura.sandbox.elements.tokens import TokenEvent
from tests.servers.valkey import valkey
from tests.tokens.fleet_kit import Fleet, fleet, grants_of, lost, nearest

MEMBERS = 8


async def begun(sandbox: Sandbox) -> None:
    """Return when the fleet calls."""
    while len(sandbox.log) < 20 * MEMBERS:  # noqa: ASYNC110 - the log tells nobody
        await asyncio.sleep(0.01)


async def in_peace(where: Path | str, seconds: float, lifetime: float) -> bool:
    """Nobody is killed: no refusal, one renewal per expiry."""
    async with Sandbox(dossiers=1, limits="off", token_seconds=lifetime) as sandbox:
        async with fleet(sandbox, where, members=MEMBERS, pause=0.1) as running:
            await begun(sandbox)
            started = time.monotonic()
            await asyncio.sleep(seconds)
            lasted = time.monotonic() - started
        events = sandbox.token_events
        refused = [each for each in events if each.outcome != "issued"]
        unauthorised = sum(entry.status == 401 for entry in sandbox.log)
    print(
        f"peace: {MEMBERS} processes, {lasted:.0f} s, {running.calls} calls, {len(events)} token "
        f"requests ({len(grants_of(events))} organisation grant), nearest two "
        f"{nearest(events):.2f} s apart, {len(refused)} refused, {unauthorised} times 401, "
        f"{len(running.failures)} processes failed"
    )
    good = not refused and not running.failures and len(grants_of(events)) == 1
    # Renewal is due after 80 % of a life: two that are nearer would be for one expiry.
    return good and not lost(events) and nearest(events) > 0.5 * lifetime


def is_whole(where: Path | str) -> bool:
    """Whether what lies there is what one process wrote."""
    folder = Path(where)  # of a server's URL there is none: nothing can be torn there
    for path in folder.glob("*.json"):
        try:
            written = path.read_bytes()
        except FileNotFoundError:
            continue  # forgotten just now
        try:
            if not json.loads(written)["access"]:
                return False
        except ValueError:
            return False
        if path.stat().st_mode & 0o777 != 0o600:
            return False
    return not list(folder.glob("*.corrupt"))


def is_refresh(event: TokenEvent) -> bool:
    """Whether a refresh token was rotated."""
    return event.grant_type == "refresh_token" and event.outcome == "issued"


async def one_kill(running: Fleet, chosen: random.Random, *, aimed: bool) -> None:
    """Kill a member: any, at any moment, or the one that a token is on its way to."""
    events = running.sandbox.token_events
    if not aimed:
        await asyncio.sleep(chosen.random() * 0.5)
        await running.kill(chosen.choice(running.alive))
        return
    known = sum(map(is_refresh, events))
    while sum(map(is_refresh, events)) == known:  # noqa: ASYNC110 - see above
        await asyncio.sleep(0.002)
    await asyncio.sleep(chosen.random() * 0.06)  # the answer is held back for half of that
    process = running.holder()
    if process is not None:
        await running.kill(process)


def once_per_expiry(events: Sequence[TokenEvent], lifetime: float) -> bool:
    """Whether no token was renewed before its time, those aside that a kill has lost."""
    gone = lost(events)
    return nearest([each for each in events if each not in gone]) > 0.5 * lifetime


async def under_fire(where: Path | str, kills: int, lifetime: float) -> bool:
    """Every third kill at any moment, the others around the saving of a token."""
    chosen = random.Random(5)
    stall = Fault(kind="stall-after", match="POST /oauth/*", seconds=0.03)
    torn = 0
    async with Sandbox(dossiers=1, limits="off", token_seconds=lifetime, faults=[stall]) as sandbox:
        async with fleet(sandbox, where, members=MEMBERS, pause=0.1) as running:
            await begun(sandbox)
            started = time.monotonic()
            while running.kills < kills:
                await one_kill(running, chosen, aimed=running.kills % 3 != 0)
                torn += not is_whole(where)
            known = len(sandbox.log)
            while len(sandbox.log) < known + 100:  # noqa: ASYNC110 - it goes on
                await asyncio.sleep(0.01)
        events = sandbox.token_events
    gone, grants = len(lost(events)), len(grants_of(events))
    left = sum(not FileLock(path).acquire() for path in Path(where).glob("*.lock"))
    is_once = once_per_expiry(events, lifetime)
    refused = sum(each.outcome == "invalid_grant" for each in events)
    print(
        f"fire: {running.kills} kills in {time.monotonic() - started:.0f} s, {torn} torn files, "
        f"{gone} tokens lost between rotation and saving, {grants - 1} organisation grants for "
        f"them, {refused} times invalid_grant, {left} locks left, "
        f"{len(running.failures)} processes failed, "
        f"{'at most one renewal per expiry' if is_once else 'RENEWED BEFORE ITS TIME'}"
    )
    for failure in running.failures:
        print(failure)
    # By its lease a server knows that a holder has ended midway; a file's lock is merely free.
    is_calm = not refused or isinstance(where, Path)
    good = not torn and not left and not running.failures and is_once and is_calm
    return good and grants - 1 == gone


async def main(given: argparse.Namespace) -> int:
    """The exit code."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        where: list[Path | str] = [Path(folder) / "peace", Path(folder) / "fire"]
        if given.redis:
            server = stack.enter_context(valkey(Path(folder)))
            where = [f"{server.url[:-1]}{number}" for number in range(2)]
        peace = await in_peace(where[0], given.seconds, given.lifetime)
        fire = await under_fire(
            where[1], given.kills, given.lifetime if given.redis else given.lifetime / 2
        )
    return 0 if peace and fire else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--lifetime", type=float, default=2.0)
    sys.exit(asyncio.run(main(parser.parse_args())))

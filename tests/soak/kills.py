"""``kill -9`` at seeded moments of a harvest: nothing is lost, nothing stored is asked for again.

Two ways: many harvests, each killed once (``--moments``), and one harvest that is killed many times
(``--times``). Run it by hand (``.ci/soak kills``): it takes minutes. Exits 1 when something fails.
"""

import argparse
import asyncio
import random
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from elements_procura.demo import verify
from elements_procura.harvest import Store
from elements_procura.sandbox import Sandbox
from tests.cli.cli_running import environment, run, start

FAST = ("--per-second", "300", "--per-day", "6000000", "--progress", "none")
DOSSIERS = 60
MANY_DOSSIERS = 500
# Requests between two kills, of the 25 or so that each of the dossiers costs.
MOST_BETWEEN = 150


async def kill_once(seed: int, folder: Path) -> str:
    """One harvest that is killed at a seeded moment and gone on with; a fault, or nothing."""
    chosen = random.Random(seed)
    async with Sandbox(dossiers=DOSSIERS, seed=seed, limits="scaled") as sandbox:
        env, out = environment(sandbox), folder / str(seed)
        # From the first requests, before there is a store, to the last.
        moment = chosen.randint(1, 24 * DOSSIERS)
        await killed(sandbox, env, out, moment=moment, chosen=chosen)
        path = out / "elements.sqlite"
        stored, begun = stored_in(path), len(sandbox.log)
        resume = ("--resume",) if path.exists() else ()
        done = await run("harvest", "elements", "--out", out, *resume, *FAST, env=env)
        if done.code:
            return f"the second run exits {done.code}: {done.err}"
        again = [entry.path for entry in sandbox.log[begun:] if entry.path in stored]
        with Store.read(path) as store:
            verdict, progress = verify(store, sandbox), store.progress()
        print(
            f"seed {seed:3}: killed after {moment:4} requests with {len(stored):4} bodies stored; "
            f"then {progress.harvested}/{progress.dossiers} dossiers, "
            f"equal={verdict.equal}, stored ones asked for again: {len(again)}",
            flush=True,
        )
        if again or not verdict.equal or not progress.complete:
            return "not equal, not complete, or asked for again"
    return ""


async def kill_often(seed: int, folder: Path, *, times: int) -> str:
    """One harvest that is killed many times and each time gone on with; a fault, or nothing."""
    chosen = random.Random(seed)
    dossiers = MANY_DOSSIERS * times // 100
    async with Sandbox(dossiers=dossiers, seed=seed, limits="scaled") as sandbox:
        env, out = environment(sandbox), folder / f"often-{seed}"
        path = out / "elements.sqlite"
        stored: set[str] = set()
        again = 0
        for number in range(1, times + 1):
            begun = len(sandbox.log)
            alive = await killed(
                sandbox, env, out, moment=begun + chosen.randint(0, MOST_BETWEEN), chosen=chosen
            )
            if not alive:
                return f"it ended by itself before kill {number}"
            again += sum(entry.path in stored for entry in sandbox.log[begun:])
            stored = stored_in(path)
            if number % 10 == 0:
                print(
                    f"kill {number:3}: {len(sandbox.log):6} requests, {len(stored):6} bodies "
                    f"stored, stored ones asked for again: {again}",
                    flush=True,
                )
        begun = len(sandbox.log)
        done = await run("harvest", "elements", "--out", out, "--resume", *FAST, env=env)
        if done.code:
            return f"the last run exits {done.code}: {done.err}"
        again += sum(entry.path in stored for entry in sandbox.log[begun:])
        asked = Counter(entry.path for entry in sandbox.log if entry.method == "GET")
        with Store.read(path) as store:
            verdict, progress = verify(store, sandbox), store.progress()
            # What dossiers share is asked for under one of them, and under no other one ever.
            twins = {
                re.sub(r"(?<=/klantdossiers/)\d+", str(dossier), shared, count=1)
                for shared, dossier in store.shared()
            }
        shared_again = sum(asked[twin] for twin in twins)
        twice = sum(count - 1 for count in asked.values())
        print(
            f"killed {times} times: {progress.harvested}/{progress.dossiers} dossiers, "
            f"{verdict.compared} bodies compared, equal={verdict.equal}; {len(sandbox.log)} "
            f"requests, {twice} of them for what was under way at a kill; stored ones asked for "
            f"again: {again}, shared ones again for another dossier: {shared_again} of {len(twins)}"
        )
        if again or shared_again or not verdict.equal or not progress.complete:
            return "not equal, not complete, or asked for again"
    return ""


async def killed(
    sandbox: Sandbox, env: dict[str, str], out: Path, *, moment: int, chosen: random.Random
) -> bool:
    """Harvest, or go on, and kill when the sandbox has seen ``moment`` requests in all.

    Returns:
        Whether the process still lived then.
    """
    resume = ("--resume",) if (out / "elements.sqlite").exists() else ()
    process = await start("harvest", "elements", "--out", out, *resume, *FAST, env=env, cold=True)
    while len(sandbox.log) < moment and process.returncode is None:  # noqa: ASYNC110 - polled
        await asyncio.sleep(0.001)
    await asyncio.sleep(chosen.random() * 0.02)
    alive = process.returncode is None
    if alive:
        process.kill()
    await process.communicate()
    return alive


def stored_in(path: Path) -> set[str]:
    """The paths of all bodies in a store; none if it was not made yet."""
    if not path.exists():
        return set()
    with Store.read(path) as store:
        return {stored_path for stored_path, _ in store.bodies()}


async def main(given: argparse.Namespace) -> int:
    """Every moment, then the many kills; the exit code."""
    faults: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in range(given.first, given.first + given.moments):
            if fault := await kill_once(seed, folder):
                faults[f"seed {seed}"] = fault
        if given.times and (fault := await kill_often(given.first, folder, times=given.times)):
            faults[f"killed {given.times} times"] = fault
    for which, fault in faults.items():
        print(f"FAILED: {which}: {fault}")
    print(f"{len(faults)} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    sys.exit(asyncio.run(main(parser.parse_args())))

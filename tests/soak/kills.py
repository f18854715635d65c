"""``kill -9`` at seeded moments of a harvest: nothing is lost, nothing stored is asked for again.

Run it by hand (``.ci/soak kills``): it takes minutes. Exits 1 when a moment fails.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "cli"))

from cli_running import environment, run, start

from elements_procura.demo import verify
from elements_procura.harvest import Store
from elements_procura.sandbox import Sandbox

FAST = ("--per-second", "300", "--per-day", "6000000", "--progress", "none")
DOSSIERS = 60


async def kill_once(seed: int, folder: Path) -> str:
    """One harvest that is killed at a seeded moment and gone on with; a fault, or nothing."""
    chosen = random.Random(seed)
    async with Sandbox(dossiers=DOSSIERS, seed=seed, limits="scaled") as sandbox:
        env, out = environment(sandbox), folder / str(seed)
        process = await start("harvest", "elements", "--out", out, *FAST, env=env)
        # From the first requests, before there is a store, to the last.
        moment = chosen.randint(1, 24 * DOSSIERS)
        while len(sandbox.log) < moment and process.returncode is None:  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.001)
        await asyncio.sleep(chosen.random() * 0.02)
        if process.returncode is None:
            process.kill()
        await process.communicate()
        path = out / "elements.sqlite"
        stored: list[str] = []
        if path.exists():
            with Store.read(path) as store:
                stored = [stored_path for stored_path, _ in store.bodies()]
        resume = ("--resume",) if path.exists() else ()
        done = await run("harvest", "elements", "--out", out, *resume, *FAST, env=env)
        if done.code:
            return f"the second run exits {done.code}: {done.err}"
        asked = Counter(entry.path for entry in sandbox.log)
        again = [stored_path for stored_path in stored if asked[stored_path] != 1]
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


async def main(moments: int, first: int) -> int:
    """Every moment; the exit code."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + moments):
            if fault := await kill_once(seed, Path(folder)):
                failed += 1
                print(f"seed {seed:3}: FAILED: {fault}", flush=True)
    print(f"{moments - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.moments, given.first)))

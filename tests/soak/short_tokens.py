"""The demo's harvest with tokens that live two seconds and rotate strictly.

Run it by hand (``.ci/soak tokens``). Exits 1 unless it ends equal, with one renewal per expiry and
never two at once.
"""

import asyncio
import itertools
import sys
import tempfile
from pathlib import Path

from elements_procura.demo import Quota, run_demo
from elements_procura.harvest import Harvest
from elements_procura.sandbox import ProcuraSandbox, Sandbox

LIFETIME = 2.0
RENEWED_AFTER = 0.8 * LIFETIME


async def watch(_api: str, run: Harvest, _quota: Quota) -> None:
    """Let it run."""
    async for _ in run:
        pass


async def main() -> int:
    """The exit code."""
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(dossiers=200, seed=1, limits="scaled", token_seconds=LIFETIME)
        async with sandbox, ProcuraSandbox() as procura:
            both = await run_demo(sandbox, procura, Path(folder), name="soak", watch=watch)
            result = both.elements
            grants = [entry for entry in sandbox.log if entry.path.startswith("/oauth")]
            refused = [entry for entry in sandbox.log if entry.status in (400, 401)]
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(grants)]
    most = 1 + result.seconds / RENEWED_AFTER
    print(
        f"{result.sent} requests in {result.seconds:.1f} s, {len(grants)} token requests "
        f"(at most {most:.1f} expected), nearest two {min(gaps):.2f} s apart, "
        f"{len(refused)} refused, equal={result.verdict.equal}"
    )
    good = result.ok and len(grants) <= most and min(gaps) > RENEWED_AFTER / 2 and not refused
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

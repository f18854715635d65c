"""20,000 dossiers through the command line: memory stays small and flat, everything is equal.

Sandbox, harvest and comparison are processes of their own, so that the memory that is measured is
the harvest's alone. Run it by hand (``.ci/soak harvest``): it takes a quarter of an hour. Exits 1
when a goal is missed.

The resident memory is read twice a second. The first tenth of the time is warm-up: the start, the
listing, caches that fill. The rest is cut into four quarters, and the mean of the last may differ
from that of the first by a tenth. The peak is the system's own figure, warm-up included.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from elements_procura.demo import verify
from elements_procura.harvest import Store
from elements_procura.sandbox import Sandbox
from tests.cli.cli_running import environment, start

PEAK_MB = 200
FLAT = 0.10
SEED = 1
# Wide enough never to be waited for: what is measured is the harvest.
NO_LIMITS = ("--per-second", "5000", "--per-day", "100000000", "--budget", "100%")


async def main(given: argparse.Namespace) -> int:
    """The exit code."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        size, options = str(given.dossiers), ("--seed", str(SEED), "--limits", "off")
        server = await start("sandbox", "--dossiers", size, *options, cold=True)
        try:
            assert server.stdout
            env = _environment(json.loads(await server.stdout.readline()))
            began = time.monotonic()
            harvest = await start(
                "harvest", "elements", "--out", out, *NO_LIMITS, env=env, cold=True
            )
            watch = asyncio.create_task(_watch(harvest.pid))
            _, told = await harvest.communicate()
            seconds = time.monotonic() - began
            samples, peak = await watch
        finally:
            server.kill()
            await server.communicate()
        if harvest.returncode:
            print(f"FAILED: the harvest exits {harvest.returncode}: {told.decode()}")
            return 1
        path = out / "elements.sqlite"
        checked = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--verify", path, "--dossiers", size
        )
        equal = await checked.wait() == 0
        with Store.read(path) as store:
            progress = store.progress()
        bytes_stored = sum(file.stat().st_size for file in out.iterdir())
    first, last = _quarter(samples, 0), _quarter(samples, 3)
    print(
        f"{progress.harvested:,}/{progress.dossiers:,} dossiers in {seconds:.0f} s: "
        f"{progress.requests:,} requests, {progress.requests / seconds:,.0f} a second; "
        f"{progress.resources:,} answers stored in {bytes_stored / 1e6:,.0f} MB"
    )
    quarters = ", ".join(f"{_quarter(samples, number):.1f}" for number in range(4))
    print(
        f"memory of the harvest: peak {peak:.1f} MB, quarters {quarters} MB, "
        f"last against first {100 * (last / first - 1):+.1f} %"
    )
    missed = [
        text
        for text, bad in (
            (f"the peak is over {PEAK_MB} MB", peak >= PEAK_MB),
            (f"memory is not flat within {FLAT:.0%}", abs(last / first - 1) > FLAT),
            ("the harvest is not complete", not progress.complete or progress.quarantined > 0),
            ("what is stored is not equal", not equal),
        )
        if bad
    ]
    for text in missed:
        print(f"MISSED: {text}")
    return 1 if missed else 0


def compare(path: Path, dossiers: int) -> int:
    """Compare the whole store with the same world, grown anew; 0 if all is equal."""
    with Store.read(path) as store:
        verdict = verify(store, Sandbox(dossiers=dossiers, seed=SEED))
    print(
        f"verify: {verdict.compared:,} bodies compared byte by byte, {verdict.different} "
        f"different, {verdict.incomplete} dossiers lost"
    )
    return 0 if verdict.equal else 1


def _environment(told: dict[str, dict[str, object]]) -> dict[str, str]:
    given = told["credentials"]["elements"]
    assert isinstance(given, dict)
    return environment(
        ELEMENTS_HOST=str(told["elements"]),
        ELEMENTS_CLIENT_ID=given["client_id"],
        ELEMENTS_CLIENT_SECRET=given["client_secret"],
        ELEMENTS_ORGANISATION=str(given["organisation"]),
        ELEMENTS_SCOPES=" ".join(given["scopes"]),
    )


async def _watch(pid: int) -> tuple[list[float], float]:
    """Resident megabytes of a process twice a second until it ends, and its peak."""
    samples: list[float] = []
    peak = 0.0
    while (now := _memory(pid)) is not None:
        resident, peak = now
        samples.append(resident)
        await asyncio.sleep(0.5)
    return samples, peak


def _memory(pid: int) -> tuple[float, float] | None:
    """Resident megabytes now and at most; None once the process has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = dict(line.split(":", 1) for line in lines if line.startswith(("VmRSS", "VmHWM")))
    if "VmRSS" not in found:  # it has ended, and nobody has asked for its exit code yet
        return None
    resident, peak = (int(found[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return resident, peak


def _quarter(samples: list[float], number: int) -> float:
    """Mean of a quarter of the time after the warm-up."""
    warm = samples[len(samples) // 10 :]
    return statistics.fmean(warm[len(warm) * number // 4 : len(warm) * (number + 1) // 4])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=20_000, help="fewer for a quick try")
    parser.add_argument("--verify", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.verify:
        sys.exit(compare(arguments.verify, arguments.dossiers))
    sys.exit(asyncio.run(main(arguments)))

"""``kill -9`` in the middle of weather: whatever dies when, nothing is lost and it ends equal.

Each seed is one office: a harvest that is killed some times in random weather, then a night's
refresh that is, too, then fair weather. With ``--postgres`` the store is in a server (needs the
extra fleet-demo, or one in ``TEST_POSTGRES_URL``). Part of ``.ci/soak weather``; a seed takes some
eight seconds. Exits 1 when something fails.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from elements_procura.demo import verify
from elements_procura.harvest import Store
from elements_procura.sandbox import Sandbox, Weather
from elements_procura.sandbox.core.weather import KINDS
from tests.cli.cli_running import environment, start
from tests.servers.postgres import fresh

FAST = ("--per-second", "300", "--per-day", "6000000", "--progress", "none", "--patience", "4s")
DOSSIERS, KILLS = 12, 4
REFUSED = "refused"  # the sandbox does not listen then
OF_A_WHILE = sorted(name for name, kind in KINDS.items() if kind.passing and name != REFUSED)
MANNERS = ("bom", "php-lists", "stray-pooled")
KILLED = -9
EXPECTED = (0, 3, 5, KILLED)
"""Complete; put aside in weather; away for longer than the patience; killed."""
NO_TOKEN = 4
"""Of a run without a store: the first answer of all is a page, which may be of a wrong address."""


class Office:
    """One sandbox, one store, and the command line between them.

    Args:
        sandbox: The server.
        out: The folder of the store.
        store: Its URL, if it is not there.
        chosen: The seed's random numbers.
    """

    def __init__(
        self, sandbox: Sandbox, out: Path, store: str | None, chosen: random.Random
    ) -> None:
        self._sandbox = sandbox
        self._env = environment(sandbox)
        self._out = ("--out", out, *(() if store is None else ("--store", store)))
        self._path: Path | str = store or out / "elements.sqlite"
        self._chosen = chosen
        self.faults: list[str] = []

    def blow(self) -> None:
        """Let some weather begin, of any kind that passes."""
        chosen = self._chosen
        self._sandbox.set_weather(
            [
                Weather(
                    chosen.choice((*OF_A_WHILE, *MANNERS)),
                    probability=chosen.choice((1.0, 0.5, 0.2)),
                    after=chosen.randint(0, 60),
                    times=chosen.randint(1, 40),
                )
                for _ in range(chosen.randint(1, 3))
            ]
        )

    def held(self) -> dict[str, bytes]:
        """What the store holds."""
        with contextlib.suppress(Exception), Store.read(self._path) as store:
            return dict(store.bodies())
        return {}

    def is_begun(self) -> bool:
        """Whether there is a store that a run goes on with."""
        with contextlib.suppress(Exception), Store.read(self._path):
            return True
        return False

    async def run(self, *more: str, after: int | None = None) -> int:
        """Run the command; kill it once so many requests have come, if it lives so long."""
        begun = len(self._sandbox.log)
        process = await start("harvest", "elements", *self._out, *more, *FAST, env=self._env)
        reading = asyncio.create_task(process.communicate())
        last = None if after is None else begun + after
        while last and not reading.done() and len(self._sandbox.log) < last:  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.002)
        if last and not reading.done():
            await asyncio.sleep(self._chosen.random() * 0.02)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        _, said = await reading
        code = process.returncode or 0
        expected = EXPECTED if more else (*EXPECTED, NO_TOKEN)
        if code not in expected or b"Traceback" in said:
            self.faults.append(f"{' '.join(more) or 'harvest'} exits {code}: {said[-300:]!r}")
        return code

    async def live(self) -> str:
        """The harvest, the night, and the fair weather after them; the codes of all runs."""
        codes: list[int] = []
        chosen = self._chosen
        for _ in range(chosen.randint(1, KILLS)):
            self.blow()
            goes_on = ("--resume",) if self.is_begun() else ()
            codes.append(await self.run(*goes_on, after=chosen.randint(1, 150)))
        self._sandbox.clear_weather()
        codes.append(await self.run("--refresh"))
        before = self.held()
        for _ in range(chosen.randint(1, KILLS)):
            self.blow()
            codes.append(await self.run("--refresh", "--purge", after=chosen.randint(1, 350)))
            if lost := before.keys() - self.held().keys():
                self.faults.append(f"{len(lost)} bodies are lost")
        self._sandbox.clear_weather()
        codes += [await self.run("--refresh"), await self.run("--refresh")]
        with Store.read(self._path) as store:
            verdict = verify(store, self._sandbox, as_json=True)
            progress = store.progress()
        if codes[-1] or not verdict.equal or not progress.complete:
            self.faults.append(f"not equal at the end, exit {codes[-1]}: {verdict}")
        return " ".join(map(str, codes))


async def main(given: argparse.Namespace) -> int:
    """Every seed; the exit code."""
    failed = 0
    for seed in range(given.seed, given.seed + given.offices):
        chosen = random.Random(seed)
        with (
            tempfile.TemporaryDirectory() as folder,
            fresh() if given.postgres else contextlib.nullcontext() as store,
        ):
            async with Sandbox(dossiers=DOSSIERS, seed=seed, limits="scaled") as sandbox:
                office = Office(sandbox, Path(folder) / "o", store, chosen)
                codes = await office.live()
        failed += bool(office.faults)
        print(f"seed {seed}: {codes} {'; '.join(office.faults) or 'held'}", flush=True)
    print(f"{given.offices} offices from seed {given.seed}: {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offices", type=int, default=15)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--postgres", action="store_true")
    sys.exit(asyncio.run(main(parser.parse_args())))

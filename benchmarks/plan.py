"""Measure how often a plan's range holds what the harvest then costs.

::

    python benchmarks/plan.py            the table: 100 data sets of each world, a pilot of 100 each
    python benchmarks/plan.py --goals    and exit 1 if a promise does not hold (a few minutes)

The first world is the sandbox with 2,000 dossiers, walked as the harvester walks it. The others are
drawn: they share adviseurs and kantoren in other ways, and their dossiers differ more in size.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import attrs
import orjson

from elements_procura.elements.kinds import KINDS, dossier_want, holds_bytes
from elements_procura.harvest.policy.plan import PILOT, Sample, plan
from elements_procura.sandbox import Sandbox

SETS = 100
COVERED = 85
HALF_WIDTH = 0.1
FIRST_SEED = 1  # the estimate was looked at on seeds from 1,000


@attrs.frozen
class Outcome:
    """How a plan compares with the truth. Shares of the true requests.

    Attributes:
        covered: Whether the truth lies between the bounds.
        half_width: Half the distance of the bounds, as a share of what is expected.
        off: What is expected, less the truth.
        without: The same for an estimate that takes nothing to be shared beyond the pilot.
    """

    covered: bool
    half_width: float
    off: float
    without: float


def walk(documents: dict[str, bytes], dossier: int) -> Sample:
    """What the harvester asks for, of one dossier of the sandbox; its pictures are left out."""
    queue = [dossier_want(dossier)]
    own: dict[str, int] = {}
    shared: dict[str, str] = {}
    while queue:
        want = queue.pop()
        if want.share is None:
            own[want.kind] = own.get(want.kind, 0) + 1
        elif want.share in shared:
            continue
        else:
            shared[want.share] = want.kind
        if (body := documents.get(want.path)) is not None:
            found = KINDS[want.kind].discover(orjson.loads(body), want.path)
            queue += (each for each in found.wants if not holds_bytes(each.kind))
    return Sample(own, shared)


def sandbox(seed: int, dossiers: int) -> list[Sample]:
    """Every dossier of a sandbox."""
    world = Sandbox(dossiers=dossiers, seed=seed)
    return [walk(world.truth(dossier), dossier) for dossier in world.dossier_ids]


def drawn(seed: int, dossiers: int, *, adviseurs: float, skew: float, sigma: float) -> list[Sample]:
    """Dossiers that share adviseurs at random.

    Args:
        seed: What they are drawn from.
        dossiers: How many.
        adviseurs: Adviseurs per dossier.
        skew: 0 if all adviseurs are met equally often; the higher, the fewer have most dossiers.
        sigma: How much dossiers differ in size, as the sigma of a lognormal distribution.
    """
    rng = random.Random(seed)
    many = max(round(adviseurs * dossiers), 1)
    met = rng.choices(range(many), [(1 + n) ** -skew for n in range(many)], k=dossiers)
    return [
        Sample(
            {"dossier": 1, "hypotheken": round(20 * rng.lognormvariate(-(sigma**2) / 2, sigma))},
            {f"adviseur/{adviseur}/{n}": f"adviseur/{n}" for n in ("adressen", "emailadressen")},
        )
        for adviseur in met
    ]


WORLDS: dict[str, tuple[Callable[[int, int], list[Sample]], int]] = {
    "sandbox": (sandbox, 2_000),
    "20 adviseurs in all": (partial(drawn, adviseurs=0.001, skew=0, sigma=0.3), 20_000),
    "one adviseur for 15": (partial(drawn, adviseurs=1 / 15, skew=0, sigma=0.3), 20_000),
    "the same, few have most": (partial(drawn, adviseurs=1 / 15, skew=1, sigma=0.3), 20_000),
    "one adviseur for 2": (partial(drawn, adviseurs=0.5, skew=0, sigma=0.3), 2_000),
    "sizes differ more": (partial(drawn, adviseurs=1 / 15, skew=1, sigma=0.6), 20_000),
}


def outcome(world: str, seed: int, *, dossiers: int | None = None) -> Outcome:
    """Draw a pilot from a data set, plan the rest, and compare."""
    grow, size = WORLDS[world]
    rest = grow(seed, dossiers or size)
    random.Random(seed).shuffle(rest)
    pilot, rest = rest[:PILOT], rest[PILOT:]
    met = {name for sample in pilot for name in sample.shared}
    new = {name for sample in rest for name in sample.shared} - met
    truth = sum(sum(sample.own.values()) for sample in rest) + len(new)
    found = plan(pilot, dossiers=len(rest), kinds=KINDS).requests
    each = sum(sum(sample.own.values()) + len(sample.shared) for sample in pilot) / len(pilot)
    return Outcome(
        covered=found.low <= truth <= found.high,
        half_width=found.half_width,
        off=found.expected / truth - 1,
        without=each * len(rest) / truth - 1,
    )


def measure(world: str, seeds: Sequence[int], processes: int) -> list[Outcome]:
    """The outcome on every seed."""
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(partial(outcome, world), seeds, chunksize=5))


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description="Measure how good a plan is")
    parser.add_argument("--goals", action="store_true", help="exit 1 if a promise does not hold")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + SETS)
    print("| world | covered | half-width % | widest | off by % | mean | nothing shared |")
    print("|---|---|---|---|---|---|---|")
    kept = True
    for world in WORLDS:
        found = measure(world, seeds, options.processes)
        covered = sum(each.covered for each in found)
        widest = max(each.half_width for each in found)
        print(
            f"| {world} | {covered} of {len(found)}"
            f" | {100 * statistics.mean(each.half_width for each in found):.1f}"
            f" | {100 * widest:.1f}"
            f" | {100 * statistics.mean(abs(each.off) for each in found):.1f}"
            f" | {100 * statistics.mean(each.off for each in found):+.1f}"
            f" | {100 * statistics.mean(each.without for each in found):+.1f} |",
            flush=True,
        )
        if world == "sandbox":
            kept = covered >= COVERED and widest <= HALF_WIDTH
    print(
        f"\nPromised of the sandbox: at least {COVERED} of {SETS} covered, half-width at most"
        f" {HALF_WIDTH:.0%} in each: {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept or not options.goals else 1


if __name__ == "__main__":
    sys.exit(main())

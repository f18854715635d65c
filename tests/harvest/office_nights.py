"""Nights of an office in memory with weather, and whether a store is settled once it is over.

One example is drawn by a seed: dossiers that share advisers and offices change, disappear and come
back; whole kinds are refused, missing or not linked for a night; runs ask for some only, or are cut
off. It is a tenth of a second, so thousands can be tried where a sandbox takes minutes.
"""

import random
from collections.abc import Iterator
from typing import Any

import attrs

from elements_procura.harvest import Store
from elements_procura.harvest.address import Where
from elements_procura.harvest.sql.reader import SqlReader
from elements_procura.spec.source import Want
from tests.harvest.ledger_world import ROW_DOSSIERS, Dossier, Wall, World

FAIR_NIGHTS = 6
KINDS = ("persons", "advisers", "office", "leaf", "detail", "shared", "root")
_KEY, _STORED = "coalesce(share, path)", "bodies JOIN resources ON resource = id"
HOURS = (8, 20, 23, 24, 25, 30)


@attrs.define
class Hiding(World):
    """A world whose answers leave out links for a night."""

    hidden: dict[str, float] = attrs.field(factory=dict)
    """The share of a kind that nothing leads to."""
    night: int = 0

    def wants(self, dossier: Dossier, path: str) -> tuple[Want, ...]:
        return tuple(each for each in super().wants(dossier, path) if not self._is_hidden(each))

    def _is_hidden(self, want: Want) -> bool:
        share = self.hidden.get(want.kind, 0.0)
        return share > 0 and random.Random(f"{want.path} {self.night}").random() < share


@attrs.define
class Nights:
    """One example while it lasts."""

    store: Store
    clock: Wall
    chance: random.Random
    world: Hiding = attrs.field(factory=Hiding)

    def begin(self) -> None:
        """Make an office, and harvest it."""
        ids = [*range(1, 8), *(ROW_DOSSIERS if self.chance.random() < 0.3 else ())]
        for each in ids:
            self.world.dossiers[each] = Dossier(each, self._some(), self._some(), self._office())
        self._run()

    def bad_night(self) -> None:
        """Something changes, the weather is bad, a run refreshes and purges."""
        self.clock.seconds += self.chance.choice(HOURS) * 3600
        for _ in range(self.chance.randint(0, 4)):
            self._change()
        self.world.night += 1
        for _ in range(self.chance.randint(0, 2)):
            self._break()
        self._run(
            share=self.chance.choice((1.0, 1.0, 0.5)),
            most=self.chance.randint(1, 60) if self.chance.random() < 0.1 else None,
            is_listed_whole=self.chance.random() > 0.15,
        )
        self.store.purge()
        self.world.faults.clear()
        self.world.hidden.clear()

    def fair_night(self) -> None:
        """A run in fair weather.

        That nobody has anything of a kind any more, and silently, is for a person to say.
        """
        self.clock.seconds += 25 * 3600
        self._run()
        there = {
            want.kind
            for each in self._existing()
            for want in self.world.walk(self.world.dossiers[each], through_faults=True)
        }
        for each in self.store.progress().unacknowledged:
            if each.state == "doubted" and each.subject not in {*there, "dossier"}:
                self.store.accept([each.subject])
        self.store.purge()

    def left(self) -> list[str]:
        """Whatever is not as it should be once the weather is over."""
        progress = self.store.progress()
        told = [f"{each.state} {each.subject}: {each.count}" for each in progress.unacknowledged]
        told += [] if progress.complete else ["not complete"]
        held, there = self._held(), self._there()
        return told + [f"differs: {key}" for key in sorted(held ^ there)] + self._wrong()

    # -- inside ------------------------------------------------------------------------------

    def _some(self) -> set[int]:
        return set(self.chance.sample(range(6), self.chance.randint(0, 3)))

    def _office(self) -> int:
        return self.chance.randint(0, 2)

    def _change(self) -> None:
        dossiers = list(self.world.dossiers.values())
        dossier = self.chance.choice(dossiers)
        match self.chance.choice(("persons", "advisers", "office", "remove", "back", "version")):
            case "persons":
                dossier.persons = self._some()
            case "advisers":
                dossier.advisers = self._some()
            case "office":
                dossier.office = self._office()
            case "remove":
                dossier.exists = sum(each.exists for each in dossiers) <= 3
            case "back":
                dossier.exists = True
            case _:
                dossier.version += 1

    def _break(self) -> None:
        kind, share = self.chance.choice(KINDS), self.chance.choice((1.0, 0.5, 0.2))
        how = self.chance.choice((403, 404, 404, None, "hide", "hide"))
        if how == "hide" and kind != "root":
            self.world.hidden[kind] = share
            return
        for dossier in self.world.dossiers.values():
            for want in self.world.walk(dossier, through_faults=True):
                if want.kind == kind and self.chance.random() < share:
                    self.world.faults[want.path] = 404 if how == "hide" else how  # type: ignore[assignment] # no other text

    def _run(
        self, *, share: float = 1.0, most: int | None = None, is_listed_whole: bool = True
    ) -> None:
        store, number = self.store, self.store.begin_listing()
        roots = list(self.world.roots())
        if not is_listed_whole:
            roots = roots[: self.chance.randint(1, len(roots))]
        for root in roots:
            assert isinstance(root.dossier, int)
            dossier = self.world.dossiers[root.dossier]
            dossier.listed_version = dossier.version
        store.add_dossiers(roots, listing=number)
        store.finish_listing(include=("all",), requests=1, listing=number, lists_all=True)
        store.begin_refresh([each.id for each in store.known() if self.chance.random() < share])
        while queued := store.queued(after=0, limit=1):
            if most == 0:
                return  # cut off
            self.world.settle(store, queued[0])
            most = None if most is None else most - 1
        store.judge()

    def _existing(self) -> Iterator[int]:
        return (each.id for each in self.world.dossiers.values() if each.exists)

    def _there(self) -> set[str]:
        """The path of all that can be read; of what dossiers share its name."""
        own, shared, _ = self.world.readable(self._existing())
        return {*own, *shared}

    def _held(self) -> set[str]:
        rows = _rows(self.store, f"SELECT {_KEY} FROM {_STORED}")
        return {key for (key,) in rows}

    def _wrong(self) -> list[str]:
        """What is stored otherwise than it is; shown are those alone that are there."""
        own, shared, _ = self.world.readable(self._existing())
        shown = dict(self.store.bodies())
        rows = _rows(self.store, f"SELECT {_KEY}, path FROM {_STORED}")
        truth = {**own, **shared}
        return [f"wrong: {key}" for key, path in rows if shown.get(path) != truth.get(key)]


def _rows(store: object, query: str) -> list[Any]:
    assert isinstance(store, SqlReader)
    return store._db.execute(query).fetchall()


def settled(where: Where, seed: int) -> list[str]:
    """One example: what did not hold.

    Args:
        where: Where the store is made.
        seed: Draws it.
    """
    clock, chance = Wall(), random.Random(seed)
    with Store.create(where, tenant="t", clock=clock) as store:
        nights = Nights(store, clock, chance)
        nights.begin()
        for _ in range(chance.randint(1, 4)):
            nights.bad_night()
        left: list[str] = []
        for _ in range(FAIR_NIGHTS):
            nights.fair_night()
            left = nights.left()
            if not left:
                break
        return left

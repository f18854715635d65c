"""A simulated office: dossiers as trees of resources that change, and a store that looks at them.

Times are days. All changes of the whole time are drawn beforehand, so every policy meets the same.
"""

import math
import random
from collections.abc import Iterable

import attrs

MEAN_DAYS = 30.0
"""Days between two changes of an average dossier, in every scenario."""

DOSSIER, LISTS, CONTACT, LIST, DETAILS, REGISTRATIES = (
    "dossier",
    "klanten",
    "contact",
    "producten",
    "productdetails",
    "registraties",
)
PARTS = (
    DOSSIER,
    LISTS,
    CONTACT,
    "adviseurs",
    "kantoor",
    LIST,
    DETAILS,
    "bezittingen",
    REGISTRATIES,
)


@attrs.frozen(kw_only=True)
class Scenario:
    """What changes how often, and which signs it leaves.

    Attributes:
        weights: Changes of a resource of each part, relative to the others.
        sigma: The spread between dossiers, of a lognormal distribution.
        spread: The same between the resources of a dossier.
        in_list: How likely a product's change shows in its row of the list.
        registered: How likely it also leaves a registratie.
        own_row: How likely a dossier's own change shows in its row of the listing.
        address: How likely a first person's change of address shows there.
        bursts: The part of all changes that come in episodes of 30 days, one in 200.
        scattered: Whether each resource has episodes of its own. Otherwise a dossier has them, and
            all its resources together: somebody works at it for a while.
    """

    weights: dict[str, float]
    sigma: float = 1.5
    spread: float = 0.7
    in_list: float = 0.0
    registered: float = 0.0
    own_row: float = 0.0
    address: float = 0.0
    bursts: float = 0.0
    scattered: bool = False


_OFFICE = {
    DOSSIER: 2.0,
    LISTS: 0.7,
    CONTACT: 0.25,
    "adviseurs": 0.7,
    "kantoor": 0.7,
    LIST: 1.5,
    DETAILS: 4.0,
    "bezittingen": 1.0,
    REGISTRATIES: 10.0,
}
SCENARIOS = {
    "office": Scenario(weights=_OFFICE, in_list=0.6, registered=0.5, own_row=0.9, address=0.5),
    "mild": Scenario(
        weights={part: math.sqrt(weight) for part, weight in _OFFICE.items()},
        in_list=0.5,
        registered=0.3,
        own_row=0.9,
        address=0.5,
    ),
    "equal": Scenario(weights=dict.fromkeys(PARTS, 1.0)),
    "flat": Scenario(weights=dict.fromkeys(PARTS, 1.0), sigma=0.0, spread=0.0),
    "bursts": Scenario(
        weights=_OFFICE, in_list=0.6, registered=0.5, own_row=0.9, address=0.5, bursts=0.85
    ),
    "scattered": Scenario(
        weights=_OFFICE,
        in_list=0.6,
        registered=0.5,
        own_row=0.9,
        address=0.5,
        bursts=0.85,
        scattered=True,
    ),
}
EPISODE, ONE_IN = 30.0, 200
"""The days of an episode, and of how many such times one is."""


@attrs.frozen
class Change:
    """Something that changes.

    Attributes:
        when: In days.
        resource: Its number.
        also: The resources that show it as well.
        sign: The part that the listing's row shows to have changed; empty for none.
    """

    when: float
    resource: int
    also: tuple[int, ...] = ()
    sign: str = ""


@attrs.define
class World:
    """Resources and their changes.

    Attributes:
        dossiers: How many.
        owner: The dossier of each resource.
        part: The part of each resource.
        units: The resources of each dossier, by part.
        changes: All that will change, in order.
    """

    dossiers: int
    owner: list[int] = attrs.field(factory=list)
    part: list[str] = attrs.field(factory=list)
    units: list[dict[str, list[int]]] = attrs.field(factory=list)
    changes: list[Change] = attrs.field(factory=list)

    @property
    def cost(self) -> int:
        """Requests for all of them."""
        return len(self.owner)


def grow(scenario: Scenario, *, dossiers: int, days: int, seed: int) -> World:
    """Draw a world.

    Args:
        scenario: What changes how often.
        dossiers: How many.
        days: For how long.
        seed: Of all chance.
    """
    rng = random.Random(seed)
    world = World(dossiers)
    rates: list[float] = []
    episodes: list[list[float]] = []
    for dossier in range(dossiers):
        activity = rng.lognormvariate(-(scenario.sigma**2) / 2, scenario.sigma)
        persons, firms, products = 1 + _poisson(rng, 1.0), rng.random() < 0.3, _poisson(rng, 2.0)
        counts = dict.fromkeys(PARTS, 1)
        counts |= {LISTS: 1 + firms, CONTACT: 6 * (persons + firms), DETAILS: products}
        unit: dict[str, list[int]] = {}
        for part in PARTS:
            for _ in range(counts[part]):
                unit.setdefault(part, []).append(len(world.owner))
                world.owner.append(dossier)
                world.part.append(part)
                spread = rng.lognormvariate(-(scenario.spread**2) / 2, scenario.spread)
                rates.append(activity * scenario.weights[part] * spread)
        world.units.append(unit)
        together = scenario.bursts and not scenario.scattered
        episodes.append([*_episodes(rng, days)] if together else [])
    scale = dossiers / MEAN_DAYS / sum(rates)
    for resource, rate in enumerate(rates):
        own = _episodes(rng, days) if scenario.scattered else episodes[world.owner[resource]]
        for when in _times(rng, rate * scale, days, scenario.bursts, own):
            world.changes.append(_change(rng, scenario, world, resource, when))
    world.changes.sort(key=lambda each: each.when)
    return world


def _poisson(rng: random.Random, mean: float) -> int:
    count, left = 0, math.exp(-mean)
    product = rng.random()
    while product > left:
        count += 1
        product *= rng.random()
    return count


def _times(
    rng: random.Random, rate: float, days: int, bursts: float, episodes: Iterable[float]
) -> Iterable[float]:
    yield from _between(rng, rate * (1 - bursts), 0.0, days)
    for begin in episodes:
        yield from _between(
            rng, rate * bursts * ONE_IN, max(begin, 0.0), min(begin + EPISODE, days)
        )


def _between(rng: random.Random, rate: float, begin: float, end: float) -> Iterable[float]:
    when = begin + rng.expovariate(rate)
    while when < end:
        yield when
        when += rng.expovariate(rate)


def _episodes(rng: random.Random, days: int) -> Iterable[float]:
    """Draw when episodes begin: one may be under way already."""
    pause = ONE_IN * EPISODE
    if rng.random() < 0.5:
        begin = rng.expovariate(1 / pause) - EPISODE
    else:
        begin = rng.uniform(-EPISODE, pause)
    while begin < days:
        yield begin
        begin += EPISODE + rng.expovariate(1 / pause)


def _change(
    rng: random.Random, scenario: Scenario, world: World, resource: int, when: float
) -> Change:
    part, unit = world.part[resource], world.units[world.owner[resource]]
    also: list[int] = []
    sign = ""
    if part == DETAILS:
        if rng.random() < scenario.in_list:
            also += unit[LIST]
        if rng.random() < scenario.registered:
            also += unit[REGISTRATIES]
    elif part == DOSSIER and rng.random() < scenario.own_row:
        sign = DOSSIER
    elif part == CONTACT and resource == unit[CONTACT][0] and rng.random() < scenario.address:
        sign = CONTACT
    return Change(when, resource, tuple(also), sign)


@attrs.define
class Store:
    """What was looked at when, and how old what it holds is.

    Attributes:
        world: What there is.
        dirty: When each resource changed first that is not seen, by its number.
        fetched: When each part was fetched, by dossier.
        area: Days of age, summed over resources.
        out: Days out of date, summed over resources.
        contact: As ``area``, of contact data alone.
        dossiers: As ``area``, of the oldest change of each dossier.
        longest: The longest time between two looks at a part.
        signs: The parts that the listing shows to have changed, by dossier.
    """

    world: World
    dirty: dict[int, float] = attrs.field(factory=dict)
    fetched: list[dict[str, float]] = attrs.field(factory=list)
    area: float = 0.0
    out: float = 0.0
    contact: float = 0.0
    dossiers: float = 0.0
    longest: float = 0.0
    signs: dict[int, set[str]] = attrs.field(factory=dict)
    _next: int = 0
    _dirty_of: list[dict[int, float]] = attrs.field(factory=list)
    _since: list[float] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.fetched = [dict.fromkeys(unit, 0.0) for unit in self.world.units]
        self._dirty_of = [{} for _ in self.world.units]
        self._since = [0.0] * self.world.dossiers

    def advance(self, now: float) -> None:
        """Let everything change that does until ``now``."""
        changes, owner = self.world.changes, self.world.owner
        while self._next < len(changes) and changes[self._next].when <= now:
            change = changes[self._next]
            self._next += 1
            dossier = owner[change.resource]
            dirty = self._dirty_of[dossier]
            if not dirty:
                self._since[dossier] = change.when
            for each in (change.resource, *change.also):
                dirty.setdefault(each, change.when)
            if change.sign:
                self.signs.setdefault(dossier, set()).add(change.sign)

    def look(self, dossier: int, part: str, now: float) -> tuple[float, bool]:
        """Fetch a part: the days since the last time, and whether it has changed."""
        elapsed = now - self.fetched[dossier][part]
        self.fetched[dossier][part] = now
        self.longest = max(self.longest, elapsed)
        found = False
        for each in self.world.units[dossier][part]:
            found |= self.fetch(dossier, each, now)
        return elapsed, found

    def fetch(self, dossier: int, resource: int, now: float) -> bool:
        """Fetch a resource; return whether it has changed."""
        dirty = self._dirty_of[dossier]
        if resource not in dirty:
            return False
        self._integrate(dossier, now)
        since = dirty.pop(resource)
        self.area += (now - since) ** 2 / 2
        self.out += now - since
        if self.world.part[resource] == CONTACT:
            self.contact += (now - since) ** 2 / 2
        return True

    def _integrate(self, dossier: int, now: float) -> None:
        first, since = min(self._dirty_of[dossier].values()), self._since[dossier]
        self.dossiers += ((now - first) ** 2 - (since - first) ** 2) / 2
        self._since[dossier] = now

    def finish(self, now: float) -> None:
        """Count what is out of date at the end."""
        self.advance(now)
        for dossier, dirty in enumerate(self._dirty_of):
            for each in list(dirty):
                self.fetch(dossier, each, now)
        oldest = min(min(each.values()) for each in self.fetched)
        self.longest = max(self.longest, now - oldest)

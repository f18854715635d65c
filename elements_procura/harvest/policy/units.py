"""What a refresh chooses among: parts, and dossiers that are asked for whole. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

import attrs

from elements_procura.harvest.policy.parts import PartTable
from elements_procura.harvest.policy.refresh import DAY, Observations
from elements_procura.harvest.records import KnownDossier, KnownPart
from elements_procura.spec.source import DossierId

ALL_PARTS = "*"
"""In the place of a part: a dossier that is asked for whole."""


@attrs.define
class Units:
    """All that may be refreshed.

    Attributes:
        dossiers: The ids of the dossiers, by their numbers.
        seen: What their passes have shown.
        table: The parts without a sign of change.
        due: What has one: a dossier, its cost, and the parts; None for all.
        parts: How many parts there are of a dossier that may be asked for part by part.
    """

    dossiers: list[DossierId] = attrs.field(factory=list, repr=False)
    seen: list[Observations] = attrs.field(factory=list, repr=False)
    table: PartTable = attrs.field(factory=PartTable, repr=False)
    due: list[tuple[DossierId, float, frozenset[str] | None]] = attrs.field(
        factory=list, repr=False
    )
    parts: Counter[DossierId] = attrs.field(factory=Counter, repr=False)

    @classmethod
    def of(
        cls,
        known: list[KnownDossier],
        parts: Iterable[KnownPart],
        *,
        now: float,
        since: float,
    ) -> Self:
        """Sort dossiers and parts into those with a sign of change and the rest.

        Args:
            known: All dossiers. One of which some parts are fresh, since the run has ended a pass
                of an earlier one, is not fresh for that.
            parts: The parts of those that may be asked for part by part, dossier by dossier.
            now: Seconds since the epoch.
            since: The beginning of the run; what was fetched since then is fresh.
        """
        units = cls([each.id for each in known], [each.seen for each in known])
        numbers = {each: number for number, each in enumerate(units.dossiers)}
        due: dict[DossierId, tuple[float, float, frozenset[str] | None]] = {}
        for part in parts:
            units.parts[part.dossier] += 1
            owner = numbers.get(part.dossier)
            if owner is None or since <= part.fetched <= now:
                continue
            if part.due or part.fetched > now:  # by a clock that was ahead
                oldest, cost, names = due.get(part.dossier, (now, 0.0, frozenset()))
                more = (names or frozenset()) | {part.part}
                due[part.dossier] = (min(oldest, part.fetched), cost + part.cost, more)
                continue
            units.table.add(
                owner,
                part.part,
                fetched=part.fetched,
                cost=part.cost,
                seen=part.seen,
                hinted=part.hinted or 0.0,
            )
        if not units.parts:
            return units
        for number, each in enumerate(known):
            if each.id in units.parts or since <= each.fetched <= now:
                continue
            if each.due:
                due[each.id] = (each.fetched, each.cost, None)
            else:
                units.table.add(
                    number, ALL_PARTS, fetched=each.fetched, cost=each.cost, seen=each.seen
                )
        in_order = sorted(due.items(), key=lambda item: item[1][0])
        units.due = [(each, cost, names) for each, (_, cost, names) in in_order]
        return units

    def unbounded(self, max_age: Mapping[str, float], *, per_day: float | None) -> tuple[str, ...]:
        """The parts whose greatest ages would take more requests than there are a day."""
        costs = dict.fromkeys(self.table.names, 0.0)
        for name, cost in zip(self.table.name, self.table.cost, strict=True):
            costs[self.table.names[name]] += cost
        ages = {**max_age, ALL_PARTS: min(max_age.values(), default=math.inf)}
        needed = sum(cost / ages[name] * DAY for name, cost in costs.items() if name in ages)
        if per_day is None or needed <= per_day:
            return ()
        return tuple(sorted(max_age.keys() & costs.keys() or max_age))

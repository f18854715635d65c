"""The sum of what a pass of a dossier has met, whole and by part."""

from collections.abc import Callable, Iterable
from typing import Any, Self

import attrs

from elements_procura.harvest.sql.database import Database
from elements_procura.spec.source import DossierId


@attrs.frozen
class Look:
    """A part as the pass that ends has found it.

    Attributes:
        cost: Requests that it takes.
        begun_at: When the first of it was fetched, in seconds since the epoch; None if
            nothing of it was.
    """

    cost: int
    begun_at: float | None


@attrs.frozen
class MetResources:
    """The sum of a dossier's own resources that a pass has met.

    Attributes:
        looks: Its parts.
        stored: How many have a body.
        root_is_lost: Whether a root was not found.
        is_known: Whether the answer that led to each of them is known.
    """

    looks: dict[str, Look]
    stored: int
    root_is_lost: bool
    is_known: bool

    @classmethod
    def of(cls, rows: Iterable[Any], part_of: Callable[[str], str]) -> Self:
        """Sum up rows of kind, cost, first fetch, bodies, lost roots and those without a parent."""
        costs: dict[str, int] = {}
        begun: dict[str, float] = {}
        stored = lost = bare = 0
        for kind, cost, begun_at, bodies, roots, parentless in rows:
            part = part_of(kind)
            costs[part] = costs.get(part, 0) + cost
            if begun_at is not None and begun_at <= begun.get(part, begun_at):
                begun[part] = begun_at
            stored, lost, bare = stored + bodies, lost + roots, bare + parentless
        looks = {part: Look(cost, begun.get(part)) for part, cost in costs.items()}
        return cls(looks, stored, lost > 0, bare == 0)

    @property
    def cost(self) -> int:
        """Requests for all of it."""
        return sum(look.cost for look in self.looks.values())

    @property
    def begun_at(self) -> float | None:
        """When the first of it was fetched; None if nothing was."""
        times = (look.begun_at for look in self.looks.values())
        return min((each for each in times if each is not None), default=None)

    @property
    def has_parts(self) -> bool:
        """Whether it can be asked for part by part from now on."""
        return self.is_known and len(self.looks) > 1


def met_by(
    db: Database,
    dossier: DossierId,
    pass_: int,
    *,
    often_missing: Iterable[str],
    part_of: Callable[[str], str],
) -> MetResources:
    """Sum up what a pass has met; called inside a transaction of the store's.

    Args:
        db: The store's connection.
        dossier: The dossier's id.
        pass_: The number of the pass.
        often_missing: Kinds for which a 404 is usual.
        part_of: Says which part a kind is in.
    """
    # A row costs nothing, and shows that a dossier is there only where it is all there is. What
    # is lost or forbidden was fetched by an earlier pass. What is often missing, and is, is not
    # asked for by the next passes.
    rows = db.execute(
        "SELECT kind, count(*) FILTER (WHERE root != 2"
        " AND NOT (state = 'gone' AND sha256 IS NULL"
        " AND instr(:often, '|' || kind || '|') > 0)),"
        " min(fetched_at) FILTER (WHERE state IN ('stored', 'gone')),"
        " count(*) FILTER (WHERE status = 200 AND (root != 2 OR NOT EXISTS"
        " (SELECT 1 FROM resources AS other"
        " WHERE other.dossier = resources.dossier AND other.root = 1))),"
        " count(*) FILTER (WHERE root = 1 AND state = 'pending'),"
        " count(*) FILTER (WHERE root = 0 AND parent IS NULL) FROM resources"
        " WHERE dossier = :dossier AND pass = :pass AND +share IS NULL GROUP BY kind",
        {"dossier": dossier, "pass": pass_, "often": f"|{'|'.join(often_missing)}|"},
    ).fetchall()
    return MetResources.of(rows, part_of)

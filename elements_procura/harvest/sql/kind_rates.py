"""How often resources of each kind change: counted at every look at one that was stored before.

Looks that a sign prompted count as well, with the time that they look back over: what changes how
often is another question than what changes without a sign, which is what parts learn.
"""

from collections.abc import Mapping

from elements_procura.harvest.policy.part_names import PartNames
from elements_procura.harvest.policy.refresh import DAY, UNKNOWN, Observations, learn
from elements_procura.harvest.records import KindRate
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.origin import api_in

_LOOKS, _CHANGES, _BUSY, _QUIET = "looks: ", "changes: ", "busy: ", "quiet: "


def counted_look(kind: str, *, elapsed: float, changed: bool) -> Mapping[str, int]:
    """What a look at a resource adds to the store's counts.

    Args:
        kind: Its kind.
        elapsed: Seconds since the look before it.
        changed: Whether it is another than then.
    """
    seconds = max(int(elapsed), 0)
    if changed:
        return {f"{_LOOKS}{kind}": 1, f"{_CHANGES}{kind}": 1, f"{_BUSY}{kind}": seconds}
    return {f"{_LOOKS}{kind}": 1, f"{_QUIET}{kind}": seconds}


def kind_rates(db: Database) -> list[KindRate]:
    """How often the resources of each kind change; the busiest first."""
    counts = dict(db.execute("SELECT name, value FROM counts").fetchall())
    stored = dict(
        db.execute("SELECT kind, count(*) FROM resources WHERE status = 200 GROUP BY kind")
    )
    names = PartNames(lambda: api_in(db))
    found = []
    for name, looks in counts.items():
        if not name.startswith(_LOOKS):
            continue
        kind = name.removeprefix(_LOOKS)
        changes, busy, quiet = (
            counts.get(f"{what}{kind}", 0) for what in (_CHANGES, _BUSY, _QUIET)
        )
        rate = learn(Observations(changes, busy, quiet), UNKNOWN).mean * 30 * DAY
        days = (busy + quiet) / DAY
        found.append(
            KindRate(kind, names.of(kind), stored.get(kind, 0), looks, changes, days, rate)
        )
    return sorted(found, key=lambda each: -each.per_month)

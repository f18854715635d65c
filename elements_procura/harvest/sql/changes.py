"""The sequence of changes: what has become another, or is gone, since a number.

Every resource that is shown bears two numbers of one sequence. ``change`` is that of its last
change: another body, a loss that is believed, a mark (see :class:`Change`). ``look`` is that of its
last change or look; a look that finds the same moves it alone. Triggers of the database give the
numbers, so each statement is counted inside its own transaction, whoever writes it. One of them
that the triggers cannot tell sets ``change = NULL``: a new body, and whatever else alters a row of
an export. In a file the first answer of a resource gives its number itself, since a trigger costs
as much as the statement; they leave alone what sets ``look``.

``erased`` names resources of which nothing may be left: a row there takes a number, too. What a
resource has become since then is numbered after it.
"""

from collections.abc import Iterator

from elements_procura.harvest.records import Change
from elements_procura.harvest.sql.database import Database, stream

BY_TRIGGER = "change = NULL"
"""What gives a resource that a statement alters the next number."""
SPARE = (
    "(coalesce(r.status, 0) != 200 AND r.state != 'gone' AND r.root = 1"
    " AND EXISTS (SELECT 1 FROM spares WHERE spares.resource = r.id))"
)
"""Whether there is no more than a row of the listing to show, and nothing says it is not there."""
MARK = (
    "CASE WHEN r.state = 'pending' THEN 'doubted'"
    " WHEN r.state IN ('forbidden', 'quarantined') AND r.status = 200 THEN r.state"
    " WHEN coalesce(r.status, 0) != 200 THEN 'listed'"
    " WHEN r.state = 'stored' AND r.share IS NULL AND r.pass < d.pass AND d.open = 0 THEN 'stale'"
    " END"
)
"""The mark of a resource ``r`` of a dossier ``d`` that is shown."""
_CHANGED = (
    "SELECT r.look, r.change, r.id, r.dossier, r.kind, r.path,"  # noqa: S608 - constants
    f" CASE WHEN r.status = 200 OR {SPARE} THEN 1 ELSE 0 END, {MARK}, r.fetched_at, r.changed_at,"
    " coalesce(losses.settled_at, d.deleted_at, nullif(r.fetched_at, 0))"
    " FROM resources AS r JOIN dossiers AS d ON d.id = r.dossier"
    " LEFT JOIN losses ON losses.resource = r.id WHERE r.look > ? AND r.look > 0 ORDER BY r.look"
)


def last_number(db: Database) -> int:
    """Return the number of the last change or look; 0 if there was none."""
    numbers = [
        db.execute(query).fetchone()[0] or 0
        for query in (
            "SELECT max(look) FROM resources WHERE look > 0",
            "SELECT max(look) FROM erased",
        )
    ]
    return int(max(numbers))


def changes(db: Database, *, since: int, looks: bool) -> Iterator[Change]:
    """List what has changed after a number: what is erased first, then in order."""
    rows = stream(db, "SELECT look, resource FROM erased WHERE look > ? ORDER BY look", (since,))
    for number, resource in rows:
        yield Change(number, resource, "erased")
    for look, change, resource, dossier, kind, path, shown, mark, fetched, changed, gone in stream(
        db, _CHANGED, (since,)
    ):
        if change > since:
            what = "stored" if shown else "deleted"
        elif looks and shown:
            what = "looked"
        else:
            continue
        yield Change(
            look if what == "looked" else change,
            resource,
            what,
            dossier=dossier,
            kind=kind,
            path=path,
            mark=mark if shown else None,
            fetched=fetched,
            changed=changed,
            deleted=None if shown else gone,
        )


def erase(db: Database, resources: str, parameters: dict[str, object]) -> None:
    """Note that nothing may be left of resources, in no export either.

    Args:
        db: The store's connection, inside a transaction.
        resources: A query of their numbers.
        parameters: Its parameters.
    """
    # Of what was not shown since, the number stays: the greatest of all may be among them.
    db.execute(
        f"DELETE FROM erased WHERE resource IN ({resources}) AND look <"  # noqa: S608 - the caller's constant
        " (SELECT r.look FROM resources AS r WHERE r.id = erased.resource)",
        parameters,
    )
    db.execute(
        f"INSERT INTO erased (resource) SELECT DISTINCT resource FROM ({resources}) AS found"  # noqa: S608 - the caller's constant
        " WHERE resource NOT IN (SELECT resource FROM erased)",
        parameters,
    )

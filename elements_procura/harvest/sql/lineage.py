"""Tells a store from an earlier copy of it that was put back, and then harvested on.

Both give the same numbers to other changes. So whoever opens a store for writing draws a random
mark for the numbers that it will give; a target that knows the mark of the number it has come to
is one of this very store, up to there.
"""

import secrets

from elements_procura.harvest.sql.changes import last_number
from elements_procura.harvest.sql.database import Database


def begin_line(db: Database) -> None:
    """Draw the mark of the numbers from here on; called inside a transaction."""
    # Where none was given since the last mark, that one stands for nothing.
    db.execute(
        "INSERT INTO lineage VALUES (?, ?) ON CONFLICT (after) DO UPDATE SET mark = excluded.mark",
        (last_number(db), secrets.token_hex(8)),
    )


def mark_of(db: Database, number: int) -> str:
    """The mark that a number was given under; empty where that was before there were any."""
    found = db.execute(
        "SELECT mark FROM lineage WHERE after < ? ORDER BY after DESC LIMIT 1", (number,)
    ).fetchone()
    return "" if found is None else str(found[0])

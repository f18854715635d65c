"""The API that a store was harvested from."""

from elements_procura.harvest.sql.database import Database
from elements_procura.registry import api_of_path


def api_in(db: Database) -> str | None:
    """The name of the API; None for a source of your own, and for an empty store.

    Stores of earlier releases do not record it: there it follows from where the paths begin.
    """
    recorded = db.execute("SELECT value FROM meta WHERE key = 'api'").fetchone()
    if recorded is not None:
        return str(recorded[0])
    found = db.execute(
        "SELECT path FROM resources WHERE id = (SELECT min(id) FROM resources)"
    ).fetchone()
    return None if found is None else api_of_path(found[0])

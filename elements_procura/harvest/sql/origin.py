"""What a store records of itself as it is made, and the API that it was harvested from."""

import secrets
from collections.abc import Mapping

import orjson

from elements_procura._escape import can_be_written
from elements_procura.errors import ConfigError
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


def first_meta(
    *, tenant: str, selection: Mapping[str, str] | None, history: bool
) -> dict[str, str]:
    """Return what a new store records of itself, by the keys of its table ``meta``.

    Raises:
        ConfigError: The tenant is not a text that can be written.
    """
    if not can_be_written(tenant):
        raise ConfigError(
            "tenant must be a text without halves of characters",
            hint="Decode names of files with errors='replace' before they get here",
        )
    return {
        "tenant": tenant,
        "selection": orjson.dumps(dict(selection or {})).decode(),
        "history": "1" if history else "0",
        "identity": secrets.token_hex(16),
    }

"""The databases that an export can keep up to date, each with its extra."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from elements_procura.errors import ConfigError, InputError
from elements_procura.export.warehouse.keeping import Target

DLT = "dlt:"
"""What the name of a target in dlt begins with."""
_SECRET = re.compile("pass|pwd|secret|token|key", re.IGNORECASE)


def target_of(
    to: str, *, out: Path | str | None, url: str | None, schema: str | None, state: Any = None
) -> Target:
    """The database that tables are kept in.

    Args:
        to: ``postgres``, ``duckdb`` or ``dlt:DESTINATION``.
        out: The file of ``duckdb``; a file or folder of dlt's ``duckdb`` or ``filesystem``.
        url: The database of ``postgres``; the place that a destination of dlt is at.
        schema: The schema in it, of dlt the dataset; None for one called after API and tenant.
        state: Of a file, what it was like after the last export, if that is known.

    Raises:
        ConfigError: Its library is missing, or the URL names no database.
        InputError: The target is not said.
    """
    if to == "postgres":
        if url is None:
            raise InputError(
                "postgres needs a database", hint="Say --url postgresql://user@host/db"
            )
        try:
            from elements_procura.export.warehouse.postgres import PostgresTarget  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            raise _missing("postgres", "psycopg") from None
        return PostgresTarget(url, schema=schema)
    if to.startswith(DLT):
        return _of_dlt(to.removeprefix(DLT), out=out, url=url, dataset=schema)
    if out is None:
        raise InputError("duckdb needs a file to write to", hint="Say --out FILE")
    try:
        from elements_procura.export.warehouse.duckdb_file import DuckDBTarget  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise _missing("duckdb", "duckdb") from None
    return DuckDBTarget(out, state=state)


def _of_dlt(
    destination: str, *, out: Path | str | None, url: str | None, dataset: str | None
) -> Target:
    if not destination:
        raise InputError("dlt needs a destination", hint="Say --to dlt:duckdb, dlt:bigquery, …")
    if out is not None and url is not None:
        raise InputError("a destination is at one place", hint="Say --out or --url")
    if url is not None and _opens_something(url):
        raise ConfigError(
            "the URL holds a password or a key",
            hint=f"Set DESTINATION__{destination.upper()}__CREDENTIALS__PASSWORD",
        )
    try:
        from elements_procura.export.warehouse.dlt_target import DltTarget  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise _missing("dlt", "dlt and pyarrow") from None
    place = url if out is None else str(Path(out).resolve())
    return DltTarget(destination, place=place, dataset=dataset)


def _opens_something(url: str) -> bool:
    """Whether a URL holds what a store must not keep: drivers take it from the query, too."""
    try:
        parts = urlsplit(url)
    except ValueError:  # an open bracket
        return True
    names = (name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return parts.password is not None or any(_SECRET.search(name) for name in names)


def _missing(extra: str, libraries: str) -> ConfigError:
    return ConfigError(
        f"{extra} needs {libraries}, not installed here",
        hint=f"pip install 'elements-procura[{extra}]'",
    )

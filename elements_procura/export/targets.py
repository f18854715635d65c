"""The databases that an export can keep up to date, each with its extra."""

from pathlib import Path

from elements_procura.errors import ConfigError, InputError
from elements_procura.export.warehouse import Target


def target_of(to: str, *, out: Path | str | None, url: str | None, schema: str | None) -> Target:
    """The database that tables are kept in.

    Args:
        to: ``postgres`` or ``duckdb``.
        out: The file of ``duckdb``.
        url: The database of ``postgres``.
        schema: The schema in it; None for one called after API and tenant.

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
            from elements_procura.export.postgres import PostgresTarget  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            raise _missing("postgres", "psycopg") from None
        return PostgresTarget(url, schema=schema)
    if out is None:
        raise InputError("duckdb needs a file to write to", hint="Say --out FILE")
    try:
        from elements_procura.export.duckdb_file import DuckDBTarget  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise _missing("duckdb", "duckdb") from None
    return DuckDBTarget(out)


def _missing(extra: str, libraries: str) -> ConfigError:
    return ConfigError(
        f"{extra} needs {libraries}, which is not there",
        hint=f"pip install 'elements-procura[{extra}]'",
    )

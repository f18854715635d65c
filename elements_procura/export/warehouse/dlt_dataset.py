"""A dataset in one of dlt's destinations: loads into it, and queries of what it holds.

dlt keeps what it loads as plain files until it is done. They lie in a folder of dlt's that only its
owner may read; they are removed as they are loaded, the rest when the export ends, and those of one
that was killed by the next. Its telemetry stays off and its log silent: both may hold
failed rows.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import dlt
import pyarrow as pa
from dlt.common.configuration.exceptions import ConfigFieldMissingException
from dlt.common.destination import Destination
from dlt.common.destination.exceptions import (
    DestinationUndefinedEntity,
    SqlClientNotAvailable,
    UnknownDestinationModule,
)
from dlt.common.exceptions import MissingDependencyException
from dlt.common.pipeline import get_dlt_pipelines_dir
from dlt.common.runtime.run_context import active
from dlt.common.runtime.telemetry import stop_telemetry

from elements_procura.disk.errors import disk_errors
from elements_procura.disk.lock import FileLock
from elements_procura.errors import ConfigError, ElementsProcuraError, InputError, StoreError

LOADED = "_dlt_load_id"
"""The column that dlt adds: which load a row came with; later ones are greater."""
KEY = "row_id"
_NAME = "elements_procura"  # of the pipeline and of its schema in dlt
_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__SENTRY_DSN": "",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    "LOAD__DELETE_COMPLETED_JOBS": "true",
    "LOAD__TRUNCATE_STAGING_DATASET": "true",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
}
_AT_ONCE = 2_000  # rows of a query
_STRATEGIES = ("delete-insert", "upsert")


@attrs.frozen
class Load:
    """Rows for one table.

    Attributes:
        table: Its name.
        rows: In pieces, each of the same columns; one at least, and that may be empty.
        disposition: ``replace``, ``merge`` (by :data:`KEY`) or ``append``.
        is_keyed: Whether the table has that key.
    """

    table: str
    rows: Iterable[pa.Table]
    disposition: str
    is_keyed: bool = True


class Dataset:
    """A dataset while an export writes to it.

    Args:
        pipeline: dlt's.
        name: What people call it.

    Attributes:
        appends: Whether rows can only be added: then the one that was loaded last counts.
    """

    def __init__(self, pipeline: Any, name: str) -> None:
        self._pipeline = pipeline
        self._naming = pipeline.sql_client()  # takes long to make, and names stay
        self.name = name
        able = self._able = pipeline.destination.capabilities()
        merging = able.supported_merge_strategies or []
        if able.merge_strategies_selector is not None:
            merging = able.merge_strategies_selector(merging, table_schema={})
        self._strategy = next((each for each in _STRATEGIES if each in merging), None)
        self.appends: bool = self._strategy is None
        is_able = "parquet" in (able.supported_loader_file_formats or [])
        self._format = "parquet" if is_able else None

    def load(self, loads: Iterable[Load], *, anew: bool = False) -> None:
        """Load rows, a table each; those of earlier tables stay when a later one fails.

        Args:
            loads: The rows.
            anew: Make the tables anew.

        Raises:
            StoreError: The destination cannot be used.
        """
        resources = [self._resource(each) for each in loads]
        with self._errors():
            if anew and not self.appends:
                self._drop([each.name for each in resources])
            source = dlt.source(lambda: resources, name=_NAME)()
            done = self._pipeline.run(
                source,
                loader_file_format=self._format,
            )
            done.raise_on_failed_jobs()

    def forget(self) -> None:
        """Have dlt look which tables are there, instead of believing its own note of them."""
        if self.appends:
            return
        with (
            self._errors(),
            self._open() as client,
            contextlib.suppress(DestinationUndefinedEntity),
        ):
            version = self.table("_dlt_version")
            client.execute_sql(f"DELETE FROM {version} WHERE schema_name = '{_NAME}'")

    def _drop(self, tables: list[str]) -> None:
        """Drop tables; dlt's own way asks for a staging dataset."""
        self.forget()
        with self._open() as client:
            client.drop_tables(*tables)

    def _resource(self, load: Load) -> Any:
        how: Any = load.disposition
        if how == "merge":
            how = "append" if self.appends else {"disposition": how, "strategy": self._strategy}
        return dlt.resource(
            iter(load.rows),
            name=load.table,
            table_name=load.table,
            write_disposition=how,
            primary_key=KEY if load.is_keyed else None,
        )

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Ask for rows.

        Args:
            query: In words that every database knows; tables as :meth:`table` calls them.

        Raises:
            TableMissing: A table is not there.
            StoreError: The destination cannot be used.
        """
        with (
            self._errors(asks=True),
            self._open() as client,
            client.execute_query(query) as cursor,
        ):
            while found := cursor.fetchmany(_AT_ONCE):
                yield from found

    def holds(self, tables: Iterable[str]) -> dict[str, list[str]]:
        """The columns of these tables, those that are there."""
        found = {}
        with self._errors(), self._open() as client:
            for name in tables:
                query = f"SELECT * FROM {self.table(name)} WHERE 1 = 0"
                with (
                    contextlib.suppress(TableMissing),
                    self._errors(asks=True),
                    client.execute_query(query) as cursor,
                ):
                    found[name] = [str(column[0]).lower() for column in cursor.description]
        return found

    def execute(self, statement: str) -> None:
        """Run a statement that alters rows.

        Raises:
            StoreError: The destination cannot be used.
        """
        with self._errors(), self._open() as client:
            client.execute_sql(statement)

    def table(self, name: str) -> str:
        """A table's name, quoted, with that of the dataset."""
        return str(self._naming.make_qualified_table_name(name))

    def column(self, name: str) -> str:
        """A column's name, quoted."""
        able = self._able
        return str(able.escape_identifier(able.casefold_identifier(name)))

    def current(self, name: str) -> str:
        """The rows of a table that count, as a table in a query."""
        if not self.appends:
            return self.table(name)
        last = f"row_number() OVER (PARTITION BY {KEY} ORDER BY {LOADED} DESC)"
        return f"(SELECT * FROM (SELECT *, {last} AS _n FROM {self.table(name)}) AS a WHERE _n = 1)"

    def _open(self) -> Any:
        return self._pipeline.sql_client()

    @contextlib.contextmanager
    def _errors(self, *, asks: bool = False) -> Iterator[None]:
        with errors(self.name, asks=asks):
            yield


@contextlib.contextmanager
def opened(to: str, place: str | None, dataset: str) -> Iterator[tuple[Dataset, Path]]:
    """Open a dataset, with a folder for rows that are on their way.

    Args:
        to: The destination's name in dlt.
        place: Where it is: of ``filesystem`` a folder or bucket, of others the credentials; None
            where dlt's own settings say it.
        dataset: The dataset's name.

    Raises:
        ConfigError: A library or a setting is missing.
        InputError: dlt knows no such destination.
        StoreError: It cannot be used, or an export into it is under way.
    """
    name = f"dlt:{to}/{dataset}"
    digest = hashlib.sha256(f"{to}\0{place}\0{dataset}".encode()).hexdigest()[:12]
    folder = Path(get_dlt_pipelines_dir()) / f"{_NAME}-{dataset}-{digest}"
    with (
        disk_errors(f"{folder} cannot be used", folder, hint="Set DLT_DATA_DIR to another folder"),
        _settings(_SETTINGS),
        contextlib.ExitStack() as stack,
    ):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        lock = FileLock(folder / ".lock")
        if not lock.acquire():
            raise StoreError(
                f"an export into {name} is under way, by {lock.holder()}",
                hint="Wait for it to end",
            )
        stack.callback(lock.release)
        work = folder / "work"
        shutil.rmtree(work, ignore_errors=True)  # of one that was killed
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        rows = work / "rows"
        rows.mkdir(mode=0o700, parents=True)
        with errors(name):
            given = {} if place is None else {_word_of_place(to): place}
            pipeline = dlt.pipeline(
                pipeline_name=_NAME,
                pipelines_dir=str(work),
                destination=Destination.from_reference(to, **given),
                dataset_name=dataset,
            )
            stack.callback(pipeline.deactivate)
            pipeline.sync_destination()
            made = Dataset(pipeline, name)
        yield made, rows


def _word_of_place(to: str) -> str:
    return "bucket_url" if to == "filesystem" else "credentials"


@contextlib.contextmanager
def _settings(settings: Mapping[str, str]) -> Iterator[None]:
    """Settings of dlt before all others that it knows of, until the end."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    _begin_by_settings()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _begin_by_settings()


def _begin_by_settings() -> None:
    """Have dlt read how it logs, and whether it reports its use."""
    stop_telemetry()
    active().initialize_runtime()


class TableMissing(Exception):
    """A query names a table that is not there."""


@contextlib.contextmanager
def errors(name: str, *, asks: bool = False) -> Iterator[None]:
    """Raise an error of ours for whatever dlt or a driver raises, without a value of a row.

    Args:
        name: What people call the dataset.
        asks: Whether a table may be missing.

    Raises:
        TableMissing: A table is not there.
    """
    try:
        yield
    except (ElementsProcuraError, TableMissing):
        raise
    except Exception as error:  # noqa: BLE001 - the destinations' drivers have no tree in common
        raise _error_of(name, [*_causes(error)], asks=asks) from None


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = getattr(seen, "exception", None) or seen.__cause__


def _error_of(name: str, causes: list[BaseException], *, asks: bool) -> Exception:
    for each in causes:
        if asks and isinstance(each, DestinationUndefinedEntity):
            return TableMissing()
        if isinstance(each, ConfigFieldMissingException):
            fields = ", ".join(sorted(each.fields))
            return ConfigError(
                f"{name} lacks settings: {fields}",
                hint="Say --out or --url, or set them as dlt's page on the destination shows",
            )
        if isinstance(each, MissingDependencyException):
            libraries = ", ".join(each.dependencies)
            return ConfigError(f"{name} needs {libraries}", hint="pip install it")
        if isinstance(each, UnknownDestinationModule):
            return InputError(
                f"dlt knows no destination for {name}", hint="https://dlthub.com/docs/dlt-ecosystem"
            )
        if isinstance(each, SqlClientNotAvailable):
            return ConfigError(
                f"{name} answers no queries, so rows that are gone could not be found there",
                hint="Choose a destination that does, or export to files",
            )
    reason = type(causes[-1]).__name__
    return StoreError(
        f"{name} cannot be used: {reason}",
        hint="See to the destination, then export again: it goes on from there",
    )

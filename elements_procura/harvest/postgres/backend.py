"""The storage that keeps each tenant in a schema of a PostgreSQL database."""

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from elements_procura.clock import Clock
from elements_procura.errors import ConfigError
from elements_procura.harvest.address import Where

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from elements_procura.harvest.postgres.store import PostgresReader, PostgresStore
    from elements_procura.harvest.sql.snapshot import SqlSnapshot


class PostgresBackend:
    """Stores at ``postgresql:`` URLs."""

    def create(
        self,
        where: Where,
        *,
        tenant: str,
        selection: Mapping[str, str] | None = None,
        history: bool = False,
        clock: Clock | None = None,
    ) -> "PostgresStore":
        """Make a new schema."""
        made: PostgresStore = _module().PostgresStore.create(
            where, tenant=tenant, selection=selection, history=history, clock=clock
        )
        return made

    def open(self, where: Where, *, tenant: str, clock: Clock | None = None) -> "PostgresStore":
        """Open the schema of an earlier run."""
        opened: PostgresStore = _module().PostgresStore.open(where, tenant=tenant, clock=clock)
        return opened

    def read(self, where: Where, *, brief: bool = False) -> "PostgresReader":
        """Open a schema for looking."""
        reader: PostgresReader = _module().PostgresReader.read(where, brief=brief)
        return reader

    def exists(self, where: Where) -> bool:
        """Look for a schema."""
        return bool(_module().exists(where))

    def snapshot(self, where: Where) -> "AbstractContextManager[SqlSnapshot]":
        """Hold one moment of a schema."""
        moment: AbstractContextManager[SqlSnapshot] = _module().snapshot(where)
        return moment

    def copy_in(self, where: Where, moment: "SqlSnapshot") -> None:
        """Make a new schema of a moment of another store."""
        _module().copy_in(where, moment)

    def note_export(self, where: Where, place: str, options: str) -> None:
        """Note an export in a schema."""
        _module().note_export(where, place, options)

    def note_audit(self, where: Where, action: str, counts: Mapping[str, int]) -> None:
        """Note what was done for a person in a schema."""
        _module().note_audit(where, action, counts)

    def holder(self, where: Where) -> str | None:
        """Name who holds the lease of a schema now."""
        found: str | None = _module().holder(where)
        return found


def _module() -> ModuleType:
    try:
        from elements_procura.harvest.postgres import store  # noqa: PLC0415 - psycopg is an extra
    except ImportError:
        pass
    else:
        return store
    raise ConfigError(
        "a store at postgresql: needs psycopg", hint='pip install "elements-procura[postgres]"'
    )

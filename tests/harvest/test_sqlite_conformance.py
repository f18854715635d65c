"""Files of SQLite are a storage."""

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from elements_procura.harvest import StorageReader
from elements_procura.harvest.address import Where, path_of
from tests.harvest.conformance import (
    Ledger,
    StorageCases,
    StorageUnderTest,
    ledger_by_sql,
    machine_of,
)
from tests.harvest.inside import db_of


class Files:
    """Stores in files, by path and by URL."""

    @contextlib.contextmanager
    def fresh(self) -> Iterator[Where]:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/a%20store%3F.sqlite"

    def others_names_of(self, where: Where) -> Iterable[Where]:
        path = path_of(where)
        assert path.name == "a store?.sqlite"
        yield from (path, str(path), f"SQLITE://{str(where).partition('://')[2]}")
        yield os.path.relpath(path)
        link = path.with_name("link.sqlite")
        if not link.is_symlink():
            link.symlink_to(path)
        yield from (link, f"sqlite:///{link}")
        yield Path("/", *path.parts[1:-1], ".", path.name)

    def ledger(self, store: StorageReader) -> Ledger:
        db = db_of(store)
        return ledger_by_sql(lambda query: db.execute(query).fetchall())


FILES: StorageUnderTest = Files()

TestEveryOrderOfEvents = machine_of(FILES)


class TestFiles(StorageCases):
    storage = FILES

"""One moment of a file, while a harvest may go on."""

import contextlib
from collections.abc import Iterator

from elements_procura.errors import StoreError
from elements_procura.harvest.address import Where, path_of
from elements_procura.harvest.erasure.lists import list_beside, list_of
from elements_procura.harvest.sql.snapshot import SqlSnapshot
from elements_procura.harvest.sqlite.database import connect_to_look, store_errors
from elements_procura.harvest.sqlite.reader import SqliteReader


@contextlib.contextmanager
def snapshot(where: Where) -> Iterator[SqlSnapshot]:
    """Hold one moment: inside, the store stays as it is now, whatever a harvest writes.

    That keeps the harvest's log from being folded into its file, so it grows until this ends.

    Args:
        where: Its path or URL.

    Raises:
        StoreError: Nothing is there, or something else than the store of a harvest, or it cannot
            be read; or the list beside it names more than its own: a copy was put back.
    """
    path = path_of(where)
    with SqliteReader.read(path) as reader:  # is it one?
        listed = list_beside(path)
        if listed is not None and not listed[1] <= reader.suppressed()[1]:
            raise StoreError(
                f"{path} is older than the list beside it of what was erased",
                hint=f"elements-procura erase {path} --suppression {list_of(path)} --yes",
            )
    with (
        store_errors(path),
        contextlib.closing(connect_to_look(path, brief=False)) as connection,
    ):
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM meta").fetchall()  # the moment is that of the first read
        yield SqlSnapshot(connection, SqliteReader(connection, path))

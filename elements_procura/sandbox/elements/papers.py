"""How documents are laid down: one style of JSON, one shape of collections, ids in order."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, Final

import orjson

ROOT: Final = "/api/data/klantdossiers"

Ids = Callable[[], int]


def ids_from(first: int) -> Ids:
    """Hands out ids one by one."""
    return count(first).__next__


def encode(body: Any) -> bytes:
    """Every body of the sandbox is written here: compact, UTF-8, keys in their order."""
    return orjson.dumps(body)


def links(path: str, rels: Iterable[str] = ()) -> dict[str, Any]:
    """The ``_links`` of a document at ``path``, with those of its relations that exist."""
    return {"self": {"href": path}, **{rel: {"href": f"{path}/{rel}"} for rel in rels}}


def collection(path: str, rel: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The body of a collection."""
    return {"_links": links(path), "_embedded": {rel: rows}}


class Papers:
    """The documents of one dossier, by path."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}

    def add(self, path: str, body: dict[str, Any]) -> None:
        """Lay down one document."""
        self.documents[path] = encode(body)

    def add_collection(self, path: str, rows: list[dict[str, Any]], *, items: bool = True) -> bool:
        """Lay down a collection and, if asked, its rows as items: whether there are any.

        The rows get their self links here.
        """
        for row in rows:
            embedded = row.pop("_embedded", None)
            row["_links"] = {**links(f"{path}/{row['id']}"), **row.pop("_links", {})}
            if embedded is not None:
                row["_embedded"] = embedded
            if items:
                self.add(f"{path}/{row['id']}", row)
        self.add(path, collection(path, path.rpartition("/")[2], rows))
        return bool(rows)

"""All dossiers of a sandbox: grown when asked for, changed where someone wrote."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson

from elements_procura.sandbox.elements import examples
from elements_procura.sandbox.elements.dossier import FIRST_ID, MOST, grow, head, listing_row
from elements_procura.sandbox.elements.papers import ROOT, Ids, collection, encode, ids_from

_KEPT: Final = 64  # grown dossiers held in memory, a caller works on a few at a time
_CHUNK: Final = 200  # listing rows drawn before the event loop gets its turn
_ADDED_IDS: Final = 1_000_000_000  # beyond all that is grown
_PREFIX: Final = f"{ROOT}/"


class World:
    """N dossiers, the first of them the documented one.

    What is grown never changes; ``_changed`` lies over it, by dossier and path, and ``_rows`` over
    the rows of the listing. A dossier that was written is all change.
    """

    def __init__(self, *, dossiers: int, seed: int) -> None:
        if not 1 <= dossiers <= MOST:
            raise ValueError(f"dossiers must be from 1 to {MOST}, not {dossiers}")
        self.seed = seed
        self.dossier_ids: tuple[int, ...] = (
            examples.DOSSIER_ID,
            *range(FIRST_ID + 1, FIRST_ID + dossiers),
        )
        self._last = FIRST_ID + dossiers - 1
        self._grown = lru_cache(maxsize=_KEPT)(self._grow)
        self._changed: dict[int, dict[str, bytes]] = {}
        self._rows: dict[int, dict[str, Any]] = {}
        self._added: set[int] = set()
        self._removed: set[int] = set()
        self._dropped: dict[int, set[str]] = {}
        self._hidden: frozenset[int] = frozenset()
        self._listing: bytes | None = None
        self._version = 0  # of the rows
        self.new_id: Ids = ids_from(_ADDED_IDS)

    def documents(self, dossier_id: int) -> dict[str, bytes]:
        """Every document of a dossier by path, as it is served.

        Raises:
            KeyError: The dossier does not exist.
        """
        if not self.holds(dossier_id):
            raise KeyError(dossier_id)
        documents = {**self._grown(dossier_id), **self._changed.get(dossier_id, {})}
        for path in self._dropped.get(dossier_id, ()):
            documents.pop(path, None)
        return documents

    def holds(self, dossier_id: int) -> bool:
        """Whether there is such a dossier."""
        return dossier_id not in self._removed and (
            dossier_id == examples.DOSSIER_ID
            or FIRST_ID < dossier_id <= self._last
            or dossier_id in self._added
        )

    def find(self, path: str) -> bytes | None:
        """The document at a path, if there is one; the listing is not among them."""
        dossier_id = owner(path)
        if dossier_id is None or not self.holds(dossier_id):
            return None
        if path in self._dropped.get(dossier_id, ()):
            return None
        changed = self._changed.get(dossier_id)
        if changed is not None and path in changed:
            return changed[path]
        return self._grown(dossier_id).get(path)

    def row(self, dossier_id: int) -> dict[str, Any]:
        """A dossier's row in the listing."""
        if dossier_id in self._rows:
            return self._rows[dossier_id]
        if dossier_id == examples.DOSSIER_ID:
            return examples.listing_row()
        return listing_row(head(self.seed, dossier_id - FIRST_ID))

    def listing(self) -> bytes:
        """The listing as it is served: of all dossiers but those that are hidden."""
        whole = self._whole_listing()
        if not self._hidden:
            return whole
        document = orjson.loads(whole)
        document["_embedded"]["klantdossiers"] = list(self.listing_rows())
        return encode(document)

    def _whole_listing(self) -> bytes:
        if self._listing is None:
            for _ in self._drawing():
                pass
        assert self._listing is not None  # noqa: S101 - drawn just now
        return self._listing

    async def prepare_listing(self) -> bytes:
        """As ``listing``, letting the event loop breathe while it is drawn."""
        if self._listing is None:
            for _ in self._drawing():
                await asyncio.sleep(0)
        return self.listing()

    def _drawing(self) -> Iterator[None]:
        """Draw the listing, with a pause every so many rows."""
        version = self._version
        start, end = encode(collection(ROOT, "klantdossiers", [])).split(b"[]")
        drawn = bytearray(start)
        for number, dossier_id in enumerate(self.dossier_ids):
            drawn += b"," if number else b"["
            drawn += encode(self.row(dossier_id))
            if number % _CHUNK == _CHUNK - 1:
                yield
        drawn += b"]"
        drawn += end
        # A change may have come in between, and it goes before what was drawn here.
        if self._listing is None and self._version == version:
            self._listing = bytes(drawn)

    def listing_rows(self) -> Iterator[dict[str, Any]]:
        """The rows of the listing as it is served now."""
        if self._listing is None:
            shown = (each for each in self.dossier_ids if each not in self._hidden)
            yield from (self.row(each) for each in shown)
        else:
            rows = orjson.loads(self._listing)["_embedded"]["klantdossiers"]
            yield from (row for row in rows if row["id"] not in self._hidden)

    def patch(self, path: str, change: Callable[[Any], Any]) -> None:
        """Replace the JSON document at ``path`` by what ``change`` makes of it.

        ``change`` may also alter what it gets and return None.

        Raises:
            KeyError: The document does not exist.
        """
        current = self._whole_listing() if path == ROOT else self.find(path)
        if current is None:
            raise KeyError(path)
        document = orjson.loads(current)
        changed = change(document)
        replacement = document if changed is None else changed
        if path == ROOT:
            self._listing = encode(replacement)
        else:
            self.put(path, replacement)

    def put(self, path: str, document: Any) -> None:
        """Lay down a document of a dossier, in place of what was there."""
        dossier_id = owner(path) or 0
        self._changed.setdefault(dossier_id, {})[path] = encode(document)
        self._dropped.get(dossier_id, set()).discard(path)

    def drop(self, path: str) -> tuple[str, ...]:
        """Let the document at a path be gone, and all below it: their paths."""
        dossier_id = owner(path) or 0
        gone = tuple(
            each
            for each in self.documents(dossier_id)
            if each == path or each.startswith(f"{path}/")
        )
        self._dropped.setdefault(dossier_id, set()).update(gone)
        return gone

    def append(self, path: str, row: dict[str, Any]) -> None:
        """Put a row behind the others of a collection, which is made if it is not there."""
        rel = path.rpartition("/")[2]
        current = self.find(path)
        document = collection(path, rel, []) if current is None else orjson.loads(current)
        document["_embedded"][rel].append(row)
        self.put(path, document)

    def link(self, path: str, rel: str) -> None:
        """Let the document at a path, if there is one, link to its relation."""
        current = self.find(path)
        if current is not None:
            document = orjson.loads(current)
            if rel not in document["_links"]:
                document["_links"][rel] = {"href": f"{path}/{rel}"}
                self.put(path, document)

    def grow_another(self) -> int:
        """Take in the dossier that grows next from the seed: its id."""
        if self._last - FIRST_ID + 1 == MOST:
            raise ValueError(f"there are {MOST} grown dossiers, which is the most there can be")
        self._last += 1
        self.dossier_ids = (*self.dossier_ids, self._last)
        self.list_as(self.row(self._last))
        return self._last

    def remove(self, dossier_id: int) -> None:
        """Forget a dossier and all that hangs on it.

        Raises:
            KeyError: The dossier does not exist.
        """
        if not self.holds(dossier_id):
            raise KeyError(dossier_id)
        self._removed.add(dossier_id)
        self.dossier_ids = tuple(each for each in self.dossier_ids if each != dossier_id)
        self._changed.pop(dossier_id, None)
        self._rows.pop(dossier_id, None)
        self._version += 1
        if self._listing is not None:
            document = orjson.loads(self._listing)
            rows = document["_embedded"]["klantdossiers"]
            rows[:] = [row for row in rows if row["id"] != dossier_id]
            self._listing = encode(document)

    def hide(self, dossier_ids: Iterable[int]) -> None:
        """Leave these out of the listing, and no others."""
        self._hidden = frozenset(dossier_ids)

    def add_dossier(self, row: dict[str, Any], documents: Mapping[str, bytes]) -> None:
        """Take in a written dossier with the id of its row in the listing."""
        self._added.add(row["id"])
        self._changed[row["id"]] = dict(documents)
        self.dossier_ids = (*self.dossier_ids, row["id"])
        self.list_as(row)

    def list_as(self, row: dict[str, Any]) -> None:
        """From now on show this row in the listing, for the dossier whose id it has."""
        self._rows[row["id"]] = row
        self._version += 1
        if self._listing is not None:
            document = orjson.loads(self._listing)
            rows = document["_embedded"]["klantdossiers"]
            rows[:] = [row if each["id"] == row["id"] else each for each in rows]
            if row["id"] not in (each["id"] for each in rows):
                rows.append(row)
            self._listing = encode(document)

    def _grow(self, dossier_id: int) -> dict[str, bytes]:
        if dossier_id == examples.DOSSIER_ID:
            return examples.documents()
        if dossier_id in self._added:
            return {}
        return grow(self.seed, dossier_id - FIRST_ID)


def owner(path: str) -> int | None:
    """The id of the dossier a path belongs to."""
    if not path.startswith(_PREFIX):
        return None
    segment = path[len(_PREFIX) :].partition("/")[0]
    return int(segment) if segment.isascii() and segment.isdigit() else None

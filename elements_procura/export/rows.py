"""Typed rows out of bodies: of a whole store, or of what has changed in it since a number."""

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote

from elements_procura.export.cells import Row, TypedRecord, id_of
from elements_procura.export.layout import Feed, Layout, Node, links_of
from elements_procura.harvest.records import HeldResource
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.schema.hal import HalError
from elements_procura.spec.harvest import HarvestSpec

if TYPE_CHECKING:
    from elements_procura.spec.shapes import Shape


class RowTarget(Protocol):
    """Takes rows, and what has become of resources whose rows it holds from earlier."""

    def add(self, table: str, row: Row, *, is_typed: bool = True, misfits: int = 0) -> None:
        """Take a row."""

    def skip(self) -> None:
        """Count a body or a record that cannot be read."""

    def note(self, what: str, resource: int, kind: str | None, at: dt.datetime | None) -> None:
        """Take note of a resource.

        Args:
            what: ``changed``: its rows are those that are added now; ``looked``: they stay, fetched
                ``at``; ``deleted``: they are gone since ``at``; ``erased``: nothing of them stays.
            resource: Its number.
            kind: Its kind; None if it is erased.
            at: When.
        """


class _NewRow(NamedTuple):
    """A row before it has its key.

    Attributes:
        keys: The cells before the record's.
        typed: The record's.
        held: The resource that it comes from.
        place: What its key begins with.
        is_alone: Whether that is all of it: nothing else comes from there.
    """

    keys: Row
    typed: TypedRecord
    held: HeldResource
    place: str
    is_alone: bool = False


_Found = dict[str, tuple[Feed, list[_NewRow]]]


class Rows:
    """Writes the rows of a store.

    Dossier after dossier, so that memory does not grow with the store; shared records come after
    them, by numbers noted on the way.

    Args:
        spec: The description of the API's dossiers.
        moment: The store.
        layout: The tables.
        into: Takes the rows.
        since: Only what has changed after this number of the store's sequence; None for all.
    """

    def __init__(
        self,
        spec: HarvestSpec,
        moment: StorageSnapshot,
        layout: Layout,
        into: RowTarget,
        *,
        since: int | None = None,
    ) -> None:
        self._row_kind = spec.row_kind
        self._moment = moment
        self._layout = layout
        self._into = into
        self._since = since
        # Where a row may stand in for others, what one resource shows depends on the others.
        self._whole = since is not None and spec.row_kind is not None
        self._shapes: dict[str, Shape] = {
            kind: shape for kind in layout.kinds if (shape := spec.shape_of(kind)) is not None
        }
        # The resource that tells of a firm most recently, and those that hang on one.
        self._newest: dict[str, dict[int, HeldResource]] = {kind: {} for kind in layout.firms}
        self._hanging: dict[str, list[tuple[int, HeldResource]]] = {
            kind: [] for kind in layout.shared
        }

    def write(self) -> None:
        """All of them."""
        held = self._moment.held(self._shapes, since=self._since, whole=self._whole)
        for _, resources in groupby(held, attrgetter("dossier")):
            self._write_dossier(resources)
        for kind, newest in self._newest.items():
            feed = self._layout.firms[kind]
            for firm, told in sorted(newest.items()):
                raw = next(each for each in self._records(told) if id_of(each) == firm)
                one = _NewRow((), feed.node.typed.row(raw), told, str(firm), is_alone=True)
                self._emit(feed.node, [one])
        for kind, hanging in self._hanging.items():
            feed = self._layout.shared[kind]
            for firm, told in sorted(hanging, key=lambda pair: (pair[0], pair[1].id)):
                typed = [feed.node.typed.row(raw) for raw in self._records(told)]
                place = str(firm)
                self._add(feed, [_NewRow((firm,), each, told, place) for each in typed])
        if self._since is not None:
            self._note_gone(self._since)

    def _note_gone(self, since: int) -> None:
        for change in self._moment.reader.changes(since):
            if change.what == "erased":
                self._into.note("erased", change.resource, None, None)
            elif change.what == "deleted" and change.kind in self._shapes:
                self._into.note("deleted", change.resource, change.kind, moment_of(change.deleted))

    def _write_dossier(self, resources: Iterable[HeldResource]) -> None:
        found: _Found = {}
        spare: HeldResource | None = None
        for held in resources:
            is_look = self._since is not None and held.change <= self._since and not self._whole
            if self._since is not None:
                at = held.fetched if is_look else held.since
                self._into.note(
                    "looked" if is_look else "changed", held.id, held.kind, moment_of(at)
                )
            if held.kind in self._layout.firms:
                self._note_firms(held)  # one that was looked at may be the newest by that
            elif is_look:
                continue
            elif held.kind in self._layout.shared:
                firm = int(str(held.share).split("/")[1])
                self._hanging[held.kind].append((firm, held))
            elif held.kind == self._row_kind:
                spare = held
            else:
                self._find(held, found)
        if spare is not None and not any(
            found.get(feed.node.table, (feed, []))[1] for feed in self._layout.own[spare.kind]
        ):
            self._find(spare, found)
        for feed, rows in found.values():
            self._add(feed, rows)

    def _find(self, held: HeldResource, found: _Found) -> None:
        records = self._records(held)
        for feed in self._layout.own[held.kind]:
            keys: Row = (held.dossier,)
            place = _text(held.dossier)
            if feed.owner is not None:
                keys += (int(held.path.split("/")[feed.owner]),)
                place = f"{place}/{keys[-1]}"
            if feed.own_id is not None:
                place = f"{place}/{held.path.rpartition('/')[2]}"
            rows = found.setdefault(feed.node.table, (feed, []))[1]
            rows += [
                _NewRow(keys, feed.node.typed.row(feed.pick(raw)), held, place, feed.is_alone)
                for raw in records
            ]

    def _note_firms(self, held: HeldResource) -> None:
        links = []
        for raw in self._records(held):
            firm = id_of(raw)
            if firm is None:
                self._into.skip()
                continue
            links.append(firm)
            known = self._newest[held.kind].get(firm)
            if known is None or (known.fetched, known.id) < (held.fetched, held.id):
                self._newest[held.kind][firm] = held
        for firm in sorted(set(links)):
            key = f"{_text(held.dossier)}/{firm}"
            self._into.add(links_of(held.kind), (held.dossier, firm, key, *_system(held)))

    def _records(self, held: HeldResource) -> list[Any]:
        try:
            return self._shapes[held.kind].records(self._moment.body(held.id))
        except HalError:
            self._into.skip()
            return []

    def _add(self, feed: Feed, rows: list[_NewRow]) -> None:
        """Append rows of one dossier or firm, by the ids of their parents and their own."""
        where = feed.node.id_at
        if where is not None:
            rows.sort(key=lambda row: (row.keys, _none_last(row.typed.cells[where])))
        self._emit(feed.node, rows)

    def _emit(self, node: Node, rows: list[_NewRow], parent: Row = ()) -> None:
        """Append rows, and those of the lists within them."""
        # Counted within a place, so within one body: a key does not depend on other bodies.
        unnamed: dict[str, int] = {}
        taken: dict[str, int] = {}
        for keys, typed, held, place, is_alone in rows:
            identifier = None if node.id_at is None else typed.cells[node.id_at]
            row_id = place
            if not is_alone:
                if identifier is None:
                    unnamed[place] = unnamed.get(place, 0) + 1
                    own = f"#{unnamed[place]}"
                else:
                    own = _text(identifier)
                row_id = f"{place}/{own}"
            times = taken[row_id] = taken.get(row_id, 0) + 1
            if times > 1:
                row_id = f"{row_id}#{times}"
            cells = (*keys, *typed.cells, row_id, *parent, *_system(held))
            self._into.add(node.table, cells, is_typed=typed.is_typed, misfits=typed.misfits)
            if not typed.nested:
                continue
            for child, made in zip(node.children, typed.nested, strict=True):
                if made:
                    inner = keys[:1] if node.id_at is None else (*keys[:1], identifier)
                    within = [_NewRow(inner, each, held, row_id) for each in made]
                    self._emit(child, within, (row_id,))


def _system(held: HeldResource) -> Row:
    return held.id, moment_of(held.fetched), moment_of(held.since), None, held.mark


def moment_of(seconds: float | None) -> dt.datetime | None:
    """The instant of seconds since the epoch, to the microsecond; None of none or zero."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def _text(identifier: Any) -> str:
    return quote(identifier, safe=" ") if identifier.__class__ is str else str(identifier)


def _none_last(identifier: Any) -> tuple[bool, Any]:
    return identifier is None, identifier or 0

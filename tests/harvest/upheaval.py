"""An office of Elements in which anything may happen to a dossier: all that a refresh must survive.

Whatever happens leaves the sandbox a possible Elements: lists name what there is, what dossiers
share is the same for each of them. It is noted when something was last not to be found, so that a
loss can be told from a false one.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs
import orjson

from elements_procura.elements.kinds import (
    DOSSIER_RELATIONS,
    DOSSIERS,
    EXTRA_GROUPS,
    KINDS,
    PRODUCTS_IN_FULL,
    dossier_want,
    group_of,
)
from elements_procura.sandbox import Sandbox

PERSONS = "klanten/particulier"
UNLINKABLE = ("bezittingen", "registraties", "producten", "adviseurs", "klanten/zakelijk")
_FIRST_ID = 77_000_000


@attrs.define
class Upheaval:
    """Changes to an office, drawn by chance.

    Attributes:
        sandbox: The office.
        chance: What decides.
        now: Reads the time.
        happened: What has happened, and how often.
        least: So many dossiers are there in the end, however many are removed.
    """

    sandbox: Sandbox
    chance: random.Random
    now: Callable[[], float]
    least: int
    happened: dict[str, int] = attrs.field(factory=dict)
    _there: dict[int, frozenset[str]] = attrs.field(factory=dict)
    _absent: dict[str, float] = attrs.field(factory=dict)
    _ids: int = _FIRST_ID
    _deletions: set[int] = attrs.field(factory=set)

    def __attrs_post_init__(self) -> None:
        for dossier in self.sandbox.dossier_ids:
            self._look_at(dossier)

    # -- what is there -----------------------------------------------------------------------

    def there(self) -> frozenset[str]:
        """All that a harvest can find now: paths, and of what dossiers share the names."""
        return frozenset().union(*self._there.values())

    def bodies(self) -> dict[str, set[bytes]]:
        """The body of all that :meth:`there` is; of what dossiers share, as each of them has it."""
        found: dict[str, set[bytes]] = {}
        for dossier in self.sandbox.dossier_ids:
            documents = self.sandbox.truth(dossier)
            for key, path in self._found(dossier):
                found.setdefault(key, set()).add(documents[path])
        return found

    def has_been_absent(self, key: str, *, since: float) -> bool:
        """Whether something was not to be found at any time since then."""
        return key not in self.there() or self._absent.get(key, float("-inf")) >= since

    @property
    def removed(self) -> frozenset[int]:
        """The dossiers that were deleted."""
        return frozenset(self._deletions)

    def _look_at(self, *dossiers: int) -> None:
        """Note what can no longer be found, and what could not until now."""
        before = self.there()
        for dossier in dossiers:
            if dossier in self.sandbox.dossier_ids:
                self._there[dossier] = frozenset(key for key, _ in self._found(dossier))
            else:
                self._there.pop(dossier, None)
        for key in before ^ self.there():
            self._absent[key] = self.now()

    def _found(self, dossier: int) -> Iterator[tuple[str, str]]:
        """Key and path of all that can be found of a dossier."""
        documents = self.sandbox.truth(dossier)
        ahead = [dossier_want(dossier)]
        while ahead:
            want = ahead.pop()
            body = documents.get(want.path)
            if body is None or (want.kind != "dossier" and group_of(want.kind) in EXTRA_GROUPS):
                continue
            yield want.share or want.path, want.path
            ahead += KINDS[want.kind].discover(orjson.loads(body), want.path).wants

    # -- what happens ------------------------------------------------------------------------

    def happen(self) -> str:
        """Let one thing happen: its name."""
        deeds = (
            (self._changes, 12),
            (self._contact_changes, 4),
            (self._registers, 6),
            (self._gains_product, 4),
            (self._loses_product, 2),
            (self._product_moves, 2),
            (self._person_leaves, 2),
            (self._person_moves, 2),
            (self._asset_goes, 2),
            (self._contact_is_emptied, 1),
            (self._is_unlinked, 2),
            (self._is_linked, 2),
            (self._adviser_moves, 2),
            (self._office_moves, 1),
            (self._shared_changes, 2),
            (self._address_changes, 2),
            (self._is_flagged, 1),
            (self._is_deleted, 1),
            (self._is_founded, 1),
            (self._is_unlisted, 1),
        )
        names, weights = zip(*deeds, strict=True)
        for _ in range(20):
            (deed,) = self.chance.choices(names, weights)
            touched = deed()
            if touched:
                self._look_at(*touched)
                name = str(deed.__name__).strip("_")
                self.happened[name] = self.happened.get(name, 0) + 1
                return name
        return ""

    def calm(self) -> None:
        """End what passes by itself: a listing that lacks dossiers."""
        self.sandbox.hide(())

    def _changes(self) -> Iterable[int]:
        dossier = self._any()
        try:
            self.sandbox.change(dossier, deep=self.chance.random() < 0.5)
        except ValueError:  # nothing deep in it could change
            self.sandbox.change(dossier)
        return (dossier,)

    def _contact_changes(self) -> Iterable[int]:
        dossier = self._any()
        persons = self._rows(f"{self._root(dossier)}/{PERSONS}")
        if not persons:
            return ()
        person = self.chance.choice(persons)
        path = f"{self._root(dossier)}/{PERSONS}/{person['id']}/emailadressen"
        self._add_row(path, {"naam": f"e{self._ids}@voorbeeld.example"})
        return (dossier,)

    def _contact_is_emptied(self) -> Iterable[int]:
        dossier = self._any()
        below = f"{self._root(dossier)}/{PERSONS}/"
        full = [
            path
            for path in self.sandbox.truth(dossier)
            if path.startswith(below)
            and path.endswith(("/emailadressen", "/telefoonnummers"))
            and self._rows(path)
        ]
        if not full:
            return ()
        self._set_rows(self.chance.choice(full), [])
        return (dossier,)

    def _registers(self) -> Iterable[int]:
        dossier = self._any()
        path = f"{self._root(dossier)}/registraties"
        self._add_row(path, {"omschrijving": "Gebeld", "onderwerp": "Contact", "publiek": "ja"})
        self._link(dossier, "registraties")
        return (dossier,)

    def _gains_product(self) -> Iterable[int]:
        dossier, other = self._two()
        found = self._rows(f"{self._root(other)}/producten")
        if not found:
            return ()
        row = self.chance.choice(found)
        self._put_product(dossier, other, row, self._new_id())
        return (dossier,)

    def _loses_product(self) -> Iterable[int]:
        dossier = self._any()
        return (dossier,) if self._take_product(dossier) else ()

    def _product_moves(self) -> Iterable[int]:
        dossier, other = self._two()
        found = self._rows(f"{self._root(other)}/producten")
        if not found:
            return ()
        row = self.chance.choice(found)
        self._put_product(dossier, other, row, row["id"])
        self._take_product(other, row)
        return dossier, other

    def _put_product(self, dossier: int, other: int, row: dict[str, Any], number: int) -> None:
        kind, here, there = row["soort"], self._root(dossier), self._root(other)
        old, new = f"{there}/{kind}/{row['id']}", f"{here}/{kind}/{number}"
        self._add_row(f"{here}/producten", {**row, "id": number}, own_id=True)
        self._link(dossier, "producten")
        if kind in PRODUCTS_IN_FULL:
            self._copy(old, new, {row["id"]: number})

    def _take_product(self, dossier: int, row: dict[str, Any] | None = None) -> bool:
        path = f"{self._root(dossier)}/producten"
        found = self._rows(path)
        if not found:
            return False
        gone = row or self.chance.choice(found)
        self._set_rows(path, [each for each in found if each["id"] != gone["id"]])
        self._drop_some(f"{self._root(dossier)}/{gone['soort']}/{gone['id']}")
        return True

    def _person_leaves(self) -> Iterable[int]:
        dossier = self._any()
        return (dossier,) if self._take_person(dossier) else ()

    def _person_moves(self) -> Iterable[int]:
        dossier, other = self._two()
        row = self._take_person(other)
        if row is None:
            return ()
        here = f"{self._root(dossier)}/{PERSONS}"
        self._add_row(here, row, own_id=True)
        self._link(dossier, PERSONS)
        for rel in ("adressen", "emailadressen", "telefoonnummers"):
            path = f"{here}/{row['id']}/{rel}"
            self._world.put(path, _collection(path, rel, []))
        return dossier, other

    def _take_person(self, dossier: int) -> dict[str, Any] | None:
        path = f"{self._root(dossier)}/{PERSONS}"
        found = self._rows(path)
        if len(found) < 2:  # a dossier is somebody's
            return None
        gone = self.chance.choice(found)
        self._set_rows(path, [each for each in found if each["id"] != gone["id"]])
        self._drop_some(f"{path}/{gone['id']}")
        return gone

    def _asset_goes(self) -> Iterable[int]:
        dossier = self._any()
        path = f"{self._root(dossier)}/bezittingen"
        found = self._rows(path)
        if not found:
            return ()
        self._set_rows(path, found[1:])
        return (dossier,)

    def _is_unlinked(self) -> Iterable[int]:
        dossier = self._any()
        root = self._root(dossier)
        links = self._document(root)["_links"]
        found = [each for each in UNLINKABLE if each in links]
        if not found:
            return ()
        rel = self.chance.choice(found)
        self._unlink(dossier, rel)
        if self.chance.random() < 0.3:
            self._world.drop(f"{root}/{rel}")
        return (dossier,)

    def _is_linked(self) -> Iterable[int]:
        dossier = self._any()
        root = self._root(dossier)
        links = self._document(root)["_links"]
        found = [
            rel
            for rel in DOSSIER_RELATIONS.values()
            if rel not in links and self._world.find(f"{root}/{rel}") is not None
        ]
        if not found:
            return ()
        self._link(dossier, self.chance.choice(found))
        return (dossier,)

    def _adviser_moves(self) -> Iterable[int]:
        """A dossier gets the advisers of another."""
        return self._take_over("adviseurs")

    def _office_moves(self) -> Iterable[int]:
        return self._take_over("kantoor")

    def _take_over(self, rel: str) -> Iterable[int]:
        dossier, other = self._two()
        there, here = f"{self._root(other)}/{rel}", f"{self._root(dossier)}/{rel}"
        if self._world.find(there) is None:
            return ()
        self._world.drop(here)
        self._copy(there, here, {})
        self._link(dossier, rel)
        return (dossier,)

    def _shared_changes(self) -> Iterable[int]:
        """Somebody changes what dossiers share: it is other in each of them."""
        dossier = self._any()
        rows = self._rows(f"{self._root(dossier)}/adviseurs")
        if not rows:
            return ()
        adviser, number = rows[0]["id"], self._new_id()
        touched = []
        for each in self.sandbox.dossier_ids:
            path = f"{self._root(each)}/adviseurs/{adviser}/emailadressen"
            if self._world.find(path) is not None:
                self._add_row(
                    path, {"id": number, "naam": f"a{number}@voorbeeld.example"}, own_id=True
                )
                touched.append(each)
        return touched

    def _address_changes(self) -> Iterable[int]:
        dossier = self._any()
        row = orjson.loads(orjson.dumps(self._world.row(dossier)))
        address = row.get("_embedded", {}).get("standaardcorrespondentieadres")
        if not isinstance(address, dict):
            return ()
        address["nummer"] = str(self._new_id())
        self._world.list_as(row)

        def change(document: Any) -> None:
            document.setdefault("_embedded", {})["standaardcorrespondentieadres"] = address

        self.sandbox.patch(self._root(dossier), change)
        return (dossier,)

    def _is_flagged(self) -> Iterable[int]:
        dossier = self._any()

        def change(document: Any) -> None:
            document["deleted"] = None if document["deleted"] else "2026-01-01T00:00:00+0100"

        self.sandbox.patch(self._root(dossier), change)
        return (dossier,)

    def _is_deleted(self) -> Iterable[int]:
        if len(self.sandbox.dossier_ids) <= self.least:
            return ()
        dossier = self._any()
        self.sandbox.remove(dossier)
        self._deletions.add(dossier)
        return (dossier,)

    def _is_founded(self) -> Iterable[int]:
        return (self.sandbox.add_dossier(),)

    def _is_unlisted(self) -> Iterable[int]:
        """A listing lacks dossiers that are there."""
        ids = self.sandbox.dossier_ids
        hidden = self.chance.sample(ids, self.chance.randint(1, 3))
        self.sandbox.hide(hidden)
        return hidden

    # -- how ---------------------------------------------------------------------------------

    @property
    def _world(self) -> Any:
        return self.sandbox._world

    def _any(self) -> int:
        return self.chance.choice(self.sandbox.dossier_ids)

    def _two(self) -> tuple[int, int]:
        first, second = self.chance.sample(self.sandbox.dossier_ids, 2)
        return first, second

    def _new_id(self) -> int:
        self._ids += 1
        return self._ids

    @staticmethod
    def _root(dossier: int) -> str:
        return f"{DOSSIERS}/{dossier}"

    def _document(self, path: str) -> Any:
        body = self._world.find(path)
        return None if body is None else orjson.loads(body)

    def _rows(self, path: str) -> list[dict[str, Any]]:
        document = self._document(path)
        if document is None:
            return []
        rows: list[dict[str, Any]] = document["_embedded"][path.rpartition("/")[2]]
        return rows

    def _set_rows(self, path: str, rows: list[dict[str, Any]]) -> None:
        def change(document: Any) -> None:
            document["_embedded"][path.rpartition("/")[2]] = rows

        self.sandbox.patch(path, change)

    def _add_row(self, path: str, row: dict[str, Any], *, own_id: bool = False) -> None:
        number = row["id"] if own_id else self._new_id()
        href = f"{path}/{number}"
        self._world.append(path, {**row, "id": number, "_links": {"self": {"href": href}}})

    def _link(self, dossier: int, rel: str) -> None:
        self._world.link(self._root(dossier), rel)

    def _unlink(self, dossier: int, rel: str) -> None:
        def change(document: Any) -> None:
            del document["_links"][rel]

        self.sandbox.patch(self._root(dossier), change)

    def _drop_some(self, path: str) -> None:
        """What no list names any more answers 404 at once, or not yet."""
        if self.chance.random() < 0.6:
            self._world.drop(path)

    def _copy(self, old: str, new: str, ids: dict[int, int]) -> None:
        """Lay down a document and all below it elsewhere, with its links and ids."""
        source, target = (int(each.split("/")[4]) for each in (old, new))
        for path, body in self.sandbox.truth(source).items():
            if path != old and not path.startswith(f"{old}/"):
                continue
            copied = body.replace(old.encode(), new.encode())
            copied = copied.replace(b"/%d/" % source, b"/%d/" % target)
            document = orjson.loads(copied) if copied.startswith(b"{") else None
            if document is None:
                continue
            if path == old and document.get("id") in ids:
                document["id"] = ids[document["id"]]
            self._world.put(new + path.removeprefix(old), document)


def _collection(path: str, rel: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"_links": {"self": {"href": path}}, "_embedded": {rel: rows}}

"""A server that a test of the ledger harvests: what it holds, loses and breaks, at a path."""

import asyncio
from collections.abc import Iterable, Iterator

import attrs
import orjson

from elements_procura.clock import SystemClock
from elements_procura.harvest import Store
from elements_procura.spec.source import Discovery, DossierId, Root, Row, Want, Work, digest

PERSONS, ADVISERS, OFFICES = range(3), range(3), range(2)
ROW_DOSSIERS = (8, 9)
"""Of these a listing's row is kept, and their root is a list of documents."""
LOST = (403, 404)


class Wall(SystemClock):
    """A wall clock that only a test moves; sleeping takes no time."""

    seconds = 1e9
    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead

    async def sleep(self, seconds: float) -> None:
        self.ahead += seconds
        await asyncio.sleep(0)

    def wall(self) -> float:
        return self.seconds


@attrs.frozen
class Body:
    """What an answer is handed over in."""

    body: bytes


@attrs.define
class Dossier:
    """What the server holds of one dossier."""

    id: int
    persons: set[int]
    advisers: set[int]
    office: int
    exists: bool = True
    is_listed: bool = True
    deleted: bool = False
    version: int = 0
    listed_version: int = 0
    """Of the row that the last listing showed."""

    @property
    def root(self) -> str:
        """Where a pass begins."""
        return f"/{self.id}/documents" if self.id in ROW_DOSSIERS else f"/{self.id}"

    @property
    def row(self) -> dict[str, int]:
        return {"id": self.id, "version": self.version}


@attrs.define
class World:
    """All dossiers, and what is wrong with which path."""

    dossiers: dict[DossierId, Dossier] = attrs.field(factory=dict)
    versions: dict[str, int] = attrs.field(factory=dict)
    """Of what hangs on a dossier by its path, of what is shared by its name."""
    faults: dict[str, int | None] = attrs.field(factory=dict)
    """A status or None for what cannot be read, by path or name."""

    def settle(self, store: Store, work: Work) -> None:
        """Answer a request, and store the answer."""
        answer = self.answer(work)
        if answer is None:
            store.quarantine(work, error="broken", requests=1)
        elif isinstance(answer, int):
            store.gone(work, status=answer, requests=1)
        else:
            body, found = answer
            store.put(work, Body(body), found, requests=1)

    def roots(self) -> Iterator[Root]:
        """A complete listing."""
        for dossier in self.dossiers.values():
            if dossier.exists and dossier.is_listed:
                yield self.root(dossier)

    def root(self, dossier: Dossier) -> Root:
        """A dossier as a listing names it."""
        found = Discovery((Want("root", dossier.root),), {"root": 1})
        if dossier.id not in ROW_DOSSIERS:
            spare = Row(orjson.dumps(dossier.row))
            return Root(dossier.id, found, digest=digest(dossier.row), spare=spare)
        kept = Want("row", f"/{dossier.id}/row"), Row(orjson.dumps(dossier.row))
        return Root(dossier.id, found, kept, digest(dossier.row))

    def wants(self, dossier: Dossier, path: str) -> tuple[Want, ...]:
        """What the answer at a path leads to."""
        root = f"/{dossier.id}"
        if path == root:
            return tuple(Want(each, f"{root}/{each}") for each in ("persons", "advisers", "office"))
        if path in (f"{root}/persons", f"{root}/documents"):
            return tuple(Want("leaf", f"{path}/{each}") for each in sorted(dossier.persons))
        if path.startswith(f"{root}/persons/") and path.count("/") == 3:
            return (Want("detail", f"{path}/detail"),)
        if path == f"{root}/advisers":
            return tuple(
                Want("shared", f"{path}/{each}/mail", f"adviser/{each}/mail")
                for each in sorted(dossier.advisers)
            )
        if path == f"{root}/office":
            # Like Elements' kantoor: the path does not tell which one it is.
            return (Want("shared", f"{path}/mail", f"office/{dossier.office}/mail"),)
        return ()

    def body(self, dossier: Dossier, path: str, name: str | None) -> bytes:
        """What is at a path."""
        version = self.versions.get(name or path, 0)
        inner = [dossier.deleted, *(each.path for each in self.wants(dossier, path))]
        return orjson.dumps([name or path, version, inner if name is None else None])

    def answer(self, work: Work) -> tuple[bytes, Discovery] | int | None:
        """The answer at a path: a body and what it leads to, a status, or nothing readable."""
        # What is shared may be asked for by the path of another than its own dossier.
        dossier = self.dossiers[int(work.path.split("/")[1])]
        everything = {want.path: want for want in self.walk(dossier, through_faults=True)}
        if not dossier.exists or work.path not in everything:
            return 404
        want = everything[work.path]
        for key in (work.path, want.share):
            if key is not None and key in self.faults:
                return self.faults[key]
        is_root = work.path == dossier.root
        deleted = dossier.deleted if is_root and dossier.id not in ROW_DOSSIERS else None
        found = Discovery(self.wants(dossier, work.path), {"walk": 1}, deleted)
        return self.body(dossier, work.path, want.share), found

    def truth(self, dossier: Dossier) -> dict[str, tuple[str | None, bytes]]:
        """Name and body of all that can be read of a dossier, by path."""
        if not dossier.exists:
            return {}
        return {
            want.path: (want.share, self.body(dossier, want.path, want.share))
            for want in self.walk(dossier, through_faults=False)
        }

    def readable(
        self, dossiers: Iterable[DossierId]
    ) -> tuple[dict[str, bytes], dict[str, bytes], dict[str, set[str]]]:
        """What can be read of some dossiers: their own by path, what they share by name.

        The latter's paths as well, by name. Of a row, what was listed last.
        """
        own: dict[str, bytes] = {}
        shared: dict[str, bytes] = {}
        ways: dict[str, set[str]] = {}
        for dossier in map(self.dossiers.__getitem__, dossiers):
            for path, (name, body) in self.truth(dossier).items():
                if name is None:
                    own[path] = body
                else:
                    shared[name] = body
                    ways.setdefault(name, set()).add(path)
            listed = self.root(attrs.evolve(dossier, version=dossier.listed_version)).row
            if listed is not None:
                want, row = listed
                own[want.path] = row.body
        return own, shared, ways

    def walk(self, dossier: Dossier, *, through_faults: bool) -> Iterator[Want]:
        """All that a dossier leads to, also by way of what is lost or not."""
        ahead = [Want("root", dossier.root)]
        while ahead:
            want = ahead.pop()
            if not through_faults and {
                self.faults.get(want.path),
                self.faults.get(want.share or ""),
            } & {*LOST}:
                continue
            yield want
            ahead.extend(self.wants(dossier, want.path))

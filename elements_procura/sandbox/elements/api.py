"""What the data endpoints answer: paths looked up in the world, filters applied."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final

from elements_procura.sandbox.core.answers import Answer
from elements_procura.sandbox.core.log import Record
from elements_procura.sandbox.elements import examples, search
from elements_procura.sandbox.elements.papers import ROOT, collection, encode
from elements_procura.sandbox.elements.world import World, owner
from elements_procura.sandbox.elements.writes import Writes

PREFIX: Final = "/api/data/"
_DOWNLOAD: Final = "/profielfoto/download"
_NARROWED: Final = ("/registraties", "/producten", "/bezittingen")
_CHUNK: Final = 20  # dossiers searched before the event loop gets its turn
_NEIGHBOURS: Final = 50  # dossiers looked through for another's body


class ElementsApi:
    """Answers requests that hold a living token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._writes = Writes(world)
        self._facts: dict[int, search.Facts] = {}

    @property
    def records(self) -> list[Record]:
        """The writes that were carried out, in order."""
        return self._writes.records

    async def answer(
        self, method: str, path: str, query: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """Answer one request."""
        if method == "GET":
            return await self._read(path, query)
        writes = self._writes.methods(path)
        if method in writes:
            answer = self._writes.answer(method, path, query, body)
            self.forget(path)
            return answer
        readable = path == ROOT or self._world.find(path) is not None
        allowed = [*(["GET"] if readable else []), *writes]
        if not allowed:
            return Answer.error(404, "Not found")
        return Answer.error(405, "Method not allowed", headers={"Allow": ", ".join(allowed)})

    async def _read(self, path: str, query: Mapping[str, str]) -> Answer:
        if path == ROOT:
            return Answer(body=await self._listing(search.asked(query)))
        body = self._world.find(path)
        if body is None:
            return Answer.error(404, "Not found")
        if path.endswith(_DOWNLOAD):
            return Answer(body=body, content_type="image/png")
        if query and path.endswith(_NARROWED):
            body = self._variant(path, query) or search.narrowed(body, query) or body
        return Answer(body=body)

    def forget(self, path: str) -> None:
        """Search a dossier afresh next time: something in it changed."""
        self._facts.pop(owner(path) or 0, None)

    def other_body(self, path: str) -> bytes:
        """The body of the same relation in another dossier; if none has it, of something else."""
        shape = _shape(path)
        for dossier_id in self._near(owner(path)):
            for candidate, body in self._world.documents(dossier_id).items():
                if _shape(candidate) == shape:
                    return body
        if path == ROOT:
            first = self._world.dossier_ids[0]
            return self._world.documents(first)[f"{ROOT}/{first}"]
        return self._world.listing()

    def _near(self, own: int | None) -> Iterator[int]:
        """Other dossiers, those after the own first."""
        ids = self._world.dossier_ids
        if own in ids:
            at = ids.index(own)
            yield from ids[at + 1 :][:_NEIGHBOURS]
            yield from ids[:at][:_NEIGHBOURS]

    def _variant(self, path: str, query: Mapping[str, str]) -> bytes | None:
        """The documented body for this query, where the documentation shows one."""
        if query.get("publiek") != "0" or query.get("gearchiveerd", "0") != "0":
            return None
        return examples.variants().get(f"{path}?publiek=0")

    async def _listing(self, filters: Mapping[str, str]) -> bytes:
        if not filters:
            return await self._world.prepare_listing()
        shallow = {name: value for name, value in filters.items() if name in search.SHALLOW}
        deep = {name: value for name, value in filters.items() if name not in search.SHALLOW}
        found = []
        for number, row in enumerate(self._world.listing_rows()):
            if number % _CHUNK == 0:
                await asyncio.sleep(0)
            said = search.row_facts(row)
            if not search.matches(shallow, said):
                continue
            if deep and not search.matches(deep, said, self._facts_of(row["id"])):
                continue
            found.append(row)
        return encode(collection(ROOT, "klantdossiers", found))

    def _facts_of(self, dossier_id: int) -> search.Facts:
        """Kept once searched for: growing a dossier again costs more than the memory."""
        facts = self._facts.get(dossier_id)
        if facts is None:
            held = self._world.holds(dossier_id)
            documents = self._world.documents(dossier_id) if held else {}
            facts = search.dossier_facts(dossier_id, documents)
            self._facts[dossier_id] = facts
        return facts


def _shape(path: str) -> str:
    """A path with its ids blotted out."""
    return "/".join("#" if part.isdigit() else part for part in path.split("/"))

"""Changes that somebody makes to a dossier behind the API's back, as its own users do."""

from typing import Any

import orjson

from elements_procura.sandbox.elements.papers import ROOT, links
from elements_procura.sandbox.elements.world import World


class Changes:
    """Changes dossiers in ways that can be seen; no two leave the same behind."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made = 0

    def change(self, dossier_id: int, *, deep: bool) -> tuple[str, ...]:
        """Change a dossier: the paths of the documents that are other than before.

        Raises:
            KeyError: The dossier does not exist.
            ValueError: It holds neither products nor persons, so nothing deep can change.
        """
        documents = self._world.documents(dossier_id)
        self._made += 1
        if deep:
            return self._change_below(dossier_id, documents)
        path = f"{ROOT}/{dossier_id}"
        self._mark(path, "omschrijving")
        row = self._world.row(dossier_id)
        self._world.list_as({**row, "omschrijving": self._marked(row["omschrijving"])})
        return (path,)

    def _change_below(self, dossier_id: int, documents: dict[str, bytes]) -> tuple[str, ...]:
        """The first product, or else what the first person has for e-mail addresses."""
        path = f"{ROOT}/{dossier_id}/producten"
        if rows := _rows(documents, path):
            item = f"{ROOT}/{dossier_id}/{rows[0]['soort']}/{rows[0]['id']}"
            return self._change_row(path, item, "omschrijving")
        persons = f"{ROOT}/{dossier_id}/klanten/particulier"
        for person in _rows(documents, persons):
            return self._add_emailadres(f"{persons}/{person['id']}")
        raise ValueError(f"dossier {dossier_id} holds no product and no person")

    def _change_row(self, path: str, item: str, name: str) -> tuple[str, ...]:
        """Change the first row of a collection, and its item where there is one."""

        def change(document: Any) -> None:
            row = document["_embedded"][path.rpartition("/")[2]][0]
            row[name] = self._marked(row.get(name))

        self._world.patch(path, change)
        if self._world.find(item) is None:
            return (path,)
        self._mark(item, name)
        return path, item

    def _add_emailadres(self, person: str) -> tuple[str, ...]:
        path, number = f"{person}/emailadressen", self._world.new_id()
        row = {
            "id": number,
            "naam": f"gewijzigd{number}@voorbeeld.example",
            "omschrijving": None,
            "_links": links(f"{path}/{number}"),
            "_embedded": {"types": [{"id": 2, "naam": "Prive"}]},
        }
        self._world.append(path, row)
        self._world.put(f"{path}/{number}", row)
        before = self._world.find(person)
        self._world.link(person, "emailadressen")
        linked = (person,) if self._world.find(person) != before else ()
        return path, f"{path}/{number}", *linked

    def _mark(self, path: str, name: str) -> None:
        def change(document: Any) -> None:
            document[name] = self._marked(document.get(name))

        self._world.patch(path, change)

    def _marked(self, text: str | None) -> str:
        return f"{(text or '').partition(' (gewijzigd')[0]} (gewijzigd {self._made})".strip()


def _rows(documents: dict[str, bytes], path: str) -> list[dict[str, Any]]:
    body = documents.get(path)
    if body is None:
        return []
    rows: list[dict[str, Any]] = orjson.loads(body)["_embedded"][path.rpartition("/")[2]]
    return rows

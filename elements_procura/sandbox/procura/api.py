"""The endpoints: a request in, an answer out."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

import orjson

from elements_procura.sandbox.core.answers import Answer
from elements_procura.sandbox.procura import search
from elements_procura.sandbox.procura.kinds import KINDS, Kind
from elements_procura.sandbox.procura.numbers import padded
from elements_procura.sandbox.procura.people import People
from elements_procura.sandbox.procura.problems import Problem, broken, invalid, no_case
from elements_procura.sandbox.procura.reading import read
from elements_procura.sandbox.procura.world import Case, World, data_import

PREFIX: Final = "/api/v1/"
VERSION: Final = "1.0.22"
_BYTES: Final = "application/octet-stream"
_IMPORT_TYPE: Final = "first_registrants_2022"


class ProcuraApi:
    """Answers requests that carry a good token."""

    def __init__(self, world: World, people: People, *, not_found: int) -> None:
        self._world = world
        self._people = people
        self._not_found = not_found
        self._kinds = {tuple(kind.path.split("/")): kind for kind in KINDS}

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: bytes, accept: str
    ) -> Answer:
        """The answer; ``path`` is as on the wire, without the context."""
        try:
            return self._route(method, path, query, body, accept)
        except Problem as problem:
            missing = (problem.text or "").startswith("Er is geen zaak")
            return (
                self.missing(path, problem) if missing and method == "GET" else problem.answer(path)
            )

    def look(self, method: str, path: str, body: bytes) -> Case | Answer | None:
        """The case that a request files, without storing it, or why it is not.

        Returns:
            None when it files none.
        """
        parts = tuple(unquote(part) for part in path.removeprefix(PREFIX).split("/"))
        kind = self._kinds.get(parts)
        if kind is None or method != "POST":
            return None
        try:
            return self._world.look(kind, _json(body, kind.schema))
        except Problem as problem:
            return problem.answer(path)

    def missing(self, path: str, problem: Problem | None = None) -> Answer:
        """The answer for a case that there is not, by default the one that ``path`` names."""
        if self._not_found == 404:
            text = "The requested resource could not be found"
            return Problem(404, text, "notFoundError").answer(path)
        name = path.partition("/documents")[0].rpartition("/")[2]
        return (problem or no_case(unquote(name))).answer(path)

    def _route(
        self, method: str, path: str, query: Mapping[str, str], body: bytes, accept: str
    ) -> Answer:
        if "%2f" in path.lower():
            return Answer(status=400, body=b"")
        raw = path.removeprefix(PREFIX).split("/")
        parts = tuple(unquote(part) for part in raw)
        for length in (1, 2):
            kind = self._kinds.get(parts[:length])
            if kind is not None:
                found = self._case(method, kind, parts[length:], query, body)
                if found is not None:
                    return found
        return self._other(method, parts, query, body, accept) or _unknown(path)

    def _case(  # noqa: PLR0911 - an answer per endpoint
        self, method: str, kind: Kind, rest: tuple[str, ...], query: Mapping[str, str], body: bytes
    ) -> Answer | None:
        match (method, *rest):
            case ("POST",):
                case = self._world.file(kind, _json(body, kind.schema))
                return Answer.of(201, self._shown(case))
            case ("POST", "consent") if kind.path.startswith("relocations"):
                return self._consent(body)
            case ("GET", "info", name) if kind.code == "birth":
                return self._birth_info(name, query)
            case ("GET", identifier):
                case = self._world.find(identifier)
                if case.kind is not kind:
                    raise broken(f"class Zaak cannot be cast to class {kind.schema}")
                return Answer.of(200, self._shown(case))
            case ("POST", identifier) if kind.code == "commitment":
                data = _json(body, kind.schema)
                case = self._commitment(identifier)
                self._world.replace(case, data)
                return Answer.of(200, self._shown(case))
            case ("POST", identifier, "cancel") if kind.code == "commitment":
                if body.strip() not in (b"", b"null"):
                    _json(body, "message")
                self._world.turn(self._commitment(identifier), "cancelled")
                return Answer(status=204, body=b"")
            case _:
                return None

    def _other(  # noqa: PLR0911 - an answer per endpoint
        self,
        method: str,
        parts: tuple[str, ...],
        query: Mapping[str, str],
        body: bytes,
        accept: str,
    ) -> Answer | None:
        match (method, *parts):
            case ("GET", "relocations", "info", "relatives", bsn):
                return Answer.of(200, self._people.relocation_relatives(bsn))
            case ("GET", "relatives", bsn):
                return Answer.of(200, self._people.relatives(bsn))
            case ("POST", "dossiers", "search"):
                return Answer.of(200, search.dossiers(self._world, _json(body, "dossiersearch")))
            case ("POST", "tasks", "search"):
                return Answer.of(200, search.tasks(self._world, _json(body, "tasksearch")))
            case ("POST", "dataimport", "add"):
                return self._data_import(body)
            case ("POST", "dossiers", identifier, "documents"):
                data = _json(body, "document")
                case = self._world.find(identifier)
                return Answer.of(201, self._world.add_document(case, data).json())
            case ("GET", "dossiers", identifier, "documents"):
                documents = self._world.find(identifier).documents
                return Answer.of(200, [document.json() for document in documents])
            case ("GET", "dossiers", identifier, "documents", document_id):
                return self._download(identifier, document_id, accept)
            case _:
                return None

    def _shown(self, case: Case) -> Any:
        if not case.readable:
            raise broken('Cannot invoke "String.trim()" because the value is null')
        return case.json()

    def _commitment(self, identifier: str) -> Case:
        case = self._world.find(identifier)
        if case.kind.code != "commitment":
            raise broken("class Zaak cannot be cast to class commitment")
        return case

    def _consent(self, body: bytes) -> Answer:
        data = _json(body, "consent")
        if "consent" not in data:
            raise broken(None)
        case = self._world.find(data.get("dossierId", ""))
        self._world.consent(case, data["consent"], padded(data["consenter"]["bsn"]))
        return Answer(body=b"")

    def _birth_info(self, name: str, query: Mapping[str, str]) -> Answer | None:
        mother = _parameter(query, "bsnMother")
        match name:
            case "family-situation":
                try:
                    dt.date.fromisoformat(_parameter(query, "birthDate"))
                except ValueError:
                    raise invalid("Failed to convert value of type String to LocalDate") from None
                return Answer.of(200, self._people.family_situation(mother))
            case "name-selection":
                father = _parameter(query, "bsnFatherOrDuoMother")
                return Answer.of(200, self._people.name_selection(mother, father))
            case "acknowledgement":
                found = self._people.acknowledgement(mother)
                return Answer(status=404, body=b"") if found is None else Answer.of(200, found)
            case _:
                return None

    def _data_import(self, body: bytes) -> Answer:
        data = _json(body, "dataimport")
        if data["type"].lower() != _IMPORT_TYPE:
            raise broken(f"Unknown type: {data['type']}")
        answer = data_import(data)
        self._world.imports.append(answer)
        return Answer.of(201, answer)

    def _download(self, identifier: str, document_id: str, accept: str) -> Answer:
        if accept.strip() == "application/json":
            return Answer(status=406, body=b"")
        documents = self._world.find(identifier).documents if self._knows(identifier) else []
        for document in documents:
            if document.id == document_id:
                return Answer(
                    body=document.content,
                    content_type=_BYTES,
                    headers={
                        "Content-Disposition": f'attachment; filename="{document.filename}"',
                        "Accept-Ranges": "bytes",
                    },
                )
        text = f"Document niet gevonden met DMS code ''{document_id}''"
        return Answer(
            body=orjson.dumps({"foutmelding": text}),
            content_type=_BYTES,
            headers={"Content-Disposition": 'attachment; filename="null"'},
        )

    def _knows(self, identifier: str) -> bool:
        return self._world.knows(identifier)


def _json(body: bytes, kind: str) -> Any:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise invalid("Required request body is missing or cannot be parsed") from None
    return read(data, kind)


def _parameter(query: Mapping[str, str], name: str) -> str:
    if name not in query:
        raise invalid(f"Required request parameter '{name}' is not present")
    return query[name]


def _unknown(path: str) -> Answer:
    return Answer.of(
        404,
        {
            "timestamp": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
            "status": 404,
            "error": "Not Found",
            "path": path,
        },
    )

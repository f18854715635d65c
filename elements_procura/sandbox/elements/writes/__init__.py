"""The documented writes of Elements: checked, carried out and recorded."""

from collections.abc import Mapping
from typing import Any

import orjson

from elements_procura.sandbox.core.answers import Answer
from elements_procura.sandbox.core.log import Record
from elements_procura.sandbox.elements import examples, schema
from elements_procura.sandbox.elements.schema import Fault
from elements_procura.sandbox.elements.world import World
from elements_procura.sandbox.elements.world import owner as dossier_of
from elements_procura.sandbox.elements.writes.klanten import role_faults
from elements_procura.sandbox.elements.writes.routes import ANYTHING, ROUTES, Route
from elements_procura.sandbox.elements.writes.write import Write

__all__ = ["Writes"]


class Writes:
    """Carries out writes; nothing is idempotent, so that the same write twice makes two.

    Attributes:
        records: Everything that was carried out, in order.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: set[str] = set()
        self.records: list[Record] = []

    def methods(self, path: str) -> list[str]:
        """The methods that write at a path."""
        return [route.method for route in ROUTES if route.pattern.fullmatch(path)]

    def answer(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Answer:
        """Carry out one write at a path that ``methods`` knows."""
        (route,) = [
            route for route in ROUTES if route.method == method and route.pattern.fullmatch(path)
        ]
        if not self._is_there(route.owner(path)):
            return Answer.error(404, "Not found")
        try:
            exact = schema.parse(body)
        except ValueError:
            return _refused([Fault("", "Body is not valid JSON")])
        wrong = _faults(route, exact, query)
        if wrong:
            return _refused(wrong)
        write = Write(
            world=self._world,
            path=path.rstrip("/"),
            query=query,
            body=exact,
            id=self._world.new_id(),
        )
        done = route.carry_out(write)
        self.records.append(Record(method=method, path=path, body=orjson.loads(body), id=done.id))
        if done.location is None:
            return Answer(body=b"", status=route.status, content_type=route.content_type)
        self._made.add(done.location)
        return Answer(
            body=b"",
            status=route.status,
            content_type=route.content_type,
            headers={"Location": done.location},
        )

    def _is_there(self, owner: str) -> bool:
        dossier_id = dossier_of(owner)
        if dossier_id is not None and not self._world.holds(dossier_id):
            return False
        return (
            not owner
            or owner in self._made
            or owner in examples.UNSHOWN
            or self._world.find(owner) is not None
        )


def _faults(route: Route, body: Any, query: Mapping[str, str]) -> list[Fault]:
    """The faults of a body; of alternatives, those of the one that fits best."""
    if not isinstance(body, dict):
        return [Fault("", "Value is not of type object")]
    wrong = role_faults(query) if route.takes_role else []
    if route.schemas != (ANYTHING,):
        known = schema.schemas()
        tried = [list(schema.faults(known[name], body)) for name in route.schemas]
        best: list[Fault] = min(tried, key=len)
        wrong = [*wrong, *best]
    return wrong


def _refused(wrong: list[Fault]) -> Answer:
    return Answer.of(
        400,
        {
            "total": len(wrong),
            "message": "Validatie fouten",
            "_links": {
                "help": {"href": "http://api.fasterforward.nl/", "title": "Validatie informatie"}
            },
            "_embedded": {
                "errors": [{"path": fault.path, "message": fault.message} for fault in wrong]
            },
        },
    )

"""The documented endpoints, read out of ``data/elements_contract.json``, and a server for them."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from elements_procura.schema.model import Model

PICTURE = bytes(range(256)) * 300
REGISTRATIE = "/api/data/klantdossiers/{DOSSIER_ID}/registraties"


def within(record: Any) -> Iterator[Model]:
    """A record and all records in it."""
    yield record
    for attribute in attrs.fields(type(record)):
        value = getattr(record, attribute.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Model):
                yield from within(item)


@attrs.frozen(repr=False)
class Documented:
    """One endpoint as it is documented."""

    method: str
    path: str
    query: list[str]
    parameters: dict[str, str]
    examples: list[dict[str, Any]]
    schemas: list[dict[str, Any]]
    responses: list[dict[str, Any]]

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path

    @property
    def name(self) -> str:
        return f"{self.method} {self.path.removeprefix('/api/data/klantdossiers')}"

    @property
    def is_download(self) -> bool:
        return self.path.endswith("/download")

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The documented requests; registraties of a product refer to those of a dossier."""
        if self.path.endswith("/registraties") and not self.examples:
            return BY_KEY["POST", REGISTRATIE].examples
        return self.examples or [{"bedrag": 12.5, "regels": [{"naam": "x", "nummer": 1}]}]

    @property
    def answers(self) -> list[dict[str, Any]]:
        """The documented answers that are no refusal."""
        found = [each for each in self.responses if each["status"] < 400]
        # The description of hypotheken breaks off before its answer.
        made = {"Content-Type": "text/html", "Location": f"{self.path}/6732"}
        return found or [{"status": 201, "headers": made, "body": None}]

    def ids(self, answer: dict[str, Any]) -> dict[str, int]:
        """Ids by placeholder: those of the answer's own link, else those of the examples."""
        found = {
            name: value for name, value in self.parameters.items() if f"{{{name}}}" in self.path
        }
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>\\d+)", re.escape(self.path))
        links = (answer["body"] or {}).get("_links", {})
        own = re.fullmatch(pattern, links.get("self", {}).get("href", ""))
        found |= own.groupdict() if own else {}
        return {name: int(found.get(name, "7")) for name in re.findall(r"\{(\w+)\}", self.path)}

    def address(self, ids: dict[str, int]) -> str:
        return self.path.format(**ids)


def documented() -> Iterator[Documented]:
    """Every endpoint, in the documentation's order."""
    data = orjson.loads((Path(__file__).parent / "data/elements_contract.json").read_bytes())
    for each in data:
        yield Documented(**each)


ENDPOINTS = list(documented())
BY_KEY = {each.key: each for each in ENDPOINTS}


@attrs.define
class Observations:
    """What arrived at the server."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@attrs.define(repr=False)
class Recorder:
    """A server that notes what it is asked and gives one answer."""

    answer: dict[str, Any]
    seen: list[Observations] = attrs.field(factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.path == "/oauth/access_token":
            return web.json_response(
                {"access_token": "token-of-a-test", "token_type": "Bearer", "expires_in": 3600}
            )
        self.seen.append(
            Observations(
                request.method,
                request.raw_path.partition("?")[0],
                dict(request.query),
                dict(request.headers),
                body,
            )
        )
        content = self.answer["body"]
        return web.Response(
            status=self.answer["status"],
            headers=self.answer["headers"],
            body=content if isinstance(content, bytes) else orjson.dumps(content),
        )


@asynccontextmanager
async def recording(answer: dict[str, Any]) -> AsyncIterator[Recorder]:
    """A running :class:`Recorder`."""
    recorder = Recorder(answer)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", recorder.handle)
    async with TestServer(app) as server:
        recorder.url = str(server.make_url("")).rstrip("/")
        yield recorder

"""A caller of the sandbox for its tests: plain HTTP, no client of ours."""

import base64
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp
import attrs
import orjson

from elements_procura.sandbox import Sandbox

ROOT = "/api/data/klantdossiers"


@attrs.frozen
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return orjson.loads(self.body)

    def rows(self, rel: str) -> list[dict[str, Any]]:
        """The rows of a collection."""
        found: list[dict[str, Any]] = self.json["_embedded"][rel]
        return found


@attrs.define
class Caller:
    """Asks a running sandbox, with one access token."""

    sandbox: Sandbox
    session: aiohttp.ClientSession
    access_token: str = ""

    async def get(self, path: str, **query: str) -> Reply:
        """GET with the token in the query."""
        return await self.send("GET", path, {"access_token": self.access_token, **query})

    async def post(self, path: str, body: Any, **query: str) -> Reply:
        """POST with the token in the query."""
        return await self.write("POST", path, body, **query)

    async def write(self, method: str, path: str, body: Any, **query: str) -> Reply:
        """Any writing request; bytes are sent as they are, anything else as JSON."""
        query = {"access_token": self.access_token, **query}
        data = io.BytesIO(body if isinstance(body, bytes) else orjson.dumps(body))
        headers = {"Content-Type": "application/json"}
        return await self.send(method, path, query, headers=headers, data=data)

    async def add(self, path: str, body: Any, **query: str) -> str:
        """POST what is right: where it is from then on."""
        reply = await self.post(path, body, **query)
        assert reply.status == 201, reply.body
        return reply.headers["Location"]

    async def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
    ) -> Reply:
        """Any request, on a connection of its own, so that aiohttp repeats nothing unasked."""
        headers = {"Connection": "close", **(headers or {})}
        url = self.sandbox.url + path
        async with self.session.request(
            method, url, params=query, headers=headers, data=data
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def grant(self, *, basic: str | None = None, **form: str) -> Reply:
        """POST to the token endpoint; ``basic`` replaces the right credentials."""
        credentials = self.sandbox.credentials
        if basic is None:
            basic = f"{credentials['client_id']}:{credentials['client_secret']}"
        headers = {"Authorization": f"Basic {base64.b64encode(basic.encode()).decode()}"}
        url = f"{self.sandbox.url}/oauth/access_token"
        async with self.session.post(url, data=form, headers=headers) as response:
            return Reply(response.status, response.headers, await response.read())

    async def organisation(self, **changed: str) -> Reply:
        """The organisation grant, with some of the form changed."""
        credentials = self.sandbox.credentials
        form = {
            "grant_type": "organisation",
            "organisation": str(credentials["organisation"]),
            "webservice": credentials["webservice"],
            "scope": " ".join(credentials["scopes"]),
        }
        return await self.grant(**form | changed)

    async def log_in(self) -> Self:
        """Get a token to ask with."""
        self.access_token = (await self.organisation()).json["access_token"]
        return self


@asynccontextmanager
async def calling(sandbox: Sandbox) -> AsyncIterator[Caller]:
    """A started sandbox and a caller that is logged in."""
    async with sandbox, aiohttp.ClientSession() as session:
        yield await Caller(sandbox, session).log_in()


def open_sandbox(**options: Any) -> Sandbox:
    """A small sandbox without limits, unless asked otherwise."""
    return Sandbox(**{"dossiers": 3, "limits": "off", **options})


def hrefs(document: Any) -> list[str]:
    """Every link target in a document."""
    if isinstance(document, dict):
        own = [document["href"]] if isinstance(document.get("href"), str) else []
        return own + [href for value in document.values() for href in hrefs(value)]
    if isinstance(document, list):
        return [href for value in document for href in hrefs(value)]
    return []

"""A caller of the Procura sandbox for its tests: plain HTTP, no client of ours."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp
import attrs
import orjson

from elements_procura.sandbox import ProcuraSandbox

MOTHER, FATHER, OTHER = "000000036", "000000048", "999993653"
DOCUMENTED: list[dict[str, Any]] = orjson.loads(
    (Path(__file__).parent.parent / "data/procura_contract.json").read_bytes()
)


@attrs.frozen
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def message(self) -> str | None:
        text: str | None = self.json["cause"].get("message")
        return text


@attrs.define
class Caller:
    sandbox: ProcuraSandbox
    session: aiohttp.ClientSession
    token: str = ""

    async def get(self, path: str, **query: str) -> Reply:
        return await self.send("GET", path, query=query)

    async def post(self, path: str, body: Any = None) -> Reply:
        data = b"" if body is None else orjson.dumps(body)
        return await self.send("POST", path, data=data)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        given = {"Connection": "close", "Authorization": f"Bearer {self.token}"}
        return await self.raw(
            method, f"/api/v1/{path}", query=query, data=data, headers=given | dict(headers or {})
        )

    async def raw(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        async with self.session.request(
            method,
            self.sandbox.url + path,
            params=query,
            data=data,
            headers={"Connection": "close", **(headers or {})},
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def grant(self, *, basic: str | None = "", **form: str) -> Reply:
        given = self.sandbox.credentials
        if basic == "":
            basic = f"{given['client_id']}:{given['client_secret']}"
        headers = {}
        if basic is not None:
            headers["Authorization"] = f"Basic {base64.b64encode(basic.encode()).decode()}"
        return await self.raw("POST", "/oauth/token", data=form, headers=headers)

    async def log_in(self, scope: str = "api") -> Self:
        reply = await self.grant(grant_type="client_credentials", scope=scope)
        self.token = reply.json["access_token"]
        return self


@asynccontextmanager
async def calling(**options: Any) -> AsyncIterator[Caller]:
    settings = {"dossiers": 6} | options
    async with (
        ProcuraSandbox(**settings) as sandbox,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        yield await Caller(sandbox, session).log_in()


def documented(path: str) -> dict[str, Any]:
    """The first documented body for a path, with a day that lies in the past."""
    request: dict[str, Any] = next(
        each["request"] for each in DOCUMENTED if each["path"] == f"/api/v1/{path}"
    )
    copied: dict[str, Any] = orjson.loads(orjson.dumps(request))
    return copied

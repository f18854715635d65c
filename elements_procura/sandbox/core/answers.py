"""An answer before it is on the wire, and putting it there, whole or broken on order."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final

import attrs
import orjson
from aiohttp import web

from elements_procura.sandbox.core.faults import Fault
from elements_procura.sandbox.core.listening import abort

JSON: Final = "application/json"
_SLIVERS: Final = 10  # pieces of a dripping body
_HTML: Final = (
    b"<!DOCTYPE html><html><head><title>Onderhoud</title></head>"
    b"<body><h1>Er wordt onderhoud gepleegd</h1></body></html>"
)


@attrs.frozen(kw_only=True)
class Answer:
    """Status, body and headers; ``headers`` come on top of the content type."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @classmethod
    def of(
        cls, status: int, document: Any, *, headers: Mapping[str, str] | None = None
    ) -> "Answer":
        """An answer of JSON."""
        return cls(status=status, body=orjson.dumps(document), headers=headers or {})

    @classmethod
    def error(cls, status: int, text: str, *, headers: Mapping[str, str] | None = None) -> "Answer":
        """A small error body."""
        return cls.of(status, {"error": text}, headers=headers)

    def response(self) -> web.Response:
        """What aiohttp sends."""
        return web.Response(
            status=self.status,
            body=self.body,
            headers={"Content-Type": self.content_type, **self.headers},
        )


def of_status(fault: Fault, *, limit_text: str) -> Answer:
    """The answer with a fault's status."""
    too_many = fault.status == 429
    return Answer.error(fault.status, limit_text if too_many else "Fault on order")


def instead(fault: Fault, *, limit_text: str) -> Answer | None:
    """The answer of a fault that keeps the request from being handled, if it is of that kind."""
    match fault.kind:
        case "status":
            return of_status(fault, limit_text=limit_text)
        case "html":
            return Answer(body=_HTML, content_type="text/html; charset=utf-8")
        case "empty":
            return Answer(body=b"")
        case _:
            return None


def reset(request: web.BaseRequest) -> web.Response:
    """Kill the connection at once; what is returned goes nowhere."""
    if request.transport is not None:
        abort(request.transport)
    return web.Response(status=500)


async def truncated(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Promise the whole body, send half of it, and hang up."""
    response = await _begun(request, answer)
    with contextlib.suppress(ConnectionError):  # the caller left first
        await response.write(answer.body[: len(answer.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def dripped(
    request: web.BaseRequest, answer: Answer, *, seconds: float
) -> web.StreamResponse:
    """Send the body in slivers spread over ``seconds``."""
    response = await _begun(request, answer)
    size = max(1, -(-len(answer.body) // _SLIVERS))
    with contextlib.suppress(ConnectionError):  # the caller left first
        for start in range(0, len(answer.body), size):
            await asyncio.sleep(seconds / _SLIVERS)
            await response.write(answer.body[start : start + size])
    return response


async def _begun(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(
        status=answer.status, headers={"Content-Type": answer.content_type, **answer.headers}
    )
    response.content_length = len(answer.body)
    await response.prepare(request)
    return response

"""Addresses that instrumentation of aiohttp may see.

Tracing tools read the address of a request from aiohttp's hooks, its exceptions and its answers.
Elements' addresses hold the access token, Procura's hold citizen numbers. So aiohttp is handed the
path's template, and only :class:`MaskedURL`, set by the last middleware before the connection,
knows the real target.
"""

from functools import lru_cache
from http.client import responses
from typing import Any

import aiohttp
from yarl import URL

from elements_procura.core.connecting import LoneRequest, OutgoingRequest
from elements_procura.secret import Secret

_AUTHORIZATION = "Authorization"


@lru_cache(maxsize=1024)
def template_url(address: str) -> URL:
    """Parse the address of a template; there are some hundred of them."""
    return URL(address, encoded=True)


class MaskedURL:
    """Stand-in for a :class:`yarl.URL` that shows a template and sends the real target.

    aiohttp writes ``raw_path_qs`` on the wire and uses nothing else of the path. Everything else,
    such as the host, the text and the repr, is the template's.

    Args:
        shown: The template's address.
        target: Path and query to send, encoded.
    """

    __slots__ = ("_shown", "port", "raw_host", "raw_path_qs", "scheme")

    def __init__(self, shown: URL, target: str) -> None:
        self._shown = shown
        self.raw_path_qs: str = target
        # What aiohttp asks for with every request is here without a call.
        self.scheme: str = shown.scheme
        self.raw_host: str | None = shown.raw_host
        self.port: int | None = shown.port

    def forget(self) -> None:
        """Show the template's path here as well: the target has been written, or never will be."""
        self.raw_path_qs = self._shown.raw_path_qs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shown, name)

    def __str__(self) -> str:
        return str(self._shown)

    def __repr__(self) -> str:
        return repr(self._shown)


class AbsoluteURL(MaskedURL):
    """The same for plain HTTP through a proxy, where the whole address is on the wire.

    aiohttp takes it by ``str`` and then hands the same object to hooks: the first ``str`` is the
    one that is sent, later ones show the template.
    """

    __slots__ = ()

    def __str__(self) -> str:
        target = self.raw_path_qs
        self.forget()
        return f"{self._shown.origin()}{target}"


def addressing(
    shown: URL,
    target: Secret,
    authorization: Secret | None,
    *,
    total: float | None = None,
    alone: bool = False,
) -> aiohttp.ClientMiddlewareType:
    """Return the middleware that puts a request's real target, credentials and end in place.

    Args:
        shown: The template's address.
        target: Path and query to send, encoded.
        authorization: Value of that header, if it is sent.
        total: Seconds that the answer may take on a connection that keeps time itself.
        alone: Whether a request of a session of ours gets a connection of its own.
    """

    # Secrets, because a tool that catches an exception here may keep the locals of this frame.
    async def address(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        kind = AbsoluteURL if request.proxy and not request.is_ssl() else MaskedURL
        masked = kind(shown, target.reveal())
        request.url = masked  # type: ignore[assignment] # it stands in for one
        if isinstance(request, OutgoingRequest):
            request.total = total
            if alone:
                request.__class__ = LoneRequest  # here, so that others pay nothing for it
        if authorization is not None:
            request.headers[_AUTHORIZATION] = authorization.reveal()
        try:
            response = await handler(request)
        except aiohttp.ClientResponseError as error:
            raise _without_quotes(error)  # noqa: B904 - it is the very same one
        finally:  # what is left of the request can be read from the answer, or from an error
            masked.forget()
            request.headers.popall(_AUTHORIZATION, None)
        response.reason = responses.get(response.status, "")  # the server's own may say anything
        return response

    return address


def middlewares_of(session: aiohttp.ClientSession) -> tuple[aiohttp.ClientMiddlewareType, ...]:
    """Return the middlewares of a session, which those of a request would replace."""
    return tuple(session._middlewares)  # noqa: SLF001 - there is no public way


def _without_quotes(error: aiohttp.ClientResponseError) -> aiohttp.ClientResponseError:
    """Remove what an error quotes of an answer that is not valid HTTP."""
    error.message = "the answer is not valid HTTP"
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)

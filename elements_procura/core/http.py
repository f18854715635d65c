"""The one module that speaks aiohttp: requests go in, values come out.

aiohttp's exceptions carry the address with the token in it, and so do its frames. Therefore
nothing of it leaves this module: a failure is returned as :class:`NoAnswer`, and a cancellation
is passed on without aiohttp's part of the traceback.
"""

import asyncio
import io
import ssl
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import attrs
from yarl import URL

from elements_procura._version import __version__
from elements_procura.auth.credentials import Credentials
from elements_procura.auth.oauth import Token
from elements_procura.core.connecting import Connection, keeps_time, new_session
from elements_procura.core.failures import NoAnswer, failure_of
from elements_procura.core.masked_url import addressing, middlewares_of, template_url
from elements_procura.core.proxies import proxy_for
from elements_procura.core.timeouts import Timeouts, client_timeout
from elements_procura.errors import ConfigError
from elements_procura.evidence import Success
from elements_procura.paths import Path
from elements_procura.retry import MAX_ATTEMPTS, Failure
from elements_procura.secret import Secret

_CHUNK = 64 * 1024
_JSON = "application/json"


@attrs.define(repr=False)  # not frozen: every call makes one, and that takes four times as long
class Request:
    """One request before it is addressed: no token, no host.

    Attributes:
        method: ``GET``, ``POST``, ``PATCH`` or ``PUT``.
        path: Where, with the template that stands for it in messages.
        query: Pairs of the query, without a token.
        body: What is sent, or None.
        content_type: Of the body.
        repeatable: Whether it may be executed twice: reads, and token requests.
        credentials: Sent by HTTP Basic instead of a token (token requests only).
        anonymous: Whether it goes without a token: for data that the server gives to everybody.
        alone: Whether it gets a connection of its own: an answer that carries nothing to recognise
            it by must not come from a connection that another answer may be left on.
        is_plain: Whether to ask for a body that is not compressed, so that its size is known.
        success: How the documentation shows that a write took effect.
        empty: Statuses for which it shows an empty body that has no Content-Type.
        accept: The media types that are asked for.
        timeouts: For this call.
        max_bytes: The longest answer that is read.
        attempts: How often it may be sent in all, if repeating it may help.
    """

    method: str
    path: Path
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    content_type: str = _JSON
    repeatable: bool = True
    credentials: Credentials | None = None
    anonymous: bool = False
    alone: bool = False
    is_plain: bool = False
    success: Success | None = None
    empty: frozenset[int] = frozenset()
    accept: str = _JSON
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    max_bytes: int = 64 * 1024 * 1024
    attempts: int = MAX_ATTEMPTS

    @property
    def name(self) -> str:
        """How the request is called in messages."""
        return f"{self.method} {self.path.shown}"

    def __repr__(self) -> str:
        return f"<Request {self.name}>"


class OpenAnswer:
    """An answer whose head is there and whose body is still to be read. Always close it.

    Attributes:
        status: HTTP status.
        given_headers: As they came, or by lower-case name.
        connection: The connection it came on.
        size: Bytes of the body that were read so far, decompressed.
        error: Why the body broke off, in words; empty if it did not.
    """

    def __init__(
        self, response: aiohttp.ClientResponse, max_bytes: int, among: "set[OpenAnswer]"
    ) -> None:
        among.add(self)
        self._among = among
        self._response = response
        self._max_bytes = max_bytes
        self._whole: bytes | NoAnswer | None = None
        self.size: int = 0
        self.error: str = ""
        self.status: int = response.status
        self.connection: Connection | None = Connection(getattr(response, "wire", None))
        self.given_headers: Mapping[str, str] = response.headers

    @property
    def headers(self) -> dict[str, str]:
        """By lower-case name."""
        given = self.given_headers
        if given.__class__ is not dict:  # nobody asks for those of most answers
            given = self.given_headers = lowered(given)
        return given

    def __repr__(self) -> str:
        return f"<OpenAnswer {self.status}>"

    async def chunks(self) -> AsyncGenerator[memoryview | NoAnswer]:
        """The body in pieces; a :class:`NoAnswer` comes last when it broke off.

        They are memoryviews by rule 1 of :mod:`elements_procura.secret`.
        """
        chunk = b""
        failed: NoAnswer | None = None
        try:
            async for chunk in self._response.content.iter_chunked(_CHUNK):
                self.size += len(chunk)
                if self.size > self._max_bytes:
                    break
                yield memoryview(chunk)
        except asyncio.CancelledError as cancelled:
            chunk = b""
            raise _bare(cancelled)  # noqa: B904 - it is the very same one
        except Exception as error:  # noqa: BLE001 - whatever aiohttp raises ends here
            failed = failure_of(error)
        chunk = b""
        failed = self._ended(failed)
        if failed is not None:
            yield failed

    def _ended(self, failed: NoAnswer | None) -> NoAnswer | None:
        if self.size > self._max_bytes:
            text = f"the answer is over {self._max_bytes:,} bytes"
            failed = NoAnswer(Failure.FATAL, text, too_large=True)
        if failed is not None:
            self.error = failed.text
        return failed

    def limit(self, size: int) -> None:
        """Read no more than ``size`` bytes, and no more than was allowed before."""
        self._max_bytes = min(size, self._max_bytes)

    async def read(self) -> bytes | NoAnswer:
        """The whole body; asked again, the same."""
        if self._whole is not None:
            return self._whole
        content = self._response.content
        pieces: list[memoryview] = []
        chunk = b""
        failed: NoAnswer | None = None
        try:
            if content.is_eof():  # all of it came with its head, as most answers do
                chunk = content.read_nowait()
                self.size += len(chunk)
                if self.size <= self._max_bytes and content.at_eof():
                    self._whole = chunk
                    return chunk
                pieces.append(memoryview(chunk))
            # As chunks(), without a generator between: this is every call's way.
            while chunk := await content.readany():
                self.size += len(chunk)
                if self.size > self._max_bytes:
                    break
                pieces.append(memoryview(chunk))
                if content.at_eof():
                    break
        except asyncio.CancelledError as cancelled:
            chunk = b""
            raise _bare(cancelled)  # noqa: B904 - it is the very same one
        except Exception as error:  # noqa: BLE001 - whatever aiohttp raises ends here
            failed = failure_of(error)
        chunk = b""
        self._whole = self._ended(failed) or b"".join(pieces)
        return self._whole

    def close(self) -> None:
        """Drop the connection, unless the whole body has arrived: then it has gone back already."""
        self._among.discard(self)
        if not self._response.closed:  # as it is once all of it has arrived
            self._response.close()


class Http:
    """Owns the aiohttp session of one client.

    Reads share kept-alive connections, unless ``keep_alive`` is False: an answer that carries
    nothing to recognise it by must not come from a connection that another answer may be left on.
    Writes and token requests get a connection of their own anyway, because a POST on an idle
    connection that the server just closed fails without showing whether it was executed.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token_in_query: bool,
        ssl_context: ssl.SSLContext | None,
        proxy: str | None,
        http_session: aiohttp.ClientSession | None,
        user_agent: str,
        keep_alive: bool = True,
    ) -> None:
        if not user_agent.isprintable():
            raise ConfigError("user_agent holds what a header cannot carry")
        self.base_url = base_url
        self._base_path = URL(base_url, encoded=True).raw_path.rstrip("/")
        self._token_in_query = token_in_query
        self.given = http_session
        # What a request takes beside the usual: aiohttp pays for every argument.
        self._more: dict[str, Any] = {}
        if ssl_context is not None:
            self._more["ssl"] = ssl_context
        if (found := proxy_for(base_url, proxy)) is not None:
            self._more["proxy"] = found
        if http_session is not None:
            self._more["raise_for_status"] = False  # whatever it does otherwise
        self._usual = {"Accept": _JSON, "Cache-Control": "no-store", "User-Agent": user_agent}
        self._keep_alive = keep_alive
        self._own: aiohttp.ClientSession | None = None
        self._answers = set[OpenAnswer]()
        self._signed: Token | None = None
        self._signature = Secret("")
        self._keeps_time = False
        self._known_timeouts: tuple[Timeouts | None, aiohttp.ClientTimeout | None] = (None, None)
        self._closed = False

    async def open(self, request: Request, token: Token | None) -> OpenAnswer | NoAnswer:
        """Send ``request`` and return once the answer's head is there."""
        if self._closed:
            return NoAnswer(Failure.FATAL, "the client is closed", sent=False)
        if self.given is not None and self.given.closed:
            return NoAnswer(Failure.FATAL, "the session that was handed in is closed", sent=False)
        session, timeouts = self._session(), request.timeouts
        if timeouts is not self._known_timeouts[0]:  # nearly all calls have the same
            self._known_timeouts = timeouts, client_timeout(timeouts, keeps_time=self._keeps_time)
        shown = template_url(self.base_url + request.path.shown)
        address = addressing(
            shown,
            self._target(request, token),
            self._authorization(request, token),
            total=timeouts.total if self._keeps_time else None,
            alone=self._is_alone(request),
        )
        try:
            return OpenAnswer(
                await session.request(
                    request.method,
                    shown,
                    # Last of all: those of a session that was handed in see the template.
                    middlewares=(address,)
                    if self.given is None
                    else (*middlewares_of(session), address),
                    timeout=self._known_timeouts[1],
                    allow_redirects=False,
                    **self._content(request),
                ),
                request.max_bytes,
                self._answers,
            )
        except asyncio.CancelledError as cancelled:
            raise _bare(cancelled)  # noqa: B904 - it is the very same one
        except Exception as error:  # noqa: BLE001 - whatever aiohttp raises ends here
            return failure_of(error)

    async def aclose(self) -> None:
        """Close the session opened here; one that was passed in stays open."""
        self._closed = True
        # aiohttp drops the rest of a body with its connection and wakes nobody who waits for it.
        for answer in tuple(self._answers):
            answer.close()
        if self._own is not None:
            await self._own.close()

    def _session(self) -> aiohttp.ClientSession:
        if self.given is not None:
            return self.given
        if self._own is None:
            self._own = new_session(headers=self._usual)
            self._keeps_time = keeps_time(self._own)
        return self._own

    def _is_alone(self, request: Request) -> bool:
        """Whether it gets a connection of its own; a session that was handed in has its way."""
        is_shared = request.method == "GET" and self._keep_alive and not request.alone
        return self.given is None and not is_shared

    def _target(self, request: Request, token: Token | None) -> Secret:
        query = f"?{urlencode(request.query, quote_via=quote)}" if request.query else ""
        if token is not None and self._token_in_query:
            if token is not self._signed:  # once for each token
                self._signed, self._signature = token, _signature(token)
            query = f"{query}{'&' if query else '?'}{self._signature.reveal()}"
        return Secret(f"{self._base_path}{request.path.value}{query}")

    def _authorization(self, request: Request, token: Token | None) -> Secret | None:
        if request.credentials is not None:
            return Secret(request.credentials.basic())
        if token is not None and not self._token_in_query:
            return Secret(f"Bearer {token.access.reveal()}")
        return None

    def _content(self, request: Request) -> dict[str, Any]:
        """What a request has that most have not."""
        if self._is_usual(request):
            return self._more
        content = self._more | {"headers": self._headers(request)}
        if request.body is not None:
            # In pieces: aiohttp warns of bodies over 1 MiB that are written at once.
            content["data"] = io.BytesIO(request.body)
        return content

    def _is_usual(self, request: Request) -> bool:
        is_plain = request.is_plain or request.accept != _JSON
        return self.given is None and request.body is None and not is_plain

    def _headers(self, request: Request) -> dict[str, str]:
        """What goes beyond the usual headers, which only a session of ours sends by itself."""
        headers = {} if self.given is None else dict(self._usual)
        if request.accept != _JSON:
            headers["Accept"] = request.accept
        if request.is_plain:
            headers["Accept-Encoding"] = "identity"
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        return headers


def _signature(token: Token) -> Secret:
    """The part of a query that carries a token."""
    text = token.access.reveal()
    text = text if text.isalnum() and text.isascii() else quote(text, safe="")
    return Secret(f"access_token={text}")


def default_user_agent() -> str:
    """``elements-procura/VERSION``."""
    return f"elements-procura/{__version__}"


def lowered(given: Mapping[str, str]) -> dict[str, str]:
    """Headers by lower-case name, as texts that can be written.

    Args:
        given: As aiohttp has them: bytes that are not UTF-8 are surrogates.
    """
    return {
        name.lower(): value if value.isascii() else _texted(value) for name, value in given.items()
    }


def _texted(value: str) -> str:
    """A header's value as a text that can be written: bytes that are not UTF-8 are Latin-1."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value


def _bare(cancelled: asyncio.CancelledError) -> asyncio.CancelledError:
    """Return a cancellation without aiohttp's frames and without its context."""
    cancelled.__cause__ = cancelled.__context__ = None
    return cancelled.with_traceback(None)

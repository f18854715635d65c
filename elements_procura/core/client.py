"""The common base of both APIs' clients: settings, a session, opening and closing."""

import contextlib
import ssl
import typing
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypedDict, TypeVar
from urllib.parse import urlsplit

import aiohttp
import attrs

from elements_procura import paths
from elements_procura._lazy import later
from elements_procura.auth.grants import Grant
from elements_procura.auth.stores.memory import MemoryTokenStore
from elements_procura.auth.tokens import TokenStore
from elements_procura.clock import Clock, SystemClock, clock_of
from elements_procura.core.answers import JsonResponse, Response, status_error
from elements_procura.core.api import Api, CallOptions, Query
from elements_procura.core.arguments import checked_call, shielded, unknown_option, whole
from elements_procura.core.http import Http, default_user_agent
from elements_procura.core.judge import Judge, Settled, documented
from elements_procura.core.observe import Observer, guarded
from elements_procura.core.request_state import Counters
from elements_procura.core.session import Session
from elements_procura.core.timeouts import Timeouts
from elements_procura.errors import ConfigError, ElementsProcuraError, InputError
from elements_procura.evidence import AnswerKind
from elements_procura.paths import HiddenQuery, Path, Templates
from elements_procura.scheduler import Priority, Rate, Scheduler, Usage
from elements_procura.schema.model import Body, Model

if TYPE_CHECKING:
    from elements_procura.core import journal as journals
else:
    journals = later("elements_procura.core.journal")

_JSON = "application/json"
_CALL_OPTIONS = ("timeout", "max_attempts", "priority", "on_response")
A = TypeVar("A", bound=Api)


class ClientOptions(TypedDict, total=False):
    """The settings that the clients of both APIs take by keyword.

    Attributes:
        rates: The limits to keep to; by default those of the API.
        scheduler: One made elsewhere, instead of ``rates``. It is closed with the client.
        token_store: Where tokens are kept; by default in memory.
        timeouts: In seconds, for every call; :meth:`Client.with_options` sets them for one.
        read_only: Refuse every writing call before it is sent. Searches are not writing calls.
        ssl_context: For a private certificate authority or a client certificate.
        proxy: Address of a proxy; ``""`` for none. By default the environment's variables hold,
            but never a netrc file.
        http_session: A session to send with. It stays the caller's: it is not closed here,
            and its own settings (cookies, connection reuse, silent repeats) hold.
        max_response_bytes: The longest answer that is read whole.
        max_body: The longest body that is sent, in bytes; by default as the API takes it.
        user_agent: The client's name in requests.
        journal: Called with every write before it is sent and when its outcome is known, such as
            a :class:`~elements_procura.core.journal.FileJournal`.
        observer: Called while requests wait, leave, are answered and are repeated; several as
            a tuple.
        tenant: The tenant's name in logs and for observers; by default the host's.
        clock: A clock to use instead of the system's.
    """

    rates: tuple[Rate, ...]
    scheduler: Scheduler | None
    token_store: TokenStore | None
    timeouts: Timeouts | None
    read_only: bool
    ssl_context: ssl.SSLContext | None
    proxy: str | None
    http_session: aiohttp.ClientSession | None
    max_response_bytes: int
    max_body: int
    user_agent: str | None
    journal: "journals.Journal | None"
    observer: Observer | tuple[Observer, ...] | None
    tenant: str
    clock: Clock | None


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Manner:
    """Defaults for talking to one API, as its documentation or its server requires.

    Attributes:
        rates: The limits to keep to by default.
        max_body: Bytes of the longest body that is sent by default.
        token_in_query: Whether the token travels in the query.
        keep_alive: Whether connections are used again: not where answers name no request.
        settled: Whether a 5xx is the server's last word on a request.
        judge: Decides what an answer proves about a write.
    """

    rates: tuple[Rate, ...]
    max_body: int
    token_in_query: bool = False
    keep_alive: bool = True
    settled: Settled | None = None
    judge: Judge = documented


def session_of(
    manner: Manner,
    base_url: str,
    grant: Grant,
    *,
    rates: tuple[Rate, ...] | None = None,
    scheduler: Scheduler | None = None,
    token_store: TokenStore | None = None,
    timeouts: Timeouts | None = None,
    read_only: bool = False,
    ssl_context: ssl.SSLContext | None = None,
    proxy: str | None = None,
    http_session: aiohttp.ClientSession | None = None,
    max_response_bytes: int = 64 * 1024 * 1024,
    max_body: int | None = None,
    user_agent: str | None = None,
    journal: "journals.Journal | None" = None,
    observer: Observer | tuple[Observer, ...] | None = None,
    tenant: str = "",
    clock: Clock | None = None,
    **unknown: object,
) -> tuple[Session, CallOptions]:
    """Make the session of a client and the options of its calls; see :class:`ClientOptions`.

    Raises:
        ConfigError: A setting is wrong. Nothing was sent.
        TypeError: No client takes one of the settings.
    """
    for name in unknown:
        raise unknown_option(name, of_client=ClientOptions.__annotations__, of_calls=_CALL_OPTIONS)
    clock = SystemClock() if clock is None else clock_of(clock)
    if not isinstance(timeouts, Timeouts | None):
        raise ConfigError("timeouts must be Timeouts", hint="Pass such as Timeouts(total=20)")
    rates = manner.rates if rates is None else rates
    session = Session(
        Http(
            base_url,
            token_in_query=manner.token_in_query,
            ssl_context=ssl_context,
            proxy=proxy,
            http_session=http_session,
            user_agent=user_agent or default_user_agent(),
            keep_alive=manner.keep_alive,
        ),
        grant=grant,
        store=token_store or MemoryTokenStore(),
        scheduler=scheduler or Scheduler(rates=rates, clock=clock),
        clock=clock,
        read_only=read_only,
        max_body=whole("max_body", manner.max_body if max_body is None else max_body),
        token_timeouts=timeouts,
        journal=journal,
        settled=manner.settled,
        judge=manner.judge,
        observer=guarded(observer),
        tenant=tenant,
    )
    options = CallOptions(timeouts=timeouts or Timeouts(), max_response_bytes=max_response_bytes)
    return session, options


class Client(Generic[A]):
    """Owns a session: one account, one quota, one event loop.

    Attributes:
        api_name: The API's, as :mod:`elements_procura.registry` lists it.
        templates: The templates of its documented paths, for messages.
    """

    api_name: ClassVar[str]
    templates: ClassVar[Templates]

    _base_url: str
    _session: Session
    _api: A

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close connections and scheduler. A token renewal under way is waited for."""
        await self._session.aclose()

    def __repr__(self) -> str:
        # Tracebacks with locals show it half made, when a setting was refused.
        return f"<{type(self).__name__} {getattr(self, '_base_url', '(no address)')}>"

    def with_options(
        self,
        *,
        priority: Priority | None = None,
        timeout: float | Timeouts | None = None,
        max_response_bytes: int | None = None,
        max_attempts: int | None = None,
        on_response: Callable[[Response], object] | None = None,
    ) -> Self:
        """The same client, session and quota, with other options for the calls made on it.

        ``await client.with_options(timeout=5).…`` sets them for one call.

        Args:
            priority: Whose requests leave first when the quota is short.
            timeout: Seconds in all, or a whole :class:`Timeouts`.
            max_response_bytes: The longest answer that is read whole.
            max_attempts: How often a read is sent in all, if repeating it may help; 3 by default.
            on_response: Called with every whole answer as it came: status, headers, bytes,
                attempts. Also with one that then raises, and with both when a doubtful answer is
                asked for once more; not with what is streamed (``iterate``, ``download``).

        Raises:
            ConfigError: ``timeout`` is not seconds above 0, or ``max_attempts`` not a whole number
                of 1 or more.
        """
        options = self._api.options
        if isinstance(timeout, Timeouts):
            options = attrs.evolve(options, timeouts=timeout)
        elif timeout is not None:
            options = attrs.evolve(options, timeouts=attrs.evolve(options.timeouts, total=timeout))
        if priority is not None:
            options = attrs.evolve(options, priority=priority)
        if max_response_bytes is not None:
            options = attrs.evolve(options, max_response_bytes=max_response_bytes)
        if max_attempts is not None:
            options = attrs.evolve(options, max_attempts=whole("max_attempts", max_attempts))
        if on_response is not None:
            options = attrs.evolve(options, on_response=on_response)
        twin = object.__new__(type(self))
        twin._base_url = self._base_url
        twin._session = self._session
        twin._api = self._api.with_options(options)
        return twin

    @classmethod
    def detached(cls) -> Self:
        """A client without a session: its resources know their paths and cannot send.

        For what reads the client itself, such as the catalogue of endpoints.
        """
        client = object.__new__(cls)
        client._base_url = ""
        client._api = typing.cast("Any", None)
        return client

    async def read(
        self, path: Path | str, *, expected: AnswerKind = AnswerKind.ANY
    ) -> JsonResponse:
        """``GET`` any path of this API, checked to be the JSON asked for but not typed.

        The whole body is parsed at once, on the event loop: some 12 ms for each MB.

        Args:
            path: As in a link's ``href``, or below the base URL; it must lead to this server.
            expected: The kind of answer that is documented there, where that is known.

        Raises:
            InputError: It leads elsewhere. Nothing was sent.
            ProtocolError: The answer is not JSON, or another resource's.
            StatusError: The server refused.
        """
        where = self._where(path)
        del path  # it may hold a name or a citizen number
        if isinstance(where, InputError):
            raise where
        return await self._api.answer(self._api.request("GET", *where), expected)

    async def request(
        self,
        method: str,
        path: Path | str,
        *,
        query: Query | Mapping[str, str] = (),
        body: bytes | memoryview | None = None,
        accept: str = _JSON,
    ) -> Response:
        """Send a request and return the answer as it came: status, headers, bytes.

        Args:
            method: ``GET``, ``POST``, …
            path: As in a link's ``href``, or below the base URL; it must lead to this server.
            query: The query by name, or in pairs where a name is repeated.
            body: JSON, sent as it is; nothing checks it.
            accept: The media types that are asked for; ``*/*`` for pictures and documents.

        Raises:
            InputError: The path leads elsewhere, or ``method``, ``query`` or ``accept`` is not
                valid. Nothing was sent.
            ElementsProcuraError: No whole answer came; see :meth:`Session.send`.
        """
        more, body = paths.query_given(query), shielded(body)
        where = checked_call(method, accept) or self._where(path)
        del path, query  # they may hold a name or a citizen number
        if isinstance(where, InputError):
            raise where
        if isinstance(more, InputError):
            raise more
        pairs = HiddenQuery((*where[1], *more)) if where[1] or more else where[1]
        request = self._api.request(
            method.upper(),
            where[0],
            pairs,
            accept=accept,
            # Nobody judges the answer, so it has to be this request's own by its connection.
            alone=accept != _JSON or bool(pairs),
            body=None if body is None else bytes(body),
        )
        return await self._session.send(request, priority=self._api.options.priority)

    def _where(self, path: Path | str) -> tuple[Path, HiddenQuery] | InputError:
        """Resolve a link or path below the base URL, or return the error that forbids it."""
        if isinstance(path, Path):
            return paths.sendable(path)
        found = paths.parse_link(path, self._base_url, self.templates)
        context = urlsplit(self._base_url).path
        if isinstance(found, InputError) or not context:
            return found
        if not found[0].value.startswith(f"{context}/"):
            return found
        return self.templates.path(found[0].value.removeprefix(context)), found[1]

    @staticmethod
    def error_of(response: Response) -> ElementsProcuraError:
        """The error that an answer of status 400 or above means.

        Args:
            response: As :meth:`request` returned it.
        """
        return status_error(response)

    async def authenticate(self) -> None:
        """Make sure that there is a usable token, asking the token endpoint if there is none.

        Calls do this by themselves; done first, wrong settings come out before anything starts.

        Raises:
            AuthenticationError: The server refuses these credentials.
            HostNotFound, TransportError: The server cannot be reached.
        """
        await self._session.authenticate()

    def to_wire(self, record: Model | Body) -> dict[str, Any]:
        """A record as JSON that structures to an equal one, a body as it is sent; without None."""
        if isinstance(record, Body):
            return self._api.bodies.to_wire(record)
        return self._api.wire.to_wire(record)

    def observed_by(
        self, observer: Observer | None, *, tenant: str = ""
    ) -> contextlib.AbstractContextManager[None]:
        """Let an observer see the requests that are sent in a ``with`` block.

        Args:
            observer: Called besides those that the client was made with.
            tenant: The tenant's name there; by default it stays.
        """
        return self._session.watch.joined(observer, tenant=tenant, quota=self.quota)

    @property
    def observer(self) -> Observer | None:
        """Everybody who observes it now, as one; None for nobody."""
        return self._session.watch.observer

    @property
    def tenant(self) -> str:
        """The tenant's name in logs and for observers."""
        return self._session.watch.tenant

    @property
    def host(self) -> str:
        """The server's name."""
        return self._session.watch.host

    def quota(self) -> tuple[Usage, ...]:
        """How full every window of the rates is: used, left, left for bulk, when it resets."""
        return self._session.quota()

    @property
    def counters(self) -> Counters:
        """What has been sent since the client was made."""
        return self._session.counters

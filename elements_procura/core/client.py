"""What the clients of both APIs have in common: a session, options, a life that ends."""

import re
import typing
from types import TracebackType
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

import attrs

from elements_procura.core.api import CallOptions
from elements_procura.core.http import Timeouts
from elements_procura.core.request_state import Counters
from elements_procura.core.session import Session
from elements_procura.errors import ConfigError, InputError
from elements_procura.scheduler import Priority, Usage
from elements_procura.schema.model import Model
from elements_procura.schema.structure import Wire


class Calls(Protocol):
    """One API's requests and answers, with the options of a call."""

    @property
    def wire(self) -> Wire:
        """Its converter."""

    @property
    def options(self) -> CallOptions:
        """The options in force."""

    def with_options(self, options: CallOptions) -> Any:
        """The same, with other options for the calls made on it."""


_METHOD = re.compile(r"[A-Za-z]{1,20}")
A = TypeVar("A", bound=Calls)


def called(method: object, accept: object) -> InputError | None:
    """What keeps a request made by hand from being sent, but for its path.

    Both come from outside, and what a line feed is in would end up in logs as two lines.
    """
    if not isinstance(method, str) or not _METHOD.fullmatch(method):
        return InputError("that is no HTTP method", hint="Pass GET, POST, PATCH or PUT")
    if not isinstance(accept, str) or not (accept.isascii() and accept.isprintable()):
        return InputError("accept holds what a header cannot carry", hint="Pass media types")
    return None


def max_body_of(size: object) -> int:
    """The longest body that is sent.

    Raises:
        ConfigError: It is no whole number of bytes.
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ConfigError("max_body must be a whole number of bytes of 1 or more")
    return size


class Client(Generic[A]):
    """Owns a session: one account, one quota, one event loop.

    Attributes:
        api_name: The API's, as :mod:`elements_procura.registry` lists it.
    """

    api_name: ClassVar[str]
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
        attempts: int | None = None,
    ) -> Self:
        """The same client, session and quota, with other options for the calls made on it.

        ``await client.with_options(timeout=5).…`` sets them for one call.

        Args:
            priority: Whose requests leave first when the quota is short.
            timeout: Seconds in all, or a whole :class:`Timeouts`.
            max_response_bytes: The longest answer that is read whole.
            attempts: How often a read is sent in all, if repeating it may help; 3 by default.
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
        if attempts is not None:
            options = attrs.evolve(options, attempts=attempts)
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

    async def authenticate(self) -> None:
        """Make sure that there is a usable token, asking the token endpoint if there is none.

        Calls do this by themselves; done first, it tells wrong settings before anything starts.

        Raises:
            AuthenticationError: The server refuses these credentials.
            HostNotFound, TransportError: The server cannot be reached.
        """
        await self._session.authenticate()

    def to_wire(self, record: Model) -> dict[str, Any]:
        """A record as JSON that structures to an equal one; what is None is left out."""
        return self._api.wire.to_wire(record)

    def quota(self) -> tuple[Usage, ...]:
        """How full every window of the rates is: used, left, left for bulk, when it resets."""
        return self._session.quota()

    @property
    def counters(self) -> Counters:
        """What has been sent since the client was made."""
        return self._session.counters

"""Every exception of this package: one tree, nothing foreign in it.

::

    ElementsProcuraError
    ├── ConfigError                  settings are missing or wrong; nothing was sent
    ├── InputError                   an argument cannot be sent as it is; nothing was sent
    │   └── BodyError                a body is not what the API documents; ``faults`` says where
    ├── ClosedError                  the client, scheduler or store is closed already
    ├── WrongLoopError               an object was used on another event loop than its own
    ├── ReadOnlyError                a writing call on a read-only client; nothing was sent
    ├── AuthenticationError          no usable token can be had
    │   ├── InvalidClient            the client's id, secret or address is wrong; a ConfigError
    │   └── ReauthorizationRequired  a person has to grant access again
    ├── SearchIncomplete             a search cannot be made complete; ``gaps`` says what it lacks
    ├── ImportFindings               imported records with remarks on them; they are stored
    ├── DailyQuotaExceeded           the day's requests are used up; ``resets_at`` tells until when
    ├── RequestError                 one request went wrong: ``method`` and ``template`` say which
    │   ├── TransportError           no whole answer came
    │   │   ├── NotSent              the request provably never reached the server
    │   │   │   └── HostNotFound     the host's name does not resolve
    │   │   ├── ServerAway           a harvest has waited for the server as long as it may
    │   │   ├── RequestTimeout       no answer in time (of a request that is safe to repeat)
    │   │   └── OutcomeUnknown       a write was sent and nobody knows whether it took effect
    │   ├── ProtocolError            an answer came that cannot be the one asked for
    │   │   ├── IncompleteAnswer     a list that says itself that there is more
    │   │   └── ResponseTooLarge     the answer is over the size that was allowed
    │   └── StatusError              the server refused: ``status`` says how
    │       ├── BadRequest           400 and 422
    │       │   ├── AlreadyExists    the id or reference is taken
    │       │   ├── AmbiguousReference  several have the id or reference
    │       │   └── PayloadTooLarge  413, or the vendor's 400 for a body over its limit
    │       ├── Forbidden            403
    │       ├── NotFound             404 and 410
    │       ├── RateLimited          429 that did not go away
    │       └── ServerError          5xx, after the retries
    └── StoreError                   a file of ours (harvest, journal, download) fails

Messages carry the method and the path *template* (``GET /api/data/klantdossiers/{DOSSIER_ID}``),
never an address, a query, a token or a value out of a body: they may be logged as they are.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple


class Ids(dict[str, str]):
    """Ids by the placeholders of a path's template. One may be a citizen number: it hides them."""

    def __repr__(self) -> str:
        return f"<Ids {', '.join(self)}>" if self else "<Ids>"

    __str__ = __repr__


class ElementsProcuraError(Exception):
    """The root of the tree.

    It survives ``pickle``, ``copy`` and the way out of another process with all that it tells.

    Attributes:
        hint: What to do next, or an empty string.
        ids: Which ids it is about, by their placeholders in the template; never part of a text.
    """

    code: ClassVar[str] = "error"
    ids: Mapping[str, str] = Ids()

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        text = str(self.args[0])
        return f"{text}. {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception's own way calls the class with ``args``, which hold the message only.
        return _remade, (type(self), self.args), self.__dict__


def _remade(kind: type[ElementsProcuraError], args: tuple[Any, ...]) -> ElementsProcuraError:
    made = kind.__new__(kind)
    made.args = args
    return made


class ConfigError(ElementsProcuraError):
    """Settings are missing or wrong. Nothing was sent."""

    code = "config"


class InputError(ElementsProcuraError):
    """An argument cannot be sent as it is. Nothing was sent."""

    code = "input"


class BodyFault(NamedTuple):
    """One thing that is wrong with a body.

    Attributes:
        path: Where, as ``$.genodigden[1].id``.
        message: What would be right, never the value.
    """

    path: str
    message: str


class ServerFault(BodyFault):
    """One thing that the server finds wrong with a body, in its own words.

    They may quote what was sent, so the repr leaves them out.
    """

    def __repr__(self) -> str:
        return "<ServerFault>"


class ServerText(str):
    """What a server says, in its own words. They may quote what was sent: the repr hides them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<ServerText of {len(self)} characters>" if self else "''"


class BodyError(InputError):
    """A body is not what the API documents. Nothing was sent.

    Attributes:
        faults: All that is wrong with it.
    """

    code = "input.body"

    def __init__(self, message: str, *, faults: tuple[BodyFault, ...], hint: str = "") -> None:
        listed = "; ".join(f"{fault.path} {fault.message}" for fault in faults)
        super().__init__(f"{message}: {listed}", hint=hint or _UNCHECKED)
        self.faults = faults


_UNCHECKED = "With validate=False the fields are sent unchecked: the server has the last word"


class ClosedError(ElementsProcuraError):
    """The client, scheduler or store was used after it had been closed."""

    code = "closed"


class WrongLoopError(ElementsProcuraError):
    """An object was used on another event loop than the one it belongs to."""

    code = "wrong-loop"


class ReadOnlyError(ElementsProcuraError):
    """A writing call was made on a client with ``read_only=True``. Nothing was sent."""

    code = "read-only"


class AuthenticationError(ElementsProcuraError):
    """No token can be had, or the server refuses a fresh one.

    Attributes:
        status: HTTP status of the refusal, or None.
        error: The OAuth error word (``invalid_client``, ``invalid_grant``, …), or an empty string.
        is_proven: Whether the answer is one that the token endpoint itself could have given. If
            not, something in front of it may have spoken, and it says nothing about credentials.
    """

    code = "auth"
    is_proven: bool = True

    def __init__(
        self, message: str, *, hint: str = "", status: int | None = None, error: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.error = error


class InvalidClient(AuthenticationError, ConfigError):
    """The server does not take this client: id, secret or address is wrong. Never retried.

    ``error`` is ``invalid_client`` when the server said so, and empty after a 401 without a reason.
    """

    code = "auth.client"


class ReauthorizationRequired(AuthenticationError):
    """The grant is gone and no credential here can replace it: a person has to grant anew."""

    code = "auth.reauthorize"


class DailyQuotaExceeded(ElementsProcuraError):
    """The requests of a long window (a day) are used up.

    Attributes:
        resets_at: Seconds since the epoch when requests are expected to be possible again.
        limit: The number of requests in the window, or None when only the server knows.
    """

    code = "quota"

    def __init__(
        self, message: str, *, resets_at: float, limit: int | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.resets_at = resets_at
        self.limit = limit


class SearchGap(NamedTuple):
    """What a search could not hand out.

    Attributes:
        day: The day, as ``2024-05-01``, by the date that was searched by.
        last_day: The last day, where no single day could be told; else the same.
        type: The code of the type, or several with ``/`` where the server does not tell them
            apart; empty for any.
        status: The code of the status; empty for any.
        at_least: How many dossiers it holds at least.
    """

    day: str
    last_day: str
    type: str = ""
    status: str = ""
    at_least: int = 1

    def __str__(self) -> str:
        days = self.day if self.day == self.last_day else f"{self.day} to {self.last_day}"
        kind = f"type {self.type}" if self.type else "any type"
        return f"{days}, {kind}{f', status {self.status}' if self.status else ''}"


class SearchIncomplete(ElementsProcuraError):
    """A search could not be made complete. Everything else that it finds was handed out before.

    Attributes:
        gaps: What could not be had, by day and type.
        day: The day of the first of them, as ``2024-05-01``.
        page_size: How many records were asked for at most.
    """

    code = "search.incomplete"

    def __init__(
        self,
        message: str,
        *,
        day: str,
        page_size: int,
        gaps: tuple[SearchGap, ...] = (),
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.day = day
        self.page_size = page_size
        self.gaps = gaps


class ImportFindings(ElementsProcuraError):
    """Records were imported, and the server remarks on some. They are stored nevertheless.

    Attributes:
        records: Numbers of the records with remarks, from 0.
    """

    code = "import.findings"

    def __init__(self, message: str, *, records: tuple[int, ...], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.records = records


class RequestError(ElementsProcuraError):
    """One request went wrong.

    Attributes:
        method: ``GET``, ``POST``, …
        template: The path with placeholders instead of ids.
        attempts: How often it was sent.
        server_message: What the server says about it, in its own words. They may quote what was
            sent (a citizen number, a name), so they are no part of the message, which only says
            that there are any: keep them out of logs.
        faults: What it finds wrong, field by field, likewise.
    """

    code = "request"
    server_message: str = ServerText("")
    faults: tuple[ServerFault, ...] = ()

    def __init__(
        self, message: str, *, method: str, template: str, attempts: int = 1, hint: str = ""
    ) -> None:
        super().__init__(f"{method} {template}: {message}", hint=hint)
        self.method = method
        self.template = str(template)
        self.ids = getattr(template, "ids", Ids())  # of a paths.Template
        self.attempts = attempts

    def __str__(self) -> str:
        told = [name for name in ("server_message", "faults") if getattr(self, name)]
        text = super().__str__()
        return f"{text}. The server's own words are in {' and '.join(told)}" if told else text


class TransportError(RequestError):
    """No whole answer came: connection, TLS, or a body that broke off."""

    code = "transport"


class NotSent(TransportError):
    """The request provably never reached the server, so repeating it is safe."""

    code = "transport.not-sent"


class HostNotFound(NotSent):
    """The host's name does not resolve."""

    code = "transport.host"


class ServerAway(TransportError):
    """The server stayed away for longer than a harvest waits for it. What was stored is intact.

    Attributes:
        since: When it went, in seconds since the epoch.
        retry_at: When it says that it will be back, in seconds since the epoch, or None.
    """

    code = "transport.away"

    def __init__(
        self,
        message: str,
        *,
        method: str,
        template: str,
        since: float,
        retry_at: float | None = None,
        attempts: int = 1,
        hint: str = "",
    ) -> None:
        super().__init__(message, method=method, template=template, attempts=attempts, hint=hint)
        self.since = since
        self.retry_at = retry_at


class RequestTimeout(TransportError):
    """No answer came in time; the request is one that is safe to repeat."""

    code = "transport.timeout"


class OutcomeUnknown(TransportError):
    """A write was sent and no answer tells whether it took effect.

    Never repeat it blindly: read the collection first and see.

    Attributes:
        digest: SHA-256 of the body that was sent, in hex.
        sent_at: Seconds since the epoch at which it was sent.
        reference: The reference that was sent along, by which it can be found if it exists;
            an empty string when there is none.
    """

    code = "transport.outcome-unknown"
    reference: str = ""

    def __init__(
        self,
        message: str,
        *,
        method: str,
        template: str,
        digest: str,
        sent_at: float,
        attempts: int = 1,
        hint: str = "",
    ) -> None:
        super().__init__(message, method=method, template=template, attempts=attempts, hint=hint)
        self.digest = digest
        self.sent_at = sent_at


class ProtocolError(RequestError):
    """An answer came that cannot be the one asked for: HTML, broken JSON, another record.

    Attributes:
        status: HTTP status of the answer.
        path: Where in the body, as ``$.productdelen[1].deel_hoofdsom``, or an empty string.
        body: The body's shape with every value masked, cut to some hundred characters.
    """

    code = "protocol"

    def __init__(
        self,
        message: str,
        *,
        method: str,
        template: str,
        status: int = 200,
        path: str = "",
        body: str = "",
        attempts: int = 1,
        hint: str = "",
    ) -> None:
        where = f" at {path}" if path else ""
        super().__init__(
            f"{message}{where}", method=method, template=template, attempts=attempts, hint=hint
        )
        self.status = status
        self.path = path
        self.body = body


class IncompleteAnswer(ProtocolError):
    """A list came that says itself that there is more: a total above its rows, a next page."""

    code = "protocol.incomplete"


class ResponseTooLarge(ProtocolError):
    """The answer is over the size that was allowed; reading it was stopped there."""

    code = "protocol.too-large"


class StatusError(RequestError):
    """The server refused.

    Attributes:
        status: HTTP status.
        body: The body's shape with every value masked, cut to some hundred characters.
        retry_after: Seconds the server asked to wait, or None.
        is_proven: Whether the answer has a form that the API itself could have given it. If not,
            something in front of it may have spoken, and it says nothing about what was asked for.
        manner: The answer's media type and the names of its top members, without any value.
    """

    code = "status"
    is_proven: bool = True
    manner: str = ""

    def __init__(
        self,
        message: str,
        *,
        method: str,
        template: str,
        status: int,
        body: str = "",
        retry_after: float | None = None,
        attempts: int = 1,
        hint: str = "",
    ) -> None:
        super().__init__(message, method=method, template=template, attempts=attempts, hint=hint)
        self.status = status
        self.body = body
        self.retry_after = retry_after


class BadRequest(StatusError):
    """400 or 422: the server finds fault with the request."""

    code = "status.bad-request"


class AlreadyExists(BadRequest):
    """There is something with this id or reference already. Nothing was made."""

    code = "status.exists"


class AmbiguousReference(BadRequest):
    """Several things have this id or reference, so none of them can be read or changed by it."""

    code = "status.ambiguous"


class PayloadTooLarge(BadRequest):
    """The body is over the server's limit."""

    code = "status.too-large"


class Forbidden(StatusError):
    """403: the token lacks the scope or the right for this."""

    code = "status.forbidden"


class NotFound(StatusError):
    """404 or 410: there is no such thing."""

    code = "status.not-found"


class RateLimited(StatusError):
    """429 that did not go away although the request was repeated."""

    code = "status.rate-limited"


class ServerError(StatusError):
    """5xx, after the retries."""

    code = "status.server"


class StoreError(ElementsProcuraError):
    """A file cannot be opened, read or written: a harvest's, a journal's or a download's.

    What was committed to it is intact.
    """

    code = "store"


class StoreInUse(StoreError):
    """Another process is at work on a harvest's file."""

    code = "store.in-use"

"""Errors of one request: no whole answer came, or one that cannot be the one asked for."""

from elements_procura.errors._base import ElementsProcuraError, Ids
from elements_procura.errors._bodies import ServerFault, ServerText


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
        self.template: str = str(template)
        self.ids: Ids = getattr(template, "ids", None) or Ids()  # of a paths.Template
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
    """A write was sent, and whether it took effect is unknown.

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

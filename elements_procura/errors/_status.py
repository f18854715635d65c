"""Errors of one request that the server refused, by status."""

from elements_procura.errors._request import RequestError


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
    """404 or 410: it does not exist."""

    code = "status.not-found"


class RateLimited(StatusError):
    """429 that did not go away although the request was repeated."""

    code = "status.rate-limited"


class ServerError(StatusError):
    """5xx, after the retries."""

    code = "status.server"

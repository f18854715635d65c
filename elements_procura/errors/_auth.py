"""Errors of authentication."""

from elements_procura.errors._base import ConfigError, ElementsProcuraError


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


class RefusedToken(AuthenticationError):
    """The server refuses tokens that it has just given: all of them, or for one request.

    Attributes:
        method: Of the request that they were refused for; an empty string for several requests.
        template: The path of that request, with placeholders instead of ids.
        manner: The answer's media type and the names of its top members, without any value.
    """

    method: str = ""
    template: str = ""
    manner: str = ""


class InvalidClient(AuthenticationError, ConfigError):
    """The server does not take this client: id, secret or address is wrong. Never retried.

    ``error`` is ``invalid_client`` when the server said so, and empty after a 401 without a reason.
    """

    code = "auth.client"


class ReauthorizationRequired(AuthenticationError):
    """The grant is gone and no credential here can replace it: a person has to grant anew."""

    code = "auth.reauthorize"

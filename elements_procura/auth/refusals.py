"""Errors out of refused token requests."""

from elements_procura.auth.grants import Grant
from elements_procura.auth.oauth import Refusal, Token, UnexpectedAnswer
from elements_procura.errors import (
    AuthenticationError,
    ElementsProcuraError,
    InvalidClient,
    ReauthorizationRequired,
)

Answer = Token | Refusal | UnexpectedAnswer | ElementsProcuraError
"""The outcome of a token request; the last is a transport error, as a value."""
_UNKNOWN = 401
_OAUTH = (
    "access_denied", "invalid_client", "invalid_grant", "invalid_request", "invalid_scope",
    "unauthorized_client", "unsupported_grant_type",
)  # fmt: skip
_PASSING = ("temporarily_unavailable", "server_error", "slow_down")


def _is_unknown_client(answer: Answer) -> bool:
    if not isinstance(answer, Refusal):
        return False
    # 401 without a word is a setting as well: what is wrong with a grant is told by 400.
    return answer.error == "invalid_client" or (not answer.error and answer.status == _UNKNOWN)


def _is_proven(answer: Refusal | UnexpectedAnswer) -> bool:
    """Whether the token endpoint itself could have said this."""
    if isinstance(answer, UnexpectedAnswer) or answer.is_page:
        return False
    return answer.error in _OAUTH or _is_unknown_client(answer)


def error_of(
    answer: Refusal | UnexpectedAnswer | ElementsProcuraError, grant: Grant
) -> ElementsProcuraError:
    """The exception for a token request that led to no token."""
    if isinstance(answer, ElementsProcuraError):
        return answer
    error = _refused(answer, grant)
    error.is_proven = _is_proven(answer)
    return error


def _refused(answer: Refusal | UnexpectedAnswer, grant: Grant) -> AuthenticationError:
    if isinstance(answer, UnexpectedAnswer):
        return AuthenticationError(
            f"the token endpoint answered {answer.status} with something other than a token",
            hint="Check the address: is this the API's host, without a proxy's page in between?",
            status=answer.status,
        )
    if _is_unknown_client(answer):
        return _unknown_client(answer)
    word = f" ({answer.error})" if answer.error else ""
    if answer.ends_grant and grant.form() is None:
        return ReauthorizationRequired(
            f"no token available; a person must grant access again{word if answer.status else ''}",
            hint=grant.remedy,
            status=answer.status or None,
            error=answer.error,
        )
    if answer.error in _PASSING:
        return AuthenticationError(
            f"the token endpoint cannot give a token now{word}",
            hint="Try again later; what was saved is kept",
            status=answer.status,
            error=answer.error,
        )
    return AuthenticationError(
        f"the server refused these credentials{word}",
        hint=grant.remedy,
        status=answer.status,
        error=answer.error,
    )


def _unknown_client(answer: Refusal) -> InvalidClient:
    if answer.error:
        return InvalidClient(
            "the server does not know this client, or not by this secret (invalid_client)",
            hint="Check client id and secret",
            status=answer.status,
            error=answer.error,
        )
    return InvalidClient(
        f"the token endpoint answered {answer.status} and gave no reason",
        hint="Check the address first, with its context path; then client id and secret",
        status=answer.status,
    )

"""Tokens, and the answers of a token endpoint, without I/O."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from elements_procura import _json
from elements_procura.auth.grants import Form
from elements_procura.secret import Secret

__all__ = ["Token"]

DEFAULT_LIFETIME = 300.0
_LONGEST_LIFETIME = 10 * 365 * 86_400.0
_SHORTEST_LIFETIME = 0.1  # of a shorter one nothing could be sent in time
_SUCCESS = 2
_REFUSING = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_WORD = re.compile(r"[a-z_]{1,40}")
_TOKEN = re.compile(r"[\x21-\x7e]+")  # anything else could break out of a header
_INVALID_TOKEN = re.compile(r"\berror=\"?invalid_token\b")
_TOKEN_ERRORS = ("invalid_token", "expired_token")
_LONGEST_ERROR = 64 * 1024
_MARGIN = 10.0
_MARGIN_SHARE = 0.2


@attrs.frozen
class Token:
    """An access token with what came along.

    Attributes:
        access: The access token.
        lifetime: Seconds it was said to live, from when its answer came.
        expires_at: When it ends, in seconds since the epoch by the wall clock of the process
            that asked for it.
        refresh: The refresh token, or None.
        scope: The scopes as the server lists them.
        is_doubtful: Whether somebody who ended midway may have used the refresh token.
    """

    access: Secret
    lifetime: float
    expires_at: float
    refresh: Secret | None = None
    scope: str = ""
    is_doubtful: bool = attrs.field(default=False, eq=False, repr=False)

    @property
    def margin(self) -> float:
        """Seconds before the end at which it is renewed: a fifth of its life, at most 10."""
        return min(_MARGIN, _MARGIN_SHARE * self.lifetime)


@attrs.frozen
class Refusal:
    """The token endpoint said no.

    Attributes:
        status: HTTP status.
        error: The OAuth error word, or an empty string when the answer holds none.
        is_page: Whether it is a page rather than an answer, so that something in front of the
            endpoint may have said it.
    """

    status: int
    error: str = ""
    is_page: bool = False

    @property
    def ends_grant(self) -> bool:
        """Whether it proves that what was presented (a refresh token, a code) is void."""
        return self.error == "invalid_grant"


@attrs.frozen
class UnexpectedAnswer:
    """An answer of the token endpoint that is neither a token nor an OAuth error."""

    status: int


def refresh_form(refresh: Secret) -> Form:
    """The form of a refresh; the token stays wrapped until it is encoded."""
    return {"grant_type": "refresh_token", "refresh_token": refresh}


def parse_answer(
    status: int, body: bytes, *, wall: float, previous: Token | None = None
) -> Token | Refusal | UnexpectedAnswer:
    """Read an answer of the token endpoint.

    Args:
        status: HTTP status.
        body: The body as it came.
        wall: Seconds since the epoch when it came.
        previous: The token that was refreshed; its refresh token stays in force when the
            answer brings no new one.
    """
    try:
        data = _json.loads(body)  # which outlives numbers that nobody can mean
    except _json.JsonError:
        data = None
    if status in _REFUSING:
        told = data if isinstance(data, dict) else {}
        # A page of a proxy in between refuses as well, but says nothing about the grant.
        if "error" in told or status == HTTPStatus.UNAUTHORIZED:
            is_page = data is None and bool(body.strip())
            return Refusal(status, word(told.get("error")), is_page)
        return UnexpectedAnswer(status)
    # Any success will do: the refresh token in it may be the only one that is good from now on.
    if status // 100 != _SUCCESS or not isinstance(data, dict):
        return UnexpectedAnswer(status)
    token = make_token(
        _secret(data, "access_token"),
        refresh=_secret(data, "refresh_token") or (previous.refresh if previous else None),
        expires_in=data.get("expires_in"),
        scope=data.get("scope"),
        wall=wall,
    )
    return UnexpectedAnswer(status) if token is None else token


def says_invalid_token(body: bytes, challenge: str) -> bool:
    """Whether a refused request was refused for its token, whatever its status.

    Args:
        body: As it came.
        challenge: The ``WWW-Authenticate`` header.
    """
    if _INVALID_TOKEN.search(challenge):
        return True
    if len(body) > _LONGEST_ERROR:
        return False
    try:
        data = _json.loads(body)
    except _json.JsonError:
        return False
    return isinstance(data, dict) and data.get("error") in _TOKEN_ERRORS


def make_token(
    access: Secret | None, *, refresh: Secret | None, expires_in: Any, scope: Any, wall: float
) -> Token | None:
    """A token out of the fields of an answer; None when ``access`` cannot be one."""
    if access is None or not _TOKEN.fullmatch(access.reveal()):
        return None
    lifetime = _seconds(expires_in)
    return Token(
        access=access,
        lifetime=lifetime,
        expires_at=wall + lifetime,
        refresh=refresh,
        scope=scope if isinstance(scope, str) else "",
    )


def _secret(data: Mapping[str, Any], key: str) -> Secret | None:
    value = data.get(key)
    return Secret(value) if isinstance(value, str) and value else None


def _seconds(value: Any) -> float:
    try:
        seconds = DEFAULT_LIFETIME if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return DEFAULT_LIFETIME
    # What nobody can mean must not overflow a date, nor end a token before it is sent.
    is_meant = _SHORTEST_LIFETIME <= seconds < float("inf")
    return min(seconds, _LONGEST_LIFETIME) if is_meant else DEFAULT_LIFETIME


def word(value: Any) -> str:
    """An OAuth error word; nothing for anything else, as the text beside it may hold anything."""
    text = value if isinstance(value, str) else ""
    return text if _WORD.fullmatch(text) else ""


def encoded(form: Form) -> bytes:
    """The body of a token request."""
    return urlencode(
        {
            name: value.reveal() if isinstance(value, Secret) else value
            for name, value in form.items()
        },
        quote_via=quote,
    ).encode()

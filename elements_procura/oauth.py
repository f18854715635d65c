"""OAuth 2 without I/O: what is asked of a token endpoint, and what its answer means."""

import base64
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

import attrs
import orjson

from elements_procura.errors import ConfigError
from elements_procura.secret import Secret

DEFAULT_LIFETIME = 300.0
_REFUSING = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_WORD = re.compile(r"[a-z_]{1,40}")
_TOKEN = re.compile(r"[\x21-\x7e]+")  # anything else could break out of a header
_MARGIN = 10.0
_MARGIN_SHARE = 0.2


def _as_secret(text: str | Secret | None) -> Secret:
    return text if isinstance(text, Secret) else Secret(text or "")


@attrs.frozen(init=False)
class Credentials:
    """What a client proves itself with at the token endpoint, by HTTP Basic.

    Attributes:
        client_id: The client's name.
        client_secret: The client's secret; plain text is wrapped.

    Raises:
        ConfigError: One of them is empty or None, or the id cannot be sent.
    """

    client_id: str
    client_secret: Secret

    def __init__(self, client_id: str, client_secret: str | Secret) -> None:
        client_secret = _as_secret(client_secret)  # as in wrapped()
        self.__attrs_init__(client_id, client_secret)
        if not client_id or not client_secret:
            raise ConfigError(
                "the client's id or secret is empty",
                hint="Set both; for Elements the vendor hands them out per application",
            )
        if ":" in client_id:
            raise ConfigError(
                "the client's id holds a colon, which HTTP Basic cannot carry",
                hint="Give the id and the secret apart from each other",
            )

    def basic(self) -> str:
        """The value of the ``Authorization`` header."""
        pair = f"{self.client_id}:{self.client_secret.reveal()}"
        return "Basic " + base64.b64encode(pair.encode()).decode()


def wrapped(
    given: Credentials | tuple[str, str | Secret],
) -> Credentials | tuple[str, Secret]:
    """``given`` with its secret out of sight.

    What takes credentials does this before anything can raise: a traceback that shows locals
    would show the plain text.
    """
    return given if isinstance(given, Credentials) else (given[0], _as_secret(given[1]))


@attrs.frozen
class Token:
    """An access token with what came along.

    Attributes:
        access: The access token.
        lifetime: Seconds it was said to live, from when its answer came.
        expires_at: When it ends, in seconds since the epoch by the wall clock of the process
            that asked for it.
        refresh: The refresh token, or None.
        scope: The scopes as the server tells them.
    """

    access: Secret
    lifetime: float
    expires_at: float
    refresh: Secret | None = None
    scope: str = ""

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
    """

    status: int
    error: str = ""


@attrs.frozen
class Gibberish:
    """The token endpoint answered something that is no token and no OAuth error."""

    status: int


class Grant(Protocol):
    """How a client comes by its first token. Elements and Procura have one each."""

    @property
    def path(self) -> str:
        """Of the token endpoint, below the base URL."""

    @property
    def credentials(self) -> Credentials:
        """What the client proves itself with."""

    def form(self) -> dict[str, str] | None:
        """The form that asks for a token anew; None when only a person can grant one."""

    @property
    def account(self) -> str:
        """What tells this grant's tokens from another's in a shared store; never a secret."""


@attrs.frozen
class OrganisationGrant:
    """Elements' grant for a server-side application that reads one organisation's data.

    Attributes:
        credentials: The client's id and secret.
        organisation: The organisation's id.
        webservice: The vendor's name of the service, usually ``data``.
        scopes: What is asked for, such as ``klantdossier.read``.
    """

    credentials: Credentials
    organisation: int | str
    webservice: str
    scopes: tuple[str, ...]
    path: str = "/oauth/access_token"

    def form(self) -> dict[str, str]:
        """The form of ``POST /oauth/access_token`` with ``grant_type=organisation``."""
        return {
            "grant_type": "organisation",
            "organisation": str(self.organisation),
            "webservice": self.webservice,
            "scope": " ".join(self.scopes),
        }

    @property
    def account(self) -> str:
        """Client, organisation, service and scopes."""
        parts = (self.credentials.client_id, str(self.organisation), self.webservice, *self.scopes)
        return "|".join(parts)


@attrs.frozen
class ClientCredentialsGrant:
    """Procura's grant: the client acts for itself, and every token is asked for anew.

    Attributes:
        credentials: The client's id and secret.
        scopes: What is asked for; without any, a token opens nothing.
        path: Of the token endpoint, below the base URL.
    """

    credentials: Credentials
    scopes: tuple[str, ...] = ("api",)
    path: str = "/oauth/token"

    def form(self) -> dict[str, str]:
        """The form of ``POST /oauth/token`` with ``grant_type=client_credentials``."""
        return {"grant_type": "client_credentials", "scope": " ".join(self.scopes)}

    @property
    def account(self) -> str:
        """Client and scopes."""
        return "|".join((self.credentials.client_id, *self.scopes))


def refresh_form(refresh: Secret) -> dict[str, str | Secret]:
    """The form of a refresh; the token stays wrapped until it is encoded."""
    return {"grant_type": "refresh_token", "refresh_token": refresh}


def parse_answer(
    status: int, body: bytes, *, wall: float, previous: Token | None = None
) -> Token | Refusal | Gibberish:
    """What an answer of the token endpoint means.

    Args:
        status: HTTP status.
        body: The body as it came.
        wall: Seconds since the epoch when it came.
        previous: The token that was refreshed; its refresh token stays in force when the
            answer brings no new one.
    """
    try:
        data = orjson.loads(body)
    except ValueError:
        data = None
    if status in _REFUSING:
        told = data if isinstance(data, dict) else {}
        # A page of a proxy in between refuses as well, but says nothing about the grant.
        if "error" in told or status == HTTPStatus.UNAUTHORIZED:
            return Refusal(status, _word(told.get("error")))
        return Gibberish(status)
    if status != HTTPStatus.OK or not isinstance(data, dict):
        return Gibberish(status)
    access = data.get("access_token")
    if not isinstance(access, str) or not _TOKEN.fullmatch(access):
        return Gibberish(status)
    lifetime = _seconds(data.get("expires_in"))
    refresh = _secret(data, "refresh_token") or (previous.refresh if previous else None)
    scope = data.get("scope")
    return Token(
        access=Secret(access),
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
        seconds = float(value)
    except (TypeError, ValueError):
        return DEFAULT_LIFETIME
    return seconds if 0 < seconds < float("inf") else DEFAULT_LIFETIME


def _word(value: Any) -> str:
    # Only a plain word is passed on: the text beside it may hold anything.
    text = value if isinstance(value, str) else ""
    return text if _WORD.fullmatch(text) else ""

"""OAuth 2 without I/O: what is asked of a token endpoint, and what its answer means."""

import base64
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import attrs
import orjson

from elements_procura.errors import ConfigError
from elements_procura.secret import Secret

__all__ = [
    "AuthorizationCodeGrant",
    "ClientCredentialsGrant",
    "Credentials",
    "Grant",
    "OrganisationGrant",
    "Token",
]

DEFAULT_LIFETIME = 300.0
_LONGEST_LIFETIME = 10 * 365 * 86_400.0
_REFUSING = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_WORD = re.compile(r"[a-z_]{1,40}")
_TOKEN = re.compile(r"[\x21-\x7e]+")  # anything else could break out of a header
_BOM = b"\xef\xbb\xbf"
_QUOTES = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb`"
_INVALID_TOKEN = re.compile(r"\berror=\"?invalid_token\b")
_TOKEN_ERRORS = ("invalid_token", "expired_token")
_LONGEST_ERROR = 64 * 1024
_MARGIN = 10.0
_MARGIN_SHARE = 0.2

Form = Mapping[str, str | Secret]
"""The fields of a token request."""


def _as_secret(text: str | Secret | None) -> Secret:
    return text if isinstance(text, Secret) else Secret(text or "")


def _optional_secret(text: str | Secret | None) -> Secret | None:
    return _as_secret(text) if text else None


@attrs.frozen(init=False)
class Credentials:
    """What a client proves itself with at the token endpoint, by HTTP Basic.

    Attributes:
        client_id: The client's name.
        client_secret: The client's secret; plain text is wrapped.

    Raises:
        ConfigError: One of them is empty or None, cannot be sent, or shows that it was copied with
            something around it: a line feed, a byte order mark, quotes.
    """

    client_id: str
    client_secret: Secret

    def __init__(self, client_id: str, client_secret: str | Secret) -> None:
        client_secret = _as_secret(client_secret)  # as in wrapped()
        self.__attrs_init__(client_id, client_secret)
        if not client_id or not client_secret:
            raise ConfigError(
                "the client's id or secret is empty",
                hint="Set both, as the vendor handed them out for your application",
            )
        _check_bare("the client's id", _as_secret(client_id))
        _check_bare("the client's secret", client_secret)
        if ":" in client_id:
            raise ConfigError(
                "the client's id holds a colon, which HTTP Basic cannot carry",
                hint="Give the id and the secret apart from each other",
            )

    def basic(self) -> str:
        """The value of the ``Authorization`` header."""
        pair = f"{self.client_id}:{self.client_secret.reveal()}"
        return "Basic " + base64.b64encode(pair.encode()).decode()


def _check_bare(name: str, value: Secret) -> None:
    if reason := _wrapping(value):
        raise ConfigError(
            f"{name} {reason}", hint="Set it again, with nothing around it; nothing was sent"
        )


def _wrapping(value: Secret) -> str:
    """What clings to a setting that was copied, or an empty string."""
    if not value.is_text:
        return "is not a text"
    first, last = value.reveal()[:1], value.reveal()[-1:]
    if first == "\ufeff":
        return "begins with a byte order mark"
    if first.isspace() or last.isspace():
        return f"{'begins' if first.isspace() else 'ends'} with a space or a line feed"
    if not value.reveal().isprintable():
        return "holds a character that does not print"
    if first in _QUOTES and last in _QUOTES and len(value.reveal()) > 1:
        return "stands in quotes"
    return ""


Given = Credentials | Mapping[str, Any] | tuple[str, str | Secret]
"""What a client takes for its credentials: a pair, or a mapping of id and secret."""


_NEITHER = ("", Secret(""))


def wrapped(given: Given) -> Credentials | tuple[str, Secret]:
    """``given`` with its secret out of sight. It never raises: :func:`credentials_of` does.

    What takes credentials does this before anything can raise: a traceback that shows locals
    would show the plain text.
    """
    if isinstance(given, Credentials):
        return given
    pair: Any = given  # whatever it was annotated as
    if isinstance(given, Mapping):
        pair = (given.get("client_id", ""), given.get("client_secret", ""))
    if not isinstance(pair, tuple | list) or len(pair) != 2:  # noqa: PLR2004 - id and secret
        return _NEITHER
    return (pair[0], _as_secret(pair[1]))


def credentials_of(given: Credentials | tuple[str, Secret]) -> Credentials:
    """The credentials that :func:`wrapped` has wrapped.

    Raises:
        ConfigError: They are none.
    """
    if given is _NEITHER:
        raise ConfigError(
            "credentials are neither a pair nor a mapping of client_id and client_secret",
            hint="Pass (client_id, client_secret)",
        )
    return given if isinstance(given, Credentials) else Credentials(*given)


def scopes_of(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """Scopes; one text is one scope.

    Raises:
        ConfigError: One is not a text, or was copied with something around it.
    """
    try:
        scopes = (given,) if isinstance(given, str) else tuple(given or ())
    except TypeError:
        raise ConfigError("scopes are texts", hint="Pass them as a list of texts") from None
    for scope in scopes:
        _check_bare("a scope", Secret(scope))
    return scopes


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

    def form(self) -> Form | None:
        """The form that asks for a token anew; None when only a person can grant one."""

    def answered(self) -> None:
        """The server has answered :meth:`form`: what may be used once is used now."""

    @property
    def account(self) -> tuple[str, ...]:
        """What tells this grant's tokens from another's at the same server; never a secret."""

    @property
    def remedy(self) -> str:
        """What to do when there is no token and none can be asked for."""


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
    scopes: tuple[str, ...] = attrs.field(converter=scopes_of)
    path: str = "/oauth/access_token"

    def __attrs_post_init__(self) -> None:
        _check_bare("the organisation", Secret(str(self.organisation)))
        _check_bare("the webservice", Secret(self.webservice))

    def form(self) -> Form:
        """The form of ``POST /oauth/access_token`` with ``grant_type=organisation``."""
        return {
            "grant_type": "organisation",
            "organisation": str(self.organisation),
            "webservice": self.webservice,
            "scope": " ".join(self.scopes),
        }

    def answered(self) -> None:
        """Nothing is used up: the same form may be sent again."""

    @property
    def account(self) -> tuple[str, ...]:
        """Client, organisation, service and scopes."""
        client = self.credentials.client_id
        return ("organisation", client, str(self.organisation), self.webservice, *self.scopes)

    @property
    def remedy(self) -> str:
        """What to do when the server refuses."""
        return "Check client id and secret, organisation, webservice and scopes"


@attrs.frozen
class ClientCredentialsGrant:
    """Procura's grant: the client acts for itself, and every token is asked for anew.

    Attributes:
        credentials: The client's id and secret.
        scopes: What is asked for; without any, a token opens nothing.
        path: Of the token endpoint, below the base URL.
    """

    credentials: Credentials
    scopes: tuple[str, ...] = attrs.field(default=("api",), converter=scopes_of)
    path: str = "/oauth/token"

    def form(self) -> Form:
        """The form of ``POST /oauth/token`` with ``grant_type=client_credentials``."""
        return {"grant_type": "client_credentials", "scope": " ".join(self.scopes)}

    def answered(self) -> None:
        """Nothing is used up: the same form may be sent again."""

    @property
    def account(self) -> tuple[str, ...]:
        """Client and scopes."""
        return ("client_credentials", self.credentials.client_id, *self.scopes)

    @property
    def remedy(self) -> str:
        """What to do when the server refuses."""
        return "Check client id and secret, and the scopes"


@attrs.define
class AuthorizationCodeGrant:
    """Elements' grant for one person's data: they consent in a browser, which hands out a code.

    :mod:`elements_procura.auth.authorize` makes the address that they open and reads what comes
    back. The code buys the first token; from then on there is only the refresh token, so give the
    client a store that outlives the process.

    Attributes:
        credentials: The client's id and secret.
        user: Your own name for the person. It keeps their token apart from others' in a store.
        webservice: The vendor's name of the service, usually ``data``.
        scopes: What was asked for in the address.
        code: What the browser came back with; None when there is a token in the store.
    """

    credentials: Credentials
    user: str
    webservice: str = "data"
    scopes: tuple[str, ...] = attrs.field(default=(), converter=scopes_of)
    code: Secret | None = attrs.field(default=None, converter=_optional_secret)
    path: str = "/oauth/access_token"

    def form(self) -> Form | None:
        """The form that exchanges the code; None when there is none, or it was used."""
        return None if self.code is None else code_form(self.code)

    def answered(self) -> None:
        """A code works once."""
        self.code = None

    @property
    def account(self) -> tuple[str, ...]:
        """Client, person, service and scopes."""
        client = self.credentials.client_id
        return ("authorization_code", client, self.user, self.webservice, *self.scopes)

    @property
    def remedy(self) -> str:
        """Who has to do what."""
        return (
            "Let the person grant access again, with `elements-procura login --flow code` or "
            "through authorize.begin()"
        )


def account_of(base_url: str, grant: Grant) -> str:
    """The name of a grant's entry in a store: no two grants of any two servers share one."""
    return orjson.dumps([base_url, *grant.account]).decode()


def code_form(code: Secret) -> Form:
    """The form that exchanges an authorization code; the code stays wrapped."""
    return {"grant_type": "authorization_code", "code": code}


def refresh_form(refresh: Secret) -> Form:
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
        data = orjson.loads(body.removeprefix(_BOM))
    except ValueError:
        data = None
    if status in _REFUSING:
        told = data if isinstance(data, dict) else {}
        # A page of a proxy in between refuses as well, but says nothing about the grant.
        if "error" in told or status == HTTPStatus.UNAUTHORIZED:
            is_page = data is None and bool(body.strip())
            return Refusal(status, word(told.get("error")), is_page)
        return Gibberish(status)
    if status != HTTPStatus.OK or not isinstance(data, dict):
        return Gibberish(status)
    token = make_token(
        _secret(data, "access_token"),
        refresh=_secret(data, "refresh_token") or (previous.refresh if previous else None),
        expires_in=data.get("expires_in"),
        scope=data.get("scope"),
        wall=wall,
    )
    return Gibberish(status) if token is None else token


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
        data = orjson.loads(body.removeprefix(_BOM))
    except ValueError:
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
    # What nobody can mean must not overflow a date.
    return min(seconds, _LONGEST_LIFETIME) if 0 < seconds < float("inf") else DEFAULT_LIFETIME


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

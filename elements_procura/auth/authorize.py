"""Asking a person for access, without I/O: the address to open, and reading its answer.

Two flows of Elements begin in a browser. In the **authorization code flow** the browser comes back
with a code, which buys a token at the token endpoint::

    request = begin("https://kantoor.fasterforwardelements.nl", client_id="id", scopes=["..."])
    ...  # the person opens request.url; the browser comes back to an address
    grant = AuthorizationCodeGrant(credentials, "jansen", code=request.code_from(address))

The **implicit flow** hands the token itself to the browser. It is documented, therefore it is
here, but it is discouraged: the token ends up in histories and logs, cannot be refreshed, and
nothing proves whom it was meant for. Take it only where no client secret can be kept.
"""

import hmac
import secrets
from collections.abc import Iterable
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import attrs

from elements_procura import paths
from elements_procura.auth.oauth import Token, make_token, word
from elements_procura.errors import AuthenticationError, ConfigError, InputError
from elements_procura.secret import Secret

__all__ = ["AuthorizationRequest", "authorize_url", "begin"]

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""Instead of an address to come back to: the window's title shows the code to copy."""
PATH = "/oauth/authorize"
_STATE_BYTES = 32
_HINT = "Begin again: every address is good for one answer"


class State:
    """A value of 256 random bits that the browser has to bring back: once, and unchanged."""

    __slots__ = ("_expected",)

    def __init__(self) -> None:
        self._expected: Secret | None = Secret(secrets.token_urlsafe(_STATE_BYTES))

    def __repr__(self) -> str:
        return f"<State, {'unused' if self._expected else 'used'}>"

    def reveal(self) -> str:
        """The value for the address.

        Raises:
            InputError: It was used.
        """
        if self._expected is None:
            raise InputError("this state was used already", hint=_HINT)
        return self._expected.reveal()

    def check(self, given: Secret | None) -> None:
        """Compare in constant time; whatever comes of it, the state is used now.

        Raises:
            AuthenticationError: It is not the one that was sent, or there was an answer before.
        """
        expected, self._expected = self._expected, None
        if expected is None:
            raise AuthenticationError("this address was answered before", hint=_HINT)
        # Its own line so that no frame holds both texts: comparing must not tell how far it came.
        if not _same(expected, given or Secret("")):
            raise AuthenticationError(
                "the answer is not to the address that was opened here: its state differs",
                hint="Somebody may have sent you a link. " + _HINT,
            )


def _same(one: Secret, other: Secret) -> bool:
    return hmac.compare_digest(one.reveal().encode(), other.reveal().encode())


@attrs.frozen(repr=False)
class AuthorizationRequest:
    """An address for a person to open, and the reader of its answer.

    Attributes:
        url: The address to open. It holds the state, so show it to nobody else.
        redirect_uri: Where the browser comes back to.
        kind: ``code`` or ``token`` (implicit).
    """

    url: str
    redirect_uri: str
    kind: Literal["code", "token"]
    _state: State

    def __repr__(self) -> str:
        return f"<AuthorizationRequest for a {self.kind}>"

    def code_from(self, address: str | Secret) -> Secret:
        """The code out of the address that the browser came back to. Works once.

        Raises:
            AuthenticationError: The person, or the server, refused; or the state differs.
            InputError: It lacks a code.
        """
        address = _secret(address)  # before anything can raise: rule 1 of elements_procura.secret
        fields = _fields(address)
        self._check(fields, "code")
        code = fields.get("code")
        if not code:
            raise InputError("that answer lacks a code", hint=_HINT)
        return code

    def code_shown(self, text: str | Secret) -> Secret:
        """A code that the person copied out of the window's title, or the address it came in.

        A bare code brings no state along, so nothing proves that it answers this request: that
        is what out-of-band means. Whatever holds a state has it checked.

        Raises:
            AuthenticationError: The person, or the server, refused; or the state differs.
            InputError: It is not a code, or another way back than out-of-band was agreed.
        """
        text = _secret(text)
        if _looks_like_answer(text):
            return self.code_from(text)
        if self.redirect_uri != OUT_OF_BAND:
            raise InputError(
                "that is not an address with a code and a state",
                hint="Paste the whole address out of the browser",
            )
        code = _bare(text)
        if not code:
            raise InputError("that is not a code", hint="Copy the code out of the window's title")
        return code

    def token_from(self, address: str | Secret, *, wall: float) -> Token:
        """Implicit flow: the token out of the address that the browser came back to. Works once.

        Args:
            address: With the token in its query, as documented, or its fragment, as standardised.
            wall: Seconds since the epoch, now.

        Raises:
            AuthenticationError: The person, or the server, refused; or the state differs.
            InputError: It lacks a token.
        """
        address = _secret(address)
        fields = _fields(address)
        self._check(fields, "token")
        expires_in, scope = fields.get("expires_in"), fields.get("scope")
        token = make_token(
            fields.get("access_token"),
            refresh=None,
            expires_in=expires_in and expires_in.reveal(),
            scope=scope and scope.reveal(),
            wall=wall,
        )
        if token is None:
            raise InputError("that answer lacks a token", hint=_HINT)
        return token

    def _check(self, fields: dict[str, Secret], kind: str) -> None:
        if kind != self.kind:
            raise InputError(f"this request asked for a {self.kind}, not for a {kind}")
        self._state.check(fields.get("state"))
        if "error" in fields:
            error = word(fields["error"].reveal())
            raise AuthenticationError(
                "access was not granted" + (f" ({error})" if error else ""),
                hint="Check client id, webservice and scopes; the person has to agree",
                error=error,
            )


def begin(
    base_url: str,
    *,
    client_id: str,
    scopes: Iterable[str],
    webservice: str = "data",
    redirect_uri: str = OUT_OF_BAND,
    implicit: bool = False,
) -> AuthorizationRequest:
    """``GET /oauth/authorize``: an address for a person to open, with a state of its own.

    Args:
        base_url: ``https://host`` of the server.
        client_id: The client's id.
        scopes: The scopes to ask for, such as ``klantdossier.read``.
        webservice: The vendor's name of the service.
        redirect_uri: Where the browser comes back to: https, or http to this machine; or
            :data:`OUT_OF_BAND`.
        implicit: Ask for the token itself; discouraged, see above.

    Raises:
        ConfigError: Something is empty, ``base_url`` is not https (or this machine), or
            ``redirect_uri`` would let others read the answer.
    """
    scopes = (scopes,) if isinstance(scopes, str) else tuple(scopes)
    if not client_id or not webservice or not scopes or not all(scopes):
        raise ConfigError("client_id, webservice or scopes are empty")
    _check_redirect(redirect_uri)
    base_url = paths.base_url(base_url)
    state = State()
    kind: Literal["code", "token"] = "token" if implicit else "code"
    url = authorize_url(
        base_url,
        kind=kind,
        client_id=client_id,
        webservice=webservice,
        scopes=scopes,
        state=state,
        redirect_uri=redirect_uri,
    )
    return AuthorizationRequest(url, redirect_uri, kind, state)


def authorize_url(
    base_url: str,
    *,
    kind: Literal["code", "token"],
    client_id: str,
    webservice: str,
    scopes: tuple[str, ...],
    state: State,
    redirect_uri: str,
) -> str:
    """The address as documented, parameter by parameter."""
    query = {
        "response_type": kind,
        "client_id": client_id,
        "webservice": webservice,
        "scope": " ".join(scopes),
        "state": state.reveal(),
        "redirect_uri": redirect_uri,
    }
    return f"{base_url.rstrip('/')}{PATH}?{urlencode(query, quote_via=quote)}"


def _check_redirect(redirect_uri: str) -> None:
    if redirect_uri == OUT_OF_BAND:
        return
    try:
        parts = urlsplit(redirect_uri)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and paths.is_loopback(host))
    if not safe or not host or parts.fragment or "@" in parts.netloc:
        raise ConfigError(
            "redirect_uri must be an address that only you can read",
            hint="Give https://…, or http://127.0.0.1:PORT for this machine",
        )


def _secret(text: str | Secret) -> Secret:
    return text if isinstance(text, Secret) else Secret(text)


def _fields(address: Secret) -> dict[str, Secret]:
    """Query and fragment of an address, or a bare query; every value wrapped."""
    try:
        pairs = _pairs(address)
    except ValueError:
        pairs = []
    fields: dict[str, Secret] = {}
    for name, value in pairs:
        if name in fields:  # which of two would be meant?
            return {}
        fields[name] = value
    return fields


def _pairs(text: Secret) -> list[tuple[str, Secret]]:
    parts = urlsplit(text.reveal().strip())
    query = parts.query or ("" if parts.scheme or parts.netloc else parts.path)
    return [
        (name, Secret(value))
        for part in (query, parts.fragment)
        for name, value in parse_qsl(part, max_num_fields=20)
    ]


def _looks_like_answer(text: Secret) -> bool:
    return any(mark in text.reveal() for mark in ("://", "code=", "state=", "error="))


def _bare(text: Secret) -> Secret | None:
    code = Secret(text.reveal().strip())
    return code if code and not any(map(str.isspace, code.reveal())) else None

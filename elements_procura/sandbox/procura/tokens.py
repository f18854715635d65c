"""The token endpoint of Procura: who may ask, what is answered, which tokens still hold."""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import attrs
import orjson

from elements_procura.sandbox.procura.signing import RsaKey

SCOPES: Final = ("api", "admin")
SKEW: Final = 60.0
"""Seconds after its end for which the server still takes a token."""


@attrs.frozen(kw_only=True)
class TokenAnswer:
    """What a token request is answered with."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = attrs.field(factory=dict)


@cache
def _first_key() -> RsaKey:
    """One for all sandboxes of a process: finding primes takes longer than all else at a start."""
    return RsaKey()


class JwtDesk:
    """Issues and checks tokens that live a minute.

    They are signed with RS256 and a key of this process's; :meth:`rekey` makes another.

    Args:
        seconds: How long a token lives.
        now: The clock.
        secret: The client's; by default one by chance.
    """

    def __init__(
        self, *, seconds: float, now: Callable[[], float] = time.monotonic, secret: str = ""
    ) -> None:
        self._seconds = seconds
        self._now = now
        self._client_id = "procura-sandbox"
        self._client_secret = secret or secrets.token_urlsafe(24)
        self._key = _first_key()
        self.issuer = "http://127.0.0.1"

    @property
    def credentials(self) -> dict[str, str]:
        """What a client needs to ask for a token."""
        return {"client_id": self._client_id, "client_secret": self._client_secret}

    def rekey(self) -> None:
        """Sign with another key from now on: every token given before is refused."""
        self._key = RsaKey()

    def grant(self, *, authorization: str | None, form: Mapping[str, str]) -> TokenAnswer:
        """Answer ``POST /oauth/token``; ``form`` holds the query's parameters as well."""
        grant_type = form.get("grant_type", "")
        if not grant_type:
            return _refused(400, "invalid_request", "grant_type is missing")
        if grant_type.lower() != "client_credentials":
            return _refused(400, "unsupported_grant_type")
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if not all(given):
            basic = _basic(authorization)
            if isinstance(basic, TokenAnswer):
                return basic
            given = basic
        expected = (self._client_id, self._client_secret)
        if not all(map(hmac.compare_digest, map(str.encode, given), map(str.encode, expected))):
            return _refused(401, "invalid_client")
        scopes = form.get("scope", "").split()
        if not set(scopes) <= set(SCOPES):
            return _refused(401, "invalid_scope")
        return self._issue(" ".join(scopes))

    def scopes(self, token: str) -> tuple[str, ...] | None:
        """The scopes of a token that holds; None when it does not."""
        head, _, signature = token.rpartition(".")
        try:
            if not self._key.verify(head.encode(), _unpadded(signature)):
                return None
            claims = orjson.loads(_unpadded(head.partition(".")[2]))
        except (ValueError, binascii.Error):
            return None
        if self._now() >= claims["exp"] + SKEW:
            return None
        return tuple(claims["scope"].split())

    def _issue(self, scope: str) -> TokenAnswer:
        now = self._now()
        claims = {
            "sub": self._client_id,
            "iss": self.issuer,
            "scope": scope,
            "exp": now + self._seconds,
        }
        head = f"{_encoded({'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        # The real one counts whole seconds until the end, some time after it was set.
        left = int(self._seconds - (now % 1 > 0.5))
        return TokenAnswer(
            status=200,
            body={
                "access_token": f"{head}.{self._signature(head)}",
                "token_type": "bearer",
                "expires_in": left,
            },
            headers={"Cache-Control": "no-store"},
        )

    def _signature(self, head: str) -> str:
        signature = self._key.sign(head.encode())
        return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def _basic(authorization: str | None) -> tuple[str, str] | TokenAnswer:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return ("", "")
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return _refused(400, "invalid_request", "The credentials cannot be decoded")
    return name, secret


def _refused(status: int, error: str, description: str = "") -> TokenAnswer:
    body = {"error": error} | ({"error_description": description} if description else {})
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return TokenAnswer(status=status, body=body, headers=headers)


def _encoded(data: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(data)).rstrip(b"=").decode()


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

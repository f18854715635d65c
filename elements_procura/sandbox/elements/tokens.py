"""The token endpoint's memory: who may ask, which tokens live, which were rotated away."""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

ORGANISATION: Final = 16319
WEBSERVICE: Final = "data"
SCOPES: Final = ("klantdossier.read", "klantdossier.write")
_CODE_SECONDS: Final = 60.0
_EVENTS: Final = 100_000


@attrs.frozen(kw_only=True)
class TokenAnswer:
    """What a token request is answered with."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class TokenEvent:
    """One answer of the desk. Codes and tokens are told by their fingerprints only.

    Attributes:
        at: When, in the desk's monotonic seconds.
        grant_type: What was asked for; ``implicit`` for a token that went to a browser.
        outcome: ``issued``, or the error word.
        presented: Of the refresh token or code that was shown.
        issued: Of the refresh token that was given out.
    """

    at: float
    grant_type: str
    outcome: str
    presented: str = ""
    issued: str = ""


class TokenDesk:
    """Issues, rotates, checks and expires tokens.

    A fresh access token leaves the others alone, each dies by its own age. A refresh token works
    once, and so does a code, within a minute.

    Args:
        seconds: How long an access token lives.
        now: The clock.
        tag: What access tokens begin with.
        secret: The client's; by default one by chance.
    """

    def __init__(
        self,
        *,
        seconds: float,
        now: Callable[[], float] = time.monotonic,
        tag: str = "",
        secret: str = "",
    ) -> None:
        self.consents = True
        self.events: list[TokenEvent] = []
        self._tag = tag
        self._codes: dict[str, tuple[str, float]] = {}
        self._seconds = seconds
        self._now = now
        self._client_id = "elements-sandbox"
        self._client_secret = secret or secrets.token_urlsafe(24)
        self._access: dict[str, float] = {}
        self._refresh: dict[str, str] = {}

    @property
    def credentials(self) -> dict[str, Any]:
        """What a client needs to ask for a token."""
        return {
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "organisation": ORGANISATION,
            "webservice": WEBSERVICE,
            "scopes": list(SCOPES),
        }

    def accepts(self, token: str | None) -> bool:
        """Whether this access token is alive."""
        return token is not None and self._access.get(token, 0.0) > self._now()

    def expire(self) -> None:
        """Let every access token die; refresh tokens stay."""
        self._access.clear()

    def revoke(self) -> None:
        """Let every access token, refresh token and code die."""
        self._access.clear()
        self._refresh.clear()
        self._codes.clear()

    def knows(self, client_id: str | None) -> bool:
        """Whether there is such a client."""
        return client_id == self._client_id

    def new_code(self, scope: str) -> str:
        """A code for somebody who agreed."""
        code = _token()
        self._codes[code] = (scope, self._now() + _CODE_SECONDS)
        return code

    def implicit(self, scope: str) -> dict[str, Any]:
        """A token for a browser whose user agreed; it cannot be refreshed."""
        given = self._issue(scope).body
        self._refresh.pop(given["refresh_token"])
        self._note("implicit", "issued")
        return given

    def grant(self, *, authorization: str | None, form: Mapping[str, str]) -> TokenAnswer:
        """Answer one request at the token endpoint."""
        answer = self._granted(authorization, form)
        self._note(
            form.get("grant_type", ""),
            str(answer.body.get("error", "issued")),
            presented=form.get("refresh_token") or form.get("code") or "",
            issued=str(answer.body.get("refresh_token", "")),
        )
        return answer

    def _note(
        self, grant_type: str, outcome: str, *, presented: str = "", issued: str = ""
    ) -> None:
        self.events.append(
            TokenEvent(
                at=self._now(),
                grant_type=grant_type,
                outcome=outcome,
                presented=_fingerprint(presented),
                issued=_fingerprint(issued),
            )
        )
        if len(self.events) > _EVENTS:
            del self.events[: _EVENTS // 10]

    def _granted(self, authorization: str | None, form: Mapping[str, str]) -> TokenAnswer:
        if not self._is_client(authorization):
            return _refused(
                "invalid_client",
                "The client credentials are missing or wrong",
                status=401,
                headers={"WWW-Authenticate": 'Basic realm="Elements sandbox"'},
            )
        match form.get("grant_type"):
            case "organisation":
                return self._organisation(form)
            case "refresh_token":
                return self._refreshed(form)
            case "authorization_code":
                return self._exchanged(form)
            case None | "":
                return _refused("invalid_request", "grant_type is missing")
            case _:
                return _refused("unsupported_grant_type", "This grant is not supported")

    def _organisation(self, form: Mapping[str, str]) -> TokenAnswer:
        missing = [name for name in ("organisation", "webservice", "scope") if not form.get(name)]
        if missing:
            return _refused("invalid_request", f"{', '.join(missing)} missing")
        if form["organisation"] != str(ORGANISATION):
            return _refused("invalid_grant", "The client may not act for this organisation")
        if form["webservice"] != WEBSERVICE:
            return _refused("invalid_request", "There is no such webservice")
        if not set(form["scope"].replace(",", " ").split()) <= set(SCOPES):
            return _refused("invalid_scope", "The client may not ask for this scope")
        return self._issue(form["scope"])

    def _refreshed(self, form: Mapping[str, str]) -> TokenAnswer:
        scope = self._refresh.pop(form.get("refresh_token", ""), None)
        if scope is None:
            return _refused("invalid_grant", "The refresh token is unknown or was used before")
        return self._issue(scope)

    def _exchanged(self, form: Mapping[str, str]) -> TokenAnswer:
        scope, dies = self._codes.pop(form.get("code", ""), ("", 0.0))
        if dies <= self._now():
            return _refused("invalid_grant", "The code is unknown, too old or was used before")
        return self._issue(scope)

    def _issue(self, scope: str) -> TokenAnswer:
        now = self._now()
        self._access = {token: dies for token, dies in self._access.items() if dies > now}
        access, refresh = self._tag + _token(), _token()
        self._access[access] = now + self._seconds
        self._refresh[refresh] = scope
        whole = self._seconds == int(self._seconds)
        return TokenAnswer(
            status=200,
            body={
                "access_token": access,
                "expires_in": int(self._seconds) if whole else self._seconds,
                "token_type": "Bearer",
                "scope": scope,
                "refresh_token": refresh,
            },
            headers={"Cache-Control": "no-store"},
        )

    def _is_client(self, authorization: str | None) -> bool:
        scheme, _, encoded = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except binascii.Error:
            return False
        return hmac.compare_digest(given, f"{self._client_id}:{self._client_secret}".encode())


def _token() -> str:
    """37 hexadecimal digits, as the documented ones are."""
    return secrets.token_hex(19)[:37]


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else ""


def _refused(
    error: str, description: str, *, status: int = 400, headers: Mapping[str, str] | None = None
) -> TokenAnswer:
    return TokenAnswer(
        status=status,
        body={"error": error, "error_description": description},
        headers=headers or {},
    )

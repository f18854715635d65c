"""The page where a person agrees: here nobody is asked, the answer is the desk's."""

import html
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from elements_procura.sandbox.core.answers import Answer
from elements_procura.sandbox.elements.tokens import SCOPES, WEBSERVICE, TokenDesk

PATH: Final = "/oauth/authorize"
_OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"


def authorize(desk: TokenDesk, query: Mapping[str, str]) -> Answer:
    """Answer ``GET /oauth/authorize`` as documented: to the redirect address, or in a title.

    What is wrong with the client or the address to come back to is told on a page: nothing may
    be sent to an address that is not known to be the client's.
    """
    back = query.get("redirect_uri") or _OUT_OF_BAND
    if not desk.knows(query.get("client_id")):
        return _page("Unknown client", status=400)
    if not _is_allowed(back):
        return _page("This redirect_uri is not registered", status=400)
    given = _given(desk, query)
    if "state" in query:
        given["state"] = query["state"]
    if back == _OUT_OF_BAND:
        title = given.get("code") or given.get("access_token") or given["error"]
        return _page(title, status=400 if "error" in given else 200)
    join = "&" if "?" in back else "?"
    location = back + join + urlencode(given, quote_via=quote)
    headers = {"Location": location, **_NOT_KEPT}
    return Answer(status=302, body=b"", content_type="text/html", headers=headers)


_NOT_KEPT: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def _given(desk: TokenDesk, query: Mapping[str, str]) -> dict[str, str]:
    kind, scope = query.get("response_type"), query.get("scope", "")
    if not query.get("state") or query.get("webservice") != WEBSERVICE or not scope:
        return {"error": "invalid_request"}
    if kind not in ("code", "token"):
        return {"error": "unsupported_response_type"}
    if not set(scope.split()) <= set(SCOPES):
        return {"error": "invalid_scope"}
    if not desk.consents:
        return {"error": "access_denied"}
    if kind == "code":
        return {"code": desk.new_code(scope)}
    issued = desk.implicit(scope)
    return {name: str(value) for name, value in issued.items() if name != "refresh_token"}


def _is_allowed(back: str) -> bool:
    if back == _OUT_OF_BAND:
        return True
    parts = urlsplit(back)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")


def _page(title: str, *, status: int) -> Answer:
    body = f"<!doctype html><title>{html.escape(title)}</title><p>{html.escape(title)}</p>"
    return Answer(
        status=status, body=body.encode(), content_type="text/html", headers=dict(_NOT_KEPT)
    )

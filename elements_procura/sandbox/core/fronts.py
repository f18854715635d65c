"""What stands in front of an API and answers in its place."""

from typing import Final

from elements_procura.sandbox.core.answers import Answer

_HTML: Final = "text/html; charset=utf-8"
_TEXT: Final = "text/plain; charset=utf-8"


def _page(title: str) -> bytes:
    head = f"<!DOCTYPE html>\r\n<html><head><title>{title}</title></head>\r\n<body>"
    return f"{head}<center><h1>{title}</h1></center><hr></body></html>\r\n".encode()


def _html(status: int, title: str, **headers: str) -> Answer:
    return Answer(status=status, body=_page(title), content_type=_HTML, headers=headers)


FRONTS: Final = {
    "default-backend": Answer(status=404, body=b"default backend - 404", content_type=_TEXT),
    "waf": Answer.error(403, "Forbidden"),
    "gone-page": _html(410, "410 Gone"),
    "bad-gateway": _html(502, "502 Bad Gateway"),
    "unavailable": _html(503, "503 Service Temporarily Unavailable", **{"Retry-After": "1"}),
    "page": _html(200, "Er wordt onderhoud gepleegd"),
    "bad-request-page": _html(400, "400 Bad Request"),
    "maintenance": Answer.error(200, "maintenance"),
    "invalid-token": Answer.error(200, "invalid_token"),
    "refused-token": Answer.error(401, "invalid_token"),
    "login-page": _html(401, "401 Authorization Required"),
    "empty": Answer(body=b""),
}
"""What is answered, by the name of the weather."""

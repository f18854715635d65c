"""Single searches: failures by their cause, and answers that are cut or none at all. Pure."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from elements_procura.core.answers import Response
from elements_procura.core.http import Request
from elements_procura.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    PayloadTooLarge,
    ProtocolError,
    RequestError,
    ServerError,
    ServerFault,
    ServerText,
    StatusError,
    TransportError,
)
from elements_procura.paths import Path
from elements_procura.procura._api import decoded
from elements_procura.procura._narrowing import AnswerRows, Failure
from elements_procura.procura._searching import failure_of, found_in

ROWS = [{"dossierId": "A"}, {"dossierId": "B"}]
SEARCH = Request("POST", Path.literal("/api/v1/dossiers/search"), repeatable=True)


def failed(kind: type[StatusError], status: int, *, says: str = "", fault: str = "") -> StatusError:
    error = kind("x", method="POST", template="/x", status=status)
    error.server_message = ServerText(says)
    error.faults = (ServerFault("", fault),) if fault else ()
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (failed(ServerError, 504), "time"),
        (failed(ServerError, 524), "time"),
        (failed(ServerError, 500, says="Timeout on blocking read for 1 NANOSECONDS"), "time"),
        (failed(ServerError, 500, fault="Timeout on blocking read for 1 NANOSECONDS"), "time"),
        (failed(ServerError, 500, says="upstream request timeout"), "time"),
        *((failed(StatusError, status), "time") for status in (408, 460, 499)),
        (TransportError("x", method="POST", template="/x"), "time"),
        (failed(ServerError, 500, says="Text '20240600' could not be parsed"), "a row"),
        (failed(NotFound, 500), "a row"),
        (ProtocolError("x", method="POST", template="/x", status=200), "a row"),
        (failed(BadRequest, 500), "a refusal"),
        (failed(BadRequest, 400), "a refusal"),
        (failed(BadRequest, 422), "a refusal"),
        (failed(PayloadTooLarge, 413), "a refusal"),
        (failed(Forbidden, 403), None),
        (failed(NotFound, 404), None),
        (failed(StatusError, 409), None),
    ],
)
def test_why_a_search_fails(error: RequestError, cause: str | None) -> None:
    found = failure_of(error)
    if found is None:
        assert cause is None
    else:
        assert cause == ("a refusal" if found.is_refusal else "time" if found.is_time else "a row")


def answered(body: Any) -> AnswerRows | Failure:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return found_in(Response(200, {}, raw, SEARCH), 100, decoded(raw))


def page(**others: Any) -> dict[str, Any]:
    return {"content": ROWS, "elements": 2, "totalElements": 2, "totalPages": 1} | others


@pytest.mark.parametrize(
    ("make", "is_cut"),
    [
        (lambda: {"result": page()}, False),
        (lambda: {"result": page(totalElements=3)}, True),
        (lambda: {"result": page(totalPages=2)}, True),
        (lambda: {"result": page(last=False)}, True),
        (lambda: {"result": page(hasNext=True)}, True),
        (lambda: {"result": page(), "totalElements": 3}, True),
        (lambda: {"result": page(), "hasMore": True}, True),
    ],
)
def test_a_page_that_was_cut(make: Callable[[], Any], is_cut: bool) -> None:
    found = answered(make())
    assert isinstance(found, AnswerRows)
    assert (len(found.rows), found.is_cut) == (2, is_cut)


@pytest.mark.parametrize(
    ("body", "is_time"),
    [
        (b'{"result": {"content": [{"dossierId": "A"', True),
        (b"<html>", False),
        (b"", False),
        ({"result": page(content=[], elements=0), "errors": [{"code": "x"}]}, False),
        ({"error": "x"}, False),
    ],
)
def test_an_answer_that_is_no_page(body: Any, is_time: bool) -> None:
    found = answered(body)
    assert isinstance(found, Failure)
    assert found.is_time is is_time

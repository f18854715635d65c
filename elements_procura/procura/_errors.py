"""The meaning of Procura's refusals. Pure.

The body's ``code`` says ``internalError`` for nearly everything, and most mistakes of the caller
come as a 500. So the status decides, and then the text in ``cause.message``: the server's own
(English) or its back office's (Dutch).
"""

import re
from http import HTTPStatus
from typing import Any, TypeVar

from elements_procura import _json
from elements_procura.core.answers import Response, judged, status_error
from elements_procura.errors import NotFound, ServerError, ServerText, StatusError
from elements_procura.procura._texts import Meaning, is_timeout, meaning_of
from elements_procura.redact import body_shape

E = TypeVar("E", bound=StatusError)

_PLAIN = re.compile(
    r"[A-Za-z]+(?: [A-Za-z]+){0,5} (?:is|are) mandatory(?: if liveInApplicable is true)?"
    r"|[a-z ]{1,40} (?:must|may) not be (?:empty|blank|null)"
    r"|time must match HH:mm|No persons found|Multiple people found"
    r"|(?:No person|Multiple people) found with the BSN of the [a-z /]{1,24}"
)
"""Texts of the server that name a field at most, and so may be shown."""


def server_message(body: bytes) -> str:
    """The server's message, from all its nested causes; empty without one."""
    return "; ".join(_texts(body))


def _texts(body: bytes) -> tuple[str, ...]:
    try:
        cause: Any = _json.loads(body)
    except ValueError:
        return ()
    texts: list[str] = []
    if isinstance(cause, dict):
        cause = cause.get("cause", cause)
    while isinstance(cause, dict) and len(texts) < _DEEPEST:
        text = cause.get("message") or cause.get("foutmelding")
        if isinstance(text, str):
            texts.append(text)
        cause = cause.get("cause")
    return tuple(dict.fromkeys(texts))


def is_settled(status: int, body: bytes, *, is_write: bool) -> bool:
    """Whether a 5xx is the application's own answer rather than trouble on the way to it.

    A read may be asked again unless the text settles it. A write is never asked again by the
    session, so it only matters whether there is a text to pass on.
    """
    if is_write:
        return status == HTTPStatus.INTERNAL_SERVER_ERROR and bool(_texts(body))
    meaning = _meaning(status, body)
    return meaning is not None and meaning.is_settled


def is_own_failure(body: bytes) -> bool:
    """Whether a 500 has the form of the server's own errors and does not blame its back office.

    In a search it is a row that cannot be converted: sending the same again is useless.
    """
    try:
        data: Any = _json.loads(body)
    except ValueError:
        return False
    if not isinstance(data, dict) or not isinstance(data.get("code"), str):
        return False
    meaning = meaning_of(_texts(body))
    return (meaning is None or meaning.is_settled) and not is_timeout(server_message(body))


def refusal(response: Response) -> StatusError:
    """The exception for an answer of 4xx or 5xx."""
    error = status_error(response)
    text = server_message(response.body)
    meaning = _meaning(response.status, response.body)
    if meaning is not None:
        kind = meaning.read if response.request.repeatable else meaning.write
        told = meaning.text
        if kind is ServerError:
            told = f"the server answered {response.status}: {told}"
        error = _error(kind, told, response)
    elif _PLAIN.fullmatch(text):
        error = _error(type(error), f"the server answered {response.status}: {text}", response)
    if text:
        error.server_message = ServerText(text)
    return error


def is_refusal(error: StatusError) -> bool:
    """Whether ``error`` proves that a write was not carried out."""
    return not isinstance(error, ServerError)


def is_of_another_kind(error: NotFound) -> bool:
    """Whether the dossier exists but is of another kind than was asked for."""
    meaning = meaning_of((error.server_message,))
    return meaning is not None and not issubclass(meaning.write, NotFound)


def not_found(response: Response, text: str) -> NotFound:
    """The exception for a missing thing that is answered with another status than 404."""
    error = _error(NotFound, text, response)
    error.is_proven = True  # whoever calls this has found the server's own way to say so
    return error


def _meaning(status: int, body: bytes) -> Meaning | None:
    if status not in _TELLING:
        return None
    meaning = meaning_of(_texts(body))
    is_broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return meaning if meaning is None or meaning.is_settled or is_broken else None


def _error(kind: type[E], text: str, response: Response) -> E:
    error = kind(
        text,
        method=response.request.method,
        template=response.request.path.template,
        status=response.status,
        body=body_shape(response.body),
        attempts=response.attempts,
    )
    return judged(error, response)


_DEEPEST = 20
_TELLING = (400, 404, 409, 422, 500, 502, 503, 504)
"""Statuses whose meaning depends on the text; the others are clear by themselves."""

"""What a refusal of Procura means. Pure.

The body's ``code`` says ``internalError`` for nearly everything, and most of what is the caller's
mistake comes as a 500. So the status decides, and then the text in ``cause.message``: the server's
own (English) or its back office's (Dutch).
"""

import re
from http import HTTPStatus
from typing import Any, TypeVar

import orjson

from elements_procura.answers import Response, status_error
from elements_procura.errors import (
    AlreadyExists,
    BadRequest,
    NotFound,
    ServerError,
    StatusError,
)
from elements_procura.redact import body_shape

E = TypeVar("E", bound=StatusError)

_MEANINGS: tuple[tuple[re.Pattern[str], type[StatusError], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind, text)
    for pattern, kind, text in (
        (r"Er is geen zaak met zaak-id", NotFound, "there is no dossier with this id"),
        (r"Document niet gevonden", NotFound, "there is no such document"),
        (r"requested resource could not be found", NotFound, "there is no such thing"),
        (r"Er is al een zaak met zaak-id", AlreadyExists, "the id or reference is taken"),
        (
            r"Er zijn meerdere zaken met zaak-id",
            BadRequest,
            "several dossiers have this id",
        ),
        (r"Geen persoon met bsn", BadRequest, "the server knows nobody with this BSN"),
        (r"Bsn .*is incorrect|Incorrecte BSN", BadRequest, "the server finds a BSN wrong"),
        (
            r"BSN's van de partners kunnen niet",
            BadRequest,
            "the partners of a commitment cannot be changed",
        ),
        (r"Geen huwelijkslocatie gevonden", BadRequest, "the server does not know the location"),
        (r"Geen huwelijksoptie gevonden", BadRequest, "the server does not know the option"),
        (r"Geen ambtenaar genaamd", BadRequest, "the server does not know the official"),
        (r"Geen getuige met bsn", BadRequest, "the server does not know the witness"),
        (r"Only one BSN is supported", BadRequest, "only one BSN can be searched by"),
        (r"Unknown type:", BadRequest, "the server does not know this type of import"),
    )
)
"""Texts that settle a matter whatever the status: the first that is found holds."""
_PLAIN = re.compile(
    r"[A-Za-z]+(?: [A-Za-z]+){0,5} (?:is|are) mandatory(?: if liveInApplicable is true)?"
    r"|[a-z ]{1,40} (?:must|may) not be (?:empty|blank|null)"
    r"|time must match HH:mm|No persons found|Multiple people found"
    r"|(?:No person|Multiple people) found with the BSN of the [a-z /]{1,24}"
)
"""Texts of the server that name a field at most, and so may be shown."""


def server_message(body: bytes) -> str:
    """What the server says went wrong, out of all its nested causes; empty when nothing."""
    try:
        cause: Any = orjson.loads(body)
    except ValueError:
        return ""
    texts: list[str] = []
    if isinstance(cause, dict):
        cause = cause.get("cause", cause)
    while isinstance(cause, dict) and len(texts) < _DEEPEST:
        text = cause.get("message") or cause.get("foutmelding")
        if isinstance(text, str):
            texts.append(text)
        cause = cause.get("cause")
    return "; ".join(dict.fromkeys(texts))


def is_settled(status: int, body: bytes, *, is_write: bool) -> bool:
    """Whether a 5xx is the application's own answer rather than trouble on the way to it.

    A read may be asked again unless the text settles it. A write is never asked again by the
    session, so all that matters is whether there is a text to be told.
    """
    text = server_message(body)
    if is_write:
        return status == HTTPStatus.INTERNAL_SERVER_ERROR and bool(text)
    return _meaning(text) is not None


def refusal(response: Response) -> StatusError:
    """The exception for an answer of 4xx or 5xx."""
    error = status_error(response)
    text = server_message(response.body)
    meaning = _meaning(text)
    if meaning is not None:
        error = _error(meaning[0], meaning[1], response)
    elif _PLAIN.fullmatch(text):
        error = _error(type(error), f"the server answered {response.status}: {text}", response)
    error.server_message = text
    return error


def is_refusal(error: StatusError) -> bool:
    """Whether ``error`` proves that a write was not carried out."""
    return not isinstance(error, ServerError)


def not_found(response: Response, text: str) -> NotFound:
    """The exception for a thing that is not there, though the status says otherwise."""
    return _error(NotFound, text, response)


def _meaning(text: str) -> tuple[type[StatusError], str] | None:
    for pattern, kind, meaning in _MEANINGS:
        if pattern.search(text):
            return kind, meaning
    return None


def _error(kind: type[E], text: str, response: Response) -> E:
    return kind(
        text,
        method=response.request.method,
        template=response.request.path.template,
        status=response.status,
        body=body_shape(response.body),
        attempts=response.attempts,
    )


_DEEPEST = 20

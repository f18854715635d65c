"""How Procura says no: one shape, and a ``code`` that tells little."""

import datetime as dt
import uuid
from http import HTTPStatus
from typing import Final

from elements_procura.sandbox.core.answers import Answer

_DESCRIPTIONS: Final = {
    "internalError": "The request failed due to an internal server error",
    "notFoundError": "The requested resource could not be found",
    "badRequestError": "The request is not valid",
}


class Problem(Exception):
    """The request ends here, with this status and text."""

    def __init__(self, status: int, text: str | None, code: str = "internalError") -> None:
        super().__init__(text or "")
        self.status = status
        self.text = text
        self.code = code

    def answer(self, path: str) -> Answer:
        """The answer to send."""
        return Answer.of(
            self.status,
            {
                "timestamp": dt.datetime.now().strftime("%Y-%m-%dT%H:%M:%S"),
                "id": str(uuid.uuid4()),
                "code": self.code,
                "description": _DESCRIPTIONS[self.code],
                "cause": {} if self.text is None else {"message": self.text},
                "request": {
                    "id": str(uuid.uuid4()),
                    "details": f"uri={path}",
                    "httpStatus": {
                        "code": self.status,
                        "description": HTTPStatus(self.status).phrase,
                    },
                },
            },
        )


def invalid(text: str) -> Problem:
    """What the server itself finds wrong with a body or a parameter."""
    return Problem(400, text)


def bad_request(text: str) -> Problem:
    """One of the few mistakes that the server calls by that name."""
    return Problem(400, text, "badRequestError")


def broken(text: str | None) -> Problem:
    """Whatever the back office says, and every mistake in the program."""
    return Problem(500, text)


def no_case(name: str) -> Problem:
    """The answer for an unknown id or reference."""
    return broken(f"Er is geen zaak met zaak-id '{name}'")

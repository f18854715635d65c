"""Names of the package that belong to calls and their answers, besides the clients."""

from elements_procura.core.answers import JsonResponse, Response
from elements_procura.core.client import ClientOptions
from elements_procura.core.request_state import Counters
from elements_procura.core.timeouts import Timeouts
from elements_procura.elements._api import CreatedId
from elements_procura.evidence import AnswerKind

__all__ = [
    "AnswerKind",
    "ClientOptions",
    "Counters",
    "CreatedId",
    "JsonResponse",
    "Response",
    "Timeouts",
]

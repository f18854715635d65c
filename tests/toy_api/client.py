"""The client: one coroutine for each endpoint, and the model of what comes."""

from typing import Unpack

import attrs

from elements_procura import _json, paths
from elements_procura.auth.credentials import Given, credentials_of, wrapped
from elements_procura.auth.grants import ClientCredentialsGrant
from elements_procura.core.answers import JsonResponse, Response, protocol_error, status_error
from elements_procura.core.api import Api, M, Resource
from elements_procura.core.client import Client, ClientOptions, Manner, session_of
from elements_procura.core.endpoints import Endpoints
from elements_procura.errors import ElementsProcuraError, ProtocolError
from elements_procura.evidence import AnswerKind
from elements_procura.paths import Path
from elements_procura.scheduler import Rate
from elements_procura.schema.body import Bodies
from elements_procura.schema.model import Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire

ROOT = "/api/toy"
RATES = (Rate(50, 1),)
endpoint = Endpoints(words=("oauth", "token"))


@attrs.define(repr=False, kw_only=True)
class Book(Model):
    """A book of the library."""

    id: int
    title: str | None = None
    pages: int | None = None


def toy_wire() -> Wire:
    """A converter for the bodies of the toy."""
    return Wire({}, embedded=False)


class ToyApi(Api):
    """How the toy answers: plain JSON, a list as a list."""

    def refusal(self, response: Response) -> ElementsProcuraError:
        """The exception for an answer that does not have the documented success."""
        return status_error(response)

    def recognise(
        self, response: Response, expected: AnswerKind
    ) -> JsonResponse | ElementsProcuraError:
        """Decode an answer; a record is an object, a collection a list."""
        wanted = {AnswerKind.RECORD: dict, AnswerKind.COLLECTION: list}.get(expected, object)
        try:
            data = _json.loads(response.body)
        except _json.JsonError:
            return protocol_error(response, "the answer is not JSON")
        if not isinstance(data, wanted):
            return protocol_error(response, "the answer has another form than documented")
        return JsonResponse.of(response, data)

    def records(
        self, answer: JsonResponse, model: type[M], rel: str
    ) -> tuple[M, ...] | ProtocolError:
        """The records of a list."""
        try:
            return tuple(self.wire.structure(row, model) for row in answer.data)
        except WireFault as fault:
            return protocol_error(answer, str(fault), fault.where)


class Books(Resource[ToyApi]):
    """The books of the library."""

    @endpoint("GET", "/api/toy/books")
    async def list(self) -> tuple[Book, ...]:
        """All books."""
        return await self._api.fetch_all(self._path, Book)

    @endpoint("GET", "/api/toy/books/{BOOK_ID}")
    async def get(self, book_id: int) -> Book:
        """One book."""
        return await self._api.fetch(self._at(BOOK_ID=book_id), Book)


class ToyClient(Client[ToyApi]):
    """Awaits calls on one library."""

    api_name = "toy"
    templates = endpoint.templates

    def __init__(
        self, base_url: str, *, credentials: Given, **options: Unpack[ClientOptions]
    ) -> None:
        self._base_url = paths.base_url(base_url)
        grant = ClientCredentialsGrant(credentials_of(wrapped(credentials)), scopes="toy")
        manner = Manner(rates=RATES, max_body=1_000)
        self._session, calls = session_of(manner, self._base_url, grant, **options)
        self._api = ToyApi(self._session, toy_wire(), Bodies({}), calls)

    @property
    def books(self) -> Books:
        """The books of the library."""
        return Books(self._api, Path.literal(f"{ROOT}/books"))

"""Procura's requests and answers: plain JSON, and a server that answers most errors with 500."""

import re
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar, cast
from urllib.parse import quote

from elements_procura import _json, evidence
from elements_procura.core import api
from elements_procura.core.answers import JsonResponse, Response
from elements_procura.core.answers import protocol_error as error_for
from elements_procura.core.api import CallOptions, Query
from elements_procura.core.http import Request
from elements_procura.core.session import Session
from elements_procura.core.turns import LONG, DecodeTask, StructureTask, in_turns
from elements_procura.errors import ElementsProcuraError, InputError, ProtocolError
from elements_procura.evidence import AnswerKind, EvidenceError, Success
from elements_procura.paths import Path
from elements_procura.procura import _proof
from elements_procura.procura._errors import refusal
from elements_procura.procura._steps import SETTLE
from elements_procura.schema.body import Bodies, Given
from elements_procura.schema.model import BodyModel, Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire
from elements_procura.secret import veiled

M = TypeVar("M", bound=Model)
_LONGEST_ID = 255
_OF_THE_SERVER = "documentId"
_UNREAD = object()
_UNSAFE = re.compile(r"\s*|\.{1,2}")


class ProcuraApi(api.Api):
    """A session, its converters, call options, and the time that the back office may take."""

    def __init__(
        self,
        session: Session,
        wire: Wire,
        bodies: Bodies,
        options: CallOptions,
        settle: float = SETTLE,
    ) -> None:
        super().__init__(session, wire, bodies, options)
        self.settle = settle

    def refusal(self, response: Response) -> ElementsProcuraError:
        """The exception for an answer that does not have the documented success."""
        if response.status < HTTPStatus.BAD_REQUEST:
            return protocol_error(response, f"the server answered {response.status}")
        return refusal(response)

    async def answer(
        self, request: Request | InputError, expected: AnswerKind = AnswerKind.ANY
    ) -> JsonResponse:
        """As for any API; a long answer is decoded in turns, so that nobody waits for it."""
        response = await self.send(request)
        found = self.recognise(response, expected, await data_of(response))
        if isinstance(found, JsonResponse):
            return found
        raise self._unreadable(found, response)

    async def long_record(self, answer: JsonResponse, model: type[M]) -> M | ProtocolError:
        """The rows of a long search are made in turns."""
        if not _proof.is_page(answer.data, model, answer.request):
            return self.record(answer, model)
        items, row = answer.data["result"]["content"], _proof.ROWS[model]
        structuring = StructureTask(self.wire, items, row, lambda _: None)
        del items  # no row stays in this frame
        await in_turns(structuring.step)
        if structuring.records is not None:
            answer.data["result"]["content"] = []
        try:
            page: Any = self.wire.structure(answer.data, model)
        except WireFault as fault:
            return error_for(answer, str(fault), fault.where)
        if structuring.records is not None:
            page.result.content = structuring.records
        elif structuring.at:
            answer.data = decoded(answer.body)
            return self.record(answer, model)
        return cast("M", page)

    async def fetch_all(
        self, path: Path, model: type[M], *, rel: str = "", query: Query = ()
    ) -> tuple[M, ...]:
        """As for any API; the records of a long list are made in turns."""
        answer = await self.answer(self.request("GET", path, query), AnswerKind.COLLECTION)
        first = 0
        if len(answer.body) > LONG and isinstance(answer.data, list):
            check = partial(_proof.check_rows, model=model, request=answer.request)
            structuring = StructureTask(self.wire, answer.data, model, check)
            await in_turns(structuring.step)
            if structuring.records is not None:
                return structuring.records
            first = structuring.at
            answer.data = answer.data[first:]
        records = self.records(answer, model, rel, first=first)
        if isinstance(records, ProtocolError):
            raise records
        return records

    def recognise(
        self, response: Response, expected: AnswerKind, data: Any = _UNREAD
    ) -> JsonResponse | ElementsProcuraError:
        """Decode an answer of the documented kind. Null is JSON: a list that was left unset."""
        data = decoded(response.body) if data is _UNREAD else data
        if expected is AnswerKind.RECORD and not isinstance(data, dict):
            return protocol_error(response, "the answer is not a JSON object")
        is_unset = data is None and response.body.strip() in _UNSET[expected]
        if expected is AnswerKind.COLLECTION and not (is_unset or isinstance(data, list)):
            return protocol_error(response, "the answer is not a JSON list")
        if data is None and not is_unset:
            return protocol_error(response, "the answer is not JSON")
        return JsonResponse.of(response, data, is_identified=False)

    def check(self, answer: JsonResponse, model: type[Model]) -> None:
        """Make sure that an answer belongs to its request, by its top member or its id.

        Raises:
            EvidenceError: Nothing in it shows that.
        """
        _proof.check(answer.data, model, answer.request)

    def records(
        self, answer: JsonResponse, model: type[M], rel: str = "", *, first: int = 0
    ) -> tuple[M, ...] | ProtocolError:
        """The records of a list, whose first row has that number; there are no relations here."""
        number = first
        records = []
        try:
            for number, item in enumerate(answer.data or (), first):
                if not isinstance(item, dict):
                    return error_for(answer, "the row is no object", f"$[{number}]{rel}")
                _proof.check(item, model, answer.request)
                records.append(self.wire.structure(item, model))
        except EvidenceError as error:
            return error_for(answer, error.text, f"$[{number}]{error.path[1:]}")
        except WireFault as fault:
            return error_for(answer, str(fault), fault.under(f"[{number}]").where)
        return tuple(records)

    async def post(
        self,
        path: Path,
        body: Given,
        kind: type[BodyModel],
        model: type[M],
        *,
        validate: bool,
        is_read: bool = False,
        success: Success | None = None,
    ) -> M:
        """``POST path``. Raises as :meth:`ask`, and BodyError before anything is sent."""
        request = self.writing(
            "POST", path, body, kind, validate=validate, is_read=is_read, success=success
        )
        return await self.ask(request, model)

    async def submit(
        self, path: Path, body: Given, kind: type[BodyModel], *, validate: bool
    ) -> None:
        """``POST path`` whose answer holds nothing. Raises as :meth:`send`."""
        await self.send(
            self.writing("POST", path, body, kind, validate=validate, success=_proof.TOLD)
        )


class ProcuraResource(api.Resource[ProcuraApi]):
    """Endpoints below one path of Procura."""

    __slots__ = ()


def segment(identifier: object, placeholder: str) -> str:
    """An id, percent-encoded: references are the caller's own text, document ids base64.

    Raises:
        InputError: It is empty, too long, or could lead to another resource.
    """
    # None out of a row without an id would else become the segment "None".
    text = identifier = veiled(str(identifier or ""))
    # A document's id is the server's own, made of the name of its file: it may be of any length.
    is_too_long = placeholder != _OF_THE_SERVER and len(text) > _LONGEST_ID
    if is_too_long or not is_name(text):
        raise InputError(
            f"{placeholder} is not a valid identifier",
            hint=f"Pass the id as text of 1 to {_LONGEST_ID} characters",
        )
    return quote(text, safe="")


def is_name(text: str) -> bool:
    """Whether a text can be a segment of a path: it is not empty and leads nowhere else."""
    return text.isprintable() and _UNSAFE.fullmatch(text) is None


async def data_of(response: Response) -> Any:
    """The JSON in an answer, as :func:`decoded`; that of a long one is read in turns."""
    if len(response.body) > LONG:
        decoding = DecodeTask(response, "result", "content", may_be_list=True)
        await in_turns(decoding.step)
        if decoding.data is not None:
            return decoding.data
    return decoded(response.body)


def decoded(body: bytes) -> Any:
    """The JSON in ``body``; None when there is none."""
    try:
        return _json.loads(body)
    except _json.JsonError:
        return None


def protocol_error(response: Response, text: str) -> ProtocolError:
    """The exception for an answer that cannot be the one asked for; HTML is named as such."""
    return error_for(response, evidence.what_else(response.body) or text)


_UNSET: dict[AnswerKind, tuple[bytes, ...]] = {
    AnswerKind.ANY: (b"null",),
    AnswerKind.RECORD: (),
    AnswerKind.COLLECTION: (b"", b"null"),
}
"""The bodies that hold nothing and are documented to."""

"""Procura's requests and answers: plain JSON, and a server that says 500 for nearly everything.

As in the package's ``_api``: bodies are written, decoded and judged in functions that return what
went wrong instead of raising it, so that no frame of a traceback holds one.
"""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import attrs
import orjson

from elements_procura import _json, evidence
from elements_procura.clock import Clock
from elements_procura.core.answers import Response, Sent, outcome_unknown
from elements_procura.core.api import CallOptions, Query
from elements_procura.core.http import Request
from elements_procura.core.journal import documented
from elements_procura.core.session import Session
from elements_procura.errors import (
    BodyError,
    BodyFault,
    ElementsProcuraError,
    InputError,
    OutcomeUnknown,
    ProtocolError,
    ServerError,
    ServerText,
)
from elements_procura.evidence import EvidenceError, Success, Verdict
from elements_procura.paths import Path
from elements_procura.procura import _proof
from elements_procura.procura._check import checked, dropped, in_texts
from elements_procura.procura._errors import refusal
from elements_procura.procura._steps import SETTLE
from elements_procura.procura.models.common import Case
from elements_procura.redact import body_shape
from elements_procura.schema.body import Json
from elements_procura.schema.model import BodyModel, Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire
from elements_procura.secret import veiled

log = logging.getLogger("elements_procura.procura")

M = TypeVar("M", bound=Model)
Body = BodyModel | Case | Json
Data = dict[str, Any]
_LONGEST_ID = 255
_OF_THE_SERVER = "documentId"
_UNSAFE = re.compile(r"\s*|\.{1,2}")


class ProcuraApi:
    """A session, a converter and the options of a call."""

    def __init__(
        self,
        session: Session,
        wire: Wire,
        options: CallOptions,
        clock: Clock,
        settle: float = SETTLE,
    ) -> None:
        self.settle = settle
        self.session = session
        self.wire = wire
        self.options = options
        self.clock = clock

    def with_options(self, options: CallOptions) -> "ProcuraApi":
        """The same, with other options for the calls made on it."""
        return ProcuraApi(self.session, self.wire, options, self.clock, self.settle)

    def request(self, method: str, path: Path, query: Query = ()) -> Request:
        """A request with this API's options."""
        return Request(
            method,
            path,
            query=query,
            repeatable=method == "GET",
            timeouts=self.options.timeouts,
            max_bytes=self.options.max_response_bytes,
            attempts=self.options.attempts,
        )

    async def send(self, request: Request | InputError) -> Response:
        """Send ``request`` and return its answer of 2xx.

        What kept it from being made is raised here, not where it was made: that frame held what
        the caller gave.

        Raises:
            InputError: It could not be made. Nothing was sent.
            OutcomeUnknown: It writes, and the server failed in a way that proves nothing.
            StatusError: The server refused.
            ElementsProcuraError: See :meth:`Session.send`.
        """
        if isinstance(request, InputError):
            raise request
        response = await self.session.send(request, priority=self.options.priority)
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise self._refused(response)
        if request.repeatable:
            if response.status != HTTPStatus.OK:
                raise protocol_error(response, f"the server answered {response.status}")
        elif documented(request, response) is not Verdict.DONE:
            raise self._not_documented(response)
        return response

    async def fetch(self, path: Path, model: type[M], query: Query = ()) -> M:
        """``GET path`` as one record. Raises as :meth:`send`, and ProtocolError."""
        return await self.ask(self.request("GET", path, query), model)

    async def fetch_all(self, path: Path, model: type[M]) -> tuple[M, ...]:
        """``GET path``, a list, as records. Raises as :meth:`fetch`."""
        records = self._records(await self.send(self.request("GET", path)), model)
        if isinstance(records, ProtocolError):
            raise records
        return records

    async def ask(self, request: Request | InputError, model: type[M]) -> M:
        """Send ``request`` and structure its answer. Raises as :meth:`fetch`."""
        response = await self.send(request)
        record = self._record(response, model)
        if isinstance(record, ProtocolError):
            raise record if response.request.repeatable else self._not_documented(response)
        return record

    async def post(
        self,
        path: Path,
        body: Body,
        kind: type[BodyModel],
        model: type[M],
        *,
        validate: bool,
        is_read: bool = False,
        success: Success | None = None,
    ) -> M:
        """``POST path``. Raises as :meth:`fetch`, and BodyError before anything is sent."""
        request = self.writing(
            path, body, kind, validate=validate, is_read=is_read, success=success
        )
        return await self.ask(request, model)

    async def tell(self, path: Path, body: Body, kind: type[BodyModel], *, validate: bool) -> None:
        """``POST path`` whose answer holds nothing. Raises as :meth:`post`."""
        await self.send(self.writing(path, body, kind, validate=validate, success=_proof.TOLD))

    def writing(
        self,
        path: Path,
        body: Body,
        kind: type[BodyModel],
        *,
        validate: bool,
        is_read: bool = False,
        success: Success | None = None,
    ) -> Request | BodyError:
        """The request that carries ``body``, or what is wrong with it."""
        data = self.data(body, kind, validate=validate)
        return self.carrying(path, data, is_read=is_read, success=success)

    def data(
        self, body: Body, kind: type[BodyModel], *, validate: bool
    ) -> Data | tuple[BodyFault, ...]:
        """``body`` as JSON, checked and with its citizen numbers padded unless told not to.

        A mapping, in the API's own spelling, is checked as ``kind`` would be, and so is a record:
        it is sent back as it was read, or as it was changed since.
        """
        if isinstance(body, Case):
            body = self.wire.to_wire(body)
        if not isinstance(body, kind | Mapping):
            return (BodyFault("$", f"must be a {kind.__name__} or a mapping"),)
        if isinstance(body, Mapping):
            if not validate:
                return dict(body)
            try:
                body = self.wire.structure(in_texts(body, kind), kind)
            except WireFault as fault:
                return (BodyFault(fault.where, str(fault)),)
        if validate:
            found = checked(body)
            if isinstance(found, tuple):
                return found
            body = found
            for where in dropped(body):
                log.warning("the server takes %s of this body and drops it", where)
        return self.wire.to_wire(body)

    def carrying(
        self,
        path: Path,
        data: Data | tuple[BodyFault, ...],
        *,
        is_read: bool = False,
        success: Success | None = None,
    ) -> Request | BodyError:
        """The request that carries ``data``, or the error for what is wrong with it."""
        request = self.request("POST", path)
        if not isinstance(data, tuple):
            try:
                encoded = orjson.dumps(data)
                return attrs.evolve(request, body=encoded, repeatable=is_read, success=success)
            except TypeError:
                data = (BodyFault("$", "holds a value that JSON has no place for"),)
        return BodyError(f"{request.name}: the body cannot be sent", faults=data)

    def outcome_unknown(
        self, request: Request, text: str, *, attempts: int, cause: ElementsProcuraError | None
    ) -> OutcomeUnknown:
        """The exception for a write of which nobody knows whether it was carried out."""
        words = (getattr(cause, "server_message", ServerText("")), getattr(cause, "faults", ()))
        return outcome_unknown(request, text, Sent(attempts, self.clock.wall()), words=words)

    def _not_documented(self, response: Response) -> OutcomeUnknown:
        text = f"the server answered {response.status} in a way that is not documented"
        return self.outcome_unknown(response.request, text, attempts=response.attempts, cause=None)

    def _refused(self, response: Response) -> ElementsProcuraError:
        error = refusal(response)
        if response.request.repeatable or not isinstance(error, ServerError):
            return error
        return self.outcome_unknown(
            response.request,
            f"the server answered {response.status}",
            attempts=response.attempts,
            cause=error,
        )

    def _record(self, response: Response, model: type[M]) -> M | ProtocolError:
        data = decoded(response.body)
        if not isinstance(data, dict):
            return protocol_error(response, "the answer is no JSON object")
        try:
            _proof.check(data, model, response.request)
            return self.wire.structure(data, model)
        except EvidenceError as error:
            return protocol_error(response, error.text, error.path)
        except WireFault as fault:
            return protocol_error(response, str(fault), fault.where)

    def _records(self, response: Response, model: type[M]) -> tuple[M, ...] | ProtocolError:
        data = decoded(response.body)
        if data is None and response.body.strip() in (b"", b"null"):
            return ()
        if not isinstance(data, list):
            return protocol_error(response, "the answer is no JSON list")
        number = 0
        records = []
        try:
            for number, item in enumerate(data):
                if not isinstance(item, dict):
                    return protocol_error(response, "the row is no object", f"$[{number}]")
                _proof.check(item, model, response.request)
                records.append(self.wire.structure(item, model))
        except EvidenceError as error:
            return protocol_error(response, error.text, f"$[{number}]{error.path[1:]}")
        except WireFault as fault:
            return protocol_error(response, str(fault), fault.under(f"[{number}]").where)
        return tuple(records)


class ProcuraResource:
    """Endpoints below one path. Holds no state: making one costs nothing and sends nothing."""

    __slots__ = ("_api", "_path")

    def __init__(self, api: ProcuraApi, path: Path) -> None:
        self._api = api
        self._path = path

    def _at(self, *names: str, **identifier: str) -> Path:
        identifier = {name: veiled(given) for name, given in identifier.items()}
        return below(self._path, *names, **identifier)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path.template}>"


def below(path: Path, *names: str, **identifier: str) -> Path:
    """``path`` with literal ``names`` appended and then the identifiers, percent-encoded.

    Raises:
        InputError: An identifier is empty, too long, or could lead to another resource.
    """
    path = path.at(*names)
    identifier = {name: veiled(given) for name, given in identifier.items()}
    for placeholder, given in identifier.items():
        path = Path(
            f"{path.value}/{segment(given, placeholder)}", f"{path.template}/{{{placeholder}}}"
        )
    return path


def segment(identifier: str | None, placeholder: str) -> str:
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
            f"{placeholder} is no identifier",
            hint=f"Pass the id as text of 1 to {_LONGEST_ID} characters",
        )
    return quote(text, safe="")


def is_name(text: str) -> bool:
    """Whether a text can be a segment of a path: it is not empty and leads nowhere else."""
    return text.isprintable() and _UNSAFE.fullmatch(text) is None


def decoded(body: bytes) -> Any:
    """The JSON in ``body``; None when there is none."""
    try:
        return _json.loads(body)
    except _json.JsonError:
        return None


def protocol_error(response: Response, text: str, path: str = "") -> ProtocolError:
    """The exception for an answer that cannot be the one asked for."""
    return ProtocolError(
        evidence.what_else(response.body) or text,
        method=response.request.method,
        template=response.request.path.template,
        status=response.status,
        path=path,
        body=body_shape(response.body),
        attempts=response.attempts,
    )

"""Reading answers of Elements into JSON, or into their faults. Sends nothing.

Faults are returned instead of raised, so that no frame of a traceback holds a body.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import attrs

from elements_procura import evidence
from elements_procura.core.answers import (
    JsonResponse,
    Response,
    header_names,
    protocol_error,
    status_error,
)
from elements_procura.core.http import Request
from elements_procura.core.turns import LONG, DecodeTask, StructureTask
from elements_procura.errors import (
    IncompleteAnswer,
    ProtocolError,
    StatusError,
)
from elements_procura.evidence import AnswerKind, EvidenceError, Incomplete
from elements_procura.paths import Path
from elements_procura.schema import hal
from elements_procura.schema.hal import Row
from elements_procura.schema.model import Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire

M = TypeVar("M", bound=Model)
T = TypeVar("T")
log = logging.getLogger("elements_procura.http")


@attrs.frozen(eq=False, repr=False)
class Fault:
    """A fault of an answer.

    Attributes:
        text: Without values.
        path: Where.
        is_incomplete: Whether the answer says itself that there is more.
    """

    text: str
    path: str = ""
    is_incomplete: bool = False

    @classmethod
    def of(cls, error: EvidenceError) -> "Fault":
        """Make a fault of an evidence error, without its frames."""
        return cls(error.text, error.path, isinstance(error, Incomplete))

    def of_answer(self, response: Response) -> ProtocolError:
        """The exception for it."""
        kind = IncompleteAnswer if self.is_incomplete else ProtocolError
        return protocol_error(response, self.text, self.path, kind=kind)


STRAY = Fault("the answer is another resource's: its self link differs", evidence.SELF)


@attrs.frozen(eq=False, repr=False)
class Stranger:
    """An answer whose self link names another resource.

    Attributes:
        link: The address it gives for itself.
        ids: By which it would be known again.
        response: The answer.
        is_record: Whether the id is its own.
    """

    link: str
    ids: tuple[Any, ...]
    response: Response
    is_record: bool = False

    def is_like(self, other: "Stranger") -> bool:
        """Whether it has the same self link and the same ids as ``other``."""
        return (self.link, self.ids) == (other.link, other.ids)

    def may_be(self, expected: AnswerKind) -> bool:
        """Whether its ids could show that it is the requested resource under another self link."""
        if self.is_record and expected is not AnswerKind.COLLECTION:
            return bool(self.ids)
        path = self.response.request.path.value
        return bool(self.ids) and evidence.is_same_owner(path, self.link)

    def __repr__(self) -> str:
        return "<Stranger>"


class SelfLinks:
    """Self links that differ from the requested path, accepted as the habit of a server.

    Shared by all that one client reads. A rule (a proxy that adds to every path) holds for all
    paths, anything else for one.
    """

    def __init__(self) -> None:
        self._rules: set[tuple[str, str]] = set()
        self._links: set[int] = set()
        self._once: set[int] = set()
        self._warned: set[str] = set()
        self.missing: set[str] = set()
        """Templates of paths whose answers come without any: each needs its own connection."""

    def knows(self, path: Path, link: str) -> bool:
        """Whether this server is known to use ``link`` as the self link of ``path``."""
        rule = evidence.rewriting(path.value, link)
        return rule in self._rules or hash((path.value, link)) in self._links

    def is_second(self, path: Path, link: str) -> bool:
        """Whether an earlier answer for ``path`` was refused for this same ``link``."""
        name = hash((path.value, link))
        if name in self._once:
            return True
        self._once.add(name)
        return False

    def learn(self, path: Path, link: str) -> None:
        """Accept ``link`` as the server's self link of ``path``, and warn once."""
        rule = evidence.rewriting(path.value, link)
        if rule is not None:
            self._rules.add(rule)
        elif len(self._links) < _MOST_LINKS:
            self._links.add(hash((path.value, link)))
        if path.shown not in self._warned:
            self._warned.add(path.shown)
            log.warning(
                "GET %s: the self link differs, twice alike and with the same ids; it is taken for"
                " this server's manner",
                path.template,
            )


class CreatedId(int):
    """The id of a record that a call has added.

    Attributes:
        location: The path that the server gave for it.
    """

    location: str

    def __new__(cls, identifier: int, location: str = "") -> Self:
        """An id that knows where it was found."""
        created = super().__new__(cls, identifier)
        created.location = location
        return created


class Arrival:
    """One answer that arrives in pieces, as a collection.

    Args:
        request: What was asked.
        rel: Name of the collection's relation.
        self_links: The self links accepted from this server.
        first: The self link of the earlier answer, if the request is repeated because of it.

    Attributes:
        items: Takes the body apart.
        fault: Its first fault, or None.
        stranger: Its differing self link, if that was seen before any row was returned.
    """

    def __init__(
        self, request: Request, rel: str, self_links: SelfLinks, first: Stranger | None
    ) -> None:
        path = request.path
        self.items = hal.Items(rel, path.value, accepts=self._accepts)
        self.fault: Fault | None = None
        self.stranger: Stranger | None = None
        self._path = path
        self._rel = rel
        self._self_links = self_links
        self._first = first
        self._learnt = ""
        self._request = request

    @property
    def head(self) -> Response:
        """How the answer begins."""
        return Response(HTTPStatus.OK, {}, self.items.head, self._request)

    def feed(
        self, piece: memoryview, make: Callable[[Any, hal.Items], T | Fault | None]
    ) -> Iterator[T]:
        """Yield ``make`` of each row that ``piece`` completes, without the Nones.

        Args:
            piece: The next bytes.
            make: Called with a row and what took it apart.
        """
        try:
            for row in self.items.feed(bytes(piece)):
                if self._first is not None and not self._is_as_before(row):
                    self.fault = STRAY
                    return
                made = make(row, self.items)
                if isinstance(made, Fault):
                    self.fault = made
                    return
                if made is not None:
                    yield made
        except evidence.Stray as stray:
            self.fault = STRAY
            if not self.items.count:
                self.stranger = Stranger(stray.link, self._first_ids(), self.head)
        except EvidenceError as error:
            self.fault = Fault.of(error)

    def close(self, headers: Mapping[str, str]) -> None:
        """Say that the body has ended.

        Args:
            headers: Of the answer, by lower-case name.
        """
        try:
            self.items.close(headers)
        except EvidenceError as error:
            self.fault = Fault.of(error)
        else:
            if self._learnt:
                self._self_links.learn(self._path, self._learnt)

    def _accepts(self, link: str) -> bool:
        if self._self_links.knows(self._path, link):
            return True
        first = self._first
        if self.items.count:
            is_manner = self._self_links.is_second(self._path, link)
        else:
            is_manner = (
                first is not None and first.link == link and first.may_be(AnswerKind.COLLECTION)
            )
        if is_manner:
            self._learnt = link
        return is_manner

    def _is_as_before(self, row: Any) -> bool:
        ids = () if self._first is None else self._first.ids
        at = self.items.count - 1
        return at >= len(ids) or ids[at] == evidence.row_id(row)

    def _first_ids(self) -> tuple[Any, ...]:
        """The ids of the rows that the beginning of the answer holds."""
        items = hal.Items(self._rel, self._path.value, accepts=lambda _: True)
        ids: list[Any] = []
        with contextlib.suppress(EvidenceError):
            ids += [evidence.row_id(row) for row in items.feed(self.items.head)]
        return () if None in ids else tuple(ids)


def decoding_of(response: Response, expected: AnswerKind) -> DecodeTask | None:
    """What reads a long collection in turns; None for anything else."""
    if expected is not AnswerKind.COLLECTION or len(response.body) <= LONG:
        return None
    rel = response.request.path.value.rstrip("/").rpartition("/")[2]
    return DecodeTask(response, "_embedded", rel)


def structuring_of(wire: Wire, answer: JsonResponse, model: type[M], rel: str) -> StructureTask[M]:
    """What makes the records of a long collection in turns."""
    items: list[Any] = []
    with contextlib.suppress(EvidenceError):
        items = evidence.relation(answer.data, rel, is_named=True)
    return StructureTask(wire, items, model, lambda part: evidence.check_rows(part, rel))


def records_in(
    wire: Wire, answer: JsonResponse, model: type[M], rel: str
) -> tuple[M, ...] | ProtocolError:
    """The records in the relation ``rel`` of a collection."""
    try:
        items = evidence.relation(answer.data, rel, is_named=True)
    except EvidenceError as error:
        return Fault.of(error).of_answer(answer)
    try:
        records = wire.structure_all(items, model)
        evidence.check_rows(items, rel)
        return tuple(records)
    except EvidenceError as error:
        return Fault.of(error).of_answer(answer)
    except WireFault:
        for index, item in enumerate(items):
            try:
                if item is not None:
                    wire.structure(item, model)
            except WireFault as fault:
                where = fault.under(f"[{index}]").under(rel).where
                return protocol_error(answer, str(fault), where)
        raise


def as_it_came(row: Any, items: hal.Items) -> Row:
    """A row of a stream, with its bytes."""
    if isinstance(row, hal.UnreadableRow):
        return Row(None, items.where, row.reason)
    return Row(row, items.where, body=items.body)


def typed(wire: Wire, row: Any, where: str, model: type[M]) -> M | Fault | None:
    """The record in a row of a stream, or its fault; None for a row that is null."""
    if row is None:
        return None
    if isinstance(row, hal.UnreadableRow):
        return Fault(row.reason, where)
    try:
        record = wire.structure(row, model)
        evidence.check_row(row, where)
    except WireFault as fault:
        return Fault(str(fault), where + fault.where[1:])
    except EvidenceError as error:
        return Fault.of(error)
    return record


def recognised(
    response: Response,
    expected: AnswerKind,
    accepted: str | None = None,
    *,
    data: dict[str, Any] | None = None,
) -> JsonResponse | Stranger | ProtocolError:
    """Read an answer of status 200.

    Args:
        response: The answer.
        expected: The kind of answer that is documented at its path.
        accepted: Another self link that is taken for the path's own.
        data: Its document, where that was decoded before.
    """
    try:
        found = evidence.document(response.body) if data is None else data
        is_list = expected is AnswerKind.COLLECTION
        is_said = is_list and evidence.may_say_more(header_names(response))
        is_identified = evidence.recognise(
            found,
            response.request.path,
            expected,
            accepted=accepted,
            headers=response.headers if is_said else None,
        )
    except evidence.Stray as stray:
        is_record = evidence.usable_id(found.get("id")) is not None
        return Stranger(stray.link, evidence.known_by(found), response, is_record)
    except EvidenceError as error:
        return Fault.of(error).of_answer(response)
    return JsonResponse.of(response, found, is_identified=is_identified)


def refusal(response: Response) -> ProtocolError | StatusError:
    """The exception for an answer other than 200."""
    is_refused = bool(evidence.objections(response.body))
    if response.status < HTTPStatus.BAD_REQUEST and not is_refused:
        return protocol_error(response, f"the server answered {response.status}")
    return status_error(response)


def location_of(response: Response, identifier: int) -> str:
    """The path of the added record."""
    location = response.headers.get("location", "")
    try:
        path = urlsplit(location).path
    except ValueError:  # such as "http://[": it leads nowhere
        path = ""
    if path.startswith("/"):
        return path
    return f"{response.request.path.value.rstrip('/')}/{identifier}"


_MOST_LINKS = 100_000

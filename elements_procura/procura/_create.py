"""Filing a case once, whatever happens on the way.

The server lets a case be found by any of its ``referenceIds`` and refuses a second one with the
same. So every case is sent with a reference, and when its fate is not known (a timeout, a reset,
a 500) the client looks for the reference: the case is there and is returned, or it is not and is
sent once more, or nobody can tell and :class:`OutcomeUnknown` says by which reference to look.

What to do next is decided in :func:`after_post` and :func:`after_look`, without I/O.
"""

import enum
import logging
import uuid
from typing import Any, Final, Generic, TypeVar

import attrs

from elements_procura._http import Request
from elements_procura._model import BodyModel
from elements_procura.body import Json
from elements_procura.errors import (
    AlreadyExists,
    BadRequest,
    BodyError,
    ElementsProcuraError,
    Forbidden,
    InputError,
    NotFound,
    OutcomeUnknown,
    ProtocolError,
    StatusError,
)
from elements_procura.paths import Path
from elements_procura.procura._api import Data, ProcuraApi, ProcuraResource
from elements_procura.procura._bsn import normalised
from elements_procura.procura._proof import FILED
from elements_procura.procura.models.common import Case
from elements_procura.procura.models.dossiers import DossierSearchBody, DossierSearchResult
from elements_procura.procura.models.enums import DossierType

log = logging.getLogger("elements_procura.procura")

C = TypeVar("C", bound=Case)
ATTEMPTS: Final = 2
LOOKS: Final = (0.5, 2.0)
"""Seconds before each look: the server may still be at it when the client has given up."""
_DESCRIPTION: Final = "elements-procura"
_SEARCH: Final = Path.literal("/api/v1/dossiers/search")
_PEOPLE: Final = ("declarant", "mother", "partner1", "partner2", "deceased")


class Made(enum.Enum):
    """The default of ``reference``."""

    REFERENCE = "one is made"


Reference = str | Made | None
MADE: Final = Made.REFERENCE


class Posted(enum.Enum):
    """What came of sending a case."""

    REFUSED = "the server refuses this case"
    TAKEN = "an id or reference of it is taken"
    STOPPED = "it was not sent, or not let in"
    UNKNOWN = "nobody knows"


class Seen(enum.Enum):
    """What came of looking for a reference."""

    OURS = "the case is there"
    FOREIGN = "another case has the reference"
    ABSENT = "there is none"
    UNCLEAR = "the server cannot be asked"


class Step(enum.Enum):
    """What to do next."""

    RAISE = "raise what was told"
    LOOK = "look for the reference"
    SEND = "send it once more"
    TAKE = "return what was found"
    TAKEN = "raise that the reference is taken"
    UNKNOWN = "raise that nobody knows"


def after_post(posted: Posted, *, attempt: int, is_made: bool) -> Step:
    """What to do after the case was sent for the ``attempt``-th time.

    Args:
        posted: What came of it.
        attempt: From 1.
        is_made: Whether the reference was made for this very call, so that nobody else has it.
    """
    match posted:
        case Posted.REFUSED:  # the same body was refused before, if it ever arrived
            return Step.RAISE
        case Posted.STOPPED:  # an earlier one may still be on its way
            return Step.RAISE if attempt == 1 else Step.UNKNOWN
        case Posted.TAKEN:  # by an earlier attempt, perhaps
            return Step.LOOK if attempt > 1 or is_made else Step.RAISE
        case Posted.UNKNOWN:
            return Step.LOOK


def after_look(seen: Seen, *, posted: Posted, attempt: int, looks_left: int) -> Step:
    """What to do after a look for the reference."""
    if seen is Seen.OURS:
        return Step.TAKE
    if seen is Seen.FOREIGN:
        return Step.TAKEN
    if posted is Posted.TAKEN and seen is Seen.ABSENT and attempt == 1:
        return Step.RAISE  # it was the dossier's id that is taken
    if looks_left:
        return Step.LOOK
    if seen is Seen.ABSENT and posted is Posted.UNKNOWN and attempt < ATTEMPTS:
        return Step.SEND
    return Step.UNKNOWN


class Cases(ProcuraResource, Generic[C]):
    """One kind of case: how it is filed and found."""

    async def _create(
        self,
        body: BodyModel | Json,
        kind: type[BodyModel],
        model: type[C],
        dossier_type: DossierType,
        *,
        reference: Reference,
        validate: bool,
    ) -> C:
        """``POST`` the case, and make sure that it exists once.

        Raises:
            BodyError: The case is not what the server takes. Nothing was sent.
            AlreadyExists: Its id or reference is another case's.
            BadRequest: The server refuses it.
            OutcomeUnknown: Nobody knows whether it exists; ``reference`` finds it if it does.
            ElementsProcuraError: See :meth:`ProcuraApi.send`.
        """
        filing = _filing(self._api, self._path, body, kind, reference, validate=validate)
        if isinstance(filing, ElementsProcuraError):
            raise filing
        if not filing.reference:
            return await self._api.ask(filing.request, model)
        return await _Course(self._api, self._path, filing, model, dossier_type).run()


@attrs.frozen(repr=False)
class Filing:
    """A case that is ready to be sent.

    Attributes:
        request: What is sent.
        reference: What it can be found by; empty when there is nothing.
        is_made: Whether the reference was made here.
        people: The citizen numbers of those it is about.
    """

    request: Request
    reference: str
    is_made: bool
    people: frozenset[str]

    def __repr__(self) -> str:
        return f"<Filing of {self.request.name}>"


class _Course(Generic[C]):
    """One filing, from the first attempt to the last look."""

    def __init__(
        self,
        api: ProcuraApi,
        path: Path,
        filing: Filing,
        model: type[C],
        dossier_type: DossierType,
    ) -> None:
        self._api = api
        self._resource = ProcuraResource(api, path)
        self._filing = filing
        self._model = model
        self._type = dossier_type
        self._found: C | None = None
        self._told: ElementsProcuraError | None = None  # by the attempt under way
        self._message = ""  # the server's, by whichever attempt

    async def run(self) -> C:
        for attempt in range(1, ATTEMPTS + 1):
            posted = await self._post()
            if isinstance(posted, Case):
                return posted
            step = after_post(posted, attempt=attempt, is_made=self._filing.is_made)
            if step is Step.LOOK:
                name = self._filing.request.name
                log.warning("%s: its outcome is not known; looking for its reference", name)
                step = await self._look(posted, attempt)
            if step is Step.TAKE and self._found is not None:
                return self._found
            if step is not Step.SEND:
                raise self._error(step, attempt)
        raise self._error(Step.UNKNOWN, ATTEMPTS)

    async def _post(self) -> C | Posted:
        try:
            return await self._api.ask(self._filing.request, self._model)
        except ElementsProcuraError as error:
            self._told = error
            self._message = error_text(error) or self._message
            return posted_of(error)

    async def _look(self, posted: Posted, attempt: int) -> Step:
        step = Step.LOOK
        for number, wait in enumerate(LOOKS, 1):
            await self._api.clock.sleep(wait)
            seen = await self._find()
            left = len(LOOKS) - number
            step = after_look(seen, posted=posted, attempt=attempt, looks_left=left)
            if step is not Step.LOOK:
                break
        return step

    async def _find(self) -> Seen:
        path = self._resource._at(dossierId=self._filing.reference)  # noqa: SLF001 - made here
        try:
            found = await self._api.fetch(path, self._model)
        except NotFound:
            return Seen.ABSENT
        except (StatusError, ProtocolError):
            # Stored, but not to be told: what kept the answer back keeps this one back too.
            return await self._search()
        except ElementsProcuraError:
            return Seen.UNCLEAR
        if not self._filing.is_made and not _about(found, self._filing.people):
            return Seen.FOREIGN
        self._found = found
        return Seen.OURS

    async def _search(self) -> Seen:
        body = DossierSearchBody(dossier_ids=(self._filing.reference,))
        try:
            answer = await self._api.post(
                _SEARCH, body, DossierSearchBody, DossierSearchResult, validate=True, is_read=True
            )
        except ElementsProcuraError:
            return Seen.UNCLEAR
        for dossier in answer.result.content if answer.result is not None else ():
            if dossier.type is not None and dossier.type.code == self._type:
                log.warning("%s: it exists, only its dossier is told", self._filing.request.name)
                self._found = self._model(dossier=dossier)
                return Seen.OURS
            return Seen.FOREIGN
        return Seen.UNCLEAR

    def _error(self, step: Step, attempt: int) -> ElementsProcuraError:
        request = self._filing.request
        if step is Step.TAKEN:
            return AlreadyExists(
                "another case has this reference",
                method=request.method,
                template=request.path.template,
                status=0,
                attempts=attempt,
                hint="Use a reference once, or leave it out to have one made",
            )
        told = self._told
        if step is Step.RAISE and told is not None:
            return told
        unknown = self._api.outcome_unknown(
            request, "no case with its reference can be seen", attempts=attempt, cause=told
        )
        unknown.hint = "Look for it by `reference`: get() and dossiers.search() take it as an id"
        unknown.reference = self._filing.reference
        unknown.server_message = self._message
        return unknown


def posted_of(error: ElementsProcuraError) -> Posted:
    """What an exception says about whether a case was filed."""
    match error:
        case AlreadyExists():
            return Posted.TAKEN
        case OutcomeUnknown():
            return Posted.UNKNOWN
        case ProtocolError() if error.status // 100 == _DONE:
            return Posted.UNKNOWN  # it was carried out, but the answer is not to be read
        case BadRequest() | Forbidden() | NotFound():
            return Posted.REFUSED
        case _:
            return Posted.STOPPED


def error_text(error: ElementsProcuraError) -> str:
    """The server's words in ``error``, or an empty string."""
    return str(getattr(error, "server_message", ""))


def with_reference(data: Data, reference: Reference) -> tuple[Data, str, bool]:
    """``data`` with a reference in it, the reference, and whether it was made here.

    Without one given, the caller's first in ``data`` does; without that, one is made.
    """
    dossier = data.get("dossier")
    if reference is None or not isinstance(dossier, dict):
        return data, "", False
    held = [item for item in dossier.get("referenceIds") or () if isinstance(item, dict)]
    ids = [item["id"] for item in held if isinstance(item.get("id"), str) and item["id"]]
    if isinstance(reference, Made) and ids:
        return data, ids[0], False
    chosen = reference if isinstance(reference, str) else str(uuid.uuid4())
    if chosen not in ids:
        added = [*held, {"id": chosen, "description": _DESCRIPTION}]
        data = data | {"dossier": dossier | {"referenceIds": added}}
    return data, chosen, isinstance(reference, Made)


def _filing(
    api: ProcuraApi,
    path: Path,
    body: BodyModel | Json,
    kind: type[BodyModel],
    reference: Reference,
    *,
    validate: bool,
) -> Filing | InputError:
    data = api.data(body, kind, validate=validate)
    if isinstance(data, tuple):
        request = api.carrying(path, data)
        return request if isinstance(request, BodyError) else InputError("the body cannot be sent")
    data, chosen, is_made = with_reference(data, reference)
    if isinstance(reference, str) or chosen:
        try:
            ProcuraResource(api, path)._at(reference=chosen)  # noqa: SLF001 - can it be looked for?
        except InputError as error:
            return InputError(str(error.args[0]), hint=error.hint)
    carrying = api.carrying(path, data, success=FILED)
    if isinstance(carrying, BodyError):
        return carrying
    people = frozenset(
        number
        for name in _PEOPLE
        if isinstance(person := data.get(name), dict)
        and (number := normalised(person.get("bsn", ""))) is not None
    )
    return Filing(carrying, chosen, is_made, people)


def _about(case: Any, people: frozenset[str]) -> bool:
    """Whether ``case`` is about any of ``people``, as far as it tells."""
    found = {
        number
        for name in _PEOPLE
        if (person := getattr(case, name, None)) is not None
        and (number := normalised(person.bsn or "")) is not None
    }
    return not found or not people or not found.isdisjoint(people)


_DONE: Final = 2

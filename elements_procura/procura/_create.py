"""Filing a case once, whatever happens on the way.

The server lets a case be found by any of its ``referenceIds`` and refuses a second one with the
same. So every case is sent with a reference, and when its fate is not known (a timeout, a reset,
a 500) the client looks for the reference: the case is there and is returned, or it is not and is
sent once more, or nobody can tell and :class:`OutcomeUnknown` says by which reference to look.

The next step is decided in :mod:`elements_procura.procura._steps`, without I/O.

What remains possible: the back office stores later than ``settle`` seconds after the client had
given up, and a second attempt is stored as well. Then both have the reference; that is looked for
until ``settle`` seconds after the second, and reported as :class:`OutcomeUnknown`. Only a first
attempt that is stored later than both of these waits can stay unseen. Nor can anybody be kept from
filing another case under the same reference of their own at the very same time: the back office
looks before it stores, and two that look at once both find it free.
"""

import enum
import logging
import uuid
from typing import Any, Final, Generic, TypeVar

import attrs

from elements_procura.core.http import Request
from elements_procura.errors import (
    AlreadyExists,
    AmbiguousReference,
    BodyError,
    ElementsProcuraError,
    InputError,
    NotFound,
    ProtocolError,
    ServerText,
    StatusError,
)
from elements_procura.paths import Path
from elements_procura.procura._api import ProcuraApi, ProcuraResource
from elements_procura.procura._bsn import normalised
from elements_procura.procura._errors import is_of_another_kind
from elements_procura.procura._looking import found_by
from elements_procura.procura._proof import FILED
from elements_procura.procura._steps import (
    ATTEMPTS,
    LookupOutcome,
    PostOutcome,
    Step,
    after_look,
    after_post,
    looks,
    posted_of,
    settle_of,
)
from elements_procura.procura.models.common import Case
from elements_procura.procura.models.dossiers import DossierSearchBody
from elements_procura.procura.models.enums import DossierType
from elements_procura.schema.model import BodyModel
from elements_procura.schema.sealed import Data, Json
from elements_procura.secret import veiled

__all__ = ["GENERATED", "Reference"]

log = logging.getLogger("elements_procura.procura")

C = TypeVar("C", bound=Case)
_DESCRIPTION: Final = "elements-procura"
_PEOPLE: Final = ("declarant", "mother", "partner1", "partner2", "deceased")


class ReferenceDefault(enum.Enum):
    """The default of ``reference``."""

    REFERENCE = "one is made"


Reference = str | ReferenceDefault | None
GENERATED: Final = ReferenceDefault.REFERENCE


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
        settle: float | None,
    ) -> C:
        """``POST`` the case, and make sure that it exists once.

        Raises:
            ConfigError: ``settle`` is not a number of seconds. Nothing was sent.
            BodyError: The server would not accept the case. Nothing was sent.
            AlreadyExists: Its id or reference is another case's.
            AmbiguousReference: Several cases have its id or reference already.
            BadRequest: The server refuses it.
            OutcomeUnknown: Nobody knows whether it exists, or it exists twice; ``reference`` finds
                it if it does.
            ElementsProcuraError: See :meth:`ProcuraApi.send`.
        """
        wait = self._api.settle if settle is None else settle_of(settle)
        filing = _filing(self._api, self._path, body, kind, reference, validate=validate)
        if isinstance(filing, ElementsProcuraError):
            raise filing
        if not filing.reference:
            return await self._api.ask(filing.request, model)
        return await _FilingState(
            self._api, self._path, filing, model, dossier_type, settle=wait
        ).run()


@attrs.frozen(repr=False)
class Filing:
    """A case that is ready to be sent.

    Attributes:
        request: The request.
        reference: The reference that finds it; empty without one.
        is_made: Whether the reference was made here.
        people: The citizen numbers of those it is about.
    """

    request: Request
    reference: str
    is_made: bool
    people: frozenset[str]

    def __repr__(self) -> str:
        return f"<Filing of {self.request.name}>"


class _FilingState(Generic[C]):
    """The state of one filing, from the first attempt to the last look."""

    def __init__(
        self,
        api: ProcuraApi,
        path: Path,
        filing: Filing,
        model: type[C],
        dossier_type: DossierType,
        *,
        settle: float,
    ) -> None:
        self._api = api
        self._resource = ProcuraResource(api, path)
        self._filing = filing
        self._model = model
        self._type = dossier_type
        self._settle = settle
        self._found: C | None = None
        self._told: ElementsProcuraError | None = None  # by the attempt under way
        self._message = ""  # the server's, by whichever attempt

    async def run(self) -> C:
        for attempt in range(1, ATTEMPTS + 1):
            posted = await self._post()
            step = after_post(posted, attempt=attempt, is_made=self._filing.is_made)
            if step is Step.LOOK:
                if posted is not PostOutcome.FILED:
                    name = self._filing.request.name
                    log.warning("%s: its outcome is not known; looking for its reference", name)
                step = await self._look(posted, attempt)
            if step is Step.TAKE and self._found is not None:
                return self._found
            if step is not Step.SEND:
                raise self._error(step, attempt)
        raise self._error(Step.UNKNOWN, ATTEMPTS)

    async def _post(self) -> PostOutcome:
        try:
            self._found = await self._api.ask(self._filing.request, self._model)
        except ElementsProcuraError as error:
            self._told = error
            self._message = error_text(error) or self._message
            return posted_of(error)
        return PostOutcome.FILED

    async def _look(self, posted: PostOutcome, attempt: int) -> Step:
        clock = self._api.session.clock
        began, step = clock.now(), Step.LOOK
        whens = looks(self._settle)
        for when in whens:
            await clock.sleep(began + when - clock.now())
            seen = await self._find()
            step = after_look(
                seen,
                posted=posted,
                attempt=attempt,
                is_settled=when >= self._settle,
                is_last=when == whens[-1],
            )
            if step is not Step.LOOK:
                break
        return step

    async def _find(self) -> LookupOutcome:
        path = self._resource._at(dossierId=self._filing.reference)  # noqa: SLF001 - made here
        try:
            found = await self._api.fetch(path, self._model)
        except AmbiguousReference:
            return LookupOutcome.SEVERAL
        except (StatusError, ProtocolError) as error:
            if isinstance(error, NotFound) and error.is_proven and not is_of_another_kind(error):
                return LookupOutcome.ABSENT
            # Stored, but not to be told: what kept the answer back keeps this one back too.
            return await self._search()
        except ElementsProcuraError:
            return LookupOutcome.UNCLEAR
        if not self._filing.is_made and not _about(found, self._filing.people):
            return LookupOutcome.FOREIGN
        self._found = found
        return LookupOutcome.OURS

    async def _search(self) -> LookupOutcome:
        body = DossierSearchBody(dossier_ids=(self._filing.reference,))
        try:
            found = await found_by(self._api, body)
        except ElementsProcuraError:
            return LookupOutcome.UNCLEAR
        if len(found) > 1:
            return LookupOutcome.SEVERAL
        for dossier in found:
            if dossier.type is not None and dossier.type.code == self._type:
                log.warning(
                    "%s: it exists, but the answer holds only its dossier",
                    self._filing.request.name,
                )
                self._found = self._model(dossier=dossier)
                return LookupOutcome.OURS
            return LookupOutcome.FOREIGN
        return LookupOutcome.UNCLEAR

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
        text, hint = _UNSEEN if step is Step.UNKNOWN else _TWICE
        unknown = self._api.outcome_unknown(request, text, attempts=attempt, cause=told)
        unknown.hint = hint
        unknown.reference = veiled(self._filing.reference)
        unknown.server_message = self._message
        return unknown


def error_text(error: ElementsProcuraError) -> str:
    """The server's words in ``error``, or an empty string."""
    return ServerText(getattr(error, "server_message", ""))


def with_reference(data: Data, reference: Reference) -> tuple[Data, str, bool]:
    """``data`` with a reference in it, the reference, and whether it was made here.

    Without one given, the caller's first in ``data`` does; without that, one is made.
    """
    dossier = data.get("dossier")
    if reference is None or not isinstance(dossier, dict):
        return data, "", False
    held = [item for item in dossier.get("referenceIds") or () if isinstance(item, dict)]
    ids = [item["id"] for item in held if isinstance(item.get("id"), str) and item["id"]]
    if isinstance(reference, ReferenceDefault) and ids:
        return data, ids[0], False
    chosen = reference if isinstance(reference, str) else str(uuid.uuid4())
    if chosen not in ids:
        added = [*held, {"id": chosen, "description": _DESCRIPTION}]
        data = data | {"dossier": dossier | {"referenceIds": added}}
    return data, chosen, isinstance(reference, ReferenceDefault)


def _filing(
    api: ProcuraApi,
    path: Path,
    body: BodyModel | Json,
    kind: type[BodyModel],
    reference: Reference,
    *,
    validate: bool,
) -> Filing | InputError:
    given: object = reference  # whatever it was annotated as
    if not isinstance(given, str | ReferenceDefault | None):
        return InputError("reference is not a text", hint="Pass the reference as a text, or None")
    data = api.bodies.data(body, (kind,), validate=validate)
    if isinstance(data, tuple):
        request = api.carrying("POST", path, data)
        return request if isinstance(request, BodyError) else InputError("the body cannot be sent")
    data, chosen, is_made = with_reference(data, reference)
    if isinstance(reference, str) or chosen:
        try:
            ProcuraResource(api, path)._at(reference=chosen)  # noqa: SLF001 - can it be looked for?
        except InputError as error:
            return InputError(str(error.args[0]), hint=error.hint)
    carrying = api.carrying("POST", path, data, success=FILED)
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
    """Whether ``case`` names any of ``people``."""
    found = {
        number
        for name in _PEOPLE
        if (person := getattr(case, name, None)) is not None
        and (number := normalised(person.bsn or "")) is not None
    }
    return not found or not people or not found.isdisjoint(people)


_UNSEEN: Final = (
    "no case with its reference can be seen",
    "Look for it by `reference`: get() and dossiers.search() take it as an id",
)
_TWICE: Final = (
    "several cases have its reference, so it may have been filed twice",
    "Find them with dossiers.search() by `reference`, and have the one too many cancelled",
)

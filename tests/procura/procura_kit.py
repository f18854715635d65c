"""What tests of the Procura client share: clients, bodies, and a server that replays answers."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.births import BirthBody, ChildBody
from elements_procura.procura.models.commitments import (
    CommitmentBody,
    LocationBody,
    PartnerBody,
    PlanningBody,
)
from elements_procura.procura.models.common import (
    DossierBody,
    MunicipalityBody,
    NameSelectionBody,
    PersonBody,
)
from elements_procura.procura.models.deaths import (
    CorrespondenceBody,
    DeathInMunicipalityBody,
    DeceasedBody,
    DiscoveredBodyBody,
    FuneralServicesBody,
)
from elements_procura.procura.models.relocations import (
    InterRelocationBody,
    IntraRelocationBody,
    LiveInBody,
    NewAddressBody,
    RelocatorBody,
)
from tests.client_kit import UNLIMITED
from tests.clock import clock_of_this_test

START = dt.date(2024, 3, 1)
MOTHER, FATHER, CHILD, OTHER = "000000036", "000000048", "000000103", "999993653"
DATA = Path(__file__).parent.parent / "data/procura_contract.json"
CONTEXT = "/dossiers"


def client_at(url: str, **options: Any) -> ProcuraClient:
    settings: dict[str, Any] = {
        "credentials": ("a-client", "a-secret"),
        "rates": UNLIMITED,
        "clock": clock_of_this_test(),
    }
    return ProcuraClient(url, **(settings | options))


@attrs.define
class RepeatFilter:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


Answers = Callable[[web.Request, bytes], web.Response]


@attrs.define(repr=False)
class Replay:
    """A server that notes what it is asked and answers as it is told."""

    answers: Answers
    seen: list[RepeatFilter] = attrs.field(factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        path = request.raw_path.partition("?")[0].removeprefix(CONTEXT)
        if path == "/oauth/token":
            return web.json_response(
                {"access_token": "token-of-a-test", "token_type": "bearer", "expires_in": 59}
            )
        self.seen.append(
            RepeatFilter(
                request.method,
                path,
                dict(request.query),
                dict(request.headers),
                orjson.loads(body) if body else None,
            )
        )
        return self.answers(request, body)


@asynccontextmanager
async def replaying(answers: Answers) -> AsyncIterator[Replay]:
    replay = Replay(answers)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", f"{CONTEXT}/{{path:.*}}", replay.handle)
    async with TestServer(app) as server:
        replay.url = str(server.make_url(CONTEXT))
        yield replay


def answering(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answers:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    given = {"Content-Type": "application/json", **(headers or {})}
    return lambda _request, _body: web.Response(status=status, headers=given, body=content)


def problem(text: str | None, *, code: str = "internalError") -> dict[str, Any]:
    return {
        "timestamp": "2024-07-25T12:14:27",
        "id": "a2c414c7-f09b-44fe-b6de-fd867c8dcba5",
        "code": code,
        "cause": {} if text is None else {"message": text},
    }


def person(bsn: str = MOTHER) -> PersonBody:
    return PersonBody(bsn=bsn)


def dossier(**given: Any) -> DossierBody:
    return DossierBody(start_date=START, **given)


def address(**given: Any) -> NewAddressBody:
    fields: dict[str, Any] = {
        "house_number": 1,
        "postal_code": "1234AA",
        "number_of_residents": 2,
        "live_in": LiveInBody(live_in_applicable=False),
    }
    return NewAddressBody(**(fields | given))


def intra(**given: Any) -> IntraRelocationBody:
    fields: dict[str, Any] = {
        "dossier": dossier(),
        "declarant": person(),
        "new_address": address(),
        "relocators": (RelocatorBody(bsn=MOTHER, declaration_type="REGISTERED"),),
    }
    return IntraRelocationBody(**(fields | given))


def inter() -> InterRelocationBody:
    base = intra()
    return InterRelocationBody(
        dossier=dossier(),
        declarant=base.declarant,
        new_address=base.new_address,
        relocators=base.relocators,
        previous_municipality=MunicipalityBody(code="0363"),
    )


def birth(**given: Any) -> BirthBody:
    fields: dict[str, Any] = {
        "dossier": dossier(),
        "declarant": person(FATHER),
        "mother": person(),
        "children": (
            ChildBody(
                firstname="Anna",
                gender="WOMAN",
                birth_date_time=dt.datetime(2024, 2, 29, 7, 5),
            ),
        ),
        "name_selection": NameSelectionBody(lastname="Vries"),
    }
    return BirthBody(**(fields | given))


def commitment(**given: Any) -> CommitmentBody:
    fields: dict[str, Any] = {
        "dossier": dossier(),
        "partner1": PartnerBody(bsn=MOTHER),
        "partner2": PartnerBody(bsn=FATHER),
        "planning": PlanningBody(
            commitment_type="MARRIAGE",
            commitment_date_time=dt.datetime(2024, 6, 1, 14, 0),
        ),
        "location": LocationBody(name="Stadhuis"),
    }
    return CommitmentBody(**(fields | given))


def _dead(**given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "dossier": dossier(),
        "deceased": DeceasedBody(bsn=OTHER),
        "death_by_natural_causes": True,
        "municipality": MunicipalityBody(code="0637"),
        "funeral_services": FuneralServicesBody(
            service_type="BURIAL_CREMATION", date=dt.date(2024, 3, 8), outside_benelux=False
        ),
        "correspondence": CorrespondenceBody(communication_type="POST", name="De Linde"),
        "extracts": (),
    }
    return fields | given


def death(**given: Any) -> DeathInMunicipalityBody:
    fields: dict[str, Any] = {
        "declarant": person(),
        "date_of_death": START,
        "time_of_death": dt.time(9, 10),
    }
    return DeathInMunicipalityBody(**_dead(**(fields | given)))


def discovered(**given: Any) -> DiscoveredBodyBody:
    fields: dict[str, Any] = {
        "written_declarant_type": "PROSECUTOR",
        "date_of_finding": START,
        "time_of_finding": dt.time(7, 5),
    }
    return DiscoveredBodyBody(**_dead(**(fields | given)))


KINDS: dict[str, tuple[Callable[[ProcuraClient], Any], Callable[[], Any]]] = {
    "relocations/intra": (lambda client: client.relocations.intra, intra),
    "relocations/inter": (lambda client: client.relocations.inter, inter),
    "births": (lambda client: client.births, birth),
    "commitments": (lambda client: client.commitments, commitment),
    "deaths/in-municipality": (lambda client: client.deaths.in_municipality, death),
    "deaths/discovered-body": (lambda client: client.deaths.discovered_body, discovered),
}
"""By the end of their path: where each kind of case is filed, and a body for it."""

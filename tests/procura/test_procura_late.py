"""A back office that stores late and only looks before: nothing is filed twice and told as done."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from elements_procura.errors import (
    AlreadyExists,
    AmbiguousReference,
    BadRequest,
    OutcomeUnknown,
)
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.common import Case
from elements_procura.sandbox import Fault, ProcuraSandbox
from elements_procura.scheduler import Rate
from tests.client_kit import client_for
from tests.clock import VirtualClock
from tests.procura.procura_kit import KINDS, answering, birth, client_at, problem, replaying

POSTS = "POST /api/v1/births"
PLENTY = (Rate(1_000_000, 1.0),)
ALL_STORED = 1000.0  # seconds, after which nothing is still to come


def of_clock(clock: VirtualClock, **options: Any) -> ProcuraSandbox:
    return ProcuraSandbox(dossiers=0, clock=clock.now, **options)


def twice(sandbox: ProcuraSandbox) -> list[str]:
    counted = Counter(name for case in sandbox.cases for name in case.names())
    return [name for name, number in counted.items() if number > 1]


def posts(sandbox: ProcuraSandbox) -> list[str]:
    paths = [f"{entry.method} {entry.path}" for entry in sandbox.log]
    return [path for path in paths if path.startswith("POST /api/") and "search" not in path]


async def filed(client: ProcuraClient, number: int) -> Case | OutcomeUnknown:
    of, body = list(KINDS.values())[number % len(KINDS)]
    try:
        case: Case = await of(client).add(body(), reference=f"case-{number}")
    except OutcomeUnknown as error:
        return error
    assert case.dossier is not None
    assert f"case-{number}" in [each.id for each in case.dossier.reference_ids]
    return case


@pytest.mark.virtual_time
@pytest.mark.parametrize("late", [4.0, 9.0])
@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_stored_late_is_found_and_not_filed_again(kind: str, late: float) -> None:
    clock = VirtualClock()
    of, body = KINDS[kind]
    async with (
        of_clock(clock, seed=2) as sandbox,
        client_for(sandbox, clock=clock, rates=PLENTY) as client,
    ):
        sandbox.commit_late(up_to=late)
        [case] = await asyncio.gather(of(client).add(body()))
        await asyncio.sleep(ALL_STORED)
        assert case.dossier.dossier_id == sandbox.cases[0].id
        assert len(sandbox.cases) == len(posts(sandbox)) == 1


@pytest.mark.virtual_time
async def test_three_hundred_creates_against_a_back_office_that_stores_late(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = VirtualClock()
    async with (
        of_clock(clock, seed=7) as sandbox,
        client_for(sandbox, clock=clock, rates=PLENTY) as client,
    ):
        sandbox.commit_late(up_to=9.0, probability=0.5)
        for kind, probability in (("reset", 0.2), ("status", 0.1), ("truncate", 0.1)):
            fault = Fault(kind=kind, status=500, match="POST /api/*", probability=probability)
            sandbox.add_fault(fault, stored=True)
        # The looks are answered badly as well.
        sandbox.add_fault(Fault(kind="reset", match="GET /api/*", probability=0.2), stored=True)
        got = await asyncio.gather(*(filed(client, number) for number in range(300)))
        await asyncio.sleep(ALL_STORED)
        unknown = [each for each in got if isinstance(each, OutcomeUnknown)]
        hit = sum(entry.fault is not None for entry in sandbox.log)
        with capsys.disabled():
            print(
                f"\n300 creates, {len(posts(sandbox))} posts, {hit} answers lost,"
                f" {clock.now():.0f} s: {len(unknown)} outcomes unknown"
            )
        assert hit > 100
        assert len(sandbox.cases) == 300
        assert twice(sandbox) == []
        assert len(unknown) <= 10


@pytest.mark.virtual_time
async def test_looks_that_stay_unanswered_leave_the_outcome_unknown_and_send_nothing() -> None:
    clock = VirtualClock()
    async with (
        of_clock(clock) as sandbox,
        client_for(sandbox, clock=clock, rates=PLENTY) as client,
    ):
        sandbox.commit_late(up_to=9.0)
        sandbox.add_fault(Fault(kind="reset", match="GET /api/*"))
        sandbox.add_fault(Fault(kind="reset", match="POST */search"))
        [error] = await asyncio.gather(filed(client, 2))
        await asyncio.sleep(ALL_STORED)
        assert isinstance(error, OutcomeUnknown)
        assert error.reference == "case-2"
        assert len(sandbox.cases) == len(posts(sandbox)) == 1


async def test_a_page_that_says_404_is_no_absence() -> None:
    """What stands in front of the server does not know which cases there are."""
    asked: list[str] = []

    def answer(request: web.Request, _: bytes) -> web.Response:
        asked.append(request.method)
        if request.method == "POST":
            return web.json_response(problem("Timeout on blocking read for 1 NANOS"), status=500)
        return web.Response(status=404, text="<html>gone</html>", content_type="text/html")

    async with replaying(answer) as server, client_at(server.url) as client:
        with pytest.raises(OutcomeUnknown):
            await client.births.add(birth())
        paths = [seen.path for seen in server.seen if seen.method == "POST"]
    assert paths.count("/api/v1/births") == 1


@pytest.mark.virtual_time
async def test_one_that_is_later_than_all_waits_is_seen_twice_and_never_told_as_done() -> None:
    clock = VirtualClock()
    async with (
        of_clock(clock) as sandbox,
        client_for(sandbox, clock=clock, rates=PLENTY) as client,
    ):
        sandbox.commit_late(POSTS, up_to=1000.0, times=1)
        sandbox._lateness._chance.uniform = lambda *_: 20.0  # type: ignore[method-assign] # no chance
        [error] = await asyncio.gather(filed(client, 2))
        await asyncio.sleep(ALL_STORED)
        assert isinstance(error, OutcomeUnknown)
        assert "several cases have its reference" in str(error)
        assert error.reference == "case-2"
        assert twice(sandbox) == ["case-2"]
        with pytest.raises(AmbiguousReference, match="several dossiers have it"):
            await client.births.get("case-2")
        with pytest.raises(AlreadyExists):
            await client.births.add(birth(), reference="case-2")


@pytest.mark.virtual_time
async def test_two_at_once_under_one_reference_are_both_stored_by_such_a_back_office() -> None:
    """What a client alone cannot keep from happening; every read tells it from then on."""
    clock = VirtualClock()
    async with (
        of_clock(clock) as sandbox,
        client_for(sandbox, clock=clock, rates=PLENTY) as client,
    ):
        sandbox.commit_late(up_to=3.0)
        got = await asyncio.gather(filed(client, 2), filed(client, 2))
        await asyncio.sleep(ALL_STORED)
        assert len(sandbox.cases) == len(got) == 2
        with pytest.raises(AmbiguousReference):
            await client.births.get("case-2")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("De geboortedatum kan niet in de toekomst liggen.", BadRequest),
        ("Plaats van overlijden (x) komt niet overeen met de gemeentecode (y)", BadRequest),
        ("Document niet gevonden met DMS code 'x'", BadRequest),
        ("Er zijn meerdere zaken met zaak-id x", AmbiguousReference),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_refusal_in_a_500_is_one_at_once(
    kind: str, text: str, error: type[BadRequest]
) -> None:
    of, body = KINDS[kind]
    answers = answering(problem(text), status=500)
    async with replaying(answers) as server, client_at(server.url) as client:
        with pytest.raises(error) as caught:
            await of(client).add(body())
    assert type(caught.value) is error
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Er is een zaak met zaak-id mine, maar dat is van type X, niet van het type Y",
        "Given zaak is of X, expected Y",
    ],
)
async def test_a_reference_of_another_kind_of_case_is_told_and_not_sent_again(text: str) -> None:
    def answer(request: web.Request, _: bytes) -> web.Response:
        if request.path.endswith("/search"):
            row = {"dossierId": "A-1", "type": {"code": "commitment"}}
            return web.json_response({"result": {"elements": 1, "content": [row]}})
        told = "Timeout on blocking read" if request.method == "POST" else text
        return web.json_response(problem(told), status=500)

    async with replaying(answer) as server, client_at(server.url) as client:
        with pytest.raises(AlreadyExists, match="another case"):
            await client.births.add(birth(), reference="mine")
    assert [seen.path for seen in server.seen].count("/api/v1/births") == 1

"""A case is filed once, whatever happens on the way."""

import asyncio
import uuid
from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from elements_procura.core.journal import Outcome, Write
from elements_procura.core.timeouts import Timeouts
from elements_procura.errors import (
    AlreadyExists,
    AmbiguousReference,
    AuthenticationError,
    BadRequest,
    BodyError,
    ConfigError,
    DailyQuotaExceeded,
    Forbidden,
    InputError,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    ServerError,
)
from elements_procura.procura._create import GENERATED, with_reference
from elements_procura.procura._steps import (
    LookupOutcome,
    PostOutcome,
    Step,
    after_look,
    after_post,
    looks,
    posted_of,
)
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.common import Case, ReferenceIdBody
from elements_procura.sandbox import Fault, ProcuraSandbox
from tests.client_kit import client_for
from tests.clock import QuickClock, VirtualClock
from tests.procura.procura_kit import (
    FATHER,
    KINDS,
    MOTHER,
    OTHER,
    answering,
    birth,
    client_at,
    dossier,
    person,
    problem,
    replaying,
)

POSTS = "POST /api/v1/births"
LOOKS = "GET /api/v1/births/*"


def references(case: Case) -> list[str]:
    assert case.dossier is not None
    return [str(reference.id) for reference in case.dossier.reference_ids]


def twice(sandbox: ProcuraSandbox) -> list[str]:
    counted = Counter(name for case in sandbox.cases for name in case.names())
    return [name for name, number in counted.items() if number > 1]


def births(sandbox: ProcuraSandbox) -> int:
    return sum(case.kind.code == "birth" for case in sandbox.cases)


# ------------------------------------------------------------------- what to do next, as tables


@pytest.mark.parametrize(
    ("posted", "attempt", "is_made", "step"),
    [
        (PostOutcome.REFUSED, 1, True, Step.RAISE),
        (PostOutcome.REFUSED, 2, True, Step.RAISE),
        (PostOutcome.STOPPED, 1, True, Step.RAISE),
        (PostOutcome.STOPPED, 2, True, Step.UNKNOWN),
        (PostOutcome.TAKEN, 1, False, Step.RAISE),
        (PostOutcome.TAKEN, 1, True, Step.LOOK),
        (PostOutcome.TAKEN, 2, False, Step.LOOK),
        (PostOutcome.UNKNOWN, 1, False, Step.LOOK),
        (PostOutcome.UNKNOWN, 2, True, Step.LOOK),
        (PostOutcome.FILED, 1, True, Step.TAKE),
        (PostOutcome.FILED, 2, True, Step.LOOK),
        (PostOutcome.SEVERAL, 1, False, Step.RAISE),
        (PostOutcome.SEVERAL, 2, True, Step.SEVERAL),
    ],
)
def test_after_a_post(posted: PostOutcome, attempt: int, *, is_made: bool, step: Step) -> None:
    assert after_post(posted, attempt=attempt, is_made=is_made) is step


@pytest.mark.parametrize(
    ("seen", "posted", "attempt", "when", "step"),
    [
        (LookupOutcome.OURS, PostOutcome.UNKNOWN, 1, "early", Step.TAKE),
        (LookupOutcome.OURS, PostOutcome.UNKNOWN, 2, "early", Step.LOOK),
        (LookupOutcome.OURS, PostOutcome.TAKEN, 2, "settled", Step.TAKE),
        (LookupOutcome.OURS, PostOutcome.FILED, 2, "early", Step.LOOK),
        (LookupOutcome.OURS, PostOutcome.FILED, 2, "settled", Step.TAKE),
        (LookupOutcome.OURS, PostOutcome.FILED, 2, "last", Step.TAKE),
        (LookupOutcome.FOREIGN, PostOutcome.UNKNOWN, 1, "early", Step.TAKEN),
        (LookupOutcome.SEVERAL, PostOutcome.FILED, 2, "early", Step.SEVERAL),
        (LookupOutcome.SEVERAL, PostOutcome.UNKNOWN, 1, "settled", Step.SEVERAL),
        (LookupOutcome.ABSENT, PostOutcome.TAKEN, 1, "early", Step.RAISE),
        (LookupOutcome.ABSENT, PostOutcome.TAKEN, 2, "early", Step.LOOK),
        (LookupOutcome.ABSENT, PostOutcome.TAKEN, 2, "settled", Step.UNKNOWN),
        (LookupOutcome.ABSENT, PostOutcome.UNKNOWN, 1, "early", Step.LOOK),
        (LookupOutcome.ABSENT, PostOutcome.UNKNOWN, 1, "settled", Step.SEND),
        (LookupOutcome.ABSENT, PostOutcome.UNKNOWN, 2, "settled", Step.UNKNOWN),
        (LookupOutcome.UNCLEAR, PostOutcome.UNKNOWN, 1, "early", Step.LOOK),
        (LookupOutcome.UNCLEAR, PostOutcome.UNKNOWN, 1, "settled", Step.LOOK),
        (LookupOutcome.UNCLEAR, PostOutcome.UNKNOWN, 1, "last", Step.UNKNOWN),
        (LookupOutcome.UNCLEAR, PostOutcome.FILED, 2, "last", Step.UNKNOWN),
    ],
)
def test_after_a_look(
    seen: LookupOutcome, posted: PostOutcome, attempt: int, when: str, step: Step
) -> None:
    found = after_look(
        seen,
        posted=posted,
        attempt=attempt,
        is_settled=when != "early",
        is_last=when == "last",
    )
    assert found is step


def test_it_looks_once_when_all_must_be_stored_and_later_only_if_need_be() -> None:
    assert looks(12.0) == (0.5, 2.0, 5.0, 8.0, 12.0, 15.0, 22.0, 42.0)
    assert looks(0.0) == (0.0, 3.0, 10.0, 30.0)


WHERE: dict[str, Any] = {"method": "POST", "template": "/x"}


@pytest.mark.parametrize(
    ("error", "posted"),
    [
        (AlreadyExists("", status=500, **WHERE), PostOutcome.TAKEN),
        (AmbiguousReference("", status=500, **WHERE), PostOutcome.SEVERAL),
        (BadRequest("", status=400, **WHERE), PostOutcome.REFUSED),
        (Forbidden("", status=403, **WHERE), PostOutcome.REFUSED),
        (OutcomeUnknown("", digest="", sent_at=0, **WHERE), PostOutcome.UNKNOWN),
        (ProtocolError("", status=201, **WHERE), PostOutcome.UNKNOWN),
        (ProtocolError("", status=302, **WHERE), PostOutcome.STOPPED),
        (NotSent("", **WHERE), PostOutcome.STOPPED),
        (AuthenticationError(""), PostOutcome.STOPPED),
        (DailyQuotaExceeded("", resets_at=0), PostOutcome.STOPPED),
    ],
)
def test_what_an_error_says(error: Any, posted: PostOutcome) -> None:
    assert posted_of(error) is posted


def test_the_reference_of_a_body() -> None:
    bare: dict[str, Any] = {"dossier": {"startDate": "2024-01-01"}}
    data, chosen, is_made = with_reference(bare, GENERATED)
    assert (uuid.UUID(chosen).version, is_made) == (4, True)
    assert [item["id"] for item in data["dossier"]["referenceIds"]] == [chosen]
    assert "referenceIds" not in bare["dossier"]
    data, chosen, is_made = with_reference(bare, "mine")
    assert (data["dossier"]["referenceIds"][0]["id"], chosen, is_made) == ("mine", "mine", False)
    assert with_reference(bare, None) == (bare, "", False)
    own = {"dossier": {"referenceIds": [{"id": "a"}, {"id": "b"}]}}
    assert with_reference(own, GENERATED) == (own, "a", False)
    assert with_reference(own, "b") == (own, "b", False)
    data, chosen, _ = with_reference(own, "c")
    assert [item["id"] for item in data["dossier"]["referenceIds"]] == ["a", "b", "c"]


# --------------------------------------------------------------------------- against the sandbox


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_filed_with_a_reference_and_found_by_it(kind: str) -> None:
    of, body = KINDS[kind]
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        case = await of(client).add(body())
        [reference] = references(case)
        assert uuid.UUID(reference).version == 4
        assert await of(client).get(reference) == case
        assert len(sandbox.cases) == 1
        assert [entry.path for entry in sandbox.log[1:2]] == [f"/api/v1/{kind}"]


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_says_what_no_client_can_rule_out(kind: str) -> None:
    async with client_at("http://127.0.0.1:1") as client:
        text = " ".join(KINDS[kind][0](client).add.__doc__.split())
    for words in ("later than both waits", "one reference at the same moment", "OutcomeUnknown"):
        assert words in text


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_survives_a_lost_answer(kind: str) -> None:
    of, body = KINDS[kind]
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        sandbox.add_fault(Fault(kind="reset", match="POST /api/*", times=1), stored=True)
        case = await of(client).add(body())
        assert case == await of(client).get(case.dossier.dossier_id)
        assert len(sandbox.cases) == 1


async def test_own_ids_are_passed_on() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        body = birth(
            dossier=dossier(dossier_id="ZAAK-1", reference_ids=(ReferenceIdBody(id="r.1"),))
        )
        sandbox.add_fault(Fault(kind="status", status=500, match=POSTS, times=1), stored=True)
        case = await client.births.add(body)
        assert case.dossier is not None
        assert case.dossier.dossier_id == "ZAAK-1"
        assert references(case) == ["r.1"]
        assert sandbox.log[-1].path == "/api/v1/births/r.1"


async def test_none_switches_it_off() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        assert references(await client.births.add(birth(), reference=None)) == []
        sandbox.add_fault(Fault(kind="reset", match=POSTS, times=1), stored=True)
        with pytest.raises(OutcomeUnknown) as caught:
            await client.births.add(birth(), reference=None)
        assert caught.value.reference == ""
        assert len(sandbox.log) == 3
        assert births(sandbox) == 2


@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize("kind", ["reset", "status", "stall", "truncate", "cut-json", "html"])
async def test_one_fault_costs_nothing_but_requests(kind: str, *, is_stored: bool) -> None:
    fault = Fault(kind=kind, match=POSTS, times=1, status=500, seconds=5.0)
    async with (
        ProcuraSandbox(dossiers=0) as sandbox,
        client_for(sandbox, timeouts=Timeouts(total=1.5 if kind == "stall" else 60.0)) as client,
    ):
        sandbox.add_fault(fault, stored=is_stored)
        case = await client.births.add(birth(), reference="mine")
        assert references(case) == ["mine"]
        assert births(sandbox) == 1


async def test_a_request_that_was_not_sent_is_told_so() -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(NotSent):
            await client.births.add(birth())


async def test_a_refusal_is_a_refusal() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        with pytest.raises(BadRequest, match="children are mandatory"):
            await client.births.add(
                {"dossier": {"startDate": "2024-01-01"}} | people(), validate=False
            )
        assert births(sandbox) == 0
        assert len(sandbox.log) == 2


def people() -> dict[str, Any]:
    return {"declarant": {"bsn": FATHER}, "mother": {"bsn": MOTHER}}


async def test_a_reference_that_is_taken_is_told() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        await client.births.add(birth(), reference="mine")
        with pytest.raises(AlreadyExists, match="the id or reference is taken") as caught:
            await client.births.add(birth(), reference="mine")
        assert "mine" in caught.value.server_message
        assert births(sandbox) == 1


async def test_a_dossier_id_that_is_taken_is_told_although_the_reference_is_new() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        await client.births.add(birth(dossier=dossier(dossier_id="A-1")))
        with pytest.raises(AlreadyExists):
            await client.births.add(birth(dossier=dossier(dossier_id="A-1")))
        assert births(sandbox) == 1


async def test_another_persons_case_is_not_returned() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        await client.births.add(birth(), reference="mine")
        sandbox.add_fault(Fault(kind="reset", match=POSTS, times=1))
        other = birth(declarant=person(OTHER), mother=person(OTHER))
        with pytest.raises(AlreadyExists, match="another case"):
            await client.births.add(other, reference="mine")


async def test_a_case_of_another_kind_is_not_returned() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        await client.commitments.add(KINDS["commitments"][1](), reference="mine")
        sandbox.add_fault(Fault(kind="reset", match=POSTS, times=1))
        with pytest.raises(AlreadyExists, match="another case"):
            await client.births.add(birth(), reference="mine")


async def test_a_case_that_the_server_cannot_tell_is_still_found() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        sandbox.make_unreadable(POSTS)
        case = await client.births.add(birth())
        assert case.dossier is not None
        assert case.dossier.dossier_id == sandbox.dossier_ids[0]
        assert case.mother is None
        assert case.partial
        assert births(sandbox) == 1
        assert not (await client.births.add(birth())).partial


async def test_a_server_that_goes_away_leaves_the_outcome_unknown() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        sandbox.add_fault(Fault(kind="reset", match=POSTS), stored=True)
        sandbox.add_fault(Fault(kind="reset", match=LOOKS))
        with pytest.raises(OutcomeUnknown) as caught:
            await client.births.add(birth())
        sandbox.clear_faults()
        found = await client.births.get(caught.value.reference)
        assert references(found) == [caught.value.reference]
        assert births(sandbox) == 1
        assert sum(f"{entry.method} {entry.path}" == POSTS for entry in sandbox.log) == 1


async def test_a_server_that_always_fails_is_tried_twice() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        sandbox.add_fault(Fault(kind="status", status=500, match=POSTS))
        with pytest.raises(OutcomeUnknown) as caught:
            await client.births.add(birth())
        assert "timed out" in caught.value.server_message
        assert caught.value.attempts == 2
        posts = [entry for entry in sandbox.log if f"{entry.method} {entry.path}" == POSTS]
        assert (len(posts), births(sandbox)) == (2, 0)


async def test_the_servers_words_are_kept_when_a_later_attempt_has_none() -> None:
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        sandbox.add_fault(Fault(kind="status", status=500, match=POSTS, times=1))
        sandbox.add_fault(Fault(kind="reset", match=POSTS, after=1))
        with pytest.raises(OutcomeUnknown) as caught:
            await client.births.add(birth())
        assert "timed out" in caught.value.server_message
        assert births(sandbox) == 0


async def test_the_second_attempt_may_be_refused_because_the_first_came_late() -> None:
    """The first is stored while the second is on its way: the second is refused as a double."""
    stored: list[bytes] = []

    def answer(request: web.Request, body: bytes) -> web.Response:
        stored.append(body if request.method == "POST" else b"")
        posts = sum(map(bool, stored))
        if request.method == "POST":
            text = "timed out" if posts == 1 else "Er is al een zaak met zaak-id: mine"
            return web.json_response(problem(text), status=500)
        if posts == 1:
            return web.json_response(problem("Er is geen zaak met zaak-id 'mine'"), status=500)
        found = {"nameSelection": {"lastname": "Vries"}} | {
            "dossier": {"dossierId": "A-1", "referenceIds": [{"id": "mine"}]}
        }
        return web.json_response(found)

    async with replaying(answer) as server, client_at(server.url) as client:
        case = await client.births.add(birth(), reference="mine")
    assert references(case) == ["mine"]
    # Five looks until the first must be stored, and as many until the second must be.
    methods = [seen.method for seen in server.seen]
    assert methods == ["POST", *5 * ["GET"], "POST", *5 * ["GET"]]


async def test_it_waits_before_it_looks_and_longer_before_it_sends_again() -> None:
    clock = QuickClock()
    async with (
        ProcuraSandbox(dossiers=0) as sandbox,
        client_for(sandbox, clock=clock) as client,
    ):
        sandbox.add_fault(Fault(kind="reset", match=POSTS, times=1))
        await client.births.add(birth())
    early, settled = clock.slept[-10:-5], clock.slept[-5:]
    for slept in (early, settled):
        assert len(slept) == 5
        assert sum(slept) == pytest.approx(12.0, abs=1.0)
        assert slept[0] == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize("where", ["client", "add"])
async def test_how_long_it_waits_is_an_option(where: str) -> None:
    clock = QuickClock()
    options: dict[str, Any] = {"settle": 40.0} if where == "client" else {}
    given: dict[str, Any] = {"settle": 40.0} if where == "add" else {}
    async with (
        ProcuraSandbox(dossiers=0) as sandbox,
        client_for(sandbox, clock=clock, **options) as client,
    ):
        sandbox.add_fault(Fault(kind="reset", match=POSTS, times=1))
        await client.with_options(timeout=30).births.add(birth(), **given)
    assert sum(clock.slept) > 75


@pytest.mark.parametrize("settle", [-1.0, float("nan"), float("inf"), True, "5", [5], 10**400])
async def test_a_wait_that_is_none_is_refused(settle: Any) -> None:
    with pytest.raises(ConfigError, match="settle"):
        client_at("http://127.0.0.1:1", settle=settle)
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(ConfigError, match="settle"):
            await client.births.add(birth(), settle=settle)


@pytest.mark.parametrize("reference", ["", "..", "a\nb"])
async def test_references_that_cannot_be_looked_for_are_refused(reference: str) -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(InputError, match="reference is not a valid identifier"):
            await client.births.add(birth(), reference=reference)


@pytest.mark.parametrize("reference", [5, b"mine", ["mine"], False])
async def test_a_reference_of_another_type_is_refused_not_replaced(reference: Any) -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(InputError, match="reference is not a text"):
            await client.births.add(birth(), reference=reference)


@pytest.mark.parametrize(
    "told",
    [
        {"startDate": "2024-01-01"},
        {"dossierId": ""},
        {"dossierId": 5.5},
    ],
)
async def test_an_answer_that_shows_no_case_of_ours_is_no_success(told: dict[str, Any]) -> None:
    """The journal and the caller hear the same, and the case is looked for."""
    entries: list[Write] = []
    mine = {"dossierId": "A-1", "referenceIds": [{"id": "mine"}]}

    def answers(request: web.Request, _: bytes) -> web.Response:
        if request.method == "POST":
            return web.json_response({"dossier": told}, status=201)
        return web.json_response({"dossier": mine, **people()})

    async with (
        replaying(answers) as server,
        client_at(server.url, journal=entries.append) as client,
    ):
        case = await client.births.add(birth(), reference="mine")
        posts = sum(seen.method == "POST" for seen in server.seen)
    assert case.dossier is not None
    assert (case.dossier.dossier_id, posts) == ("A-1", 1)
    assert [entry.outcome for entry in entries] == [Outcome.SENDING, Outcome.UNKNOWN]


async def test_a_wrong_kind_of_body_is_refused() -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(BodyError, match="must be BirthBody, got CommitmentBody"):
            await client.births.add(KINDS["commitments"][1]())


@pytest.mark.virtual_time
async def test_cancelling_leaves_one_case() -> None:
    async with (
        ProcuraSandbox(dossiers=0) as sandbox,
        client_for(sandbox) as client,
    ):
        sandbox.add_fault(Fault(kind="stall", match=POSTS, times=1, seconds=5.0), stored=True)
        task = asyncio.ensure_future(client.births.add(birth(), reference="mine"))
        await asyncio.sleep(2.0)
        assert births(sandbox) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert references(await client.births.get("mine")) == ["mine"]
        assert births(sandbox) == 1


async def filed(client: ProcuraClient, number: int) -> Case | OutcomeUnknown:
    of, body = list(KINDS.values())[number % len(KINDS)]
    try:
        case: Case = await of(client).add(body(), reference=f"case-{number}")
    except OutcomeUnknown as error:
        return error
    assert f"case-{number}" in references(case)
    return case


@pytest.mark.virtual_time
async def test_two_hundred_creates_against_a_server_that_loses_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = VirtualClock()
    async with (
        ProcuraSandbox(dossiers=0, seed=7, clock=clock.now) as sandbox,
        client_for(sandbox, clock=clock, rates=()) as client,
    ):
        for fault in (
            Fault(kind="reset", match="POST /api/*", probability=0.2),
            Fault(kind="status", status=500, match="POST /api/*", probability=0.2),
            Fault(kind="truncate", match="POST /api/*", probability=0.1),
        ):
            sandbox.add_fault(fault, stored=True)
        got = await asyncio.gather(*(filed(client, number) for number in range(200)))
        hit = sum(entry.fault is not None for entry in sandbox.log)
        unknown = sum(isinstance(each, OutcomeUnknown) for each in got)
        with capsys.disabled():
            print(f"\n200 creates, {hit} answers lost: {unknown} outcomes unknown")
        assert hit > 60
        assert len(sandbox.cases) == 200
        assert twice(sandbox) == []
        assert len([each for each in got if isinstance(each, Case)]) == 200 - unknown


@pytest.mark.virtual_time
async def test_what_never_arrived_is_filed_again_and_nothing_twice() -> None:
    async with (
        ProcuraSandbox(dossiers=0, seed=3) as sandbox,
        client_for(sandbox, timeouts=Timeouts(total=2.0)) as client,
    ):
        for fault, stored in (
            (Fault(kind="reset", match="POST /api/*", probability=0.2), False),
            (Fault(kind="status", status=500, match="POST /api/*", probability=0.1), False),
            (Fault(kind="stall", match="POST /api/*", probability=0.1, seconds=3.0), False),
            (Fault(kind="html", match="POST /api/*", probability=0.1), False),
            (Fault(kind="reset", match="* /api/*", probability=0.2), True),
            (Fault(kind="truncate", match="* /api/*", probability=0.1), True),
        ):
            sandbox.add_fault(fault, stored=stored)
        got = await asyncio.gather(*(filed(client, number) for number in range(200)))
        await asyncio.sleep(4.0)  # what stalled is through by now
        unknown = [each.reference for each in got if isinstance(each, OutcomeUnknown)]
        exist = {name for case in sandbox.cases for name in case.names()}
        lost = [reference for reference in unknown if reference not in exist]
        assert len(sandbox.cases) == 200 - len(lost)
        assert twice(sandbox) == []


async def test_what_is_no_case_is_never_repeated() -> None:
    async with ProcuraSandbox(dossiers=6) as sandbox, client_for(sandbox) as client:
        relocation, commitment = sandbox.cases[0], sandbox.cases[3]
        consent = {
            "dossierId": relocation.id,
            "consenter": {"bsn": MOTHER},
            "consent": "APPROVED",
        }
        calls = (
            lambda: client.relocations.intra.consent(consent),
            lambda: client.relocations.inter.consent(consent),
            lambda: client.commitments.update(commitment.id, KINDS["commitments"][1]()),
            lambda: client.commitments.cancel(commitment.id, message="x", look=False),
            lambda: client.dossier(relocation.id).documents.add(filename="a.txt", content=b"a"),
            lambda: client.dataimport.add(
                {"name": "n", "type": "t", "records": [{"values": {"a": "b"}}]}
            ),
        )
        for kind in ("reset", "status"):
            sandbox.add_fault(Fault(kind=kind, match="POST /api/*", status=500), stored=True)
            for call in calls:
                before = len(sandbox.log)
                with pytest.raises(OutcomeUnknown) as caught:
                    await call()
                assert caught.value.reference == ""
                assert len(sandbox.log) <= before + 2  # a token, perhaps, and the call
            sandbox.clear_faults()


async def test_a_lookup_that_fails_is_no_server_error() -> None:
    async with (
        replaying(answering(problem("kapot"), status=500)) as server,
        client_at(server.url) as client,
    ):
        with pytest.raises(OutcomeUnknown) as caught:
            await client.births.add(birth())
        with pytest.raises(ServerError):
            await client.births.get("a-1")
    assert caught.value.server_message == "kapot"
    assert sum(seen.path == "/api/v1/births" for seen in server.seen) == 1

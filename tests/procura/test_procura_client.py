"""The client's token, its retries, and what it never shows."""

import asyncio
import logging
import traceback

import pytest

from elements_procura.core.http import Request
from elements_procura.core.timeouts import Timeouts
from elements_procura.errors import (
    AuthenticationError,
    BodyError,
    ClosedError,
    ConfigError,
    Forbidden,
    InputError,
    NotSent,
    ProtocolError,
    ReadOnlyError,
    RequestError,
    ServerError,
)
from elements_procura.procura.client import POLITE_RATES, ProcuraClient
from elements_procura.procura.relatives import about
from elements_procura.sandbox import Fault, ProcuraSandbox
from tests.client_kit import client_for
from tests.clock import QuickClock
from tests.procura.procura_kit import MOTHER, answering, birth, client_at, problem, replaying


def token_requests(sandbox: ProcuraSandbox) -> int:
    return sum(entry.path == "/oauth/token" for entry in sandbox.log)


async def test_a_token_is_asked_for_once_per_lifetime() -> None:
    clock = QuickClock()
    async with (
        ProcuraSandbox(clock=clock.now) as sandbox,
        client_for(sandbox, clock=clock) as client,
    ):
        start = clock.now()
        identifier = sandbox.dossier_ids[2]
        for number in range(1000):
            await client.births.get(identifier)
            clock.skip(max(0.0, start + (number + 1) * 0.6 - clock.now()))
        took = clock.now() - start
        statuses = {entry.status for entry in sandbox.log}
    assert 595 < took < 605
    assert 12 <= token_requests(sandbox) <= 13
    assert statuses == {200}


async def test_many_at_once_share_one_token_request() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        await asyncio.gather(*(client.births.get(sandbox.dossier_ids[2]) for _ in range(50)))
    assert token_requests(sandbox) == 1


async def test_a_restarted_server_costs_one_token_and_one_replay() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        await client.births.get(sandbox.dossier_ids[2])
        sandbox.rekey()
        await client.births.get(sandbox.dossier_ids[2])
        filed = len(sandbox.cases)
        sandbox.rekey()
        await client.births.add(birth())
        assert len(sandbox.cases) == filed + 1
    statuses = [(entry.method, entry.status) for entry in sandbox.log[2:]]
    assert statuses == [
        ("GET", 401), ("POST", 200), ("GET", 200), ("POST", 401), ("POST", 200), ("POST", 201),
    ]  # fmt: skip


async def test_a_server_that_refuses_every_token_is_not_asked_for_ever() -> None:
    async with replaying(answering(b"", status=401)) as server, client_at(server.url) as client:
        with pytest.raises(AuthenticationError):
            await client.births.get("a-1")
    assert len(server.seen) == 2


async def test_wrong_credentials_are_told() -> None:
    async with (
        ProcuraSandbox() as sandbox,
        client_for(sandbox, credentials=("procura-sandbox", "wrong")) as client,
    ):
        with pytest.raises(AuthenticationError) as caught:
            await client.authenticate()
    assert caught.value.error == "invalid_client"


async def test_without_the_scope_everything_is_forbidden() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox, scopes=("admin",)) as client:
        with pytest.raises(Forbidden):
            await client.births.get(sandbox.dossier_ids[2])


async def test_a_read_is_asked_again_but_not_when_its_500_is_final() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        sandbox.add_fault(Fault(kind="status", status=503, match="GET *", times=2))
        await client.births.get(sandbox.dossier_ids[2])
        assert [entry.status for entry in sandbox.log[1:]] == [503, 503, 200]
        sandbox.add_fault(Fault(kind="status", status=500, match="GET *", times=3))
        with pytest.raises(ServerError) as caught:
            await client.births.get(sandbox.dossier_ids[2])
    assert "timed out" in caught.value.server_message
    assert "timed out" not in str(caught.value)
    assert caught.value.attempts == 3


async def test_a_search_is_a_read_though_it_is_a_post() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox, read_only=True) as client:
        sandbox.add_fault(Fault(kind="reset", match="POST */search", times=2))
        found = await client.dossiers.search(page_size=5)
        assert len(found.content) == 5
        assert (await client.tasks.search(bsns=[MOTHER])).content == ()
        with pytest.raises(ReadOnlyError):
            await client.births.add(birth())
        with pytest.raises(ReadOnlyError):
            await client.commitments.cancel("a-1", look=False)
    assert not any(entry.path == "/api/v1/births" for entry in sandbox.log)


async def test_slow_calls_get_minutes_unless_told_otherwise() -> None:
    def path_of(client: ProcuraClient) -> Timeouts:
        resource = client.relatives
        request = about(resource._api, resource._path, MOTHER, validate=True)
        assert isinstance(request, Request)
        return request.timeouts

    client = client_at("http://127.0.0.1:1/dossiers")
    assert path_of(client) == Timeouts(total=300.0, read=280.0)
    assert path_of(client.with_options(timeout=5)).total == 5
    await client.aclose()


async def test_kept_connections_are_not_used() -> None:
    async with (
        replaying(answering({"relatives": []})) as server,
        client_at(server.url) as client,
    ):
        for _ in range(3):
            await client.relatives.get(MOTHER)
    assert [seen.headers.get("Connection") for seen in server.seen] == ["close"] * 3


async def test_nothing_is_listening() -> None:
    async with client_at("http://127.0.0.1:1/dossiers") as client:
        with pytest.raises(NotSent):
            await client.births.add(birth())


async def test_a_closed_client_says_so() -> None:
    async with ProcuraSandbox() as sandbox:
        client = client_for(sandbox)
        await client.aclose()
        with pytest.raises(ClosedError):
            await client.info()


@pytest.mark.parametrize(
    "address", ["http://example.com/dossiers", "https://u:p@example.com", "example", ""]
)
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ConfigError):
        client_at(address)


def test_the_default_is_polite() -> None:
    [rate] = POLITE_RATES
    assert (rate.limit, rate.seconds) == (10, 1)


@pytest.mark.parametrize("identifier", ["", ".", "..", " ", "a\nb", "x" * 256])
async def test_ids_that_lead_elsewhere_are_refused(identifier: str) -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(InputError, match="dossierId is not a valid identifier"):
            await client.births.get(identifier)
        with pytest.raises(InputError):
            client.dossier(identifier)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html><body>Onderhoud</body></html>", 200),
        (b"", 200),
        ([], 200),
        ({"dossier": 5}, 200),
        ({"dossier": "gisteren"}, 200),
        ({"children": ["gisteren"]}, 200),
        ({"children": False}, 200),
    ],
)
async def test_what_cannot_be_the_answer(body: object, status: int) -> None:
    async with (
        replaying(answering(body, status=status)) as server,
        client_at(server.url) as client,
    ):
        with pytest.raises(ProtocolError) as caught:
            await client.births.get("a-1")
    assert "gisteren" not in f"{caught.value} {caught.value.body}"


async def test_one_odd_field_costs_itself() -> None:
    body = {
        "dossier": {"dossierId": "a-1", "startDate": "31-12-2016", "entryDateTime": "gisteren"},
        "children": [{"birthDateTime": {"date": "2016"}, "firstname": "Jan"}],
    }
    async with (
        replaying(answering(body)) as server,
        client_at(server.url) as client,
    ):
        birth = await client.births.get("a-1")
    assert birth.dossier is not None
    assert (birth.dossier.start_date, birth.dossier.entry_date_time) == (None, None)
    assert birth.dossier.extra == {"startDate": "31-12-2016", "entryDateTime": "gisteren"}
    assert birth.children[0].birth_date_time is None
    assert birth.children[0].firstname == "Jan"
    assert birth.children[0].extra == {"birthDateTime": {"date": "2016"}}


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_no_error_shows_a_citizen_number(status: int) -> None:
    text = f"Geen persoon met bsn {MOTHER} gevonden; Jan Jansen"
    answers = answering(problem(text), status=status)
    async with replaying(answers) as server, client_at(server.url) as client:
        for call in (
            lambda: client.relatives.get(MOTHER),
            lambda: client.relocations.relatives(MOTHER),
            lambda: client.births.acknowledgement(bsn_mother=MOTHER),
            lambda: client.births.name_selection(
                bsn_mother=MOTHER, bsn_father_or_duo_mother=MOTHER
            ),
            lambda: client.dossiers.search(bsns=[MOTHER]),
            lambda: client.tasks.search(bsns=[MOTHER]),
            lambda: client.commitments.cancel("a-1", message=f"Jansen {MOTHER}", look=False),
            lambda: client.dossier("a-1").documents.add(filename="Jansen", content=MOTHER.encode()),
            lambda: client.births.add(birth()),
            lambda: client.births.add(
                {"mother": {"bsn": MOTHER}, "dossier": {"startDate": "2024-01-01"}},
                validate=False,
            ),
        ):
            with pytest.raises(RequestError, match="/api/v1") as caught:
                await call()
            assert caught.value.server_message == text
            shown = told(caught.value)
            assert MOTHER not in shown
            assert "Jansen" not in shown


def told(error: BaseException) -> str:
    """The error's traceback with the local variables of our own frames."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in report.stack if "/elements_procura/" in frame.filename]
    assert frames
    own = [f"{name}={value}" for frame in frames for name, value in (frame.locals or {}).items()]
    return "\n".join([str(error), repr(error), *own])


async def test_a_faulty_body_is_not_shown_either() -> None:
    async with client_at("http://127.0.0.1:1") as client:
        for call in (
            lambda: client.relatives.get("123456789"),
            lambda: client.births.acknowledgement(bsn_mother="123456789"),
            lambda: client.dossiers.search(bsns=["123456789"]),
        ):
            with pytest.raises(InputError) as refused:
                await call()
            assert "123456789" not in told(refused.value)
        with pytest.raises(BodyError) as caught:
            await client.births.add({"mother": {"bsn": "123456789", "naam": "Jansen"}})
    assert "123456789" not in told(caught.value)
    assert "Jansen" not in told(caught.value)
    assert "$.mother.naam is not a field of this body" in str(caught.value)


async def test_nothing_personal_or_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        fault = Fault(kind="status", status=500, match="POST /api/*", times=1)
        sandbox.add_fault(fault, stored=True)
        await client.births.add(birth(), reference="mijn-zaak")
        await client.dossiers.search(bsns=[MOTHER])
        await client.births.acknowledgement(bsn_mother=MOTHER)
        with pytest.raises(RequestError):
            await client.relatives.get("999993653")
        secret = sandbox.credentials["client_secret"]
    ours = [each for each in caplog.records if each.name.startswith("elements_procura")]
    assert len(ours) >= 8
    for bird in (MOTHER, "999993653", secret, "Bearer", "eyJ", "mijn-zaak", "Vries", "Anna"):
        assert bird not in caplog.text
    assert "POST /api/v1/births: its outcome is not known" in caplog.text


async def test_options_hold_for_calls_not_for_the_client() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        quick = client.with_options(timeout=20, max_response_bytes=64)
        with pytest.raises(ProtocolError, match="over 64 bytes"):
            await quick.births.get(sandbox.dossier_ids[2])
        await client.births.get(sandbox.dossier_ids[2])
        assert quick.counters is client.counters


async def test_any_path_can_be_asked_for() -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        for path in ("/api/v1/info", f"{sandbox.url}/api/v1/info", "/dossiers/api/v1/info"):
            assert (await client.request("get", path)).status == 200
            assert sandbox.log[-1].path == "/api/v1/info"
        with pytest.raises(InputError):
            await client.request("GET", "https://elsewhere.example/api/v1/info")

"""The Procura sandbox as a server: what it grows, what goes wrong on order, what it logs."""

import aiohttp
import orjson
import pytest

from elements_procura.sandbox import Fault, Limits, ProcuraSandbox
from elements_procura.sandbox.procura.numbers import is_correct
from tests.sandbox_procura.procura_caller import Caller, calling, documented

BIRTHS = "POST /api/v1/births"


def test_a_seed_grows_the_same_cases() -> None:
    def truth(seed: int) -> list[dict[str, bytes]]:
        sandbox = ProcuraSandbox(dossiers=24, seed=seed)
        return [sandbox.truth(identifier) for identifier in sandbox.dossier_ids]

    assert truth(1) == truth(1)
    assert truth(1) != truth(2)


def test_all_six_kinds_and_only_numbers_for_tests() -> None:
    sandbox = ProcuraSandbox(dossiers=60, busy_day=12)
    assert len({case.kind.code for case in sandbox.cases}) == 6
    text = orjson.dumps([case.json() for case in sandbox.cases]).decode()
    numbers = [part[:9] for part in text.split('"bsn":"')[1:]]
    assert len(numbers) > 60
    assert all(is_correct(number) and number.startswith("9999") for number in numbers)
    days = [case.entered.date().isoformat() for case in sandbox.cases]
    assert days.count("2024-03-15") >= 12
    assert {case.status for case in sandbox.cases} == {"created", "incomplete"}


async def test_truth_is_what_is_served() -> None:
    async with calling(dossiers=12) as caller:
        for identifier in caller.sandbox.dossier_ids:
            for path, body in caller.sandbox.truth(identifier).items():
                assert (await caller.get(path.removeprefix("/api/v1/"))).body == body
        with pytest.raises(KeyError):
            caller.sandbox.truth("x")


async def test_stored_and_then_answered_500() -> None:
    async with calling(dossiers=0) as caller:
        fault = Fault(kind="status", status=500, match=BIRTHS, times=1)
        caller.sandbox.add_fault(fault, stored=True)
        assert (await caller.post("births", documented("births"))).status == 500
        assert len(caller.sandbox.cases) == 1
        assert (await caller.get("births/birth-1234")).status == 200
        assert caller.sandbox.log[1].fault == "status (stored)"
        caller.sandbox.add_fault(fault)
        body = documented("births")
        body["dossier"]["referenceIds"] = []
        assert (await caller.post("births", body)).status == 500
        assert len(caller.sandbox.cases) == 1


@pytest.mark.parametrize(("stored", "cases"), [(True, 1), (False, 0)])
async def test_a_connection_that_dies(*, stored: bool, cases: int) -> None:
    async with calling(dossiers=0) as caller:
        caller.sandbox.add_fault(Fault(kind="reset", match=BIRTHS), stored=stored)
        with pytest.raises(aiohttp.ClientError):
            await caller.post("births", documented("births"))
        caller.sandbox.clear_faults()
        assert len(caller.sandbox.cases) == cases


async def test_a_case_that_cannot_be_told() -> None:
    async with calling(dossiers=0) as caller:
        caller.sandbox.make_unreadable(BIRTHS)
        reply = await caller.post("births", documented("births"))
        assert (reply.status, len(caller.sandbox.cases)) == (500, 1)
        assert (await caller.get("births/birth-1234")).status == 500
        search = {"dossierIds": ["birth-1234"]}
        found = (await caller.post("dossiers/search", search)).json["result"]["content"]
        assert [row["type"]["code"] for row in found] == ["birth"]
        body = documented("births")
        body["dossier"]["referenceIds"] = []
        assert (await caller.post("births", body)).status == 201


@pytest.mark.parametrize(
    ("kind", "status", "start"),
    [("html", 200, b"<!DOCTYPE"), ("empty", 200, b""), ("cut-json", 200, b'{"relatives"')],
)
async def test_other_faults(kind: str, status: int, start: bytes) -> None:
    async with calling() as caller:
        caller.sandbox.add_fault(Fault(kind=kind, match="GET *", times=1))
        reply = await caller.get("relatives/36")
        assert (reply.status, reply.body[: len(start)]) == (status, start)
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(reply.body)
        assert (await caller.get("relatives/36")).json["relatives"]


async def test_half_a_body() -> None:
    async with calling() as caller:
        caller.sandbox.add_fault(Fault(kind="truncate", match="GET *", times=1))
        with pytest.raises(aiohttp.ClientPayloadError):
            await caller.get("relatives/36")


async def test_limits_are_off_unless_asked_for() -> None:
    async with calling(limits=Limits(rates=((3, 60.0),))) as caller:
        statuses = [(await caller.get("relatives/36")).status for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert caller.sandbox.rejected_429 == 1
        assert ProcuraSandbox().limits.rates == ()


async def test_the_log_and_the_context() -> None:
    async with calling(context="/elders/dossiers") as caller:
        await caller.get("births/info/acknowledgement", bsnMother="36")
        assert caller.sandbox.url.endswith("/elders/dossiers")
        token, asked = caller.sandbox.log
        assert (token.path, token.grant_type) == ("/oauth/token", "client_credentials")
        assert (asked.method, asked.path) == ("GET", "/api/v1/births/info/acknowledgement")
        assert (asked.query, asked.status) == ({"bsnMother": "36"}, 404)
        outside = caller.sandbox.url.removesuffix("/elders/dossiers") + "/api/v1/info"
        async with caller.session.get(outside) as reply:
            assert reply.status in (401, 404)


async def test_a_cookie_is_set_on_what_the_api_answers() -> None:
    async with calling() as caller:
        assert "JSESSIONID" in (await caller.get("relatives/36")).headers["Set-Cookie"]


async def test_starting_twice() -> None:
    async with calling() as caller:
        with pytest.raises(RuntimeError, match="running already"):
            await caller.sandbox.start()
        await taken(caller)
    with pytest.raises(RuntimeError, match="not started"):
        _ = ProcuraSandbox(dossiers=0).url


async def taken(caller: Caller) -> None:
    port = int(caller.sandbox.url.split(":")[2].split("/")[0])
    other = ProcuraSandbox(dossiers=0)
    with pytest.raises(OSError, match=r"(?i)address already in use"):
        await other.start(port=port)


async def test_some_kinds_can_be_searched_for_and_have_documents_but_no_detail() -> None:
    async with calling(dossiers=24, others=12, documented=0.5) as caller:
        sandbox = caller.sandbox
        others = [case for case in sandbox.cases if not case.kind.path]
        assert others == list(sandbox.cases[12:])
        assert len({case.kind.code for case in others}) == 9
        assert [bool(case.documents) for case in others].count(True) in range(2, 11)
        search = {"types": [others[0].kind.code], "paging": {"pageNumber": 0, "pageSize": 50}}
        rows = (await caller.post("dossiers/search", search)).json["result"]["content"]
        assert others[0].id in [row["dossierId"] for row in rows]
        for case in others:
            held = sandbox.truth(case.id)
            assert len(held) == 1 + len(case.documents)
            assert orjson.loads(sandbox.row(case.id))["type"]["code"] == case.kind.code
            for path, body in held.items():
                assert (await caller.get(path.removeprefix("/api/v1/"))).body == body
            assert (await caller.get(f"births/{case.id}")).status == 500


def test_documents_do_not_change_what_cases_grow() -> None:
    bare, full = (ProcuraSandbox(dossiers=12, documented=part) for part in (0.0, 1.0))
    assert [case.json() for case in bare.cases] == [case.json() for case in full.cases]
    assert all(case.documents for case in full.cases)
    assert full.truth(full.dossier_ids[0]) == ProcuraSandbox(dossiers=3, documented=1.0).truth(
        full.dossier_ids[0]
    )

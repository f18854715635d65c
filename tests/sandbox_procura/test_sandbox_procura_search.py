"""Searches of the Procura sandbox: a page is a limit, and filters come after the cut."""

from typing import Any

import pytest

from tests.sandbox_procura.procura_caller import FATHER, MOTHER, OTHER, Caller, calling, documented

SEARCH = "dossiers/search"


async def rows(caller: Caller, **body: Any) -> list[dict[str, Any]]:
    reply = await caller.post(SEARCH, body)
    assert reply.status == 200, reply.message
    found: list[dict[str, Any]] = reply.json["result"]["content"]
    return found


async def test_pages_are_none() -> None:
    async with calling(dossiers=60) as caller:
        plain = (await caller.post(SEARCH, {})).json["result"]
        assert {key: plain[key] for key in plain if key != "content"} == {
            "elements": 10,
            "totalElements": 10,
            "totalPages": 1,
            "pageNumber": 0,
            "pageSize": 10,
        }
        first = await rows(caller, paging={"pageNumber": 0, "pageSize": 7})
        assert await rows(caller, paging={"pageNumber": 1, "pageSize": 7}) == first
        assert len(first) == 7
        assert len(await rows(caller, paging={"pageNumber": 0, "pageSize": 1000})) == 60
        days = [row["startDate"] for row in first]
        assert days == sorted(days)
        none = (await caller.post(SEARCH, {"dossierIds": ["x"]})).json["result"]
        assert (none["pageSize"], none["totalPages"], none["content"]) == (0, 1, [])


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"paging": {"pageNumber": 0}}, 400, "pageSize is mandatory"),
        ({"paging": {"pageNumber": -1, "pageSize": 1}}, 500, "less than zero"),
        ({"paging": {"pageNumber": 0, "pageSize": 0}}, 500, "less than one"),
        ({"bsns": [MOTHER, FATHER]}, 500, "Only one BSN"),
        ({"bsns": []}, 500, None),
        ({"bsns": ["123456789"]}, 500, "Incorrecte BSN"),
        ({"types": ["corpsefinding"]}, 500, "Unknown dossier type"),
        ({"statusses": ["deleted"]}, 500, "Unknown status"),
        ({"types": [{"code": "birth"}]}, 400, "Cannot deserialize"),
        ({"entryDateTimePeriod": {"from": "2024-03-01"}}, 400, "Cannot deserialize"),
        ({"startDatePeriod": {"from": "2024-03-01T00:00:00"}}, 400, "Cannot deserialize"),
        ({"iets": 1}, 400, "Unrecognized"),
    ],
)
async def test_searches_that_fail(body: dict[str, Any], status: int, message: str | None) -> None:
    async with calling() as caller:
        reply = await caller.post(SEARCH, body)
    assert reply.status == status
    assert str(message or "") in str(reply.message)


async def test_filters() -> None:
    async with calling(dossiers=120) as caller:
        everything = {"pageNumber": 0, "pageSize": 1000}
        of_births = await rows(caller, types=["birth"], paging=everything)
        assert {row["type"]["code"] for row in of_births} == {"birth"}
        relocations = await rows(caller, types=["inter_mun_relocation"], paging=everything)
        assert len({row["type"]["code"] for row in relocations}) == 2
        assert await rows(caller, types=["travel_document"]) == []
        case = caller.sandbox.cases[2]
        mother = case.body["mother"]["bsn"]
        mine = await rows(caller, bsns=[mother.lstrip("0")], paging=everything)
        assert case.id in [row["dossierId"] for row in mine]
        # the cut comes first: of one row, none may be hers
        assert await rows(caller, bsns=[OTHER], paging={"pageNumber": 0, "pageSize": 1}) == []
        found = caller.sandbox.cases[5].body["deceased"]["bsn"]
        codes = [row["type"]["code"] for row in await rows(caller, bsns=[found], paging=everything)]
        assert "discovered_body" not in codes


async def test_the_time_of_day_of_a_period_is_dropped() -> None:
    async with calling() as caller:
        case = caller.sandbox.cases[0]
        day = case.entered.date().isoformat()
        period = {"from": f"{day}T23:59:59.759218533", "to": f"{day}T00:00:00Z"}
        found = await rows(caller, entryDateTimePeriod=period, dossierIds=["sandbox-1"])
        assert [row["dossierId"] for row in found] == [case.id]
        start = case.start.isoformat()
        assert await rows(
            caller, startDatePeriod={"from": start, "to": start}, dossierIds=[case.id]
        )
        late = {"from": "2999-01-01"}
        assert await rows(caller, startDatePeriod=late) == []


async def test_tasks_wait_for_consent() -> None:
    async with calling(dossiers=0) as caller:
        body = documented("relocations/intra")
        await caller.post("relocations/intra", body)
        occupant = body["newAddress"]["mainOccupant"]["bsn"]
        reply = await caller.post("tasks/search", {"bsns": [occupant]})
        [task] = reply.json["result"]["content"]
        assert task["bsn"] == [occupant]
        assert task["taskType"]["code"] == "relocation_lodging_consent"
        done = {"bsns": [occupant], "statusses": [{"code": "done"}]}
        assert (await caller.post("tasks/search", done)).json["result"]["content"] == []
        nobody = await caller.post("tasks/search", {"bsns": [FATHER]})
        assert nobody.json["result"]["content"] == []
        failing: list[dict[str, Any]] = [
            {},
            {"bsns": []},
            {"bsns": [occupant], "types": [{"code": "relocation_consent"}]},
            {"bsns": [occupant], "paging": {}},
        ]
        for wrong in failing:
            assert (await caller.post("tasks/search", wrong)).status == 500
        ignored = {"bsns": [occupant], "dossierIds": ["x"]}
        assert len((await caller.post("tasks/search", ignored)).json["result"]["content"]) == 1


async def test_information_about_people() -> None:
    async with calling() as caller:
        family = caller.sandbox.people.families[1]
        now = (await caller.get(f"relatives/{family.mother}")).json["relatives"]
        assert [row["person"]["bsn"] for row in now] == [
            family.mother,
            family.father,
            family.child,
        ]
        old = (await caller.get(f"relocations/info/relatives/{family.mother}")).json["relatives"]
        assert "suitableFor" not in old[0]
        assert "age" not in old[0]["person"]
        assert old[0]["obstructions"] == ["EXISTING_RELOCATION"]
        child = (await caller.get(f"relatives/{family.child}")).json["relatives"]
        assert [row["relationshipType"] for row in child] == ["REGISTERED", "PARENT", "PARENT"]
        info = "births/info"
        both = {"bsnMother": family.mother, "bsnFatherOrDuoMother": family.father}
        assert (await caller.get(f"{info}/name-selection", **both)).json["jointChildren"]
        apart = both | {"bsnFatherOrDuoMother": family.child}
        names = (await caller.get(f"{info}/name-selection", **apart)).json
        assert names == {"jointChildren": False}
        born = {"bsnMother": family.mother, "birthDate": "2024-01-01"}
        situation = (await caller.get(f"{info}/family-situation", **born)).json
        assert situation["partner"]["bsn"] == family.father
        late = await caller.get(f"{info}/family-situation", **(born | {"birthDate": "ooit"}))
        assert late.status == 400
        assert (await caller.get(f"{info}/name-selection", bsnMother=MOTHER)).status == 400
        none = await caller.get(f"{info}/acknowledgement", bsnMother=family.mother)
        assert (none.status, none.body) == (404, b"")
        there = await caller.get(f"{info}/acknowledgement", bsnMother="999990639")
        assert there.json["acknowledgerBsn"] == "999993872"
        unknown = await caller.get(f"relatives/{OTHER}")
        assert (unknown.status, unknown.json["code"]) == (400, "badRequestError")


async def test_a_row_that_cannot_be_converted_breaks_every_search_that_finds_it() -> None:
    async with calling(dossiers=60) as caller:
        sandbox = caller.sandbox
        case = sandbox.cases[3]
        day = case.entered.date().isoformat()
        within = {"from": f"{day}T00:00:00", "to": f"{day}T23:59:59"}
        everything = {"paging": {"pageNumber": 0, "pageSize": 1000}}
        for field in ("start_date", "entry_date", "status_date", "type"):
            sandbox.break_row(case.id, field=field)
            by_day = await caller.post(SEARCH, {"entryDateTimePeriod": within})
            by_start = await caller.post(SEARCH, {"startDatePeriod": {"from": day, "to": day}})
            all_of_it = await caller.post(SEARCH, everything)
            by_id = await caller.post(SEARCH, {"dossierIds": [case.id]})
            assert all_of_it.status == by_id.status == 500
            assert ("could not be parsed" in str(by_id.message)) == (field != "type")
            # By a date without a day it is in no single day.
            assert by_day.status == (200 if field == "entry_date" else 500)
            assert by_start.status == (200 if field == "start_date" else 500)
        sandbox.heal_row(case.id)
        assert len(await rows(caller, **everything)) == 60
        with pytest.raises(KeyError):
            sandbox.break_row("nobody")
        with pytest.raises(ValueError, match="field must be one of"):
            sandbox.break_row(case.id, field="letter")  # type: ignore[arg-type] # a mistake


async def test_a_back_office_that_takes_longer_the_more_rows_it_loads() -> None:
    async with calling(dossiers=60) as caller:
        caller.sandbox.slow_down(0.25)
        fits = {"paging": {"pageNumber": 0, "pageSize": 40}}
        too_many = {"paging": {"pageNumber": 0, "pageSize": 41}}
        assert len(await rows(caller, **fits)) == 40
        reply = await caller.post(SEARCH, too_many)
        assert reply.status == 500
        assert "Timeout on blocking read for 10000000000 NANOSECONDS" in str(reply.message)
        caller.sandbox.slow_down(0)
        assert len(await rows(caller, **too_many)) == 41

"""What a test can let happen to cases: added, changed, removed, hidden; and documents."""

from typing import Any

import orjson
import pytest

from elements_procura.sandbox import ProcuraSandbox
from tests.sandbox_procura.procura_caller import Caller, calling


async def found(caller: Caller, **search: Any) -> dict[str, Any]:
    paging = {"pageNumber": 0, "pageSize": 100}
    reply = await caller.post("dossiers/search", {"paging": paging, **search})
    return {row["dossierId"]: row for row in reply.json["result"]["content"]}


async def test_a_removed_case_is_nowhere() -> None:
    async with calling(dossiers=8) as caller:
        sandbox = caller.sandbox
        gone = sandbox.dossier_ids[2]
        paths = list(sandbox.truth(gone))
        (reference,) = sandbox.cases[2].references
        sandbox.remove(gone)
        assert gone not in sandbox.dossier_ids
        assert set(await found(caller)) == set(sandbox.dossier_ids)
        assert await found(caller, dossierIds=[reference["id"]]) == {}
        for path in paths:
            reply = await caller.get(path.removeprefix("/api/v1/"))
            assert reply.status == 500
            assert "Er is geen zaak" in (reply.message or "")
        for ask in (sandbox.truth, sandbox.row, sandbox.remove, sandbox.change):
            with pytest.raises(KeyError):
                ask(gone)


async def test_hidden_cases_answer_but_no_search_names_them() -> None:
    async with calling(dossiers=8) as caller:
        sandbox = caller.sandbox
        hidden = sandbox.dossier_ids[:3]
        sandbox.hide(hidden)
        assert set(await found(caller)) == set(sandbox.dossier_ids[3:])
        for path in sandbox.truth(hidden[0]):
            assert (await caller.get(path.removeprefix("/api/v1/"))).status == 200
        sandbox.hide(())
        assert set(await found(caller)) == set(sandbox.dossier_ids)


async def test_no_task_search_names_a_hidden_case() -> None:
    async with calling(dossiers=60) as caller:
        sandbox = caller.sandbox
        case = next(each for each in sandbox.cases if "mainOccupant" in str(each.body))
        search = {"bsns": [case.body["newAddress"]["mainOccupant"]["bsn"]]}
        for hidden, tasks in (((), 1), ((case.id,), 0)):
            sandbox.hide(hidden)
            reply = await caller.post("tasks/search", search)
            assert len(reply.json["result"]["content"]) == tasks


async def test_a_change_shows_in_the_detail_and_in_the_row_each_time() -> None:
    async with calling(dossiers=6) as caller:
        sandbox = caller.sandbox
        for dossier in sandbox.dossier_ids:
            seen = {sandbox.row(dossier)}
            for _ in range(3):
                before = sandbox.truth(dossier)
                sandbox.change(dossier)
                changed = differing(before, sandbox.truth(dossier))
                assert changed == {next(iter(before))}
                row = (await found(caller))[dossier]
                assert row == orjson.loads(sandbox.row(dossier))
                detail = orjson.loads(sandbox.truth(dossier)[changed.pop()])
                assert row == detail["dossier"]
                seen.add(sandbox.row(dossier))
            assert len(seen) == 4


def test_a_deep_change_leaves_the_row_alone() -> None:
    sandbox = ProcuraSandbox(dossiers=60)
    for dossier in sandbox.dossier_ids:
        row = sandbox.row(dossier)
        for _ in range(2):
            before = sandbox.truth(dossier)
            sandbox.change(dossier, deep=True)
            assert differing(before, sandbox.truth(dossier)) == {next(iter(before))}
        assert sandbox.row(dossier) == row


def test_a_case_without_anything_to_change_says_so() -> None:
    sandbox = ProcuraSandbox(dossiers=3)
    (birth,) = [case for case in sandbox.cases if case.kind.code == "birth"]
    del birth.body["nameSelection"]
    with pytest.raises(ValueError, match="nothing of its kind's own"):
        sandbox.change(birth.id, deep=True)


def test_an_added_case_is_the_one_that_grows_next() -> None:
    one, more = ProcuraSandbox(dossiers=5, seed=2), ProcuraSandbox(dossiers=7, seed=2)
    assert (one.add_dossier(), one.add_dossier()) == more.dossier_ids[-2:]
    for dossier in more.dossier_ids:
        assert one.truth(dossier) == more.truth(dossier)


async def test_documents_come_and_go() -> None:
    async with calling(dossiers=2) as caller:
        sandbox, dossier = caller.sandbox, caller.sandbox.dossier_ids[0]
        document = sandbox.add_document(dossier, filename="akte.pdf", content=b"\x00bytes")
        listed = (await caller.get(f"dossiers/{dossier}/documents")).json
        assert [row["id"] for row in listed] == [document]
        path = f"dossiers/{dossier}/documents/{document}"
        assert (await caller.get(path)).body == b"\x00bytes"
        sandbox.remove_document(dossier, document)
        assert (await caller.get(f"dossiers/{dossier}/documents")).json == []
        assert "foutmelding" in (await caller.get(path)).json
        with pytest.raises(KeyError):
            sandbox.remove_document(dossier, document)


def differing(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {path for path in before | after if before.get(path) != after.get(path)}

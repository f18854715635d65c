"""The demo ends equal for both APIs, and its verdict can be bad: a byte, a body too few or many."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import orjson
import pytest

from elements_procura.cli.commands.demo import _exit_code
from elements_procura.demo import DemoResult, Quota, Verdict, run_demo, verify, verify_procura
from elements_procura.errors import StoreError
from elements_procura.harvest import Harvest, Store
from elements_procura.harvest.packing import unpack
from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox

ADRESSEN = "/api/data/klantdossiers/5526/klanten/particulier/120954/adressen"
SHARED = "/api/data/klantdossiers/%/adviseurs/%/adressen"
BODY_AT = "resource = (SELECT id FROM resources WHERE path = ?)"
KEYS = {
    "dossiers", "harvested", "quarantined", "lost", "equal", "requests", "requests_saved",
    "rejected_429", "seconds", "store",
}  # fmt: skip


async def watch(_api: str, run: Harvest, _quota: Quota) -> None:
    async for _ in run:
        pass


@attrs.frozen
class Done:
    """A finished demo, its sandboxes still there."""

    elements: Sandbox
    procura: ProcuraSandbox
    result: DemoResult

    def after(self, statement: str, *values: object) -> Verdict:
        """The verdict about Elements after a change in the store, which has to be one."""
        path = self.result.elements.store
        change(path, statement, *values)
        with Store.read(path) as store:
            return verify(store, self.elements)

    def procura_after(self, statement: str, *values: object) -> Verdict:
        """The same about Procura."""
        assert self.result.procura is not None
        path = self.result.procura.store
        change(path, statement, *values)
        with Store.read(path) as store:
            return verify_procura(store, self.procura)


def change(path: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(path) as connection:
        assert connection.execute(statement, values).rowcount > 0
    connection.close()


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Done]:
    elements = Sandbox(dossiers=12, seed=8, limits="off")
    procura = ProcuraSandbox(dossiers=12, seed=8, others=4, documented=0.5)
    async with elements, procura:
        result = await run_demo(elements, procura, tmp_path, name="test", watch=watch)
        assert result.ok
        assert result.procura is not None
        for each, sandbox in ((result.elements, elements), (result.procura, procura)):
            assert each.sent == each.progress.requests == len(sandbox.log)
            assert each.progress.harvested == 12
        yield Done(elements, procura, result)


def test_it_tells_the_totals_and_each_api(demo: Done, tmp_path: Path) -> None:
    printed = demo.result.to_json()
    assert printed.keys() == KEYS | {"apis"}
    assert printed["store"] == str(tmp_path)
    apis = printed["apis"]
    assert apis.keys() == {"elements", "procura"}
    for api, told in apis.items():
        assert told.keys() == KEYS
        assert told["store"] == str(tmp_path / f"{api}.sqlite")
        assert (told["dossiers"], told["harvested"], told["equal"]) == (12, 12, True)
    for key in KEYS - {"equal", "store"}:
        assert printed[key] == pytest.approx(apis["elements"][key] + apis["procura"][key], abs=0.01)
    assert (printed["dossiers"], printed["equal"]) == (24, True)


def test_a_difference_of_either_api_makes_the_whole_unequal(demo: Done) -> None:
    bad = Verdict(compared=1, different=0, incomplete=1)
    whole = demo.result
    for api in ("elements", "procura"):
        changed = attrs.evolve(getattr(whole, api), verdict=bad)
        assert not attrs.evolve(whole, **{api: changed}).ok
        assert attrs.evolve(whole, **{api: changed}).to_json()["equal"] is False


# -------------------------------------------------------------------------------------- elements


def test_one_byte_that_differs_is_seen(demo: Done) -> None:
    with Store.read(demo.result.elements.store) as store:
        assert verify(store, demo.elements).equal
        body = store.body(ADRESSEN) or b""
    changed = body.replace(b"Nieuwemarkt", b"nieuwemarkt")
    verdict = demo.after(f"UPDATE bodies SET body = ? WHERE {BODY_AT}", changed, ADRESSEN)
    assert (verdict.equal, verdict.different, verdict.incomplete) == (False, 1, 0)


def test_a_body_that_is_missing_is_seen(demo: Done) -> None:
    verdict = demo.after(f"DELETE FROM bodies WHERE {BODY_AT}", ADRESSEN)
    assert (verdict.equal, verdict.different, verdict.incomplete) == (False, 0, 1)


def test_a_shared_body_that_is_missing_is_missed_by_all_who_share_it(demo: Done) -> None:
    verdict = demo.after(
        "DELETE FROM bodies WHERE resource IN (SELECT id FROM resources WHERE path LIKE ?)", SHARED
    )
    assert verdict.incomplete > 8


def test_a_body_that_the_sandbox_does_not_hold_is_seen(demo: Done) -> None:
    verdict = demo.after("UPDATE resources SET path = path || '9' WHERE path = ?", ADRESSEN)
    assert verdict.different == 1
    assert not verdict.equal


def test_a_dossier_that_the_sandbox_does_not_hold_is_seen(demo: Done) -> None:
    verdict = demo.after("INSERT INTO dossiers (id) VALUES (77)")
    assert (verdict.equal, verdict.different, verdict.incomplete) == (False, 1, 0)


def test_every_single_body_that_holds_something_is_missed(demo: Done) -> None:
    """Of the documented dossier and one that is grown, whatever its kind."""
    dossiers = demo.elements.dossier_ids[:2]
    kinds = set()
    with sqlite3.connect(demo.result.elements.store) as connection:
        rows = connection.execute(
            "SELECT path, kind, resource, body FROM bodies"
            " JOIN resources ON resource = resources.id WHERE dossier IN (?, ?) GROUP BY kind",
            dossiers,
        ).fetchall()
        for path, kind, resource, body in rows:
            embedded = orjson.loads(unpack(body)).get("_embedded")
            if embedded is not None and not any(embedded.values()):
                continue
            connection.execute("DELETE FROM bodies WHERE resource = ?", (resource,))
            connection.commit()
            with Store.read(demo.result.elements.store) as store:
                verdict = verify(store, demo.elements)
            assert verdict.incomplete, path
            assert not verdict.equal
            connection.execute("INSERT INTO bodies VALUES (?, ?)", (resource, body))
            connection.commit()
            kinds.add(kind)
    connection.close()
    assert {"dossier", "kantoor", "kantoor/adressen", "particulier", "producten"} <= kinds
    assert len(kinds) > 20


# --------------------------------------------------------------------------------------- procura


def paths(demo: Done) -> tuple[str, str, str]:
    """A detail, a list of documents that is not empty, and a row that is all there is."""
    with_detail = next(case for case in demo.procura.cases if case.kind.path and case.documents)
    detail, listed, *_ = demo.procura.truth(with_detail.id)
    return detail, listed, f"/api/v1/dossiers/{demo.procura.dossier_ids[-1]}"


@pytest.mark.parametrize("number", range(3))
def test_procuras_bodies_are_missed_when_they_are_not_there(demo: Done, number: int) -> None:
    path = paths(demo)[number]
    verdict = demo.procura_after(f"DELETE FROM bodies WHERE {BODY_AT}", path)
    assert (verdict.equal, verdict.different, verdict.incomplete) == (False, 0, 1)


@pytest.mark.parametrize("number", range(3))
def test_procuras_bodies_may_not_differ(demo: Done, number: int) -> None:
    path = paths(demo)[number]
    assert demo.result.procura is not None
    with Store.read(demo.result.procura.store) as store:
        changed = (store.body(path) or b"").replace(b"a", b"b")
    verdict = demo.procura_after(f"UPDATE bodies SET body = ? WHERE {BODY_AT}", changed, path)
    # A row with other words is another row, whatever they are.
    assert (verdict.equal, verdict.different, verdict.incomplete) == (False, 1, 0)


@pytest.mark.parametrize("number", range(3))
def test_procuras_bodies_may_not_be_too_many(demo: Done, number: int) -> None:
    path = paths(demo)[number]
    verdict = demo.procura_after("UPDATE resources SET path = path || '9' WHERE path = ?", path)
    assert (verdict.equal, verdict.different, verdict.incomplete) == (False, 1, 1)


def test_a_row_in_other_bytes_is_the_same_row(demo: Done) -> None:
    path = paths(demo)[2]
    spaced = orjson.dumps(
        orjson.loads(demo.procura.row(demo.procura.dossier_ids[-1])), option=orjson.OPT_INDENT_2
    )
    update = f"UPDATE bodies SET body = ? WHERE {BODY_AT}"
    assert demo.procura_after(update, spaced, path).equal


def test_a_dossier_of_procura_that_is_lost_or_a_stranger_is_seen(demo: Done) -> None:
    verdict = demo.procura_after("INSERT INTO dossiers (id) VALUES ('ABC-1')")
    assert (verdict.equal, verdict.different, verdict.incomplete) == (False, 1, 0)
    demo.procura_after("DELETE FROM dossiers WHERE id = 'ABC-1'")
    lost = demo.procura.dossier_ids[3]
    verdict = demo.procura_after(
        "DELETE FROM bodies WHERE resource IN (SELECT id FROM resources WHERE dossier = ?)", lost
    )
    assert (verdict.equal, verdict.incomplete) == (False, 1)


# ------------------------------------------------------------------------------------ going on


async def test_what_was_interrupted_is_gone_on_with(tmp_path: Path) -> None:
    asked: list[str] = []
    stop_at = {"elements": 40, "procura": 10}

    async def interrupted(api: str, run: Harvest, _quota: Quota) -> None:
        asked.append(api)
        number = 0
        async for _ in run:
            number += 1
            if number == stop_at.get(api):
                run.stop()

    elements = Sandbox(dossiers=6, seed=2, limits="off")
    procura = ProcuraSandbox(dossiers=60, seed=2)

    async def demo() -> DemoResult:
        return await run_demo(elements, procura, tmp_path, name="a", watch=interrupted)

    async with elements, procura:
        first = await demo()
        assert (asked, first.procura, first.ok, first.equal) == (["elements"], None, False, False)
        assert first.to_json()["apis"]["procura"] is None
        assert first.to_json()["equal"] is False
        del stop_at["elements"]
        second = await demo()
        assert (second.elements.ok, second.ok) == (True, False)
        del stop_at["procura"]
        sent = len(elements.log)
        third = await demo()
        assert asked[1:] == ["elements", "procura", "procura"]
        assert third.ok
        assert len(elements.log) == sent  # it was finished, and is compared only
        gets = [entry.path for entry in (*elements.log, *procura.log) if entry.method == "GET"]
        assert len(gets) == len(set(gets))
        await demo()
        assert asked[4:] == ["elements", "procura"]
        assert len(elements.log) > sent


async def test_another_demo_is_begun_anew_and_a_real_harvest_stays(tmp_path: Path) -> None:
    async def stopped(_api: str, run: Harvest, _quota: Quota) -> None:
        run.stop()
        async for _ in run:
            pass

    async with Sandbox(dossiers=3, limits="off") as elements, ProcuraSandbox() as procura:
        await run_demo(elements, procura, tmp_path, name="a", watch=stopped)
        result = await run_demo(elements, procura, tmp_path, name="b", watch=watch)
        assert result.ok
        with Store.read(result.elements.store) as store:
            assert store.tenant == "demo b elements"
        path = tmp_path / "real" / "procura.sqlite"
        Store.create(path, tenant="procura 1").close()
        with pytest.raises(StoreError, match="real harvest"):
            await run_demo(elements, procura, path.parent, name="a", watch=watch)
        assert [each.name for each in path.parent.iterdir() if each.suffix == ".sqlite"] == [
            path.name
        ]


async def test_what_is_in_quarantine_is_not_lost_but_not_all_there_is(tmp_path: Path) -> None:
    async with Sandbox(dossiers=3, limits="off") as elements, ProcuraSandbox() as procura:
        broken = next(iter(procura.truth(procura.dossier_ids[0])))
        procura.add_fault(Fault(kind="html", match=f"GET *{broken}"))
        result = await run_demo(elements, procura, tmp_path, name="a", watch=watch)
        assert (result.equal, result.quarantined, result.ok) == (True, 1, False)


def test_the_exit_code_tells_what_is_wrong(demo: Done) -> None:
    whole = demo.result
    assert whole.procura is not None
    assert _exit_code(whole) == 0
    progress = attrs.evolve(whole.procura.progress, harvested=11, quarantined=1)
    quarantined = attrs.evolve(whole, procura=attrs.evolve(whole.procura, progress=progress))
    assert _exit_code(quarantined) == 3
    for bad in (Verdict(9, 1, 0), Verdict(9, 0, 1)):
        differs = attrs.evolve(quarantined.elements, verdict=bad)
        assert _exit_code(attrs.evolve(quarantined, elements=differs)) == 1
    gone = attrs.evolve(whole.procura.progress, harvested=11, gone=1)
    less = attrs.evolve(whole, procura=attrs.evolve(whole.procura, progress=gone))
    assert _exit_code(less) == 1

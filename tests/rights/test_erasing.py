"""After an erasure nothing of a person is left, nothing brings it back, and all others stay."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from elements_procura.errors import InputError
from elements_procura.export import export
from elements_procura.harvest import Refresh, Store, StoreReader, harvest
from elements_procura.harvest.drift import Report
from elements_procura.harvest.erasure.lists import list_of
from elements_procura.rights import disclose, erase
from elements_procura.sandbox import Sandbox
from tests.harvest.inside import db_of, words_of

DOSSIER, TENANT = 5526, "kantoor"
PERSONS = f"/api/data/klantdossiers/{DOSSIER}/klanten/particulier"


def everything(path: Path) -> str:
    """All that stands in a store's files, with bodies unpacked."""
    return words_of(path).decode(errors="replace")


async def run(client: Any, store: Store, **how: Any) -> None:
    async for _ in harvest(client, store, **how):
        pass


def persons(sandbox: Sandbox, dossier: int) -> list[dict[str, Any]]:
    body = sandbox.truth(dossier)[PERSONS]
    found: list[dict[str, Any]] = json.loads(body)["_embedded"]["particulier"]
    return found


async def test_a_person_is_gone_from_a_store_and_stays_away(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with Sandbox(dossiers=6, seed=4, limits="off") as sandbox, sandbox.client() as client:
        with Store.create(path, tenant=TENANT, history=True) as store:
            await run(client, store)
            sandbox.change(DOSSIER)
            await run(client, store, refresh=Refresh(budget=10_000))
        one, *others = persons(sandbox, DOSSIER)
        marks = [one["bsn"], one["achternaam"], one["weergavenaam"]]
        marks += emails(sandbox, one["id"])
        assert len(marks) > 3
        before = everything(path)
        assert all(mark in before for mark in marks)
        with StoreReader.read(path) as reader:
            kept = {p: b for p, b in reader.bodies() if not any(m.encode() in b for m in marks)}

        plan = erase(path, person=str(one["id"]))
        assert not plan.done
        with StoreReader.read(path) as reader:
            assert kept.items() <= dict(reader.bodies()).items()
            assert reader.suppressed() == (b"", frozenset())
        assert not any(mark in json.dumps(plan.to_json()) + repr(plan) for mark in marks)

        done = erase(path, person=str(one["id"]), yes=True)
        assert (done.store.removed, done.store.rewritten) == (
            plan.store.removed,
            plan.store.rewritten,
        )
        assert left(path, marks, others) == []
        with StoreReader.read(path) as reader:
            assert reader.verify().damaged == ()
            after = dict(reader.bodies())
            owned = f"/particulier/{one['id']}/"
            assert {p: b for p, b in kept.items() if after.get(p) != b and owned not in p} == {}
            assert (
                b'{"erased":true}'
                in after[f"/api/data/klantdossiers/{DOSSIER}/klanten/particulier"]
            )
            assert [each.action for each in reader.audit()] == ["erase person"]
            states = reader.states()
        # A refresh.
        sandbox.log.clear()
        with Store.open(path, tenant=TENANT) as store:
            sandbox.change(DOSSIER)
            await run(client, store, refresh=Refresh(budget=10_000))
            assert store.states() == states
            assert store.concerns() == ()
            assert store.verify().damaged == ()
        assert left(path, marks, others) == []
        assert not [each for each in sandbox.log if owned in each.path]
        # A new harvest in the same place.
        for each in path.parent.glob(f"{path.name}*"):
            if each != list_of(path):
                each.unlink()
        with Store.create(path, tenant=TENANT) as store:
            await run(client, store)
            assert store.progress().complete
        assert left(path, marks, others) == []


def emails(sandbox: Sandbox, person: int) -> list[str]:
    path = f"/api/data/klantdossiers/{DOSSIER}/klanten/particulier/{person}/emailadressen"
    rows = json.loads(sandbox.truth(DOSSIER)[path])["_embedded"]["emailadressen"]
    return [row["naam"] for row in rows]


def left(path: Path, marks: list[str], others: list[dict[str, Any]]) -> list[str]:
    """What is left of a person, but for what others have as well."""
    text = everything(path)
    theirs = json.dumps(others)
    return [mark for mark in marks if mark in text and mark not in theirs]


async def test_a_dossier_is_gone_and_what_it_shares_stays(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with Sandbox(dossiers=6, seed=4, limits="off") as sandbox, sandbox.client() as client:
        with Store.create(path, tenant=TENANT) as store:
            await run(client, store)
            shared = {p for p, _ in store.shared()}
        erase(path, dossier=DOSSIER, yes=True)
        with StoreReader.read(path) as reader:
            assert DOSSIER not in reader.states()
            assert not [p for p, _ in reader.bodies() if f"/{DOSSIER}/" in p]
            assert reader.concerns() == ()
            assert len({p for p, _ in reader.bodies()} & shared) > 0 or not shared
        with Store.open(path, tenant=TENANT) as store:
            await run(client, store, refresh=Refresh(budget=10_000))
            assert DOSSIER not in store.states()
            assert store.progress().complete
        assert str(persons(sandbox, DOSSIER)[0]["bsn"]) not in everything(path)


async def test_a_person_is_told_all_that_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with Sandbox(dossiers=4, seed=4, limits="off") as sandbox, sandbox.client() as client:
        with Store.create(path, tenant=TENANT) as store:
            await run(client, store)
        one, *others = persons(sandbox, DOSSIER)
        with Store.open(path, tenant=TENANT):  # as a harvest does
            told = disclose(path, one["bsn"])
        text = json.dumps(told, ensure_ascii=False)
        assert all(mark in text for mark in (one["bsn"], one["weergavenaam"]))
        assert all(mark in text for mark in emails(sandbox, one["id"]))
        assert not any(other["bsn"] in text for other in others)
        kinds = {each["kind"] for each in told["found"]}
        # A mortgage that the two have is the person's, and says no more of the other than that.
        (loan,) = [each["records"] for each in told["found"] if each["kind"] == "hypotheken"]
        assert loan[0]["hoofdsom"]
        aanvragers = loan[0]["_embedded"]["aanvrager"]
        assert {"another_person": True} in aanvragers
        assert one["bsn"] in [each.get("bsn") for each in aanvragers]
        (list_,) = [each["records"] for each in told["found"] if each["kind"] == "particulier"]
        assert [each["id"] for each in list_] == [one["id"]]
        assert {"particulier", "particulier/adressen", "hypotheken"} <= kinds
        with StoreReader.read(path) as reader:
            assert [(each.action, each.counts) for each in reader.audit()] == [
                ("disclose", {"parts": len(told["found"])})
            ]
        erase(path, person=one["bsn"], yes=True)
        assert disclose(path, one["bsn"])["found"] == []


def test_one_person_or_one_dossier(tmp_path: Path) -> None:
    for given in ({}, {"person": "1", "dossier": 2}):
        with pytest.raises(InputError, match="--person, --dossier"):
            erase(tmp_path / "a.sqlite", **given)  # type: ignore[arg-type] # the point of it


def add_look(store: Store) -> None:
    """Make the person's dossier one that has changed since the last export."""
    db_of(store).execute("UPDATE resources SET change = NULL WHERE path = ?", (PERSONS,))


async def test_exports_and_journals_lose_a_person(tmp_path: Path) -> None:
    path, tables = tmp_path / "elements.sqlite", tmp_path / "tables"
    journal = tmp_path / "writes.jsonl"
    async with Sandbox(dossiers=3, seed=4, limits="off") as sandbox, sandbox.client() as client:
        with Store.create(path, tenant=TENANT) as store:
            await run(client, store)
        one, *others = persons(sandbox, DOSSIER)
        marks = [one["bsn"], one["weergavenaam"], *emails(sandbox, one["id"])]
    export(path, tables, to="jsonl")
    with Store.open(path, tenant=TENANT) as store:
        add_look(store)
    assert export(path, tables, to="jsonl", update=True)["tables"]
    assert [*tables.glob("change=*")]
    export(path, tmp_path / "gone", to="csv")
    shutil.rmtree(tmp_path / "gone")
    lines = [f'{{"path": "{PERSONS}/{number}/adressen"}}\n' for number in (one["id"], 12)]
    journal.write_text("".join(lines))

    plan = erase(path, person=str(one["id"]), journals=[journal])
    assert plan.exports == {
        str(tables): "written anew",
        str(tmp_path / "gone"): "is no longer there",
    }
    assert any(one["bsn"] in each.read_text() for each in tables.glob("*.jsonl"))
    assert journal.read_text() == "".join(lines)

    done = erase(path, person=str(one["id"]), yes=True, journals=[journal])
    assert done.exports == plan.exports
    assert done.journals == {str(journal): 1}
    assert journal.read_text() == "".join(lines).replace(f"/{one['id']}/", "/erased/")
    text = "".join(each.read_text() for each in tables.rglob("*") if each.is_file())
    assert [mark for mark in marks if mark in text] == []
    assert all(other["bsn"] in text for other in others)
    manifest = json.loads((tables / "_manifest.json").read_text())
    assert {each["untyped"] for each in manifest["tables"]} == {0}
    report = Report()
    report.add_store(path)
    assert not [each for each in report.findings() if "erased" in each.path]

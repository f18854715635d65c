"""What a test can let happen to dossiers: added, changed, removed, hidden."""

from typing import Any

import orjson
import pytest

from tests.sandbox.sandbox_caller import ROOT, Caller, calling, open_sandbox


async def listed(caller: Caller, **query: str) -> list[int]:
    return [row["id"] for row in (await caller.get(ROOT, **query)).rows("klantdossiers")]


@pytest.mark.parametrize("warm", [True, False])
async def test_a_removed_dossier_is_nowhere(*, warm: bool) -> None:
    async with calling(open_sandbox(dossiers=6)) as caller:
        sandbox = caller.sandbox
        gone = sandbox.dossier_ids[3]
        paths = list(sandbox.truth(gone))
        if warm:
            assert gone in await listed(caller)
        sandbox.remove(gone)
        assert gone not in sandbox.dossier_ids
        assert tuple(await listed(caller)) == sandbox.dossier_ids
        assert gone not in await listed(caller, zoekwaarde="e")
        assert len(paths) > 10
        for path in paths:
            assert (await caller.get(path)).status == 404
        for ask in (lambda: sandbox.truth(gone), lambda: sandbox.remove(gone)):
            with pytest.raises(KeyError):
                ask()


async def test_the_documented_dossier_and_a_written_one_can_be_removed() -> None:
    async with calling(open_sandbox(dossiers=2)) as caller:
        body = {"omschrijving": "Nieuw", "dossierstatus": {"id": 1}, "kantoor": {"id": 14830}}
        made = int((await caller.add(f"{ROOT}/", body)).rpartition("/")[2])
        person = f"{ROOT}/5526/klanten/particulier/120967"
        adres = {"emailadres": "aad@example.nl", "type": {"id": 1}}
        for dossier in (5526, made):
            caller.sandbox.remove(dossier)
            assert (await caller.get(f"{ROOT}/{dossier}")).status == 404
        assert (await caller.post(f"{person}/emailadressen", adres)).status == 404
        assert await listed(caller) == [300_001]


@pytest.mark.parametrize("warm", [True, False])
async def test_hidden_dossiers_answer_but_no_listing_names_them(*, warm: bool) -> None:
    async with calling(open_sandbox(dossiers=5)) as caller:
        sandbox = caller.sandbox
        whole = sandbox.listing() if warm else b""
        hidden = sandbox.dossier_ids[1:4]
        sandbox.hide(hidden)
        left = [each for each in sandbox.dossier_ids if each not in hidden]
        assert await listed(caller) == left
        assert (await caller.get(ROOT)).body == sandbox.listing()
        assert set(await listed(caller, zoekwaarde="e")) <= set(left)
        for each in hidden:
            assert (await caller.get(f"{ROOT}/{each}")).status == 200
            assert sandbox.truth(each)
        sandbox.hide(hidden[:1])
        assert len(await listed(caller)) == 4
        sandbox.hide(())
        assert tuple(await listed(caller)) == sandbox.dossier_ids
        assert sandbox.listing() == (whole or open_sandbox(dossiers=5).listing())


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_a_change_shows_in_the_dossier_and_its_row_each_time(number: int) -> None:
    async with calling(open_sandbox(dossiers=4)) as caller:
        sandbox = caller.sandbox
        dossier = sandbox.dossier_ids[number]
        path = f"{ROOT}/{dossier}"
        seen = []
        for _ in range(3):
            before = sandbox.truth(dossier)
            assert sandbox.change(dossier) == (path,)
            assert differing(before, sandbox.truth(dossier)) == {path}
            assert (await caller.get(path)).body == sandbox.truth(dossier)[path]
            (row,) = [
                row
                for row in orjson.loads(sandbox.listing())["_embedded"]["klantdossiers"]
                if row["id"] == dossier
            ]
            text = orjson.loads(sandbox.truth(dossier)[path])["omschrijving"]
            assert row["omschrijving"] == text
            assert dossier in await listed(caller, omschrijving=text)
            seen.append(text)
        assert len(set(seen)) == 3


def test_a_deep_change_leaves_the_dossier_and_its_row_alone() -> None:
    sandbox = open_sandbox(dossiers=300)
    changed_kinds = set()
    for dossier in sandbox.dossier_ids:
        listing, before = sandbox.listing(), sandbox.truth(dossier)
        for _ in range(2):
            changed = sandbox.change(dossier, deep=True)
            after = sandbox.truth(dossier)
            assert set(changed) == differing(before, after)
            assert f"{ROOT}/{dossier}" not in changed
            before = after
        assert sandbox.listing() == listing
        changed_kinds.add(changed[0].rpartition("/")[2])
        for path in changed:
            assert orjson.loads(after[path])["_links"]["self"]["href"] == path
    assert changed_kinds == {"producten", "emailadressen"}


async def test_nothing_deep_can_change_in_a_dossier_that_holds_nothing() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        body = {"omschrijving": "Nieuw", "dossierstatus": {"id": 1}, "kantoor": {"id": 14830}}
        made = int((await caller.add(f"{ROOT}/", body)).rpartition("/")[2])
        with pytest.raises(ValueError, match="no product and no person"):
            caller.sandbox.change(made, deep=True)
        with pytest.raises(KeyError):
            caller.sandbox.change(1)


@pytest.mark.parametrize("warm", [True, False])
def test_an_added_dossier_is_the_one_that_grows_next(*, warm: bool) -> None:
    one, more = open_sandbox(dossiers=5), open_sandbox(dossiers=7)
    if warm:
        one.listing()
    one.remove(one.dossier_ids[-1])
    assert [one.add_dossier(), one.add_dossier()] == list(more.dossier_ids[-2:])
    for dossier in more.dossier_ids[-2:]:
        assert one.truth(dossier) == more.truth(dossier)
    more.remove(more.dossier_ids[4])
    assert one.listing() == more.listing()


def differing(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {path for path in before | after if before.get(path) != after.get(path)}

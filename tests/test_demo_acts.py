"""The demo's three acts: what is in them, and that each of their verdicts can be bad."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import attrs
import orjson

from elements_procura.demo import Act, Night, Play, Verdict, programme, result_of, verify
from elements_procura.demo._rows import exported
from elements_procura.demo._sides import ElementsSide, opened
from elements_procura.harvest import Concern, Progress, Store, harvest
from elements_procura.sandbox import Sandbox, Weather
from elements_procura.sandbox.core.weather import MIXES

EQUAL = Verdict(1, 0, 0)


def night(**changes: object) -> Night:
    fair = Night("elements", 0, Progress(), EQUAL, 10, 0, 0, 1.0, frozenset())
    return attrs.evolve(fair, **changes)  # type: ignore[arg-type] # a test may give anything


def test_bad_weather_brings_broken_weather_with_it() -> None:
    first, second, third = programme(Weather.parse("bad"))
    assert set(first.weather) == set(MIXES["bad"])
    assert set(second.weather) == set(MIXES["broken"])
    assert third.weather == ()
    assert [each.exit_code for each in (first, second, third)] == [0, 3, 0]
    assert [each.compared for each in (first, second, third)] == ["json", "", "bytes"]
    assert [each.changes for each in (first, second, third)] == [False, True, False]


def test_of_other_names_what_passes_is_in_the_first_act_and_what_stays_in_the_second() -> None:
    first, second, _ = programme(Weather.parse("waf,forbidden,bom"))
    assert (first.weather, second.weather) == (("waf", "bom"), ("forbidden",))
    assert second.exit_code is None


def test_an_act_is_right_only_with_its_exit_code_and_nothing_lost() -> None:
    act = Act(2, "", (), 3, nights=(night(exit_code=3),))
    assert act.ok
    assert not attrs.evolve(act, nights=(night(exit_code=0),)).ok
    assert not attrs.evolve(act, nights=(night(exit_code=3, lost=1),)).ok
    assert not attrs.evolve(act, nights=(night(exit_code=3, verdict=Verdict(1, 1, 0)),)).ok
    either = attrs.evolve(act, exit_code=None)
    assert either.ok
    assert not attrs.evolve(either, nights=(night(exit_code=5),)).ok


def test_a_row_that_is_missing_for_one_night_is_lost() -> None:
    one, two, new = (("dossiers", (number,)) for number in (1, 2, 3))
    nights = [{one, two}, {one}, {one, two, new}]
    acts = [
        Act(number, "", (), 0, nights=(night(rows=frozenset(rows)),))
        for number, rows in enumerate(nights, 1)
    ]
    assert [act.nights[0].lost for act in counted(acts)] == [0, 1, 0]
    nights[2] = {one, new}  # then it was deleted at the source
    acts[2] = attrs.evolve(acts[2], nights=(night(rows=frozenset(nights[2])),))
    assert [act.nights[0].lost for act in counted(acts)] == [0, 0, 0]


def counted(acts: list[Act]) -> tuple[Act, ...]:
    play = Play((), Path(), "", None)  # type: ignore[arg-type] # nobody watches
    for act in acts:
        play.rows.setdefault("elements", []).append(act.nights[0].rows)
    return play._counted(acts)


def test_the_acts_are_told_as_one_demo(tmp_path: Path) -> None:
    open_ = (Concern("particulier", "forbidden", 4, 9),)
    acts = (
        Act(1, "one", ("waf",), 0, nights=(night(hit=3, refused=1),)),
        Act(2, "two", (), 3, nights=(night(exit_code=3, progress=Progress(concerns=open_)),)),
    )
    told = result_of(acts, tmp_path).to_json()
    assert (told["rejected_429"], told["seconds"]) == (1, 2.0)
    assert told["apis"]["procura"] is None
    second = acts[1].to_json()
    assert second["apis"]["elements"]["open"] == [
        {"subject": "particulier", "state": "forbidden", "count": 4}
    ]
    assert (second["act"], second["ok"]) == (2, True)


async def test_a_store_is_compared_by_meaning_only_when_asked_to(tmp_path: Path) -> None:
    sandbox = Sandbox(dossiers=3, seed=3, limits="off")
    path = tmp_path / "elements.sqlite"
    async with sandbox, ElementsSide(sandbox).connected() as connection:
        with opened(path, "t") as store:
            async for _ in harvest(connection.source, store):
                pass
    listed = "/api/data/klantdossiers/5526/producten"
    truth = sandbox.truth(5526)[listed]
    rows = orjson.loads(truth)["_embedded"]["producten"]
    php = orjson.dumps(orjson.loads(truth) | {"_embedded": {"producten": dict(numbered(rows))}})
    for body, means_the_same in (
        (b"\xef\xbb\xbf" + truth, True),
        (php, True),
        (php[:-1], False),
        (truth.replace(b'"id":', b'"nr":', 1), False),
    ):
        put(path, listed, body)
        with Store.read(path) as held:
            assert not verify(held, sandbox).equal
            assert verify(held, sandbox, as_json=True).equal is means_the_same
    put(path, listed, truth)
    with Store.read(path) as held:
        assert verify(held, sandbox).equal
    assert ("producten", f"5526/{rows[0]['id']}") in exported(path)


def numbered(rows: list[object]) -> Iterator[tuple[str, object]]:
    return ((str(2 * number), row) for number, row in enumerate(rows))


def put(path: Path, resource: str, body: bytes) -> None:
    """A body in place of the one at a path."""
    connection = sqlite3.connect(path)
    with connection:
        done = connection.execute(
            "UPDATE bodies SET body = ? WHERE resource = (SELECT id FROM resources WHERE path = ?)",
            (body, resource),
        )
        assert done.rowcount == 1
    connection.close()

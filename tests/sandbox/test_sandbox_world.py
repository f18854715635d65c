"""The grown dossiers: the same from the same seed, plausible, and full of quirks."""

import asyncio
import gc
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Any

import orjson
import pytest

from elements_procura.sandbox.elements import values
from tests.sandbox.sandbox_caller import ROOT, calling, hrefs, open_sandbox

MANY = 300


@cache
def grown() -> dict[int, dict[str, Any]]:
    """The decoded documents of many dossiers, the documented one left out."""
    sandbox = open_sandbox(dossiers=MANY)
    world = {
        dossier_id: {
            path: orjson.loads(body)
            for path, body in sandbox.truth(dossier_id).items()
            if not path.endswith("/download")
        }
        for dossier_id in sandbox.dossier_ids[1:]
    }
    gc.collect()
    gc.freeze()  # these live on, and every later collection would walk them
    return world


def documents(pattern: str) -> Iterator[tuple[str, Any]]:
    """The documents of all dossiers whose path below the dossier matches."""
    below = re.compile(rf"{ROOT}/\d+{pattern}")
    for truth in grown().values():
        yield from ((path, body) for path, body in truth.items() if below.fullmatch(path))


def rows(pattern: str) -> Iterator[dict[str, Any]]:
    for path, body in documents(pattern):
        yield from body["_embedded"][path.rpartition("/")[2]]


def everything(document: Any) -> Iterator[tuple[str, Any]]:
    """Every key and value in a document, however deep."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield key, value
            yield from everything(value)
    elif isinstance(document, list):
        for value in document:
            yield from everything(value)


@cache
def fields() -> dict[str, list[Any]]:
    """Every value in the world, by the key it stands under."""
    found: dict[str, list[Any]] = {}
    for truth in grown().values():
        for body in truth.values():
            for key, value in everything(body):
                found.setdefault(key, []).append(value)
    return found


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, other = open_sandbox(dossiers=30, seed=7), open_sandbox(dossiers=30, seed=7)
    for dossier_id in reversed(other.dossier_ids):  # whatever the order of asking
        other.truth(dossier_id)
    assert one.listing() == other.listing()
    for dossier_id in one.dossier_ids:
        assert one.truth(dossier_id) == other.truth(dossier_id)


def test_another_seed_gives_other_dossiers_but_the_documented_one() -> None:
    one, other = open_sandbox(dossiers=30, seed=1), open_sandbox(dossiers=30, seed=2)
    assert one.truth(5526) == other.truth(5526)
    same = [each for each in one.dossier_ids[1:] if one.truth(each) == other.truth(each)]
    assert same == []


def test_a_dossier_does_not_depend_on_how_many_there_are() -> None:
    assert open_sandbox(dossiers=3).truth(300_002) == open_sandbox(dossiers=500).truth(300_002)


def test_the_row_of_a_listing_is_the_dossier() -> None:
    listing = orjson.loads(open_sandbox(dossiers=MANY).listing())
    assert listing["_links"]["self"]["href"] == ROOT
    found = listing["_embedded"]["klantdossiers"]
    assert [row["id"] for row in found] == [5526, *grown()]
    for row in found[1:]:
        path = f"{ROOT}/{row['id']}"
        assert row["_links"] == {"self": {"href": path}}
        item = grown()[row["id"]][path]
        assert {**item, "_links": None} == {**row, "_links": None}


def test_every_document_has_its_own_path_as_self_link() -> None:
    for truth in grown().values():
        for path, body in truth.items():
            assert body["_links"]["self"]["href"] == path


def test_items_say_what_their_rows_say() -> None:
    """Except where an item holds `_embedded` inside `_links`, the quirk of adviseurs."""
    compared = 0
    for truth in grown().values():
        for path, body in truth.items():
            found = body.get("_embedded", {}).get(path.rpartition("/")[2], [])
            for row in found if isinstance(found, list) else []:
                item = truth.get(f"{path}/{row['id']}")
                item = item or truth.get(row.get("_links", {}).get("self", {}).get("href"))
                if item is None:
                    continue
                compared += 1
                if "_embedded" in item["_links"]:
                    item = {**item, "_embedded": item["_links"]["_embedded"]}
                differ = {key for key in row if row[key] != item.get(key)} - {"_links"}
                assert differ <= {"soort", "gearchiveerd", "gearchiveerd ", "publiek"}
                assert not differ or "soort" in row
    assert compared > 10 * MANY


def test_bsns_pass_the_11_test_in_the_reserved_range() -> None:
    found = [row["bsn"] for row in rows("/klanten/particulier") if row["bsn"]]
    for bsn in found:
        assert re.fullmatch(r"999\d{6}", bsn)
        weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
        assert (
            sum(int(digit) * weight for digit, weight in zip(bsn, weights, strict=True)) % 11 == 0
        )
    assert len(found) > MANY
    assert len(set(found)) == len(found)


def test_50_000_persons_have_bsns_of_their_own() -> None:
    assert len({values.bsn(number, seed=3) for number in range(50_000)}) == 50_000


def test_ibans_pass_the_mod_97_test() -> None:
    found = list(rows("/(klanten/.*|adviseurs/.*)/rekeningnummers"))
    for row in found:
        iban = row["iban"]
        assert re.fullmatch(r"NL\d\d[A-Z]{4}\d{10}", iban)
        turned = iban[4:] + iban[:4]
        assert int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
        assert row["bic"].startswith(iban[4:8])
        assert iban.endswith(row["nummer"])
    assert len(found) > MANY


def test_ids_are_unique_across_the_world() -> None:
    """One id, one thing: adviseurs and kantoren are shared, and so is a family's address."""
    homes: dict[int, set[str]] = {}
    for path, body in documents("/.*"):
        if "id" in body and not path.endswith("/profielfoto"):
            below = re.sub(rf"^{ROOT}/\d+/", "", path)
            kind = re.sub(r"/?\d+", "", below)
            homes.setdefault(body["id"], set()).add(kind)
    mixed = {key: kinds for key, kinds in homes.items() if len(kinds) > 1}
    assert mixed == {}
    owners: dict[int, set[str]] = {}
    for path, body in documents("/(klanten|bezittingen|hypotheken|contracten)/.*"):
        if "id" in body:
            owners.setdefault(body["id"], set()).add(path.split("/")[4])
    assert [key for key, found in owners.items() if len(found) > 1] == []


def test_adviseurs_and_kantoren_are_shared_and_the_same_everywhere() -> None:
    for pattern, key, dossiers_each in (("/adviseurs/.*", 6, 12), ("/kantoor.*", None, 40)):
        told: dict[str, set[bytes]] = {}
        seen: Counter[str] = Counter()
        for dossier_id, truth in grown().items():
            prefix = f"{ROOT}/{dossier_id}"
            kantoor_id = truth[f"{prefix}/kantoor"]["id"]
            for path, body in truth.items():
                if re.fullmatch(prefix + pattern, path):
                    name = path.removeprefix(prefix) + ("" if key else f"@{kantoor_id}")
                    text = orjson.dumps(body).replace(prefix.encode(), b"")
                    told.setdefault(name, set()).add(text)
                    seen[name] += 1
        assert [name for name, texts in told.items() if len(texts) > 1] == []
        assert sum(seen.values()) / len(seen) > dossiers_each


def test_dossiers_vary_within_what_is_asked() -> None:
    persons, products = Counter[int](), Counter[int]()
    for _, body in documents("/klanten/particulier"):
        persons[len(body["_embedded"]["particulier"])] += 1
    for _, body in documents("/producten"):
        products[len(body["_embedded"]["producten"])] += 1
    assert set(persons) == {1, 2, 3}
    assert set(products) == set(range(7))
    kinds = Counter(row["soort"] for row in rows("/producten"))
    assert len(kinds) == 13
    assert kinds.most_common(1)[0][0] == "hypotheken"
    assert any(rows("/klanten/zakelijk"))


def test_links_stand_only_where_there_is_something() -> None:
    absent = Counter[str]()
    for dossier_id, truth in grown().items():
        path = f"{ROOT}/{dossier_id}"
        for rel in ("producten", "bezittingen", "registraties", "adviseurs", "klanten/zakelijk"):
            (found,) = truth[f"{path}/{rel}"]["_embedded"].values()
            assert bool(found) == (rel in truth[path]["_links"])
            absent[rel] += not found
    assert min(absent.values()) > 0
    for path, body in documents("/(klanten/.*|adviseurs)/[0-9]+"):
        for rel in ("adressen", "emailadressen", "rekeningnummers", "telefoonnummers"):
            if f"{path}/{rel}" not in grown()[int(path.split("/")[4])]:
                continue
            (found,) = grown()[int(path.split("/")[4])][f"{path}/{rel}"]["_embedded"].values()
            assert bool(found) == (rel in body["_links"])


@pytest.mark.parametrize(
    ("field", "kinds"),
    [
        ("gearchiveerd ", {str}),
        ("gearchiveerd", {str, bool}),
        ("publiek", {str, bool}),
        ("land_iso", {str}),
        ("landIso", {str}),
        ("weergavenaam", {str}),
        ("computednaam", {str}),
        ("onderpandadres", {list, dict}),
        ("aanvragers", {list}),
        ("aanvrager", {list}),
        ("persoon", {list}),
        ("deprecation", {str}),
        ("titel", {str, type(None)}),
        ("omschrijving", {str, type(None)}),
        ("geboortedatum", {str, type(None)}),
    ],
)
def test_quirks_are_sprinkled_in(field: str, kinds: set[type]) -> None:
    assert {type(value) for value in fields()[field]} == kinds


def test_more_quirks() -> None:
    texts = {value for value in fields()["omschrijving"] if value}
    assert any("<p>" in text for text in texts)
    offsets = Counter(
        re.sub(r"\d", "0", value[19:])
        for value in (*fields()["boekdatum"], *fields()["aanmaakdatum"])
    )
    assert set(offsets) == {"+0000", "+00:00"}
    swapped = Counter(
        float(longitude) > float(latitude)
        for longitude, latitude in zip(fields()["longitude"], fields()["latitude"], strict=True)
        if longitude
    )
    assert 0 < swapped[True] < swapped[False]
    assert {row["publiek"] for row in rows("/producten")} == {"ja", "nee", True, False}
    names = Counter(key for _, body in documents(r"/hypotheken/\d+") for key in body["_embedded"])
    assert 0 < names["aanvragers"] < names["aanvrager"]
    assert any("_embedded" in body["_links"] for _, body in documents("/adviseurs/.*"))
    assert any("_embedded" in body for _, body in documents("/adviseurs/.*/emailadressen/.*"))


def test_moments_are_dutch_local_time() -> None:
    found = {
        value
        for values_of_key in fields().values()
        for value in values_of_key
        if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:", value)
    }
    assert len(found) > 1000
    for text in found:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
        hours = int(text[19:22])
        winter = moment.month in (1, 2, 11, 12) or not 1977 <= moment.year <= 2037
        if winter:
            assert hours == 1, text
        elif 5 <= moment.month <= 9:
            assert hours == 2, text


@pytest.mark.parametrize(
    ("day", "offset"),
    [
        (date(1965, 7, 1), "+01:00"),
        (date(2016, 3, 27), "+01:00"),  # the clock goes forward that night, after midnight
        (date(2016, 3, 28), "+02:00"),
        (date(2016, 10, 30), "+02:00"),
        (date(2016, 10, 31), "+01:00"),
        (date(2019, 3, 31), "+01:00"),
        (date(2019, 10, 27), "+02:00"),
        (date(2019, 10, 28), "+01:00"),
        (date(2037, 9, 1), "+02:00"),
        (date(2040, 9, 1), "+01:00"),  # as a documented example has it
    ],
)
def test_summer_begins_and_ends_on_a_sunday(day: date, offset: str) -> None:
    assert values.stamp(day) == f"{day}T00:00:00{offset}"
    assert values.stamp(day, colon=False) == f"{day}T00:00:00{offset.replace(':', '')}"


def test_links_never_leave_their_dossier() -> None:
    for dossier_id, truth in grown().items():
        for body in truth.values():
            for href in hrefs(body):
                own = href == f"{ROOT}/{dossier_id}" or href.startswith(f"{ROOT}/{dossier_id}/")
                assert own or href == "http://api.fasterforward.nl"


async def test_a_big_world_is_quick_to_start_and_to_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = open_sandbox(dossiers=20_000)
    drawn: list[int] = []  # rows at each turn of the loop
    async with calling(sandbox) as caller:
        assert sandbox._world._grown.cache_info().currsize == 0  # no dossier is grown yet
        row = sandbox._world.row
        count = 0

        def counted(dossier: int) -> dict[str, Any]:
            nonlocal count
            count += 1
            return row(dossier)

        async def watch() -> None:
            while True:
                drawn.append(count)
                await asyncio.sleep(0)

        monkeypatch.setattr(sandbox._world, "row", counted)
        watching = asyncio.create_task(watch())
        reply = await caller.get(ROOT)
        watching.cancel()
        assert len(reply.rows("klantdossiers")) == count == 20_000
        # The loop stays answerable while the listing is drawn.
        assert max(later - earlier for earlier, later in itertools.pairwise(drawn)) <= 1000
        assert (await caller.get(f"{ROOT}/319999")).json["id"] == 319_999

"""The queries of docs/warehouse.md give the sandbox's truth, in PostgreSQL and in DuckDB."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import orjson
import psycopg
import pytest

from elements_procura.export import export
from elements_procura.sandbox import Sandbox
from tests.export.direct import NOW, fill, look_again
from tests.servers.postgres import database

PAGE = Path(__file__).parents[2] / "docs" / "warehouse.md"
FOUR = PAGE.read_text().partition("## Four questions")[2]
QUERIES = re.findall(r"```sql\n(.*?)```", FOUR, re.DOTALL)
TODAY = dt.date(2031, 7, 1)
SCHEMA = "queries"
DOSSIERS = 60
Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, str, Path, int]]:
    """A sandbox, and a database and a file that hold it, with the number of changed dossiers."""
    folder = tmp_path_factory.mktemp("queries")
    store, file = folder / "e.sqlite", folder / "e.duckdb"
    sandbox = Sandbox(dossiers=DOSSIERS, seed=7, limits="off")
    url = database().rstrip("?&")
    sums = fill(store, sandbox, sandbox.dossier_ids)
    export(store, to="postgres", url=url, schema=SCHEMA)
    export(store, file, to="duckdb")
    changed = sandbox.dossier_ids[:7]
    for each in changed:
        sandbox.change(each)
    look_again(store, sandbox, changed=changed, seen=[], sums=sums)
    export(store, to="postgres", url=url, schema=SCHEMA)
    export(store, file, to="duckdb")
    yield sandbox, url, file, len(changed)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def answers(world: tuple[Sandbox, str, Path, int], number: int, today: dt.date) -> Rows:
    """What a query gives: the same in both databases."""
    _, url, file, _ = world
    query = QUERIES[number].replace("current_date", f"DATE '{today}'")
    with psycopg.connect(url) as db:
        db.execute(f"SET search_path TO {SCHEMA}")
        found = db.execute(query).fetchall()
    with duckdb.connect(file, read_only=True) as held:
        assert held.execute(query).fetchall() == found
    return found


def bodies(sandbox: Sandbox, ending: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every body whose path ends so, decoded, with its dossier."""
    for dossier in sandbox.dossier_ids:
        for path, body in sandbox.truth(dossier).items():
            if re.search(ending + "$", path):
                yield dossier, orjson.loads(body)


def test_there_are_four() -> None:
    assert len(QUERIES) == 4


def test_portfolios_of_advisers(world: tuple[Sandbox, str, Path, int]) -> None:
    sandbox = world[0]
    products = {
        dossier: body["_embedded"]["producten"]
        for dossier, body in bodies(sandbox, r"\d/producten")
    }
    expected: dict[int, list[Any]] = defaultdict(lambda: [0, 0, Decimal(0)])
    for dossier, body in bodies(sandbox, r"\d/adviseurs"):
        for adviser in body["_embedded"]["adviseurs"]:
            held = products.get(dossier, [])
            row = expected[adviser["id"]]
            row[0] += 1
            row[1] += len(held)
            row[2] += sum(Decimal(str(each.get("hoofdsom") or 0)) for each in held)
    found = {row[0]: [*row[2:]] for row in answers(world, 0, TODAY)}
    assert found == expected
    assert len(found) > 1


def test_mortgages_that_end_within_a_year_by_office(
    world: tuple[Sandbox, str, Path, int],
) -> None:
    sandbox = world[0]
    office = {dossier: body["id"] for dossier, body in bodies(sandbox, r"\d/kantoor")}
    expected: dict[int, tuple[set[tuple[int, int]], Decimal]] = {}
    for dossier, body in bodies(sandbox, r"/hypotheken/\d+"):
        for part in body["_embedded"]["productdelen"]:
            ends = dt.date.fromisoformat(part["einddatum"][:10]) if part.get("einddatum") else None
            if ends is not None and TODAY <= ends < TODAY.replace(year=TODAY.year + 1):
                mortgages, amount = expected.get(office[dossier], (set(), Decimal(0)))
                amount += Decimal(str(part["deelHoofdsom"]))
                expected[office[dossier]] = (mortgages | {(dossier, body["id"])}, amount)
    found = {row[0]: (row[2], row[3]) for row in answers(world, 1, TODAY)}
    assert found == {each: (len(held), amount) for each, (held, amount) in expected.items()}
    assert found


def test_customers_without_an_email_address(world: tuple[Sandbox, str, Path, int]) -> None:
    sandbox = world[0]
    with_one = set()
    people = []
    for dossier in sandbox.dossier_ids:
        for path, body in sandbox.truth(dossier).items():
            steps = path.split("/")
            data = orjson.loads(body) if body[:1] == b"{" else {}
            if re.search(r"/particulier/\d+/emailadressen$", path):
                if data["_embedded"]["emailadressen"]:
                    with_one.add((dossier, int(steps[-2])))
            elif path.endswith("/klanten/particulier"):
                people += [(dossier, each["id"]) for each in data["_embedded"]["particulier"]]
    found = [row[:2] for row in answers(world, 2, TODAY)]
    assert found == sorted({*people} - with_one)
    assert 0 < len(found) < len(people)


def test_what_has_changed_this_week(world: tuple[Sandbox, str, Path, int]) -> None:
    changed = world[3]
    day = dt.datetime.fromtimestamp(NOW + 86400, dt.UTC).date()
    week = {what: (rows, gone) for what, rows, gone in answers(world, 3, day + dt.timedelta(7))}
    assert week["dossiers"] == (changed, 0)
    earlier = {what: rows for what, rows, _ in answers(world, 3, day)}
    assert earlier["dossiers"] == DOSSIERS

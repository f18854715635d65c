"""Exports of a large store, and kill -9 of exports to PostgreSQL: ``.ci/soak warehouse``.

A store is made of a sandbox's truth without a request. Every export runs in a process of its own
that tells its memory, and its CPU without imports. Needs the extra fleet-demo, or a server in
``TEST_POSTGRES_URL``.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import duckdb
import psycopg
import pyarrow.parquet as pq

from elements_procura.sandbox import Sandbox
from tests.export.direct import Sums, fill, look_again
from tests.servers.postgres import database

MOST_MEMORY = 200  # MB
MOST_CPU = 0.03  # of an export of everything, for a night with 1 % changed
CHILD = """
import json, sys, time
class NoPandas:  # where it is installed, pyarrow imports it: 45 MB that are not ours
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoPandas())
from elements_procura.export import export
from elements_procura.export.warehouse import keep
given = json.loads(sys.argv[1])
if given["to"] == "postgres": import elements_procura.export.postgres
if given["to"] == "duckdb": import elements_procura.export.duckdb_file
if given["to"] == "parquet": import elements_procura.export.parquet
import elements_procura.elements.shapes
began = time.process_time()
done = export(**given)
with open("/proc/self/status") as status:
    (most,) = [line.split()[1] for line in status if line.startswith("VmHWM")]
print(json.dumps({"cpu": time.process_time() - began, "memory": int(most) / 1024,
    "since": done.get("since"), "notes": done.get("notes")}))
"""


def run(**given: Any) -> dict[str, Any]:
    """One export in a process of its own."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps(given)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr)
    told: dict[str, Any] = json.loads(done.stdout)
    told["seconds"] = time.monotonic() - began
    print(
        f"  {given['to']:8} {told['cpu']:7.2f} s CPU, {told['seconds']:6.1f} s,"
        f" {told['memory']:4.0f} MB, since {told['since']}, {told['notes']}",
        flush=True,
    )
    return told


def compare(name: str, ask: Callable[[str], Any], sums: Sums, home: str = "") -> bool:
    """Whether the tables add up to the truth."""
    wrong = []
    for table, rows in sums.rows.items():
        found = ask(f'SELECT count(*) FROM {home}"{table}" WHERE deleted_at IS NULL')
        if found != rows:
            wrong.append(f"{table}: {found} rows of {rows}")
    for column, amount in sums.amounts.items():
        table, _, field = column.partition(".")
        found = ask(f'SELECT sum("{field}") FROM {home}"{table}" WHERE deleted_at IS NULL')
        if Decimal(found or 0) != amount:
            wrong.append(f"{column}: {found} of {amount}")
    told = f"{sum(sums.rows.values()):,} rows, {len(sums.amounts)} sums"
    print(f"  {name}: {told}: {'equal' if not wrong else '; '.join(wrong)}", flush=True)
    return not wrong


def large(dossiers: int, folder: Path, url: str) -> bool:
    """Exports of everything, and of a night with 1 % changed."""
    sandbox = Sandbox(dossiers=dossiers, seed=7, limits="off")
    store, ids = folder / "e.sqlite", sandbox.dossier_ids
    began = time.monotonic()
    sums = fill(store, sandbox, ids)
    size = store.stat().st_size / 1e6
    print(f"{dossiers:,} dossiers, {size:,.0f} MB in {time.monotonic() - began:.0f} s", flush=True)
    targets: dict[str, dict[str, Any]] = {
        "postgres": {"url": url, "schema": "soak"},
        "duckdb": {"out": str(folder / "soak.duckdb")},
        "parquet": {"out": str(folder / "parquet")},
    }
    whole = {to: run(store=str(store), to=to, **more) for to, more in targets.items()}
    fine = _compare_all(folder, url, sums, parquet=True)
    changed = random.Random(1).sample(ids, len(ids) // 100)
    for each in changed:
        sandbox.change(each)
    # A night's quota is 3,200 dossiers, whether or not they have changed.
    seen = random.Random(2).sample(ids, min(3_200, len(ids) // 15))
    look_again(store, sandbox, changed=changed, seen=seen, sums=sums)
    for to in ("postgres", "duckdb"):
        done = run(store=str(store), to=to, **targets[to])
        share = done["cpu"] / whole[to]["cpu"]
        print(f"  {to}: a night is {share:.1%} of everything")
        fine = fine and done["since"] is not None and share <= MOST_CPU
        fine = fine and done["memory"] <= MOST_MEMORY
    fine = _compare_all(folder, url, sums, parquet=False) and fine
    return fine and all(each["memory"] <= MOST_MEMORY for each in whole.values())


def _compare_all(folder: Path, url: str, sums: Sums, *, parquet: bool) -> bool:
    with psycopg.connect(url) as db:
        fine = compare("postgres", lambda query: db.execute(query).fetchone()[0], sums, "soak.")  # type: ignore[index] # a count is a row
    with duckdb.connect(folder / "soak.duckdb", read_only=True) as held:
        fine = compare("duckdb", lambda query: held.execute(query).fetchone()[0], sums) and fine  # type: ignore[index] # a count is a row
    if parquet:
        files = {file.stem: pq.ParquetFile(file) for file in (folder / "parquet").glob("*.parquet")}
        rows = {name: file.metadata.num_rows for name, file in files.items()}
        wrong = {name for name in sums.rows if name in rows and rows[name] != sums.rows[name]}
        print(f"  parquet: {sorted(wrong) or 'equal'}", flush=True)
        fine = fine and not wrong
    return fine


def kills(times: int, dossiers: int, folder: Path, url: str) -> bool:
    """Exports that are killed: readers see the old night or the new one."""
    sandbox = Sandbox(dossiers=dossiers, seed=8, limits="off")
    store, ids = folder / "k.sqlite", sandbox.dossier_ids
    sums = fill(store, sandbox, ids)
    given = {"store": str(store), "to": "postgres", "url": url, "schema": "kills"}
    chance = random.Random(3)
    usual = run(**given)["seconds"]
    before, killed = _seen(url), 0
    for number in range(times):
        for each in chance.sample(ids, len(ids) // 4):
            sandbox.change(each)
        look_again(store, sandbox, changed=ids, seen=ids, sums=sums)
        more = {"force": True} if number % 4 == 3 else {}
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, json.dumps(given | more)], stdout=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.3, usual * 1.1))
        killed += process.poll() is None
        process.kill()
        process.wait()
        after = _seen(url)
        if after != before and after[1] == before[1]:
            print(f"half a night: {before} {after}")
            return False
        _wait_until_free(url)
        done = subprocess.run(
            [sys.executable, "-c", CHILD, json.dumps(given)], check=True, capture_output=True
        )
        assert done.returncode == 0
        before = _seen(url)
        with psycopg.connect(url) as db:
            if not compare("kills", lambda query: db.execute(query).fetchone()[0], sums, "kills."):  # type: ignore[index] # a count is a row
                return False
    print(f"{killed} of {times} exports were killed under way; no reader saw half a night")
    return killed > times // 2


def _seen(url: str) -> tuple[Any, str]:
    """What a reader sees in one moment: everything, as a sum, and the note of the export."""
    with psycopg.connect(url) as db:
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        (standing,) = db.execute("SELECT standing FROM kills._export").fetchone()  # type: ignore[misc] # there is one
        tables = json.loads(standing)["rows"]
        marks = [
            db.execute(
                f"SELECT sum(hashtextextended(t::text, 0)::numeric) FROM kills.{table} AS t"
            ).fetchone()
            for table in sorted(tables)
        ]
    return marks, standing


def _wait_until_free(url: str) -> None:
    """Until the server has noticed that whoever exported is gone."""
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    with psycopg.connect(url, autocommit=True) as db:
        while db.execute(query).fetchone() != (0,):
            time.sleep(0.05)


def main() -> int:
    """Run both parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    url = database().rstrip("?&")
    with tempfile.TemporaryDirectory() as folder:
        fine = not options.times or kills(options.times, 300, Path(folder), url)
        if options.dossiers:
            fine = large(options.dossiers, Path(folder), url) and fine
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("DROP SCHEMA IF EXISTS soak CASCADE; DROP SCHEMA IF EXISTS kills CASCADE")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())

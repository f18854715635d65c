"""Exports of a large store, and kill -9 of exports to PostgreSQL: ``.ci/soak warehouse``.

A store is made of a sandbox's truth without a request. Every export runs in a process of its own
that tells its memory, and its CPU without imports; of PostgreSQL the server's is told beside it.
Needs the extra fleet-demo, or a server on this machine in ``TEST_POSTGRES_URL``.

Parts can be run one by one, each in less than twenty minutes: ``warehouse.py --folder DIR store``
first, then ``kills``, ``postgres``, ``duckdb``, ``parquet``.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import duckdb
import psycopg

from elements_procura.sandbox import Sandbox
from tests.export.direct import Sums, fill, look_again
from tests.servers.postgres import database

PARTS = ("kills", "store", "postgres", "duckdb", "parquet")
SEED = 7
MOST_MEMORY = 200  # MB
MOST_CPU = 0.03  # of an export of everything, for a night with 1 % changed: of its own process
CHILD = """
import json, sys, time
class NoPandas:  # where it is installed, pyarrow imports it: 45 MB that are not ours
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoPandas())
from elements_procura.export import export
from elements_procura.export.warehouse.keeping import keep
given = json.loads(sys.argv[1])
if given["to"] == "postgres": import elements_procura.export.warehouse.postgres
if given["to"] == "duckdb": import elements_procura.export.warehouse.duckdb_file
if given["to"] == "parquet": import elements_procura.export.parquet
import elements_procura.elements.shapes
print("begun", flush=True)
began = time.process_time()
done = export(**given)
with open("/proc/self/status") as status:
    (most,) = [line.split()[1] for line in status if line.startswith("VmHWM")]
print(json.dumps({"cpu": time.process_time() - began, "memory": int(most) / 1024,
    "since": done.get("since"), "notes": done.get("notes")}))
"""


def begin(**given: Any) -> subprocess.Popen[str]:
    """Begin an export in a process of its own; its imports are done."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps(given)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def run(**given: Any) -> dict[str, Any]:
    """One export in a process of its own."""
    server = given["url"] if given["to"] == "postgres" else None
    at_server = 0.0 if server is None else cpu_of(server)
    process = begin(**given)
    began = time.monotonic()
    text, _ = process.communicate()
    if process.returncode:
        sys.exit(f"exit {process.returncode}")
    told: dict[str, Any] = json.loads(text)
    told["seconds"] = time.monotonic() - began
    told["server"] = 0.0 if server is None else cpu_of(server) - at_server
    beside = "" if server is None else f" and {told['server']:.2f} s in the server"
    print(
        f"  {given['to']:8} {told['cpu']:7.2f} s CPU{beside}, {told['seconds']:6.1f} s,"
        f" {told['memory']:4.0f} MB, since {told['since']}, {told['notes']}",
        flush=True,
    )
    return told


def cpu_of(url: str) -> float:
    """Seconds of CPU that a server on this machine has used: its processes', and those before."""
    with psycopg.connect(url) as db:
        (text,) = db.execute("SELECT pg_read_file('postmaster.pid')").fetchone() or ("",)
    parent = text.split()[0]
    time.sleep(0.5)  # until whoever was connected is counted
    ticks = 0
    for place in Path("/proc").iterdir():
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if place.name == parent:
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == parent:
            ticks += sum(map(int, fields[11:13]))
    return ticks / float(os.sysconf("SC_CLK_TCK"))


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


def make_store(dossiers: int, folder: Path) -> None:
    """A store of a sandbox's truth, and what its tables must add up to."""
    sandbox = Sandbox(dossiers=dossiers, seed=SEED, limits="off")
    began = time.monotonic()
    sums = fill(folder / "e.sqlite", sandbox, sandbox.dossier_ids)
    amounts = {name: str(amount) for name, amount in sums.amounts.items()}
    told = {"dossiers": dossiers, "rows": sums.rows, "amounts": amounts}
    (folder / "sums.json").write_text(json.dumps(told))
    size = (folder / "e.sqlite").stat().st_size / 1e6
    print(f"{dossiers:,} dossiers, {size:,.0f} MB in {time.monotonic() - began:.0f} s", flush=True)


def large(to: str, folder: Path, url: str) -> bool:
    """Exports of everything, and of a night with 1 % changed, into one kind of target."""
    told = json.loads((folder / "sums.json").read_text())
    sums = Sums(Counter(told["rows"]), {name: Decimal(it) for name, it in told["amounts"].items()})
    sandbox = Sandbox(dossiers=told["dossiers"], seed=SEED, limits="off")
    ids, store = sandbox.dossier_ids, folder / f"of_{to}.sqlite"
    shutil.copy(folder / "e.sqlite", store)
    place = {"url": url, "schema": "soak"} if to == "postgres" else {"out": str(folder / to)}
    given = {"store": str(store), "to": to, **place}
    whole = run(**given)
    fine = _compare(to, folder, url, sums) and whole["memory"] <= MOST_MEMORY
    changed = random.Random(1).sample(ids, len(ids) // 100)
    for each in changed:
        sandbox.change(each)
    # A night's quota is 3,200 dossiers, whether or not they have changed.
    seen = random.Random(2).sample(ids, min(3_200, len(ids) // 15))
    look_again(store, sandbox, changed=changed, seen=seen, sums=sums)
    night = run(**given, **({"update": True} if to == "parquet" else {}))
    share = night["cpu"] / whole["cpu"]
    both = (night["cpu"] + night["server"]) / (whole["cpu"] + whole["server"])
    print(f"  {to}: a night is {share:.2%} of everything, with the server {both:.2%}")
    fine = fine and night["since"] is not None and share <= MOST_CPU
    return _compare(to, folder, url, sums) and fine and night["memory"] <= MOST_MEMORY


def _compare(to: str, folder: Path, url: str, sums: Sums) -> bool:
    if to == "postgres":
        with psycopg.connect(url) as db:
            return compare(to, lambda query: db.execute(query).fetchone()[0], sums, "soak.")  # type: ignore[index] # a count is a row
    if to == "duckdb":
        with duckdb.connect(folder / to, read_only=True) as held:
            return compare(to, lambda query: held.execute(query).fetchone()[0], sums)  # type: ignore[index] # a count is a row
    with duckdb.connect() as held:
        for table in {*sums.rows, *(name.partition(".")[0] for name in sums.amounts)}:
            held.execute(f'CREATE VIEW "{table}" AS {_of_files(folder / to, table)}')
        return compare(to, lambda query: held.execute(query).fetchone()[0], sums)  # type: ignore[index] # a count is a row


def _of_files(out: Path, table: str) -> str:
    """How docs/export.md reads a table of an export to files that has parts."""
    if not [*out.glob(f"change=*/{table}.parquet")]:
        return f"SELECT * FROM '{out}/{table}.parquet'"
    page = (Path(__file__).parents[2] / "docs" / "export.md").read_text()
    (query,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    return str(query).replace("tables/", f"{out}/").replace("hypotheken", table)


def kills(times: int, dossiers: int, folder: Path, url: str) -> bool:
    """Exports that are killed: whoever looks, during and after, sees a whole night."""
    sandbox = Sandbox(dossiers=dossiers, seed=8, limits="off")
    store, ids = folder / "k.sqlite", sandbox.dossier_ids
    sums = fill(store, sandbox, ids)
    given = {"store": str(store), "to": "postgres", "url": url, "schema": "kills"}
    chance = random.Random(3)
    run(**given)
    usual, killed, number = {False: 1.0, True: 1.0}, 0, 0
    seen: dict[str, Any] = {}
    with reader(url) as looks:
        while killed < times:
            anew = number % 4 == 3
            number += 1
            for each in chance.sample(ids, len(ids) // 4):
                sandbox.change(each)
            look_again(store, sandbox, changed=ids, seen=ids, sums=sums)
            process = begin(**given, **({"force": True} if anew else {}))
            began = time.monotonic()
            try:
                process.wait(chance.uniform(0, usual[anew]))
                usual[anew] = (usual[anew] + time.monotonic() - began) / 2
            except subprocess.TimeoutExpired:
                killed += 1
                usual[anew] *= 1.1
            process.kill()
            process.wait()
            _look(url, seen)
            _wait_until_free(url)
            done = begin(**given)
            if done.wait():
                return False
            _look(url, seen)
            with psycopg.connect(url) as db:
                if not compare("kills", lambda ask: db.execute(ask).fetchone()[0], sums, "kills."):  # type: ignore[index] # a count is a row
                    return False
    told = looks.get()
    print(f"{killed} of {number} exports were killed under way, then completed by the next")
    print(f"a reader beside them: {told}")
    return isinstance(told, dict) and bool(told["looks"]) and not told["half"]


@contextmanager
def reader(url: str) -> Iterator[Any]:
    """Somebody in another process who looks all the time."""
    context = multiprocessing.get_context("spawn")
    stop, looks = context.Event(), context.Queue()
    process = context.Process(target=_keep_looking, args=(url, stop, looks))
    process.start()
    try:
        yield looks
    finally:
        stop.set()
    process.join(60)


def _keep_looking(url: str, stop: Event, looks: Any) -> None:
    seen: dict[str, Any] = {}
    count, waited, half = 0, 0.0, ""
    try:
        while not stop.is_set():
            began = time.monotonic()
            _look(url, seen)
            count += 1
            waited = max(waited, time.monotonic() - began)
    except (AssertionError, psycopg.Error) as error:
        half = f"{type(error).__name__}: {error}"
    looks.put({"looks": count, "nights": len(seen), "longest": round(waited, 2), "half": half})


def _look(url: str, seen: dict[str, Any]) -> None:
    """Look at everything in one moment: of each night's note all rows are always the same."""
    with psycopg.connect(url) as db:
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        (standing,) = db.execute("SELECT standing FROM kills._export").fetchone() or ("",)
        rows = json.loads(standing)["rows"]
        counts, marks = {}, []
        for table in sorted(rows):
            query = (
                "SELECT count(*) FILTER (WHERE deleted_at IS NULL),"
                f" sum(hashtextextended(t::text, 0)::numeric) FROM kills.{table} AS t"
            )
            counts[table], mark = db.execute(query).fetchone() or (0, None)
            marks.append(mark)
    assert counts == rows, "rows of another night than the note's"
    assert seen.setdefault(standing, marks) == marks, "other rows under the same note"


def _wait_until_free(url: str) -> None:
    """Until the server has noticed that whoever exported is gone."""
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    with psycopg.connect(url, autocommit=True) as db:
        while db.execute(query).fetchone() != (0,):
            time.sleep(0.05)


def main() -> int:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", choices=PARTS)
    parser.add_argument("--dossiers", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="where the store of these dossiers stays")
    options = parser.parse_args()
    parts = options.part or PARTS
    url = database().rstrip("?&") if {"kills", "postgres"} & {*parts} else ""
    fine = True
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        for part in parts:
            print(f"-- {part}", flush=True)
            if part == "kills":
                fine = kills(options.times, 300, Path(temporary), url) and fine
            elif part == "store":
                make_store(options.dossiers, folder)
            else:
                fine = large(part, folder, url) and fine
    if url:
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("DROP SCHEMA IF EXISTS soak CASCADE; DROP SCHEMA IF EXISTS kills CASCADE")
    print("fine" if fine else "NOT as it should be")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())

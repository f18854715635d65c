"""No statement of the store's takes longer the more there is in it, but those that look at all."""

import ast
import re
import sqlite3
from pathlib import Path

import elements_procura
from elements_procura.harvest import Refresh, Store, StoreReader, harvest
from elements_procura.harvest.policy.forecast import plan_of
from tests.harvest.harvesting import TENANT, small
from tests.harvest.inside import db_of

LOOK_AT_ALL = (
    "FROM bodies",  # handing out everything that is stored
    "FROM counts",
    "FROM traffic",  # as many stretches as it may hold at most
    "FROM resources GROUP BY kind, state",
    "FROM resources WHERE state = 'quarantined'",
    "FROM resources WHERE root != 2 AND (state",  # when a run has read nothing yet
    "(WHERE state = 'queued') FROM resources",
    "FROM dossiers",  # of which there are few beside resources
    "UPDATE dossiers SET unlisted",
    "UPDATE dossiers SET lacking_since",
    "FROM losses",  # of which there are few
    "state = 'forbidden'",
    "WHERE state = 'stored' AND pass - skipped > 1",  # once a run, and only when anything is lost
    "FROM accepted",
    "FROM suppressed",  # once a run; those who were erased are few
    "FROM tries",
    "FROM traffic",  # of which there is a bounded number of rows
    "PRAGMA",
)


async def test_everything_is_looked_up_by_an_index_that_is_narrow(tmp_path: Path) -> None:
    seen: set[str] = set()
    async with small() as (sandbox, elements):
        with Store.create(tmp_path / "s.sqlite", tenant=TENANT) as store:
            db_of(store).set_trace_callback(seen.add)
            async for _ in harvest(elements, store):
                pass
            sandbox.change(sandbox.dossier_ids[3])
            sandbox.remove(sandbox.dossier_ids[5])
            async for _ in harvest(elements, store, refresh=Refresh()):
                pass
            plan_of(store)
            store.quarantined()
            db_of(store).set_trace_callback(None)
    with StoreReader.read(tmp_path / "s.sqlite") as reader:
        wide = {each for each in seen if _is_wide(db_of(reader), each)}
    assert len(seen) > 1_000
    assert [each for each in wide if not any(words in each for words in LOOK_AT_ALL)] == []


NUMBERED = re.compile(r"\?\d")


def test_no_statement_numbers_its_placeholders() -> None:
    """Python 3.12 warns of ``?1`` bound by a sequence, in every statement."""
    root = Path(elements_procura.__file__).parent
    found = [
        f"{file.relative_to(root)}:{number}"
        for file in root.rglob("*.py")
        for number in numbered(file.read_text("utf-8"))
    ]
    assert found == []
    assert numbered('db.execute("SELECT ?1", (1,))\nshow("\\x1b[?25h")') == [1]


def numbered(source: str) -> list[int]:
    """The lines of texts with such a placeholder; what a terminal is sent is none."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and NUMBERED.search(node.value.replace("\x1b[?", ""))
    ]


def _is_wide(db: sqlite3.Connection, statement: str) -> bool:
    """Whether it reads a whole table, or all rows that have no share."""
    if not statement.lstrip().startswith(("SELECT", "UPDATE", "INSERT", "DELETE")):
        return False
    steps = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
    by_no_share = "share IS NULL" in statement and any("share=?" in step for step in steps)
    whole = [step for step in steps if step.startswith("SCAN") and "CONSTANT" not in step]
    return by_no_share or bool(whole)

"""Bodies are packed in a store, and come out as they came."""

import hashlib
import re
import sqlite3
from pathlib import Path

import orjson
from hypothesis import given
from hypothesis import strategies as st

from elements_procura.harvest import Store, StoreReader, packing
from elements_procura.harvest.packing import pack, packed_size, unpack
from elements_procura.harvest.store import copy, snapshot
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.sandbox.elements.values import SURNAMES
from tests.harvest.inside import BEFORE_CHANGES, db_of
from tests.harvest.test_store import add, put, queue

MARK = b"\xffEP"
BODY = orjson.dumps({"_embedded": {"particulier": [{"id": i, "bsn": ""} for i in range(9)]}})


@given(st.binary(max_size=300), st.integers(0, 40))
def test_every_body_comes_out_as_it_came(piece: bytes, times: int) -> None:
    for body in (piece, piece * times, MARK + piece, MARK + b"1" + piece * times):
        stored = pack(body)
        assert unpack(stored) == body
        assert packed_size(stored[:16], len(stored)) == len(body)
        assert len(stored) <= len(body) + 4


def test_what_a_disk_has_altered_is_no_body_that_came() -> None:
    stored = pack(BODY)
    assert stored.startswith(MARK)
    for altered in (stored + b"x", stored[:-1], stored[:12] + b"\x00" + stored[13:], MARK + b"7"):
        assert unpack(altered) != BODY
    assert unpack(stored) == BODY


def test_the_dictionary_holds_nothing_of_anybody() -> None:
    shipped = Path(packing.__file__).with_name("bodies-1.dict").read_bytes()
    # A released dictionary stays as it is: stores hold what only it unpacks.
    assert hashlib.sha256(shipped).hexdigest() == DIGEST
    text = shipped.decode()
    assert not [name for name in SURNAMES if name in text]
    assert set(re.findall(r"[0-9]+", text)) <= {"0", "1", "2"}  # partner1, partner2 and no value


DIGEST = "acea72100fd0fb3caf90c16577e8d794068aeee8ac802cdd61b0e46f1f182044"


def test_bodies_take_a_third_and_less() -> None:
    elements = Sandbox(dossiers=8, seed=3, limits="off")
    procura = ProcuraSandbox(dossiers=12, seed=3)
    truths = (
        [elements.truth(each) for each in elements.dossier_ids],
        [procura.truth(each) for each in procura.dossier_ids],
    )
    for truth in truths:
        bodies = [body for each in truth for body in each.values() if body[:1] in (b"{", b"[")]
        assert sum(map(len, map(pack, bodies))) < sum(map(len, bodies)) / 3


def test_a_store_of_an_earlier_version_is_packed_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    odd = MARK + b"1234"
    with Store.create(path, tenant="t") as store:
        add(store, 1, 2)
        for work, body in zip(queue(store), (BODY, odd), strict=True):
            put(store, work, body=body)
        db = db_of(store)
        for number, body in ((1, BODY), (2, odd)):
            db.execute("UPDATE bodies SET body = ? WHERE resource = ?", (body, number))
        db.executescript(f"{BEFORE_CHANGES} PRAGMA user_version = 5")
    with Store.open(path, tenant="t") as store:
        assert [body for _, body in store.bodies()] == [BODY, odd]
        assert store.verify().damaged == ()
        assert _stored(path)[1] == BODY
        work, _ = store.begin_refresh([1, 2])
        put(store, work, body=BODY)
        assert len(_stored(path)[1]) < len(BODY) / 3
    with snapshot(path) as moment:
        assert sum(moment.sizes().values()) == len(BODY) + len(odd)


def test_a_copy_is_packed(tmp_path: Path) -> None:
    path, other = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    with Store.create(path, tenant="t") as store:
        add(store, 1)
        put(store, queue(store)[0], body=BODY)
        db_of(store).execute("UPDATE bodies SET body = ?", (BODY,))
    copy(path, other)
    assert len(_stored(other)[1]) < len(BODY) / 3
    with StoreReader.read(other) as reader:
        assert [body for _, body in reader.bodies()] == [BODY]


def _stored(path: Path) -> dict[int, bytes]:
    with sqlite3.connect(path) as db:
        return dict(db.execute("SELECT resource, body FROM bodies"))

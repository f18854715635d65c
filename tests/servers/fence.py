"""A writer is stopped at random moments, taken over, and woken up: nothing of it is stored then."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import attrs

from elements_procura.errors import StoreInUse
from elements_procura.harvest import Store
from tests.servers.postgres import connected, fresh

LEASE = 1.0
_WRITER = """
import sys, time, random
from elements_procura.errors import StoreError
from elements_procura.harvest import Store
from elements_procura.spec.source import Discovery, Root, Want

def root(number):
    return Root(number, Discovery((Want("root", f"/{number}"),)))

where, number = sys.argv[1], 0
with Store.create(where, tenant="t") as store:
    print("ready", flush=True)
    try:
        while True:
            with store.together():
                for _ in range(3):
                    number += 1
                    store.add_dossiers([root(number)])
                    time.sleep(random.random() / 1000)
            time.sleep(random.random() / 1000)
    except StoreError:
        sys.exit(7)
"""


@attrs.frozen
class Stop:
    """One stop of a writer.

    Attributes:
        waited: Seconds from the stop to the takeover.
        late: Rows of the old writer's that came after it.
        is_refused: Whether the old writer has been refused when it woke up.
    """

    waited: float
    late: int
    is_refused: bool


def stop_once(chance: random.Random) -> Stop:
    """Stop a writer, take its store over, and wake it up."""
    with fresh(lease=LEASE) as where:
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, where], stdout=subprocess.PIPE, text=True
        )
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(0.05 + chance.random() * 0.1)
            os.kill(writer.pid, signal.SIGSTOP)
            stopped = time.monotonic()
            while True:
                with contextlib.suppress(StoreInUse):
                    store = Store.open(where, tenant="t")
                    break
            with store:
                waited = time.monotonic() - stopped
                before = _rows(where)
                os.kill(writer.pid, signal.SIGCONT)
                ended = writer.wait(timeout=60)
                return Stop(waited, _rows(where) - before, ended == 7)
        finally:
            writer.kill()
            writer.wait()
            assert writer.stdout is not None
            writer.stdout.close()


def _rows(where: str) -> int:
    with connected(where) as connection:
        row = connection.execute("SELECT count(*) FROM dossiers").fetchone()
        assert row is not None
        return int(str(row[0]))

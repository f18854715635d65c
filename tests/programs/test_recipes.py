"""Recipes of several processes on one account, before a server that counts strictly."""

import contextlib
import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from elements_procura.sandbox import Sandbox
from tests.programs.conftest import ROOT, in_environment
from tests.programs.four_workers import PID

PATIENCE = 120.0  # seconds that only end a test which hangs
WORKERS, LIMIT = 4, 5


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox with the documented limits: a sliding log of five a second."""
    with Sandbox(dossiers=3, limits="documented") as sandbox:
        in_environment(sandbox, monkeypatch, tmp_path)
        yield sandbox


@contextlib.contextmanager
def program(*words: str) -> Iterator[None]:
    """A Python program, told to end afterwards, as a service manager does."""
    process = subprocess.Popen(
        [sys.executable, "-m", *words], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def check(sandbox: Sandbox, least: int) -> None:
    """Nothing was refused, and never more than the limit arrived in a second."""
    arrivals = [each.at for each in sandbox.log if each.path.startswith("/api/")]
    assert len(arrivals) >= least
    assert sandbox.rejected_429 == 0
    pace = (len(arrivals) - LIMIT) / (arrivals[-1] - arrivals[0])
    assert pace <= LIMIT, f"{pace} a second"


def test_the_workers_of_a_fastapi_service_share_the_quota(strict: Sandbox) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def opened() -> tuple[http.client.HTTPConnection, str]:
        """A connection, and the process at its other end."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/openapi.json")  # costs no request
        answer = connection.getresponse()
        answer.read()
        return connection, answer.headers[PID]

    def asked(connection: http.client.HTTPConnection) -> list[int]:
        found = []
        for _ in range(LIMIT):
            connection.request("GET", "/dossiers/5526")
            answer = connection.getresponse()
            assert json.loads(answer.read())["id"] == 5526
            found.append(answer.status)
        return found

    app = "tests.programs.four_workers:app"
    with program("uvicorn", app, "--port", str(port), "--workers", str(WORKERS)):
        give_up = time.monotonic() + PATIENCE
        by_pid: dict[str, list[http.client.HTTPConnection]] = {}
        while len(by_pid) < WORKERS or min(map(len, by_pid.values())) < 2:
            assert time.monotonic() < give_up, f"only {len(by_pid)} workers answer"
            try:
                connection, pid = opened()
            except OSError:
                time.sleep(0.1)
            else:
                by_pid.setdefault(pid, []).append(connection)
        chosen = [each for found in by_pid.values() for each in found[:2]]
        with ThreadPoolExecutor(len(chosen)) as pool:
            statuses = list(itertools.chain(*pool.map(asked, chosen)))
        for each in itertools.chain(*by_pid.values()):
            each.close()
    assert statuses == [200] * LIMIT * 2 * WORKERS
    check(strict, least=len(statuses))
    tokens = [each for each in strict.log if each.path.startswith("/oauth/")]
    assert len(tokens) == 1, "a token for all of them"


def test_the_processes_of_a_celery_pool_share_the_quota(strict: Sandbox) -> None:
    pool = ("-A", "examples.celery_tasks", "worker", "--concurrency", str(WORKERS))
    quiet = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle")
    sent = (
        "from examples.celery_tasks import describe\n"
        "read = [describe.delay(5526) for _ in range(40)]\n"
        f"assert [each.get(timeout={PATIENCE - 20})['id'] for each in read] == [5526] * 40\n"
    )
    with program("celery", *pool, *quiet, "--without-heartbeat"):
        done = subprocess.run(
            [sys.executable, "-c", sent],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    check(strict, least=40)

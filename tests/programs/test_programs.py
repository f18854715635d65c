"""Every file of ``examples/`` does what it says, in a process of its own."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from elements_procura.sandbox import Sandbox
from tests.programs.conftest import ROOT

EXAMPLES = ROOT / "examples"
PATIENCE = 120.0  # seconds that only end a test which hangs


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Python; what it prints belongs to the test."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def code(text: str) -> str:
    """Run a program that prints JSON."""
    done = run("-c", text)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_is_run_here() -> None:
    text = Path(__file__).read_text("utf-8")
    for each in EXAMPLES.iterdir():
        if each.suffix in (".py", ".ipynb"):
            assert f"{each.stem}" in text, each.name


def test_tests_of_a_users_own() -> None:
    done = run(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLES / "test_service.py")
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_a_script_without_await(office: Sandbox) -> None:
    done = run("examples/sync_script.py", "5526")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert len(rows) > 1
    assert all(row["id"].isdigit() for row in rows)
    asked = [entry.method for entry in office.log if entry.path.startswith("/api/")]
    assert set(asked) == {"GET"}


def test_a_script_that_fails_says_so_without_anything_personal(office: Sandbox) -> None:
    done = run("examples/sync_script.py", "999999999")
    assert done.returncode == 1
    assert "GET /api/data/klantdossiers/{DOSSIER_ID}/producten" in done.stderr
    assert "999999999" not in done.stderr


def test_a_notebook(office: Sandbox) -> None:
    notebook = nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4)
    NotebookClient(notebook, timeout=int(PATIENCE), kernel_name="python3").execute()
    shown = [
        output["data"]["text/plain"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "data" in output
    ]
    assert shown[0] == "<Klantdossier id=5526>"
    assert "hypotheken" in shown[1]
    assert shown[2] == "<Klantdossier id=5526>"


def test_fastapi_lifespan_returns_records(office: Sandbox) -> None:
    shown = json.loads(
        code(
            "import json\n"
            "from fastapi.testclient import TestClient\n"
            "from examples.fastapi_lifespan import app\n"
            "with TestClient(app) as client:\n"
            "    there, gone = client.get('/dossiers/5526'), client.get('/dossiers/1')\n"
            "print(json.dumps([there.status_code, there.json(), gone.status_code]))\n"
        )
    )
    assert shown[0] == 200
    assert shown[1]["id"] == 5526
    assert "omschrijving" in shown[1]
    assert shown[2] == 404


def test_aiohttp_cleanup_ctx(office: Sandbox) -> None:
    shown = json.loads(
        code(
            "import asyncio, json\n"
            "from aiohttp.test_utils import TestClient, TestServer\n"
            "from examples.aiohttp_cleanup_ctx import make_app\n"
            "async def main():\n"
            "    async with TestClient(TestServer(make_app())) as client:\n"
            "        answer = await client.get('/dossiers/5526')\n"
            "        print(json.dumps([answer.status, await answer.json()]))\n"
            "asyncio.run(main())\n"
        )
    )
    assert shown[0] == 200
    assert shown[1]["id"] == 5526


def test_django_view_under_wsgi(office: Sandbox) -> None:
    shown = json.loads(
        code(
            "import json\n"
            "from examples import django_view\n"
            "from django.test import Client\n"
            "client = Client()\n"
            "there, gone = client.get('/dossiers/5526/'), client.get('/dossiers/1/')\n"
            "django_view.elements.close()\n"
            "print(json.dumps([there.status_code, there.json(), gone.status_code]))\n"
        )
    )
    assert shown[0] == 200
    assert shown[1]["dossier"]["id"] == 5526
    assert shown[1]["kantoor"][0]["plaatsnaam"]
    assert shown[2] == 404


def test_celery_tasks_through_a_folder(office: Sandbox) -> None:
    worker = subprocess.Popen(
        [
            *(sys.executable, "-m", "celery", "-A", "examples.celery_tasks", "worker"),
            *("--concurrency", "2", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        shown = json.loads(
            code(
                "import json\n"
                "from examples.celery_tasks import create, describe\n"
                "read = [describe.delay(5526) for _ in range(6)]\n"
                "made = create.delay('Huis', 14830)\n"
                f"ids = [each.get(timeout={PATIENCE - 20})['id'] for each in read]\n"
                f"print(json.dumps([ids, made.get(timeout={PATIENCE - 20})]))\n"
            )
        )
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(PATIENCE)
    assert shown[0] == [5526] * 6
    assert shown[1] in office.dossier_ids
    assert [record.method for record in office.records].count("POST") == 1


def test_taskiq_tasks(office: Sandbox) -> None:
    shown = json.loads(
        code(
            "import asyncio, json\n"
            "from examples.taskiq_tasks import broker, describe\n"
            "async def main():\n"
            "    await broker.startup()\n"
            "    task = await describe.kiq(5526)\n"
            "    done = await task.wait_result(timeout=100)\n"
            "    done.raise_for_error()\n"
            "    print(json.dumps(done.return_value))\n"
            "    await broker.shutdown()\n"
            "asyncio.run(main())\n"
        )
    )
    assert shown["id"] == 5526


def test_consent_flow() -> None:
    done = run("examples/consent_flow.py")
    assert done.returncode == 0, done.stderr
    assert ": APPROVED" in done.stdout.upper()


def test_worker(office: Sandbox) -> None:
    with subprocess.Popen(
        [sys.executable, "examples/worker.py", "5526"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        first = worker.stdout.readline()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
    assert first.startswith("5526 ")

"""The recipes of examples/, run as they are against a sandbox."""

import asyncio
import importlib.util
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from elements_procura.elements.client import ElementsClient
from elements_procura.errors import (
    ClosedError,
    DailyQuotaExceeded,
    InvalidClient,
    NotFound,
    ReauthorizationRequired,
)
from elements_procura.sandbox import Sandbox

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def settings(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    given = sandbox.credentials
    return {
        "ELEMENTS_HOST": sandbox.url,
        "ELEMENTS_CLIENT_ID": given["client_id"],
        "ELEMENTS_CLIENT_SECRET": given["client_secret"],
        "ELEMENTS_ORGANISATION": str(given["organisation"]),
        "ELEMENTS_TOKEN_FOLDER": str(folder / "tokens"),
    }


@pytest.fixture
async def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    async with Sandbox(dossiers=3, limits="off") as made:
        for name, value in settings(made, tmp_path).items():
            monkeypatch.setenv(name, value)
        yield made


def recipe(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"recipe_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # FastAPI looks up annotations there
    spec.loader.exec_module(module)
    return module


async def asked(app: Any, path: str) -> tuple[int, Any]:
    """One GET of an ASGI application."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(body)


async def test_fastapi_lifespan(sandbox: Sandbox) -> None:
    module = recipe("fastapi_lifespan")
    async with module.lifespan(module.app):
        assert [each.outcome for each in sandbox.token_events] == ["issued"]
        status, body = await asked(module.app, "/dossiers/5526")
        assert (status, body["id"]) == (200, 5526)
        assert (await asked(module.app, "/dossiers/1"))[0] == 404
        client: ElementsClient = module.app.state.elements
    with pytest.raises(ClosedError):
        await client.klantdossiers.get(5526)


async def test_fastapi_runs_that_lifespan(sandbox: Sandbox) -> None:
    module = recipe("fastapi_lifespan")
    async with module.app.router.lifespan_context(module.app):
        assert len(sandbox.log) == 1


@pytest.mark.usefixtures("sandbox")
async def test_a_service_with_a_wrong_secret_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ELEMENTS_CLIENT_SECRET", "wrong")
    module = recipe("fastapi_lifespan")
    with pytest.raises(InvalidClient):
        async with module.lifespan(module.app):
            pass


async def test_aiohttp_cleanup_ctx(sandbox: Sandbox) -> None:
    module = recipe("aiohttp_cleanup_ctx")
    app = module.make_app()
    async with TestServer(app) as server, ClientSession() as session:
        assert [each.outcome for each in sandbox.token_events] == ["issued"]
        async with session.get(server.make_url("/dossiers/5526")) as response:
            assert (response.status, (await response.json())["id"]) == (200, 5526)
        async with session.get(server.make_url("/dossiers/1")) as response:
            assert response.status == 404
        client: ElementsClient = app[module.ELEMENTS]
    with pytest.raises(ClosedError):
        await client.klantdossiers.get(5526)


async def test_two_workers_of_a_service_share_one_token(sandbox: Sandbox) -> None:
    module = recipe("aiohttp_cleanup_ctx")
    async with TestServer(module.make_app()), TestServer(module.make_app()):
        assert [each.grant_type for each in sandbox.token_events] == ["organisation"]


async def test_a_worker_ends_in_good_order_on_sigterm(sandbox: Sandbox, tmp_path: Path) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / "worker.py"),
        "5526",
        "1",
        env=os.environ | settings(sandbox, tmp_path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        while len(sandbox.log) < 3:  # noqa: ASYNC110 - the log tells nobody
            await asyncio.sleep(0.01)
    worker.send_signal(signal.SIGTERM)
    out, err = await worker.communicate()
    assert worker.returncode == 1, err  # the job without a dossier
    assert out.split()[0] == b"5526"
    assert b"job 1: GET /api/data/klantdossiers/{DOSSIER_ID}" in err


@pytest.mark.parametrize("error", [DailyQuotaExceeded, ReauthorizationRequired, NotFound])
async def test_a_worker_loses_no_job(error: type[Exception], sandbox: Sandbox) -> None:
    module = recipe("worker")
    stop, jobs = asyncio.Event(), asyncio.Queue[int]()
    done: list[int] = []
    options: dict[type[Exception], dict[str, Any]] = {
        DailyQuotaExceeded: {"resets_at": time.time() + 0.05},
        NotFound: {"method": "GET", "template": "/", "status": 404},
    }
    faults = [error("x", **options.get(error, {}))]

    async def work(_: ElementsClient, job: int) -> None:
        if faults:
            raise faults.pop()
        done.append(job)
        if jobs.empty():
            stop.set()

    for job in (1, 2, 3):
        jobs.put_nowait(job)
    async with module.open_client() as elements:
        working = module.work_until(stop, jobs, elements, work)
        if error is ReauthorizationRequired:
            with pytest.raises(ReauthorizationRequired):
                await working
            assert sorted(jobs.get_nowait() for _ in range(3)) == [1, 2, 3]
            return
        failed = await working
    assert sorted([*done, *failed]) == [1, 2, 3]
    assert failed == ([1] if error is NotFound else [])
    assert len(sandbox.log) == 0

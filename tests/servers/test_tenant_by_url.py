"""A tenant of a fleet keeps its harvest in a server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from elements_procura.fleet import run_tenant
from elements_procura.harvest import Store
from elements_procura.sandbox import Sandbox
from tests.fleet.fleet_kit import spec_of
from tests.servers.postgres import fresh


async def test_a_tenant_is_harvested_and_gone_on_with_by_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh() as where:
        async with Sandbox(dossiers=3, seed=3, limits="off") as sandbox:
            for most in (10, None):
                more: dict[str, Any] = {} if most is None else {"max_requests": most}
                spec = spec_of(sandbox, tmp_path, monkeypatch, store=where, **more)
                with ThreadPoolExecutor(1) as pool:
                    outcome = await asyncio.get_running_loop().run_in_executor(
                        pool, run_tenant, spec
                    )
                assert outcome.store == where
                assert outcome.progress.complete == (most is None)
        with Store.read(where) as reader:
            assert reader.progress().harvested == 3

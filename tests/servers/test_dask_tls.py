"""Tenants on a Dask cluster behind TLS, what travels there, and workers that are not as ours."""

import contextlib
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from elements_procura import _version
from elements_procura.fleet import harvest_tenants
from elements_procura.fleet.exits import Exit
from tests.servers.dask_kit import cluster, distributed, tenants
from tests.servers.tls import Authority

Patch = pytest.MonkeyPatch


def security(folder: Path, authority: Authority, **given: Any) -> Any:
    """Who trusts the authority of ``ca.pem``, with a certificate of another or the same one."""
    certificate = authority.certificate("dask", **given)
    pem = folder / f"dask{len(list(folder.glob('dask*.pem')))}.pem"
    key = pem.with_suffix(".key")
    certificate.private_key_pem.write_to_path(str(key))
    for number, part in enumerate(certificate.cert_chain_pems):
        part.write_to_path(str(pem), append=number > 0)
    ours = {
        f"tls_{role}_{kind}": str(file)
        for role in ("scheduler", "worker", "client")
        for kind, file in (("cert", pem), ("key", key))
    }
    return distributed.Security(tls_ca_file=str(folder / "ca.pem"), require_encryption=True, **ours)


@contextlib.asynccontextmanager
async def behind_tls(trusted: Any) -> AsyncIterator[tuple[Any, Any]]:
    """A scheduler and a worker in this process, and a client of theirs."""
    given = {"security": trusted, "host": "127.0.0.1", "port": 0, "dashboard_address": None}
    async with (
        distributed.Scheduler(protocol="tls", **given) as scheduler,
        distributed.Worker(
            scheduler.address, nthreads=4, security=trusted, host="127.0.0.1", memory_limit=0
        ),
        distributed.Client(
            scheduler.address, asynchronous=True, security=trusted, set_as_default=False
        ) as client,
    ):
        yield scheduler, client


async def test_tenants_are_harvested_behind_tls_and_no_secret_travels(
    tmp_path: Path, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    authority = Authority.made(tmp_path, "ca.pem")
    async with (
        tenants(tmp_path / "out", monkeypatch, 2, per_second=300) as all_,
        behind_tls(security(tmp_path, authority)) as (scheduler, client),
    ):
        seen: list[str] = []
        put = scheduler.update_graph

        async def update_graph(*args: Any, **given: Any) -> Any:
            frames = [bytes(each) for each in given["expr_ser"].frames]
            seen.append(repr((args, given, frames)))
            return await put(*args, **given)

        scheduler.stream_handlers["update-graph"] = update_graph
        outcomes = await harvest_tenants(all_.specs, dask=client)
        assert {each.exit_code for each in outcomes.values()} == {Exit.DONE}
        all_.check()
        seen += [repr(scheduler.get_events()), repr(scheduler.get_logs()), caplog.text]
    assert "harvest_in_worker" in seen[0], "what travels was seen"
    for spec in all_.specs:
        secret = os.environ[f"SECRET_{spec.name.upper()}"]
        assert secret not in "".join(seen)


@pytest.mark.parametrize("case", ["of another authority", "expired"])
async def test_who_is_not_accepted_is_said_with_the_reason(
    tmp_path: Path, monkeypatch: Patch, case: str
) -> None:
    authority = Authority.made(tmp_path, "ca.pem")
    if case == "expired":
        ours = security(tmp_path, authority, days=-1)
    else:
        ours = security(tmp_path, Authority.made(tmp_path, "another.pem"))
    async with (
        tenants(tmp_path / "out", monkeypatch, 1) as all_,
        behind_tls(security(tmp_path, authority)) as (scheduler, _),
    ):
        given = {"address": scheduler.address}
        far = attrs.make_class("Far", ["scheduler", "security"])
        client = far(attrs.make_class("At", ["address"])(**given), ours)
        (found,) = (await harvest_tenants(all_.specs, dask=client)).values()
        assert not all_.sandboxes["t0"].log, "nothing was sent"
    assert (found.exit_code, found.error) == (Exit.DOWN, "fleet.scheduler")
    assert "certificates" in found.message
    assert "TLS__CA_FILE" in found.hint


async def test_a_worker_that_is_not_as_the_others_says_what_it_lacks(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    """An extra, its directory, or the version, if it came after the beginning."""
    (tmp_path / "python").mkdir()
    lacks = "import sys; sys.modules['psycopg'] = None"
    (tmp_path / "python" / "sitecustomize.py").write_text(lacks)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "python"))
    async with tenants(tmp_path / "out", monkeypatch, 2) as all_, cluster(1) as client:
        one, other = all_.specs
        specs = [
            attrs.evolve(one, store="postgresql://u@127.0.0.1:1/db?store=t0"),
            attrs.evolve(other, out=tmp_path / "file" / "t1"),
        ]
        found = await harvest_tenants(specs, dask=client)
        assert (found["t0"].exit_code, found["t0"].error) == (Exit.USAGE, "config")
        assert "needs psycopg, on tcp://127.0.0.1" in found["t0"].message
        assert "elements-procura[postgres]" in found["t0"].hint
        assert (found["t1"].exit_code, found["t1"].error) == (Exit.FAILED, "store")

        checked: list[bool] = []
        monkeypatch.setattr(
            "elements_procura.fleet.dask._check_versions", lambda _: _noted(checked)
        )
        monkeypatch.setattr(_version, "__version__", "0.0.1")
        (late,) = (await harvest_tenants([other], dask=client)).values()
        assert checked
        assert (late.exit_code, late.error) == (Exit.FAILED, "fleet.worker")
        assert "0.0.1" in late.hint
        assert not all_.sandboxes["t1"].log, "nothing was sent"


async def _noted(checked: list[bool]) -> None:
    checked.append(True)

"""The deployment of ``examples/deploy``: what its files say, and that its commands work."""

import contextlib
import importlib
import itertools
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from elements_procura.demo import verify
from elements_procura.errors import StoreError
from elements_procura.fleet import Exit
from elements_procura.harvest import Store
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.scheduler import RedisGate, Scheduler
from tests.cli.cli_running import environment, run
from tests.servers.deploy_kit import (
    DEPLOY,
    ROOT,
    SEEN,
    compose,
    dask,
    documents,
    free_port,
    made,
    valkey_of,
)
from tests.servers.postgres import connected, database

MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
PAGES = ("docs/fleet.md", "docs/howto/kubernetes.md")


def flags(words: list[str]) -> dict[str, str]:
    """The options of a command line that have values."""
    return dict(itertools.pairwise(words))


def test_compose_has_what_the_servers_need() -> None:
    found = compose()
    services = found["services"]
    assert set(services) == {"valkey", "postgres", "scheduler", "worker", "harvest"}
    valkey = flags(services["valkey"]["command"])
    assert valkey["--maxmemory-policy"] == "noeviction"
    assert (valkey["--appendonly"], valkey["--appendfsync"]) == ("yes", "everysec")
    named = {each.split(":")[0] for service in services.values() for each in service["volumes"]}
    assert {each for each in named if not each.startswith(".")} == set(found["volumes"])
    assert "postgres:/var/lib/postgresql" in services["postgres"]["volumes"], "since 18"
    for name, service in services.items():
        assert "ports" not in service, "nobody outside reaches them"
        assert service["networks"] == ["fleet"]
        assert f"./secrets:{SEEN}:ro" in service["volumes"]
        for other, how in service.get("depends_on", {}).items():
            is_checked = "healthcheck" in services[other]
            assert how["condition"] == "service_healthy" if is_checked else "service_started"
        if name != "harvest":
            assert service["restart"] == "unless-stopped"
        if "image" in service and "build" not in service:
            assert re.search(r":\d", service["image"]), "no latest"
    assert all("healthcheck" in services[each] for each in ("valkey", "postgres", "scheduler"))


def test_dask_is_encrypted_and_a_worker_has_room() -> None:
    services = compose()["services"]
    for name in ("scheduler", "worker", "harvest"):
        given = services[name]["environment"]
        assert given["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION"] == "true"
        assert services[name]["build"]["args"]["EXTRAS"] == "cli,fleet"
    words = flags(services["worker"]["command"])
    assert int(words["--nthreads"]) <= services["worker"]["ulimits"]["nofile"] / 20
    assert (words["--nworkers"], words["--memory-limit"]) == ("1", "0")
    assert words["tls://scheduler:8786"]
    assert "tls://scheduler:8786" in services["harvest"]["command"]
    (settings,) = [each for each in documents(MANIFESTS[1]) if each["kind"] == "ConfigMap"]
    in_compose = services["scheduler"]["environment"]
    assert settings["data"] == in_compose, "both deployments set Dask up alike"


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests_are_those_of_kubernetes(path: Path) -> None:
    kubernetes = importlib.import_module("kubernetes_validate")
    for each in documents(path):
        kubernetes.validate(each, kubernetes.latest_version(), strict=True)


def jobs(path: Path) -> list[dict[str, Any]]:
    return [each["spec"] for each in documents(path) if each["kind"] == "CronJob"]


def test_a_cronjob_is_one_run_at_a_time_and_goes_on_elsewhere_when_its_node_is_drained() -> None:
    for path in MANIFESTS:
        (found,) = jobs(path)
        assert found["concurrencyPolicy"] == "Forbid"
        pod = found["jobTemplate"]["spec"]["template"]["spec"]
        assert pod["restartPolicy"] == "Never"
        assert pod["terminationGracePeriodSeconds"] >= 15
    rules = jobs(MANIFESTS[0])[0]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    ignored = [each["onExitCodes"]["values"] for each in rules if "onExitCodes" in each]
    assert ignored == [[Exit.INTERRUPTED]], "whatever else is ignored begins again for ever"


async def test_the_cronjob_of_one_office_harvests(tmp_path: Path) -> None:
    (found,) = jobs(MANIFESTS[0])
    pod = found["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    words = [str(tmp_path / "data") if word == "/data" else word for word in container["args"]]
    async with Sandbox(dossiers=3, limits="off") as sandbox:
        for _ in range(2):
            done = await run(*words, env=environment() | sandbox.environment)
            assert done.code == 0, done.err
        with Store.read(tmp_path / "data" / "elements.sqlite") as store:
            assert verify(store, sandbox).equal


async def test_compose_runs_on_this_machine(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        port, redis = free_port(), free_port()
        place = made(tmp_path / "fleet", scheduler=port)
        secrets = place.folder / "secrets"
        exposed = {each.name for each in secrets.iterdir() if each.stat().st_mode & 0o077}
        assert exposed == {"valkey.acl"}, "which holds a hash"
        stack.enter_context(valkey_of(place, redis))
        stores = f"{database()}store=deploy{os.getpid()}-"
        place.env["PGPASSWORD"] = os.environ.get("PGPASSWORD", "")
        place.stands_for["valkey:6379"] = f"127.0.0.1:{redis}"
        async with (
            Sandbox(dossiers=2, seed=1, limits="documented") as office,
            ProcuraSandbox(dossiers=5) as town,
        ):
            text = place.put((place.folder / "tenants.toml").read_text("utf-8"))
            for theirs, ours in {
                '"kantoor-a"\nclient_id = "from the vendor"\norganisation = 14830': (
                    f'"{office.url}"\nclient_id = "{office.credentials["client_id"]}"\n'
                    f"organisation = {office.credentials['organisation']}"
                ),
                "https://api.example.nl/dossiers": town.url,
                "from the municipality": town.credentials["client_id"],
                "postgresql://harvest@postgres/harvests?store=": stores,
            }.items():
                assert theirs in text, theirs
                text = text.replace(theirs, ours)
            (place.folder / "tenants.toml").write_text(text, "utf-8")
            (secrets / "kantoor-a").write_text(office.credentials["client_secret"])
            (secrets / "gemeente-b").write_text(town.credentials["client_secret"])
            stack.enter_context(place.running("scheduler", *dask("scheduler")))
            stack.enter_context(place.running("worker", *dask("worker")))
            service = compose()["services"]["harvest"]
            words = [place.put(str(each)) for each in service["command"]]
            done = await run(*words, "--json", env=place.environment(service))
            assert done.code == 0, done.err
            found = json.loads(done.out)["tenants"]
            assert {name: each["exit"] for name, each in found.items()} == {
                "kantoor-a": 0,
                "gemeente-b": 0,
            }
            assert office.rejected_429 == 0
            with Store.read(f"{stores}kantoor-a") as store:
                assert verify(store, office).equal
            for name in found:
                with connected(f"{stores}{name}") as connection:
                    connection.execute(f'DROP SCHEMA "harvest_deploy{os.getpid()}-{name}" CASCADE')
        # The user may do what the gate needs, and nothing without its password.
        given = dict(line.split("=", 1) for line in (secrets / "fleet.env").read_text().split())
        url = f"redis://harvest@127.0.0.1:{redis}/0"
        scheduler = Scheduler(
            gate=RedisGate(url, account="kantoor-a", password=given["REDISCLI_AUTH"])
        )
        (await scheduler.acquire()).abandon()
        assert scheduler.quota()[-1].used >= len(office.log) - 5, "the harvest has asked this gate"
        await scheduler.aclose()
        with importlib.import_module("redis").Redis.from_url(
            url, password=given["REDISCLI_AUTH"], protocol=2
        ) as client:
            seen = "return type(redis.pcall('INFO', 'server')) == 'string'"
            assert client.eval(seen, 1, "elements-procura:x"), "a server started anew is seen"
        stranger = Scheduler(gate=RedisGate(url, account="kantoor-a", password="guessed"))
        with pytest.raises(StoreError):
            await stranger.acquire()
        await stranger.aclose()


def test_secrets_are_made_once(tmp_path: Path) -> None:
    place = made(tmp_path, scheduler=1)
    before = {each: each.read_bytes() for each in (place.folder / "secrets").iterdir()}
    assert os.system(f"{place.folder / 'secrets.sh'} 2> /dev/null") != 0
    assert {each: each.read_bytes() for each in (place.folder / "secrets").iterdir()} == before


def test_pages_and_tenants_name_what_is_there() -> None:
    for page in PAGES:
        for path in re.findall(r"examples/deploy/[\w./-]*\w", (ROOT / page).read_text("utf-8")):
            assert (ROOT / path).exists(), f"{page}: {path}"
    tenants = tomllib.loads((DEPLOY / "tenants.toml").read_text("utf-8"))["tenants"]
    assert all(each["secret"]["file"].startswith(f"{SEEN}/") for each in tenants.values())

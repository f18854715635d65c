"""`--refresh`: one command for every night, from the first on."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import pytest

from elements_procura.demo import verify, verify_procura
from elements_procura.fleet import FleetEvent, Sleep, TenantSpec
from elements_procura.fleet._tenant_run import Quota, TenantRun
from elements_procura.fleet.stop import StopSignal
from elements_procura.harvest import Harvest, Store
from elements_procura.sandbox import ProcuraSandbox, Sandbox, Weather
from elements_procura.secret import Secret
from tests.cli.cli_running import Ran, environment, run
from tests.clock import LaterClock

FAST = ("--per-second", "2000", "--per-day", "6000000")


async def nightly(
    sandbox: Sandbox | ProcuraSandbox, out: Path, *more: str, fast: tuple[str, ...] = FAST
) -> Ran:
    api = "elements" if isinstance(sandbox, Sandbox) else "procura"
    pace = fast if api == "elements" else ("--per-second", "1000")
    env = environment(sandbox)
    return await run("harvest", api, "--out", out, "--refresh", *pace, *more, env=env)


def told(ran: Ran) -> dict[str, Any]:
    """The JSON object that it printed."""
    return dict(json.loads(ran.out))


async def test_one_command_begins_goes_on_and_refreshes(tmp_path: Path) -> None:
    async with Sandbox(dossiers=15, seed=2, limits="off") as sandbox:
        first = await nightly(sandbox, tmp_path, "--history", "--max-requests", "60")
        assert first.code == 6, first.err
        assert "--refresh" in first.err
        assert "--resume" not in first.err
        second = await nightly(sandbox, tmp_path, "--json")
        assert second.code == 0, second.err
        assert told(second)["harvested"] == 15
        # What this very run has harvested is fresh, and so is all else that one run ago was.
        assert told(second)["to_refresh"] < 15
        changed = sandbox.dossier_ids[3]
        lost = sandbox.dossier_ids[5]
        sandbox.change(changed)
        sandbox.remove(lost)
        third = await nightly(sandbox, tmp_path, "--purge")
        assert third.code == 0, third.err
        assert "refresh  15/15 dossiers, 2 of them had changed" in third.out
        assert "1 gone · 1 deleted" in third.out
        assert "refresh  15 dossiers · " in third.err
        with Store.read(tmp_path / "elements.sqlite") as store:
            assert len(store.history(f"/api/data/klantdossiers/{changed}")) == 1
        fourth = await nightly(sandbox, tmp_path)
        assert "refresh  14/14 dossiers, 0 of them had changed" in fourth.out
        with Store.read(tmp_path / "elements.sqlite") as store:
            assert verify(store, sandbox).equal


async def test_a_refresh_that_has_spent_its_budget_is_done(tmp_path: Path) -> None:
    async with Sandbox(dossiers=15, seed=2, limits="off") as sandbox:
        assert (await nightly(sandbox, tmp_path)).code == 0
        before = len(sandbox.log)
        ran = await nightly(sandbox, tmp_path, "--max-requests", "100", "--json")
        assert ran.code == 0, ran.err
        assert 0 < told(ran)["to_refresh"] < 15
        assert len(sandbox.log) - before <= 102  # a token and the listing are counted as well


async def test_a_refresh_plans_with_what_the_day_has_left(tmp_path: Path) -> None:
    pace = ("--per-second", "300", "--per-day", "700", "--budget", "100%")
    async with Sandbox(dossiers=15, seed=2, limits="off") as sandbox:
        assert (await nightly(sandbox, tmp_path, fast=pace)).code == 0
        used = len(sandbox.log)
        ran = await nightly(sandbox, tmp_path, "--json", fast=pace)
        assert ran.code == 0, ran.err
        assert 0 < told(ran)["refreshed"] == told(ran)["to_refresh"] < 15
        assert used < len(sandbox.log) <= 700


@pytest.mark.parametrize("option", ["--accept-vanished", "--accept=dossier"])
async def test_a_listing_that_lacks_nearly_all_is_told_and_can_be_accepted(
    tmp_path: Path, option: str
) -> None:
    async with Sandbox(dossiers=15, seed=2, limits="off") as sandbox:
        assert (await nightly(sandbox, tmp_path, "--include", "kantoor")).code == 0
        for dossier in sandbox.dossier_ids[1:]:
            sandbox.remove(dossier)
        ran = await nightly(sandbox, tmp_path, "--json")
        assert ran.code == 3, ran.err
        assert (told(ran)["doubted"], told(ran)["unlisted"]) == (14, 0)
        (concern,) = told(ran)["concerns"]
        assert (concern["settled_by"], concern["open"]) == ("--accept dossier", True)
        assert "the listing lacks 14 of 15 known dossiers" in ran.err
        status = await run("status", tmp_path)
        assert "14 missing from a listing that is doubted" in status.out
        assert "--accept dossier" in status.out
        ran = await nightly(sandbox, tmp_path, option, "--json")
        assert ran.code == 0, ran.err
        assert (told(ran)["doubted"], told(ran)["gone"]) == (0, 14)
        with Store.read(tmp_path / "elements.sqlite") as store:
            assert set(store.deleted().values()) >= {"unlisted and 404"}


async def test_what_is_lost_at_once_is_told_with_the_option_that_settles_it(
    tmp_path: Path,
) -> None:
    async with Sandbox(dossiers=12, seed=2, limits="off") as sandbox:
        assert (await nightly(sandbox, tmp_path, "--include", "producten")).code == 0
        with Store.read(tmp_path / "elements.sqlite") as store:
            before = dict(store.bodies())
        sandbox.set_weather(Weather("not-found", match="*/producten"))
        ran = await nightly(sandbox, tmp_path, "--purge")
        assert ran.code == 3, ran.err
        assert "--accept producten" in ran.out
        with Store.read(tmp_path / "elements.sqlite") as store:
            assert dict(store.bodies()) == before
        ran = await nightly(sandbox, tmp_path, "--accept", "klanten")
        assert ran.code == 2
        assert "nothing to accept of klanten" in ran.err
        assert "producten" in ran.err
        settled = await run(
            *("harvest", "elements", "--out", tmp_path, "--resume", "--accept", "producten"),
            env=environment(sandbox),
        )
        assert settled.code == 0, settled.err
        with Store.read(tmp_path / "elements.sqlite") as store:
            assert not [path for path, _ in store.bodies() if path.endswith("/producten")]


async def test_procura_is_refreshed_by_the_same_command(tmp_path: Path) -> None:
    async with ProcuraSandbox(dossiers=20, seed=2, others=5, documented=0.3) as sandbox:
        assert (await nightly(sandbox, tmp_path)).code == 0
        sandbox.change(sandbox.dossier_ids[2])
        sandbox.add_dossier()
        ran = await nightly(sandbox, tmp_path, "--json")
        assert ran.code == 0, ran.err
        assert (told(ran)["dossiers"], told(ran)["refreshed"], told(ran)["changed"]) == (21, 20, 1)
        with Store.read(tmp_path / "procura.sqlite") as store:
            assert verify_procura(store, sandbox).equal


async def test_many_tenants_are_refreshed_at_once(tmp_path: Path) -> None:
    async with (
        Sandbox(dossiers=6, seed=2, limits="off") as elements,
        ProcuraSandbox(dossiers=6, seed=2) as procura,
    ):
        given = elements.credentials
        file = tmp_path / "t.toml"
        file.write_text(
            f'[tenants.a]\napi = "elements"\nhost = "{elements.url}"\nper_second = 300\n'
            f'client_id = "{given["client_id"]}"\norganisation = {given["organisation"]}\n'
            f"scopes = {json.dumps(given['scopes'])}\n"
            f'[tenants.b]\napi = "procura"\nurl = "{procura.url}"\nper_second = 1000\n'
            f'client_id = "{procura.credentials["client_id"]}"\n'
        )
        env = environment() | {
            "ELEMENTS_CLIENT_SECRET_A": given["client_secret"],
            "PROCURA_CLIENT_SECRET_B": procura.credentials["client_secret"],
        }
        command = ("harvest", "tenants", "--config", file, "--out", tmp_path, "--refresh", "--json")
        assert (await run(*command, env=env)).code == 0
        elements.change(5526)
        ran = await run(*command, env=env)
        assert ran.code == 0, ran.err
        tenants = told(ran)["tenants"]
        assert {name: each["refreshed"] for name, each in tenants.items()} == {"a": 6, "b": 6}
        assert {name: each["changed"] for name, each in tenants.items()} == {"a": 1, "b": 0}


@pytest.mark.parametrize("option", ["--purge", "--accept-vanished", "--max-age=dossier=2d"])
async def test_options_of_a_refresh_want_one(tmp_path: Path, option: str) -> None:
    env = environment() | {"PROCURA_CLIENT_SECRET": "s"}
    given = ("--url", "https://api.example.nl", "--client-id", "c", "--out", tmp_path / "h")
    ran = await run("harvest", "procura", *given, option, env=env)
    assert ran.code == 2
    assert f"{option.partition('=')[0]} needs refresh as well" in ran.err
    assert not (tmp_path / "h").exists()


async def test_an_age_of_nothing_is_refused_before_a_request(tmp_path: Path) -> None:
    async with Sandbox(dossiers=2, seed=2, limits="off") as sandbox:
        for age, told in (("nix=1d", "no part of a dossier is called nix"), ("taken=1d", "taken")):
            ran = await nightly(sandbox, tmp_path, "--max-age", age)  # of a store that is to come
            assert (ran.code, told in ran.err) == (2, True)
        assert not sandbox.log
        assert (await nightly(sandbox, tmp_path)).code == 0
        sent = len(sandbox.log)
        ran = await nightly(sandbox, tmp_path, "--max-age", "taken=1d")
        assert (ran.code, "does not fetch taken" in ran.err) == (2, True)
        assert len(sandbox.log) == sent


async def test_history_is_said_at_the_beginning(tmp_path: Path) -> None:
    async with Sandbox(dossiers=2, seed=2, limits="off") as sandbox:
        assert (await nightly(sandbox, tmp_path)).code == 0
        ran = await nightly(sandbox, tmp_path, "--history")
        assert ran.code == 2
        assert "begun without --history" in ran.err


@attrs.define
class Nightly:
    """Lets a day pass whenever it is waited for, and asks for an end on the third."""

    stop: StopSignal
    clock: LaterClock
    waited: list[str] = attrs.field(factory=list)

    async def watch(self, run: Harvest, quota: Quota) -> None:
        async for _ in run:
            pass

    def note(self, event: FleetEvent) -> None:
        assert isinstance(event, Sleep)
        self.waited.append(event.reason)
        self.clock.days += 1
        if len(self.waited) == 3:
            self.stop.set()


async def test_with_wait_it_goes_on_day_after_day(tmp_path: Path) -> None:
    async with Sandbox(dossiers=3, seed=2, limits="off") as sandbox:
        given = dict(sandbox.credentials)
        spec = TenantSpec.from_dict(
            {
                "name": "a", "api": "elements", "out": tmp_path, "host": sandbox.url,
                "secret": Secret(given.pop("client_secret")), **given, "token_store": "memory",
                "per_second": 2000, "per_day": 6_000_000, "refresh": True, "wait": True,
            }
        )  # fmt: skip
        stop, clock = StopSignal(), LaterClock()
        nightly = Nightly(stop, clock)
        ending = await TenantRun(spec, stop, nightly, clock).run()
        assert nightly.waited == ["refresh"] * 3
        progress = ending.progress
        assert (progress.dossiers, progress.to_refresh) == (3, 3)
        asked = Counter(entry.path for entry in sandbox.log)
        assert asked["/api/data/klantdossiers"] == 3
        assert asked["/api/data/klantdossiers/5526"] == 3

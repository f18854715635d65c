"""`harvest tenants`: many at once, and what one does is no matter to the others."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from elements_procura.cli._output import Output
from elements_procura.cli.shown.fleet import harvest_shown
from elements_procura.demo import verify
from elements_procura.elements.settings import ElementsSettings
from elements_procura.fleet import Outcome
from elements_procura.fleet.run import worst
from elements_procura.harvest import Progress, Store
from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox, Weather
from tests.cli.cli_running import Ran, environment, harvested, run, start, tenants_in, until_asked

AnySandbox = Sandbox | ProcuraSandbox
CANARY = "canarys3cret"


@attrs.define
class Fleet:
    """Tenants with a sandbox each, as a file and an environment tell them."""

    folder: Path
    env: dict[str, str] = attrs.field(factory=environment)
    sandboxes: dict[str, AnySandbox] = attrs.field(factory=dict)
    tables: dict[str, dict[str, Any]] = attrs.field(factory=dict)

    def add(self, name: str, sandbox: AnySandbox, **more: Any) -> None:
        """One more tenant; ``secret`` is the one it has instead of the right one."""
        given = dict(sandbox.credentials)
        secret = more.pop("secret", given.pop("client_secret"))
        spelling = name.upper().replace("-", "_")
        self.sandboxes[name] = sandbox
        if isinstance(sandbox, ProcuraSandbox):
            self.env[f"PROCURA_CLIENT_SECRET_{spelling}"] = secret
            own = {"api": "procura", "url": sandbox.url, "per_second": 1000, **given}
        else:
            self.env[f"ELEMENTS_CLIENT_SECRET_{spelling}"] = secret
            own = {"api": "elements", "host": sandbox.url, "per_second": 300, **given}
        self.tables[name] = {**own, **more}

    @property
    def file(self) -> Path:
        """Written down."""
        path = self.folder / "tenants.toml"
        lines = []
        for name, table in self.tables.items():
            lines.append(f"[tenants.{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        path.write_text("\n".join(lines))
        return path

    @property
    def out(self) -> Path:
        """Where the stores are."""
        return self.folder / "out"

    @property
    def command(self) -> tuple[str | Path, ...]:
        return ("harvest", "tenants", "--config", self.file, "--out", self.out)

    async def run(self, *options: str) -> tuple[Ran, dict[str, Any]]:
        """Run it to its end, and what it prints."""
        done = await run("-vv", *self.command, "--json", *options, env=self.env)
        assert "Traceback" not in done.err, done.err
        return done, json.loads(done.out)["tenants"]

    def check(self, *names: str) -> None:
        """Everything of these is stored, and equal."""
        for name in names:
            sandbox = self.sandboxes[name]
            if isinstance(sandbox, Sandbox):
                with Store.read(self.out / name / "elements.sqlite") as store:
                    assert store.progress().complete
                    assert verify(store, sandbox).equal
                assert sandbox.strangers == 0
            else:
                assert harvested(self.out / name / "procura.sqlite") == set(sandbox.dossier_ids)
                truth: dict[str, bytes] = {}
                for dossier in sandbox.dossier_ids:
                    truth |= sandbox.truth(dossier)
                with Store.read(self.out / name / "procura.sqlite") as store:
                    stored = {
                        each.path: each.body for each in store.documents() if each.kind != "row"
                    }
                assert stored == {path: truth[path] for path in stored}


@contextlib.asynccontextmanager
async def fleet(folder: Path, *names: str, **options: Any) -> AsyncIterator[Fleet]:
    """Tenants whose names begin with ``m`` (a municipality: Procura) or not, with own data each."""
    async with contextlib.AsyncExitStack() as stack:
        found = Fleet(folder)
        for seed, name in enumerate(names, start=1):
            sandbox: AnySandbox
            if name.startswith("m"):
                sandbox = ProcuraSandbox(dossiers=12, seed=seed, **options)
            else:
                sandbox = Sandbox(dossiers=6, seed=seed, limits="off", tag=f"{name}-", **options)
            found.add(name, await stack.enter_async_context(sandbox))
        yield found


def held(sandbox: Sandbox) -> asyncio.Event:
    """Have a sandbox answer nothing until this happens."""
    released, answer = asyncio.Event(), sandbox._handle

    async def handle(request: Any) -> Any:
        await released.wait()
        return await answer(request)

    sandbox._handle = handle  # type: ignore[method-assign] # it answers when told to
    return released


def exits(printed: dict[str, Any]) -> dict[str, tuple[int, str | None]]:
    return {name: (each["exit"], each["error"]) for name, each in printed.items()}


def about(err: str, name: str) -> list[str]:
    """The lines of talk about a tenant."""
    return [line.removeprefix(f"{name}: ") for line in err.splitlines() if line.startswith(name)]


async def test_five_tenants_of_both_apis_and_what_goes_wrong_with_two_is_theirs(
    tmp_path: Path,
) -> None:
    names = ("firm-a", "firm-b", "municipality-a", "wrong", "down")
    async with fleet(tmp_path, *names) as tenants:
        tenants.env["ELEMENTS_CLIENT_SECRET_WRONG"] = "canary-wr0ng"
        tenants.tables["down"]["host"] = "http://127.0.0.1:9"
        # What is about one account is not about any of these.
        tenants.env |= {"ELEMENTS_HOST": "http://127.0.0.1:9", "PROCURA_CLIENT_ID": "other"}
        done, printed = await tenants.run()
        assert done.code == 4
        assert exits(printed) == {
            "firm-a": (0, None),
            "firm-b": (0, None),
            "municipality-a": (0, None),
            "wrong": (4, "auth.client"),
            "down": (5, "transport.not-sent"),
        }
        tenants.check("firm-a", "firm-b", "municipality-a")
        for name in names[:3]:
            assert printed[name]["complete"] is True
            assert printed[name]["requests"] == len(tenants.sandboxes[name].log)
        assert not (tenants.out / "wrong").exists()
        assert printed["wrong"]["dossiers"] == 0
        assert "Check client id and secret" in "".join(about(done.err, "wrong"))
        assert about(done.err, "wrong")[-1] == "ended    not authenticated"
        assert about(done.err, "firm-a")[-1] == "ended    done"
        assert " DEBUG elements_procura.http: firm-b: GET /api/data/" in done.err
        secrets = {value for name, value in tenants.env.items() if "_CLIENT_SECRET_" in name}
        assert len(secrets) == 5
        assert [each for each in secrets if each in done.out + done.err] == []
        assert "access_token=" not in done.err

        sent = {name: len(tenants.sandboxes[name].log) for name in names}
        tenants.env["ELEMENTS_CLIENT_SECRET_WRONG"] = tenants.sandboxes["wrong"].credentials[
            "client_secret"
        ]
        tenants.tables["down"]["host"] = tenants.sandboxes["down"].url
        words = await run(*tenants.command, env=tenants.env)
        assert words.code == 0, words.err
        assert [line.split()[0] for line in words.out.splitlines()] == list(names)
        assert words.out.count("6/6 dossiers") == 4
        assert words.out.count("exit 0: done") == 5
        tenants.check(*names)
        for name in names[:3]:  # they were finished before
            assert len(tenants.sandboxes[name].log) == sent[name]


async def test_one_that_stands_still_holds_up_nobody(tmp_path: Path) -> None:
    async with fleet(tmp_path, "a", "m-b", "c") as tenants:
        still = Sandbox(dossiers=3, limits="off")
        released = held(still)
        async with still:
            tenants.add("still", still)
            process = await start(*tenants.command, env=tenants.env)
            assert process.stderr is not None
            ended: list[str] = []
            async with asyncio.timeout(120):
                while len(ended) < 3:
                    line = (await process.stderr.readline()).decode()
                    assert line
                    if "ended" in line:
                        ended.append(line)
            assert sorted(ended) == [f"{name}: ended    done\n" for name in ("a", "c", "m-b")]
            tenants.check("a", "m-b", "c")
            released.set()
            _, err = await process.communicate()
            assert process.returncode == 0, err
            tenants.check("still")


async def test_quarantine_quota_and_broken_stores_are_each_their_own(tmp_path: Path) -> None:
    async with fleet(tmp_path, "good", "m-bad", "short", "garbage", "foreign") as tenants:
        tenants.sandboxes["m-bad"].add_fault(Fault(kind="html", match="GET */documents"))
        tenants.tables["short"] |= {"per_day": 50, "budget": "80%"}
        for name, content in (("garbage", b"no database at all"), ("foreign", None)):
            path = tenants.out / name / "elements.sqlite"
            path.parent.mkdir(parents=True)
            if content is None:
                Store.create(path, tenant="elements 99").close()
            else:
                path.write_bytes(content)
        done, printed = await tenants.run()
        assert done.code == 1
        assert exits(printed) == {
            "good": (0, None),
            "m-bad": (3, None),
            "short": (6, "quota"),
            "garbage": (1, "store"),
            "foreign": (1, "store"),
        }
        assert printed["m-bad"]["quarantined"] == 12
        assert 0 < printed["short"]["requests"] <= 41
        tenants.check("good")
        tenants.sandboxes["m-bad"].clear_faults()
        done, printed = await tenants.run("--only", "m-bad", "--retry-quarantined")
        assert (done.code, exits(printed)) == (0, {"m-bad": (0, None)})
        tenants.check("m-bad")


async def test_ctrl_c_drains_all_and_the_same_command_goes_on(tmp_path: Path) -> None:
    async with fleet(tmp_path, "a", "m-b", "c", min_latency=0.05) as tenants:
        stalled = Sandbox(dossiers=1, limits="off")
        released = held(stalled)
        async with stalled:
            tenants.add("stalled", stalled)
            for table in tenants.tables.values():
                table["per_second"] = 3  # none is done before it is asked to stop
            command = (*tenants.command, "--workers", "2", "--json")
            process = await start(*command, env=tenants.env)
            assert process.stderr is not None
            await asyncio.gather(
                *(until_asked(tenants.sandboxes[name], 8) for name in ("a", "m-b", "c"))
            )
            process.send_signal(signal.SIGINT)
            while b"stopping: " not in (line := await process.stderr.readline()):
                assert line
            released.set()
            out, err = await process.communicate()
            assert process.returncode == 130, err
            assert b"stopping: " not in err
            printed = json.loads(out)["tenants"]
            assert {each["exit"] for each in printed.values()} == {130}
            assert not (tenants.out / "stalled" / "elements.sqlite").exists()
            stored = {}
            for name in ("a", "m-b", "c"):
                with Store.read(Path(printed[name]["store"])) as store:
                    stored[name] = {path for path, _ in store.bodies()}
            assert all(stored.values())
            for table in tenants.tables.values():
                table["per_second"] = 300
            done, printed = await tenants.run()
            assert (done.code, {each["exit"] for each in printed.values()}) == (0, {0})
            tenants.check("a", "m-b", "c", "stalled")
            for name, paths in stored.items():
                asked = [each.path for each in tenants.sandboxes[name].log if each.method == "GET"]
                assert [path for path in paths if asked.count(path) > 1] == []


async def test_a_second_ctrl_c_aborts(tmp_path: Path) -> None:
    async with fleet(tmp_path, "a", min_latency=30.0) as tenants:
        process = await start(*tenants.command, env=tenants.env)
        assert process.stderr is not None
        await until_asked(tenants.sandboxes["a"], 1)
        process.send_signal(signal.SIGINT)
        assert b"stopping: " in await process.stderr.readline()
        process.send_signal(signal.SIGINT)
        await process.communicate()
        assert process.returncode == -signal.SIGINT


async def test_a_broken_file_exits_2_and_sends_nothing(tmp_path: Path) -> None:
    async with fleet(tmp_path, "a", "m-b") as tenants:
        tenants.tables["m-b"]["hots"] = "x"
        done = await run(*tenants.command, env=tenants.env)
        assert done.code == 2
        assert "m-b: hots is not a setting" in done.err
        assert not any(sandbox.log for sandbox in tenants.sandboxes.values())
        assert not tenants.out.exists()


async def test_a_fault_of_ours_in_one_ends_that_one_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = ElementsSettings.source

    async def faulty(target: ElementsSettings, *given: Any, **options: Any) -> Any:
        if target.tenant == "elements 99":
            raise RuntimeError(CANARY)
        return await source(target, *given, **options)

    monkeypatch.setattr(ElementsSettings, "source", faulty)
    async with fleet(tmp_path, "a", "b") as tenants:
        for name, value in tenants.env.items():
            monkeypatch.setenv(name, value)
        tenants_read: list[Any] = list(tenants_in(tenants.file, tenants.out))
        settings = attrs.evolve(tenants_read[1].settings, organisation="99")
        tenants_read[1] = attrs.evolve(tenants_read[1], settings=settings)
        monkeypatch.setattr(
            "elements_procura.elements.client.ElementsClient.authenticate", _no_answer
        )
        output = Output(verbose=0, quiet=False, color=False)
        outcomes = await harvest_shown(tenants_read, output, progress="none")
    assert outcomes["a"].exit_code == 0
    assert (outcomes["b"].exit_code, outcomes["b"].error) == (1, "unexpected")
    told = capsys.readouterr().err
    assert "b: error[unexpected]: RuntimeError in test_cli_fleet.py, line" in told
    assert CANARY not in told


async def _no_answer(_: Any) -> None:
    """The sandbox knows one organisation only."""


@pytest.mark.parametrize(
    ("codes", "exits_with"),
    [
        ((0, 0), 0),
        ((0, 3), 3),
        ((3, 6), 6),
        ((6, 5), 5),
        ((5, 2), 2),
        ((2, 4), 4),
        ((4, 1), 1),
        ((1, 130), 130),
    ],
)
def test_the_worst_exit_code_is_told(codes: tuple[int, ...], exits_with: int) -> None:
    outcomes = [Outcome(name="a", store="x", progress=Progress(), exit_code=code) for code in codes]
    assert worst(outcomes) == exits_with
    assert worst(reversed(outcomes)) == exits_with


async def test_a_tenant_without_what_is_accepted_is_no_matter_to_the_others(
    tmp_path: Path,
) -> None:
    async with fleet(tmp_path, "a", "b", "m-c") as tenants:
        await tenants.run()
        a = tenants.sandboxes["a"]
        assert isinstance(a, Sandbox)
        a.set_weather(Weather("forbidden"))
        _, printed = await tenants.run("--refresh")
        assert exits(printed) == {"a": (3, None), "b": (0, None), "m-c": (0, None)}
        subjects = {each["subject"] for each in printed["a"]["concerns"] if each["open"]}
        accept = [f"--accept={each}" for each in sorted(subjects)]
        _, printed = await tenants.run("--refresh", *accept)
        assert exits(printed) == {"a": (0, None), "b": (0, None), "m-c": (0, None)}
        assert {each["subject"] for each in printed["a"]["concerns"]} == subjects
        # What nobody has is a slip of the pen: nothing is begun.
        sent = len(a.log)
        slip = await run(*tenants.command, "--refresh", *accept, "--accept=prodct", env=tenants.env)
        assert slip.code == 2
        assert "no tenant has anything to accept of prodct" in slip.err
        assert min(subjects) in slip.err
        assert len(a.log) == sent


async def test_of_the_dossiers_a_fleet_may_accept_what_the_listing_is_yet_to_lack(
    tmp_path: Path,
) -> None:
    async with fleet(tmp_path, "a", "b") as tenants:
        await tenants.run()
        a = tenants.sandboxes["a"]
        assert isinstance(a, Sandbox)
        for dossier in a.dossier_ids[1:]:
            a.remove(dossier)
        _, printed = await tenants.run("--refresh", "--accept=dossier")
        assert exits(printed) == {"a": (0, None), "b": (0, None)}
        assert (printed["a"]["gone"], printed["b"]["gone"]) == (5, 0)

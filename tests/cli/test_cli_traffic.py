"""One harvest in bad weather: its numbers agree wherever they are told, and every end leads on."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from elements_procura.cli import cli
from elements_procura.cli.shown.traffic import traffic_texts
from elements_procura.errors import ServerAway
from elements_procura.fleet._tenant_run import TenantRun
from elements_procura.harvest import Latency, Progress, Store, Traffic
from elements_procura.report import Reading, metrics
from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox
from tests.cli.cli_running import Ran, environment, run

FAST = ("--per-second", "2000", "--per-day", "6000000")


def parsed(text: str) -> dict[str, float]:
    """Every metric without labels of its own, read as Prometheus reads them."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        assert family.type in ("gauge", "counter", "histogram")
        for sample in family.samples:
            own = sorted(sample.labels.keys() - {"api", "tenant", "host"})
            name = sample.name.removeprefix("elements_procura_")
            key = name + "".join(f" {label}={sample.labels[label]}" for label in own)
            assert key not in found
            found[key] = sample.value
    return found


def leads(done: Ran) -> list[str]:
    prefix = "next     elements-procura "
    return [line.removeprefix(prefix) for line in done.err.splitlines() if line.startswith(prefix)]


async def test_bar_events_status_report_and_prometheus_agree(tmp_path: Path) -> None:
    out, events = tmp_path / "h", tmp_path / "events"
    async with Sandbox(dossiers=30, seed=4, limits="off") as sandbox:
        sandbox.add_fault(Fault(kind="status", status=503, match="GET *", after=120, times=5))
        sandbox.add_fault(Fault(kind="status", status=429, match="GET *", after=300, times=5))
        command = ("harvest", "elements", "--out", out, "--events", events, "--workers", "1")
        done = await run(*command, "--progress", "log", "--json", *FAST, env=environment(sandbox))
        assert done.code == 0, done.err
        sent, answers = len(sandbox.log), [each.status for each in sandbox.log]
    final = json.loads(done.out)
    status = json.loads((await run("status", out, "--json")).out)
    report = json.loads((await run("report", out, "--json")).out)["apis"]["elements"]
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    (finished,) = [line for line in lines if line["event"] == "finished"]
    shown = await run("status", out, "--prometheus")
    assert (shown.code, shown.err) == (0, "")
    metric = parsed(shown.out)

    # Everywhere the same, and what the server saw.
    traffic = final["traffic"]
    assert finished["traffic"] == status["traffic"] == report["traffic"] == traffic
    assert traffic["attempts"] == final["requests"] + final["probes"]
    # Some that were called back had not reached the server yet.
    assert sent <= traffic["attempts"] <= sent + traffic["unanswered"]
    errors = sum(each >= 500 for each in answers)
    # Of those that were called back when the server had gone nobody has read the answers.
    assert (
        0 < traffic["server_errors"] <= errors <= traffic["server_errors"] + traffic["unanswered"]
    )
    assert traffic["throttled"] == answers.count(429) == 5
    assert traffic["interruptions"] == [each["event"] for each in lines].count("interrupted") >= 1
    away = sum(line["seconds"] for line in lines if line["event"] == "resumed")
    assert traffic["away_seconds"] == pytest.approx(away, abs=0.01)
    assert traffic["repeated"] >= 1
    for name in ("requests", "probes", "requests_saved"):
        assert finished[name] == status[name] == metric[f"{name}_total"] == final[name]
    for name in ("throttled", "server_errors", "repeated", "unanswered", "interruptions"):
        assert metric[f"{name}_total"] == traffic[name], name
    for name in ("waited_seconds", "away_seconds"):
        assert metric[f"{name}_total"] == pytest.approx(traffic[name], abs=0.001)
    answered = traffic["attempts"] - traffic["unanswered"]
    assert metric["request_duration_seconds_count"] == answered
    assert metric["request_duration_seconds_bucket le=+Inf"] == answered
    assert metric["dossiers_by_state state=harvested"] == metric["dossiers"] == 30
    assert (metric["complete"], metric["running"], metric["server_away"]) == (1, 0, 0)

    # Over time it is the same again, and so are the words of the last line and the summary.
    for name in ("attempts", "throttled", "server_errors", "unanswered"):
        assert sum(each[name] for each in report["over_time"]) == traffic[name]
    with Store.read(out / "elements.sqlite") as store:
        words = traffic_texts(store.progress().traffic)
    assert f"{traffic['throttled']} throttled" in words
    last = [line for line in done.err.splitlines() if line.startswith("harvest ")][-1]
    assert all(each in last for each in words)
    told = (await run("status", out)).out
    assert f"server   {' · '.join(words)}" in told


async def test_every_end_leads_on(tmp_path: Path) -> None:
    out = tmp_path / "a b"
    async with Sandbox(dossiers=12, seed=4, limits="off") as sandbox:
        env = environment(sandbox)
        broken = f"GET */klantdossiers/{sandbox.dossier_ids[2]}/*"
        sandbox.add_fault(Fault(kind="status", status=500, match=broken))
        command = ("harvest", "elements", "--out", out, *FAST)
        done = await run(*command, env=env)
        assert done.code == 3, done.err
        first, *rest = leads(done)
        assert shlex.split(first)[:4] == ["harvest", "elements", "--out", str(out)]
        assert first.endswith("--resume --retry-quarantined")
        assert [each.split()[0] for each in rest] == ["export", "report"]
        at_status = leads(await run("status", out))
        assert at_status[0].endswith("--resume --retry-quarantined")

        # Each command that is named can be given as it stands.
        sandbox.clear_faults()
        done = await run(*shlex.split(first), env=env)
        assert done.code == 0, done.err
        assert [each.split()[0] for each in leads(done)] == ["export", "report"]
        for each in leads(done):
            assert (await run(*shlex.split(each))).code == 0, each
        assert [each.split()[0] for each in leads(await run("report", out))] == ["export"]

        # Away for longer than the patience: it is asked for more of it.
        sandbox.add_fault(Fault(kind="status", status=503))
        done = await run(*command, "--refresh", "--patience", "1s", env=env)
        assert done.code == 5
        (more,) = leads(done)
        assert "--refresh" in more
        assert more.endswith(" --patience 1h")


@pytest.mark.parametrize(("says_when", "end"), [(None, " --patience 1h"), (2e9, " --patience 5s")])
def test_more_patience_is_offered_where_it_would_help(
    says_when: float | None, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: TenantRun) -> None:
        raise ServerAway(
            "away", method="GET", template="/", since=1.0, retry_at=says_when, hint="later"
        )

    monkeypatch.setattr(TenantRun, "run", away)
    monkeypatch.setenv("ELEMENTS_CLIENT_SECRET", "a")
    account = ["--host", "a", "--client-id", "a", "--organisation", "1"]
    words = ["harvest", "elements", *account, "--out", str(tmp_path / "a"), "--patience", "5s"]
    monkeypatch.setattr(sys, "argv", ["elements-procura", *words])
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 5, done.output
    (lead,) = [line for line in done.stderr.splitlines() if line.startswith("next     ")]
    assert end in lead
    assert lead.count("--patience") == 1


async def test_many_tenants_lead_on_as_well(tmp_path: Path) -> None:
    async with (
        Sandbox(dossiers=4, seed=1, limits="off") as sandbox,
        ProcuraSandbox(dossiers=4, seed=1) as procura,
    ):
        env, file = environment(), tmp_path / "tenants.toml"
        lines = []
        for name, world, own in (
            ("a", sandbox, {"api": "elements", "host": sandbox.url}),
            ("m", procura, {"api": "procura", "url": procura.url}),
        ):
            given = dict(world.credentials)
            env[f"SECRET_{name}"] = given.pop("client_secret")
            own |= {"secret_env": f"SECRET_{name}"}
            table = (f"{key} = {json.dumps(value)}" for key, value in {**own, **given}.items())
            lines += [f"[tenants.{name}]", "per_second = 1000", *table]
        file.write_text("\n".join(lines))
        broken = f"GET */klantdossiers/{sandbox.dossier_ids[2]}/*"
        sandbox.add_fault(Fault(kind="status", status=500, match=broken))
        command = ("harvest", "tenants", "--config", file, "--out", tmp_path / "out")
        done = await run(*command, env=env)
        assert done.code == 3, done.err
        first, *rest = leads(done)
        assert first.endswith(" --retry-quarantined")
        stores = [tmp_path / "out" / each for each in ("a/elements.sqlite", "m/procura.sqlite")]
        assert [shlex.split(each) for each in rest] == [["report", str(each)] for each in stores]
        sandbox.clear_faults()
        done = await run(*shlex.split(first), env=env)
        assert done.code == 0, done.err
        assert len(leads(done)) == 2


async def test_a_plan_and_a_second_export_lead_on(tmp_path: Path) -> None:
    out = tmp_path / "h"
    async with Sandbox(dossiers=6, seed=4, limits="off") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--out", out, *FAST)
        done = await run(*command, "--max-requests", "20", env=env)
        assert done.code == 6
        (lead,) = leads(await run("plan", out))
        assert leads(await run("status", out)) == [lead]
        done = await run(*shlex.split(lead), *FAST, env=env)
        assert done.code == 0, done.err
    for _ in range(2):
        export, report = leads(await run("status", out))
        done = await run(*shlex.split(export))
        assert done.code == 0, done.err
        assert leads(done) == [report]


def reading(**more: Any) -> Reading:
    given: dict[str, Any] = {
        "api": "elements",
        "tenant": 'a "b"\\\n',
        "host": "kantoor.example",
        "progress": Progress(),
        "staleness": None,
        "is_running": True,
        "is_away": True,
        "last": None,
        "quota": {},
    }
    return Reading(**(given | more))


def test_metrics_of_an_empty_store_and_odd_names_can_be_read() -> None:
    text = metrics([reading(), reading(api="procura")])
    families = list(text_string_to_metric_families(text))
    tenants = {sample.labels["tenant"] for each in families for sample in each.samples}
    assert tenants == {'a "b"\\\n'}
    names = [each.name for each in families]
    assert len(names) == len(set(names))
    assert "elements_procura_last_answer_timestamp_seconds" not in names


def test_a_name_that_is_not_utf_8_can_be_written() -> None:
    text = metrics([reading(tenant="elements caf\udce9")])
    text_of_file = text.encode().decode()
    [tenant] = {
        sample.labels["tenant"]
        for each in text_string_to_metric_families(text_of_file)
        for sample in each.samples
    }
    assert tenant == r"caf\udce9"


def test_the_tenant_is_named_without_api_and_address() -> None:
    mark = "procura gemeente https://gemeente.example"
    text = metrics([reading(api="procura", tenant=mark)])
    assert 'api="procura",tenant="gemeente",host="kantoor.example"' in text


def test_buckets_grow_and_are_exact() -> None:
    latency = Latency({0: 3, 8: 2, 67: 1}, 200.0)
    found = parsed(metrics([reading(progress=Progress(traffic=Traffic(latency=latency)))]))
    assert found["request_duration_seconds_bucket le=0.001"] == 3
    assert found["request_duration_seconds_bucket le=0.004"] == 5
    assert found["request_duration_seconds_bucket le=+Inf"] == 6
    assert found["request_duration_seconds_sum"] == 200
    buckets = [value for name, value in found.items() if "_bucket" in name]
    assert buckets == sorted(buckets)


def test_words_are_as_short_as_there_is_to_say() -> None:
    assert traffic_texts(Traffic()) == []
    quick = Traffic(latency=Latency({20: 10}, 0.3))
    assert [each.split(",")[0] for each in traffic_texts(quick)] == ["answers in 29 ms"]
    much = Traffic(1, 2, 3, 4, 50.0, 1, 600.0, Latency({44: 9}, 18.0))
    assert traffic_texts(much)[1:] == [
        "each waits 5.0 s for the quota",
        "4 repeated",
        "2 throttled",
        "3 answered with 5xx",
        "1 without an answer",
        "1 interruption, 10 min in all",
    ]

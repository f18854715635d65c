"""Spans and metrics by the semantic conventions, through the SDK's in-memory exporters."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from elements_procura.errors import ElementsProcuraError
from elements_procura.otel import OtelObserver
from elements_procura.sandbox import Fault, Sandbox
from elements_procura.scheduler import Rate
from tests.canary_kit import NAME as CASE_NAME
from tests.canary_kit import NAMED, world
from tests.client_kit import client_for, raw_server
from tests.test_canary import MOODS, Ill, calls, canary_client, seen_in

DOSSIER = "/api/data/klantdossiers/{DOSSIER_ID}"


class Otel:
    """An observer, and what it has exported."""

    def __init__(self) -> None:
        self._spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.meters = MeterProvider(metric_readers=[self._reader])
        self.tracer = tracers.get_tracer("test")
        self.observer = OtelObserver(tracer_provider=tracers, meter_provider=self.meters)

    def spans(self) -> list[ReadableSpan]:
        return list(self._spans.get_finished_spans())

    def metrics(self) -> dict[str, list[Any]]:
        data = self._reader.get_metrics_data()
        found: dict[str, list[Any]] = {}
        for resource in data.resource_metrics if data is not None else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    found.setdefault(metric.name, []).extend(metric.data.data_points)
        return found

    def text(self) -> str:
        data = self._reader.get_metrics_data()
        written = [each.to_json() for each in self.spans()]
        return "\n".join([*written, data.to_json() if data is not None else ""])


@pytest.fixture
def otel() -> Iterator[Otel]:
    made = Otel()
    yield made
    made.meters.shutdown()


async def test_a_span_per_attempt_named_by_template_below_the_caller_s(otel: Otel) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        sandbox.add_fault(Fault(kind="status", status=503, times=1, match="GET /api/*"))
        async with client_for(sandbox, observer=otel.observer, tenant="kantoor-a") as client:
            with otel.tracer.start_as_current_span("a job") as job:
                await client.klantdossiers.get(5526)
    token, first, second, _ = otel.spans()
    assert token.name == "POST /oauth/access_token"
    assert first.name == second.name == f"GET {DOSSIER}"
    for span in (token, first, second):
        assert span.kind is SpanKind.CLIENT
        assert span.parent is not None
        assert span.parent.span_id == job.get_span_context().span_id
    assert first.status.status_code is StatusCode.ERROR
    assert second.status.status_code is StatusCode.UNSET
    wanted = {
        "http.request.method": "GET",
        "url.template": DOSSIER,
        "server.address": "127.0.0.1",
        "server.port": int(sandbox.url.rpartition(":")[2]),
        "http.response.status_code": 200,
        "http.request.resend_count": 1,
        "elements_procura.tenant": "kantoor-a",
    }
    assert {name: (second.attributes or {})[name] for name in wanted} == wanted
    assert (first.attributes or {})["error.type"] == "503"
    assert "http.request.resend_count" not in (first.attributes or {})


async def test_metrics(otel: Otel) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        sandbox.add_fault(Fault(kind="status", status=503, times=1, match="GET /api/*"))
        sandbox.add_fault(Fault(kind="status", status=429, times=1, match="GET /api/*"))
        async with client_for(
            sandbox, observer=otel.observer, rates=(Rate(1000, 1.0), Rate(100, 86_400))
        ) as client:
            await client.klantdossiers.get(5526)
            found = otel.metrics()
            left = client.quota()[1].left
    by_status = {
        point.attributes.get("http.response.status_code"): point.count
        for point in found["http.client.request.duration"]
        if point.attributes["url.template"] == DOSSIER
    }
    assert by_status == {503: 1, 429: 1, 200: 1}
    assert sum(point.count for point in found["elements_procura.queue.duration"]) == 4
    [repeat] = found["elements_procura.repeats"]
    assert (repeat.value, repeat.attributes["elements_procura.why"]) == (
        1, "the server answered 503",
    )  # fmt: skip
    assert [each.value for each in found["elements_procura.throttled"]] == [1]
    assert [
        each.attributes["elements_procura.granted"] for each in found["elements_procura.renewals"]
    ] == [True]
    [gauge] = found["elements_procura.quota.left"]
    assert gauge.attributes["elements_procura.window"] == "86400 s"
    assert left <= gauge.value <= 100


async def test_of_two_clients_with_one_name_the_least_left_is_reported(otel: Otel) -> None:
    def left() -> list[float]:
        return [each.value for each in otel.metrics()["elements_procura.quota.left"]]

    otel.observer._measured = Forgetful()
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        given = {"tenant": "a", "observer": otel.observer}
        async with client_for(sandbox, rates=(Rate(900, 86_400),), **given) as much:
            async with client_for(sandbox, rates=(Rate(90, 86_400),), **given) as little:
                await little.klantdossiers.get(5526)
                await much.klantdossiers.get(5526)
                assert left() == [88]
            # One that is closed takes nothing away from the other.
            await much.klantdossiers.get(5526)
            assert left() == [897]
    assert otel.observer._quotas == {}


class Forgetful(dict[str, float]):
    """Remembers no measurement, so that every answer is followed by one."""

    def __setitem__(self, *_: object) -> None: ...


def test_an_interruption_that_is_over(otel: Otel) -> None:
    otel.observer.interrupted("a", reason="the connection broke")
    otel.observer.resumed("a", seconds=63.0)
    [point] = otel.metrics()["elements_procura.interruptions"]
    assert (point.sum, point.attributes) == (63.0, {"elements_procura.tenant": "a"})


@pytest.mark.virtual_time
@pytest.mark.parametrize("mood", MOODS)
async def test_no_canary_in_spans_or_metrics(mood: str, otel: Otel) -> None:
    ill = Ill()
    ill.mood = mood
    async with (
        raw_server(ill) as server,
        canary_client(server.url, observer=otel.observer) as client,
    ):
        await calls(client)
    found = otel.text()
    assert seen_in(found) == []
    assert f"{DOSSIER}/klanten/particulier" in found


async def test_no_canary_of_procura(otel: Otel) -> None:
    async with world() as sandbox, client_for(sandbox, observer=otel.observer) as client:
        with pytest.raises(ElementsProcuraError):
            await client.relatives.get("999990019")
        with pytest.raises(ElementsProcuraError):
            await client.births.get(NAMED)
        with pytest.raises(ElementsProcuraError):
            await client.read(f"/api/v1/births/{CASE_NAME}")
    found = otel.text()
    assert "/api/v1/relatives/{bsn}" in found
    assert CASE_NAME not in found
    assert "999990019" not in found

"""OpenTelemetry: a span per attempt, and metrics, by the semantic conventions for HTTP clients.

Needs the extra ``otel``, which brings the API only: which SDK exports where is the application's
choice. Nothing here holds more than the path's template.
"""

import time
from collections.abc import Callable
from typing import Final

from opentelemetry import metrics, trace
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider

from elements_procura._version import __version__
from elements_procura.core.observe import Call, Observer
from elements_procura.scheduler import Limit, Usage

__all__ = ["OtelObserver"]

_NAME: Final = "elements_procura"
_SCHEMA: Final = "https://opentelemetry.io/schemas/1.29.0"
_QUOTA_EVERY: Final = 1.0
_ERROR: Final = 400
Value = str | int | float


class OtelObserver(Observer):
    """Reports to OpenTelemetry; pass it to clients and to ``fleet`` as ``observer=``.

    One may serve any number of clients, and the tenant is an attribute of everything.

    ===================================  ==========  ==============================================
    metric                               unit        what
    ===================================  ==========  ==============================================
    ``http.client.request.duration``     s           an attempt, from leaving to its answer's end
    ``elements_procura.queue.duration``  s           what an attempt waited for the quota
    ``elements_procura.repeats``         {request}   requests that are sent again
    ``elements_procura.throttled``       {answer}    answers of 429, by limit
    ``elements_procura.renewals``        {request}   requests for a token, by outcome
    ``elements_procura.interruptions``   s           interruptions of harvests that are over
    ``elements_procura.quota.left``      {request}   requests left in each long window
    ===================================  ==========  ==============================================

    Of several clients with one tenant's name, the quota is that of whoever has the least left.

    Args:
        tracer_provider: Where spans go; by default the global one.
        meter_provider: Where metrics go; by default the global one.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._tracer = trace.get_tracer(
            _NAME, __version__, tracer_provider=tracer_provider, schema_url=_SCHEMA
        )
        meter = metrics.get_meter(
            _NAME, __version__, meter_provider=meter_provider, schema_url=_SCHEMA
        )
        self._spans: dict[Call, tuple[Span, dict[str, Value]]] = {}
        self._quotas: dict[str, list[Callable[[], tuple[Usage, ...]]]] = {}
        self._measured: dict[str, float] = {}
        self._duration = meter.create_histogram(
            "http.client.request.duration", "s", "Duration of HTTP client requests."
        )
        self._queue = meter.create_histogram(
            "elements_procura.queue.duration", "s", "What an attempt waited for the quota."
        )
        self._repeats = meter.create_counter(
            "elements_procura.repeats", "{request}", "Requests that are sent again."
        )
        self._throttled = meter.create_counter(
            "elements_procura.throttled", "{answer}", "Answers of 429."
        )
        self._renewals = meter.create_counter(
            "elements_procura.renewals", "{request}", "Requests for a token."
        )
        self._interruptions = meter.create_histogram(
            "elements_procura.interruptions", "s", "Interruptions of harvests that are over."
        )
        self._left = meter.create_gauge(
            "elements_procura.quota.left", "{request}", "Requests left in a long window."
        )

    def attached(self, tenant: str, *, quota: Callable[[], tuple[Usage, ...]]) -> None:
        """See :class:`~elements_procura.observe.Observer`."""
        self._quotas.setdefault(tenant, []).append(quota)

    def detached(self, tenant: str) -> None:
        """See :class:`~elements_procura.observe.Observer`."""
        known = self._quotas.pop(tenant, [])
        # Another client may have the name; it has not been closed.
        if others := [each for each in known if not getattr(each, "is_over", True)]:
            self._quotas[tenant] = others
        else:
            self._measured.pop(tenant, None)

    def sent(self, call: Call, *, attempt: int, waited: float) -> None:
        """Begin the span of an attempt."""
        about = _of(call)
        self._queue.record(waited, about)
        attributes: dict[str, Value] = {**about, "elements_procura.queue.duration": waited}
        if attempt > 1:
            attributes["http.request.resend_count"] = attempt - 1
        span = self._tracer.start_span(
            f"{call.method} {call.template}", kind=SpanKind.CLIENT, attributes=attributes
        )
        self._spans[call] = span, about

    def answered(
        self,
        call: Call,
        *,
        attempt: int,
        status: int | None,
        seconds: float,
        size: int,
        error: str = "",
    ) -> None:
        """End the span of an attempt."""
        outcome: dict[str, Value] = {}
        if status is not None:
            outcome["http.response.status_code"] = status
        if error or (status is not None and status >= _ERROR):
            outcome["error.type"] = error or str(status)
        span, about = self._spans.pop(call, None) or (None, _of(call))
        self._duration.record(seconds, {**about, **outcome})
        if span is not None:
            if span.is_recording():
                if "error.type" in outcome:
                    span.set_status(Status(StatusCode.ERROR, error or None))
                span.set_attributes({**outcome, "http.response.body.size": size})
            span.end()
        self._measure(call.tenant)

    def repeated(self, call: Call, *, attempt: int, why: str, after: float) -> None:
        """Count a request that will be sent again."""
        self._repeats.add(1, {**_of(call), "elements_procura.why": why})

    def throttled(self, call: Call, *, limit: Limit | None, retry_after: float | None) -> None:
        """Count an answer of 429."""
        self._throttled.add(1, {**_of(call), "elements_procura.limit": limit or "unknown"})

    def renewed(self, tenant: str, *, is_granted: bool) -> None:
        """Count a request for a token."""
        self._renewals.add(
            1, {"elements_procura.tenant": tenant, "elements_procura.granted": is_granted}
        )

    def resumed(self, tenant: str, *, seconds: float) -> None:
        """Record an interruption that is over."""
        self._interruptions.record(seconds, {"elements_procura.tenant": tenant})

    def _measure(self, tenant: str) -> None:
        quotas, now = self._quotas.get(tenant), time.monotonic()
        if quotas is None or now - self._measured.get(tenant, float("-inf")) < _QUOTA_EVERY:
            return
        self._measured[tenant] = now
        left: dict[float, int] = {}
        for usage in (usage for quota in quotas for usage in quota() if usage.rate.is_quota):
            window = usage.rate.seconds
            left[window] = min(left.get(window, usage.left), usage.left)
        for window, requests in left.items():
            attributes = {
                "elements_procura.tenant": tenant,
                "elements_procura.window": f"{window:g} s",
            }
            self._left.set(requests, attributes)


def _of(call: Call) -> dict[str, Value]:
    attributes: dict[str, Value] = {
        "http.request.method": call.method,
        "url.template": call.template,
        "server.address": call.host,
        "elements_procura.tenant": call.tenant,
    }
    if call.port is not None:
        attributes["server.port"] = call.port
    return attributes

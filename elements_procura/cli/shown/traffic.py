"""The words for the traffic of a harvest."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elements_procura.harvest.traffic import Traffic

_SHORT = 0.05  # seconds of waiting that say nothing
_LONG = 100.0  # seconds; longer spans are told in minutes


def traffic_texts(traffic: "Traffic") -> list[str]:
    """The server's response times, the waiting times of requests, and failures, as far as known."""
    p50, p95 = traffic.latency.quantile(0.5), traffic.latency.quantile(0.95)
    parts = []
    if p50 is not None and p95 is not None:
        parts.append(f"answers in {_span(p50)}, 95 % within {_span(p95)}")
    if traffic.attempts and (each := traffic.waited / traffic.attempts) >= _SHORT:
        parts.append(f"each waits {_span(each)} for the quota")
    counts = {
        "repeated": traffic.repeated,
        "throttled": traffic.throttled,
        "answered with 5xx": traffic.server_errors,
        "without an answer": traffic.unanswered,
    }
    parts += [f"{count:,} {name}" for name, count in counts.items() if count]
    if traffic.interruptions:
        many = "interruption" if traffic.interruptions == 1 else "interruptions"
        parts.append(f"{traffic.interruptions:,} {many}, {_span(traffic.away)} in all")
    return parts


def _span(seconds: float) -> str:
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    return f"{seconds:.1f} s" if seconds < _LONG else f"{seconds / 60:,.0f} min"

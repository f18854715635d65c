"""Harvests as metrics in Prometheus' text format, such as a node exporter reads from a folder.

Counts, seconds and moments; the labels are the API, the tenant and the host.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from elements_procura.harvest.events import Progress
from elements_procura.harvest.policy.refresh import Staleness
from elements_procura.harvest.traffic import BOUNDS, Latency
from elements_procura.scheduler import Count

__all__ = ["Reading", "metrics"]

_NAME = "elements_procura_"
_EVERY = 4  # of the bounds of a latency, each twice the one before
_STATES = ("harvested", "quarantined", "gone", "doubted", "unlisted", "deleted", "refreshing")
Labels = Mapping[str, str]
Sample = tuple[str, Labels, float]


@attrs.frozen(kw_only=True)
class Reading:
    """The input of the metrics of one store.

    Attributes:
        api: The name of the API.
        tenant: The tenant's name.
        host: The server's name; empty if it is not known.
        progress: Where the harvest stands.
        staleness: How long ago the dossiers were fetched; None while nothing was.
        is_running: Whether somebody is harvesting into it.
        is_away: Whether the last run was in an interruption that has not ended.
        last: When the last answer was stored, in seconds since the epoch; None if none was.
        quota: What was sent in the windows that end now, by their length in seconds.
        parts: How long ago each part was fetched, where dossiers are refreshed part by part.
    """

    api: str
    tenant: str
    host: str
    progress: Progress
    staleness: Staleness | None
    is_running: bool
    is_away: bool
    last: float | None
    quota: Mapping[float, Count]
    parts: Mapping[str, Staleness] = attrs.field(factory=dict)


@attrs.frozen
class _Family:
    name: str
    kind: str
    about: str

    def lines(self, samples: Iterable[Sample]) -> Iterator[str]:
        found = list(samples)
        if not found:
            return
        yield f"# HELP {_NAME}{self.name} {self.about}"
        yield f"# TYPE {_NAME}{self.name} {self.kind}"
        for end, labels, value in found:
            shown = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
            yield f"{_NAME}{self.name}{end}{{{shown}}} {_number(value)}"


def tenant_name(mark: str, *, api: str) -> str:
    """The tenant that a store's mark names, without API and address.

    Args:
        mark: The store's.
        api: The name of its API.
    """
    return " ".join(word for word in mark.removeprefix(f"{api} ").split(" ") if "://" not in word)


def metrics(readings: Iterable[Reading]) -> str:
    """The text of all metrics, to be written to a file that ends in ``.prom``.

    Args:
        readings: One per store.
    """
    found = list(readings)
    lines: list[str] = []
    for name, kind, about, value in _SINGLE:
        samples = [
            ("", _labels(each), number) for each in found if (number := value(each)) is not None
        ]
        lines += _Family(name, kind, about).lines(samples)
    for family, make in _MANY:
        lines += family.lines(sample for each in found for sample in make(each))
    return "\n".join([*lines, ""])


def _labels(reading: Reading) -> dict[str, str]:
    tenant = tenant_name(reading.tenant, api=reading.api)
    return {"api": reading.api, "tenant": tenant, "host": reading.host}


def _states(reading: Reading) -> Iterator[Sample]:
    counts = reading.progress.counts()
    for state in _STATES:
        yield "", {**_labels(reading), "state": state}, counts[state]


def _concerns(reading: Reading) -> Iterator[Sample]:
    found: Counter[tuple[str, bool]] = Counter()
    for each in reading.progress.concerns:
        found[each.state, each.is_open] += each.count
    for (state, is_open), count in sorted(found.items()):
        acknowledged = "false" if is_open else "true"
        yield "", {**_labels(reading), "state": state, "acknowledged": acknowledged}, count


def _durations(reading: Reading) -> Iterator[Sample]:
    latency, labels = reading.progress.traffic.latency, _labels(reading)
    for bound, count in _cumulative(latency):
        yield "_bucket", {**labels, "le": bound}, count
    yield "_sum", labels, latency.seconds
    yield "_count", labels, latency.count


def _cumulative(latency: Latency) -> Iterator[tuple[str, int]]:
    for number in range(0, len(BOUNDS), _EVERY):
        yield f"{BOUNDS[number]:g}", sum(n for at, n in latency.buckets.items() if at <= number)
    yield "+Inf", latency.count


def _stale(reading: Reading) -> Iterator[Sample]:
    if reading.staleness is None:
        return
    for name in ("median", "p95", "oldest"):
        yield "", {**_labels(reading), "of": name}, getattr(reading.staleness, name)


def _stale_parts(reading: Reading) -> Iterator[Sample]:
    for part, stale in reading.parts.items():
        for name in ("median", "p95", "oldest"):
            yield "", {**_labels(reading), "part": part, "of": name}, getattr(stale, name)


def _quota(reading: Reading) -> Iterator[Sample]:
    for seconds, count in reading.quota.items():
        window = {**_labels(reading), "window": f"{seconds:g}"}
        yield "", {**window, "by": "harvests"}, count.bulk
        yield "", {**window, "by": "others"}, count.total - count.bulk


_SINGLE: tuple[tuple[str, str, str, Callable[[Reading], float | None]], ...] = (
    (
        "dossiers",
        "gauge",
        "Dossiers that are known.",
        lambda each: each.progress.dossiers,
    ),
    (
        "resources_stored",
        "gauge",
        "Answers that are stored.",
        lambda each: each.progress.resources,
    ),
    (
        "resources_queued",
        "gauge",
        "Resources that are still to be fetched.",
        lambda each: each.progress.queued,
    ),
    (
        "complete",
        "gauge",
        "Whether nothing is left to fetch.",
        lambda each: each.progress.complete,
    ),
    (
        "running",
        "gauge",
        "Whether somebody is harvesting.",
        lambda each: each.is_running,
    ),
    (
        "server_away",
        "gauge",
        "Whether the last run was interrupted and has not gone on.",
        lambda each: each.is_away,
    ),
    (
        "last_answer_timestamp_seconds",
        "gauge",
        "When the last answer was stored.",
        lambda each: each.last,
    ),
    (
        "requests_total",
        "counter",
        "Requests that left, probes left out.",
        lambda each: each.progress.requests,
    ),
    (
        "probes_total",
        "counter",
        "Requests that only asked whether the server is back.",
        lambda each: each.progress.probes,
    ),
    (
        "requests_saved_total",
        "counter",
        "Requests that a client following every link would have made besides.",
        lambda each: each.progress.requests_saved,
    ),
    (
        "repeated_total",
        "counter",
        "Requests that were sent again because of a failure.",
        lambda each: each.progress.traffic.repeated,
    ),
    (
        "throttled_total",
        "counter",
        "Answers of 429.",
        lambda each: each.progress.traffic.throttled,
    ),
    (
        "server_errors_total",
        "counter",
        "Answers of 500 and above.",
        lambda each: each.progress.traffic.server_errors,
    ),
    (
        "unanswered_total",
        "counter",
        "Attempts that no answer came to.",
        lambda each: each.progress.traffic.unanswered,
    ),
    (
        "waited_seconds_total",
        "counter",
        "What attempts waited for the quota, added up over all of them.",
        lambda each: each.progress.traffic.waited,
    ),
    (
        "interruptions_total",
        "counter",
        "How often the server was away.",
        lambda each: each.progress.traffic.interruptions,
    ),
    (
        "away_seconds_total",
        "counter",
        "How long the server was away.",
        lambda each: each.progress.traffic.away,
    ),
)
_MANY: tuple[tuple[_Family, Callable[[Reading], Iterable[Sample]]], ...] = (
    (_Family("dossiers_by_state", "gauge", "Dossiers, by what became of them."), _states),
    (_Family("concerns", "gauge", "What a person has to know of, by state."), _concerns),
    (
        _Family("request_duration_seconds", "histogram", "Seconds from leaving to the answer."),
        _durations,
    ),
    (_Family("staleness_seconds", "gauge", "How long ago dossiers were fetched."), _stale),
    (
        _Family("part_staleness_seconds", "gauge", "How long ago parts of dossiers were fetched."),
        _stale_parts,
    ),
    (_Family("quota_used", "gauge", "Requests in the window that ends now."), _quota),
)


def _escaped(text: str) -> str:
    # A name out of an argument or a variable need not be UTF-8; the text has to be.
    text = text.encode(errors="backslashreplace").decode()
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))

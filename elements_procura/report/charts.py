"""Charts of a harvest's traffic over time: drawings without words, so that they may be any width.

The words stand beside them in the page's own size, and all numbers in a table below.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

_WIDE, _HIGH = 1_000, 100
_PAUSE = 2.0  # bars; a longer time without a request takes no more room
_MINUTE, _HOUR, _DAY = 60.0, 3_600.0, 86_400.0
Stretch = dict[str, Any]

STYLE = """
figure { margin: 1rem 0; } figcaption { margin-bottom: .2rem; }
svg.chart { width: 100%; height: 6rem; border-bottom: 1px solid var(--line); }
svg.chart .soft { opacity: .35; } svg.chart .bad { fill: var(--bad); }
.axis { display: flex; justify-content: space-between; gap: 1rem; margin: .1rem 0 0;
  font-size: .85rem; }
.axis span:last-child { text-align: right; }
"""


def charts(over_time: Sequence[Stretch], traffic: dict[str, Any]) -> Iterator[str]:
    """Requests, errors and latency over time.

    Args:
        over_time: The stretches, oldest first.
        traffic: All of them together.
    """
    busiest = max(each["attempts"] for each in over_time)
    yield _figure(
        f"<b>Requests</b> · {traffic['attempts']:,} in all, "
        f"at most {busiest:,} in {_span(over_time[0]['seconds'])}",
        over_time,
        (("", lambda each: each["attempts"]),),
    )
    yield _figure(
        f"<b>Errors</b> · {traffic['server_errors']:,} answered with 5xx, "
        f"{traffic['unanswered']:,} without an answer, {traffic['throttled']:,} throttled (429)",
        over_time,
        (("bad", errors_of),),
    )
    latency = traffic["latency_seconds"]
    yield _figure(
        f"<b>Latency</b> · median {seconds_text(latency['p50'])} (dark), "
        f"95 % within {seconds_text(latency['p95'])} (light)",
        over_time,
        (
            ("soft", lambda each: each["latency_seconds"]["p95"] or 0),
            ("", lambda each: each["latency_seconds"]["p50"] or 0),
        ),
    )


def errors_of(stretch: Stretch) -> int:
    """The attempts that brought nothing."""
    return int(stretch["server_errors"] + stretch["unanswered"] + stretch["throttled"])


def seconds_text(seconds: float | None) -> str:
    """A latency in words."""
    if seconds is None:
        return "none yet"
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def moment_text(start: str) -> str:
    """The beginning of a stretch in words, in UTC."""
    return f"{dt.datetime.fromisoformat(start):%Y-%m-%d %H:%M:%S}"


def _figure(
    caption: str,
    over_time: Sequence[Stretch],
    layers: Sequence[tuple[str, Callable[[Stretch], float]]],
) -> str:
    places = _places(over_time)
    whole = places[-1] + 1
    highest = max(value(each) for _, value in layers for each in over_time) or 1
    bars = "".join(
        _bar(_WIDE * place / whole, _WIDE / whole, _HIGH * value(each) / highest, name=name)
        for name, value in layers
        for place, each in zip(places, over_time, strict=True)
        if value(each)
    )
    end = dt.datetime.fromisoformat(over_time[-1]["start"])
    end += dt.timedelta(seconds=over_time[-1]["seconds"])
    return (
        f"<figure><figcaption>{caption}</figcaption>"
        f'<svg class="chart" viewBox="0 0 {_WIDE} {_HIGH}" preserveAspectRatio="none" '
        f'aria-hidden="true">{bars}</svg>'
        f'<p class="axis"><span>{escape(moment_text(over_time[0]["start"]))}</span>'
        f"<span>a bar is {_span(over_time[0]['seconds'])}; pauses are cut short</span>"
        f"<span>{end:%Y-%m-%d %H:%M:%S} UTC</span></p></figure>"
    )


def _places(over_time: Sequence[Stretch]) -> list[float]:
    """Where each stretch begins, in bars."""
    places, last = [0.0], over_time[0]
    for each in over_time[1:]:
        passed = (_start(each) - _start(last)) / last["seconds"]
        places.append(places[-1] + min(passed, 1 + _PAUSE))
        last = each
    return places


def _bar(left: float, width: float, height: float, *, name: str) -> str:
    kind = f' class="{name}"' if name else ""
    return (
        f'<rect{kind} x="{left:.2f}" y="{_HIGH - height:.2f}" '
        f'width="{width:.2f}" height="{height:.2f}"/>'
    )


def _start(stretch: Stretch) -> float:
    return dt.datetime.fromisoformat(stretch["start"]).timestamp()


def _span(seconds: float) -> str:
    for size, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"), (1.0, "second")):
        if seconds >= size:
            return f"{seconds / size:g} {name}{'' if seconds == size else 's'}"
    return f"{seconds:g} seconds"

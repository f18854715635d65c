"""The words for the state of a running harvest."""

import datetime as dt

from elements_procura.cli._wall import wall_time
from elements_procura.cli.shown.progress import left_over
from elements_procura.cli.shown.traffic import traffic_texts
from elements_procura.fleet.tracker import Facts
from elements_procura.harvest import Progress
from elements_procura.harvest.policy.plan import Plan, Range
from elements_procura.harvest.policy.refresh import CYCLES
from elements_procura.scheduler import Usage

_FEW = 0.1  # days of quota: fewer are told as a part of one
_FEW_MINUTES = 10  # fewer are told with a decimal
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


def plan_line(plan: Plan) -> str:
    """The plan in a line."""
    parts = [
        f"plan     {plan.dossiers:,} dossiers to go",
        f"{range_text(plan.requests, '{:,.0f}')} requests",
    ]
    if plan.hours.expected:
        parts.append(span_text(plan.hours * _HOUR))
    if days := plan.quota_days.expected:
        parts.append(
            f"{days:,.2f} days of quota" if days >= _FEW else f"{days:.1%} of a day's quota"
        )
    if not plan.verified:
        parts.append("unverified, from the documented shapes")
    elif plan.pilot:
        parts.append(f"from {plan.pilot:,} complete dossiers")
    return " · ".join(parts)


def cycle_text(cycle: float | None) -> str:
    """How long refreshes take to come round, if not every run can refresh all."""
    if cycle is None or cycle <= _DAY:
        return ""
    return f" · all in {span(cycle)}, none waits longer than {span(CYCLES * cycle)}"


def range_text(found: Range, shape: str) -> str:
    """An estimate and its bounds."""
    low, expected, high = (shape.format(each) for each in (found.low, found.expected, found.high))
    return expected if low == expected == high else f"{expected} ({low} to {high})"


def line(facts: Facts) -> str:
    """Everything in one line."""
    parts = [*away_text(facts), dossiers_text(facts.progress), calls_text(facts)]
    parts += [f"quota {quota_text(each)}" for each in facts.quota]
    parts += traffic_texts(facts.progress.traffic)
    parts += [*ends_text(facts), *left_over(facts.progress), age_text(facts)]
    return " · ".join([*parts, span(facts.elapsed)])


def away_text(facts: Facts) -> list[str]:
    """Since when the server is away."""
    if facts.away is None:
        return []
    asked = f", asked {facts.progress.probes:,} times" if facts.progress.probes else ""
    return [f"server away since {span(facts.away)}{asked}"]


def dossiers_text(progress: Progress) -> str:
    """How many dossiers of how many."""
    if not progress.listed and not progress.dossiers:
        return "listing the dossiers"
    text = f"{progress.settled:,}/{progress.dossiers:,} dossiers"
    if progress.to_refresh:
        text += f" · refreshed {progress.refreshed:,}/{progress.to_refresh:,}"
    return text


def calls_text(facts: Facts) -> str:
    """How many requests, and how fast."""
    text = f"{facts.progress.requests:,} requests"
    return text if facts.speed is None else f"{text} · {facts.speed.expected:,.1f}/s"


def quota_text(usage: Usage) -> str:
    """The use of a quota."""
    return f"{usage.used:,}/{usage.rate.limit:,}"


def ends_text(facts: Facts) -> list[str]:
    """How long it will take, until when, and what comes between."""
    progress = facts.progress
    if facts.eta is None or (progress.complete and progress.refreshed >= progress.to_refresh):
        return []
    seconds = facts.eta.seconds
    text = [f"left {span_text(seconds)}, until {clock_time(facts, seconds.expected)}"]
    if facts.eta.quota_ends is not None and facts.eta.resumes is not None:
        ends, resumes = facts.eta.quota_ends - facts.now, facts.eta.resumes - facts.now
        text.append(f"quota ends {clock_time(facts, ends)}, resumes {clock_time(facts, resumes)}")
    return text


def age_text(facts: Facts) -> str:
    """The age of the last checkpoint; every stored answer is one."""
    return "no answer yet" if facts.age is None else f"answer stored {span(facts.age)} ago"


def span(seconds: float) -> str:
    """A length of time, rounded for people."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        minutes = seconds / _MINUTE
        return f"{round(minutes, 1) if minutes < _FEW_MINUTES else round(minutes):g} min"
    if seconds < 2 * _DAY:
        return f"{round(seconds / _HOUR, 1):g} h"
    return f"{round(seconds / _DAY, 1):,g} days"


def span_text(seconds: Range) -> str:
    """A length of time and its bounds."""
    low, expected, high = (span(each) for each in (seconds.low, seconds.expected, seconds.high))
    return expected if low == expected == high else f"{expected} ({low} to {high})"


def clock_time(facts: Facts, seconds: float) -> str:
    """The time of day in so many seconds, with the day when that is another."""
    now = wall_time(facts.now)
    then = wall_time(facts.now + seconds)
    if then.date() == now.date():
        return f"{then:%H:%M}"
    return f"{then:%a %H:%M}" if then - now < dt.timedelta(days=6) else f"{then:%Y-%m-%d %H:%M}"

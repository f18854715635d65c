"""The age that refreshes of a store lead to, for ``plan --refresh``."""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elements_procura.cli._output import Output
from elements_procura.cli.shown.facts import span
from elements_procura.errors import ConfigError
from elements_procura.fleet.job import seconds_of
from elements_procura.harvest import StoreReader
from elements_procura.harvest.policy.outlook import Expectation, Outlook
from elements_procura.harvest.policy.rolling import WITHIN
from elements_procura.registry import spec_of

if TYPE_CHECKING:
    from elements_procura.harvest.policy.plan import Pace
    from elements_procura.spec import ApiSpec

PaceOf = Callable[["ApiSpec | None"], "Pace"]
_ENOUGH = 20.0
"""Changes, below which what is expected is a guess."""


def show_outlook(
    output: Output,
    stores: Mapping[str, tuple[Path | str, PaceOf]],
    *,
    age: str | None,
    as_json: bool,
) -> None:
    """Print the age to expect, and the quota that an age takes.

    Args:
        output: Where to.
        stores: Each store with the pace of its API, by the API's name.
        age: The age, as somebody has typed it; None for none.
        as_json: Print JSON.
    """
    found = {
        api: _outlook(path, pace_of, age=_seconds(age)) for api, (path, pace_of) in stores.items()
    }
    if as_json:
        output.data(json.dumps(found if len(found) > 1 else next(iter(found.values()))))
        return
    for api, each in found.items():
        if len(found) > 1:
            output.data(f"store    {api}")
        for line in _lines(each):
            output.data(line)


def _seconds(age: str | None) -> float | None:
    try:
        return None if age is None else seconds_of(age)
    except ValueError as error:
        raise click.BadParameter(f"{error.args[0]}, such as 6h or 2d", param_hint="--age") from None


def _outlook(path: Path | str, pace_of: PaceOf, *, age: float | None) -> dict[str, Any]:
    with StoreReader.read(path, brief=True) as reader:
        pace = pace_of(None if reader.api is None else spec_of(reader.api))
        known = reader.known()
        outlook = Outlook(known, reader.known_parts(), now=time.time())
    if not known:
        raise ConfigError(
            f"no dossier in {path} is complete yet", hint="Harvest first, then plan its refreshes"
        )
    a_night = pace.per_second * WITHIN
    per_day = pace.per_day if math.isfinite(pace.per_day) else a_night
    seen = sum(each.seen.changes for each in known)
    found: dict[str, Any] = {"changes_seen": round(seen, 1), "verified": seen >= _ENOUGH}
    found["quota"] = _data(outlook.by_quota(per_day) if math.isfinite(per_day) else None)
    if age is not None:
        found["age"] = _data(outlook.by_age(age))
    return found


def _data(found: Expectation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "requests_a_day": round(found.per_day, 1),
        "mean_age_seconds": round(found.age, 1),
        "parts": {
            name: {
                "mean_age_seconds": round(found.by_part[name], 1),
                "turn_seconds": round(found.turns[name], 1),
            }
            for name in sorted(found.by_part)
        },
    }


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    if found["quota"] is None:
        yield "refresh  nothing limits the requests: name --per-second or --per-day"
    else:
        yield from _told("refresh ", found["quota"])
    if found.get("age") is not None:
        yield from _told("for that", found["age"])
    if not found["verified"]:
        yield (
            f"from     {found['changes_seen']:g} changes that refreshes have seen, which is a "
            "guess: it grows sure with every night"
        )


def _told(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{name} {found['requests_a_day']:,.0f} requests a day: out of date by "
        f"{span(found['mean_age_seconds'])} on average"
    )
    for part, each in found["parts"].items():
        yield (
            f"         {part}: by {span(each['mean_age_seconds'])}, a turn every "
            f"{span(each['turn_seconds'])}"
        )

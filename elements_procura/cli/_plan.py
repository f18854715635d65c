"""What a harvest will still cost."""

import json
from pathlib import Path
from typing import Any

import click

from elements_procura.cli._exit import telling
from elements_procura.cli._output import Output
from elements_procura.cli._show import STORE_NAME


@click.command("plan")
@click.argument("store", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--dossiers", type=click.IntRange(1), help="How many, when there is no STORE yet.")
@click.option("--per-second", default=5.0, show_default=True, type=click.FloatRange(0.1))
@click.option("--per-day", default=100_000, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def plan_command(
    output: Output,
    /,
    *,
    store: Path | None,
    dossiers: int | None,
    per_second: float,
    per_day: int,
    as_json: bool,
) -> None:
    """Tell what the harvest in STORE will still cost: requests, hours, days of quota.

    From the store's own complete dossiers, with what 90 of 100 cases lie between. Without a store,
    from the shapes that the documentation shows, which nothing has verified. Sends nothing.
    """
    from elements_procura.errors import ConfigError
    from elements_procura.harvest import Store
    from elements_procura.harvest.kinds import GROUPS, KINDS, group_of
    from elements_procura.harvest.plan import PILOT, Pace, Sample, plan

    with telling(output):
        samples: list[Sample] = []
        groups = frozenset(GROUPS)
        left = dossiers or 0
        if store is not None:
            path = store / STORE_NAME if store.is_dir() else store
            with Store.read(path) as opened:
                progress = opened.progress()
                left = progress.dossiers - progress.settled
                samples = opened.samples()
                groups = opened.included or groups
        elif dossiers is None:
            raise ConfigError(
                "there is nothing to plan", hint="Name a STORE, or say how many --dossiers"
            )
        kinds = [kind for kind in KINDS if kind == "dossier" or group_of(kind) in groups]
        pace = Pace(per_second=_SHARE_OF_RATE * per_second, per_day=_BULK_SHARE * per_day)
        found = plan(samples, dossiers=left, kinds=kinds, pace=pace)
        if as_json:
            output.data(json.dumps(_json(found)))
            return
        output.data(f"plan     {left:,} dossiers to go")
        output.data(f"requests {_range(found.requests, '{:,.0f}')}")
        output.data(f"hours    {_range(found.hours, '{:,.1f}')} of sending")
        output.data(f"quota    {_range(found.quota_days, '{:,.2f}')} days, at 80 % of each")
        if found.verified:
            output.data(f"from     {found.pilot:,} complete dossiers; 90 of 100 cases lie between")
        else:
            output.data(
                "from     the documented shapes, unverified: "
                f"harvest elements --pilot {PILOT} makes it sure"
            )


_SHARE_OF_RATE = 0.87
"""What the scheduler's default mode reaches of a rate when round trips vary."""
_BULK_SHARE = 0.8


def _range(found: Any, shape: str) -> str:
    low, expected, high = (shape.format(each) for each in (found.low, found.expected, found.high))
    return f"{expected} ({low} to {high})"


def _json(found: Any) -> dict[str, Any]:
    def bounds(each: Any) -> dict[str, float]:
        return {name: round(getattr(each, name), 3) for name in ("low", "expected", "high")}

    return {
        "dossiers": found.dossiers,
        "pilot": found.pilot,
        "verified": found.verified,
        "requests": bounds(found.requests),
        "hours": bounds(found.hours),
        "quota_days": bounds(found.quota_days),
        "by_kind": {kind: bounds(each) for kind, each in found.by_kind.items()},
    }

"""What a harvest will still cost."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elements_procura.cli._exit import telling
from elements_procura.cli._output import Output
from elements_procura.cli._show import stores_in

if TYPE_CHECKING:
    from elements_procura.harvest.policy.plan import Plan

_PER_SECOND, _PER_DAY = 5.0, 100_000


@click.command("plan")
@click.argument("store", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--dossiers", type=click.IntRange(1), help="How many, when there is no STORE yet.")
@click.option(
    "--per-second",
    type=click.FloatRange(0.1),
    help="Requests per second that the account may make.  "
    f"[default: {_PER_SECOND:g} for Elements, no limit for Procura]",
)
@click.option(
    "--per-day",
    type=click.IntRange(1),
    help="Requests a day that it may make; a harvest uses 80 % of them.  "
    f"[default: {_PER_DAY:,} for Elements, no limit for Procura]",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object; of a directory with both APIs, one with an object for each.",
)
@click.pass_obj
def plan_command(
    output: Output,
    /,
    *,
    store: Path | None,
    dossiers: int | None,
    per_second: float | None,
    per_day: int | None,
    as_json: bool,
) -> None:
    """Tell what the harvest in STORE will still cost: requests, hours, days of quota.

    From the store's own complete dossiers, with what 90 of 100 cases lie between. Without a store,
    from the shapes that the documentation shows, which nothing has verified. Sends nothing.
    """
    from elements_procura.cli._events import plan_data
    from elements_procura.elements.kinds import GROUPS
    from elements_procura.errors import ConfigError
    from elements_procura.harvest.policy.forecast import kinds_of, pace_of
    from elements_procura.harvest.policy.plan import plan

    with telling(output):
        if store is not None:
            found = {
                api: _left(path, per_second=per_second, per_day=per_day)
                for api, path in stores_in(store).items()
            }
        elif dossiers is not None:
            kinds = kinds_of(frozenset(GROUPS))
            pace = pace_of(per_second=per_second or _PER_SECOND, per_day=per_day or _PER_DAY)
            found = {"elements": plan([], dossiers=dossiers, kinds=kinds, pace=pace)}
        else:
            raise ConfigError(
                "there is nothing to plan", hint="Name a STORE, or say how many --dossiers"
            )
        if as_json:
            data = {api: plan_data(each) for api, each in found.items()}
            output.data(json.dumps(data if len(data) > 1 else next(iter(data.values()))))
            return
        for api, each in found.items():
            if len(found) > 1:
                output.data(f"store    {api}")
            _show(output, each)


def _left(path: Path, *, per_second: float | None, per_day: int | None) -> "Plan":
    from elements_procura.errors import ConfigError
    from elements_procura.harvest import StoreReader
    from elements_procura.harvest.policy.forecast import is_of_procura, pace_of, plan_of

    with StoreReader.read(path, brief=True) as reader:
        if not is_of_procura(reader.included):
            per_second, per_day = per_second or _PER_SECOND, per_day or _PER_DAY
        found = plan_of(reader, pace=pace_of(per_second=per_second, per_day=per_day))
    if found is None:
        raise ConfigError(
            f"the dossiers in {path} are not listed yet", hint="Begin its harvest, then plan"
        )
    return found


def _show(output: Output, plan: "Plan") -> None:
    from elements_procura.cli._facts import range_text
    from elements_procura.harvest.policy.plan import PILOT

    output.data(f"plan     {plan.dossiers:,} dossiers to go")
    if not plan.requests.high:
        return
    output.data(f"requests {range_text(plan.requests, '{:,.0f}')}")
    if plan.hours.expected:
        output.data(f"hours    {range_text(plan.hours, '{:,.1f}')} of sending")
    if plan.quota_days.expected:
        output.data(f"quota    {range_text(plan.quota_days, '{:,.2f}')} days, at 80 % of each")
    if not plan.verified:
        output.data(
            "from     the documented shapes, unverified: "
            f"harvest elements --pilot {PILOT} makes it sure"
        )
    elif plan.pilot:
        output.data(f"from     {plan.pilot:,} complete dossiers; 90 of 100 cases lie between")
    else:
        output.data("from     the queue: nothing in it leads to more")

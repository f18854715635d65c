"""The plan command: the remaining cost of a harvest."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli.given.stores import StoreType, stores_in
from elements_procura.cli.shown.leads import harvest_of, show_leads
from elements_procura.registry import names, spec_of, specs
from elements_procura.spec.options import FASTEST

if TYPE_CHECKING:
    from typing import TypeAlias

    from elements_procura.harvest.policy.plan import Pace, Plan
    from elements_procura.spec import ApiSpec

    _Limits: TypeAlias = tuple[float | None, int | None]
    """Requests a second and a day, as far as they are given."""


def _defaults(limit: str) -> str:
    """A documented limit of every API, for the help of an option."""
    found = ((spec.title, getattr(spec, limit)) for spec in specs())
    told = (
        f"{number:,g} for {title}" if number else f"no limit for {title}" for title, number in found
    )
    return f"[default: {', '.join(told)}]"


@click.command("plan", short_help="Estimate the rest of a harvest: requests, hours, days.")
@click.argument("store", type=StoreType(), required=False)
@click.option("--dossiers", type=click.IntRange(1), help="How many, without a STORE.")
@click.option(
    "--per-second",
    type=click.FloatRange(0.1, FASTEST),
    help=f"Requests per second that the account may make.  {_defaults('per_second')}",
)
@click.option(
    "--per-day",
    type=click.IntRange(1),
    help=f"Requests a day that it may make; a harvest uses 80 % of them.  {_defaults('per_day')}",
)
@click.option(
    "--refresh",
    is_flag=True,
    help="The age that refreshes of STORE lead to, by what it has shown of its changes.",
)
@click.option(
    "--age",
    metavar="AGE",
    help="With --refresh: also the quota that this mean age takes, such as 6h or 2d.",
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
    store: Path | str | None,
    dossiers: int | None,
    per_second: float | None,
    per_day: int | None,
    refresh: bool,
    age: str | None,
    as_json: bool,
) -> None:
    """Estimate the rest of the harvest in STORE: requests, hours, days of quota.

    From the store's own complete dossiers, with 90 % intervals. Without a store, from the
    documented shapes, which are unverified. Sends nothing.
    """
    if age is not None and not refresh:
        raise click.UsageError("--age goes with --refresh")
    with exit_on_error(output):
        if refresh:
            _show_refresh(output, store, (per_second, per_day), age=age, as_json=as_json)
            return
        found = _plans(store, dossiers, (per_second, per_day))
        _show_all(output, found, as_json=as_json)
        if store is not None and not as_json:
            ways = [
                harvest_of(path, how="--resume" if found[api].requests.high else "--refresh")
                for api, path in stores_in(store).items()
            ]
            show_leads(output, (way() for way in ways if way is not None))


def _show_refresh(
    output: Output, store: Path | str | None, limits: "_Limits", *, age: str | None, as_json: bool
) -> None:
    from elements_procura.cli.shown.outlook import show_outlook
    from elements_procura.errors import ConfigError

    if store is None:
        raise ConfigError("a refresh needs a store", hint="Name a STORE")
    found = {
        api: (path, lambda spec: _pace(spec, limits)) for api, path in stores_in(store).items()
    }
    show_outlook(output, found, age=age, as_json=as_json)


def _plans(store: Path | str | None, dossiers: int | None, limits: "_Limits") -> "dict[str, Plan]":
    """Plan the rest of each harvest in a store; without one, a harvest of so many dossiers."""
    from elements_procura.errors import ConfigError
    from elements_procura.harvest.policy.plan import plan

    if store is not None:
        return {api: _left(path, limits) for api, path in stores_in(store).items()}
    if dossiers is None:
        raise ConfigError(
            "a plan needs a store or a number of dossiers",
            hint="Name a STORE, or say how many --dossiers",
        )
    spec = next(each for each in specs() if each.harvest.led_to is None)
    known = spec.harvest
    kinds, usual = known.kinds_in(known.groups), known.usual()
    pace = _pace(spec, limits)
    return {spec.name: plan([], dossiers=dossiers, kinds=kinds, usual=usual, pace=pace)}


def _show_all(output: Output, found: "dict[str, Plan]", *, as_json: bool) -> None:
    from elements_procura.cli.shown.events import plan_data

    if as_json:
        data = {api: plan_data(each) for api, each in found.items()}
        output.data(json.dumps(data if len(data) > 1 else next(iter(data.values()))))
        return
    for api, each in found.items():
        if len(found) > 1:
            output.data(f"store    {api}")
        _show(output, api, each)


def _left(path: Path | str, limits: "_Limits") -> "Plan":
    from elements_procura.errors import ConfigError
    from elements_procura.harvest import StoreReader
    from elements_procura.harvest.policy.forecast import plan_of

    with StoreReader.read(path, brief=True) as reader:
        spec = None if reader.api is None else spec_of(reader.api)
        found = plan_of(reader, pace=_pace(spec, limits))
    if found is None:
        raise ConfigError(
            f"the dossiers in {path} are not listed yet", hint="Begin its harvest, then plan"
        )
    return found


def _pace(spec: "ApiSpec | None", limits: "_Limits") -> "Pace":
    """The pace of a harvest: by the given limits, or the documented ones."""
    from elements_procura.harvest.policy.forecast import pace_of

    per_second, per_day = limits
    if spec is not None:
        per_second, per_day = per_second or spec.per_second, per_day or spec.per_day
    return pace_of(per_second=per_second, per_day=per_day)


def _show(output: Output, api: str, plan: "Plan") -> None:
    from elements_procura.cli.shown.facts import range_text
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
            f"harvest {api if api in names() else '…'} --pilot {PILOT} makes it sure"
        )
    elif plan.pilot:
        output.data(f"from     {plan.pilot:,} complete dossiers; 90 of 100 cases lie between")
    else:
        output.data("from     the queue: nothing in it leads to more")

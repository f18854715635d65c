"""The status command: the state of a harvest, from a second terminal."""

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from elements_procura.cli._exit import exit_on_error, print_error
from elements_procura.cli._output import Output
from elements_procura.cli._wall import wall_time
from elements_procura.cli.given.stores import StoreType, ledger_of, stores_below
from elements_procura.cli.shown.leads import leads_of, show_leads
from elements_procura.cli.shown.progress import progress_json, show_progress
from elements_procura.disk.errors import is_there

if TYPE_CHECKING:
    from elements_procura.cli.shown.rates import Rates
    from elements_procura.errors import ElementsProcuraError
    from elements_procura.harvest import HarvestInterrupted, Progress
    from elements_procura.harvest.policy.refresh import Staleness
    from elements_procura.harvest.records import Verification
    from elements_procura.scheduler import Count

_DAY = 86_400.0


@attrs.define
class Status:
    """The state of one store and the files beside it.

    Attributes:
        path: The store: its file, or its URL.
        progress: Its counts.
        quarantined: Dossier, kind and error of every resource in quarantine.
        harvester: The process that is harvesting into it now, or None.
        last: When the last answer was stored, in seconds since the epoch; None if none was.
        staleness: The age of its dossiers.
        now: The moment of all this, in seconds since the epoch.
        quota: What was sent in the windows that end now, by their length in seconds; None if the
            file that counts it cannot be read.
        away: The interruption that the last run was in, if it had not ended.
        api: The name of the API.
        tenant: Whose data it is.
        host: The server's name; empty if it is not known.
        cycle: Seconds in which refreshes come round to every dossier, if anything limits them.
        verified: The result of reading every body, if that was requested.
        parts: The age of each part of its dossiers, where they are refreshed part by part.
        rates: What changes how often, if that was requested.
    """

    path: Path | str
    progress: "Progress"
    quarantined: "list[tuple[Any, str, str]]"
    harvester: str | None
    last: float | None
    staleness: "Staleness"
    now: float
    quota: "dict[float, Count] | None" = None
    cycle: float | None = None
    away: "HarvestInterrupted | None" = None
    api: str = ""
    tenant: str = ""
    host: str = ""
    verified: "Verification | None" = None
    parts: "dict[str, Staleness]" = attrs.field(factory=dict)
    rates: "Rates | None" = None

    @property
    def age(self) -> float | None:
        """Seconds since the last answer was stored."""
        return None if self.last is None else max(self.now - self.last, 0.0)

    def to_json(self) -> dict[str, Any]:
        """The same as JSON: what a harvest prints at its end, and more."""
        stale = self.staleness if self.last is not None else None
        return {
            **progress_json(self.progress, self.path),
            "harvester": self.harvester,
            "server_away_since": None
            if self.away is None
            else dt.datetime.fromtimestamp(self.away.since, dt.UTC).isoformat(timespec="seconds"),
            "last_answer": None
            if self.last is None
            else dt.datetime.fromtimestamp(self.last, dt.UTC).isoformat(timespec="seconds"),
            "last_answer_seconds": self.age and round(self.age, 3),
            "stale_days": stale and _days(stale),
            **({"stale_days_by_part": _by_part(self.parts)} if self.parts else {}),
            "cycle_days": self.cycle and round(self.cycle / _DAY, 3),
            "quota": None
            if self.quota is None
            else [
                {"seconds": seconds, "used": count.total, "used_by_harvests": count.bulk}
                for seconds, count in self.quota.items()
            ],
            **({} if self.verified is None else {"verified": _verified_json(self.verified)}),
            **({} if self.rates is None else self.rates.to_json()),
        }


def _days(stale: "Staleness") -> dict[str, float]:
    names = ("median", "p95", "oldest")
    return {name: round(getattr(stale, name) / _DAY, 3) for name in names}


def _by_part(parts: "dict[str, Staleness]") -> dict[str, dict[str, float]]:
    return {part: _days(stale) for part, stale in parts.items()}


def _verified_json(verified: "Verification") -> dict[str, Any]:
    damaged = [{"dossier": each.dossier, "kind": each.kind} for each in verified.damaged]
    return {"bodies": verified.bodies, "damaged": damaged}


@click.command("status", short_help="Show the state of a harvest.")
@click.argument("store", type=StoreType())
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object; of a directory with several stores, one with an object for each.",
)
@click.option(
    "--prometheus",
    "as_metrics",
    is_flag=True,
    help="Print metrics in Prometheus' text format, for the folder of a node exporter.",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Read every stored answer and compare it with its digest; exit 1 if one is damaged.",
)
@click.option(
    "--rates",
    is_flag=True,
    help="Show what changes how often by kind, by what refreshes have found, and whether to "
    "refresh part by part pays here.",
)
@click.pass_obj
def status_command(
    output: Output,
    /,
    *,
    store: Path | str,
    as_json: bool,
    as_metrics: bool,
    verify: bool,
    rates: bool,
) -> None:
    """Show the state of the harvests in STORE.

    STORE is a file, its directory, the directory of many tenants, or a URL.

    Sends nothing, writes nothing, and disturbs no harvest. An id of Procura that may name somebody
    is masked; --json has it as it is.
    """
    with exit_on_error(output):
        if as_json and as_metrics:
            raise click.UsageError("--json and --prometheus exclude each other")
        found, failed = _read_all(store, verify=verify, rates=rates)
        many = len(found) + len(failed) > 1
        failed += _add_quotas(found)
        if as_metrics and found:
            _print_metrics(output, found)
        elif found:
            _print(output, found, as_json=as_json, many=many)
        damaged = [each for one in found.values() if one.verified for each in one.verified.damaged]
        if damaged:
            from elements_procura.harvest.records import damage

            failed.append(damage(damaged))
        for error in failed[1:]:
            print_error(output, error)
        if failed:
            raise failed[0]


def _read_all(
    store: Path | str, *, verify: bool, rates: bool
) -> "tuple[dict[str, Status], list[ElementsProcuraError]]":
    """What can be read, whatever of it cannot: one damaged file hides nothing beside it."""
    from elements_procura.errors import StoreError

    found: dict[str, Status] = {}
    failed: list[ElementsProcuraError] = []
    for api, path in stores_below(store).items():
        try:
            found[api] = _read(path, verify=verify, rates=rates)
        except StoreError as error:
            failed.append(error)
    return found, failed


def _add_quotas(found: dict[str, Status]) -> "list[ElementsProcuraError]":
    """Add what the files beside the stores count; return the faults of those, one of each."""
    from elements_procura.errors import StoreError
    from elements_procura.registry import names, spec_of
    from elements_procura.scheduler import SqliteLedger

    failed: dict[Path, ElementsProcuraError] = {}
    for status in found.values():
        status.quota = {}
        counts_no_day = status.api in names() and not spec_of(status.api).per_day
        if (ledger := ledger_of(status.path)) is None or counts_no_day:
            continue
        try:
            if is_there(ledger):
                status.quota = SqliteLedger.used(ledger, now=status.now)
        except StoreError as error:
            status.quota = None
            failed.setdefault(ledger, error)
    return list(failed.values())


def _print(output: Output, found: dict[str, Status], *, as_json: bool, many: bool) -> None:
    if as_json:
        data = {api: each.to_json() for api, each in found.items()}
        many = many or "/" in next(iter(data))
        output.data(json.dumps(data if many else next(iter(data.values()))))
        return
    for each in found.values():
        if many:
            output.data(f"store    {each.path}")
        _show(output, each)
    idle = [each for each in found.values() if each.harvester is None]
    show_leads(output, [lead for each in idle for lead in leads_of(each.path, each.progress)])


def _print_metrics(output: Output, found: dict[str, Status]) -> None:
    from elements_procura.report.metrics import Reading, metrics

    readings = [
        Reading(
            api=each.api,
            tenant=name.rpartition("/")[0] or each.tenant,  # two may have the same mark
            host=each.host,
            progress=each.progress,
            staleness=None if each.last is None else each.staleness,
            is_running=each.harvester is not None,
            is_away=each.away is not None,
            last=each.last,
            quota=each.quota or {},
            parts=each.parts,
        )
        for name, each in found.items()
    ]
    output.data(metrics(readings).removesuffix("\n"))


def _read(path: Path | str, *, verify: bool = False, rates: bool = False) -> Status:
    import time

    from elements_procura.cli.shown.rates import Rates
    from elements_procura.harvest import StoreReader
    from elements_procura.harvest.store import holder

    now = time.time()
    with StoreReader.read(path, brief=not verify) as reader:
        answered = [each.last for each in reader.tally() if each.last is not None]
        return Status(
            path,
            progress=reader.progress(),
            quarantined=reader.quarantined(),
            harvester=holder(path),
            last=max(answered, default=None),
            staleness=reader.staleness(now=now),
            cycle=reader.cycle,
            away=reader.interruption(),
            api=reader.api or reader.name.removesuffix(".sqlite"),
            tenant=reader.tenant,
            host=reader.host or "",
            now=now,
            verified=reader.verify() if verify else None,
            parts=reader.staleness_of_parts(now=now),
            rates=Rates(reader.rates_of_kinds(), reader.rates_of_parts()) if rates else None,
        )


def _show(output: Output, status: Status) -> None:
    from elements_procura.cli.shown.facts import cycle_text, span
    from elements_procura.cli.shown.rates import rate_lines
    from elements_procura.redact import shown_id

    show_progress(output, status.progress)
    output.data(f"now      {status.harvester or 'nobody'} is harvesting into it")
    if status.away is not None:
        since = span(max(status.now - status.away.since, 0.0))
        told = f"server away since {since}" if status.harvester else "server away in the last run"
        output.data(f"weather  {told}: {status.away.reason}")
    if status.age is not None and status.last is not None:
        when = wall_time(status.last)
        stale = status.staleness
        output.data(f"last     answer stored {span(status.age)} ago, {when:%Y-%m-%d %H:%M:%S %Z}")
        output.data(
            f"stale    median {span(stale.median)} · p95 {span(stale.p95)} · "
            f"oldest {span(stale.oldest)}{cycle_text(status.cycle)}"
        )
        for part, of in status.parts.items():
            output.data(
                f"         {part}: median {span(of.median)} · p95 {span(of.p95)} · "
                f"oldest {span(of.oldest)}"
            )
    for line in rate_lines(status.rates):
        output.data(line)
    for seconds, count in (status.quota or {}).items():
        output.data(
            f"quota    {count.total:,} requests in the last {span(seconds)}, "
            f"{count.bulk:,} of them by harvests"
        )
    for dossier, kind, error in status.quarantined:
        output.data(f"         dossier {shown_id(dossier)}, {kind}: {error}")
    if status.verified is not None:
        output.data(
            f"verify   {status.verified.bodies:,} stored answers read, "
            f"{len(status.verified.damaged):,} of them damaged"
        )
        for each in status.verified.damaged:
            output.data(f"         {each}")

"""The schema commands: content of the APIs that this version does not know."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elements_procura.cli._exit import EXIT_DRIFT, exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli.given.files import GivenFile
from elements_procura.cli.given.stores import StoreType, stores_below

if TYPE_CHECKING:
    from elements_procura.harvest.drift import Finding, Report


@click.group()
def schema() -> None:
    """Content of the APIs that this version does not know."""


@schema.command(short_help="List unknown content in what a harvest stored.")
@click.argument("store", type=StoreType())
@click.option(
    "--baseline",
    metavar="FILE",
    type=GivenFile("`elements-procura schema drift STORE --json > FILE` writes one"),
    help="What an earlier --json printed: what stands there is known.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["none", "breaking", "any"]),
    default="none",
    show_default=True,
    help="Exit 7 when something of this severity is found that the baseline does not hold.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document: a --baseline.")
@click.pass_obj
def drift(
    output: Output, /, *, store: Path | str, baseline: Path | None, fail_on: str, as_json: bool
) -> None:
    """List unknown content in the bodies of STORE: a file, a directory of them, or of tenants.

    Paths, counts and since when, never a value. Additive are unknown fields, enum values and links,
    which clients keep; breaking is content that they refuse or no longer find. Sends nothing, and
    works while a harvest is writing.
    """
    from elements_procura.harvest.drift import Baseline, Report

    with exit_on_error(output):
        known = Baseline() if baseline is None else Baseline.load(baseline)
        report = Report()
        for path in stores_below(store).values():
            report.add_store(path)
        findings = report.findings(known)
        if as_json:
            output.data(json.dumps(report.to_json(known)))
        else:
            for line in _lines(report, findings):
                output.data(line)
        news = [finding for finding in findings if finding.is_new]
        failing = {"none": [], "breaking": [each for each in news if each.is_breaking], "any": news}
        if failing[fail_on]:
            sys.exit(EXIT_DRIFT)


def _lines(report: "Report", findings: tuple["Finding", ...]) -> Iterator[str]:
    looked = f"{report.bodies.total():,} bodies of {len(report.bodies)} kinds"
    if findings:
        new = sum(finding.is_new for finding in findings)
        breaking = sum(finding.is_breaking for finding in findings)
        yield f"drift    {len(findings):,} found, {new:,} new, {breaking:,} breaking · {looked}"
    else:
        yield f"drift    nothing unknown in {looked}"
    skipped = [
        f"{count.total():,} {what}"
        for count, what in (
            (report.unmodelled, "of kinds that no model describes"),
            (report.binary, "that are no JSON"),
        )
        if count
    ]
    if skipped:
        yield f"skipped  {', '.join(skipped)}"
    width = max((len(finding.kind) for finding in findings), default=0)
    for finding in findings:
        yield _line(finding, width)


def _line(finding: "Finding", width: int) -> str:
    from elements_procura.harvest.drift.report import MOST_VALUES, iso

    more = [f"{finding.bodies:,} {'body' if finding.bodies == 1 else 'bodies'}"]
    if finding.distinct is not None:
        least = " or more" if finding.distinct >= MOST_VALUES else ""
        values = "value" if finding.distinct == 1 else "values"
        more.append(f"{finding.distinct:,}{least} unknown {values}")
    if finding.first_seen is not None:
        more.append(f"since {iso(finding.first_seen)}")
    if not finding.is_new:
        more.append("known")
    detail = f"  {finding.detail}" if finding.detail else ""
    severity = "breaking" if finding.is_breaking else "additive"
    place = f"{finding.kind:<{width}}  {finding.path}"
    return f"{severity} {finding.sort:<6}  {place}{detail} · {' · '.join(more)}"

"""The options of a harvest: those of every one, and those of one API."""

from pathlib import Path

import click

from elements_procura.cli._show import EVENTS
from elements_procura.cli._tables import Option

PROGRESS = click.Choice(["auto", "bar", "log", "none"])

OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Directory of the store.",
)
RESUME = click.option("--resume", is_flag=True, help="Go on with the harvest that is in --out.")
ELEMENTS_PACE = (
    click.option(
        "--per-second",
        default=5.0,
        show_default=True,
        type=click.FloatRange(0.1),
        help="Requests per second that this account may make.",
    ),
    click.option(
        "--per-day",
        default=100_000,
        show_default=True,
        type=click.IntRange(1),
        help="Requests per day that this account may make.",
    ),
    click.option(
        "--budget",
        default="80%",
        show_default=True,
        help="Part of the day's requests that a harvest may use.",
    ),
)
PROCURA_PACE = (
    click.option(
        "--per-second",
        default=10.0,
        show_default=True,
        type=click.FloatRange(0.1),
        help="Requests per second to make at most; no limit is documented.",
    ),
)
ENDS = (
    click.option("--max-requests", type=click.IntRange(1), help="End after so many requests."),
    click.option(
        "--until", metavar="HH:MM", help="End at this time of the day, or the next one's."
    ),
)
PILOT = click.option(
    "--pilot",
    type=click.IntRange(1),
    help="End after so many dossiers; `plan` then tells what the rest costs.",
)
WAIT = click.option("--wait", is_flag=True, help="Sleep until the day's quota resets, then go on.")
ELEMENTS_INCLUDE = click.option(
    "--include",
    metavar="KINDS",
    help="Only these, separated by commas: klanten,adviseurs,kantoor,producten,bezittingen,"
    "registraties; all is all of these. Besides: profielfotos, and what is linked but "
    "not documented: documenten,emails,facturen,panden,stukken,taken.",
)
PROCURA_INCLUDE = click.option(
    "--include",
    metavar="KINDS",
    help="Only these, separated by commas: details,documents; all is both. Besides: content, "
    "the bytes of every document.",
)
SEARCH = click.option(
    "--search",
    metavar="FILTER=VALUE",
    multiple=True,
    help="Only dossiers that fit, by a filter of the API such as kantoor=3888. Repeatable.",
)
IDS = click.option(
    "--ids",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Only the dossiers whose ids stand in this file, one a line.",
)
PERIOD = (
    click.option(
        "--first",
        metavar="YYYY-MM-DD",
        help="Only dossiers that were filed from this day on.  [default: 1900-01-01]",
    ),
    click.option(
        "--last",
        metavar="YYYY-MM-DD",
        help="Only dossiers that were filed until this day.  [default: today, in the Netherlands]",
    ),
)
REFRESH = (
    click.option(
        "--refresh",
        is_flag=True,
        help="For every night: list anew, then refresh what is stored as far as the budget goes. "
        "Begins a harvest when there is none; with --wait, day after day.",
    ),
    click.option(
        "--within",
        metavar="SPAN",
        default="10h",
        show_default=True,
        help="With --refresh: end after so long. Until then the run waits for what becomes free "
        "of the day's quota, so that every night has all of its share.",
    ),
    click.option(
        "--history",
        is_flag=True,
        help="Keep what a refresh replaces. To be said when a harvest is begun.",
    ),
    click.option(
        "--purge",
        is_flag=True,
        help="With --refresh: then erase for good what is gone at the source.",
    ),
    click.option(
        "--accept-vanished",
        is_flag=True,
        help="With --refresh: believe a listing that lacks very many dossiers; the same as "
        "--accept dossier.",
    ),
    click.option(
        "--accept",
        metavar="KIND|dossier:ID|rows",
        multiple=True,
        help="Acknowledge what `status` tells is doubted, forbidden or put aside; what is doubted "
        "is gone by that. Repeatable.",
    ),
)
RETRY = click.option(
    "--retry-quarantined", is_flag=True, help="Ask again for what is in quarantine."
)
PATIENCE = click.option(
    "--patience",
    metavar="SPAN",
    default="10m",
    show_default=True,
    help="Wait for a server that is away for so long at a time, then end with exit 5.",
)
WORKERS = click.option("--workers", default=32, show_default=True, type=click.IntRange(1, 1000))
SHOWN = (
    click.option("--progress", type=PROGRESS, default="auto", show_default=True),
    EVENTS,
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end."),
)

OF_ELEMENTS: tuple[Option, ...] = (*ELEMENTS_PACE, *ENDS, ELEMENTS_INCLUDE, SEARCH)
"""What may also stand in the table of a tenant."""
PAGE_SIZE = click.option(
    "--page-size",
    default=250,
    show_default=True,
    type=click.IntRange(1, 5_000),
    help="Dossiers to ask for at a time; fewer where the back office is slow.",
)
OF_PROCURA: tuple[Option, ...] = (*PROCURA_PACE, *ENDS, PROCURA_INCLUDE, *PERIOD, PAGE_SIZE)
"""The same of Procura."""

"""The options of a harvest: those of every one, and those of one API."""

from pathlib import Path

import click

from elements_procura.cli.given.files import GivenFile
from elements_procura.cli.given.help import Option, section
from elements_procura.cli.given.stores import StoreType
from elements_procura.cli.given.tables import click_option
from elements_procura.spec import ApiSpec

EVENTS = click.option(
    "--events",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Also append events to this file as NDJSON, one object a line; - is stdout.",
)
"""The option of every command that harvests."""

PORT = click.IntRange(0, 65535)
PROGRESS = click.Choice(["auto", "bar", "log", "none"])

SUPPRESSION = click.option(
    "--suppression",
    metavar="FILE",
    type=GivenFile("`elements-procura suppression STORE --out FILE` writes one"),
    help="Store nothing of what this list names: see `suppression`. Once is enough.",
)
STORE = section(
    "Store",
    click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        required=True,
        help="Directory of the store.",
    ),
    click.option(
        "--store",
        metavar="URL",
        type=StoreType(is_new=True),
        help="Keep the store elsewhere: postgresql://user@host/database?store=NAME.",
    ),
    click.option("--resume", is_flag=True, help="Go on with the harvest that is in --out."),
    SUPPRESSION,
)
ENDS = (
    click.option(
        "--max-requests",
        type=click.IntRange(1),
        help="End after so many requests; those for tokens come on top.",
    ),
    click.option(
        "--until", metavar="HH:MM", help="End at this time of the day, or the next one's."
    ),
    click.option(
        "--pilot",
        type=click.IntRange(1),
        help="End after so many dossiers; `plan` then estimates the rest.",
    ),
)
WAIT = click.option(
    "--wait",
    is_flag=True,
    help="Sleep until the day's quota resets, then go on; with --refresh, day after day.",
)
REFRESH = section(
    "Every night",
    click.option(
        "--refresh",
        is_flag=True,
        help="List anew, then refresh stored dossiers within the budget. "
        "Begins a harvest if none exists.",
    ),
    click.option(
        "--within",
        metavar="SPAN",
        default="10h",
        show_default=True,
        help="With --refresh: end after so long. Until then the run waits whenever "
        "the day's quota is used up, so that every night has all of its share.",
    ),
    click.option(
        "--max-age",
        metavar="PART=AGE",
        multiple=True,
        help="With --refresh: refresh a part of the dossiers, or a group, before it is so old: "
        "klanten=14d,producten=2d. Repeatable. A warning says so when the quota is too small.",
    ),
    click.option(
        "--history",
        is_flag=True,
        help="Keep the bodies that a refresh replaces. Only when a harvest is begun.",
    ),
    click.option(
        "--purge",
        is_flag=True,
        help="With --refresh: then erase resources that are gone at the source.",
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
        help="Acknowledge a concern that `status` lists; doubted losses become final by that. "
        "Repeatable.",
    ),
)
RETRY = section(
    "Trouble",
    click.option("--retry-quarantined", is_flag=True, help="Fetch quarantined resources again."),
    click.option(
        "--patience",
        metavar="SPAN",
        default="10m",
        show_default=True,
        help="Wait for a server that is away for so long at a time, then end with exit 5.",
    ),
)
WORKERS = click.option(
    "--workers",
    default=32,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Dossiers in hand at a time; the pace is the quota's, not theirs.",
)
HELD = (
    click.option(
        "--dossiers",
        default=200,
        show_default=True,
        type=click.IntRange(1, 100_000),
        help="How many each of the two APIs holds.",
    ),
    click.option(
        "--seed", default=1, show_default=True, help="What the synthetic dossiers grow from."
    ),
)
"""What sandboxes hold."""
SHOW_PROGRESS = click.option(
    "--progress",
    type=PROGRESS,
    default="auto",
    show_default=True,
    help="Show it as a bar or as lines; auto: a bar on a terminal, else lines.",
)
SHOWN = section(
    "Output",
    SHOW_PROGRESS,
    EVENTS,
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end."),
)


def options_of(spec: ApiSpec) -> tuple[Option, ...]:
    """The options of an API's harvest: its selection, its pace, its end."""
    waits = (WAIT,) if spec.per_day else ()
    pace = (*map(click_option, spec.pace), *ENDS, *waits, WORKERS)
    return (
        *section("Selection", *map(click_option, spec.selection)),
        *section("Pace and end", *pace),
    )

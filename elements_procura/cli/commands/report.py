"""The report command."""

import json
from functools import partial
from pathlib import Path

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli.given.stores import StoreType, folder_of, ledger_of, stores_below
from elements_procura.cli.shown.leads import show_leads, using
from elements_procura.disk.errors import is_there


@click.command("report", short_help="Describe harvests on one page of HTML.")
@click.argument("store", type=StoreType())
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The page; an earlier report is replaced.  [default: report.html beside the store]",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the figures; a page is made with --out only."
)
@click.pass_obj
def report_command(
    output: Output, /, *, store: Path | str, out: Path | None, as_json: bool
) -> None:
    """Describe the harvests in STORE on one page of HTML.

    STORE is a file, a directory of them, or the directory of many tenants.

    Totals, requests made and saved, age of the data, quarantine, drift and quota: ids, kinds and
    counts, nothing personal. Sends nothing, and works while a harvest is writing. The page needs no
    network.
    """
    import time

    from elements_procura.errors import ConfigError
    from elements_procura.report import MARK, figures, page

    with exit_on_error(output):
        stores = stores_below(store)
        folder = folder_of(store)
        file = out or (None if as_json else folder / "report.html")
        if file is not None and is_there(file) and MARK not in _begin(file):
            raise ConfigError(f"{file} is not a report, so it is not replaced", hint="Choose --out")
        own = {name: ledger_of(each) for name, each in stores.items() if "/" in name}
        found = figures(stores, ledger=ledger_of(store), ledgers=own, now=time.time())
        if file is not None:
            _write(file, page(found))
        if as_json:
            output.data(json.dumps(found))
        else:
            output.data(f"report   {file}")
        if file is not None:
            show_leads(output, using(store, but="report"))


def _begin(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(1_000).decode(errors="replace")
    except OSError:
        return ""


def _write(file: Path, text: str) -> None:
    """Write the page whole or not at all, readable by its owner alone."""
    from elements_procura.disk.errors import disk_errors, writing_hint
    from elements_procura.disk.part_file import replace_file

    with disk_errors("the file cannot be written", file, hint=partial(writing_hint, file.parent)):
        replace_file(file, text.encode())

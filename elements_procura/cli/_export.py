"""Tables out of a harvest's store."""

import json
from pathlib import Path
from typing import Any

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._leads import show_leads, using
from elements_procura.cli._output import Output
from elements_procura.cli._stores import StoreType, stores_in


@click.command("export", short_help="Write what a harvest holds as tables.")
@click.argument("store", type=StoreType())
@click.option(
    "--to",
    type=click.Choice(["jsonl", "csv", "parquet"]),
    required=True,
    help="The format; parquet needs the extra arrow.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Directory to write to; if STORE holds both APIs, one below it for each.",
)
@click.option(
    "--kinds",
    metavar="KINDS",
    help="Only these, separated by commas, as `schema drift` and `report` call them: "
    "dossier,particulier,particulier/adressen,hypotheken.",
)
@click.option(
    "--raw", is_flag=True, help="The bodies as they came instead of typed rows, a file per kind."
)
@click.option("--force", is_flag=True, help="Replace an export that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest.")
@click.pass_obj
def export_command(
    output: Output,
    /,
    *,
    store: Path | str,
    to: str,
    out: Path,
    kinds: str | None,
    raw: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Write what STORE (a file, or a directory of them) holds as tables, a file each.

    Sends nothing, and shows one moment of a harvest that is under way. Records gone or deleted at
    the source are left out. The same store gives the same bytes; `_manifest.json`, written last,
    lists files, rows, columns and hashes. In CSV a text may begin with =, +, - or @: let
    spreadsheets read all columns as text.
    """
    from elements_procura.export import export

    with exit_on_error(output):
        stores = stores_in(store)
        manifests = {
            api: export(
                path,
                out / api if len(stores) > 1 else out,
                to=to,
                kinds=None if kinds is None else [name.strip() for name in kinds.split(",")],
                raw=raw,
                force=force,
            )
            for api, path in stores.items()
        }
        if as_json:
            told = manifests if len(manifests) > 1 else next(iter(manifests.values()))
            output.data(json.dumps(told))
        else:
            for api, manifest in manifests.items():
                _show(output, manifest, out / api if len(stores) > 1 else out)
        show_leads(output, using(store, but="export"))
        output.say("note     the files hold personal data; only their owner may read them (0600)")


def _show(output: Output, manifest: dict[str, Any], out: Path) -> None:
    tables = manifest["tables"]
    rows = sum(table["rows"] for table in tables)
    output.data(f"export   {rows:,} rows in {len(tables):,} tables · {manifest['to']} · {out}")
    if not manifest["complete"]:
        output.data("         the harvest is not complete: this is what it has stored so far")
    untyped = sum(table["untyped"] for table in tables)
    if untyped:
        output.data(
            f"untyped  {untyped:,} rows that no model fits stand whole in extra; "
            "`schema drift` tells why"
        )
    misfits = sum(table["misfits"] for table in tables)
    if misfits:
        output.data(
            f"misfits  {misfits:,} values that fit no cell stand in extra; "
            "`schema drift` tells which"
        )
    if manifest["unreadable"]:
        output.data(f"skipped  {manifest['unreadable']:,} bodies or records that cannot be read")
    if manifest["left_out"]:
        left_out = ", ".join(f"{count:,} {kind}" for kind, count in manifest["left_out"].items())
        output.data(f"skipped  no model describes them: {left_out}; --raw writes them")

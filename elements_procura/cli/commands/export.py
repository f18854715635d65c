"""Tables out of a harvest's store."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli.commands.dictionary import show_dictionary
from elements_procura.cli.given.choice import Choice
from elements_procura.cli.given.files import GivenFile
from elements_procura.cli.given.stores import StoreType, stores_in
from elements_procura.cli.shown.leads import show_leads, using

if TYPE_CHECKING:
    from elements_procura.export.shares import Share


class _Targets(Choice):
    """Formats and databases by name, and whatever follows ``dlt:``."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name."""
        return value if value.startswith("dlt:") else super().convert(value, param, ctx)


@click.command("export", short_help="Write what a harvest holds as tables.")
@click.argument("store", type=StoreType())
@click.option(
    "--to",
    type=_Targets(["jsonl", "csv", "parquet", "postgres", "duckdb"]),
    help="Files of a format, or a database to be kept up to date; dlt:DESTINATION is any that dlt "
    "knows. parquet needs the extra arrow, the databases the extras of their names.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Directory to write to, or the file of duckdb; if STORE holds both APIs, one below it "
    "for each. Of dlt, where a destination with files has them.",
)
@click.option(
    "--url",
    metavar="URL",
    help="The database of postgres: postgresql://user@host/database, the password in PGPASSWORD. "
    "Of dlt, the destination's address, unless its own settings say it.",
)
@click.option(
    "--schema",
    metavar="NAME",
    help="The schema of postgres, the dataset of dlt; by default after API and tenant.",
)
@click.option(
    "--kinds",
    metavar="KINDS",
    help="Only these, separated by commas, as `schema drift` and `report` call them: "
    "dossier,particulier,particulier/adressen,hypotheken. Of a STORE with both APIs, either's.",
)
@click.option(
    "--raw", is_flag=True, help="The bodies as they came instead of typed rows, a file per kind."
)
@click.option("--force", is_flag=True, help="Replace an export that is there.")
@click.option(
    "--pseudonymise",
    metavar="KEYFILE",
    type=GivenFile("`elements-procura keyfile FILE` makes one"),
    help="Write pseudonyms in the place of what says who somebody is; `keyfile` makes the file.",
)
@click.option(
    "--keep",
    metavar="COLUMNS",
    help="With --pseudonymise, columns that stay as they are, separated by commas: "
    "kantoor.naam,nationaliteit.",
)
@click.option(
    "--dictionary",
    is_flag=True,
    help="Print every table and column, as Markdown or with --json; with --out as files there.",
)
@click.option(
    "--update",
    is_flag=True,
    help="Files: write what has changed since the export that is there, into a directory beside "
    "it. Databases always do.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the manifest.")
@click.pass_obj
def export_command(
    output: Output,
    /,
    *,
    store: Path | str,
    to: str | None,
    out: Path | None,
    url: str | None,
    schema: str | None,
    kinds: str | None,
    raw: bool,
    force: bool,
    pseudonymise: Path | None,
    keep: str | None,
    dictionary: bool,
    update: bool,
    as_json: bool,
) -> None:
    """Write what STORE (a file, or a directory of them) holds as tables.

    Sends nothing, and shows one moment of a harvest that is under way. Files are written anew, a
    table each, without what is gone at the source; the same store gives the same bytes, and
    `_manifest.json`, written last, lists files, rows, columns and hashes. In CSV a text may begin
    with =, +, - or @: let spreadsheets read all columns as text.

    A database is brought up to date, by what has changed since the last export: its readers see
    the old tables, then the new ones. It is refused when it is of another store or was altered;
    --force writes all of it anew.
    """
    from elements_procura.export import export

    if to is None and not dictionary:
        raise click.UsageError("Say --to, or --dictionary.")
    with exit_on_error(output):
        stores = stores_in(store)
        if to is None:
            show_dictionary(output, stores, out, as_json=as_json)
            return
        of = _shares(stores, kinds=kinds, keep=keep, has_pseudonyms=pseudonymise is not None)
        places = {api: _place(out, api, to=to, many=len(stores) > 1) for api in of}
        manifests = {
            api: export(
                path,
                places[api],
                to=to,
                url=url,
                schema=f"{schema}_{api}" if schema and len(stores) > 1 else schema,
                kinds=of[api].kinds,
                raw=raw,
                force=force,
                pseudonymise=pseudonymise,
                kept=of[api].kept,
                update=update,
            )
            for api, path in stores.items()
            if api in of
        }
        if dictionary and out is not None:
            show_dictionary(output, stores, out, as_json=False)
        if as_json:
            told = manifests if len(manifests) > 1 else next(iter(manifests.values()))
            output.data(json.dumps(told))
        else:
            if skipped := stores.keys() - of.keys():
                output.data(f"skipped  {', '.join(sorted(skipped))}: none of these kinds is theirs")
            for api, manifest in manifests.items():
                _show(output, manifest, places[api])
        show_leads(output, using(store, but="export"))
        output.say(f"note     {_warning(to, has_pseudonyms=pseudonymise is not None)}")


def _warning(to: str, *, has_pseudonyms: bool) -> str:
    """Whose data has been written, and who may read it now."""
    who = "only their owner may read them (0600)"
    if to == "postgres" or to.startswith("dlt:"):
        who = "whoever may read the schema may read it"
    if has_pseudonyms:
        who = f"pseudonyms are personal data, too; {who}"
    return f"this is personal data; {who}"


def _shares(
    stores: Mapping[str, Path | str], *, kinds: str | None, keep: str | None, has_pseudonyms: bool
) -> "dict[str, Share]":
    """The names that are given for each API; one that has none of the kinds is left out."""
    from elements_procura.export.shares import Share, shares

    given = Share(None if kinds is None else _words(kinds), () if keep is None else _words(keep))
    if len(stores) == 1 or (given.kept and not has_pseudonyms):  # the export refuses the latter
        return dict.fromkeys(stores, given)
    found = shares(stores, kinds=given.kinds, kept=given.kept)
    return {api: share for api, share in found.items() if share.kinds != ()}


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


def _place(out: Path | None, api: str, *, to: str, many: bool) -> Path | None:
    """Where the tables of one API go."""
    if out is None or not many or to.startswith("dlt:"):
        return out  # a dataset each
    return out / f"{api}.duckdb" if to == "duckdb" else out / api


def _show(output: Output, done: dict[str, Any], out: Path | None) -> None:
    """Print what has been written: the manifest of files, or what a database says of it."""
    if "tables" in done:
        _show_files(output, done, out)
    else:
        _show_database(output, done)


def _show_database(output: Output, done: dict[str, Any]) -> None:
    rows, written = sum(done["rows"].values()), sum(done["written"].values())
    output.data(f"export   {rows:,} rows in {len(done['rows']):,} tables · {done['target']}")
    if done["since"] is None:
        output.data("         all of them written")
    else:
        notes = done["notes"]
        told = ", ".join(f"{notes[what]:,} {what}" for what in sorted(notes)) or "none"
        output.data(f"         {written:,} rows written · bodies since the last export: {told}")
    _show_odd(output, done, done["untyped"], done["misfits"])


def _show_files(output: Output, manifest: dict[str, Any], out: Path | None) -> None:
    tables = manifest["tables"]
    rows = sum(table["rows"] for table in tables)
    output.data(f"export   {rows:,} rows in {len(tables):,} tables · {manifest['to']} · {out}")
    untyped = sum(table["untyped"] for table in tables)
    misfits = sum(table["misfits"] for table in tables)
    _show_odd(output, manifest, untyped, misfits)


def _show_odd(output: Output, manifest: dict[str, Any], untyped: int, misfits: int) -> None:
    if not manifest["complete"]:
        output.data("         the harvest is not complete: this is what it has stored so far")
    if untyped:
        output.data(
            f"untyped  {untyped:,} rows that no model fits stand whole in extra; "
            "`schema drift` tells why"
        )
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

"""Persons' rights: erasing somebody, and disclosing what is stored of them."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli._streams import given_line
from elements_procura.cli.given.files import GivenFile
from elements_procura.cli.given.stores import StoreType, stores_in

if TYPE_CHECKING:
    from elements_procura.rights import ErasureReport


@click.command("erase")
@click.argument("store", type=StoreType())
@click.option(
    "--person",
    metavar="ID",
    help="The number of the person's record, or the BSN; - reads it from standard "
    "input, so that no list of processes shows it.",
)
@click.option("--dossier", metavar="ID", help="A whole dossier, by its id.")
@click.option(
    "--suppression",
    metavar="FILE",
    type=GivenFile("`elements-procura suppression STORE --out FILE` writes one"),
    help="Whatever a list names: that of another store, or the one beside a store in whose place "
    "an old copy was put.",
)
@click.option(
    "--journal",
    "journals",
    multiple=True,
    metavar="FILE",
    type=GivenFile("Name the file that a FileJournal writes"),
    help="A journal of writes, whose entries lose the ids. May be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Only show what and where: the default.")
@click.option("--yes", is_flag=True, help="Erase it, for good.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def erase_command(
    output: Output,
    /,
    *,
    store: Path | str,
    person: str | None,
    dossier: str | None,
    suppression: Path | None,
    journals: tuple[Path, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase a person or a dossier from STORE and its exports.

    Without --yes it shows what would go, and where; never a value. Whatever is erased is listed as
    keyed hashes, so that no refresh and no new harvest brings it back. Sends nothing.
    """
    if sum(each is not None for each in (person, dossier, suppression)) != 1:
        raise click.UsageError("Give either --person, --dossier or --suppression.")
    if yes and dry_run:
        raise click.UsageError("Give either --dry-run or --yes.")
    if person == "-":
        person = given_line().strip()
    from elements_procura.rights import erase

    with exit_on_error(output):
        found = {
            api: erase(
                path,
                person=person,
                dossier=dossier,
                suppression=suppression,
                yes=yes,
                journals=journals,
            )
            for api, path in stores_in(store).items()
        }
        is_final = not yes or all(each.is_final for each in found.values())
        if as_json:
            output.data(json.dumps({api: each.to_json() for api, each in found.items()}))
        else:
            for api, each in found.items():
                _show(output, api, each)
            if not yes:
                output.say("note     nothing was changed; --yes does it")
        if not is_final:
            output.say(
                "note     other programs keep files of it open: end them, then erase once more"
            )
            sys.exit(1)


def _show(output: Output, api: str, found: "ErasureReport") -> None:
    verb = "erased" if found.done else "erases"
    output.data(
        f"{verb}   {api}: {sum(found.store.removed.values()):,} resources whole, parts of "
        f"{sum(found.store.rewritten.values()):,} bodies and of {found.store.replaced:,} earlier "
        f"ones, in {len(found.store.dossiers):,} dossiers"
    )
    for what, counts in (("whole", found.store.removed), ("part of", found.store.rewritten)):
        for kind, count in sorted(counts.items()):
            output.data(f"         {what} {count:,} {kind}")
    for place, becomes in found.exports.items():
        output.data(f"export   {place}: {becomes}")
    for path, entries in found.journals.items():
        output.data(f"journal  {path}: {entries:,} entries lose the ids")
    for each in found.kept:
        output.data(f"kept     {each}: cannot be reached from here")


@click.command("suppression", short_help="Write the list of what was erased from STORE.")
@click.argument("store", type=StoreType())
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write, readable by its owner alone.",
)
@click.pass_obj
def suppression_command(output: Output, /, *, store: Path | str, out: Path) -> None:
    """Write the list of what was erased from STORE.

    `harvest --suppression` and `erase --suppression` take it for another store of the same tenant.
    It holds keyed hashes and their key: whoever has it can try numbers against it, and learn who
    asked to be forgotten. A store in a file has it beside it, too.
    """
    from elements_procura.rights import save_suppression

    with exit_on_error(output):
        count = save_suppression(stores_in(store).values(), out)
        output.data(f"listed   {count:,} hashes · {out}")


@click.command("person")
@click.argument("store", type=StoreType())
@click.argument("person", metavar="ID")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, readable by its owner alone; by default it is printed.",
)
@click.pass_obj
def person_command(output: Output, /, *, store: Path | str, person: str, out: Path | None) -> None:
    """Show all that STORE holds about a person, as JSON.

    This is the right of access. ID is the number of the person's record, or the BSN;
    - reads it from standard input. STORE notes that somebody asked, and not who. Sends nothing.
    """
    if person == "-":
        person = given_line().strip()
    from elements_procura.disk.errors import disk_errors
    from elements_procura.rights import disclose

    with exit_on_error(output):
        stores = stores_in(store)
        told = {api: disclose(path, person) for api, path in stores.items()}
        whole = told if len(told) > 1 else next(iter(told.values()))
        text = json.dumps(whole, ensure_ascii=False, indent=2)
        if out is None:
            output.data(text)
            return
        with disk_errors(f"{out} cannot be written", out, hint="Choose another --out"):
            descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{text}\n")
        parts = sum(len(each["found"]) for each in told.values())
        output.data(f"person   {parts:,} parts · {out}")

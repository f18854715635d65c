"""The data dictionary of an export, and key files for pseudonyms."""

import json
from pathlib import Path

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output


def show_dictionary(
    output: Output, stores: dict[str, Path | str], out: Path | None, *, as_json: bool
) -> None:
    """Print the dictionary of the stores' tables, or write it into a directory.

    Args:
        output: Where to print.
        stores: By API.
        out: The directory; None to print.
        as_json: Print JSON instead of Markdown.
    """
    from elements_procura.disk.errors import disk_errors
    from elements_procura.export.dictionary import as_markdown, dictionary, tables_of
    from elements_procura.harvest.store import StoreReader
    from elements_procura.registry import harvest_spec_of

    told, text = {}, ""
    for api, path in stores.items():
        with StoreReader.read(path) as reader:
            tables = tables_of(harvest_spec_of(reader.api))
        told[api] = dictionary(tables)
        text += f"## {api}\n\n{as_markdown(tables)}\n"
    whole = json.dumps(told if len(told) > 1 else next(iter(told.values())), ensure_ascii=False)
    if out is None:
        output.data(whole if as_json else text)
        return
    with disk_errors(f"{out} cannot be written to", out, hint="Choose another --out"):
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        (out / "dictionary.md").write_text(text, encoding="utf-8")
        (out / "dictionary.json").write_text(whole, encoding="utf-8")
    output.data(f"dictionary {out / 'dictionary.md'}")


@click.command("keyfile")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def keyfile_command(output: Output, /, *, file: Path) -> None:
    """Make FILE, a key for pseudonymised exports.

    32 random bytes, readable by the owner alone. Keep it away from the exports: who has both can
    find out who is who. Without it no export can be made that joins with earlier ones.
    """
    from elements_procura.export import make_key

    with exit_on_error(output):
        make_key(file)
        output.data(f"key      {file}")

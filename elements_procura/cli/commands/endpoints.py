"""endpoints: its options and its printing."""

import json

import click

from elements_procura.cli._output import Output
from elements_procura.cli.given.tables import TABLES

API_NAMES = click.Choice([table.name for table in TABLES])


@click.command(short_help="List every documented endpoint and its coroutine.")
@click.argument("words", metavar="[FILTER]...", nargs=-1)
@click.option("--api", type=API_NAMES, help="Only of this one.  [default: both]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@click.pass_obj
def endpoints(output: Output, /, *, words: tuple[str, ...], api: str | None, as_json: bool) -> None:
    """List every documented endpoint, the coroutine that calls it, and its source file and line.

    With FILTER, only those in whose method, path, call or summary every word occurs, as in
    `endpoints post adressen`. Sends nothing.
    """
    from elements_procura.cli.work import catalogue

    apis = [table.name for table in TABLES] if api is None else [api]
    listed = catalogue.endpoints(*apis)
    found = [each for each in listed if each.fits(words)]
    if as_json:
        rows = [
            {
                "api": each.api,
                "method": each.method,
                "path": each.path,
                "call": each.call,
                "also": list(each.also),
                "summary": each.summary,
                "file": each.file,
                "line": each.line,
            }
            for each in found
        ]
        output.data(json.dumps(rows))
        return
    for each in found:
        output.data(f"{each.method:<5} {each.path}")
        calls = ", ".join((each.call, *each.also))
        # `python -OO` drops the docstrings that summaries are taken from.
        output.data(f"      {calls} · {each.summary}" if each.summary else f"      {calls}")
        output.data(f"      {each.file}:{each.line}")
    if not found:
        output.say("next     use other words, or fewer; without any, all are listed")
    output.say(f"{len(found)} of {len(listed)} endpoints of {' and '.join(apis)}")

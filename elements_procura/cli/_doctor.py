"""doctor: its options and its printing."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click

from elements_procura.cli._auth import API
from elements_procura.cli._config import ConfiguredCommand, secret_from
from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli._tables import LOGIN, account_options


@click.command(cls=ConfiguredCommand)
@click.argument("api", type=API, default=LOGIN.name, expose_value=False)
@account_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Of a harvest: also show the rest of the day's requests.",
)
@click.option("--per-day", default=100_000, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def doctor(
    output: Output, /, *, out: Path | None, per_day: int, as_json: bool, **given: Any
) -> None:
    """Check the connection to Elements: store, name, TLS, clock, token, scopes, quota.

    Sends two requests at most: for a token, if none is saved, and for a dossier that does not
    exist. Exits as a harvest with the first fault would.
    """
    from elements_procura.cli._checks import examine
    from elements_procura.cli._given import account_of, as_options

    with exit_on_error(output), as_options():
        account = account_of(LOGIN, given, secret=secret_from(given))
        findings = asyncio.run(examine(account, out=out, per_day=per_day))
        if as_json:
            checks = [
                {"check": each.check, "state": each.state, "text": each.text, "hint": each.hint}
                for each in findings
            ]
            good = not any(each.state == "fail" for each in findings)
            output.data(json.dumps({"ok": good, "checks": checks}))
        else:
            for each in findings:
                output.data(f"{each.state:<5} {each.check:<7} {each.text}")
                if each.hint:
                    output.data(f"              next: {each.hint}")
        sys.exit(next((each.exit_code for each in findings if each.exit_code), 0))

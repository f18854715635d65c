"""doctor: its options and its printing."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli.given.by_api import ByApi
from elements_procura.cli.given.config import ConfiguredCommand, secret_from
from elements_procura.cli.given.help import section
from elements_procura.cli.given.tables import LOGIN, TABLES, Table, options
from elements_procura.registry import spec_of

if TYPE_CHECKING:
    from elements_procura.cli.work.checks import Finding

_F = TypeVar("_F", bound=Callable[..., Any])


@click.group(cls=ByApi, short_help="Check the connection to an API: name, TLS, clock, token, …")
def doctor() -> None:
    """Check the connection to an API.

    Exits as a harvest with the first fault would.
    """


def _checked(title: str, *more: Callable[[_F], _F]) -> Callable[[_F], _F]:
    return options(
        *section(
            title,
            click.option(
                "--out",
                type=click.Path(path_type=Path, file_okay=False),
                help="Of a harvest: also show its concerns and, where there is one, the rest of "
                "the day's requests.",
            ),
            *more,
            click.option(
                "--tenants",
                default=1,
                show_default=True,
                type=click.IntRange(1),
                help="How many one process is to harvest: are enough open files allowed?",
            ),
            click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        )
    )


def _command(table: Table) -> click.Command:
    """The command that checks an API."""
    spec = spec_of(table.name)
    if table is LOGIN:
        about = f"""Check {spec.title}: token store, name, TLS, token, scopes, clock, quota, files.

        Sends two requests at most: for a token, if none is saved, and for a dossier that does not
        exist. Exits as a harvest with the first fault would.
        """
    else:
        about = f"""Check {spec.title}: name, TLS, token, clock, open files.

        Sends two requests: for a token, and for the server's version. Exits as a harvest with the
        first fault would.
        """
    per_day = click.option(
        "--per-day",
        default=spec.per_day,
        show_default=True,
        type=click.IntRange(1),
        help="Requests per day that this account may make.",
    )

    @options(*table.options)
    @_checked("Checks", *((per_day,) if spec.per_day else ()))
    @click.pass_obj
    def check(
        output: Output,
        /,
        *,
        out: Path | None,
        tenants: int,
        as_json: bool,
        per_day: int | None = None,
        **given: Any,
    ) -> None:
        import asyncio

        from elements_procura.cli.given.settings import (
            account_of,
            as_options,
            checked_secret,
            settings_of,
        )
        from elements_procura.cli.work.checks import count_files, examine, examine_account

        with exit_on_error(output), as_options():
            secret = secret_from(given, table)
            if per_day is None:
                settings = settings_of(table, given, secret=secret)
                checks = examine(settings, checked_secret(secret, table), out=out)
            else:
                account = account_of(table, given, secret=secret)
                checks = examine_account(account, out=out, per_day=per_day)
            _show(output, [*asyncio.run(checks), count_files(tenants)], as_json=as_json)

    return click.command(
        table.name,
        cls=ConfiguredCommand,
        table=table,
        help=about,
        short_help=f"Check {spec.title}.",
    )(check)


for _table in TABLES:
    doctor.add_command(_command(_table))


def _show(output: Output, findings: "list[Finding]", *, as_json: bool) -> None:
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

"""login, logout and whoami: their options and their printing."""

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from elements_procura.cli._exit import EXIT_AUTH, exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli._wall import wall_time
from elements_procura.cli.given.by_api import ByApi
from elements_procura.cli.given.choice import Choice
from elements_procura.cli.given.config import ConfiguredCommand, secret_from
from elements_procura.cli.given.help import section
from elements_procura.cli.given.options import PORT
from elements_procura.cli.given.tables import LOGIN, TABLES, Table, account_options, options
from elements_procura.registry import spec_of

if TYPE_CHECKING:
    from elements_procura.auth.oauth import Token
    from elements_procura.spec.settings import LoginAccount


class _WithTokens(Choice):
    """The API whose tokens are saved."""

    def __init__(self) -> None:
        super().__init__([LOGIN.name])

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse the other APIs for what they are, and the rest as any choice does."""
        if value in {each.name for each in TABLES} - {LOGIN.name}:
            self.fail(
                f"tokens of {value} are never saved: every client asks for its own\n"
                f"  next: `elements-procura login {value}` tries an account",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


API = _WithTokens()
_TITLE = spec_of(LOGIN.name).title


@click.group(cls=ByApi, short_help="Ask for a token; save it where it lives long.")
def login() -> None:
    """Ask for a token with an account's settings, and save it where tokens live long enough."""


@login.command(LOGIN.name, cls=ConfiguredCommand, short_help=f"Log in to {_TITLE}.")
@account_options
@options(
    *section(
        "With --flow code",
        click.option("--paste", is_flag=True, help="Copy the code over, without a redirect."),
        click.option("--port", type=PORT, default=0, help="Of the page to come back to; 0: any."),
        click.option("--no-browser", is_flag=True, help="Only print the address."),
        click.option(
            "--timeout",
            default=300.0,
            show_default=True,
            type=click.FloatRange(1),
            help="Seconds to wait for the browser.",
        ),
    )
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def _log_in(
    output: Output,
    /,
    *,
    paste: bool,
    port: int,
    no_browser: bool,
    timeout: float,
    as_json: bool,
    **given: Any,
) -> None:
    """Ask for a token and save it, for this and other processes to share.

    The client secret comes from ELEMENTS_CLIENT_SECRET, a prompt or --secret-stdin, never from an
    argument, and is not saved: whoever renews the token needs it again.
    """
    import asyncio

    from elements_procura.cli.given.settings import account_of, as_options
    from elements_procura.cli.work.login import Browser, log_in

    with exit_on_error(output), as_options():
        account = account_of(LOGIN, given, secret=secret_from(given))
        browser = Browser(output, paste=paste, port=port, opens=not no_browser, timeout=timeout)
        token = asyncio.run(log_in(account, browser))
        _show(output, account, token, as_json=as_json)


def _trial(table: Table) -> click.Command:
    """The command that tries an account whose tokens nobody saves."""
    title = spec_of(table.name).title

    @options(*table.options)
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    @click.pass_obj
    def log_in(output: Output, /, *, as_json: bool, **given: Any) -> None:
        import asyncio

        from elements_procura.cli.given.settings import as_options, checked_secret, settings_of
        from elements_procura.cli.work.login import try_account

        with exit_on_error(output), as_options():
            secret = secret_from(given, table)
            settings = settings_of(table, given, secret=secret)
            asyncio.run(try_account(settings, checked_secret(secret, table)))
            about: Any = settings
            if as_json:
                account = {"host": about.base_url, "client_id": about.client_id}
                output.data(json.dumps({"api": table.name, **account, "logged_in": False}))
                return
            output.data(f"account  {about.base_url} · client {about.client_id}")
            output.data("token    given, and not saved: every client asks for its own")

    return click.command(
        table.name,
        cls=ConfiguredCommand,
        table=table,
        short_help=f"Try an account of {title}.",
        help=f"""Ask for a token with the settings of an account, to see that they are right.

        Nothing is saved: tokens of {title} live so shortly that every client asks for its own.
        """,
    )(log_in)


for _table in TABLES:
    if _table is not LOGIN:
        login.add_command(_trial(_table))


@click.command(cls=ConfiguredCommand, needs_secret=False, short_help="Forget the saved token.")
@click.argument("api", type=API, default=LOGIN.name, expose_value=False)
@account_options
@click.pass_obj
def logout(output: Output, /, **given: Any) -> None:
    """Forget the saved token. Sends nothing: the API documents no way to revoke one."""
    import asyncio

    from elements_procura.cli.given.settings import account_of, as_options
    from elements_procura.cli.work.login import log_out

    with exit_on_error(output), as_options():
        account = account_of(LOGIN, given, secret=None)
        had_one = asyncio.run(log_out(account))
        output.say(
            "logout   the saved token is forgotten" if had_one else "logout   none was saved"
        )


@click.command(cls=ConfiguredCommand, needs_secret=False, short_help="Show whose token is saved.")
@click.argument("api", type=API, default=LOGIN.name, expose_value=False)
@account_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def whoami(output: Output, /, *, as_json: bool, **given: Any) -> None:
    """Show whose token is saved, and for how long it is valid. Sends nothing.

    Exits with 4 if none is saved.
    """
    import asyncio

    from elements_procura.cli.given.settings import account_of, as_options

    with exit_on_error(output), as_options():
        account = account_of(LOGIN, given, secret=None)
        token = asyncio.run(account.saved())
        _show(output, account, token, as_json=as_json)
        if token is None:
            output.error("auth", "nobody is logged in", "elements-procura login")
            sys.exit(EXIT_AUTH)


def _show(output: Output, account: "LoginAccount", token: "Token | None", *, as_json: bool) -> None:
    from elements_procura.cli.work.login import store_text

    about = account.settings
    store = store_text(account.store(saving=True), account)
    until = None if token is None else wall_time(token.expires_at)
    if as_json:
        document = {
            "api": LOGIN.name,
            "host": about.base_url,
            "client_id": about.client_id,
            "flow": about.flow,
            "organisation": about.organisation or None,
            "user": about.user if about.flow == "code" else None,
            "webservice": about.webservice,
            "scopes": list(about.scopes) if token is None else _scopes(account, token),
            "store": store,
            "logged_in": token is not None,
            "expires_at": None if until is None else until.isoformat(timespec="seconds"),
            "refreshable": token is not None and token.refresh is not None,
        }
        output.data(json.dumps(document))
        return
    output.data(f"account  {about.base_url} · client {about.client_id}")
    output.data(f"data     {about.flow} {about.owner} · webservice {about.webservice}")
    if token is not None and until is not None:
        renewed = "renewed by whoever uses it" if token.refresh else "not renewable"
        output.data(f"scopes   {' '.join(_scopes(account, token))}")
        output.data(f"token    good until {until:%Y-%m-%d %H:%M:%S %Z}, {renewed}")
    output.data(f"store    {store}")


def _scopes(account: "LoginAccount", token: "Token") -> list[str]:
    return token.scope.replace(",", " ").split() or list(account.settings.scopes)

"""call: its options and its printing."""

import base64
import itertools
import json
import sys
from typing import IO, TYPE_CHECKING, Any

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli.commands.endpoints import API_NAMES
from elements_procura.cli.given.config import ConfiguredCommand, secret_from
from elements_procura.cli.given.tables import BY_NAME, TABLES, Table, parameters

if TYPE_CHECKING:
    from elements_procura.cli.work.raw import Raw
    from elements_procura.core.answers import Response

_METHODS = click.Choice(["GET", "POST", "PATCH", "PUT", "DELETE"], case_sensitive=False)


class _OfOneApi(click.Command):
    """Takes the settings of the API that ``--api`` names, and no others."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Make the context with these settings among the options."""
        table = _named_in(args)
        command = ConfiguredCommand(
            self.name,
            table=table,
            params=[*self.params, *parameters(table.options)],
            callback=self.callback,
            help=self.help,
        )
        return command.make_context(info_name, args, parent, **extra)


def _named_in(args: list[str]) -> Table:
    """The requested API; an unknown name is reported when the options are read."""
    names = [
        after if each == "--api" else each.removeprefix("--api=")
        for each, after in itertools.pairwise([*args, ""])
        if each == "--api" or each.startswith("--api=")
    ]
    return BY_NAME.get(names[-1], TABLES[0]) if names else TABLES[0]


@click.command(cls=_OfOneApi, short_help="Send one raw request and print the answer's body.")
@click.argument("method", metavar="METHOD", type=_METHODS)
@click.argument("path")
@click.option(
    "--api",
    type=API_NAMES,
    default=TABLES[0].name,
    show_default=True,
    help="Whose settings to take, and to show with --help.",
)
@click.option(
    "-f",
    "--field",
    "fields",
    metavar="NAME=VALUE",
    multiple=True,
    help="A pair of the query. Repeatable.",
)
@click.option("--body", type=click.File("rb"), help="JSON to send: a file, or - for stdin.")
@click.option("--write", is_flag=True, help="Allow another method than GET.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")
@click.option(
    "--timeout",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0.1),
    help="Seconds to wait for the answer.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object: status, headers, body."
)
@click.pass_obj
def call(
    output: Output,
    /,
    *,
    api: str,
    method: str,
    path: str,
    fields: tuple[str, ...],
    body: IO[bytes] | None,
    write: bool,
    dry_run: bool,
    timeout: float,
    as_json: bool,
    **given: Any,
) -> None:
    """Send one raw request and print the answer's body: JSON indented, anything else as it came.

    PATH is one that `endpoints` lists, with ids in it; /api/data or /api/v1 in front may be left
    out. The status is printed on stderr.

    \b
    elements-procura call GET klantdossiers -f kantoor=3888
    elements-procura call GET klantdossiers/5526/klanten/particulier
    elements-procura call POST dossiers/search --api procura --body search.json --write

    The body is only checked to be JSON; the coroutines that `endpoints` names check everything
    documented. The API's limits are kept, but requests of others today, such as a harvest, do not
    count here. A write is never repeated.
    """  # noqa: D301 - \b is click's: what follows keeps its lines
    import asyncio

    from elements_procura.cli.given.settings import as_options
    from elements_procura.cli.work import raw as requests

    with exit_on_error(output), as_options():
        content = _content(method, body, given)
        raw = requests.raw_request(api, method, path, fields=fields, body=content, **given)
        if dry_run:
            _show_request(output, raw, as_json=as_json)
            return
        _check_method(method, write=write)
        secret = secret_from(given, BY_NAME[api])
        response = asyncio.run(
            requests.send(raw, secret=secret, writes=write, patience=timeout, given=given)
        )
        _show(output, raw, response, as_json=as_json)


def _content(method: str, body: IO[bytes] | None, given: dict[str, Any]) -> bytes | None:
    from elements_procura.disk.small_file import LARGEST
    from elements_procura.errors import ConfigError

    if body is None:
        return None
    if method == "GET":
        raise ConfigError("a GET has no body", hint="Give what it asks for with --field")
    if body is sys.stdin.buffer and given["secret_stdin"]:
        raise ConfigError("--body - and --secret-stdin both read stdin", hint="Give --body FILE")
    content = body.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ConfigError(
            f"--body holds over {LARGEST // 1024**2} MB, or never ends",
            hint="Neither API takes such a body",
        )
    if not _is_json(content):
        raise ConfigError("--body is not JSON in UTF-8", hint="Both APIs take only that")
    return content


def _check_method(method: str, *, write: bool) -> None:
    from elements_procura.errors import ConfigError

    if method != "GET" and not write:
        raise ConfigError(
            f"{method} may change something, and nothing was sent",
            hint="Add --write if that is meant; a search that is a POST needs it as well",
        )


def _show_request(output: Output, raw: "Raw", *, as_json: bool) -> None:
    size = None if raw.body is None else len(raw.body)
    if as_json:
        output.data(json.dumps({"method": raw.method, "address": raw.address, "body_bytes": size}))
        return
    output.data(f"{raw.method} {raw.address}")
    output.data("no body" if size is None else f"a body of {size:,} bytes")


def _show(output: Output, raw: "Raw", response: "Response", *, as_json: bool) -> None:
    """Print the answer, and raise the error of its status."""
    from elements_procura import _json
    from elements_procura.cli.work import raw as requests
    from elements_procura.errors import ElementsProcuraError

    identifier = requests.made(response)
    output.say(
        f"{response.status} · {response.request.name} · {len(response.body):,} bytes"
        + (f" · made {identifier}" if identifier else "")
    )
    if as_json:
        output.data(_json.dumps(_document(response)).decode())
        shown = True
    else:
        shown = _show_body(output, response.body)
    error = requests.error_of(raw, response)
    if error is None and not shown:
        error = ElementsProcuraError(
            "the response is binary",
            hint="Redirect it to a file: … > FILE",
        )
    if error is not None:
        raise error


def _show_body(output: Output, body: bytes) -> bool:
    """Print a body; return False if it is binary."""
    from elements_procura.cli.work import raw as requests

    if _is_json(body):
        output.data(requests.indented(body.decode()))
    elif body and sys.stdout.isatty():
        return False
    else:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
    return True


def _document(response: "Response") -> dict[str, Any]:
    from elements_procura import _json

    body = response.body
    try:
        data, is_json = _json.loads(body), True
    except _json.JsonError:
        data, is_json = None, False
    return {
        "status": response.status,
        "attempts": response.attempts,
        "headers": {
            name: value for name, value in response.headers.items() if name != "set-cookie"
        },
        "body": data,
        "base64": None if is_json or not body else base64.b64encode(body).decode(),
    }


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return True

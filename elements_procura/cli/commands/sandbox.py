"""sandbox: its options and its printing."""

import json
import shlex
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli.commands.demo import LIMITS, limits_text
from elements_procura.cli.given.options import HELD, PORT
from elements_procura.cli.given.tables import options
from elements_procura.cli.given.weather import WEATHER

if TYPE_CHECKING:
    import asyncio

    from elements_procura.sandbox import ProcuraSandbox, Sandbox


@click.command(short_help="Serve local copies of both APIs until interrupted.")
@click.option(
    "--port",
    type=PORT,
    default=0,
    show_default=True,
    help="Of Elements; 0 takes a free one.",
)
@click.option(
    "--procura-port",
    type=PORT,
    default=0,
    show_default=True,
    help="Of Procura; 0 takes a free one.",
)
@options(*HELD)
@click.option(
    "--limits",
    type=LIMITS,
    default="documented",
    show_default=True,
    help="Of Elements. scaled: 300 requests/s; documented: 5 requests/s. Procura has none.",
)
@click.option("--faults", metavar="PLAN", help="The faults: a JSON list, or a file with one.")
@WEATHER
@click.option(
    "--token-seconds",
    type=click.FloatRange(1),
    default=3600.0,
    show_default=True,
    help="Life of a token of Elements, in seconds.",
)
@click.option("--secret", default="", help="Both clients' secret.  [default: one by chance]")
@click.option("--env", "as_env", is_flag=True, help="Print variables for a shell instead of JSON.")
@click.option("--json", "as_json", is_flag=True, help="Only the first line; no talk on stderr.")
@click.pass_obj
def sandbox(
    output: Output,
    /,
    *,
    port: int,
    procura_port: int,
    dossiers: int,
    seed: int,
    limits: str,
    faults: str | None,
    weather: str,
    token_seconds: float,
    secret: str,
    as_env: bool,
    as_json: bool,
) -> None:
    """Serve local copies of both APIs until interrupted.

    The first line on stdout is a JSON object with everything needed to connect. With --env it is
    lines such as export ELEMENTS_HOST=… instead, for a shell to evaluate.
    """
    import asyncio

    from elements_procura.errors import ConfigError
    from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox

    def connection(elements: Sandbox, procura: ProcuraSandbox) -> str:
        if as_env:
            variables = elements.environment | procura.environment
            return "\n".join(
                f"export {name}={shlex.quote(each)}" for name, each in variables.items()
            )
        credentials = {"elements": elements.credentials, "procura": procura.credentials}
        return json.dumps(
            {"elements": elements.url, "procura": procura.url, "credentials": credentials}
        )

    async def serve() -> None:
        terminated = _on_sigterm()
        given: dict[str, Any] = {
            "dossiers": dossiers,
            "seed": seed,
            "faults": plan,
            "weather": weather or (),
            "secret": secret,
        }
        elements = Sandbox(limits=limits, token_seconds=token_seconds, **given)
        procura = ProcuraSandbox(**given)
        try:
            await _listen(elements, "--port", port)
            await _listen(procura, "--procura-port", procura_port)
            output.data(connection(elements, procura))
            if not as_json:
                output.say(
                    f"sandbox  Elements and Procura, {dossiers:,} dossiers each, seed {seed} · "
                    f"Elements' {limits_text(elements)}"
                )
                output.say("stop     Ctrl-C")
            await terminated.wait()
        finally:
            await elements.close()
            await procura.close()

    with exit_on_error(output):
        try:
            plan = tuple(Fault.parse(faults)) if faults else ()
        except ValueError as error:
            raise ConfigError(
                f"--faults: {error}", hint='As in [{"kind": "status", "status": 503, "times": 2}]'
            ) from None
        asyncio.run(serve())


async def _listen(server: "Sandbox | ProcuraSandbox", option: str, port: int) -> None:
    from elements_procura.errors import ConfigError

    try:
        await server.start(port=port)
    except OSError as error:
        raise ConfigError(
            f"port {port} cannot be listened on: {error.strerror}",
            hint=f"Choose another {option}, or 0 for a free one",
        ) from None


def _on_sigterm() -> "asyncio.Event":
    """Make an event that SIGTERM sets. The first process of a container hears only a handler."""
    import asyncio

    asked = asyncio.Event()
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    return asked

"""The demo of a fleet, printed."""

import asyncio
import contextlib
import json
import signal
from pathlib import Path

from elements_procura.cli._exit import EXIT_FAILED, EXIT_INTERRUPTED
from elements_procura.cli._output import Output
from elements_procura.demo._fleet import PROCESSES, TENANTS, FleetResult, run_fleet
from elements_procura.demo._servers import check_extra


async def _to_its_end(out: Path, output: Output) -> FleetResult:
    """Run it; SIGTERM and SIGHUP end it as Ctrl-C does, for its servers would outlive it."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # noqa: S101 - a coroutine runs in one
    for name in ("SIGTERM", "SIGHUP"):
        with contextlib.suppress(NotImplementedError, AttributeError):  # Windows has neither
            loop.add_signal_handler(getattr(signal, name), task.cancel)
    return await run_fleet(out, say=output.say)


def show_fleet(output: Output, out: Path, *, as_json: bool) -> int:
    """Run the demo and print its result; return the exit code.

    Args:
        output: Prints.
        out: Directory of the servers' files.
        as_json: Whether the result is one JSON object.

    Raises:
        ConfigError: The extra is not installed.
    """
    check_extra()
    try:
        result = asyncio.run(_to_its_end(out, output))
    except asyncio.CancelledError:
        return EXIT_INTERRUPTED
    shared, spread = result.sharing, result.spreading
    if as_json:
        output.data(json.dumps(result.to_json()))
    else:
        output.data(
            f"account  {PROCESSES} processes, {shared.killed} killed · {shared.requests:,} "
            f"requests · {shared.rate:.2f}/s of 5 over {shared.seconds:.0f} s · "
            f"{shared.refused} refused with 429 · {shared.tokens} token for all"
        )
        done = sum(each.is_done for each in spread.outcomes.values())
        output.data(
            f"tenants  {done}/{TENANTS} done, {spread.killed} worker killed · "
            f"{spread.answers:,} answers in {spread.seconds:.0f} s · {spread.refused} refused "
            f"with 429 · {spread.twice} asked twice"
        )
        output.data(
            f"verify   {'equal' if spread.equal == TENANTS else 'NOT EQUAL'}: "
            f"{spread.equal} of {TENANTS} stores hold the servers' very bytes"
        )
    return 0 if result.ok else EXIT_FAILED

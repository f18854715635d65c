"""A worker: takes jobs from a queue until it is told to end, and ends in good order.

With ELEMENTS_HOST, ELEMENTS_CLIENT_ID, ELEMENTS_CLIENT_SECRET and ELEMENTS_ORGANISATION set::

    python examples/worker.py 5526 5527

A job is done or given back, never lost: a used-up day gives it back and waits, lost access gives
it back and ends (a person has to act), and SIGTERM lets what is under way come to its end.
"""

# ruff: noqa: INP001, T201 - a script that prints

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable

from elements_procura import ElementsClient, FileTokenStore, Priority
from elements_procura.errors import AuthenticationError, DailyQuotaExceeded, ElementsProcuraError

Job = int
Work = Callable[[ElementsClient, Job], Awaitable[None]]


def open_client() -> ElementsClient:
    """A client by the environment's settings."""
    return ElementsClient(
        os.environ["ELEMENTS_HOST"],
        credentials=(os.environ["ELEMENTS_CLIENT_ID"], os.environ["ELEMENTS_CLIENT_SECRET"]),
        organisation=os.environ["ELEMENTS_ORGANISATION"],
        scopes=["klantdossier.read"],
        token_store=FileTokenStore(os.environ.get("ELEMENTS_TOKEN_FOLDER", "tokens")),
        read_only=True,
    )


async def work_until(
    stop: asyncio.Event, jobs: asyncio.Queue[Job], elements: ElementsClient, work: Work
) -> list[Job]:
    """Take jobs until ``stop`` is set; return those that went wrong by themselves.

    Raises:
        AuthenticationError: There is no access any more; the job is back in the queue.
    """
    bulk, failed = elements.with_options(priority=Priority.BULK), []
    while not stop.is_set():
        job = await _next(jobs, stop)
        if job is None:
            break
        try:
            await work(bulk, job)
        except DailyQuotaExceeded as error:
            jobs.put_nowait(job)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(0.0, error.resets_at - time.time()))
        except AuthenticationError:
            jobs.put_nowait(job)
            raise
        except ElementsProcuraError as error:
            print(f"job {job}: {error}", file=sys.stderr)  # no token and no citizen is in it
            failed.append(job)
    return failed


async def _next(jobs: asyncio.Queue[Job], stop: asyncio.Event) -> Job | None:
    taking, stopping = asyncio.ensure_future(jobs.get()), asyncio.ensure_future(stop.wait())
    await asyncio.wait((taking, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if taking.done():
        return taking.result()
    taking.cancel()
    return None


async def show(elements: ElementsClient, job: Job) -> None:
    """The work of this example."""
    dossier = await elements.klantdossiers.get(job)
    print(dossier.id, dossier.status)


async def main(given: list[Job]) -> int:
    """Work until SIGTERM or Ctrl-C; the exit code."""
    stop, jobs = asyncio.Event(), asyncio.Queue[Job]()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    for job in given:
        jobs.put_nowait(job)
    async with open_client() as elements:
        return 1 if await work_until(stop, jobs, elements, show) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main([int(each) for each in sys.argv[1:]])))

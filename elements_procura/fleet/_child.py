"""A tenant in a process of its own beside a worker: if it ends the process, everybody knows.

The process reads its spec from stdin and writes pickled events and its outcome to stdout. The end
of stdin asks it to stop: so it also stops when its worker is gone.
"""

import contextlib
import json
import multiprocessing.spawn
import os
import pickle
import queue
import subprocess
import threading
import time
from typing import IO, Any

import attrs

from elements_procura.fleet._here import IsStopped, OnEvent, harvest_here
from elements_procura.fleet.exits import Exit
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.spec import TenantSpec

_POLL = 0.2
_END = object()


@attrs.frozen
class Trial:
    """The result of trying out a tenant.

    Attributes:
        outcome: Its outcome; None when the process ended without one.
        is_cut: Whether it would have gone on, but for the end of the trial.
    """

    outcome: Outcome | None
    is_cut: bool


def try_out(
    spec: TenantSpec,
    *,
    seconds: float,
    on_event: OnEvent,
    is_stopped: IsStopped,
) -> Trial:
    """Harvest a tenant in a process of its own, for some seconds.

    Args:
        spec: The tenant.
        seconds: Seconds from its first event on; then it is asked to stop, as by Ctrl-C.
        on_event: Called with its events.
        is_stopped: Whether it is to stop.
    """
    process = subprocess.Popen(  # noqa: S603 - this interpreter, and a module of ours
        [os.fsdecode(multiprocessing.spawn.get_executable()), "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # a Ctrl-C is its worker's business
    )
    assert process.stdin is not None  # noqa: S101 - PIPE makes them
    assert process.stdout is not None  # noqa: S101 - as above
    found: queue.Queue[Any] = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, found), daemon=True).start()
    outcome, is_cut, ends = None, False, float("inf")
    try:
        with contextlib.suppress(BrokenPipeError):  # it has ended already
            process.stdin.write(json.dumps(spec.to_dict()).encode() + b"\n")
            process.stdin.flush()
        while True:
            with contextlib.suppress(queue.Empty):
                said = found.get(timeout=_POLL)
                if said is _END:
                    break
                ends = min(ends, time.monotonic() + seconds)
                if isinstance(said, Outcome):
                    outcome = said
                else:
                    on_event(said)
            if not process.stdin.closed and (is_stopped() or time.monotonic() >= ends):
                is_cut = not is_stopped()
                process.stdin.close()
        process.wait()
    finally:
        process.kill()
        process.wait()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    is_left = outcome is not None and outcome.exit_code == Exit.INTERRUPTED
    return Trial(outcome, is_cut and is_left)


def _read(stream: IO[bytes], found: "queue.Queue[Any]") -> None:
    # Half an object, or none: the process has ended.
    with contextlib.suppress(EOFError, pickle.UnpicklingError, OSError), stream:
        while True:
            found.put(pickle.load(stream))  # noqa: S301 - of a process of ours
    found.put(_END)


def main() -> None:
    """Harvest the tenant that stands on stdin, until stdin ends."""
    # Nothing that somebody prints may stand between the objects.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    given = os.fdopen(0, "rb")
    spec = TenantSpec.from_dict(json.loads(given.readline()))
    is_ended = threading.Event()

    def listen() -> None:
        given.read()
        is_ended.set()

    def say(what: object) -> None:
        # With nobody to read it, stdin has ended as well.
        with contextlib.suppress(BrokenPipeError):
            pickle.dump(what, out)
            out.flush()

    threading.Thread(target=listen, daemon=True).start()
    say(harvest_here(spec, on_event=say, is_stopped=is_ended.is_set))


if __name__ == "__main__":
    main()

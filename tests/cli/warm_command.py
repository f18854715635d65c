"""A command that runs in a process of the nursery's, see :mod:`warm_nursery`.

It hands its arguments, environment, folder and standard streams over, passes signals on, and ends
as the command ends. When it is killed, so is the command. It imports next to nothing::

    python -ISE warm_command.py SOCKET ARGUMENTS...
"""

import array
import json
import os
import signal
import socket
import sys

STREAMS = (0, 1, 2)
FORWARDED = (signal.SIGINT, signal.SIGTERM)


def main(path: str, *arguments: str) -> None:
    """Have the command run, and end as it does."""
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    nursery = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    nursery.connect(path)
    task = json.dumps([arguments, dict(os.environ), os.getcwd()]).encode()  # noqa: PTH109 - pathlib takes longer than all of this
    head = len(task).to_bytes(8)
    streams = array.array("i", STREAMS)
    nursery.sendmsg([head], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
    nursery.sendall(task)
    for number in FORWARDED:
        signal.signal(number, lambda got, _: nursery.sendall(bytes([got])))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    for stream in STREAMS:  # the command has them now, and whoever reads them waits for their end
        os.close(stream)
    code = int(nursery.makefile().readline())
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])

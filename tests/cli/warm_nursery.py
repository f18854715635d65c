"""A process that has imported the whole package, and forks for every command.

A test of the command line costs little but its imports, and there are hundreds of them. So each
test process has a nursery that imports once; :mod:`warm_command` is what the tests start. It ends
when its stdin does::

    python -I warm_nursery.py SOCKET

Why not click's ``CliRunner``: a command brings its own event loop, while the sandbox that it asks
lives on the test's; it has signals, a terminal, standard streams that close under it, a lock that
dies with its process, and an exit code that click does not give. In a thread of the test's process
it would have none of these, and two commands at once would exchange their ``sys.stdout`` and
``os.environ``. A process of its own for each costs six to nine times the time of a fork (on a busy
machine 6.8 s against 0.8 to 1.0 s), some 240 times. ``start(cold=True)`` is that process, for the
tests of streams and terminals, and for what must hold of it: see ``test_cli.py``.
"""

import array
import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import socket
import sys
import threading

import elements_procura
from elements_procura.__main__ import main as command

STREAMS = (0, 1, 2)
HEAD = 8


class Nursery:
    """Forks for those who connect, and tells them how it ended."""

    def __init__(self, path: str) -> None:
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(path)
        self._listening.listen()
        self._waker, self._wake = socket.socketpair()
        for end in (self._waker, self._wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._running: dict[int, socket.socket] = {}

    def serve(self) -> bytes:
        """Return in a forked process, with what it is to do."""
        stdin = STREAMS[0]
        while True:
            waited_for = (stdin, self._listening.fileno(), self._waker.fileno())
            clients = (client.fileno() for client in self._running.values())
            ready, _, _ = select.select([*waited_for, *clients], [], [])
            if stdin in ready and not os.read(stdin, 1):
                os._exit(0)
            if self._waker.fileno() in ready:
                self._waker.recv(1 << 16)
            for child, client in list(self._running.items()):
                self._look_after(child, client, has_word=client.fileno() in ready)
            if self._listening.fileno() in ready:
                task = self._fork()
                if task is not None:
                    return task

    def _look_after(self, child: int, client: socket.socket, *, has_word: bool) -> None:
        if has_word:  # a signal, or nothing: it was killed
            word = client.recv(1)
            os.kill(child, word[0] if word else signal.SIGKILL)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            with contextlib.suppress(OSError):  # it was killed, there is nobody to tell
                client.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
            self._running.pop(child).close()

    def _fork(self) -> bytes | None:
        client, _ = self._listening.accept()
        task, streams = _received(client)
        child = os.fork()
        if child:
            self._running[child] = client
        else:
            signal.set_wakeup_fd(-1)
            for end in (self._listening, self._waker, self._wake, client, *self._running.values()):
                end.close()
            for number, stream in zip(STREAMS, streams, strict=True):
                os.dup2(stream, number)
        for stream in streams:
            os.close(stream)
        return None if child else task


def _received(client: socket.socket) -> tuple[bytes, list[int]]:
    room = socket.CMSG_SPACE(len(STREAMS) * array.array("i").itemsize)
    head, ancillary, _, _ = client.recvmsg(HEAD, room)
    streams = array.array("i")
    streams.frombytes(ancillary[0][2])
    task, whole = b"", int.from_bytes(head)
    while len(task) < whole:
        task += client.recv(whole - len(task))
    return task, list(streams)


def become(task: bytes) -> None:
    """Take on the arguments, environment and folder of whoever asked, and be like new."""
    arguments, environment, folder = json.loads(task)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    stdin, stdout, stderr = STREAMS
    sys.stdin = os.fdopen(stdin, encoding="utf-8")
    sys.stdout = os.fdopen(stdout, "w", encoding="utf-8")
    sys.stderr = os.fdopen(stderr, "w", encoding="utf-8", buffering=1)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["elements-procura", *arguments]
    random.seed()  # or every command would draw the same


def leave(code: object) -> None:
    """End as an interpreter does, but for taking a thousand modules apart."""
    if isinstance(code, str):
        print(code, file=sys.stderr)
    threading._shutdown()  # type: ignore[attr-defined] # what the interpreter calls itself
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    for module in pkgutil.walk_packages(elements_procura.__path__, "elements_procura."):
        # dlt is an extra that the suite does not bring.
        if not module.name.startswith("elements_procura.export.warehouse.dlt_"):
            importlib.import_module(module.name)
    gc.freeze()  # or the first collection would copy all of it
    become(Nursery(sys.argv[1]).serve())
    try:
        command()
    except SystemExit as end:
        leave(end.code)

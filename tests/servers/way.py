"""A way to a server that can be slow: what comes is passed on later, in its order."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import attrs


@attrs.define
class Way:
    """Passes bytes on in both directions.

    Attributes:
        port: Where it listens.
        delay: Seconds that whatever arrives from now on is late, each way.
    """

    port: int
    delay: float = 0.0


def _pass_on(way: Way, source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while found := source.recv(1 << 16):
            time.sleep(way.delay)
            target.sendall(found)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _link(way: Way, near: socket.socket, port: int) -> None:
    try:
        far = socket.create_connection(("127.0.0.1", port), 10)
    except OSError:  # nobody is there
        near.close()
        return
    with near, far:
        back = threading.Thread(target=_pass_on, args=(way, far, near), daemon=True)
        back.start()
        _pass_on(way, near, far)
        back.join()


def _accept(way: Way, listening: socket.socket, port: int) -> None:
    with contextlib.suppress(OSError):
        while True:
            near, _ = listening.accept()
            threading.Thread(target=_link, args=(way, near, port), daemon=True).start()


@contextlib.contextmanager
def way_to(port: int) -> Iterator[Way]:
    """A way to a port of this machine; it ends with the connections that are made by it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        way = Way(listening.getsockname()[1])
        accepting = threading.Thread(target=_accept, args=(way, listening, port), daemon=True)
        accepting.start()
        try:
            yield way
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()

"""Real processes that share one account, before a server that counts strictly."""

import contextlib
import itertools
import json
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).parents[3]
_HERE = "tests.scheduler.sharing"


def _start(module: str, *given: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", f"{_HERE}.{module}", *given],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@attrs.frozen
class Arrival:
    name: str
    lane: str
    at: float
    status: int


@attrs.define
class Stage:
    """A strict server and whoever calls it by one gate."""

    gate: str
    port: int
    account: str = attrs.field(factory=lambda: f"account {uuid.uuid4().hex}")
    callers: dict[str, subprocess.Popen[str]] = attrs.field(factory=dict)

    def call(self, name: str, **given: Any) -> None:
        """Start one more process."""
        spec = {"gate": self.gate, "port": self.port, "account": self.account, "name": name}
        spec.update(given)
        self.callers[name] = _start("caller", json.dumps(spec))

    def log(self) -> list[Arrival]:
        """What has arrived so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/log", timeout=30) as answer:
            return [Arrival(*each) for each in json.load(answer)]

    def until(self, requests: int, *, within: float = 90.0) -> list[Arrival]:
        """Wait until so many have arrived."""
        give_up = time.monotonic() + within
        while len(log := self.log()) < requests:
            assert time.monotonic() < give_up, f"only {len(log)} of {requests} in {within:g} s"
            time.sleep(0.25)
        return log

    def kill(self, name: str) -> None:
        """Kill one, as nobody can prevent."""
        caller = self.callers.pop(name)
        caller.kill()
        caller.communicate()

    def stop(self, name: str) -> None:
        """Have one stand still."""
        self.callers[name].send_signal(signal.SIGSTOP)

    def wake(self, name: str) -> None:
        """Have it go on."""
        self.callers[name].send_signal(signal.SIGCONT)

    def lose_two_of_four(self, more: int) -> int:
        """Let four call; kill one, and let another stand still for longer than its places last.

        Args:
            more: So many requests more are awaited after that.

        Returns:
            How many there had been when the one woke up.
        """
        for name in "abcd":
            self.call(name)
        self.until(20)
        self.kill("a")
        self.stop("b")
        time.sleep(4.5)  # longer than a silent process keeps its places
        self.wake("b")
        woken = len(self.log())
        self.until(woken + more)
        return woken

    def end(self) -> list[dict[str, Any]]:
        """End all; what they say."""
        for caller in self.callers.values():
            assert caller.stdin is not None
            caller.stdin.close()
        found = []
        for caller in self.callers.values():
            assert caller.stdout is not None
            found.append(json.loads(caller.stdout.read()))
            caller.wait()
            caller.stdout.close()
        self.callers.clear()
        return found


@contextlib.contextmanager
def stage(gate: str) -> Iterator[Stage]:
    """A strict server in a process of its own."""
    server = _start("strict_server")
    assert server.stdin is not None
    assert server.stdout is not None
    on = Stage(gate, int(server.stdout.readline()))
    try:
        yield on
    finally:
        for caller in (*on.callers.values(), server):
            caller.kill()
            caller.communicate()


def refused(log: list[Arrival]) -> int:
    """How many the server has refused."""
    return sum(each.status == 429 for each in log)


def pace(log: list[Arrival], *, since: float, until: float = float("inf")) -> float:
    """Requests a second in that time."""
    inside = [each.at for each in log if since <= each.at <= until and each.status == 200]
    return (len(inside) - 1) / (inside[-1] - inside[0])


def shares(log: list[Arrival], *, since: float = 0.0) -> Counter[str]:
    """Who has had how many."""
    return Counter(each.name for each in log if each.at >= since)


def longest_gap(log: list[Arrival]) -> float:
    """The longest time without a request."""
    return max(after.at - before.at for before, after in itertools.pairwise(log))

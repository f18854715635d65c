"""Processes that share one account, for minutes: each figure beside its bound from the same run.

``python tests/soak/gates.py file|redis [PART ...] [--seconds 120] [--moments 60]``; it ends with 1
when a bound is broken. The strict server, every caller and Valkey (extra ``fleet-demo``) are
processes. Parts: ``rate`` (two and a half minutes), ``interactive`` (six; its 95 and 99 % want a
machine that does nothing else), ``stops`` (two and a half), ``trouble`` (four; the loop's longest
pause wants one as well).
"""

import argparse
import contextlib
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.scheduler.sharing.kit import Arrival, longest_gap, refused, shares, stage
from tests.servers.valkey import Valkey, valkey
from tests.servers.way import way_to

LEARNING = 20.0
BROKEN: list[str] = []
ONE: dict[str, float] = {"workers": 1}
BUSY: dict[str, float] = {"workers": 32}
SELDOM: dict[str, float] = {"workers": 8, "pause": 8.0}  # once a second, whatever it waits
PARTS = ("rate", "interactive", "stops", "trouble")


def bound(
    text: str, found: float, *, least: float | None = None, most: float | None = None
) -> None:
    """Print a figure beside its bound."""
    is_kept = (least is None or found >= least) and (most is None or found <= most)
    limit = f">= {least:.3g}" if least is not None else f"<= {most:.3g}"
    print(f"  {'ok    ' if is_kept else 'BROKEN'} {text}: {found:.3g} ({limit})", flush=True)
    if not is_kept:
        BROKEN.append(text)


def tail(waits: list[float], part: float) -> float:
    """So long waits that part of them at most."""
    return sorted(waits)[int(len(waits) * part)]


@contextlib.contextmanager
def gate(kind: str) -> Iterator[tuple[str, Valkey | None]]:
    """A fresh place to share an account."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "alone":
            yield kind, None
        elif kind == "file":
            yield f"file:{folder}/gate.db", None
        else:
            with valkey(Path(folder)) as server:
                yield server.url, server


def rate(log: list[Arrival], begin: float, seconds: float) -> float:
    """Requests a second that were let through."""
    inside = [each for each in log if begin <= each.at < begin + seconds and each.status == 200]
    return len(inside) / seconds


@attrs.frozen
class Run:
    """What so many processes did on one account."""

    pace: float
    log: list[Arrival]
    calls: float
    waits: list[float]
    killed: float = 0.0

    def after_kill(self, end: float) -> float:
        """Requests a second from six seconds after the kill on."""
        return rate(self.log, self.killed + 6, end - self.killed - 6)


def run(
    kind: str,
    count: int,
    seconds: float,
    *,
    kills: bool = False,
    given: tuple[dict[str, float], ...] = (),
) -> Run:
    """Let so many share an account for a while, after they have learned its round trips."""
    killed = 0.0
    with gate(kind) as (address, server), stage(address) as on:
        for number in range(count):
            on.call(f"p{number}", **(given[number] if given else {"every": count * 1.0}))
        begin = on.until(1)[0].at
        time.sleep(max(0.0, begin + LEARNING - time.monotonic()))
        turns, sent = server.scripts() if server else 0, len(on.log())
        if kills:
            time.sleep(seconds / 3)
            on.kill("p0")
            killed = time.monotonic()
            time.sleep(seconds * 2 / 3)
        else:
            time.sleep(seconds)
        turns = (server.scripts() if server else 0) - turns
        log = on.log()
        waits = [each for found in on.end() for each in found["waits"]]
    pace = rate(log, begin + LEARNING, seconds)
    return Run(pace, log, turns / (len(log) - sent), waits, killed)


def sharing(kind: str, seconds: float) -> None:
    """Rate, calls and fairness beside one process, each on an account of its own, all at once."""
    with ThreadPoolExecutor() as pool:
        one = pool.submit(run, "alone", 1, seconds)
        four = pool.submit(run, kind, 4, seconds)
        eight = pool.submit(run, kind, 8, seconds)
        killed = pool.submit(run, kind, 4, seconds, kills=True)
        uneven = pool.submit(run, kind, 2, seconds, given=(ONE, BUSY))
        seldom = pool.submit(run, kind, 2, seconds, given=(SELDOM, BUSY))
        seldom_alone = pool.submit(run, "alone", 1, seconds, given=(SELDOM,))
    alone = one.result().pace
    print(f"one process: {alone:.3g}/s")
    for count, found, calls_most in ((4, four.result(), 4), (8, eight.result(), 6)):
        print(f"{kind}, {count} processes")
        bound("refused", refused(found.log), most=0)
        bound("rate", found.pace, least=(0.9 if kind == "file" else 0.97) * alone)
        had = shares(found.log, since=found.log[0].at + LEARNING).values()
        bound("least/most", min(had) / max(had), least=0.8)
        if kind != "file":
            bound("calls per request", found.calls, most=calls_most)
    print(f"{kind}, 4 processes, one killed")
    fewer = killed.result()
    bound("refused", refused(fewer.log), most=0)
    bound("rate", fewer.pace, least=0.9 * alone)
    end = fewer.log[0].at + LEARNING + seconds
    bound("rate from 6 s after the kill on", fewer.after_kill(end), least=0.95 * alone)
    print(f"{kind}, a small process beside one with 32 workers")
    log = seldom.result().log
    bound("refused", refused(log) + refused(uneven.result().log), most=0)
    had_alone = rate(seldom_alone.result().log, seldom_alone.result().log[0].at, seconds)
    had_beside = rate([each for each in log if each.name == "p0"], log[0].at + LEARNING, seconds)
    bound("what it asks for", had_beside, least=0.9 * had_alone)
    each = shares(uneven.result().log, since=uneven.result().log[0].at + LEARNING)
    bound("share of one that never rests", each["p0"] / each.total(), least=0.45)


def interactive(kind: str, seconds: float, accounts: int = 3) -> None:
    """How long interactive requests wait, pooled over some accounts, beside one process's."""
    with ThreadPoolExecutor() as pool:
        ones = [pool.submit(run, "alone", 1, seconds) for _ in range(accounts)]
        fours = [pool.submit(run, kind, 4, seconds) for _ in range(accounts)]
    alone, shared = (
        [wait for each in runs for wait in each.result().waits] for runs in (ones, fours)
    )
    print(f"{kind}, interactive, {len(alone)} alone and {len(shared)} shared")
    bound("how many", min(len(alone), len(shared)), least=300 * accounts)
    bound("p95", tail(shared, 0.95), most=1.5 * tail(alone, 0.95))
    bound("p99", tail(shared, 0.99), most=2.5 * tail(alone, 0.99))


def stops(kind: str, moments: int) -> None:
    """Stop a process for ten seconds at random moments, several accounts at once."""
    chance = random.Random()
    accounts = 6
    with contextlib.ExitStack() as stack:
        on = [
            stack.enter_context(stage(stack.enter_context(gate(kind))[0])) for _ in range(accounts)
        ]
        for each in on:
            for name in "abc":
                each.call(name)
        for each in on:
            each.until(20)
        for _ in range(-(-moments // accounts)):
            for each in on:
                time.sleep(chance.uniform(0.0, 0.3))
                each.stop("a")
            time.sleep(10)
            for each in on:
                each.wake("a")
            time.sleep(2)
        logs = [each.log() for each in on]
        for each in on:
            each.end()
    print(f"{kind}, a process stopped for 10 s, {moments} times")
    bound("refused", sum(map(refused, logs)), most=0)


def trouble() -> None:
    """Valkey stopped, killed and empty, killed with an old file, cut off, slow."""
    for kind in ("stopped", "empty", "old", "fresh", "cut", "slow"):
        with contextlib.ExitStack() as stack:
            _, server = stack.enter_context(gate("redis"))
            assert server is not None
            way = stack.enter_context(way_to(server.port))
            on = stack.enter_context(stage(f"redis://127.0.0.1:{way.port}/0"))
            for name in "abcd":
                on.call(name)
            on.until(60)
            begin = time.monotonic()
            if kind == "stopped":
                server.send(signal.SIGSTOP)
                time.sleep(5)
                server.send(signal.SIGCONT)
            elif kind == "slow":
                way.delay = 0.5  # there and back
                time.sleep(5)
                way.delay = 0.0
            elif kind == "cut":
                server.ask("CLIENT", "KILL", "TYPE", "normal")
            else:
                if kind in ("old", "fresh"):
                    server.ask("SAVE")
                    time.sleep(5 if kind == "old" else 1)
                    begin = time.monotonic()
                server.kill()
                server.start()
            outage = time.monotonic() - begin
            time.sleep(15)
            log = on.log()
            found = on.end()
        print(f"redis, {kind}")
        bound("refused", refused(log), most=0)
        late = [each for each in log if each.at > begin - 2]
        bound("gap", longest_gap(late), most=outage + 2.5)
        bound("the day's count", min(each["day"] for each in found), least=len(log) - 5)
        # On a busy machine it stands still anyway: by no more than before and after.
        lags = [lag for each in found for lag in each["lags"]]
        end = begin + outage + 2.5
        inside = max((lag for at, lag in lags if begin <= at <= end), default=0.0)
        outside = max((lag for at, lag in lags if not begin <= at <= end), default=0.0)
        bound("the loop stood still", inside, most=max(0.05, outside))


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["file", "redis"])
    parser.add_argument("parts", nargs="*", default=[*PARTS])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--moments", type=int, default=60)
    given = parser.parse_args()
    for part in given.parts:
        if part == "rate":
            sharing(given.kind, given.seconds)
        elif part == "interactive":
            interactive(given.kind, given.seconds * 3)
        elif part == "stops":
            stops(given.kind, given.moments)
        elif given.kind == "redis":
            trouble()
    print("broken: " + ", ".join(BROKEN) if BROKEN else "all bounds hold")
    return bool(BROKEN)


if __name__ == "__main__":
    sys.exit(main())

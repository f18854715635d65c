"""One process with a hundred tenants at full pace, and with two hundred that begin at once.

Run it by hand (``.ci/soak tenants``): it takes some five minutes. A server in a process of its own
holds as many dossiers as anybody asks for. Exits 1 when a goal is missed. On a machine that does
other things besides, only the processor's time per answer, memory and files say something; the goal
of 60 % of a core at 500 answers/s is 1.2 ms.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from elements_procura.fleet import TenantSpec, harvest_tenants
from elements_procura.fleet._files import allow_files
from elements_procura.sandbox import Sandbox

DOSSIERS, ONE = 300, 5526
FIRST = 600_000
_DOSSIER = re.compile(rb"/klantdossiers/(\d+)")


class Server(asyncio.Protocol):
    """Answers for every organisation; its dossiers are one, under other numbers."""

    bodies: dict[str, bytes]
    listing: bytes
    seconds: Counter[int]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            head, _, rest = self.waiting.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            size = int(length.group(1)) if length else 0
            if len(rest) < size:
                return
            self.waiting = rest[size:]
            # As far away as a server is: otherwise everybody is ready in the same moment.
            asyncio.get_running_loop().call_later(0.03, self.answer, head.split(b" ", 2)[1])

    def answer(self, target: bytes) -> None:
        path = target.partition(b"?")[0].decode()
        status, body = b"200 OK", b""
        if path == "/oauth/access_token":
            body = b'{"access_token": "a", "token_type": "Bearer", "expires_in": 36000}'
        elif path.rstrip("/") == "/api/data/klantdossiers":
            body = self.listing
        else:
            Server.seconds[int(time.monotonic())] += 1
            found = _DOSSIER.search(path.encode())
            number = found.group(1) if found else b""
            template = path.replace(number.decode(), str(ONE), 1)
            body = Server.bodies.get(template, b"").replace(str(ONE).encode(), number)
            status = status if body else b"404 Not Found"
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (status, len(body), body)
            )


def prepared() -> None:
    """What the server answers with: the documented dossier of a sandbox."""
    sandbox = Sandbox(dossiers=1, limits="off")
    Server.bodies = sandbox.truth(ONE)
    whole = json.loads(sandbox.listing())
    (name,) = whole["_embedded"]
    row = json.dumps(whole["_embedded"][name][0])
    rows = [row.replace(str(ONE), str(FIRST + each)) for each in range(DOSSIERS)]
    whole["_embedded"][name] = list(map(json.loads, rows))
    Server.listing = json.dumps(whole).encode()
    Server.seconds = Counter()


def harvester(url: str, tenants: int, seconds: float) -> None:
    """The process under test: prints what it has used as JSON."""
    import psutil  # noqa: PLC0415 - of distributed, and only here

    os.environ["SECRET"] = "x"
    allow_files(tenants)
    process = psutil.Process()
    folder = tempfile.TemporaryDirectory()
    specs = [
        TenantSpec.from_dict({
            "name": f"t{each}", "api": "elements", "out": f"{folder.name}/t{each}", "host": url,
            "secret": {"env": "SECRET"}, "client_id": "a", "organisation": each,
            "token_store": "memory",
        })
        for each in range(tenants)
    ]  # fmt: skip
    found: dict[str, Any] = {}
    lags: list[float] = []

    async def watch(stop: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        began, used = loop.time(), None
        while (now := loop.time()) < began + seconds:
            await asyncio.sleep(0.02)
            if now > began + seconds / 2:
                used = used or (now, time.process_time())
                lags.append(loop.time() - now - 0.02)
        assert used is not None
        found["cpu"], found["from"], found["to"] = (
            time.process_time() - used[1],
            used[0],
            loop.time(),
        )
        found["core"] = found["cpu"] / (found["to"] - found["from"])
        found["files"] = process.num_fds()
        found["memory"] = process.memory_info().rss
        stop.set()

    async def run() -> None:
        stop = threading.Event()
        first = await harvest_tenants(specs[:1], stop=lambda: bool(found.get("warm")),
                                      on_event=lambda *_: found.update(warm=True))  # fmt: skip
        assert first
        before = process.memory_info().rss, process.num_fds()
        watching = asyncio.create_task(watch(stop))
        outcomes = await harvest_tenants(specs, stop=stop)
        await watching
        found["exits"] = Counter(each.exit_code for each in outcomes.values())
        for error in {each.message for each in outcomes.values()} - {""}:
            print(error, file=sys.stderr)
        found["memory"] = (found["memory"] - before[0]) / tenants
        found["files"] = (found["files"] - before[1]) / tenants

    asyncio.run(run())
    lags.sort()
    found["lag"] = lags[int(0.99 * len(lags))]
    print(json.dumps(found))
    with contextlib.suppress(OSError):
        folder.cleanup()


def mean(values: list[float]) -> float:
    """Their mean."""
    return sum(values) / len(values)


async def measured(tenants: int, seconds: float) -> tuple[dict[str, Any], list[float]]:
    """What so many tenants use, and their requests per second, from the first on."""
    Server.seconds.clear()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, "--serve", url, "--tenants", str(tenants)),
        *("--seconds", str(seconds)),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    server.close()
    if process.returncode:
        sys.exit(f"the harvester has ended with {process.returncode}")
    found = json.loads(out)
    seconds_of = range(int(found["from"]) + 1, int(found["to"]))
    answers = mean([Server.seconds[each] for each in seconds_of])
    found["each"] = found["core"] / answers
    # The first seconds are of the one tenant that has warmed it up.
    begun = min(each for each, count in Server.seconds.items() if count > 10)
    last = begun + int(seconds) - 5
    return found, [Server.seconds[each] for each in range(begun, last)]


async def main(given: argparse.Namespace) -> int:
    """The exit code."""
    prepared()
    found, paces = await measured(100, given.seconds)
    pace = mean(paces[len(paces) // 2 :])
    print(
        f"100 tenants: {pace:.0f} requests/s of 500, {found['core']:.0%} of a core "
        f"({1000 * found['each']:.2f} ms of it an answer), "
        f"lag p99 {1000 * found['lag']:.0f} ms, {found['memory'] / 1e6:.2f} MB and "
        f"{found['files']:.1f} files each, exits {found['exits']}",
        flush=True,
    )
    good = found["core"] <= 0.6 and found["lag"] <= 0.2
    good = good and found["memory"] <= 1.5e6 and found["files"] <= 10
    found, paces = await measured(200, 1.5 * given.seconds)
    later = mean(paces[-30:])
    fives = [mean(paces[each : each + 5]) for each in range(0, len(paces) - 4, 5)]
    reached = next(5 * number for number, each in enumerate(fives) if each >= 0.9 * later)
    print(
        f"200 tenants at once: {later:.0f} requests/s later, 90 % of them after {reached} s "
        f"({', '.join(f'{each:.0f}' for each in fives)}), {found['core']:.0%} of a core, "
        f"lag p99 {1000 * found['lag']:.0f} ms, exits {found['exits']}"
    )
    return 0 if good and reached <= 60 else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--serve")
    parser.add_argument("--tenants", type=int, default=0)
    arguments = parser.parse_args()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    if arguments.serve:
        harvester(arguments.serve, arguments.tenants, arguments.seconds)
    else:
        sys.exit(asyncio.run(main(arguments)))

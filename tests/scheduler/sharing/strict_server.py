"""A server in a process of its own that allows five requests in any second, and no more.

``python -m tests.scheduler.sharing.strict_server`` prints its port. A path is ``/NAME/LANE``;
``/log`` gives all arrivals as JSON: name, lane, moment, status.
"""

import asyncio
import json
import random
import sys
import time
from collections import deque
from typing import Any

LIMIT, WINDOW = 5, 1.0


async def main() -> None:
    log: list[tuple[str, str, float, int]] = []
    counted: deque[float] = deque()
    chance = random.Random(1)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                now = time.monotonic()
                path = line.split()[1].decode()
                while (await reader.readline()).strip():
                    pass
                if path == "/log":
                    body = json.dumps(log).encode()
                    status = 200
                else:
                    while counted and counted[0] <= now - WINDOW:
                        counted.popleft()
                    status = 429 if len(counted) >= LIMIT else 200
                    _, name, lane = path.split("/")
                    log.append((name, lane, now, status))
                    body = b""
                    if status == 200:
                        counted.append(now)
                        await asyncio.sleep(chance.uniform(0.02, 0.08))
                head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    waiting: Any = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await waiting


if __name__ == "__main__":
    asyncio.run(main())

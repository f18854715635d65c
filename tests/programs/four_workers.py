"""The service of ``examples/`` in several processes, each of which says who it is."""

import os
from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from examples.fastapi_lifespan import app

PID = "x-pid"


@app.middleware("http")
async def _with_pid(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    found = await answer(request)
    found.headers[PID] = str(os.getpid())
    return found

"""A FastAPI service: one client for as long as the application lives.

With ELEMENTS_HOST, ELEMENTS_CLIENT_ID, ELEMENTS_CLIENT_SECRET and ELEMENTS_ORGANISATION set::

    uvicorn examples.fastapi_lifespan:app --workers 4

Every worker process of the service has a client of its own. By the folder they share two things:
the account's five requests a second (``FileGate``), and a token, which only one of them renews.
"""

# ruff: noqa: INP001 - a script

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request

from elements_procura import ElementsClient, FileTokenStore, Priority
from elements_procura.errors import DailyQuotaExceeded, NotFound
from elements_procura.scheduler import FileGate, Scheduler

FOLDER = Path(os.environ.get("SERVICE_FOLDER", "service"))  # on a local disk, the service's own


def open_client() -> ElementsClient:
    """A client by the environment's settings, for one of the worker processes."""
    FOLDER.mkdir(parents=True, exist_ok=True, mode=0o700)
    return ElementsClient(
        os.environ["ELEMENTS_HOST"],
        credentials=(os.environ["ELEMENTS_CLIENT_ID"], os.environ["ELEMENTS_CLIENT_SECRET"]),
        organisation=os.environ["ELEMENTS_ORGANISATION"],
        scopes=["klantdossier.read"],
        scheduler=Scheduler(gate=FileGate(FOLDER / "gate.db", account="elements")),
        token_store=FileTokenStore(FOLDER / "tokens"),
        read_only=True,
    )


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the client when the service starts, and close it when it ends."""
    async with open_client() as elements:
        await elements.authenticate()  # wrong settings end the start, not the first request
        app.state.elements = elements
        yield


app = FastAPI(lifespan=lifespan)


def client_of(request: Request) -> ElementsClient:
    """The application's client, for somebody who waits: before all bulk work."""
    elements: ElementsClient = request.app.state.elements
    return elements.with_options(priority=Priority.INTERACTIVE, timeout=10)


@app.get("/dossiers/{dossier_id}")
async def dossier(
    dossier_id: int, elements: Annotated[ElementsClient, Depends(client_of)]
) -> dict[str, Any]:
    """One dossier, as JSON."""
    try:
        found = await elements.klantdossiers.get(dossier_id)
    except NotFound:
        raise HTTPException(404, "there is no such dossier") from None
    except DailyQuotaExceeded:
        raise HTTPException(503, "today's requests are used up") from None
    return found.to_dict()

"""A taskiq task: one asynchronous client for as long as the worker lives.

With ELEMENTS_HOST, ELEMENTS_CLIENT_ID, ELEMENTS_CLIENT_SECRET and ELEMENTS_ORGANISATION set::

    taskiq worker examples.taskiq_tasks:broker

The broker here lives in the process, so that the example runs without a server; put the one of your
queue in its place.
"""

# ruff: noqa: INP001 - a script

import os
from typing import Annotated, Any

from taskiq import Context, InMemoryBroker, TaskiqDepends, TaskiqEvents, TaskiqState

from elements_procura import ElementsClient, Priority

broker = InMemoryBroker()


@broker.on_event(TaskiqEvents.WORKER_STARTUP, TaskiqEvents.CLIENT_STARTUP)
async def open_client(state: TaskiqState) -> None:
    """Open the worker's client."""
    state.elements = ElementsClient(
        os.environ["ELEMENTS_HOST"],
        credentials=(os.environ["ELEMENTS_CLIENT_ID"], os.environ["ELEMENTS_CLIENT_SECRET"]),
        organisation=os.environ["ELEMENTS_ORGANISATION"],
        scopes=["klantdossier.read"],
        read_only=True,
    )


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN, TaskiqEvents.CLIENT_SHUTDOWN)
async def close_client(state: TaskiqState) -> None:
    """Close it; a token renewal under way is waited for."""
    await state.elements.aclose()


def bulk(context: Annotated[Context, TaskiqDepends()]) -> ElementsClient:
    """The worker's client, behind everybody who waits for an answer."""
    elements: ElementsClient = context.state.elements
    return elements.with_options(priority=Priority.BULK)


@broker.task
async def describe(
    dossier_id: int, elements: Annotated[ElementsClient, TaskiqDepends(bulk)]
) -> dict[str, Any]:
    """Read a dossier."""
    return (await elements.klantdossiers.get(dossier_id)).to_dict()

"""Celery tasks that read and write Elements.

With ELEMENTS_HOST, ELEMENTS_CLIENT_ID, ELEMENTS_CLIENT_SECRET and ELEMENTS_ORGANISATION set::

    celery -A examples.celery_tasks worker --concurrency 2

The broker here is a folder, so that the example runs without a server; set CELERY_BROKER_URL for
another. The client is made once, and each process of the pool goes on with one of its own after the
fork. Processes share the account's five requests a second by a ``FileGate``.
"""

# ruff: noqa: INP001 - a script

import os
import time
from pathlib import Path
from typing import Any

from celery import Celery, Task

from elements_procura.elements import KlantdossierBody
from elements_procura.errors import DailyQuotaExceeded, OutcomeUnknown, ServerError, TransportError
from elements_procura.scheduler import FileGate, Scheduler
from elements_procura.sync import ElementsClient

HERE = Path(os.environ.get("CELERY_FOLDER", "celery"))
for folder in ("queue", "results"):
    (HERE / folder).mkdir(parents=True, exist_ok=True)
app = Celery(
    "dossiers",
    broker=os.environ.get("CELERY_BROKER_URL", "filesystem://"),
    backend=f"file://{(HERE / 'results').resolve()}",
)
app.conf.update(
    task_acks_late=True,  # a task whose worker dies is given to another
    broker_transport_options={
        "data_folder_in": str(HERE / "queue"),
        "data_folder_out": str(HERE / "queue"),
        "control_folder": str(HERE / "queue"),
    },
)
_clients: dict[int, ElementsClient] = {}


def elements() -> ElementsClient:
    """The client of this process: a scheduler of one's own does not go through a fork."""
    if os.getpid() not in _clients:
        _clients[os.getpid()] = ElementsClient(
            os.environ["ELEMENTS_HOST"],
            credentials=(os.environ["ELEMENTS_CLIENT_ID"], os.environ["ELEMENTS_CLIENT_SECRET"]),
            organisation=os.environ["ELEMENTS_ORGANISATION"],
            scopes=["klantdossier.read", "klantdossier.write"],
            scheduler=Scheduler(gate=FileGate(HERE / "gate.db", account="elements")),
        )
    return _clients[os.getpid()]


@app.task(bind=True, max_retries=5)
def describe(self: "Task[Any, Any]", dossier_id: int) -> dict[str, Any]:
    """Read a dossier. A read may be repeated as a whole."""
    try:
        return elements().klantdossiers.get(dossier_id).to_dict()
    except DailyQuotaExceeded as error:
        raise self.retry(countdown=max(1.0, error.resets_at - time.time())) from None
    except (ServerError, TransportError) as error:
        raise self.retry(exc=error, countdown=30) from None


@app.task
def create(omschrijving: str, kantoor: int) -> int:
    """Add a dossier. A write is never repeated blindly: nobody may know whether it was carried out.

    So there is no ``autoretry_for``; an outcome that is not known ends up with a person.
    """
    body = KlantdossierBody(omschrijving=omschrijving, dossierstatus=1, kantoor=kantoor)
    try:
        return int(elements().klantdossiers.add(body))
    except OutcomeUnknown as error:
        raise RuntimeError(f"look for it before it is added again: {error.digest}") from error

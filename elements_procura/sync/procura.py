"""The synchronous client of Procura, and its resources by the names of the asynchronous ones."""

from typing import Any

from elements_procura import procura
from elements_procura.core.api import Resource
from elements_procura.procura.client import ProcuraClient as AsyncClient
from elements_procura.sync.mirror import mirror, mirror_client

__all__ = ["ProcuraClient"]

ProcuraClient = mirror_client(AsyncClient, __name__)


def __getattr__(name: str) -> Any:
    found = None if name.startswith("_") else getattr(procura, name, None)
    if isinstance(found, type) and issubclass(found, Resource):
        return mirror(found)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

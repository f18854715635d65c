"""The synchronous client of Elements, and its resources by the names of the asynchronous ones."""

from typing import Any

from elements_procura import elements
from elements_procura.core.api import Resource
from elements_procura.elements.client import ElementsClient as AsyncClient
from elements_procura.sync.mirror import mirror, mirror_client

__all__ = ["ElementsClient"]

ElementsClient = mirror_client(AsyncClient, __name__)


def __getattr__(name: str) -> Any:
    found = None if name.startswith("_") else getattr(elements, name, None)
    if isinstance(found, type) and issubclass(found, Resource):
        return mirror(found)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

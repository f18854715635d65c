"""The catalogue of the APIs that the command line knows."""

from typing import Any

from elements_procura.core.catalogue import CatalogueEntry, catalogue
from elements_procura.core.client import Client
from elements_procura.elements.client import ElementsClient
from elements_procura.procura.client import ProcuraClient

_CLIENTS: dict[str, type[Client[Any]]] = {"elements": ElementsClient, "procura": ProcuraClient}


def endpoints(*apis: str) -> list[CatalogueEntry]:
    """Every endpoint of the APIs named, by path."""
    return [entry for api in apis for entry in catalogue(api, _CLIENTS[api])]

"""Asyncio client and bulk harvester for Faster Forward Elements and Procura / vrijBRP Dossiers.

Names are imported on first use: ``import elements_procura`` alone loads neither aiohttp nor the
models.
"""

import importlib
import logging
from typing import TYPE_CHECKING, Any

from elements_procura._version import __version__

if TYPE_CHECKING:
    from elements_procura._api import Created
    from elements_procura._http import Timeouts
    from elements_procura._model import Link
    from elements_procura.elements.client import ElementsClient
    from elements_procura.errors import ElementsProcuraError
    from elements_procura.journal import FileJournal
    from elements_procura.oauth import AuthorizationCodeGrant, Credentials
    from elements_procura.scheduler import Priority, Rate, Scheduler
    from elements_procura.secret import Secret
    from elements_procura.stores import FileTokenStore, KeyringTokenStore
    from elements_procura.tenants import Tenants
    from elements_procura.tokens import MemoryTokenStore, TokenStore

__all__ = [
    "AuthorizationCodeGrant",
    "Created",
    "Credentials",
    "ElementsClient",
    "ElementsProcuraError",
    "FileJournal",
    "FileTokenStore",
    "KeyringTokenStore",
    "Link",
    "MemoryTokenStore",
    "Priority",
    "Rate",
    "Scheduler",
    "Secret",
    "Tenants",
    "Timeouts",
    "TokenStore",
    "__version__",
]

_HOMES = {
    "AuthorizationCodeGrant": "oauth",
    "Created": "_api",
    "Credentials": "oauth",
    "ElementsClient": "elements.client",
    "ElementsProcuraError": "errors",
    "FileJournal": "journal",
    "FileTokenStore": "stores",
    "KeyringTokenStore": "stores",
    "Link": "_model",
    "MemoryTokenStore": "tokens",
    "Priority": "scheduler",
    "Rate": "scheduler",
    "Scheduler": "scheduler",
    "Secret": "secret",
    "Tenants": "tenants",
    "Timeouts": "_http",
    "TokenStore": "tokens",
}

# A library is silent until its user asks for its log.
logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

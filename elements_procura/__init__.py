"""Asyncio client and bulk harvester for Faster Forward Elements and Procura / vrijBRP Dossiers.

Names are imported on first use: ``import elements_procura`` alone loads neither aiohttp nor the
models.
"""

import logging
from typing import TYPE_CHECKING

from elements_procura._lazy import lazy
from elements_procura._version import __version__

if TYPE_CHECKING:
    from elements_procura._api import Created
    from elements_procura._http import Timeouts
    from elements_procura._model import Link
    from elements_procura.elements.client import ElementsClient
    from elements_procura.errors import ElementsProcuraError
    from elements_procura.journal import FileJournal
    from elements_procura.oauth import AuthorizationCodeGrant, Credentials
    from elements_procura.procura.client import ProcuraClient
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
    "ProcuraClient",
    "Rate",
    "Scheduler",
    "Secret",
    "Tenants",
    "Timeouts",
    "TokenStore",
    "__version__",
]

# A library is silent until its user asks for its log.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__getattr__, __dir__ = lazy(
    __name__,
    {
        "_api": ("Created",),
        "_http": ("Timeouts",),
        "_model": ("Link",),
        "elements.client": ("ElementsClient",),
        "errors": ("ElementsProcuraError",),
        "journal": ("FileJournal",),
        "oauth": ("AuthorizationCodeGrant", "Credentials"),
        "procura.client": ("ProcuraClient",),
        "scheduler": ("Priority", "Rate", "Scheduler"),
        "secret": ("Secret",),
        "stores": ("FileTokenStore", "KeyringTokenStore"),
        "tenants": ("Tenants",),
        "tokens": ("MemoryTokenStore", "TokenStore"),
    },
)

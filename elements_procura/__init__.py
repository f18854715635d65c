"""Asyncio client and bulk harvester for Faster Forward Elements and Procura / vrijBRP Dossiers.

Names are imported on first use: ``import elements_procura`` alone loads neither aiohttp nor the
models.
"""

import logging
from typing import TYPE_CHECKING

from elements_procura._lazy import lazy
from elements_procura._version import __version__

if TYPE_CHECKING:
    from elements_procura.auth.oauth import AuthorizationCodeGrant, Credentials
    from elements_procura.auth.stores.file import FileTokenStore
    from elements_procura.auth.stores.keyring import KeyringTokenStore
    from elements_procura.auth.tokens import MemoryTokenStore, TokenStore
    from elements_procura.core.http import Timeouts
    from elements_procura.core.journal import FileJournal
    from elements_procura.core.tenants import Tenants
    from elements_procura.elements._api import Created
    from elements_procura.elements.client import ElementsClient
    from elements_procura.errors import ElementsProcuraError
    from elements_procura.procura.client import ProcuraClient
    from elements_procura.scheduler import Priority, Rate, Scheduler
    from elements_procura.schema.model import Link
    from elements_procura.secret import Secret

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
        "elements._api": ("Created",),
        "core.http": ("Timeouts",),
        "schema.model": ("Link",),
        "elements.client": ("ElementsClient",),
        "errors": ("ElementsProcuraError",),
        "core.journal": ("FileJournal",),
        "auth.oauth": ("AuthorizationCodeGrant", "Credentials"),
        "procura.client": ("ProcuraClient",),
        "scheduler": ("Priority", "Rate", "Scheduler"),
        "secret": ("Secret",),
        "auth.stores.file": ("FileTokenStore",),
        "auth.stores.keyring": ("KeyringTokenStore",),
        "core.tenants": ("Tenants",),
        "auth.tokens": ("MemoryTokenStore", "TokenStore"),
    },
)

"""Asyncio client and bulk harvester for Faster Forward Elements and Procura / vrijBRP Dossiers.

Names are imported on first use: ``import elements_procura`` alone loads neither aiohttp nor the
models.

Public are the names in ``__all__`` of this package and of ``auth``, ``elements``, ``errors``,
``export``, ``fleet``, ``harvest``, ``harvest.drift``, ``journal``, ``observe``, ``otel``,
``procura``, ``registry``, ``report``, ``rights``, ``sandbox``, ``scheduler``, ``spec``,
``sync`` and ``testing``; all other modules are internal.
"""

import logging
from typing import TYPE_CHECKING

from elements_procura._lazy import lazy
from elements_procura._version import __version__ as __version__

if TYPE_CHECKING:
    from elements_procura._calls import *
    from elements_procura._setup import *
    from elements_procura.auth.stores.file import *
    from elements_procura.auth.stores.keyring import *
    from elements_procura.core.journal import FileJournal as FileJournal
    from elements_procura.core.tenants import *
    from elements_procura.elements.client import *
    from elements_procura.procura.client import *
else:
    __getattr__, __dir__ = lazy(
        __name__,
        "_setup",
        "_calls",
        "auth.stores.file:FileTokenStore",
        "auth.stores.keyring:KeyringTokenStore",
        "core.journal:FileJournal",
        "core.tenants:Tenants",
        "elements.client:ElementsClient",
        "procura.client:ProcuraClient",
        renamed={"Created": "CreatedId", "Expected": "AnswerKind"},
    )

# A library is silent until its user asks for its log.
logging.getLogger(__name__).addHandler(logging.NullHandler())

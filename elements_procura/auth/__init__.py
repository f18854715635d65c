"""Which token a request carries: grants, credentials, and where tokens live.

Names are imported on first use.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.auth.authorize import *
    from elements_procura.auth.credentials import *
    from elements_procura.auth.grants import *
    from elements_procura.auth.oauth import *
    from elements_procura.auth.stores.file import *
    from elements_procura.auth.stores.keyring import *
    from elements_procura.auth.stores.memory import *
    from elements_procura.auth.stores.redis import *
    from elements_procura.auth.tokens import *
else:
    __getattr__, __dir__ = lazy(
        __name__,
        "credentials",
        "grants",
        "oauth",
        "tokens",
        "authorize",
        "stores.file:FileTokenStore",
        "stores.keyring:KeyringTokenStore",
        "stores.memory:MemoryTokenStore",
        "stores.redis:RedisTokenStore",
    )

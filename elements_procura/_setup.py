"""Names of the package that a client is set up with; none of them loads aiohttp."""

from elements_procura.auth import (
    AuthorizationCodeGrant,
    Credentials,
    MemoryTokenStore,
    TokenStore,
)
from elements_procura.clock import Clock, SystemClock
from elements_procura.errors import ElementsProcuraError
from elements_procura.scheduler import Priority, Rate, Scheduler
from elements_procura.schema.model import Link
from elements_procura.schema.showing import show_personal_data
from elements_procura.secret import Secret

__all__ = [
    "AuthorizationCodeGrant",
    "Clock",
    "Credentials",
    "ElementsProcuraError",
    "Link",
    "MemoryTokenStore",
    "Priority",
    "Rate",
    "Scheduler",
    "Secret",
    "SystemClock",
    "TokenStore",
    "show_personal_data",
]

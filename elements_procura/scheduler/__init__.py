"""When may a request leave: windows, places, priorities, the day's budget.

::

    acquire ──> queue ──> gate ──> Slot ──> finish
               _queue    gate, local
                           │
                           ├── pacer (short windows)     _pacers, _places
                           └── quota (long windows)      _quotas, _quota, ledger

One :class:`Scheduler` guards one tenant's limits on one event loop: it owns the queue and the one
timer. Its :class:`Gate` decides; :class:`LocalGate` does so for one process, from memory. The
pacers answer "at which moment may the next one leave?", the quotas "is there one left, and if not,
when?"; both are free of asyncio.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy
from elements_procura.scheduler._core import Scheduler
from elements_procura.scheduler._counts import Count, Ledger, LedgerBusy
from elements_procura.scheduler._feedback import Limit, classify_429
from elements_procura.scheduler._rates import Priority, Rate, Usage
from elements_procura.scheduler._slot import Slot
from elements_procura.scheduler.gate import Gate, GateLimits, Line, Permit
from elements_procura.scheduler.local import LocalGate

if TYPE_CHECKING:
    from elements_procura.scheduler.file import FileGate
    from elements_procura.scheduler.ledger import SqliteLedger
    from elements_procura.scheduler.redis import RedisGate
else:  # a gate alone, which counts in memory, needs none of them
    __getattr__, _ = lazy(__name__, "file:FileGate", "ledger:SqliteLedger", "redis:RedisGate")

__all__ = [
    "Count",
    "FileGate",
    "Gate",
    "GateLimits",
    "Ledger",
    "LedgerBusy",
    "Limit",
    "Line",
    "LocalGate",
    "Permit",
    "Priority",
    "Rate",
    "RedisGate",
    "Scheduler",
    "Slot",
    "SqliteLedger",
    "Usage",
    "classify_429",
]

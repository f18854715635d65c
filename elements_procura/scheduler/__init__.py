"""When may a request leave: windows, places, priorities, the day's budget.

::

    acquire ──> queue ──> pacer (short windows) ──> quota (long windows) ──> Slot ──> finish
               _queue     _pacers, _places         _quota, ledger

One :class:`Scheduler` guards one tenant's limits on one event loop. Everything below it is free of
I/O and of asyncio: the pacers answer "at which moment may the next one leave?", the quotas answer
"is there one left, and if not, when?", and the scheduler owns the queue and the one timer.
"""

from elements_procura.scheduler._core import Scheduler
from elements_procura.scheduler._feedback import classify_429
from elements_procura.scheduler._rates import Priority, Rate, Usage
from elements_procura.scheduler._slot import Slot
from elements_procura.scheduler.ledger import Count, Ledger, LedgerBusy, SqliteLedger

__all__ = [
    "Count",
    "Ledger",
    "LedgerBusy",
    "Priority",
    "Rate",
    "Scheduler",
    "Slot",
    "SqliteLedger",
    "Usage",
    "classify_429",
]

"""What every kind of storage has to hold: see :mod:`elements_procura.harvest.storage`.

To try one, write a :class:`StorageUnderTest` for it and, in a module of tests::

    TestEveryOrderOfEvents = machine_of(MyStorage())

    class TestMyStorage(StorageCases):
        storage = MyStorage()
"""

from tests.harvest.conformance.cases import StorageCases
from tests.harvest.conformance.ledger import Ledger, StorageUnderTest, ledger_by_sql
from tests.harvest.conformance.machine import machine_of

__all__ = ["Ledger", "StorageCases", "StorageUnderTest", "ledger_by_sql", "machine_of"]

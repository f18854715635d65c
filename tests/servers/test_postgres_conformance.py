"""Schemas of PostgreSQL are a storage."""

from tests.harvest.conformance import StorageCases, StorageUnderTest, machine_of
from tests.servers.postgres import Schemas

SCHEMAS: StorageUnderTest = Schemas()

TestEveryOrderOfEvents = machine_of(SCHEMAS)


class TestSchemas(StorageCases):
    storage = SCHEMAS
